"""The journal gets every event, in order, whatever becomes of it, and nothing ever waits for it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from domain.core.messages import Record
from tests.workflows.toy_entity import AddAmounts, AddLater
from tests.workflows.toy_server import SkippingWorld, World
from tests.workflows.update_client import of, when
from workflows.contract import BREACHED

MOST_BYTES = 256 * 1024


def numbers(records: list[Record]) -> list[int]:
    return [record.seq for record in records]


async def test_a_command_costs_at_most_eleven_events(real_world: World) -> None:
    clerk = await real_world.ledger()
    before = len(await clerk.history())

    for amount in range(20):
        await clerk.give(AddAmounts(amounts=(amount,)))

    assert (len(await clerk.history()) - before) / 20 <= 11


async def test_with_the_journal_away_for_hours_clocks_commands_and_runs_go_on(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await world.pass_time(days=6, hours=23)
    world.journal.up = False
    due = await world.now() + timedelta(minutes=30)
    await clerk.give(AddLater(name_of_it="rent", amount=7, at=due))
    await clerk.give(AddAmounts(amounts=(1, 2)))

    await world.pass_time(hours=2)

    first, _second = await clerk.runs()
    breach = of("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES", first.events)[-1]
    shown = breach.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
    assert BREACHED.name in shown
    assert abs(when(breach) - due) < timedelta(seconds=5)
    (carried,) = await clerk.carried()
    assert numbers(list(carried.outbox)) == [2, 3, 4, 5]
    assert (carried.outbox[-1].event.type, carried.outbox[-1].at) == ("amount_arrived", due)
    assert (await clerk.give(AddAmounts(amounts=(3,)))).version == 6
    assert numbers(world.journal.written(clerk.stream)) == [1]

    world.journal.up = True
    await world.pass_time(minutes=2)
    await world.journal.reaches(clerk.stream, 6)
    assert world.journal.ledger(clerk.stream).total == 13


async def test_a_journal_that_does_not_answer_holds_up_nobody(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    world.journal.silent.clear()

    async with asyncio.timeout(90):
        for amount in range(20):
            await clerk.give(AddAmounts(amounts=(amount,)))

    world.journal.silent.set()
    await world.journal.reaches(clerk.stream, 21)


async def test_what_was_held_up_goes_in_batches_of_a_hundred(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    world.journal.up = False
    await clerk.give(AddAmounts(amounts=(1,)))
    await clerk.give(AddAmounts(amounts=(1,) * 250))
    world.journal.up = True
    await world.pass_time(minutes=1)
    await world.journal.reaches(clerk.stream, 252)

    assert [len(batch.records) for batch in world.journal.batches] == [1, 1, 100, 100, 50]


async def test_a_batch_stays_below_256_kilobytes(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    world.journal.up = False
    await clerk.give(AddAmounts(amounts=(1,)))
    await clerk.give(AddAmounts(amounts=(1,) * 30, remark="ü" * 10_000))
    await clerk.give(AddAmounts(amounts=(1,), remark="x" * (MOST_BYTES + 1)))
    world.journal.up = True
    await world.pass_time(minutes=1)
    await world.journal.reaches(clerk.stream, 33)

    sizes = [
        sum(len(record.model_dump_json().encode()) for record in batch.records) for batch in world.journal.batches[2:]
    ]
    assert all(size <= MOST_BYTES for size in sizes[:-1])
    assert max(sizes[:-1]) > MOST_BYTES / 2
    assert [len(batch.records) for batch in world.journal.batches][-1] == 1


async def test_only_one_batch_is_under_way(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    world.journal.up = False
    for amount in range(10):
        await clerk.give(AddAmounts(amounts=(amount,)))

    _opening, *batches = of("ACTIVITY_TASK_SCHEDULED", await clerk.history())

    assert len(batches) == 1
