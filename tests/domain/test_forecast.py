"""When a requisition will be done: the rule by hand where it can be worked out, and what must hold whatever the
facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evidence.rubric import Agreement
from domain.reporting.delay_attribution import Wait
from domain.reporting.forecast import FARTHEST, STEPS, ForecastInput, LiveCandidate, Slip, forecast
from domain.reporting.funnel import StageMove
from domain.time.calendars import WEEKDAYS, Calendar, Week
from testing.people import MONDAY, OFFICE, POLICY

AGREED = Agreement(
    candidates_expected=6, within_days=10, meet_every_days=7, interviewing="two rounds", updates="weekly"
)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def course(**changes: Any) -> ForecastInput:
    """A requisition that was opened and locked on Monday morning and has nobody in it."""
    facts = {"calendar": OFFICE, "policy": POLICY, "opened_at": MONDAY, "openings": 1, "agreement": AGREED}
    return ForecastInput(**facts | {"agreed_at": MONDAY} | changes)


def runner(stage: Any, since: datetime = MONDAY, **more: Any) -> LiveCandidate:
    return LiveCandidate(id=more.pop("id", "C-RUNNER1"), stage=stage, since=since, **more)


def went(*stages: Any, candidate: str = "C-RUNNER1", at: datetime = MONDAY) -> list[StageMove]:
    return [StageMove(candidate=candidate, stage=stage, at=at + n * HOUR) for n, stage in enumerate(stages)]


def working_days_after(start: datetime, days: int) -> datetime:
    return OFFICE.add_working(start, days * timedelta(hours=8))


# By hand


def test_an_offer_that_is_out_is_likely_to_fill_the_opening_when_its_answer_is_due() -> None:
    answer_by = MONDAY + 4 * DAY
    told = forecast(course(runners=(runner("offered", due_at=answer_by),)), MONDAY)
    assert (told.forecast_at, told.counted, told.to_come) == (answer_by, 1, 0)


def test_two_openings_are_not_filled_by_one_offer() -> None:
    waiting = runner("offered", due_at=MONDAY + 4 * DAY)
    one, two = (forecast(course(openings=n, runners=(waiting,)), MONDAY) for n in (1, 2))
    assert one.forecast_at is not None
    assert two.forecast_at is not None
    assert two.forecast_at > one.forecast_at
    assert two.to_come > 0


def test_a_search_with_nobody_in_it_takes_what_was_agreed_on() -> None:
    # A profile every 10 / 6 days, each with a chance of 0.6 · 0.9 · 0.7 · 0.8 · 0.5 · 0.95 · 0.8 = 0.115 of a hire:
    # 1 - (1 - 0.115) ** 6 is the first to reach a half. After 10 days come 2 for the answer, 5 to the screen, 1 and 5
    # to the interview, 5 and 1 in it, 2 and an hour to the decision, 2 to the offer and 2 to its answer.
    told = forecast(course(), MONDAY)
    assert (told.to_come, told.profile_every_days) == (6, 1.7)
    assert told.forecast_at == OFFICE.add_working(MONDAY, (10 + 25) * 8 * HOUR + HOUR)
    assert (told.promised_at, told.promised_by) == (told.forecast_at, "agreement")
    assert told.slip is not None
    assert told.slip.days == 0


def test_every_round_of_the_plan_takes_its_time_and_those_held_no_longer_do() -> None:
    due = MONDAY + HOUR
    hopeful = runner("debriefing", id="C-HOPEFUL1", due_at=due)

    def told(held: int) -> datetime | None:
        met = runner("interviewing", due_at=due, rounds_held=held)
        return forecast(course(rounds=3, runners=(met, hopeful)), MONDAY).forecast_at

    last_round = OFFICE.add_working(due, (2 + 2 + 2) * 8 * HOUR + HOUR)
    assert told(2) == last_round
    assert told(1) == working_days_after(last_round, 6)
    assert told(0) == working_days_after(last_round, 12)


def test_people_who_stop_at_a_step_make_it_count_for_less() -> None:
    stopped = [move for n in range(10) for move in went("added", "submitted", "rejected", candidate=f"C-STOPPED{n}")]
    told = forecast(course(moves=tuple(stopped)), MONDAY)
    step = next(step for step in told.steps if step.stage == "submitted")
    assert (step.went_on, step.stopped, step.share) == (0, 10, 0.2)
    assert step.share < STEPS["submitted"].prior


def test_the_target_date_is_the_promise_where_there_is_one() -> None:
    told = forecast(course(target_date=date(2026, 3, 13)), MONDAY)
    assert (told.promised_at, told.promised_by) == (datetime(2026, 3, 13, 23, 59, 59, 999999, UTC), "target_date")
    assert told.slip is not None
    assert told.slip.days == told.slip.market == pytest.approx(35.1 - 10)


def test_a_filled_search_is_done_when_the_last_opening_was_filled() -> None:
    hired = (runner("accepted", MONDAY + DAY), runner("accepted", MONDAY + 3 * DAY, id="C-RUNNER2"))
    told = forecast(course(openings=2, runners=hired, ended=True), MONDAY + 9 * DAY)
    assert (told.forecast_at, told.needed, told.no_forecast) == (MONDAY + 3 * DAY, 0, None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"openings": None}, "evergreen"),
        ({"agreed_at": None, "agreement": None}, "not_locked"),
        ({"ended": True}, "ended"),
        ({"openings": 400}, "too_far"),
        ({"agreement": None}, "too_far"),
    ],
)
def test_where_no_date_can_be_told_it_is_said_why(changes: dict[str, Any], why: str) -> None:
    told = forecast(course(**changes), MONDAY)
    assert (told.forecast_at, told.no_forecast, told.slip) == (None, why, None)


def test_a_day_that_lasts_seconds_makes_a_search_that_lasts_minutes() -> None:
    always = Calendar(zone="UTC", week=Week.model_validate({d: ["00:00-24:00"] for d in Week.model_fields}))
    quick = course(calendar=always, policy=POLICY.but(day=timedelta(seconds=6)), target_date=date(2026, 3, 13))
    told = forecast(quick, MONDAY)
    assert told.promised_by == "agreement", "dates of the calendar are too long for it"
    assert told.forecast_at is not None
    assert timedelta(minutes=3) < told.forecast_at - MONDAY < timedelta(minutes=5)


def test_a_week_of_half_days_takes_as_many_days_and_twice_the_time() -> None:
    week = Week.model_validate({day: ["09:00-13:00"] for day in WEEKDAYS[:5]})
    full = course()
    half = full.but(calendar=OFFICE.but(week=week))
    assert (full.day, half.day) == (8 * HOUR, 4 * HOUR)
    promised = [forecast(one, MONDAY).forecast_at for one in (full, half)]
    assert promised[0] is not None
    assert promised[1] is not None
    assert promised[0].date() == promised[1].date()


def test_a_late_answer_is_the_managers_slip_and_the_rest_the_markets() -> None:
    late_from, now = MONDAY + 2 * DAY, MONDAY + 4 * DAY
    clock = Wait(name="profile_answered", about="", late_from=late_from)
    told = forecast(course(waits=(clock,)), now)
    assert told.slip is not None
    assert told.slip.hiring_manager == 2
    assert (told.slip.recruiter, told.slip.others, told.slip.candidates, told.slip.hold) == (0, 0, 0, 0)
    assert told.slip.market == pytest.approx(told.slip.days - 2)


def test_a_hold_lasts_until_it_is_to_be_looked_at_again_and_is_nobodys_fault() -> None:
    going, held = course(), course(holds=((MONDAY, MONDAY + 7 * DAY),))
    free, still = forecast(going, MONDAY), forecast(held, MONDAY)
    assert free.forecast_at is not None
    assert still.forecast_at is not None
    assert still.forecast_at >= working_days_after(free.forecast_at, 5)
    assert still.slip is not None
    assert still.slip.hold == 5


# Whatever the facts

STAGES = st.sampled_from([*STEPS, "held", "reserve", "added", "shortlisted"])
SHIFTS = st.integers(-30 * 24, 30 * 24).map(lambda hours: hours * HOUR)


@st.composite
def runners(draw: st.DrawFn) -> tuple[LiveCandidate, ...]:
    found = draw(st.lists(st.tuples(STAGES, SHIFTS, st.none() | SHIFTS, st.integers(0, 3)), max_size=6))
    return tuple(
        runner(stage, MONDAY + since, id=f"C-RUNNER{n}", due_at=None if due is None else MONDAY + due, rounds_held=held)
        for n, (stage, since, due, held) in enumerate(found)
    )


@st.composite
def waits(draw: st.DrawFn) -> tuple[Wait, ...]:
    names = st.sampled_from(["profile_answered", "summary_sent", "scorecard_in", "offer_approved", "candidate_told"])
    found = draw(st.lists(st.tuples(names, SHIFTS, st.none() | SHIFTS, st.booleans()), max_size=6))
    return tuple(
        Wait(
            name=name,
            about="",
            late_from=MONDAY + late,
            until=None if lasts is None else MONDAY + late + abs(lasts),
            still=("candidate",) if waits else (),
            still_since=MONDAY + late + HOUR if waits else None,
        )
        for name, late, lasts, waits in found
    )


COURSES = st.builds(
    course,
    openings=st.integers(1, 3),
    rounds=st.integers(1, 3),
    target_date=st.none() | st.just(date(2026, 4, 1)),
    runners=runners(),
    waits=waits(),
    holds=st.lists(st.tuples(SHIFTS, SHIFTS).map(lambda s: (MONDAY + min(s), MONDAY + max(s))), max_size=2).map(tuple),
)
WAITS = st.integers(0, 60 * 24).map(lambda hours: hours * HOUR)


def date_of(course: ForecastInput, now: datetime) -> datetime:
    """The forecast; later than any where there is none within its reach."""
    told = forecast(course, now)
    return told.forecast_at or OFFICE.add_working(now, 2 * FARTHEST * course.day)


@given(COURSES, WAITS)
def test_the_parts_of_a_slip_sum_to_it(course: ForecastInput, after: timedelta) -> None:
    slip = forecast(course, MONDAY + after).slip
    if slip is not None:
        assert sum(getattr(slip, part) for part in Slip.model_fields if part != "days") == pytest.approx(slip.days)
        assert min(slip.recruiter, slip.hiring_manager, slip.others, slip.candidates, slip.hold) >= 0


@given(COURSES, WAITS, WAITS)
def test_time_in_which_nothing_happens_never_makes_it_earlier(
    course: ForecastInput, after: timedelta, more: timedelta
) -> None:
    assert date_of(course, MONDAY + after) <= date_of(course, MONDAY + after + more)


@given(COURSES, WAITS, st.data())
def test_more_lateness_never_makes_it_earlier(course: ForecastInput, later: timedelta, data: st.DataObject) -> None:
    if course.runners:
        chosen = data.draw(st.sampled_from(course.runners))
        slower = tuple(
            one.but(since=one.since + later, due_at=one.due_at and one.due_at + later) if one is chosen else one
            for one in course.runners
        )
        assert date_of(course, MONDAY) <= date_of(course.but(runners=slower), MONDAY)


@given(COURSES, st.data())
def test_losing_somebody_never_makes_it_earlier(course: ForecastInput, data: st.DataObject) -> None:
    if course.runners:
        gone = data.draw(st.sampled_from(course.runners))
        left = course.but(runners=tuple(one for one in course.runners if one is not gone))
        assert date_of(course, MONDAY) <= date_of(left, MONDAY)


@given(COURSES)
def test_the_order_in_which_facts_come_changes_nothing(course: ForecastInput) -> None:
    turned = course.but(runners=course.runners[::-1], waits=course.waits[::-1], moves=course.moves[::-1])
    assert forecast(course, MONDAY) == forecast(turned, MONDAY)


@given(COURSES, WAITS)
def test_nothing_is_forecast_for_the_past(course: ForecastInput, after: timedelta) -> None:
    now = MONDAY + after
    assert date_of(course, now) >= max([now, *(end for _, end in course.holds)])
