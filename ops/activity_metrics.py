"""Every attempt at an activity, counted where all of them pass: how it ended, why it failed, how old its effect was."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Counter, Histogram
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.entity.effects import EFFECTS
from ops.metrics import registry
from store.database import DATABASE_ERRORS
from store.pending_effects import PendingEffects
from workflows.contract import JOURNAL, EffectOrder, JournalBatch

FIGURES = registry()
"""The worker's registry."""

KINDS = (JOURNAL, *(effect.type for effect in EFFECTS))
OUTCOMES = ("done", "failed")
MAIL_REASONS = ("mail_unavailable", "mail_refused", "mail_in_doubt")
AGES = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 86400)

ATTEMPTS = Counter(
    "tandem_activity_attempts", "Attempts at activities, by kind and outcome", ["kind", "outcome"], registry=FIGURES
)
FAILURES = Counter(
    "tandem_activity_failures",
    "Failed attempts at activities, and why",
    ["kind", "reason"],
    registry=FIGURES,
)
MAIL_FAILURES = Counter("tandem_mail_failures", "Messages that were not handed over", ["reason"], registry=FIGURES)
EFFECT_AGE = Histogram(
    "tandem_effect_age_seconds",
    "How long after it was decided an effect was carried out",
    ["kind"],
    buckets=AGES,
    registry=FIGURES,
)
JOURNAL_LAG = Histogram(
    "tandem_journal_lag_seconds",
    "How long after its oldest event a batch was in the journal and could be read",
    buckets=(0.1, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600),
    registry=FIGURES,
)
# A counter that begins with its first failure would not be seen to rise by it.
for _kind in KINDS:
    for _outcome in OUTCOMES:
        ATTEMPTS.labels(_kind, _outcome)
    if _kind != JOURNAL:
        EFFECT_AGE.labels(_kind)
for _reason in MAIL_REASONS:
    MAIL_FAILURES.labels(_reason)


class Attempts(Interceptor):
    """Counts attempts, and keeps the list of effects that are still undone."""

    def __init__(self, pending: PendingEffects) -> None:
        self._pending = pending

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Temporal's."""
        return _Attempt(next, self._pending)


class _Attempt(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, pending: PendingEffects) -> None:
        super().__init__(next)
        self._pending = pending

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        kind, work = activity.info().activity_type, input.args[0]
        try:
            result = await super().execute_activity(input)
            carried_out = _carried_out(work, result)
            await self._strike_off(carried_out)
        except Exception as failure:
            reason = (failure.type if isinstance(failure, ApplicationError) else None) or type(failure).__name__
            await self._failed(kind, work, reason)
            raise
        except asyncio.CancelledError:
            how = activity.cancellation_details()
            if how is not None and how.timed_out:
                await self._failed(kind, work, "timed_out")
            raise
        ATTEMPTS.labels(kind, "done").inc()
        for order in carried_out:
            EFFECT_AGE.labels(order.type).observe(_since(order.decided_at))
        if isinstance(work, JournalBatch):
            JOURNAL_LAG.observe(_since(work.records[0].at))
            for order in carried_out:
                ATTEMPTS.labels(order.type, "done").inc()
        return result

    async def _strike_off(self, orders: Sequence[EffectOrder]) -> None:
        # Tried again when the database is away: every effect is claimed, so it is not carried out twice by that, and
        # one that is done never stays on the list.
        if not orders:
            return
        try:
            await self._pending.done(order.id for order in orders)
        except DATABASE_ERRORS as away:
            raise ApplicationError(type(away).__name__, type="database_unavailable") from None

    async def _failed(self, kind: str, work: Any, reason: str) -> None:
        ATTEMPTS.labels(kind, "failed").inc()
        FAILURES.labels(kind, reason).inc()
        if reason in MAIL_REASONS:
            MAIL_FAILURES.labels(reason).inc()
        if isinstance(work, EffectOrder):
            with contextlib.suppress(*DATABASE_ERRORS):
                await self._pending.failed(work.id, activity.info().attempt, reason)


def _carried_out(work: Any, result: Any) -> Sequence[EffectOrder]:
    """The effects that an attempt came to the end of: its own, or those that rode along."""
    if isinstance(work, EffectOrder):
        return [work]
    return [order for order in work.riders if order.id in result.carried] if isinstance(work, JournalBatch) else []


def _since(then: datetime) -> float:
    return max(0.0, (datetime.now(UTC) - then).total_seconds())
