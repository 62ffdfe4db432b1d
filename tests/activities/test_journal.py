"""The journal's activity, over a real PostgreSQL."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta

import asyncpg
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.journal import JournalKeeping
from store.journal import Journal
from testing.people import MONDAY
from tests.store.clock_entity import PROJECTIONS, RECORDS, STREAM
from workflows.contract import EffectOrder, EffectResult, JournalBatch

FIRST = JournalBatch(stream=STREAM, records=tuple(RECORDS[:3]))
CONTRADICTION = JournalBatch(stream=STREAM, records=(RECORDS[2].but(by="P-OTHER1"), RECORDS[3]))


@pytest.fixture
def journal(pool: asyncpg.Pool) -> Journal:
    return Journal(pool, PROJECTIONS)


@pytest.fixture
def keeping(pool: asyncpg.Pool, journal: Journal) -> JournalKeeping:
    return JournalKeeping(journal, pool, {})


def order(number: int, kind: str = "notify") -> EffectOrder:
    return EffectOrder(id=f"{STREAM}/3/{number}", stream=STREAM, decided_at=MONDAY, type=kind, payload={})


def attempt(number: int) -> ActivityEnvironment:
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, attempt=number)
    return environment


async def conflicts(pool: asyncpg.Pool) -> list[str]:
    rows = await pool.fetch("SELECT stream FROM tasks WHERE kind = 'journal'")
    return [row["stream"] for row in rows]


async def test_a_batch_is_written_once_however_often_it_comes(keeping: JournalKeeping, journal: Journal) -> None:
    await attempt(1).run(keeping.append, FIRST)
    await attempt(2).run(keeping.append, FIRST)

    assert await journal.read(STREAM) == RECORDS[:3]


async def test_a_contradiction_is_a_visible_task_that_waits_for_a_person(
    keeping: JournalKeeping, journal: Journal, pool: asyncpg.Pool
) -> None:
    await attempt(1).run(keeping.append, FIRST)

    for n in (1, 2):
        with pytest.raises(ApplicationError) as failed:
            await attempt(n).run(keeping.append, CONTRADICTION)

    assert (failed.value.type, failed.value.non_retryable) == ("journal_conflict", False)
    assert failed.value.next_retry_delay is not None
    assert failed.value.next_retry_delay >= timedelta(minutes=5)
    assert await conflicts(pool) == [STREAM]
    assert await journal.read(STREAM) == RECORDS[:3]


async def test_a_run_whose_place_was_taken_is_told_so_for_good(
    keeping: JournalKeeping, journal: Journal, pool: asyncpg.Pool
) -> None:
    await attempt(1).run(keeping.append, FIRST)
    epoch = await journal.fence(STREAM)

    with pytest.raises(ApplicationError) as failed:
        await attempt(1).run(keeping.append, CONTRADICTION)
    await attempt(1).run(keeping.append, JournalBatch(stream=STREAM, records=tuple(RECORDS[3:5]), epoch=epoch))

    assert (failed.value.type, failed.value.non_retryable) == ("stale_run", True)
    assert await conflicts(pool) == []
    assert await journal.read(STREAM) == RECORDS[:5]


async def test_once_it_can_be_written_the_task_is_gone(keeping: JournalKeeping, pool: asyncpg.Pool) -> None:
    gap = JournalBatch(stream=STREAM, records=tuple(RECORDS[3:5]))
    with pytest.raises(ApplicationError):
        await attempt(1).run(keeping.append, gap)
    assert await conflicts(pool) == [STREAM]

    await attempt(1).run(keeping.append, FIRST)
    await attempt(2).run(keeping.append, gap)

    assert await conflicts(pool) == []


async def test_what_rides_along_is_said_once_it_is_written_and_what_cannot_be_is_left(
    pool: asyncpg.Pool, journal: Journal
) -> None:
    began, ended = list[str](), list[str]()

    async def say(order: EffectOrder) -> EffectResult:
        assert await journal.read(STREAM) == RECORDS[:3]
        began.append(order.id)
        try:
            if order == hangs:
                await asyncio.sleep(60)
            if order == fails:
                raise ApplicationError("not now", type="no_answer")
        finally:
            ended.append(order.id)
        return EffectResult(note="taken")

    said, fails, hangs, unknown = order(0), order(1), order(2), order(3, kind="of a later build")
    keeping = JournalKeeping(journal, pool, {"notify": say})

    written = await attempt(1).run(keeping.append, FIRST.but(riders=(said, fails, hangs, unknown)))

    assert written.carried == {said.id: "taken"}
    assert sorted(began) == sorted(ended) == [said.id, fails.id, hangs.id]


async def test_what_cannot_be_written_is_not_said(pool: asyncpg.Pool, journal: Journal) -> None:
    async def say(order: EffectOrder) -> EffectResult:
        raise AssertionError("nobody knows of it yet")

    keeping = JournalKeeping(journal, pool, {"notify": say})
    await pool.execute("DROP TABLE events")

    with pytest.raises(ApplicationError):
        await attempt(1).run(keeping.append, FIRST.but(riders=(order(0),)))


async def test_a_database_that_is_away_is_tried_again_and_not_quoted(pool: asyncpg.Pool) -> None:
    keeping = JournalKeeping(Journal(pool, PROJECTIONS), pool, {})
    await pool.execute("DROP TABLE events")

    with pytest.raises(ApplicationError) as failed:
        await attempt(1).run(keeping.append, FIRST)

    assert (failed.value.type, failed.value.non_retryable) == ("journal_unavailable", False)
    assert str(failed.value) == "journal_unavailable: UndefinedTableError"
