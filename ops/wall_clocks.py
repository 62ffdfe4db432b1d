"""Meetings that keep their hour: when this build knows other rules for a country's clocks, what was booked is moved."""

from __future__ import annotations

import asyncio
import hashlib
import json

import asyncpg
import structlog
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from domain.access.team import Actor
from domain.entity.wall_clocks import KeepHour
from domain.time.wall_clock import WallClock
from workflows.client import give
from workflows.command_signatures import SigningKeys
from workflows.contract import Envelope, update_id

PATIENCE = 15.0
"""Seconds one of them has to take it."""

_RULES = Actor(id="time-zones", kind="system")

log = structlog.get_logger("wall clocks")


async def keep_hours(client: Client, signing: SigningKeys, pool: asyncpg.Pool) -> int:
    """Moves every meeting to come that clocks on the wall would show at another hour than was agreed; how many.

    Everybody invited gets a new invitation. Asked again, it finds nothing to do; who does not answer, or is run by a
    build that knows nothing of it, is tried when the next worker starts. Raises asyncpg's errors.
    """
    rows = await pool.fetch(
        "SELECT DISTINCT stream, id, starts_at, zone, shows FROM meetings WHERE starts_at > now() AND shows IS NOT NULL"
    )
    moved = 0
    for row in rows:
        starts_at = WallClock(zone=row["zone"], shows=row["shows"]).instant
        if starts_at == row["starts_at"]:
            continue
        command = KeepHour(meeting=row["id"], stood_at=row["starts_at"], starts_at=starts_at)
        payload = command.model_dump(mode="json")
        fingerprint = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        unique = update_id(_RULES.id, KeepHour.name, fingerprint[:32])
        envelope = Envelope(actor=_RULES, fingerprint=fingerprint)
        try:
            async with asyncio.timeout(PATIENCE):
                await give(client, signing, row["stream"], KeepHour.name, payload, envelope, unique)
        except (
            WorkflowUpdateFailedError,
            WorkflowUpdateRPCTimeoutOrCancelledError,
            RPCError,
            TimeoutError,
        ) as failed:
            log.warning("meeting not moved", stream=row["stream"], meeting=row["id"], reason=type(failed).__name__)
        else:
            moved += 1
            log.info("meeting keeps its hour", stream=row["stream"], meeting=row["id"], zone=row["zone"])
    return moved
