"""One timer, for the nearest deadline."""

from __future__ import annotations

from datetime import timedelta

from testing.people import TICK
from testing.signing import SIGNING
from tests.workflows.clock_entity import BEGINNING, PromiseWorkflow
from tests.workflows.toy_entity import AddLater, AskForHelp, CallOff
from tests.workflows.toy_server import SkippingWorld
from tests.workflows.update_client import of, when
from workflows.client import give
from workflows.contract import FLOW_QUEUE, STUCK, WORKFLOWS, Envelope


async def test_a_nearer_deadline_moves_the_timer(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    now = await world.now()
    await clerk.give(AddLater(name_of_it="rent", amount=7, at=now + timedelta(days=3)))
    await clerk.give(AddLater(name_of_it="milk", amount=1, at=now + timedelta(hours=1)))

    await world.pass_time(hours=1, seconds=5)

    assert world.journal.written(clerk.stream)[-1].at == now + timedelta(hours=1)
    await world.pass_time(days=3)
    assert world.journal.written(clerk.stream)[-1].at == now + timedelta(days=3)


async def test_a_deadline_that_moves_later_costs_nothing(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    now = await world.now()
    await clerk.give(AddLater(name_of_it="rent", amount=7, at=now + timedelta(days=1)))
    before = await clerk.history()
    timers = len(of("TIMER_STARTED", before)), len(of("TIMER_CANCELED", before))

    await clerk.give(AddLater(name_of_it="rent again", amount=7, at=now + timedelta(days=2)))
    await clerk.give(CallOff(name_of_it="rent"))

    after = await clerk.history()
    assert (len(of("TIMER_STARTED", after)), len(of("TIMER_CANCELED", after))) == timers
    # The old timer finds nothing due, and sets the next.
    await world.pass_time(days=1, hours=1)
    assert len(world.journal.written(clerk.stream)) == 4
    await world.pass_time(days=1)
    assert world.journal.written(clerk.stream)[-1].at == now + timedelta(days=2)
    assert len(of("TIMER_FIRED", await clerk.history())) == 2


async def test_everything_due_is_decided_in_its_order_with_its_own_time(unattended: SkippingWorld) -> None:
    async with unattended.at_work():
        clerk = await unattended.ledger()
        now = await unattended.now()
        for hour in (3, 1, 2):
            await clerk.give(AddLater(name_of_it=f"{hour}", amount=hour, at=now + timedelta(hours=hour)))
        await unattended.pass_time(hours=4)

    arrived = unattended.journal.written(clerk.stream)[4:]
    assert [record.at for record in arrived] == [now + timedelta(hours=hour) for hour in (1, 2, 3)]


async def test_a_run_that_waits_for_an_effect_at_its_end_does_not_spin(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await world.pass_time(days=6, hours=23)
    await clerk.give(AskForHelp(what="busy"))
    await world.pass_time(hours=2)

    first, _second = await clerk.runs()
    assert len(of("TIMER_STARTED", first.events)) <= 4


async def test_time_goes_on_while_a_run_waits_for_an_effect_at_its_end(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    began = await world.now()
    await world.pass_time(days=6, hours=23)
    due = began + timedelta(days=7, seconds=30)
    await clerk.give(AddLater(name_of_it="rent", amount=7, at=due))
    await clerk.give(AskForHelp(what="busy"))
    await world.pass_time(hours=2)

    (carried,) = await clerk.carried()
    assert carried.state is not None
    assert carried.state["total"] == 7
    assert world.journal.written(clerk.stream)[-1].at == due


async def test_the_timer_goes_from_rung_to_rung_and_each_is_an_event(unattended: SkippingWorld) -> None:
    stream, envelope = "promise/X-PROMISE", Envelope(actor=TICK, fingerprint="a promise")
    async with unattended.at_work(entity=PromiseWorkflow), unattended.helpers_at_work():
        handle = await unattended.client.start_workflow(
            WORKFLOWS["promise"], BEGINNING, id=stream, task_queue=FLOW_QUEUE
        )
        begun = await give(unattended.client, SIGNING, stream, "happen", {"what": "begin"}, envelope, "begin")
        await unattended.journal.reaches(stream, begun.version)
        due = begun.at + timedelta(days=2)
        steps = [
            ("clock_rung_reached", begun.at + timedelta(hours=36)),
            ("clock_breached", due),
            ("clock_rung_reached", due + timedelta(days=1)),
            ("clock_rung_reached", due + timedelta(days=2)),
        ]
        for number, (kind, at) in enumerate(steps, 1):
            await unattended.pass_until(at + timedelta(seconds=5))
            await unattended.journal.reaches(stream, begun.version + number)
            last = unattended.journal.written(stream)[-1]
            assert (last.event.type, last.at) == (kind, at)
        assert (await handle.describe()).typed_search_attributes[STUCK] is True
        fired = of("TIMER_FIRED", (await handle.fetch_history()).events)
    assert len(fired) == len(steps)
    assert all(abs(when(timer) - at) < timedelta(seconds=5) for timer, (_, at) in zip(fired, steps, strict=True))
