"""Which effects are listed as still to be carried out, over a real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from domain.core.messages import Record
from domain.entity.clock_commands import TaskRaised
from domain.entity.state import Task
from store.journal import Journal
from store.pending_effects import PendingEffects
from store.rebuild import rebuild
from testing.people import MONDAY
from tests.store.clock_entity import PROJECTIONS, RECORDS, STREAM

BREACHED = RECORDS[:3]
FIRST, SECOND = "thing//3/0", "thing//3/1"


async def listed(pool: asyncpg.Pool) -> list[str]:
    return [row["effect"] for row in await pool.fetch("SELECT effect FROM effects_undone ORDER BY effect")]


async def test_an_effect_is_listed_with_its_event_until_it_is_carried_out(pool: asyncpg.Pool) -> None:
    await Journal(pool, PROJECTIONS).append(STREAM, BREACHED)
    assert await listed(pool) == [FIRST, SECOND]

    await PendingEffects(pool).done([FIRST])
    assert await listed(pool) == [SECOND]


async def test_a_batch_that_comes_again_does_not_list_what_is_done(pool: asyncpg.Pool) -> None:
    await Journal(pool, PROJECTIONS).append(STREAM, BREACHED)
    await PendingEffects(pool).done([FIRST])

    await Journal(pool, PROJECTIONS).append(STREAM, RECORDS[:5])
    await rebuild(pool, PROJECTIONS)

    assert await listed(pool) == [SECOND]


async def test_an_effect_that_is_given_up_is_a_task_and_no_longer_listed(pool: asyncpg.Pool) -> None:
    task = Task(id="T-4", kind="notify", reason="mail_refused", raised_at=MONDAY, effect_id=FIRST)
    journal = Journal(pool, PROJECTIONS)
    await journal.append(STREAM, BREACHED)

    await journal.append(STREAM, [Record(seq=4, at=MONDAY, by="shell", event=TaskRaised(task=task))])

    assert await listed(pool) == [SECOND]


async def test_a_failed_attempt_is_remembered_by_its_reason(pool: asyncpg.Pool) -> None:
    await Journal(pool, PROJECTIONS).append(STREAM, BREACHED)

    await PendingEffects(pool).failed(FIRST, 3, "mail_unavailable")

    row = await pool.fetchrow("SELECT * FROM effects_undone WHERE effect = $1", FIRST)
    assert (row["kind"], row["attempts"], row["last_reason"]) == ("notify", 3, "mail_unavailable")
    assert row["last_tried_at"] >= row["since"]


async def test_what_nobody_can_be_trying_any_more_is_forgotten(pool: asyncpg.Pool) -> None:
    await Journal(pool, PROJECTIONS).append(STREAM, BREACHED)
    await pool.execute("UPDATE effects_undone SET since = now() - interval '4 days' WHERE effect = $1", FIRST)

    await PendingEffects(pool).forget({"notify": timedelta(days=3), "invite": timedelta(0)})

    assert await listed(pool) == [SECOND]
