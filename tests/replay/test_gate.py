"""The gate sees what a replay alone does not."""

from __future__ import annotations

from temporalio.client import WorkflowHistory

from tests.replay.changed_rules import DoublingLedgerWorkflow, SplittingLedgerWorkflow
from tests.replay.gate import play_again
from tests.workflows.toy_entity import AddAmounts, LedgerWorkflow
from tests.workflows.toy_server import SkippingWorld, replay, skipping_server


async def a_run() -> WorkflowHistory:
    async with skipping_server() as environment:
        world = SkippingWorld(environment)
        async with world.at_work():
            clerk = await world.ledger()
            await clerk.give(AddAmounts(amounts=(5,)))
        [run] = await clerk.runs()
        return run


async def test_another_state_of_the_same_events_is_found_out() -> None:
    run = await a_run()
    await replay([run], DoublingLedgerWorkflow)

    before, after = await play_again([LedgerWorkflow], run), await play_again([DoublingLedgerWorkflow], run)

    assert before.outcomes == after.outcomes
    assert (before.state["total"], after.state["total"]) == (5, 10)


async def test_another_outcome_of_the_same_command_is_found_out() -> None:
    run = await a_run()
    await replay([run], SplittingLedgerWorkflow)

    before, after = await play_again([LedgerWorkflow], run), await play_again([SplittingLedgerWorkflow], run)

    versions = [[receipt["version"] for receipt in decided.outcomes.values()] for decided in (before, after)]
    assert versions == [[1, 2], [1, 3]]
