"""What a command asks for is done beside it: after its event is journalled, at once, under ids that never change."""

from __future__ import annotations

from tests.workflows.toy_entity import AddAmounts, AskForHelp
from tests.workflows.toy_server import SkippingWorld
from tests.workflows.update_client import of
from workflows.contract import EffectOrder


def easily(order: EffectOrder) -> bool:
    return bool(order.payload["matter"] == "done")


async def test_an_effect_waits_until_its_event_is_journalled(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    world.journal.up = False
    await clerk.give(AskForHelp(what="done"))
    await world.pass_time(hours=3)
    assert world.helpers.orders == []

    world.journal.up = True
    await world.pass_time(minutes=1)
    await world.helpers.until(lambda: bool(world.helpers.orders))
    assert [record.seq for record in world.journal.written(clerk.stream)] == [1, 2]


async def test_what_is_journalled_already_does_not_speed_up_what_is_not(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    world.journal.up = False
    await clerk.give(AskForHelp(what="done"))
    await clerk.give(AskForHelp(what="done"))
    world.journal.up, world.journal.closes_after = True, len(world.journal.batches) + 1
    await world.pass_time(hours=1)
    assert world.helpers.ids() == [f"{clerk.stream}/2/0"]

    world.journal.up = True
    await world.pass_time(hours=1)
    assert world.helpers.ids() == [f"{clerk.stream}/2/0", f"{clerk.stream}/3/0"]


async def test_effects_run_beside_each_other_and_beside_commands(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await clerk.give(AskForHelp(what="slow", times=3))
    await clerk.give(AskForHelp(what="slow"))

    await world.helpers.until(lambda: len(world.helpers.orders) == 4)
    await clerk.give(AddAmounts(amounts=(1,)))
    world.helpers.finish()

    assert sorted(world.helpers.ids()) == [f"{clerk.stream}/{n}" for n in ("2/0", "2/1", "2/2", "3/0")]
    scheduled = [
        event.activity_task_scheduled_event_attributes for event in of("ACTIVITY_TASK_SCHEDULED", await clerk.history())
    ]
    scheduled = [order for order in scheduled if order.activity_type.name == "notify"]
    assert {order.activity_id for order in scheduled} == set(world.helpers.ids())
    assert {order.priority.fairness_key for order in scheduled} == {clerk.ledger}


async def test_what_was_said_on_the_way_is_not_ordered_again(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    world.journal.says = easily
    await clerk.give(AskForHelp(what="done", times=2))
    await clerk.give(AskForHelp(what="gives 5"))
    await world.journal.reaches(clerk.stream, 4)
    await world.pass_time(days=8)  # nor by the next run

    assert world.helpers.ids() == [f"{clerk.stream}/3/0"]
    asked = [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for run in await clerk.runs()
        for event in of("ACTIVITY_TASK_SCHEDULED", run.events)
    ]
    assert asked.count("notify") == 1


async def test_only_what_a_batch_decided_rides_with_it_and_sixteen_at_most(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    world.journal.says, world.journal.up = easily, False
    await clerk.give(AskForHelp(what="done"))
    await clerk.give(AskForHelp(what="done", times=20))
    world.journal.up = True
    await world.pass_time(minutes=1)
    await world.helpers.until(lambda: len(world.helpers.orders) == 4)

    riders = [[order.id for order in batch.riders] for batch in world.journal.batches if batch.riders]
    assert riders == [[f"{clerk.stream}/2/0"], [f"{clerk.stream}/3/{n}" for n in range(16)]]
    assert sorted(world.helpers.ids()) == [f"{clerk.stream}/3/{n}" for n in range(16, 20)]


async def test_what_fails_for_now_is_tried_again_as_the_same(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await clerk.give(AskForHelp(what="busy"))
    await world.pass_time(hours=1)
    tries = world.helpers.orders.copy()
    world.helpers.finished.add("busy")
    await world.pass_time(hours=1)

    assert len(tries) > 10
    assert all(order == tries[0] for order in world.helpers.orders)
    assert len(world.helpers.orders) == len(tries) + 1
    assert [record.event.type for record in world.journal.written(clerk.stream)] == ["ledger_opened", "help_asked"]


async def test_what_can_never_succeed_becomes_a_task_at_once(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await clerk.give(AskForHelp(what="refused"))
    await world.journal.reaches(clerk.stream, 3)

    (task,) = world.journal.ledger(clerk.stream).tasks.values()
    assert (task.id, task.kind, task.reason) == (f"{clerk.stream}/2/0", "notify", "no_such_address")
    assert len(world.helpers.orders) == 1


async def test_what_comes_back_is_a_command(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await clerk.give(AskForHelp(what="gives 5"))
    await world.journal.reaches(clerk.stream, 3)

    record = world.journal.written(clerk.stream)[-1]
    assert (record.event.type, record.by) == ("amount_added", "shell")
    assert world.journal.ledger(clerk.stream).total == 5


async def test_what_comes_back_may_be_refused(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await clerk.give(AskForHelp(what="asks break_down"))
    await clerk.give(AskForHelp(what="gives 5"))
    await world.journal.reaches(clerk.stream, 4)
    await world.pass_time(hours=1)

    assert [record.event.type for record in world.journal.written(clerk.stream)[2:]] == ["help_asked", "amount_added"]


async def test_what_comes_back_and_cannot_be_performed_becomes_a_task(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await clerk.give(AskForHelp(what="asks no_such_command"))
    await world.journal.reaches(clerk.stream, 3)

    (task,) = world.journal.ledger(clerk.stream).tasks.values()
    assert (task.id, task.reason) == (f"{clerk.stream}/2/0", "KeyError")
