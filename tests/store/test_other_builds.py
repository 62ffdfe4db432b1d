"""What a newer build wrote, read and written by this one after a roll-back, and what others wrote otherwise."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from domain.core.messages import Event, Record, UnknownEvent
from store.journal import Journal, JournalConflict
from store.projector import UNREAD, not_taken_in
from store.rebuild import rebuild, refresh
from testing.people import MONDAY
from tests.store.clock_entity import PROJECTIONS, RECORDS, STREAM

NEWER: dict[str, Any] = {"seq": 3, "at": MONDAY.isoformat(), "by": "P-OWNER1", "schema": 2}
NEWER |= {"type": "slate_praised", "event": {"by": "P-OWNER2", "stars": 5}}
PRAISED = Record.model_validate(NEWER)


@pytest.fixture
def journal(pool: asyncpg.Pool) -> Journal:
    return Journal(pool, PROJECTIONS)


def stored_by_another_build(record: Record, **changes: Any) -> Record:
    """The same event as a build wrote it that has other fields."""
    written = record.model_dump(mode="json")
    return Record.model_validate(written | {"event": written["event"] | changes})


async def unread(pool: asyncpg.Pool) -> list[tuple[str, str, str]]:
    rows = await pool.fetch("SELECT stream, kind, reason FROM tasks WHERE id = $1", UNREAD)
    return [(row["stream"], row["kind"], row["reason"]) for row in rows]


async def test_an_event_of_a_newer_build_is_kept_as_it_came_and_shown_as_a_task(
    journal: Journal, pool: asyncpg.Pool
) -> None:
    after = [record.but(seq=record.seq + 1) for record in RECORDS[2:4]]
    await journal.append(STREAM, RECORDS[:2])

    assert await journal.append(STREAM, [PRAISED]) == 3
    assert await journal.append(STREAM, after) == 5
    assert await journal.append(STREAM, [PRAISED, *after]) == 5

    row = await pool.fetchrow("SELECT type, schema, payload FROM events WHERE seq = 3")
    assert row is not None
    assert (row["type"], row["schema"], json.loads(row["payload"])) == ("slate_praised", 2, NEWER["event"])
    assert await unread(pool) == [(STREAM, "slate_praised", "event 3 cannot be read")]
    [clock] = await pool.fetch("SELECT breached_at FROM clocks")
    assert clock["breached_at"] == after[0].at
    assert await pool.fetchval("SELECT version FROM streams") == 5


async def test_a_rebuild_names_the_stream_and_shows_the_others(journal: Journal, pool: asyncpg.Pool) -> None:
    await journal.append(STREAM, [*RECORDS[:2], PRAISED])
    await journal.append("thing/T-2", RECORDS)

    made = await rebuild(pool, PROJECTIONS)

    assert (made.streams, made.unread) == (2, {STREAM: PRAISED})
    assert "thing/T-1: event 3 (slate_praised)" in not_taken_in(STREAM, PRAISED)
    assert await unread(pool) == [(STREAM, "slate_praised", "event 3 cannot be read")]
    assert {row["stream"] for row in await pool.fetch("SELECT stream FROM clocks")} == {STREAM, "thing/T-2"}


async def test_it_counts_again_once_the_build_that_knows_it_is_back(
    journal: Journal, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await refresh(pool, PROJECTIONS)
    with monkeypatch.context() as rolled_back:
        rolled_back.delitem(Event.kinds, "clock_breached")
        breached = Record.model_validate(RECORDS[2].model_dump(mode="json"))
        assert isinstance(breached.event, UnknownEvent)
        await journal.append(STREAM, [*RECORDS[:2], breached])
        assert not await refresh(pool, PROJECTIONS)
        assert await unread(pool) == [(STREAM, "clock_breached", "event 3 cannot be read")]

    assert await refresh(pool, PROJECTIONS)

    assert await unread(pool) == []
    assert await pool.fetchval("SELECT breached_at FROM clocks") == RECORDS[2].at


async def test_a_stream_of_an_entity_that_only_a_newer_build_has_does_not_stop_the_others(
    journal: Journal, pool: asyncpg.Pool
) -> None:
    await journal.append(STREAM, RECORDS[:2])
    await journal.append("thing/T-2", [RECORDS[0]])
    await pool.execute("INSERT INTO streams (stream, version) VALUES ('vendor/V-1', 1)")
    await pool.execute(
        "INSERT INTO events (stream, seq, type, schema, at, by, payload, hash) "
        "SELECT 'vendor/V-1', seq, type, schema, at, by, payload, hash FROM events WHERE stream = 'thing/T-2'"
    )

    made = await rebuild(pool, PROJECTIONS)

    assert (made.streams, list(made.unread)) == (3, ["vendor/V-1"])


async def test_the_same_event_written_by_a_build_with_other_fields_is_the_same(
    journal: Journal, pool: asyncpg.Pool
) -> None:
    await journal.append(STREAM, RECORDS[:3])
    # As a build had written it that knew of no effect's id.
    await pool.execute("ALTER TABLE events DISABLE TRIGGER events_are_never_changed")
    await pool.execute("UPDATE events SET payload = payload #- '{task,effect_id}', hash = 'of then' WHERE seq = 2")

    assert await journal.append(STREAM, RECORDS[1:3]) == 3
    with pytest.raises(JournalConflict):
        await journal.append(STREAM, [RECORDS[1].but(by="P-SOMEBODY")])


async def test_a_field_of_a_newer_build_is_in_the_journal_whoever_writes_it(
    journal: Journal, pool: asyncpg.Pool
) -> None:
    newer = stored_by_another_build(RECORDS[0], room="the small one")

    await journal.append(STREAM, [newer])

    assert json.loads(await pool.fetchval("SELECT payload FROM events"))["room"] == "the small one"
    assert await journal.append(STREAM, [stored_by_another_build(RECORDS[0], room="the small one")]) == 1
