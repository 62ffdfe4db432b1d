"""What waits in the engine's task queues, who serves them, and which workflows it cannot move."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from temporalio.api.deployment.v1 import WorkerDeploymentVersion
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    DescribeWorkerDeploymentVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workflows.contract import FLOW_QUEUE, LANGUAGE_QUEUE, REACH_QUEUE

WITHIN = timedelta(seconds=3)
QUEUES = (
    (FLOW_QUEUE, "workflow", TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
    (FLOW_QUEUE, "activity", TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
    (LANGUAGE_QUEUE, "activity", TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
    (REACH_QUEUE, "activity", TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
)
RUNNING = f'ExecutionStatus = "Running" AND TaskQueue = "{FLOW_QUEUE}"'
"""The entities that have a run. The list is some seconds behind."""

IN_TROUBLE = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"


async def queues(client: Client, deployment: str, build: str) -> Iterable[Metric]:
    """Backlog and pollers of each queue, what of the backlog waits for this build of the deployment, how many workflows
    there are, and how many have a task that fails. Raises RPCError."""
    labels = ["queue", "kind"]
    waiting = GaugeMetricFamily("tandem_queue_backlog", "Tasks that wait for a worker", labels=labels)
    oldest = GaugeMetricFamily("tandem_queue_backlog_age_seconds", "How long the oldest of them waits", labels=labels)
    pollers = GaugeMetricFamily("tandem_queue_pollers", "Workers that asked for tasks in five minutes", labels=labels)
    failing = GaugeMetricFamily("tandem_workflows_in_trouble", "Workflows whose tasks fail or time out")
    runs = GaugeMetricFamily("tandem_runs", "Requisitions, candidates and users that have a run")

    answers = await asyncio.gather(*(_described(client, name, kind) for name, _, kind in QUEUES))
    for (name, kind, _), answer in zip(QUEUES, answers, strict=True):
        waiting.add_metric([name, kind], answer.stats.approximate_backlog_count)
        oldest.add_metric([name, kind], answer.stats.approximate_backlog_age.ToTimedelta().total_seconds())
        pollers.add_metric([name, kind], len(answer.pollers))
    failing.add_metric([], (await client.count_workflows(IN_TROUBLE, rpc_timeout=WITHIN)).count)
    runs.add_metric([], (await client.count_workflows(RUNNING, rpc_timeout=WITHIN)).count)
    return waiting, oldest, pollers, await _of_build(client, deployment, build), failing, runs


async def _of_build(client: Client, deployment: str, build: str) -> Metric:
    """What waits for one build's workers alone: by this the number of its pods is chosen.

    The labels are those by which Temporal's Worker Controller asks for a figure of one version.
    """
    backlog = GaugeMetricFamily(
        "tandem_build_backlog",
        "Tasks that wait for a worker of this build",
        labels=["queue", "kind", "temporal_worker_deployment_name", "temporal_worker_build_id", "temporal_namespace"],
    )
    request = DescribeWorkerDeploymentVersionRequest(
        namespace=client.namespace,
        deployment_version=WorkerDeploymentVersion(deployment_name=deployment, build_id=build),
        report_task_queue_stats=True,
    )
    try:
        described = await client.workflow_service.describe_worker_deployment_version(request, timeout=WITHIN)
    except RPCError as unknown:
        if unknown.status is not RPCStatusCode.NOT_FOUND:  # known once a worker of it has asked for work
            raise
        return backlog
    kinds = {queue: name for _, name, queue in QUEUES}
    for queue in described.version_task_queues:
        backlog.add_metric(
            [queue.name, kinds[queue.type], deployment.replace("/", "_"), build, client.namespace],
            queue.stats.approximate_backlog_count,
        )
    return backlog


async def _described(client: Client, name: str, kind: TaskQueueType.ValueType) -> DescribeTaskQueueResponse:
    return await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=name), task_queue_type=kind, report_stats=True
        ),
        timeout=WITHIN,
    )
