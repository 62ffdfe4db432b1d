"""The worker of a build with a fault in it, which serves the queue `flow` alone: every workflow task it takes fails."""

import asyncio
import os

from temporalio.worker import UnsandboxedWorkflowRunner

import worker
from workflows.entity import EntityWorkflow


async def broken(self: EntityWorkflow) -> None:
    raise RuntimeError("a fault")


if __name__ == "__main__":
    os.environ["TANDEM_WORKER_ROLES"] = "flow"
    worker.SANDBOX = UnsandboxedWorkflowRunner()  # a sandbox would read the class anew
    EntityWorkflow.live = broken
    asyncio.run(worker.main())
