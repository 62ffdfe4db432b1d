"""Whoever reaches Temporal past the API is nobody there: what they write into an envelope is not believed."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError

from domain.access.roles import Role
from domain.access.team import Actor
from domain.entity.call import Facts
from domain.person import SetCalendar
from domain.time.calendars import ROUND_THE_CLOCK, Calendar
from settings import Settings
from testing.signing import SIGNING
from tests.workflows.update_client import of
from wiring import stores
from workflows import client as giving
from workflows.client import give
from workflows.contract import OTHER_BUILD, UNSIGNED, Envelope, stream_of, update_id

STREAM = stream_of("person", "P-BESIDE1")
SOMEBODY = Actor(id="P-MADEUP", standing=frozenset(Role))
ENVELOPE = Envelope(actor=SOMEBODY, fingerprint="", facts=Facts(new_id="P-BESIDE1"))


def works_in(zone: str) -> dict[str, Any]:
    return SetCalendar(calendar=Calendar(zone=zone, week=ROUND_THE_CLOCK)).model_dump(mode="json")


@pytest.fixture
async def begun(temporal: Client, running: Settings, pool: asyncpg.Pool) -> int:
    """Somebody's version, whose life began with a command of whoever has the keys of the installation."""
    async with stores(running, size=1) as at:
        key, body = update_id(SOMEBODY.id, SetCalendar.name, "begin"), works_in("UTC")
        taken = await give(temporal, at.signing, STREAM, SetCalendar.name, body, ENVELOPE, key, start=True)
        assert await at.reads.wait_for_version(STREAM, taken.version, timeout=20)
    return taken.version


async def test_a_made_up_actor_is_refused_and_nothing_is_journalled(
    temporal: Client, pool: asyncpg.Pool, begun: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle, body = temporal.get_workflow_handle(STREAM), works_in("Asia/Tokyo")
    signature = {"key": "0" * 16, "at": "today", "mac": "0" * 64}
    for more, code in (([], OTHER_BUILD), ([signature], UNSIGNED)):
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update(SetCalendar.name, args=[ENVELOPE, body, *more], id="P-MADEUP/it/1")
        assert isinstance(refused.value.cause, ApplicationError)
        assert refused.value.cause.type == code
    monkeypatch.setattr(giving, "GIVEN_AGAIN_FOR", giving.GIVEN_AGAIN_FOR / 8)
    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
        await give(temporal, SIGNING, STREAM, SetCalendar.name, body, ENVELOPE, "P-MADEUP/it/2")

    accepted = of("WORKFLOW_EXECUTION_UPDATE_ACCEPTED", (await handle.fetch_history()).events)
    assert len(accepted) == 1
    assert await pool.fetchval("SELECT max(seq) FROM events WHERE stream = $1", STREAM) == begun
