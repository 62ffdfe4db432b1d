"""Free time: held against a count of minutes, and by example where clocks change."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.time.calendars import OFFICE_WEEK, WEEKDAYS, Calendar, Leave, Week
from domain.time.free_time import daytime, in_common, joined, starts, suiting, without, working
from domain.time.working_spans import Span

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
BERLIN = Calendar(zone="Europe/Berlin", week=OFFICE_WEEK)
DENVER = Calendar(zone="America/Denver", week=OFFICE_WEEK)

MINUTES = st.integers(0, 120)
SPANS = st.lists(st.tuples(MINUTES, MINUTES).map(lambda two: (at(min(two)), at(max(two)))), max_size=6)


def at(minute: int) -> datetime:
    return MONDAY + minute * MINUTE


def minutes(spans: tuple[Span, ...] | list[Span]) -> set[int]:
    """The minutes that lie in some of the spans: what each operation has to come down to."""
    return {n for n in range(121) if any(start <= at(n) < end for start, end in spans)}


def tidy(spans: tuple[Span, ...]) -> bool:
    return all(start < end for start, end in spans) and all(
        before[1] < after[0] for before, after in itertools.pairwise(spans)
    )


@given(SPANS, SPANS)
def test_spans_are_joined_taken_away_and_shared_minute_by_minute(one: list[Span], other: list[Span]) -> None:
    assert minutes(joined(one)) == minutes(one)
    assert minutes(without(one, other)) == minutes(one) - minutes(other)
    assert minutes(in_common((one, other))) == minutes(one) & minutes(other)
    assert all(map(tidy, (joined(one), without(one, other), in_common((one, other)))))


@given(st.lists(SPANS, max_size=4), SPANS, SPANS, MINUTES, st.integers(1, 60))
def test_what_suits_everybody_is_free_for_each_and_the_first_there_is(
    people: list[list[Span]], busy: list[Span], hours: list[Span], earliest: int, length: int
) -> None:
    free = suiting(people, busy, hours, at(earliest))
    fits = set.intersection(*map(minutes, people), minutes(hours)) - minutes(busy) - set(range(earliest))
    assert minutes(free) == fits

    found = starts(free, length * MINUTE, "UTC", most=3, step=5 * MINUTE)
    whole = [n for n in range(0, 121, 5) if set(range(n, n + length)) <= fits]
    assert [(start - MONDAY) // MINUTE for start in found[:1]] == whole[:1]
    assert len(found) <= 3
    assert all(later >= before + length * MINUTE for before, later in itertools.pairwise(found))
    assert {(start - MONDAY) // MINUTE for start in found} <= set(whole)


@given(st.integers(0, 400), st.integers(1, 96))
def test_working_time_is_what_the_calendar_counts(day: int, hours: int) -> None:
    start = MONDAY + timedelta(days=day, hours=day % 24)
    for calendar in (BERLIN, DENVER, Calendar(zone="Europe/Berlin", week=NIGHTS)):
        spans = working(calendar, start, start + hours * HOUR)
        counted = calendar.working_minutes_between(start, start + hours * HOUR)
        assert sum((b - a for a, b in spans), timedelta()) == counted
        assert tidy(spans)


NIGHTS = Week.model_validate({day: ["22:00-06:00"] for day in WEEKDAYS[:5]})


def test_a_candidates_day_follows_their_clocks_over_the_change() -> None:
    # Clocks in Berlin go forward on 29 March 2026: eight o'clock is at seven UTC on Saturday, at six on Sunday.
    spans = daytime("Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    assert [start.hour for start, _ in spans] == [7, 6]
    assert [end - start for start, end in spans] == [11 * HOUR, 11 * HOUR]


def test_berlin_and_denver_share_an_hour_a_day_and_leave_takes_one() -> None:
    away = BERLIN.but(leave=(Leave(start=date(2026, 3, 3), until=date(2026, 3, 3)),))
    until = MONDAY + timedelta(days=4)
    free = suiting([working(away, MONDAY, until), working(DENVER, MONDAY, until)], [], None, MONDAY)
    assert free == ()
    early = DENVER.but(week=Week.model_validate({day: ["07:00-15:00"] for day in WEEKDAYS[:5]}))
    free = suiting([working(away, MONDAY, until), working(early, MONDAY, until)], [], None, MONDAY)
    assert [(start.day, start.hour, end.hour) for start, end in free] == [(2, 14, 16), (4, 14, 16), (5, 14, 16)]
    # Half past on the reader's clock, also where the zone is off by a quarter.
    assert starts(free, HOUR, "Asia/Kathmandu", most=1) == (datetime(2026, 3, 2, 14, 15, tzinfo=UTC),)
