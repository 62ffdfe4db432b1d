"""Journal and runs, compared both ways: what lives in the one has a run in the other, and neither knows more.

They part where one of the two databases was lost, or put back from a backup; `tandem revive --all` brings them
together.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack

from temporalio.client import Client
from temporalio.service import RPCError

import wiring
from ops.doctor.engine import reached
from ops.doctor.findings import Finding, broken, ok, some
from ops.revive import AHEAD, BEHIND, CONTRADICTED, NotRevived, ails, running_streams
from ops.worker_builds import RPC, builds
from privacy.keys import KeysUnreachable, WrongKeys
from settings import Settings
from store.command_lookups import living_streams, not_journalled
from store.database import DATABASE_ERRORS
from store.journal import Journal
from wiring import Stores

LOOKED_INTO = 24
"""Streams whose run is asked how far it is: half of them of those that were written last. What one of them may take, in
turns of `AT_ONCE`, is less than the doctor's patience."""

AT_ONCE = 8

PUT_BACK = "docs/operations.md, “Put back from a backup”."

# What is only ever added to grows at its end: its last pages are what was written last, found without reading the rest.
_SOME = """
    WITH latest AS (
        SELECT DISTINCT stream FROM events WHERE ctid >= (
            SELECT format('(%s,0)', greatest(pg_relation_size('events') / size::int - 8, 0))::tid
            FROM current_setting('block_size') AS size
        )
    )
    (SELECT stream FROM latest ORDER BY random() LIMIT $1)
    UNION (SELECT stream FROM streams ORDER BY random() LIMIT $1)
"""


async def runs(settings: Settings) -> AsyncIterator[Finding]:
    """Findings about journal and runs together; none where one of them is away, which others say."""
    async with AsyncExitStack() as open_to_the_end:
        try:
            at = await open_to_the_end.enter_async_context(wiring.stores_to_look_at(settings, size=2, answers_within=5))
            client = await reached(settings, await at.codec())
            migrated = await at.pool.fetchval("SELECT to_regclass('streams') IS NOT NULL")
        except (*DATABASE_ERRORS, WrongKeys, KeysUnreachable):
            return
        if client is not None and migrated:
            async for finding in _compared(at, client):
                yield finding


async def _compared(at: Stores, client: Client) -> AsyncIterator[Finding]:
    running, living = await running_streams(client), await living_streams(at.pool)
    missing = sorted(living - running)
    if len(missing) <= LOOKED_INTO:  # of so few the engine's list may be some seconds late
        missing = [stream for stream in missing if not await _runs(client, stream)]
    if missing:
        yield broken(
            "runs",
            f"{len(missing)} of {len(living)} that the journal knows have no run: {some(missing)}. They take no "
            "command, and no clock of theirs runs.",
            f"tandem revive --all starts them from the journal: {PUT_BACK}",
        )
    unknown = await not_journalled(at.pool, running - living)
    some_known = {row["stream"] for row in await at.pool.fetch(_SOME, LOOKED_INTO // 2)} & running
    looked_into = [*unknown, *sorted(some_known)][:LOOKED_INTO]
    ailing = await _ailing(client, at.journal, looked_into, at.settings.deployment)
    if behind := [stream for stream, ails in ailing.items() if ails == BEHIND]:
        yield broken(
            "runs",
            f"Those of {some(behind)} know less than the journal, as after Temporal was put back from a backup.",
            f"tandem revive --all starts them from the journal: {PUT_BACK}",
        )
    if lacking := [stream for stream, ails in ailing.items() if ails in (AHEAD, CONTRADICTED)]:
        yield broken(
            "journal",
            f"It lacks what the runs of {some(lacking)} did, as after PostgreSQL was put back from a backup.",
            f"tandem revive --all writes what Temporal remembers, and says what it does not: {PUT_BACK}",
        )
    if not missing and not behind and not lacking:
        yield ok("runs", f"Journal and runs agree ({len(living)}).")


async def _runs(client: Client, stream: str) -> bool:
    """What the engine says of one is not late, as its list is."""
    try:
        described = await client.get_workflow_handle(stream).describe(rpc_timeout=RPC)
    except RPCError:
        return False
    return described.status is not None and described.status.name == "RUNNING"


async def _ailing(client: Client, journal: Journal, streams: Iterable[str], deployment: str) -> dict[str, str]:
    """What keeps those from going on that do not."""
    known = await builds(client, deployment)
    room, found = asyncio.Semaphore(AT_ONCE), dict[str, str]()

    async def look(stream: str) -> None:
        async with room:
            with contextlib.suppress(NotRevived, RPCError):  # nobody can say: other findings tell why
                if said := await ails(client, journal, stream, known):
                    found[stream] = said

    await asyncio.gather(*map(look, streams))
    return dict(sorted(found.items()))
