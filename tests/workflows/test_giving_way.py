"""A run whose place another one takes: it takes nothing more, hands over what it has, and cannot write behind it."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from tests.workflows.toy_entity import AddAmounts, OpenLedger
from tests.workflows.toy_server import SkippingWorld, World
from workflows.contract import STALE_RUN, Carried, Progress


async def test_a_run_that_gives_way_takes_nothing_and_empties_its_outbox(real_world: World) -> None:
    clerk, journal = await real_world.ledger(), real_world.journal
    clerk.hurried, journal.up = True, False
    receipt = await clerk.give(AddAmounts(amounts=(1,)))

    await clerk.handle.signal("give_way")
    giving = asyncio.create_task(clerk.give(AddAmounts(amounts=(2,))))
    _, waiting = await asyncio.wait({giving}, timeout=0.5)
    assert waiting, "it is neither taken nor refused"
    journal.up = True
    await journal.reaches(clerk.stream, receipt.version)

    async with asyncio.timeout(30):
        while True:  # it is written before the run hears of it
            progress: Progress = await clerk.handle.query("progress", result_type=Progress)
            if not progress.unjournalled:
                break
            await asyncio.sleep(0.05)
    assert progress.version == receipt.version
    giving.cancel()


async def test_a_run_that_gave_way_for_nothing_goes_on_after_a_minute(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await clerk.handle.signal("give_way")

    await world.pass_time(seconds=61)

    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 2


async def test_a_run_that_may_not_write_any_more_ends_and_takes_nothing(real_world: World) -> None:
    clerk = await real_world.ledger()
    clerk.hurried = True
    real_world.journal.writers[clerk.stream] = 1

    await clerk.give(AddAmounts(amounts=(1,)))
    with pytest.raises(WorkflowFailureError) as ended:
        await clerk.handle.result()

    assert isinstance(ended.value.cause, ApplicationError)
    assert ended.value.cause.type == STALE_RUN
    with pytest.raises(RPCError):
        await clerk.give(AddAmounts(amounts=(2,)))
    assert len(real_world.journal.written(clerk.stream)) == 1


async def test_the_run_of_the_later_epoch_writes_and_hands_its_epoch_on(world: SkippingWorld) -> None:
    clerk = world.clerk()
    world.journal.writers[clerk.stream] = 3
    await clerk.start(Carried(epoch=3))
    await clerk.give(OpenLedger(ledger=clerk.ledger))
    await world.pass_time(days=8)

    assert [carried.epoch for carried in await clerk.carried()] == [3]
    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 2
    await world.journal.reaches(clerk.stream, 2)
