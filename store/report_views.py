"""The rows of each report. Shares are between 0 and 1, and None where there is nothing to share; times elapse.

No row tells how long a named person kept anybody waiting, or how they write. What counts that is there only for groups
of at least `store.reports.GROUP` people, or for readers about themselves.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from domain.access.roles import OwnerRole
from domain.core.personal_text import PersonalText
from domain.entity.entity_facts import Stage
from store.views import View


class StageTime(View):
    """How long candidates stay at a stage, in days: those who `passed` on from it, and who is `still` there.

    `nine_of_ten_days` is the time that nine of ten of those who passed on did not exceed. How long profiles lie
    `submitted` is up to one hiring manager each, and so told of a group of them alone.
    """

    stage: Stage
    passed: int
    still: int
    median_days: float | None
    nine_of_ten_days: float | None


class FunnelStep(View):
    """How far those came who were added in the period: how many `reached` this stage or one beyond it.

    Of those some `went_on` from it, some `stopped` there, the others stand there still. `passed` is the share of those
    who left it that went on.
    """

    stage: Stage
    reached: int
    went_on: int
    stopped: int
    passed: float | None


class PromiseKept(View):
    """How one SLA went on one side: those that ended in the period, and those that are overdue now.

    `in_time` is the share of what was kept or is still overdue that was kept in time. `hours_late` is how long all
    of these were overdue together. `corrected` were counted as late by a record that was corrected since: they count as
    what they were, kept in time or no task at all.
    """

    clock: str
    side: OwnerRole
    people: int
    kept_in_time: int
    kept_late: int
    breached_open: int
    waived: int
    corrected: int = 0
    in_time: float | None
    hours_late: float


class FeedbackMonth(View):
    """From an interview's end to the scorecard, in hours, for those that came in a month (`2026-03`, UTC)."""

    month: str
    people: int
    cards: int
    median_hours: float
    nine_of_ten_hours: float
    within_a_day: float


class FeedbackWords(View):
    """How much of what managers answered to profiles, or interviewers wrote on scorecards, was concrete, in a month.

    What was called vague is refused once, and that leaves no trace: either it was written anew, and counts as
    concrete, or its author stood by it. `concrete` is the share that nobody had to stand by. The month is UTC's.
    """

    month: str
    feedback: Literal["answers", "cards"]
    people: int
    given: int
    stood_by: int
    concrete: float


class Expectation(View):
    """What the candidates of a requisition expect against its band, in the band's currency and for its period.

    `way` is the way out that was chosen last, where one had to be.
    """

    requisition: str
    title: str
    team_name: str
    currency: str
    period: str
    band_minimum: Decimal
    band_maximum: Decimal
    told: int
    median: Decimal
    share_above: float
    way: str | None


class Calibration(View):
    """Calibration agreement: how often recruiter and manager agreed about a criterion, in a month (`2026-03`, UTC).

    Counted are the manager's answers that name the criterion, where the recruiter had judged it before: they agree
    when an advance meets the recruiter's `met`, or a rejection meets `partly` or `not_met`. Holding is no answer yet.
    """

    month: str
    requisition: str
    title: str
    team_name: str
    criterion: str
    behaviour: str | None
    answers: int
    agreed: int
    agreement: float


class RetroOutcome(View):
    """What a retro said to change, and in how many later requisitions it was adopted, declined, or is open still."""

    change: PersonalText
    team_name: str
    side: Literal["R", "H"]
    concluded_at: datetime
    adopted: int
    declined: int
    open: int


class Promised(View):
    """What the search agreement says, and what came. Dates are UTC's.

    `shown_in_time` of the candidates had come before the manager when the agreed working days were over, or have so
    far. Meetings count while the requisition is not on hold; held are the calls on record with both sides in
    them. `days_late` counts from the target date to the hire, or to today while there is none; None without a date.
    """

    requisition: str
    title: str
    team_name: str
    agreed_on: date
    candidates_promised: int
    shown_by: datetime
    time_is_up: bool
    shown_in_time: int
    shown: int
    meetings_promised: int
    meetings_held: int
    target_date: date | None
    filled_on: date | None
    days_late: int | None


class GateUse(View):
    """How often a gate was opened by hand in a team."""

    gate: str
    team_name: str
    times: int


class WorkAround(View):
    """The share of those who, in the retros of a quarter (`2026-Q1`, UTC), had wished to work around the other side."""

    quarter: str
    people: int
    answers: int
    wished: float
