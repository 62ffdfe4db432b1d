"""How patient the engine is with each kind of activity."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy

from domain.core.carriage import Carriage
from workflows.contract import QUEUES

JOURNAL_ATTEMPT = timedelta(seconds=5)
"""How long one append may take; what a killed worker had begun is tried again after it."""

JOURNAL_FOREVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


class Options(TypedDict):
    """Temporal's, of an activity."""

    task_queue: str
    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta | None
    retry_policy: RetryPolicy


def options(carriage: Carriage) -> Options:
    """What the engine is told of an activity that carries out an effect."""
    return Options(
        task_queue=QUEUES[carriage.queue],
        start_to_close_timeout=carriage.attempt,
        schedule_to_close_timeout=carriage.tried_for,
        heartbeat_timeout=carriage.heartbeat,
        retry_policy=RetryPolicy(
            initial_interval=carriage.first_pause, backoff_coefficient=2, maximum_interval=carriage.longest_pause
        ),
    )
