"""Commands that wait for some seconds, so that a tap can be taken back, are given while a worker runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from ops.given_later import RefusedLater, given_later
from store.database import DATABASE_ERRORS
from store.held_commands import ReadyToGive
from wiring import Services
from workflows.contract import Envelope

LOOKS_EVERY = timedelta(seconds=1)
AGAIN_AFTER = timedelta(seconds=10)
"""How long nothing is tried after something was away."""

NOT_ANY_MORE = "What it was about is over."
"""Said of a command whose entity says nothing itself."""

log = structlog.get_logger("worker")


async def held_commands_given(at: Services) -> None:
    """Gives what is due, until it is cancelled; several workers share it."""
    while True:
        pause = LOOKS_EVERY
        try:
            await at.held_commands.forget()
            while due := await at.held_commands.claim():
                await give_claimed(due, at)
        except (*DATABASE_ERRORS, *AWAY) as away:
            log.warning("held commands not given", kind=type(away).__name__)
            pause = AGAIN_AFTER
        await asyncio.sleep(pause.total_seconds())


AWAY = (RPCError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError)
"""How the engine, or a build that knows the entity, is not there."""


async def give_claimed(claimed: Mapping[str, ReadyToGive], at: Services) -> None:
    """Gives what was claimed, in its order. Raises one of `AWAY`, with what is left to be given later.

    Of the one at which that happened nobody knows whether it counts: its claim holds, so that nobody takes it back, and
    it is given again when that is over.
    """
    left = list(claimed)
    try:
        for id, one in claimed.items():
            left.remove(id)
            envelope = Envelope.model_validate(one.envelope)
            try:
                await given_later(at.temporal, at.signing, one.stream, one.command, one.body, envelope, one.update_id)
            except RefusedLater as refused:
                log.info("refused later", workflow=one.stream, command=one.command, code=refused.code)
                await at.held_commands.refused(id, refused.sentence or NOT_ANY_MORE)
            else:
                await at.held_commands.given(id)
    finally:
        for id in left:
            await at.held_commands.later(id)
