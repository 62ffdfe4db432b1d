"""A run ends in time and the next one has everything: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.history.v1 import HistoryEvent

from tests.workflows.conftest import SUGGESTED_AFTER
from tests.workflows.toy_entity import AddAmounts, AskForHelp, OpenLedger
from tests.workflows.toy_server import SkippingWorld, World
from tests.workflows.update_client import of, when
from workflows.contract import Carried, Receipt, Taken
from workflows.entity import MOST_REMEMBERED

CLIENTS, COMMANDS = 8, 40


def effects_started(events: Sequence[HistoryEvent]) -> list[str]:
    scheduled = [event.activity_task_scheduled_event_attributes for event in of("ACTIVITY_TASK_SCHEDULED", events)]
    return [activity.activity_id for activity in scheduled if activity.activity_type.name == "notify"]


async def test_a_run_lasts_a_week(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    began = await world.now()
    await world.pass_time(days=15)

    first, second, _third = await clerk.runs()
    assert abs(when(first.events[-1]) - began - timedelta(days=7)) < timedelta(seconds=5)
    assert abs(when(second.events[-1]) - began - timedelta(days=14)) < timedelta(seconds=5)
    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 2


async def test_a_run_ends_past_two_thousand_events(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    for _ in range(340):
        await clerk.give(AddAmounts(amounts=(1,)))
    await world.journal.reaches(clerk.stream, 341)

    first, _second = await clerk.runs()
    assert 2_000 < len(first.events) < 2_020


async def test_under_fire_nothing_is_lost_and_nothing_done_twice(real_world: World) -> None:
    clerk = await real_world.ledger()
    clerk.hurried = True

    async def client(name: int) -> list[Receipt]:
        receipts, others = [], []
        for n in range(COMMANDS):
            receipts.append(await clerk.give(AddAmounts(amounts=(1,)), key=f"{name}-{n}"))
            if n % 4 == 3:  # as if an answer had been lost: the same is asked again
                assert await clerk.give(AddAmounts(amounts=(1,)), key=f"{name}-{n}") == receipts[n]
                assert await clerk.give(AddAmounts(amounts=(1,)), key=f"{name}-{n // 2}") == receipts[n // 2]
            if n % 10 == 5:
                others.append(await clerk.give(AskForHelp(what="done"), key=f"{name}-help-{n}"))
            real_world.journal.up = n % 10 != 7
        return receipts + others

    answers = await asyncio.gather(*(client(name) for name in range(CLIENTS)))
    real_world.journal.up = True

    last = 1 + sum(len(receipts) for receipts in answers)
    assert sorted(receipt.version for receipts in answers for receipt in receipts) == list(range(2, last + 1))
    await real_world.journal.reaches(clerk.stream, last)
    assert real_world.journal.ledger(clerk.stream).total == CLIENTS * COMMANDS
    asked = [r.seq for r in real_world.journal.written(clerk.stream) if r.event.type == "help_asked"]
    everything = {f"{clerk.stream}/{seq}/0" for seq in asked}
    await real_world.helpers.until(lambda: set(real_world.helpers.ids()) == everything)
    runs = await clerk.runs()
    assert len(runs) >= 4
    assert all(len(run.events) < 2 * SUGGESTED_AFTER for run in runs)


async def test_a_command_repeated_in_the_next_run_gets_its_old_receipt(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await world.pass_time(days=5, hours=12)
    first = await clerk.give(AddAmounts(amounts=(1,)), key="once", fingerprint="of the first")
    await world.pass_time(hours=47)
    other = await clerk.give(AddAmounts(amounts=(10,)))

    again = await clerk.give(AddAmounts(amounts=(100,)), key="once", fingerprint="of the second")

    assert len(await clerk.runs()) == 2
    assert again == first
    assert again.fingerprint == "of the first"
    assert world.journal.ledger(clerk.stream).total == 11
    assert other.version == len(world.journal.written(clerk.stream))


async def test_a_key_is_forgotten_after_two_days(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await clerk.give(AddAmounts(amounts=(1,)), key="once")
    await world.pass_time(hours=49)
    await clerk.give(AddAmounts(amounts=(10,)))
    await world.pass_time(days=7)

    assert [len(carried.taken) for carried in await clerk.carried()] == [1]
    assert (await clerk.give(AddAmounts(amounts=(100,)), key="once")).version == 4


async def test_only_so_many_keys_are_remembered(world: SkippingWorld) -> None:
    clerk = world.clerk()
    now = await world.now()
    receipt = Receipt(stream=clerk.stream, version=1, fingerprint="", at=now)
    many = {f"key-{n}": Taken(receipt=receipt, until=now + timedelta(days=2)) for n in range(MOST_REMEMBERED)}
    await clerk.start(Carried(taken=many))
    await clerk.give(OpenLedger(ledger=clerk.ledger))
    await world.pass_time(days=8)

    (carried,) = await clerk.carried()
    assert [*carried.taken] == [*[*many][1:], *clerk.given]


async def test_an_effect_gets_a_minute_to_finish(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    end = await world.now() + timedelta(days=7)
    await world.pass_until(end - timedelta(seconds=10))
    await clerk.give(AskForHelp(what="busy"))
    await world.pass_until(end + timedelta(seconds=10))
    world.helpers.finished.add("busy")
    await world.pass_time(hours=1)

    (carried,) = await clerk.carried()
    assert carried.undone == ()
    first, second = await clerk.runs()
    assert timedelta(seconds=10) < when(first.events[-1]) - end < timedelta(seconds=55)
    assert effects_started(second.events) == []


async def test_an_effect_that_takes_longer_is_given_again_as_the_same(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    end = await world.now() + timedelta(days=7)
    await world.pass_until(end - timedelta(hours=1))
    await clerk.give(AskForHelp(what="busy"))
    await world.pass_time(hours=2)
    world.helpers.finished.add("busy")
    await world.pass_time(hours=1)

    (carried,) = await clerk.carried()
    assert [order.id for order in carried.undone] == [f"{clerk.stream}/2/0"]
    first, second = await clerk.runs()
    assert timedelta(seconds=59) < when(first.events[-1]) - end < timedelta(seconds=65)
    assert effects_started(first.events) == effects_started(second.events) == [f"{clerk.stream}/2/0"]
    assert len(of("ACTIVITY_TASK_COMPLETED", second.events)) == 1
    assert all(order == world.helpers.orders[0] for order in world.helpers.orders)


async def test_no_effect_starts_in_a_run_that_is_about_to_end(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    end = await world.now() + timedelta(days=7)
    await world.pass_until(end - timedelta(hours=1))
    await clerk.give(AskForHelp(what="busy"))
    await world.pass_until(end + timedelta(seconds=20))
    await clerk.give(AskForHelp(what="done"))
    await world.pass_time(hours=1)

    first, second = await clerk.runs()
    assert effects_started(first.events) == [f"{clerk.stream}/2/0"]
    assert effects_started(second.events) == [f"{clerk.stream}/2/0", f"{clerk.stream}/3/0"]
