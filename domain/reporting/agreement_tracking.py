"""The search agreement held against what happened: promised and actual, side by side from the lock on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from domain.core.messages import Value
from domain.evidence.rubric import Agreement
from domain.reporting.delay_attribution import Span
from domain.time.calendars import Calendar
from domain.time.durations import WorkingDays, scaled

_LONGEST = 1_000  # working days that a duration may have


class AgreementOutcome(Value):
    """What was agreed on and what came of it. Times in UTC.

    `shown` candidates came before the hiring manager, `shown_in_time` of them by `shown_by`. Meetings are those that
    are on record: calls of recruiter and hiring manager about the requisition, debriefs among them. `updates` are the
    words of the agreement.
    """

    agreed_at: datetime
    candidates_expected: int
    shown_by: datetime
    shown: int
    shown_in_time: int
    meet_every_days: int
    meetings_promised: int
    meetings_held: int
    updates: str


def both_met(recruiter: str, hiring_manager: str, present: Iterable[str]) -> bool:
    """Whether a call with these people in it was a meeting of the two sides."""
    return {recruiter, hiring_manager} <= set(present)


def stood_still(turns: Iterable[tuple[datetime, bool]]) -> tuple[list[Span], datetime | None]:
    """When a requisition stood still, and since when it does so now, if it does. Times in UTC.

    Each of `turns`, in order of time, is when it was stopped (True), or went on (False).
    """
    spans: list[Span] = []
    began: datetime | None = None
    for at, stopped in turns:
        if stopped:
            began = began or at
        elif began is not None:
            spans.append((began, at))
            began = None
    return spans, began


def kept(
    agreement: Agreement,
    agreed_at: datetime,
    shown: Sequence[datetime],
    met: Iterable[datetime],
    holds: Iterable[Span],
    calendar: Calendar,
    day: timedelta | None,
    now: datetime,
) -> AgreementOutcome:
    """`agreement`, signed at `agreed_at`, as it stands at `now` (UTC).

    `shown` is when each candidate first came before the hiring manager, `met` when the two sides met. Candidates are
    due so many working days on the recruiter's `calendar` after the signatures; meetings come every so many days of
    the week, those on hold apart. `day` is how long the policy lets a day last.
    """
    shown_by = calendar.due(agreed_at, WorkingDays(days=min(agreement.within_days, _LONGEST)), day)
    still = sum((max(min(end, now) - max(start, agreed_at), timedelta()) for start, end in holds), timedelta())
    every = scaled(timedelta(days=agreement.meet_every_days), day)
    return AgreementOutcome(
        agreed_at=agreed_at,
        candidates_expected=agreement.candidates_expected,
        shown_by=shown_by,
        shown=len(shown),
        shown_in_time=sum(at <= shown_by for at in shown),
        meet_every_days=agreement.meet_every_days,
        meetings_promised=max((now - agreed_at - still) // every, 0),
        meetings_held=sum(agreed_at < at <= now for at in met),
        updates=agreement.updates,
    )
