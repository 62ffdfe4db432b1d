import asyncio
from typing import Any

import asyncpg
import pytest

from domain.core.messages import Record
from domain.entity.clock_commands import TaskRaised
from domain.entity.state import Entity, Task
from store.database import connect
from store.journal import Journal, JournalConflict, StaleRun
from testing.people import MONDAY
from tests.store.clock_entity import PROJECTIONS, RECORDS, STREAM, THING


@pytest.fixture
def journal(pool: asyncpg.Pool) -> Journal:
    return Journal(pool, PROJECTIONS)


async def rows(pool: asyncpg.Pool, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await pool.fetch(f"SELECT * FROM {table} ORDER BY 1, 2")]


def another(record: Record) -> Record:
    """A different event under the same number."""
    task = Task(id="T-99", kind="notify", reason="something else", raised_at=MONDAY)
    return record.but(event=TaskRaised(task=task))


async def test_what_was_appended_reads_back_and_folds(journal: Journal) -> None:
    assert await journal.append(STREAM, RECORDS[:4]) == 4
    assert await journal.append(STREAM, RECORDS[4:]) == len(RECORDS)
    assert await journal.read(STREAM) == RECORDS
    assert await journal.read(STREAM, after=7) == RECORDS[7:]

    state = THING.initial
    for record in RECORDS:
        state = THING.evolve(state, record)
    assert await journal.fold(STREAM) == state
    assert (await journal.fold("thing/T-NOBODY")).version == 0


async def test_the_same_events_again_change_nothing(journal: Journal, pool: asyncpg.Pool) -> None:
    await journal.append(STREAM, RECORDS[:6])
    before = await rows(pool, "events"), await rows(pool, "clocks"), await rows(pool, "tasks")
    assert await journal.append(STREAM, RECORDS[:6]) == 6
    assert await journal.append(STREAM, RECORDS[1:3]) == 6
    assert (await rows(pool, "events"), await rows(pool, "clocks"), await rows(pool, "tasks")) == before


async def test_what_is_appended_is_folded_once(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    await journal.append(STREAM, RECORDS[:3])
    folded, evolve = [], THING.evolve

    def counted(state: Entity, record: Record) -> Entity:
        folded.append(record.seq)
        return evolve(state, record)

    monkeypatch.setattr(THING, "evolve", counted)
    await journal.append(STREAM, RECORDS)
    assert folded == [record.seq for record in RECORDS[3:]]


async def test_a_batch_that_was_partly_written_is_completed(journal: Journal) -> None:
    await journal.append(STREAM, RECORDS[:3])
    assert await journal.append(STREAM, RECORDS) == len(RECORDS)
    assert await journal.read(STREAM) == RECORDS


async def test_a_different_event_under_the_same_number_is_a_conflict_and_writes_nothing(journal: Journal) -> None:
    await journal.append(STREAM, RECORDS[:3])
    with pytest.raises(JournalConflict, match="event 3"):
        await journal.append(STREAM, [another(RECORDS[2]), RECORDS[3]])
    assert await journal.read(STREAM) == RECORDS[:3]


async def test_the_same_event_at_another_time_is_a_conflict(journal: Journal) -> None:
    await journal.append(STREAM, RECORDS[:3])
    with pytest.raises(JournalConflict):
        await journal.append(STREAM, [RECORDS[2].but(at=MONDAY)])


async def test_a_gap_is_a_conflict(journal: Journal) -> None:
    await journal.append(STREAM, RECORDS[:3])
    with pytest.raises(JournalConflict, match="event 4 should come first"):
        await journal.append(STREAM, RECORDS[4:])


async def test_a_run_whose_place_was_taken_writes_nothing_more(journal: Journal) -> None:
    await journal.append(STREAM, RECORDS[:3])
    epoch = await journal.fence(STREAM)
    assert (epoch, await journal.stands(STREAM)) == (1, (3, 1))

    for records in (RECORDS[3:5], RECORDS[:2]):
        with pytest.raises(StaleRun):
            await journal.append(STREAM, records)

    assert await journal.append(STREAM, RECORDS[3:5], epoch) == 5
    assert await journal.read(STREAM) == RECORDS[:5]


async def test_what_is_being_written_is_waited_for(database: str, pool: asyncpg.Pool, journal: Journal) -> None:
    await journal.append(STREAM, RECORDS[:3])
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM streams WHERE stream = $1 FOR UPDATE", STREAM)
        fencing = asyncio.create_task(journal.fence(STREAM))
        _, waiting = await asyncio.wait({fencing}, timeout=0.3)
        assert waiting
    assert await fencing == 1
    with pytest.raises(KeyError):
        await journal.fence("thing/T-NOBODY")


async def test_an_event_cannot_be_changed_or_removed(journal: Journal, pool: asyncpg.Pool) -> None:
    await journal.append(STREAM, RECORDS)
    for statement in ("UPDATE events SET by = 'P-SOMEBODY'", "DELETE FROM events", "TRUNCATE events"):
        with pytest.raises(asyncpg.PostgresError, match="append-only"):
            await pool.execute(statement)


async def test_ended_clocks_stay_with_how_they_ended(journal: Journal, pool: asyncpg.Pool) -> None:
    await journal.append(STREAM, RECORDS[:4])
    [paused] = await rows(pool, "clocks")
    assert (paused["causes"], paused["stands_since"], paused["ended_at"]) == (["hold"], RECORDS[3].at, None)
    assert paused["breached_at"] == RECORDS[2].at

    await journal.append(STREAM, RECORDS[4:])
    kept, waived = await rows(pool, "clocks")
    assert (kept["id"], kept["ended_as"], kept["ended_at"]) == ("a:1", "kept", RECORDS[6].at)
    assert (kept["causes"], kept["stands_since"]) == ([], None)
    assert RECORDS[3].at.isoformat().replace("+00:00", "Z") in kept["pauses"]
    assert (waived["ended_as"], waived["requisition"]) == ("waived", "R-SEARCH1")


async def test_a_resolved_task_is_off_the_list(journal: Journal, pool: asyncpg.Pool) -> None:
    await journal.append(STREAM, RECORDS[:2])
    assert [row["id"] for row in await rows(pool, "tasks")] == ["T-2"]
    await journal.append(STREAM, RECORDS[2:])
    assert [row["id"] for row in await rows(pool, "tasks")] == ["T-10"]


async def test_two_processes_that_take_turns_show_the_same(database: str, pool: asyncpg.Pool) -> None:
    other_pool = await connect(database)
    ours, theirs = Journal(pool, PROJECTIONS), Journal(other_pool, PROJECTIONS)
    for n, record in enumerate(RECORDS):
        await (ours if n % 2 else theirs).append(STREAM, [record])
    by_turns = await rows(pool, "clocks"), await rows(pool, "tasks")
    await ours.append("thing/T-2", RECORDS)
    for table, shown in zip(("clocks", "tasks"), by_turns, strict=True):
        again = [row | {"stream": STREAM} for row in await rows(pool, table) if row["stream"] == "thing/T-2"]
        assert again == shown
    await other_pool.close()


async def test_two_processes_that_write_the_same_at_once_write_it_once(database: str, pool: asyncpg.Pool) -> None:
    other_pool = await connect(database)
    journals = Journal(pool, PROJECTIONS), Journal(other_pool, PROJECTIONS)
    versions = await asyncio.gather(*(journal.append(STREAM, RECORDS) for journal in journals * 3))
    assert set(versions) == {len(RECORDS)}
    assert await journals[0].read(STREAM) == RECORDS
    await other_pool.close()
