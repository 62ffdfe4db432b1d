"""A run is replayed only by the build that began it; the next run belongs to the build that is current then."""

from __future__ import annotations

import asyncio

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client, WorkflowHistory
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import WorkerDeploymentConfig

from settings import DEPLOYMENT
from tests.workflows.tightened_entity import StricterLedgerWorkflow
from tests.workflows.toy_effects import PATIENCE
from tests.workflows.toy_entity import AddAmounts
from tests.workflows.toy_server import World, replay
from tests.workflows.update_client import of

MOST_COMMANDS = 100
"""Far fewer than make a run move on because of its length."""


def build(name: str) -> WorkerDeploymentConfig:
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(DEPLOYMENT, name),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


async def make_current(client: Client, name: str) -> None:
    """From now on new runs belong to this build. The server knows it only once a worker of it has polled."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=name, ignore_missing_task_queues=True
    )
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await client.workflow_service.set_worker_deployment_current_version(request)
                return
            except RPCError:
                await asyncio.sleep(0.05)


def builds_of(run: WorkflowHistory) -> set[str]:
    tasks = of("WORKFLOW_TASK_COMPLETED", run.events)
    return {task.workflow_task_completed_event_attributes.deployment_version.build_id for task in tasks}


async def test_a_run_stays_with_its_build_and_the_next_one_moves_on(versioned_server: Client) -> None:
    world = World(versioned_server)
    async with world.at_work(deployment=build("one")):
        await make_current(world.client, "one")
        clerk = await world.ledger()
        before = await clerk.give(AddAmounts(amounts=(500,)), key="once")

        async with world.at_work(entity=StricterLedgerWorkflow, deployment=build("two")):
            await make_current(world.client, "two")
            # Whatever build is current, this run's rule is still the first one's.
            await clerk.give(AddAmounts(amounts=(400,)))
            for _ in range(MOST_COMMANDS):
                await clerk.give(AddAmounts(amounts=(0,)))
                if len(await clerk.runs()) == 2:
                    break

            assert (await clerk.refused(AddAmounts(amounts=(400,)))).details[0]["accepted"] == "At most 10."
            assert await clerk.give(AddAmounts(amounts=(500,)), key="once") == before
            last = await clerk.give(AddAmounts(amounts=(7,)))
            await world.journal.reaches(clerk.stream, last.version)

    first, second = await clerk.runs()
    assert (builds_of(first), builds_of(second)) == ({"one"}, {"two"})
    assert world.journal.ledger(clerk.stream).total == 907
    assert world.journal.contradictions == []
    await replay([first])
    await replay([second], StricterLedgerWorkflow)
