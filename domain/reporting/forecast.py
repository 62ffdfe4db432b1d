"""When a requisition will be done, worked out from its facts, and by whose time it slips. Pure, so that anyone can
check it.

**Forecast.** The first time by which it is at least as likely as not that every opening is filled, given

- everybody from the submitted profile on, each with a chance and a time of arrival. The chance is the product of the
  shares that go on from the stages still before them. The time: the step under way ends when its clock falls due, or
  now if that is past; each further step takes the time the policy gives to its clocks (`STEPS`);
- further profiles, one after another, at the pace so far. Applicants and the shortlist are where these come from, and
  are not counted a second time.

A share is `(PRIOR_WEIGHT · prior + went on) / (PRIOR_WEIGHT + went on + stopped)`, the mean of a beta distribution: the
prior counts for as much as one slate, and gives way to what happens. The pace is `(agreed + submitted) / (agreed time
+ time since the agreement)`, the same for a rate (gamma and Poisson). The chance that enough of them are hired is
exact: their hires are independent, and counted one after another (Poisson binomial).

**Promise.** The target date; else what the agreement alone came to by the same rule, on the day it was signed. Where a
policy lets a day last seconds, a date of the calendar promises nothing.

**Slip.** The working time from the promise to the forecast, on the recruiter's calendar.
`domain.reporting.delay_attribution` says how much of the time since the promise was made each side, the candidates and
the hold account for; the rest is the market's: fewer or other people than were agreed on. It is below zero where lost
time was made good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from heapq import merge
from typing import Any, Literal, NamedTuple, Self

from domain.core.ids import CandidateId
from domain.core.messages import Value
from domain.entity.entity_facts import Stage
from domain.evidence.rubric import Agreement
from domain.reporting.delay_attribution import CAUSES, Span, Wait, time_lost
from domain.reporting.funnel import BESIDE, PassThrough, StageMove, first_came, passing
from domain.sla.catalogue import taking
from domain.sla.policy import Policy
from domain.time.calendars import Calendar
from domain.time.durations import DAY, Duration, ElapsedTime, EndOfWorkingDay, WorkingDays, WorkingTime, scaled

PRIOR_WEIGHT = 5
"""So many candidates is a prior worth: the size of a slate, the first people a manager answers."""

FARTHEST = 260
"""Working days, about a year: what lies beyond is no date anybody should plan by."""


class ForecastStep(NamedTuple):
    """What has to happen at a stage: which times of the policy it takes, and how many go on from it to begin with.

    `a_round` marks the step that is taken once for each round of the interview plan.
    """

    takes: tuple[str, ...]
    prior: float
    a_round: bool = False


STEPS: Mapping[Stage, ForecastStep] = {
    Stage.SUBMITTED: ForecastStep(taking(Stage.SUBMITTED), 0.6),
    Stage.ADVANCED: ForecastStep(taking(Stage.ADVANCED), 0.9),
    Stage.SCREENED: ForecastStep(taking(Stage.SCREENED), 0.7),
    Stage.INTERVIEWING: ForecastStep(taking(Stage.INTERVIEWING), 0.8, a_round=True),
    Stage.DEBRIEFING: ForecastStep(taking(Stage.DEBRIEFING), 0.5),
    Stage.HIRE_DECIDED: ForecastStep(taking(Stage.HIRE_DECIDED), 0.95),
    Stage.OFFERED: ForecastStep(("offer_answer_at_least",), 0.8),
}
"""The road from a submitted profile to a hire.

