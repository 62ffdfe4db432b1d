"""A workflow that has whichever worker comes open somebody's words: it orders drafts and letters, as entities do."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.common import RetryPolicy
from temporalio.converter import DataConverter
from temporalio.exceptions import ActivityError

from domain.core.messages import Effect
from workflows.contract import LANGUAGE_QUEUE, REACH_QUEUE, EffectOrder, EffectResult, stream_of

PROBE_QUEUE = "probe"
AT_ONCE = 8


@workflow.defn(name="Probe", sandboxed=False)
class Probe:
    """Has the orders carried out, all at once."""

    @workflow.run
    async def run(self, orders: list[EffectOrder]) -> None:
        """Over when all were, however they went."""

        async def carried_out(order: EffectOrder) -> None:
            with suppress(ActivityError):
                await workflow.execute_activity(
                    order.type,
                    order,
                    task_queue=LANGUAGE_QUEUE if order.type == "draft" else REACH_QUEUE,
                    result_type=EffectResult,
                    start_to_close_timeout=timedelta(seconds=20),
                    heartbeat_timeout=timedelta(seconds=10),
                    retry_policy=RetryPolicy(maximum_attempts=1),
                )

        await asyncio.gather(*(carried_out(order) for order in orders))


@dataclass(frozen=True)
class Answer:
    """What a worker answered to an order of this kind, and when (UTC)."""

    kind: str
    worker: int
    at: datetime
    note: str


async def probed(client: Client, candidate: str, effects: tuple[Effect, ...]) -> list[Answer]:
    """What came of each of `effects`, ordered several times at once. None was ordered before."""
    numbers = (next(_NUMBERS) for _ in itertools.count())
    orders = [
        EffectOrder.of(
            f"{stream_of('candidate', candidate)}/{number}/0", stream_of("candidate", candidate), now, effect
        )
        for now in [datetime.now(UTC)]
        for effect, number in zip(effects * AT_ONCE, numbers, strict=False)
    ]
    name = f"probe/{orders[0].id}"
    await client.execute_workflow(Probe.run, orders, id=name, task_queue=PROBE_QUEUE)
    return list(_answers(await client.get_workflow_handle(name).fetch_history(), client.data_converter))


_NUMBERS = itertools.count(100_000)
"""Of records that no entity comes to here."""


def _answers(history: WorkflowHistory, converter: DataConverter) -> Iterator[Answer]:
    kinds: dict[int, str] = {}
    workers: dict[int, int] = {}
    for event in history.events:
        match event.event_type:
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                kinds[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name
            case EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
                started = event.activity_task_started_event_attributes
                workers[started.scheduled_event_id] = int(started.identity.partition("@")[0])
            case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                completed = event.activity_task_completed_event_attributes
                [result] = converter.payload_converter.from_payloads(completed.result.payloads, [EffectResult])
                scheduled, note = completed.scheduled_event_id, result.note
                at = event.event_time.ToDatetime(UTC)
                yield Answer(kinds[scheduled], workers[scheduled], at, note)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED:
                failed = event.activity_task_failed_event_attributes
                scheduled, note = failed.scheduled_event_id, f"failed: {failed.failure.message}"
                yield Answer(kinds[scheduled], workers[scheduled], event.event_time.ToDatetime(UTC), note)
