"""Business time: each definition by example, and all of them against an oracle that counts minutes."""

import copy
import pickle
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.time.calendars import (
    OFFICE_WEEK,
    ROUND_THE_CLOCK,
    WEEKDAYS,
    Calendar,
    HalfDay,
    Leave,
    OtherWeek,
    Shift,
    Week,
    within_daytime,
)
from domain.time.durations import (
    Duration,
    ElapsedElseWorkingHours,
    ElapsedTime,
    EndOfWorkingDay,
    WorkingDays,
    WorkingTime,
)
from domain.time.working_spans import NoWorkingTime
from tests.domain.calendar_oracle import Oracle

MINUTE = timedelta(minutes=1)
BERLIN = Calendar(zone="Europe/Berlin", week=OFFICE_WEEK)
NIGHTS = Calendar(zone="Europe/Berlin", week=Week.model_validate({day: ["22:00-06:00"] for day in WEEKDAYS[:5]}))
LUNCH = Calendar(
    zone="Europe/Berlin", week=Week.model_validate({day: ["09:00-12:00", "13:00-17:00"] for day in WEEKDAYS[:5]})
)
PART_TIME = Calendar(
    zone="Europe/Berlin", week=Week.model_validate({"tuesday": ["08:00-12:00"], "thursday": ["10:00-11:00"]})
)
DEMO = Calendar(zone="UTC", week=ROUND_THE_CLOCK)
ALTERNATING = BERLIN.but(
    other_week={"week": {"monday": ["09:00-17:00"], "tuesday": ["09:00-13:00"]}, "starting": date(2026, 3, 11)}
)
CHRISTMAS_EVE = BERLIN.but(half_days=(HalfDay(day=date(2026, 12, 24), until=time(12)),))


def duration(said: Any) -> Duration:
    value: Duration = TypeAdapter(Duration).validate_python(said)
    return value


def at(calendar: Calendar, local: str) -> datetime:
    """An instant from local text such as '2026-03-02 10:00' (that was a Monday)."""
    wall = datetime.fromisoformat(local)
    return calendar.instant(wall.date(), wall.time())


def off(calendar: Calendar, *days: str) -> Calendar:
    return calendar.but(holidays=frozenset(date.fromisoformat(day) for day in days))


def away(calendar: Calendar, start: str, until: str) -> Calendar:
    return calendar.but(leave=(Leave.model_validate({"start": start, "until": until}),))