A call that no clock times (the screen, an interview) takes as long as a candidate may be left without a word
(`candidate_updated`): by then it was held, or they heard why not. The priors are the design's own estimate, to be
outweighed by facts: they come to one offer for seven profiles, and so, with one profile for seven applicants, to the
2 % of applicants who get an offer (`product.md`, "Facts to design by"); four offers of five are accepted.
"""

ROADSIDE = {Stage.HELD: taking(Stage.HELD)}
"""What comes before the step for those who wait beside the road."""

_LIKELY = 0.5 - 1e-9  # as likely as not, whatever the last digits of the sum

NoForecast = Literal["not_locked", "evergreen", "ended", "too_far"]
"""Why there is no date: no rubric yet, no end, cancelled, or it is not likely within `FARTHEST`."""


class LiveCandidate(Value):
    """Somebody in the running: their stage, since when, and when what is owed about them falls due. Times in UTC.

    `rounds_held` are the interviews of the plan that took place.
    """

    id: CandidateId
    stage: Stage
    since: datetime
    due_at: datetime | None = None
    rounds_held: int = 0


class ForecastInput(Value):
    """All that a forecast goes by. Times in UTC; `calendar` is the recruiter's.

    `agreed_at` is when the agreement as it stands was signed, None before the lock; `rounds` those of the interview
    plan. `holds` are the times the requisition stood still, the last until it is to be looked at again. `ended` says
    that it is over without having filled its openings.
    """

    calendar: Calendar
    policy: Policy
    opened_at: datetime
    openings: int | None
    target_date: date | None = None
    agreement: Agreement | None = None
    agreed_at: datetime | None = None
    rounds: int = 1
    runners: tuple[LiveCandidate, ...] = ()
    moves: tuple[StageMove, ...] = ()
    waits: tuple[Wait, ...] = ()
    holds: tuple[Span, ...] = ()
    ended: bool = False

    def but(self, **changes: Any) -> Self:
        """A course with `changes`; nothing worked out for the old one is kept."""
        return type(self).model_validate({**dict(self), **changes})

    @property
    def day(self) -> timedelta:
        """The working time of one of the recruiter's working days: the policy's own, else the mean of their week."""
        return self._day

    @cached_property
    def _day(self) -> timedelta:
        return self.policy.day or self.calendar.usual_day

    def days(self, worked: timedelta) -> float:
        """Working time in working days, to a tenth."""
        return round(worked / self.day, 1)

    def step_time(self, *names: str) -> timedelta:
        """The working time the policy gives these in all."""
        answered = {"offer_answer_at_least": self.policy.offer_answer_at_least}
        times = (answered.get(name) or self.policy.time_of(name) for name in names)
        return sum((self._working_time(time) for time in times), timedelta())

    def _working_time(self, duration: Duration) -> timedelta:
        match duration:
            case WorkingDays():
                return duration.days * self.day
            case WorkingTime():
                return scaled(duration.amount, self.policy.day)
            case EndOfWorkingDay():
                return self.day
            case ElapsedTime():
                return self.day * (duration.amount / DAY)


class StepShare(Value):
    """What the forecast holds of one step: how many went on, how many stopped, the share it reckons with, its time."""

    stage: Stage
    went_on: int
    stopped: int
    share: float
    takes_days: float


class Slip(Value):
    """How many working days the forecast lies behind what was agreed (below zero: before it), and whose they are.

    The causes of `domain.reporting.delay_attribution` and the market; they sum to `days`.
    """

    days: float
    recruiter: float
    hiring_manager: float
    others: float
    candidates: float
    hold: float
    market: float


class Forecast(Value):
    """What was agreed, forecast and slip, with the numbers behind them.

    Times in UTC; days are the recruiter's working days. `counted` candidates are in the running from the submitted
    profile on, and `to_come` further profiles are reckoned with, one every `profile_every_days`.
    """

    promised_at: datetime | None
    promised_by: Literal["target_date", "agreement"] | None
    forecast_at: datetime | None
    no_forecast: NoForecast | None
    needed: int | None
    counted: int
    to_come: int
    profile_every_days: float | None
    steps: tuple[StepShare, ...]
    slip: Slip | None


def forecast(course: ForecastInput, now: datetime) -> Forecast:
    """What `course` says at `now` (UTC); see the head of this file for the rule."""
    begins = max([now, *(end for _, end in course.holds)])
    passed = passing(course.moves)
    hired = sorted(runner.since for runner in course.runners if runner.stage == Stage.ACCEPTED)
    needed = None if course.openings is None else max(course.openings - len(hired), 0)
    promised_at, promised_by = _promised(course)
    pace = _pace(course, len(first_came(course.moves, Stage.SUBMITTED)), begins)
    forecast_at, to_come, why = None, 0, _no_forecast(course, needed)
    if needed == 0 and course.openings:
        forecast_at = hired[course.openings - 1]
    elif why is None and needed is not None:
        forecast_at, to_come = _likely(course, passed, course.runners, pace, begins, needed)
        why = None if forecast_at else "too_far"
    return Forecast(
        promised_at=promised_at,
        promised_by=promised_by,
        forecast_at=forecast_at,
        no_forecast=why,
        needed=needed,
        counted=sum(_step_of(runner.stage) in STEPS for runner in course.runners),
        to_come=to_come,
        profile_every_days=course.days(pace) if pace else None,
        steps=tuple(
            StepShare(
                stage=stage,
                went_on=passed[stage].went_on,
                stopped=passed[stage].stopped,
                share=round(_share(stage, passed), 3),
                takes_days=course.days(course.step_time(*step.takes) * (course.rounds if step.a_round else 1)),
            )
            for stage, step in STEPS.items()
        ),
        slip=_slip(course, promised_at, promised_by, forecast_at, begins),
    )


def _no_forecast(course: ForecastInput, needed: int | None) -> NoForecast | None:
    if course.ended:
        return None if needed == 0 else "ended"
    if needed is None:
        return "evergreen"
    return "not_locked" if course.agreed_at is None and needed else None


def _promised(course: ForecastInput) -> tuple[datetime | None, Literal["target_date", "agreement"] | None]:
    if course.target_date is not None and course.policy.day is None:
        return course.calendar.instant(course.target_date, time.max), "target_date"
    if course.agreed_at is None or course.agreement is None or not course.openings:
        return None, None
    nobody = passing(())
    pace = _pace(course, 0, course.agreed_at)
    promised_at, _ = _likely(course, nobody, (), pace, course.agreed_at, course.openings)
    return promised_at, "agreement" if promised_at else None


def _pace(course: ForecastInput, submitted: int, begins: datetime) -> timedelta | None:
    """The working time from one profile to the next; None where none was agreed on nor came."""
    if course.agreed_at is None:
        return None
    worked = course.calendar.working_minutes_between(course.agreed_at, begins)
    agreed = course.agreement
    profiles = submitted + (agreed.candidates_expected if agreed else 0)
    return (worked + (agreed.within_days * course.day if agreed else timedelta())) / profiles if profiles else None


def _likely(
    course: ForecastInput,
    passed: Mapping[Stage, PassThrough],
    runners: Iterable[LiveCandidate],
    pace: timedelta | None,
    begins: datetime,
    needed: int,
) -> tuple[datetime | None, int]:
    """When it becomes likely that `needed` are hired, and how many profiles to come that takes; None if too far off."""
    on_their_way = [
        (_arrival(course, runner, begins), False, _chance(runner.stage, passed))
        for runner in runners
        if _step_of(runner.stage) in STEPS
    ]
    hired = [1.0, *[0.0] * needed]
    last = course.calendar.add_working(begins, FARTHEST * course.day)
    to_come = 0
    for at, is_new, chance in merge(sorted(on_their_way), _new_profiles(course, passed, pace, begins)):
        if at > last:
            break
        to_come += is_new
        hired[needed] += hired[needed - 1] * chance
        for n in range(needed - 1, 0, -1):
            hired[n] += (hired[n - 1] - hired[n]) * chance
        hired[0] *= 1 - chance
        if hired[needed] >= _LIKELY:
            return at, to_come
    return None, to_come


def _new_profiles(
    course: ForecastInput, passed: Mapping[Stage, PassThrough], pace: timedelta | None, begins: datetime
) -> Iterator[tuple[datetime, bool, float]]:
    if pace is None:
        return
    road = sum((course.step_time(*takes) for takes in _steps_left(course, Stage.SUBMITTED, 0)), timedelta())
    chance = _chance(Stage.SUBMITTED, passed)
    # Many at once leave no time between them; there is no end of them even so.
    every, at = max(pace, course.day / 100), course.calendar.add_working(begins, road)
    while True:
        at = course.calendar.add_working(at, every)
        yield at, True, chance


def _arrival(course: ForecastInput, runner: LiveCandidate, begins: datetime) -> datetime:
    under_way, *later = _steps_left(course, runner.stage, runner.rounds_held)
    due = runner.due_at or course.calendar.add_working(runner.since, course.step_time(*under_way))
    left = sum((course.step_time(*takes) for takes in later), timedelta())
    return course.calendar.add_working(max(due, begins), left)


def _steps_left(course: ForecastInput, stage: Stage, rounds_held: int) -> list[tuple[str, ...]]:
    """The steps still to be taken, the one under way first, each with the times it takes."""
    stages = list(STEPS)
    steps: list[tuple[str, ...]] = [ROADSIDE[stage]] if stage in ROADSIDE else []
    for ahead in stages[stages.index(_step_of(stage)) :]:
        step = STEPS[ahead]
        rounds = max(course.rounds - (rounds_held if ahead == stage else 0), 1) if step.a_round else 1
        steps += [step.takes] * rounds
    return steps


def _step_of(stage: Stage) -> Stage:
    return BESIDE.get(stage, stage)


def _chance(stage: Stage, passed: Mapping[Stage, PassThrough]) -> float:
    stages = list(STEPS)
    chance = 1.0
    for ahead in stages[stages.index(_step_of(stage)) :]:
        chance *= _share(ahead, passed)
    return chance


def _share(stage: Stage, passed: Mapping[Stage, PassThrough]) -> float:
    seen = passed[stage]
    return (PRIOR_WEIGHT * STEPS[stage].prior + seen.went_on) / (PRIOR_WEIGHT + seen.went_on + seen.stopped)


def _slip(
    course: ForecastInput,
    promised_at: datetime | None,
    promised_by: Literal["target_date", "agreement"] | None,
    forecast_at: datetime | None,
    begins: datetime,
) -> Slip | None:
    if promised_at is None or forecast_at is None:
        return None
    made_at = course.agreed_at if promised_by == "agreement" and course.agreed_at else course.opened_at
    lost = time_lost(course.waits, course.holds, course.calendar, made_at, min(begins, forecast_at))
    between = course.calendar.working_minutes_between
    days = course.days(between(promised_at, forecast_at) - between(forecast_at, promised_at))
    parts = {cause: course.days(lost[cause]) for cause in CAUSES}
    return Slip(days=days, **parts, market=round(days - sum(parts.values()), 1))
