"""Giving the requisitions that run the policy an administrator edited: it holds for clocks started from then on."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter

import structlog
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from domain.access.team import Actor
from domain.entity.clock_commands import AdoptPolicy
from domain.sla.policy import Policy
from store.command_lookups import PolicyInForce, policies_in_force
from wiring import Stores
from workflows.client import give
from workflows.contract import Envelope, update_id

AT_ONCE = 8
"""How many entities are told at the same time."""

PATIENCE = 15.0
"""Seconds one of them has to take it."""

ADOPTED, ALREADY, NOT_REACHED = "adopted", "had it already", "could not be reached"

_OPERATOR = Actor(id="operator", kind="system")

log = structlog.get_logger("policy")


async def adopt(client: Client, at: Stores, policy: Policy) -> Counter[str]:
    """Gives everybody and every requisition that goes by another policy this one; how many did what (the words above).

    Whatever interrupts it, it may be asked again: each entity takes it once. What it gave can be read when it returns.
    Raises asyncpg's errors.
    """
    payload = AdoptPolicy(policy=policy).model_dump(mode="json")
    fingerprint = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    envelope = Envelope(actor=_OPERATOR, fingerprint=fingerprint)
    room = asyncio.Semaphore(AT_ONCE)

    async def adopts(known: PolicyInForce) -> str:
        if known.policy == policy:
            return ALREADY
        # The one it replaces is in the key: a policy may come back.
        unique = update_id(_OPERATOR.id, AdoptPolicy.name, f"{fingerprint[:32]}-{known.seq}")
        async with room:
            try:
                async with asyncio.timeout(PATIENCE):
                    taken = await give(client, at.signing, known.stream, AdoptPolicy.name, payload, envelope, unique)
                    await at.reads.wait_for_version(known.stream, taken.version)
            except (
                WorkflowUpdateFailedError,
                WorkflowUpdateRPCTimeoutOrCancelledError,
                RPCError,
                TimeoutError,
            ) as failed:
                log.warning("policy not taken", stream=known.stream, reason=type(failed).__name__)
                return NOT_REACHED
        return ADOPTED

    return Counter(await asyncio.gather(*(adopts(known) for known in await policies_in_force(at.pool))))
