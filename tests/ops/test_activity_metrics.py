"""Attempts are counted, and what they came to the end of is struck off, over a real PostgreSQL."""

from __future__ import annotations

import dataclasses
from typing import Any

import asyncpg
from prometheus_client import CollectorRegistry
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from ops.activity_metrics import FIGURES, Attempts
from store.pending_effects import PendingEffects
from testing.people import MONDAY
from tests.store.clock_entity import RECORDS, STREAM
from workflows.contract import JOURNAL, EffectOrder, JournalBatch, Written


class _Answers(ActivityInboundInterceptor):
    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        return self._answer


def order(number: int) -> EffectOrder:
    return EffectOrder(id=f"{STREAM}/1/{number}", stream=STREAM, decided_at=MONDAY, type="notify", payload={})


def counted(registry: CollectorRegistry = FIGURES) -> float:
    return registry.get_sample_value("tandem_activity_attempts_total", {"kind": "notify", "outcome": "done"}) or 0.0


async def test_what_rode_along_counts_and_is_struck_off_and_what_was_left_is_not(pool: asyncpg.Pool) -> None:
    said, left = order(0), order(1)
    await pool.executemany(
        "INSERT INTO effects_undone (effect, kind) VALUES ($1, 'notify')", [(one.id,) for one in (said, left)]
    )
    batch = JournalBatch(stream=STREAM, records=tuple(RECORDS[:1]), riders=(said, left))
    pending, before = PendingEffects(pool), counted()
    append = Attempts(pending).intercept_activity(_Answers(Written(carried={said.id: "taken"})))
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, activity_type=JOURNAL)

    await environment.run(append.execute_activity, ExecuteActivityInput(lambda: None, [batch], None, {}))

    assert await pending.of(STREAM) == {left.id}
    assert counted() == before + 1
