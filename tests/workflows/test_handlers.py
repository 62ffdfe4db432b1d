"""The nets under the shell, in every test: its task fails if it ends with an update in hand, or reads a clock."""

from __future__ import annotations

import asyncio

from temporalio.client import Client
from temporalio.worker import Worker

from tests.workflows.clock_reading_workflow import Peeking
from tests.workflows.early_ending_workflow import Hasty
from tests.workflows.strict_sandbox import STRICT
from tests.workflows.toy_effects import PATIENCE
from tests.workflows.update_client import of


async def test_an_unfinished_handler_fails_the_task(real_server: Client) -> None:
    async with Worker(real_server, task_queue="hasty", workflows=[Hasty], workflow_runner=STRICT):
        hasty = await real_server.start_workflow(Hasty.run, id="hasty", task_queue="hasty")
        asking = asyncio.create_task(hasty.execute_update(Hasty.ask))
        async with asyncio.timeout(PATIENCE):
            async for event in hasty.fetch_history_events(wait_new_event=True):
                if of("WORKFLOW_TASK_FAILED", [event]):
                    break
        await hasty.terminate()
        await asyncio.gather(asking, return_exceptions=True)

    assert "update handlers are still running" in event.workflow_task_failed_event_attributes.failure.message


async def test_a_shell_that_reads_the_machines_clock_fails_the_task(real_server: Client) -> None:
    async with Worker(real_server, task_queue="peeking", workflows=[Peeking], workflow_runner=STRICT):
        peeking = await real_server.start_workflow(Peeking.run, id="peeking", task_queue="peeking")
        async with asyncio.timeout(PATIENCE):
            async for event in peeking.fetch_history_events(wait_new_event=True):
                if of("WORKFLOW_TASK_FAILED", [event]) or of("WORKFLOW_EXECUTION_COMPLETED", [event]):
                    break
        await peeking.terminate()

    assert "Cannot access datetime.datetime.now" in event.workflow_task_failed_event_attributes.failure.message
