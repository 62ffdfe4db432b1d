"""Which builds' workers ask for work, and which of them new runs go to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType, WorkerStatus
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
    ListWorkersRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workflows.contract import FLOW_QUEUE

RPC = timedelta(seconds=3)
STILL_THERE = timedelta(seconds=75)
"""A worker asks for work again at least once a minute: whoever has not for so long is gone."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Builds:
    """Which build new runs go to, and which builds' workers ask for workflows now."""

    current: str | None
    serving: frozenset[str]


async def polling(client: Client, queue: str, kind: TaskQueueType.ValueType) -> frozenset[str]:
    """The builds of the workers that asked this queue for work lately; `(unversioned)` for one that names none."""
    now = datetime.now(UTC)
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind, report_pollers=True
        ),
        timeout=RPC,
    )
    said_goodbye = await _said_goodbye(client, queue)
    return frozenset(
        poller.deployment_options.build_id or "(unversioned)"
        for poller in described.pollers
        if now - (asked := poller.last_access_time.ToDatetime(UTC)) < STILL_THERE
        and asked > said_goodbye.get(poller.identity, _NEVER)
    )


async def _said_goodbye(client: Client, queue: str) -> dict[str, datetime]:
    """When workers of this queue, by identity, said that they stop: sooner known than that they ask no more."""
    try:
        known = await client.workflow_service.list_workers(ListWorkersRequest(namespace=client.namespace), timeout=RPC)
    except RPCError as refused:
        if refused.status is not RPCStatusCode.UNIMPLEMENTED:
            raise
        return {}  # an older server; then it takes a little longer
    beats = [one.worker_heartbeat for one in known.workers_info]
    return {
        beat.worker_identity: beat.heartbeat_time.ToDatetime(UTC)
        for beat in beats
        if beat.task_queue == queue and beat.status == WorkerStatus.WORKER_STATUS_SHUTTING_DOWN
    }


async def builds(client: Client, deployment: str) -> Builds:
    """Which builds of a worker deployment there are to run workflows."""
    serving = await polling(client, FLOW_QUEUE, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    try:
        described = await client.workflow_service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment), timeout=RPC
        )
    except RPCError as refused:
        if refused.status is not RPCStatusCode.NOT_FOUND:
            raise
        return Builds(None, serving)
    routing = described.worker_deployment_info.routing_config
    return Builds(routing.current_deployment_version.build_id or None, serving)