@pytest.mark.parametrize(
    ("calendar", "start", "said", "due"),
    [
        # n days: the same local time on the n-th next working day
        (BERLIN, "2026-03-02 10:00", "3 days", "2026-03-05 10:00"),
        (BERLIN, "2026-03-05 16:00", "2 days", "2026-03-09 16:00"),  # over a weekend
        (BERLIN, "2026-03-07 14:00", "1 day", "2026-03-09 14:00"),  # started on a Saturday
        (BERLIN, "2026-03-02 07:00", "1 day", "2026-03-03 09:00"),  # before hours: the day's start
        (BERLIN, "2026-03-02 20:00", "1 day", "2026-03-03 17:00"),  # after hours: the day's end
        (BERLIN, "2026-03-02 17:00", "1 day", "2026-03-03 17:00"),  # a deadline may fall on the end
        (off(BERLIN, "2026-03-03"), "2026-03-02 10:00", "1 day", "2026-03-04 10:00"),
        (away(BERLIN, "2026-03-03", "2026-03-06"), "2026-03-02 10:00", "1 day", "2026-03-09 10:00"),
        (away(BERLIN, "2026-03-03T08:00:00Z", "2026-03-03T12:00:00Z"), "2026-03-02 10:00", "1 day", "2026-03-03 13:00"),
        (LUNCH, "2026-03-07 12:30", "1 day", "2026-03-09 13:00"),  # never in a break
        (LUNCH, "2026-03-07 12:00", "1 day", "2026-03-09 12:00"),
        (PART_TIME, "2026-03-03 09:00", "1 day", "2026-03-05 10:00"),
        (PART_TIME, "2026-03-03 09:00", "2 days", "2026-03-10 09:00"),
        (NIGHTS, "2026-03-03 02:00", "1 day", "2026-03-04 02:00"),  # Monday's night: due in Tuesday's
        (NIGHTS, "2026-03-07 02:00", "1 day", "2026-03-10 02:00"),  # Friday's night: due in Monday's
        (off(NIGHTS, "2026-03-03"), "2026-03-03 02:00", "1 day", "2026-03-05 02:00"),
        # hours and minutes are working time
        (BERLIN, "2026-03-02 16:30", "1 hour", "2026-03-03 09:30"),
        (BERLIN, "2026-03-02 16:00", "1 hour", "2026-03-02 17:00"),  # not the next morning
        (BERLIN, "2026-03-07 12:00", "1 hour 30 minutes", "2026-03-09 10:30"),
        (LUNCH, "2026-03-02 11:30", "1 hour", "2026-03-02 13:30"),
        (PART_TIME, "2026-03-03 11:00", "3 hours", "2026-03-10 09:00"),
        (NIGHTS, "2026-03-07 05:00", "2 hours", "2026-03-09 23:00"),
        # elapsed is elapsed
        (BERLIN, "2026-03-06 16:00", "48 hours elapsed", "2026-03-08 16:00"),
        (BERLIN, "2026-03-06 16:00", "30 days elapsed", "2026-04-05 17:00"),  # by summer time
        # the end of that working day, and at least two working hours
        (BERLIN, "2026-03-02 10:00", "end of day, at least 2 hours", "2026-03-02 17:00"),
        (BERLIN, "2026-03-02 16:00", "end of day, at least 2 hours", "2026-03-03 10:00"),
        (BERLIN, "2026-03-02 18:30", "end of day, at least 2 hours", "2026-03-03 11:00"),
        (BERLIN, "2026-03-07 12:00", "end of day, at least 2 hours", "2026-03-09 17:00"),
        (NIGHTS, "2026-03-03 02:00", "end of day, at least 2 hours", "2026-03-03 06:00"),
        (NIGHTS, "2026-03-03 12:00", "end of day", "2026-03-04 06:00"),
        # 24 hours elapsed, or two working hours into the next working day
        (BERLIN, "2026-03-02 15:00", "24 hours elapsed, else 2 working hours", "2026-03-03 15:00"),
        (BERLIN, "2026-03-06 15:00", "24 hours elapsed, else 2 working hours", "2026-03-09 11:00"),
        (BERLIN, "2026-03-02 19:00", "24 hours elapsed, else 2 working hours", "2026-03-04 11:00"),
        (BERLIN, "2026-03-02 07:00", "24 hours elapsed, else 2 working hours", "2026-03-03 11:00"),
        (LUNCH, "2026-03-02 12:30", "24 hours elapsed, else 2 working hours", "2026-03-04 11:00"),
        (PART_TIME, "2026-03-03 13:00", "24 hours elapsed, else 2 working hours", "2026-03-10 09:00"),
        (off(BERLIN, "2026-03-03"), "2026-03-02 15:00", "24 hours elapsed, else 2 working hours", "2026-03-04 11:00"),
        # a short week every other week, that of 9 March among them, before it as well as after
        (ALTERNATING, "2026-03-06 16:00", "2 days", "2026-03-10 13:00"),
        (ALTERNATING, "2026-03-10 10:00", "1 day", "2026-03-16 10:00"),
        (ALTERNATING, "2026-02-24 10:00", "1 day", "2026-03-02 10:00"),
        (ALTERNATING, "2026-03-10 12:00", "2 hours", "2026-03-16 10:00"),
        # a day that ends early is a working day
        (CHRISTMAS_EVE, "2026-12-23 15:00", "1 day", "2026-12-24 12:00"),
        (CHRISTMAS_EVE, "2026-12-24 11:00", "2 hours", "2026-12-25 10:00"),
        (CHRISTMAS_EVE, "2026-12-24 09:00", "end of day, at least 2 hours", "2026-12-24 12:00"),
    ],
)
def test_due_by_example(calendar: Calendar, start: str, said: str, due: str) -> None:
    found = calendar.due(at(calendar, start), duration(said))
    assert f"{calendar.local(found):%Y-%m-%d %H:%M}" == due


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("2 days", 12),
        ("12 hours", 3),
        ("24 hours elapsed", 6),
        ("24 hours elapsed, else 2 working hours", 6),
        ("end of day, at least 2 hours", 6),
    ],
)
def test_a_policy_may_have_a_day_last_seconds(said: str, seconds: float) -> None:
    start = datetime(2026, 3, 7, 23, 59, 58, tzinfo=UTC)
    assert DEMO.due(start, duration(said), timedelta(seconds=6)) == start + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("zone", "shift", "day", "starts", "ends"),
    [
        # clocks go forward: an hour of the night is never worked, and a start inside the gap is its end
        ("Europe/Berlin", "22:00-06:00", "2026-03-28", "2026-03-28T21:00", "2026-03-29T04:00"),
        ("Europe/Berlin", "02:30-06:00", "2026-03-29", "2026-03-29T01:00", "2026-03-29T04:00"),
        # clocks go back: an hour is worked twice, and a time that comes twice is its first coming
        ("Europe/Berlin", "22:00-06:00", "2026-10-24", "2026-10-24T20:00", "2026-10-25T05:00"),
        ("Europe/Berlin", "02:30-06:00", "2026-10-25", "2026-10-25T00:30", "2026-10-25T05:00"),
        # a day without a midnight, half an hour, and a date that never was
        ("America/Santiago", "00:00-24:00", "2026-09-06", "2026-09-06T04:00", "2026-09-07T03:00"),
        ("Australia/Lord_Howe", "00:00-24:00", "2026-10-04", "2026-10-03T13:30", "2026-10-04T13:00"),
        (
            "America/St_Johns",
            "00:00-06:00",
            "2010-11-07",
            "2010-11-07T02:30",
            "2010-11-07T09:30",
        ),  # into the day before
        ("Pacific/Apia", "00:00-24:00", "2011-12-29", "2011-12-29T10:00", "2011-12-30T10:00"),
    ],
)
def test_a_shift_across_a_change_of_clocks(zone: str, shift: str, day: str, starts: str, ends: str) -> None:
    calendar = Calendar(zone=zone, week=Week.model_validate({WEEKDAYS[date.fromisoformat(day).weekday()]: [shift]}))
    begins, until = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (starts, ends))
    assert calendar.add_working(begins - timedelta(hours=9), MINUTE) == begins + MINUTE
    assert calendar.working_minutes_between(begins - timedelta(hours=9), until + timedelta(hours=9)) == until - begins
    assert calendar.working_minutes_between(begins, begins + 9 * MINUTE) == 9 * MINUTE
    moments = (begins - MINUTE, begins, begins + MINUTE, until - MINUTE, until)
    assert [calendar.is_working(moment) for moment in moments] == [False, True, True, True, False]


