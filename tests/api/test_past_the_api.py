"""Whoever reaches Temporal past the API is nobody there: what they write into an envelope is not believed."""

from __future__ import annotations

from datetime import UTC, datetime
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
from testing.api_company import Company
from testing.signing import SIGNING
from wiring import stores
from workflows import client as giving
from workflows.client import give
from workflows.contract import OTHER_BUILD, UNSIGNED, Envelope, stream_of

BODY = SetCalendar(calendar=Calendar(zone="Asia/Tokyo", week=ROUND_THE_CLOCK)).model_dump(mode="json")


@pytest.fixture
def of_the_manager(company: Company) -> str:
    return stream_of("person", company.manager.id)


@pytest.fixture
def made_up(company: Company) -> Envelope:
    anybody = Actor(id="P-MADEUP", standing=frozenset(Role))
    return Envelope(actor=anybody, fingerprint="", facts=Facts(new_id=company.manager.id))


async def journalled(pool: asyncpg.Pool, stream: str) -> list[Any]:
    return list(await pool.fetch("SELECT * FROM events WHERE stream = $1 ORDER BY seq", stream))


async def test_a_made_up_actor_is_refused_and_nothing_is_journalled(
    temporal: Client, pool: asyncpg.Pool, of_the_manager: str, made_up: Envelope, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, handle = await journalled(pool, of_the_manager), temporal.get_workflow_handle(of_the_manager)
    history = [event.event_id for event in (await handle.fetch_history()).events]
    signature = {"key": "0" * 16, "at": datetime.now(UTC).isoformat(), "mac": "0" * 64}
    for more, code in (([], OTHER_BUILD), ([signature | {"at": "today"}], UNSIGNED)):
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update(SetCalendar.name, args=[made_up, BODY, *more], id="P-MADEUP/it/1")
        assert isinstance(refused.value.cause, ApplicationError)
        assert refused.value.cause.type == code
    monkeypatch.setattr(giving, "GIVEN_AGAIN_FOR", giving.GIVEN_AGAIN_FOR / 8)
    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
        await give(temporal, SIGNING, of_the_manager, SetCalendar.name, BODY, made_up, "P-MADEUP/it/2")
    assert [event.event_id for event in (await handle.fetch_history()).events] == history
    assert await journalled(pool, of_the_manager) == before


async def test_who_has_the_keys_of_the_installation_is_believed(
    temporal: Client, running: Settings, of_the_manager: str, made_up: Envelope
) -> None:
    async with stores(running, size=1) as at:
        taken = await give(temporal, at.signing, of_the_manager, SetCalendar.name, BODY, made_up, "P-OPERATOR/it/1")
        await at.reads.wait_for_version(of_the_manager, taken.version)
