"""Temporal: there, prepared for us, with workers of the right build on every queue, and no run whose task fails."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    PollActivityTaskQueueRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

import wiring
from ops import temporal_ui
from ops.doctor.database import skew
from ops.doctor.findings import Finding, broken, ok, some, warning
from ops.worker_builds import RPC, builds, polling
from privacy.payload_codec import NamespaceCodec
from settings import Settings
from workflows.contract import FLOW_QUEUE, LANGUAGE_QUEUE, REACH_QUEUE, SEARCH_ATTRIBUTES

_WORKFLOW, _ACTIVITY = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
QUEUES = {
    FLOW_QUEUE: (_WORKFLOW, "flow", "no command is taken and no deadline noticed"),
    LANGUAGE_QUEUE: (_ACTIVITY, "language", "nothing is drafted"),
    REACH_QUEUE: (_ACTIVITY, "reach", "no message is sent, and entities do not tell each other anything"),
}
"""Each queue with what it carries, the worker's role that serves it, and what stands still without one."""


async def reached(settings: Settings, codec: NamespaceCodec | None = None) -> Client | None:
    """A client, or None when nobody answers within a few seconds."""
    try:
        async with asyncio.timeout(4):
            return await wiring.engine(settings, codec=codec)
    except (RuntimeError, TimeoutError, OSError):
        return None


async def engine(settings: Settings) -> AsyncIterator[Finding]:
    """Findings about Temporal and the workers. One alone when it is away."""
    client = await reached(settings)
    if client is None:
        yield broken(
            "temporal",
            f"Temporal does not answer at {settings.temporal_address}: no command is taken and no clock runs.",
            "Bring it back (tandem up, or your cluster; TEMPORAL_ADDRESS). It goes on where it stood; late deadlines "
            "are stamped with the time they fell due.",
        )
        return
    try:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=RPC
        )
    except RPCError as refused:
        yield broken(
            "temporal",
            f"There is no use in namespace {client.namespace} ({refused.status.name}).",
            "tandem setup makes it, or says which command does; or set TEMPORAL_NAMESPACE.",
        )
        return
    yield ok("temporal", f"Temporal answers for namespace {client.namespace}.")
    yield await _clock(client)
    attributes = await _search_attributes(client)
    yield attributes
    async for finding in workers(client, settings.deployment):
        yield finding
    if attributes.level == "ok":
        yield await _failing(client)


async def workers(client: Client, deployment: str) -> AsyncIterator[Finding]:
    """Whether each queue has a worker, of the build that is current, and no run waits for a build that is gone."""
    for queue, (kind, role, without) in QUEUES.items():
        if await polling(client, queue, kind):
            yield ok("worker", f"{queue} is served.")
        else:
            yield broken(
                "worker",
                f"No worker asks {queue} for work: {without}.",
                f"Start one (tandem up, or TANDEM_WORKER_ROLES={role} python -m worker); its log says why it stopped.",
            )
    known = await builds(client, deployment)
    if known.serving and known.current not in known.serving:
        yield broken(
            "build",
            f"New runs go to build {known.current or '(none)'}, which no worker runs; there are workers of "
            f"{some(sorted(known.serving))}.",
            f"temporal worker deployment set-current-version --deployment-name {deployment} --build-id "
            f"{sorted(known.serving)[0]}, or start workers of the current build.",
        )
    elif others := sorted(known.serving - {known.current}):
        yield warning(
            "build",
            f"Workers of another build than the current {known.current} run too: {some(others)}.",
            "Leave them until describe-version says that theirs is drained; then stop them.",
        )
    left = await _left_behind(client, deployment, known.serving)
    if left and known.serving:
        yield broken(
            "build",
            f"{len(left)} runs wait for a build that no worker runs: {some(left)}.",
            "Start workers of that build, or bring them to this one: tandem revive STREAM.",
        )
    elif known.current in known.serving:
        yield ok("build", f"Workers run build {known.current}, which is current.")


async def _left_behind(client: Client, deployment: str, serving: frozenset[str]) -> list[str]:
    versions = [f'TemporalWorkerDeploymentVersion != "{deployment}:{build}"' for build in sorted(serving)]
    query = " AND ".join(['ExecutionStatus = "Running"', *versions])
    return [run.id async for run in client.list_workflows(query, limit=100, rpc_timeout=RPC)]


async def _search_attributes(client: Client) -> Finding:
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=RPC
    )
    missing = [key.name for key in SEARCH_ATTRIBUTES if key.name not in known.custom_attributes]
    if missing:
        return broken(
            "search attributes",
            f"The namespace does not know {some(missing)}: workflows cannot be started, and saved queries fail.",
            "tandem setup registers them, or says which command does; so does a worker at its start.",
        )
    return ok("search attributes", "All are known to the namespace.")


async def _failing(client: Client) -> Finding:
    query = f'ExecutionStatus = "Running" AND {temporal_ui.FAILING}'
    failing = [run.id async for run in client.list_workflows(query, limit=100, rpc_timeout=RPC)]
    if failing:
        return broken(
            "failing tasks",
            f"The code of {len(failing)} runs fails again and again: {some(failing)}.",
            "A bug of this build: tandem doctor R-… names the error, tandem ui failing shows them. Deploy a mended "
            "build, then tandem revive STREAM.",
        )
    return ok("failing tasks", "No run's code fails.")


async def _clock(client: Client) -> Finding:
    """Temporal tells nobody the time; but it notes, by its own clock, when a queue was last asked for work."""
    queue = TaskQueue(name=f"tandem-doctor-{secrets.token_hex(4)}")
    ask = PollActivityTaskQueueRequest(namespace=client.namespace, task_queue=queue, identity="tandem doctor")
    look = DescribeTaskQueueRequest(namespace=client.namespace, task_queue=queue, task_queue_type=_ACTIVITY)
    before = datetime.now(UTC)
    poll = asyncio.create_task(client.workflow_service.poll_activity_task_queue(ask, timeout=2 * RPC))
    try:
        while True:
            pollers = (await client.workflow_service.describe_task_queue(look, timeout=RPC)).pollers
            if pollers:
                return skew(
                    "temporal", "Temporal", pollers[0].last_access_time.ToDatetime(UTC), before, datetime.now(UTC)
                )
            if poll.done():
                return warning(
                    "temporal clock", "Temporal does not say what time it has.", "Compare the machines' clocks by hand."
                )
            await asyncio.sleep(0.05)
    finally:
        poll.cancel()
        await asyncio.wait({poll})