def test_a_date_that_never_was_is_no_working_day() -> None:
    samoa = Calendar(zone="Pacific/Apia", week=ROUND_THE_CLOCK)
    assert not samoa.is_working_day(date(2011, 12, 30))
    assert samoa.due(at(samoa, "2011-12-29 15:00"), duration("1 day")) == at(samoa, "2011-12-31 15:00")


def test_a_due_time_inside_a_gap_is_the_end_of_the_gap() -> None:
    always = Calendar(zone="Europe/Berlin", week=ROUND_THE_CLOCK)
    assert always.due(at(always, "2026-03-28 02:30"), duration("1 day")) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_night_belongs_to_the_day_it_began() -> None:
    night = at(NIGHTS, "2026-03-07 03:00")
    assert NIGHTS.working_day(night) == date(2026, 3, 6)
    assert NIGHTS.is_working(night)
    assert not off(NIGHTS, "2026-03-06").is_working(night)
    assert off(NIGHTS, "2026-03-07").is_working(night)
    assert not away(NIGHTS, "2026-03-06", "2026-03-06").is_working(night)
    assert NIGHTS.next_working_day(date(2026, 3, 6)) == date(2026, 3, 9)


def test_working_time_is_exact_to_the_microsecond() -> None:
    start = at(BERLIN, "2026-03-02 16:59:59.999999")
    assert BERLIN.working_minutes_between(start, at(BERLIN, "2026-03-03 09:00:00.000001")) == timedelta(microseconds=2)
    assert BERLIN.add_working(start, timedelta(microseconds=2)) == at(BERLIN, "2026-03-03 09:00:00.000001")
    assert BERLIN.working_minutes_between(at(BERLIN, "2026-03-03 12:00"), start) == timedelta()


