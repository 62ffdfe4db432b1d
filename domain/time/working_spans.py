"""Working time laid out in UTC, day by day, once zone, holidays and leave have spoken; and counting along it."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from domain.time.zones import instant_of, zone_named

Span = tuple[datetime, datetime]
"""From the first instant until before the second, in UTC."""

Shifts = tuple[tuple[tuple[timedelta, timedelta], ...], ...]
"""Of each weekday, Monday first: from when until when on the wall clock, counted from midnight."""

_HORIZON_DAYS = 3_660
_REMEMBERED_DAYS = 512


class NoWorkingTime(ValueError):
    """Raised where a calendar has no working time for ten years on end."""


class Pattern(NamedTuple):
    """What working time is laid out from.

    `week` has the start and end of each shift per weekday, Monday first, in order, on the wall clock from midnight on;
    `other_week` the same for every other week, and the ordinal of a Monday with which such a week begins. On
    `holidays`, and from the first to the last day of each of `days_off`, no shift begins. On `half_days` nobody works
    past that time, from midnight on. What lies in a span of `away` does not count.
    """

    zone: str
    week: Shifts
    other_week: tuple[Shifts, int] | None
    holidays: frozenset[date]
    half_days: tuple[tuple[date, timedelta], ...]
    days_off: tuple[tuple[date, date], ...]
    away: tuple[Span, ...]


class WorkingSpans:
    """The working time of a `Pattern`. Days are ordinals of local dates; a shift is part of the day it begins on."""

    def __init__(self, pattern: Pattern) -> None:
        self.zone = zone_named(pattern.zone)
        self._pattern = pattern
        self._known: dict[int, tuple[Span, ...]] = {}

    def __reduce__(self) -> Any:
        # Copies and pickles of a calendar need none of what can be laid out again.
        return working_spans, (self._pattern,)

    def on(self, day: int) -> tuple[Span, ...]:
        """The working time that begins on a day, in order; none if it is no working day."""
        spans = self._known.get(day)
        if spans is None:
            if len(self._known) >= _REMEMBERED_DAYS:
                self._known.clear()
            spans = self._known[day] = self._laid_out(day)
        return spans

    def next_day(self, day: int) -> int:
        """The first working day after `day`. Raises `NoWorkingTime`."""
        for later in range(day + 1, day + _HORIZON_DAYS):
            if self.on(later):
                return later
        raise NoWorkingTime(f"This calendar has no working time in the ten years after {date.fromordinal(day)}.")

    def local_day(self, at: datetime) -> int:
        """The local date at `at`."""
        return at.astimezone(self.zone).toordinal()

    def day_at(self, at: datetime) -> int | None:
        """The day whose working time `at` lies in, if it lies in any."""
        today = self.local_day(at)
        # A night began yesterday; and where clocks go back over midnight, tomorrow has begun before.
        for day in (today, today - 1, today + 1):
            for start, end in self.on(day):
                if start <= at < end:
                    return day
        return None

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; none if `end` comes first."""
        worked = timedelta()
        if start < end:
            for day in range(self.local_day(start) - 1, self.local_day(end) + 2):
                for begins, ends in self.on(day):
                    if begins < end and ends > start:
                        worked += min(ends, end) - max(begins, start)
        return worked

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The first instant at which `amount` has been worked since `start`. Raises `NoWorkingTime`."""
        if not amount:
            return start
        day = self.local_day(start) - 1
        while True:
            for begins, ends in self.on(day):
                if ends > start:
                    begins = max(begins, start)
                    if amount <= ends - begins:
                        return begins + amount
                    amount -= ends - begins
            day = self.next_day(day)

    def next_instant(self, at: datetime) -> datetime:
        """`at` if it is working time, else when working time next begins. Raises `NoWorkingTime`."""
        day = self.local_day(at) - 1
        while True:
            for begins, ends in self.on(day):
                if ends > at:
                    return max(begins, at)
            day = self.next_day(day)

    def next_day_to_begin(self, at: datetime) -> datetime:
        """When the next working day begins, `at` the earliest. Raises `NoWorkingTime`."""
        day = self.local_day(at) - 1
        while not (spans := self.on(day)) or spans[0][0] < at:
            day = self.next_day(day)
        return spans[0][0]

    def _week_of(self, day: int) -> Shifts:
        if self._pattern.other_week is not None:
            week, monday = self._pattern.other_week
            if (day - monday) // 7 % 2 == 0:
                return week
        return self._pattern.week

    def _laid_out(self, day: int) -> tuple[Span, ...]:
        today = date.fromordinal(day)
        if today in self._pattern.holidays or any(first <= today <= last for first, last in self._pattern.days_off):
            return ()
        midnight = datetime.combine(today, time())
        shifts = self._week_of(day)[today.weekday()]
        for half, until in self._pattern.half_days:
            if half == today:
                shifts = tuple((start, min(end, until)) for start, end in shifts if start < until)
        spans = [
            (instant_of(midnight + start, self.zone), instant_of(midnight + end, self.zone)) for start, end in shifts
        ]
        for gone, back in self._pattern.away:
            spans = [part for start, end in spans for part in ((start, min(end, gone)), (max(start, back), end))]
            spans = [(start, end) for start, end in spans if start < end]
        return tuple((start, end) for start, end in spans if start < end)


@lru_cache(maxsize=1_024)
def working_spans(pattern: Pattern) -> WorkingSpans:
    """The layout of `pattern`, shared by all who ask for the same."""
    return WorkingSpans(pattern)
