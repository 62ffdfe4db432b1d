"""How patient the engine is with each kind of activity."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from temporalio.common import RetryPolicy

from workflows.contract import FLOW_QUEUE, LANGUAGE_QUEUE, REACH_QUEUE

JOURNAL_ATTEMPT = timedelta(seconds=5)
"""How long one append may take; what a killed worker had begun is tried again after it."""

JOURNAL_FOREVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@dataclass(frozen=True)
class Route:
    """Where an effect's activity runs, how long one attempt may take, and how long it is tried."""

    queue: str
    attempt: timedelta
    heartbeat: timedelta | None = None
    retry: RetryPolicy = field(
        default_factory=lambda: RetryPolicy(
            initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=5)
        )
    )
    tried_for: timedelta = timedelta(days=2)


REACH = Route(REACH_QUEUE, attempt=timedelta(seconds=30))

ROUTES: dict[str, Route] = {
    "notify": REACH,
    "deliver_message": REACH,
    "write_to_candidate": REACH,
    "invite": REACH,
    "tell": REACH,
    "tell_all": Route(REACH_QUEUE, attempt=timedelta(minutes=10), heartbeat=timedelta(seconds=30)),
    "spread_person": Route(REACH_QUEUE, attempt=timedelta(minutes=10), heartbeat=timedelta(seconds=30)),
    "draft": Route(LANGUAGE_QUEUE, attempt=timedelta(minutes=10), heartbeat=timedelta(seconds=30)),
    "destroy_key": Route(FLOW_QUEUE, attempt=timedelta(seconds=30), tried_for=timedelta(days=30)),
}
"""By kind of effect. An activity that can never succeed says so and becomes a task for a person at once."""