@pytest.mark.parametrize(
    ("said", "paused", "resumed", "due"),
    [
        ("3 days", "2026-03-03 10:00", "2026-03-04 10:00", "2026-03-06 10:00"),
        ("3 days", "2026-03-03 10:00", "2026-03-07 12:00", "2026-03-10 17:00"),  # two working days left
        ("3 days", "2026-03-06 10:00", "2026-03-09 10:00", "2026-03-05 10:00"),  # was due before
        ("3 days", "2026-03-05 10:00", "2026-03-09 10:00", "2026-03-05 10:00"),  # or at that moment
        ("4 hours", "2026-03-02 11:00", "2026-03-02 16:00", "2026-03-03 11:00"),
        ("48 hours elapsed", "2026-03-03 10:00", "2026-03-03 12:00", "2026-03-04 12:00"),
        ("24 hours elapsed, else 2 working hours", "2026-03-02 11:00", "2026-03-02 13:00", "2026-03-03 12:00"),
        ("24 hours elapsed, else 2 working hours", "2026-03-02 11:00", "2026-03-02 21:00", "2026-03-04 11:00"),
    ],
)
def test_a_pause_keeps_what_was_left(said: str, paused: str, resumed: str, due: str) -> None:
    start, waits = at(BERLIN, "2026-03-02 10:00"), (at(BERLIN, paused), at(BERLIN, resumed))
    assert BERLIN.add_with_pauses(start, duration(said), [waits]) == at(BERLIN, due)
    assert BERLIN.after_pause(BERLIN.due(start, duration(said)), duration(said), *waits) == at(BERLIN, due)


def test_pauses_that_overlap_or_lie_before_the_start_count_once() -> None:
    start = at(BERLIN, "2026-03-02 10:00")
    pauses = [
        (at(BERLIN, "2026-03-03 11:00"), at(BERLIN, "2026-03-03 13:00")),
        (at(BERLIN, "2026-03-03 10:00"), at(BERLIN, "2026-03-03 12:00")),
        (at(BERLIN, "2026-03-01 10:00"), at(BERLIN, "2026-03-02 11:00")),
        (at(BERLIN, "2026-02-01 10:00"), at(BERLIN, "2026-02-02 10:00")),
    ]
    assert BERLIN.add_with_pauses(start, duration("2 days"), pauses) == at(BERLIN, "2026-03-04 14:00")


def test_a_deadline_on_the_start_of_a_shift_stays_on_one() -> None:
    due = at(BERLIN, "2026-03-03 09:00")
    weekend = at(BERLIN, "2026-03-07 10:00"), at(BERLIN, "2026-03-07 12:00")
    for paused, resumed in (
        (at(BERLIN, "2026-03-02 10:00"), at(BERLIN, "2026-03-02 10:00")),
        (at(BERLIN, "2026-03-02 20:00"), at(BERLIN, "2026-03-02 23:00")),
    ):
        assert BERLIN.after_pause(due, duration("1 day"), paused, resumed) == due
    assert BERLIN.after_pause(at(BERLIN, "2026-03-09 09:00"), duration("1 day"), *weekend) == at(
        BERLIN, "2026-03-09 09:00"
    )


