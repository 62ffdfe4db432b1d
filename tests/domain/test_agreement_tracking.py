"""What was agreed on, and what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.evidence.rubric import Agreement
from domain.reporting.agreement_tracking import AgreementOutcome, kept
from testing.people import MONDAY, OFFICE

DAY = timedelta(days=1)
AGREED = Agreement(
    candidates_expected=6, within_days=10, meet_every_days=7, interviewing="one round", updates="twice a week"
)


def after(days: int, **facts: Any) -> AgreementOutcome:
    known: dict[str, Any] = {"shown": [], "met": [], "holds": [], "day": None, **facts}
    return kept(AGREED, MONDAY, calendar=OFFICE, now=MONDAY + days * DAY, **known)


def test_candidates_are_counted_in_all_and_by_the_day_they_were_promised_for() -> None:
    shown = [MONDAY + n * DAY for n in (2, 9, 14, 15)]
    told = after(16, shown=shown)
    assert told.shown_by == MONDAY + 14 * DAY, "ten working days"
    assert (told.candidates_expected, told.shown, told.shown_in_time, told.updates) == (6, 4, 3, "twice a week")


def test_meetings_come_every_so_many_days_but_not_on_hold() -> None:
    met = [MONDAY - DAY, MONDAY + 6 * DAY]
    told = after(22, met=met)
    assert (told.meetings_promised, told.meetings_held) == (3, 1)
    assert after(22, holds=[(MONDAY + 2 * DAY, MONDAY + 30 * DAY)]).meetings_promised == 0


def test_where_a_day_lasts_seconds_so_does_the_agreement() -> None:
    second = timedelta(seconds=1)
    told = kept(AGREED, MONDAY, [], [], [], OFFICE, second, MONDAY + 15 * second)
    assert (told.shown_by, told.meetings_promised) == (MONDAY + 10 * second, 2)
