"""An entity begins with a command that is taken, and ends when nothing is left to do."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from tests.workflows.toy_entity import AddAmounts, CloseLedger, FinishTask, OpenLedger
from tests.workflows.toy_server import SkippingWorld, World
from tests.workflows.update_client import Clerk

RUNNING, COMPLETED = WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED
FAILED = WorkflowExecutionStatus.FAILED


async def status(clerk: Clerk) -> WorkflowExecutionStatus | None:
    return (await clerk.handle.describe()).status


async def test_an_entity_whose_first_command_is_refused_ends_by_itself(world: SkippingWorld) -> None:
    clerk = world.clerk()
    assert (await clerk.refused(AddAmounts(amounts=(5000,)), start=True)).type == "too_much"
    assert await status(clerk) == RUNNING

    await world.pass_time(minutes=2)

    assert await status(clerk) == FAILED
    assert world.journal.written(clerk.stream) == []

    await clerk.open()
    assert await status(clerk) == RUNNING


async def test_an_entity_may_still_begin_a_moment_after_a_refusal(world: SkippingWorld) -> None:
    clerk = world.clerk()
    await clerk.refused(AddAmounts(amounts=(5000,)), start=True)
    await clerk.open()

    await world.pass_time(hours=1)

    assert await status(clerk) == RUNNING
    assert len(world.journal.written(clerk.stream)) == 1


async def test_a_first_command_in_the_last_moment_is_not_lost(unattended: SkippingWorld) -> None:
    clerk = unattended.clerk()
    async with unattended.at_work(cached=0):
        await clerk.refused(AddAmounts(amounts=(5000,)), start=True)
        await clerk.quiet()
    await unattended.pass_time(minutes=1, seconds=0.2)

    # It now comes in the same task as the end of the minute.
    opening = asyncio.create_task(clerk.open())
    async with unattended.at_work(cached=0):
        assert (await opening).version == 1
        await unattended.journal.reaches(clerk.stream, 1)
    assert await status(clerk) == RUNNING


async def test_many_who_begin_the_same_entity_begin_one(real_world: World) -> None:
    clerk = real_world.clerk()

    openings = [clerk.give(OpenLedger(ledger=clerk.ledger), key="the same", start=True) for _ in range(8)]
    receipts = await asyncio.gather(*openings)

    assert {receipt.version for receipt in receipts} == {1}
    assert (await clerk.refused(OpenLedger(ledger=clerk.ledger), start=True)).type == "opened"
    assert len(await clerk.runs()) == 1
    assert len(real_world.journal.written(clerk.stream)) == 1


async def test_an_erased_entity_ends_once_its_effects_are_done(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    await clerk.give(CloseLedger())
    await world.pass_time(days=1)
    assert await status(clerk) == RUNNING
    assert (await clerk.refused(AddAmounts(amounts=(1,)))).type == "erased"

    world.helpers.finished.add("destroy_key")
    await world.pass_time(days=1)

    assert await status(clerk) == COMPLETED
    assert [record.event.type for record in world.journal.written(clerk.stream)] == ["ledger_opened", "ledger_closed"]


async def test_an_erased_entity_stays_as_long_as_a_task_is_left(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    world.helpers.finished.add("lost")
    await clerk.give(CloseLedger())
    await world.journal.reaches(clerk.stream, 3)
    await world.pass_time(days=1)
    assert await status(clerk) == RUNNING

    (task,) = world.journal.ledger(clerk.stream).tasks
    await clerk.give(FinishTask(task_id=task))
    await world.pass_time(minutes=1)

    assert await status(clerk) == COMPLETED


async def test_an_erased_entity_ends_only_with_its_journal_complete(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    world.helpers.finished.add("lost")
    await clerk.give(CloseLedger())
    await world.journal.reaches(clerk.stream, 3)
    (task,) = world.journal.ledger(clerk.stream).tasks
    world.journal.up = False
    await clerk.give(FinishTask(task_id=task))
    await world.pass_time(hours=1)
    assert await status(clerk) == RUNNING

    world.journal.up = True
    await world.pass_time(minutes=2)

    assert await status(clerk) == COMPLETED
    assert len(world.journal.written(clerk.stream)) == 4


async def test_what_is_over_is_over(real_world: World) -> None:
    clerk = await real_world.ledger()
    real_world.helpers.finished.add("destroy_key")
    await clerk.give(CloseLedger())
    await clerk.handle.result()

    with pytest.raises(WorkflowAlreadyStartedError):
        await clerk.open()
    with pytest.raises(RPCError) as gone:
        await clerk.give(AddAmounts(amounts=(1,)))
    assert gone.value.status is RPCStatusCode.NOT_FOUND