def test_three_quarters_of_the_way() -> None:
    start, due = at(BERLIN, "2026-03-05 13:00"), at(BERLIN, "2026-03-09 13:00")  # sixteen working hours
    assert BERLIN.fraction_point(start, due, 0.75) == at(BERLIN, "2026-03-09 09:00") - timedelta(hours=64)
    assert BERLIN.fraction_point(start, due, 0.8125) == at(BERLIN, "2026-03-09 10:00")
    assert BERLIN.fraction_point(start, due, 0.75, elapsed=True) == at(BERLIN, "2026-03-08 13:00")
    assert BERLIN.fraction_point(due, start, 0.75) == start  # due already
    saturday = at(BERLIN, "2026-03-07 12:00")
    assert BERLIN.fraction_point(saturday, saturday + 8 * MINUTE, 0.5) == saturday + 4 * MINUTE
    with pytest.raises(ValueError, match="between 0 and 1"):
        BERLIN.fraction_point(start, due, 75)


def test_the_wall_clock() -> None:
    late = at(BERLIN, "2026-03-02 22:30")
    assert (BERLIN.local(late).hour, late.tzinfo) == (22, UTC)
    assert BERLIN.quiet(late, time(19), time(8))
    assert not BERLIN.quiet(late, time(8), time(19))
    assert not BERLIN.quiet(at(BERLIN, "2026-03-02 08:00"), time(19), time(8))
    assert within_daytime(datetime(2026, 3, 2, 13, tzinfo=UTC), "America/New_York")
    assert not within_daytime(datetime(2026, 3, 2, 12, 59, tzinfo=UTC), "America/New_York")
    assert within_daytime(datetime(2026, 3, 3, 0, 0, tzinfo=UTC), "America/New_York")
    assert not within_daytime(datetime(2026, 3, 3, 0, 1, tzinfo=UTC), "America/New_York")
    with pytest.raises(ValueError, match="no time zone called “Mars/Base”"):
        within_daytime(late, "Mars/Base")


@pytest.mark.parametrize(
    ("calendar", "words", "usual_day"),
    [
        (BERLIN, "Mon to Fri 09:00 to 17:00, Berlin", timedelta(hours=8)),
        (LUNCH, "Mon to Fri 09:00 to 12:00 and 13:00 to 17:00, Berlin", timedelta(hours=7)),
        (PART_TIME, "Tue 08:00 to 12:00, Thu 10:00 to 11:00, Berlin", timedelta(hours=2.5)),
        (NIGHTS.but(zone="America/New_York"), "Mon to Fri 22:00 to 06:00, New York", timedelta(hours=8)),
        (DEMO, "Mon to Sun all day, UTC", timedelta(days=1)),
    ],
)
def test_a_week_in_words(calendar: Calendar, words: str, usual_day: timedelta) -> None:
    assert (calendar.in_words, calendar.usual_day) == (words, usual_day)


def test_leave_over_a_day_is_told_from_an_afternoon_off() -> None:
    week = away(BERLIN, "2026-03-02", "2026-03-03")
    assert week.long_leave(at(BERLIN, "2026-03-02 00:00"))
    assert week.long_leave(at(BERLIN, "2026-03-03 23:59"))
    assert not week.long_leave(at(BERLIN, "2026-03-04 00:00"))
    assert week.leave_span(week.leave[0]) == (at(BERLIN, "2026-03-02 00:00"), at(BERLIN, "2026-03-04 00:00"))
    assert not away(BERLIN, "2026-03-02", "2026-03-02").long_leave(at(BERLIN, "2026-03-02 12:00"))
    hours = away(BERLIN, "2026-03-02T12:00:00Z", "2026-03-02T16:00:00Z")
    assert not hours.long_leave(at(BERLIN, "2026-03-02 14:00"))
    assert hours.add_working(at(BERLIN, "2026-03-02 12:00"), timedelta(hours=2)) == at(BERLIN, "2026-03-03 10:00")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"zone": "Europe/Berln"}, "no time zone called “Europe/Berln”"),
        ({"zone": "../zones"}, "no time zone called"),
        ({"week": {}}, "at least one shift"),
        ({"week": {"monday": ["09:00-12:00", "11:00-17:00"]}}, "Monday 09:00-12:00 and Monday 11:00-17:00 overlap"),
        (
            {"week": {"sunday": ["22:00-06:00"], "monday": ["05:00-09:00"]}},
            "Sunday 22:00-06:00 and Monday 05:00-09:00 overlap",
        ),
        ({"week": {"monday": ["nine to five"]}}, "written '09:00-17:00'"),
        ({"week": {"monday": ["09:00Z-17:00Z"]}}, "leave the zone out"),
        ({"week": {"someday": ["09:00-17:00"]}}, "someday"),
        ({"leave": [{"start": "2026-03-03", "until": "2026-03-02"}]}, "must end after it starts"),
        ({"leave": [{"start": "2026-03-03", "until": "2026-03-04T09:00:00Z"}]}, "from a time until a time"),
        ({"leave": [{"start": "2026-03-03T09:00:00", "until": "2026-03-04T09:00:00"}]}, "leave.0.start"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(data: dict[str, Any], sentence: str) -> None:
    whole = {"zone": "Europe/Berlin", "week": {"monday": ["09:00-17:00"]}, **data}
    with pytest.raises(ValidationError) as refused:
        Calendar.model_validate(whole)
    assert sentence in str(refused.value)


def test_what_makes_no_sense_is_refused() -> None:
    start = at(BERLIN, "2026-03-02 10:00")
    with pytest.raises(ValueError, match="does not say which time zone"):
        BERLIN.due(datetime(2026, 3, 2, 10), duration("1 day"))
    with pytest.raises(ValueError, match="not taken away"):
        BERLIN.add_working(start, -MINUTE)
    with pytest.raises(ValueError, match="must not end before it starts"):
        BERLIN.after_pause(start + MINUTE, duration("1 day"), start, start - MINUTE)
    with pytest.raises(NoWorkingTime, match="no working time in the ten years"):
        away(BERLIN, "2026-01-01", "2099-01-01").due(start, duration("1 day"))


def test_a_calendar_is_data() -> None:
    days = [date(2026, 1, 1) + timedelta(days=37 * n) for n in range(40)]
    calendar = Calendar(
        zone="Asia/Kathmandu",
        week=Week(monday=(Shift(start=time(22), end=time(6)),), friday=(Shift.model_validate("00:00-24:00"),)),
        holidays=frozenset(days),
        leave=(
            Leave(start=date(2026, 3, 2), until=date(2026, 3, 2)),
            Leave(start=datetime(2026, 4, 1, tzinfo=UTC), until=datetime(2026, 4, 2, tzinfo=UTC)),
        ),
    )
    assert [str(calendar.week.monday[0]), str(calendar.week.friday[0])] == ["22:00-06:00", "00:00-24:00"]
    assert calendar.model_dump(mode="json")["holidays"] == [day.isoformat() for day in days]
    calendar.is_working(datetime(2026, 3, 2, tzinfo=UTC))
    for same in (
        Calendar.model_validate_json(calendar.model_dump_json()),
        copy.deepcopy(calendar),
        pickle.loads(pickle.dumps(calendar)),
    ):
        assert same == calendar
        assert hash(same) == hash(calendar)


def test_a_changed_calendar_forgets_what_it_knew() -> None:
    monday = at(BERLIN, "2026-03-02 10:00")
    assert BERLIN.is_working(monday)
    assert not off(BERLIN, "2026-03-02").is_working(monday)
    with pytest.raises(ValidationError, match="no time zone"):
        BERLIN.but(zone="Nowhere")


# Against the oracle

CHANGES_OF_CLOCKS = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Santiago", date(2026, 4, 5)),  # midnight comes twice
    ("America/Santiago", date(2026, 9, 6)),  # midnight never comes
    ("Atlantic/Azores", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/St_Johns", date(2010, 11, 7)),  # back over midnight, into the day before
    ("Asia/Kathmandu", date(2026, 3, 4)),
]


@st.composite
def rotas(draw: st.DrawFn) -> list[list[tuple[int, int]]]:
    """Any week: shifts between minutes drawn from all of it, the last perhaps over Sunday's midnight."""
    cuts = sorted(draw(st.sets(st.integers(0, 7 * 1440 - 1), min_size=2, max_size=14)))
    cuts = cuts[: len(cuts) // 2 * 2]
    if draw(st.booleans()):
        cuts = [*cuts[1:], cuts[0] + 7 * 1440]
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for start, end in zip(cuts[::2], cuts[1::2], strict=True):
        begins = start % 1440
        week[start // 1440].append((begins, begins + min(end - start, 1440)))
    return week


USUAL_WEEKS: st.SearchStrategy[list[list[tuple[int, int]]]] = st.sampled_from(
    [
        [[(540, 1020)]] * 5 + [[], []],
        [[(540, 720), (780, 1020)]] * 5 + [[], []],
        [[], [(480, 720)], [], [(600, 660)], [], [], []],
        [[(1320, 1800)]] * 7,
        [[(0, 1440)]] * 7,
        [[], [], [], [], [(1350, 1500)], [(60, 150)], [(0, 150), (150, 400)]],
    ]
)
WEEKS = st.one_of(USUAL_WEEKS, rotas())


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Oracle, Calendar, datetime]:
    """The same calendar twice, and an instant near a change of its clocks."""
    zone, change = draw(st.sampled_from(CHANGES_OF_CLOCKS))
    week = draw(WEEKS)
    near = datetime.combine(change, time(), UTC)
    holidays = {change + timedelta(days=n) for n in draw(st.sets(st.integers(-3, 6), max_size=3))}
    leave, dates = [], set()
    if draw(st.booleans()):
        first, days = draw(st.integers(-3, 6)), draw(st.integers(0, 3))
        leave.append(Leave(start=change + timedelta(days=first), until=change + timedelta(days=first + days)))
        dates = {change + timedelta(days=first + n) for n in range(days + 1)}
    gone = near + draw(st.integers(-3 * 1440, 3 * 1440)) * MINUTE
    back = gone + draw(st.integers(1, 2 * 1440)) * MINUTE
    spans = [(gone, back)] if draw(st.booleans()) else []
    leave += [Leave(start=start, until=until) for start, until in spans]
    half_days = {
        change + timedelta(days=n): draw(st.integers(0, 1439)) for n in draw(st.sets(st.integers(-3, 6), max_size=2))
    }
    other = None
    if draw(st.booleans()):
        other = draw(WEEKS), change + timedelta(days=draw(st.integers(-21, 21)))
        assume(adjoin(week, other[0]) and adjoin(other[0], week))
    calendar = Calendar(
        zone=zone,
        week=week_of(week),
        other_week=other and OtherWeek(week=week_of(other[0]), starting=other[1]),
        holidays=frozenset(holidays),
        half_days=tuple(HalfDay(day=day, until=on_the_wall(minute)) for day, minute in half_days.items()),
        leave=tuple(leave),
    )
    start = near + draw(st.integers(-2 * 1440, 2 * 1440)) * MINUTE
    return Oracle(zone, week, holidays | dates, spans, other, half_days), calendar, start


def adjoin(week: list[list[tuple[int, int]]], following: list[list[tuple[int, int]]]) -> bool:
    """Whether no shift of `week` runs into one of the week after it."""
    ends = max(day * 1440 + end for day, shifts in enumerate(week) for _, end in shifts)
    return ends - 7 * 1440 <= min(day * 1440 + start for day, shifts in enumerate(following) for start, _ in shifts)


def week_of(shifts: list[list[tuple[int, int]]]) -> Week:
    clock = [[Shift(start=on_the_wall(a), end=on_the_wall(b)) for a, b in day] for day in shifts]
    return Week.model_validate(dict(zip(WEEKDAYS, clock, strict=True)))


def on_the_wall(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


@given(worlds(), st.integers(-200, 4 * 1440), st.integers(0, 1200))
def test_counting_agrees_with_the_oracle(world: tuple[Oracle, Calendar, datetime], later: int, minutes: int) -> None:
    oracle, calendar, start = world
    end = start + later * MINUTE
    assert calendar.working_minutes_between(start, end) == oracle.between(start, end) * MINUTE
    assert calendar.is_working(start) == (oracle.worked(start) is not None)
    assert calendar.working_day(start) == oracle.day_of(start)
    minutes = min(minutes, 2 * sum(ends - begins for shifts in oracle.week for begins, ends in shifts))
    assert calendar.add_working(start, minutes * MINUTE) == oracle.add(start, minutes)


@given(worlds(), st.integers(1, 3), st.integers(0, 120))
def test_deadlines_agree_with_the_oracle(world: tuple[Oracle, Calendar, datetime], days: int, minutes: int) -> None:
    oracle, calendar, start = world
    hours = minutes / 60
    assert calendar.due(start, WorkingDays(days=days)) == oracle.same_time(start, days)
    assert calendar.due(start, EndOfWorkingDay(end_of_day=True, at_least_hours=hours)) == max(
        oracle.end_of_day(start), oracle.add(start, minutes)
    )
    scorecard = ElapsedElseWorkingHours(hours=24, elapsed=True, else_working_hours=hours)
    assert calendar.due(start, scorecard) == oracle.else_next_day(start + 1440 * MINUTE, minutes)
    assert calendar.due(start, ElapsedTime(hours=24, elapsed=True)) == start + 1440 * MINUTE


@given(worlds(), st.integers(1, 2), st.lists(st.integers(0, 2 * 1440), min_size=4, max_size=4), st.integers(0, 4))
def test_pauses_and_warnings_agree_with_the_oracle(
    world: tuple[Oracle, Calendar, datetime], days: int, moments: list[int], quarters: int
) -> None:
    oracle, calendar, start = world
    due = oracle.same_time(start, days)
    worked = oracle.between(start, due)
    point = calendar.fraction_point(start, due, quarters / 4)
    if worked:
        assert oracle.between(start, point.replace(second=0)) == worked * quarters // 4
    one, two, three, four = (start + moment * MINUTE for moment in sorted(moments))
    moved = due
    for paused, resumed in ((one, two), (three, four)):
        if moved > paused:
            left, on_a_start = oracle.between(paused, moved), oracle.worked(moved) and not oracle.worked(moved - MINUTE)
            moved = oracle.add(resumed, left)
            while on_a_start and not oracle.worked(moved):
                moved += MINUTE
    assert calendar.add_with_pauses(start, WorkingDays(days=days), [(three, four), (one, two)]) == moved


@given(worlds(), st.integers(1, 600))
def test_time_passes_one_way(world: tuple[Oracle, Calendar, datetime], minutes: int) -> None:
    _, calendar, start = world
    asked = WorkingTime(minutes=minutes)
    due = calendar.due(start, asked)
    assert due <= calendar.due(start + MINUTE, asked) <= calendar.due(start + MINUTE, WorkingTime(minutes=minutes + 1))
    assert calendar.working_minutes_between(start, due) == minutes * MINUTE
    assert calendar.after_pause(due, asked, start, start) == due
