"""Business time: when people work, and when something that started at some time falls due.

A calendar is data in an entity's state: week, holidays, leave and the name of a zone. The one outside fact is that
zone's offsets, read from the locked `tzdata` wheel and never from the host's own files. A newer wheel could move a
deadline worked out again; but a run is replayed only by the build that began it, whose image holds the same wheel, and
a deadline once given is recorded in its event.

Instants are aware `datetime`s; those given back are in UTC. A shift's end is no longer working time, yet a deadline may
fall on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby, pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, WithJsonSchema, field_serializer, field_validator, model_validator

from domain.core.messages import OneCopy, Value
from domain.core.plain_words import Plain
from domain.time.durations import (
    DAY,
    Duration,
    ElapsedElseWorkingHours,
    ElapsedTime,
    EndOfWorkingDay,
    WorkingDays,
    WorkingTime,
    scaled,
)
from domain.time.working_spans import Pattern, Span, WorkingSpans, working_spans
from domain.time.zones import Instant, Zone, city_of, in_utc, instant_of, zone_named

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


LocalTime = Annotated[
    time, WithJsonSchema({"type": "string", "pattern": r"^[0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?$"})
]
"""A time on somebody's wall clock. JSON Schema's own `time` asks for an offset, and a shift has none."""


class Shift(Value):
    """Working time on one day, in local time; also read from text such as '09:00-17:00'.

    An end at or before the start is on the next day: '22:00-06:00' is a night and '00:00-24:00' a whole day. All of a
    shift belongs to the day on which it begins.
    """

    start: LocalTime
    end: LocalTime

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        start, dash, end = value.replace("–", "-").partition("-")  # noqa: RUF001
        if not dash:
            raise ValueError(f"A shift is written '09:00-17:00', not '{value}'.")
        return {"start": start.strip(), "end": end.strip()}

    @field_validator("end", mode="before")
    @classmethod
    def _midnight_may_end_a_day(cls, value: Any) -> Any:
        return time() if value in ("24:00", "24:00:00") else value

    @field_validator("start", "end")
    @classmethod
    def _on_the_wall_clock(cls, value: time) -> time:
        if value.tzinfo is not None:
            raise ValueError("A shift is in its calendar's local time; leave the zone out.")
        return value.replace(fold=0)

    @property
    def bounds(self) -> tuple[timedelta, timedelta]:
        """Start and end on the wall clock, from the midnight before it begins."""
        start, end = (datetime.combine(date.min, at) - datetime.min for at in (self.start, self.end))
        return start, end if end > start else end + DAY

    @property
    def in_words(self) -> str:
        """From when until when, for people: `09:00 to 17:00`."""
        return "all day" if self.start == self.end else f"{self.start:%H:%M} to {self.end:%H:%M}"

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{'24:00' if self.end == time() else format(self.end, '%H:%M')}"


class Week(Value):
    """The shifts of each weekday. Refused when there is none at all or two of them overlap."""

    monday: tuple[Shift, ...] = ()
    tuesday: tuple[Shift, ...] = ()
    wednesday: tuple[Shift, ...] = ()
    thursday: tuple[Shift, ...] = ()
    friday: tuple[Shift, ...] = ()
    saturday: tuple[Shift, ...] = ()
    sunday: tuple[Shift, ...] = ()

    def shifts(self, weekday: int) -> list[Shift]:
        """One weekday's shifts in order; Monday is 0."""
        shifts: tuple[Shift, ...] = getattr(self, WEEKDAYS[weekday])
        return sorted(shifts, key=lambda shift: shift.start)

    @property
    def bounds(self) -> tuple[tuple[tuple[timedelta, timedelta], ...], ...]:
        """Start and end of each shift on each weekday, Monday first, as `Shift.bounds` has them."""
        return tuple(tuple(shift.bounds for shift in self.shifts(weekday)) for weekday in range(7))

    @property
    def in_words(self) -> str:
        """The shifts for people, neighbouring days that are alike together: `Mon to Fri 09:00 to 17:00`."""
        days = [" and ".join(shift.in_words for shift in self.shifts(weekday)) for weekday in range(7)]
        spans = []
        for hours, same in groupby(range(7), key=days.__getitem__):
            first, *_, last = [WEEKDAYS[day][:3].title() for day in same] * 2
            spans.append(f"{first if first == last else f'{first} to {last}'} {hours}" if hours else "")
        return ", ".join(filter(None, spans))

    @model_validator(mode="after")
    def _can_be_worked(self) -> Self:
        worked = [
            (weekday * DAY + shift.bounds[0], weekday * DAY + shift.bounds[1], f"{WEEKDAYS[weekday].title()} {shift}")
            for weekday in range(7)
            for shift in self.shifts(weekday)
        ]
        if not worked:
            raise ValueError("A week needs at least one shift.")
        start, _, name = worked[0]
        for (_, ends, earlier), (starts, _, later) in pairwise([*worked, (start + 7 * DAY, start, name)]):
            if starts < ends:
                raise ValueError(f"{earlier} and {later} overlap.")
        return self


class Leave(Value):
    """Time off: from a date until a date on the owner's calendar, the last included, or from an instant until another.

    By dates it takes away the shifts that begin on them, as a holiday does; by instants whatever lies between.
    """

    start: Annotated[Instant | date, Field(union_mode="left_to_right")] = Field(title="From")
    until: Annotated[Instant | date, Field(union_mode="left_to_right")] = Field(title="Until")

    @property
    def instants(self) -> tuple[datetime, datetime] | None:
        """Start and end, when given as instants."""
        start, until = self.start, self.until
        return (start, until) if isinstance(start, datetime) and isinstance(until, datetime) else None

    @property
    def over_a_day(self) -> bool:
        """Whether it is longer than 24 hours, or one date."""
        return self.until - self.start > (DAY if self.instants else timedelta())

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if isinstance(self.start, datetime) != isinstance(self.until, datetime):
            raise ValueError("Leave runs from a date until a date, or from a time until a time.")
        if self.until < self.start or (self.instants and self.until == self.start):
            raise ValueError("Leave must end after it starts.")
        return self


class OtherWeek(Value):
    """A week that is worked every other time: in the week (Monday to Sunday) of `starting`, and each second one.

    Before `starting` they alternate as well.
    """

    week: Week = Field(title="Working hours")
    starting: date = Field(title="A day in one of these weeks")


class HalfDay(Value):
    """A date on which work ends early, as on Christmas Eve; a shift that would begin later is off."""

    day: date = Field(title="Day")
    until: LocalTime = Field(title="Work ends at")

    @property
    def ends(self) -> timedelta:
        """When, from midnight on."""
        return datetime.combine(date.min, self.until) - datetime.min


class HolidaysKept(Value):
    """Whose public holidays a calendar has, and the last day up to which they are written into it.

    `country` and `subdivision` are codes of ISO 3166.
    """

    country: Annotated[str, Plain("a country or state by its code")]
    subdivision: Annotated[str, Plain("a country or state by its code")] | None = None
    until: date

    @property
    def renewed_on(self) -> date:
        """From which day on the next year's are asked for: thirteen months before there would be none."""
        return date(self.until.year - 1, 12, 1)


OFFICE_WEEK = Week.model_validate({day: ["09:00-17:00"] for day in WEEKDAYS[:5]})
"""Monday to Friday, nine to five."""

ROUND_THE_CLOCK = Week.model_validate({day: ["00:00-24:00"] for day in WEEKDAYS})
"""Every hour of every day, for a policy whose days last seconds."""


def _monday_of(day: date) -> int:
    return day.toordinal() - day.weekday()


class Calendar(Value):
    """When one user works: the shifts of a week (or of two that alternate) in their zone, less holidays and leave."""

    zone: Zone = Field(title="Time zone")
    week: Week = Field(title="Working hours")
    other_week: OtherWeek | None = Field(default=None, title="Every other week")
    holidays: frozenset[date] = Field(default=frozenset(), description="Days on which nothing is due from you.")
    half_days: tuple[HalfDay, ...] = Field(default=(), title="Days that end early")
    holidays_kept: HolidaysKept | None = Field(default=None, title="Public holidays")
    leave: tuple[Leave, ...] = ()

    @field_serializer("holidays", when_used="json")
    def _holidays_in_order(self, holidays: frozenset[date]) -> list[date]:
        # A set has no order of its own, and the journal recognises an event by the hash of its text.
        return sorted(holidays)

    @model_validator(mode="after")
    def _weeks_alternate(self) -> Self:
        if self.other_week is not None:
            one, other = self.week.bounds, self.other_week.week.bounds
            for earlier, later in ((one, other), (other, one)):
                ends = max(day * DAY + end for day, shifts in enumerate(earlier) for _, end in shifts)
                if ends - 7 * DAY > min(day * DAY + start for day, shifts in enumerate(later) for start, _ in shifts):
                    raise ValueError("The last shift of one week runs into the first of the other.")
        return self

    def but(self, **changes: Any) -> Self:
        """A calendar with `changes`, checked like any other; nothing laid out for the old one is kept."""
        data = {name: getattr(self, name) for name in type(self).model_fields} | (self.__pydantic_extra__ or {})
        return type(self).model_validate(data | changes)

    @cached_property
    def _spans(self) -> WorkingSpans:
        other = self.other_week
        return working_spans(
            Pattern(
                zone=self.zone,
                week=self.week.bounds,
                other_week=(other.week.bounds, _monday_of(other.starting)) if other else None,
                holidays=self.holidays,
                half_days=tuple(
                    (half.day, datetime.combine(date.min, half.until) - datetime.min) for half in self.half_days
                ),
                days_off=tuple((leave.start, leave.until) for leave in self.leave if not leave.instants),
                away=tuple(leave.instants for leave in self.leave if leave.instants),
            )
        )

    @cached_property
    def usual_day(self) -> timedelta:
        """How much is worked on a working day, in the mean of a week."""
        weeks = (self.week, *([self.other_week.week] if self.other_week else []))
        days = [[end - start for start, end in shifts] for week in weeks for shifts in week.bounds]
        return sum((sum(day, timedelta()) for day in days), timedelta()) / sum(map(bool, days))

    @cached_property
    def in_words(self) -> str:
        """The week, and whose wall clock it goes by, for people: `Mon to Fri 09:00 to 17:00, New York`."""
        hours = self.week.in_words
        if self.other_week:
            hours += f"; every other week {self.other_week.week.in_words}"
        return f"{hours}, {city_of(self.zone)}"

    # When do they work?

    def is_working(self, at: datetime) -> bool:
        """Whether `at` is working time."""
        return self._spans.day_at(in_utc(at)) is not None

    def working_day(self, at: datetime) -> date:
        """The day `at` belongs to: that of the shift it lies in, else its local date. A night belongs to its eve."""
        return date.fromordinal(self._day_of(in_utc(at)))

    def is_working_day(self, day: date) -> bool:
        """Whether any working time begins on this local date."""
        return bool(self._spans.on(day.toordinal()))

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`. Raises `NoWorkingTime`."""
        return date.fromordinal(self._spans.next_day(day.toordinal()))

    def next_working_time(self, at: datetime) -> datetime:
        """`at` if it is working time, else when working time next begins. Raises `NoWorkingTime`."""
        return self._spans.next_instant(in_utc(at))

    def working_minutes_between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`, to the microsecond; none if `end` comes first."""
        return self._spans.between(in_utc(start), in_utc(end))

    def working_time(self, start: datetime, end: datetime) -> tuple[Span, ...]:
        """The working time of every day that `start`, `end` or what lies between them belongs to; in order, in UTC."""
        spans = self._spans
        days = range(spans.local_day(in_utc(start)) - 1, spans.local_day(in_utc(end)) + 2)
        return tuple(span for day in days for span in spans.on(day))

    def add_working(self, start: datetime, amount: timedelta) -> datetime:
        """The first instant at which `amount` of working time has passed since `start`.

        That is `start` for no time at all, and the end of a shift rather than the start of the next.
        Raises `ValueError` for a negative amount, and `NoWorkingTime`.
        """
        if amount < timedelta():
            raise ValueError("Working time can be added, not taken away.")
        return self._spans.add(in_utc(start), amount)

    # When is it due?

    def due(self, start: datetime, duration: Duration, day_length: timedelta | None = None) -> datetime:
        """When something that started at `start` is due. Raises `NoWorkingTime`.

        - n days: the same local time on the n-th working day after the day `start` belongs to, moved into that day's
          working time: to its start if earlier, out of a break to the break's end, to the day's end if later.
        - hours and minutes: so much working time; elapsed ones: so much time.
        - end of day: the end of the working day `start` belongs to (if that is none, of the next), or when
          `at_least_hours` of working time have passed, if that is later.
        - elapsed time that ends outside working time: so many working hours into the next working day to begin.

        `day_length` is how long a policy has 24 hours last. With it everything shrinks in proportion, a day is so much
        working time, and the end of a day is a day away.
        """
        start = in_utc(start)
        match duration:
            case WorkingDays():
                if day_length is not None:
                    return self.add_working(start, duration.days * day_length)
                return self._same_time(start, duration.days)
            case WorkingTime():
                return self.add_working(start, scaled(duration.amount, day_length))
            case ElapsedElseWorkingHours():
                return self._else_next_day(start + scaled(duration.amount, day_length), duration, day_length)
            case ElapsedTime():
                return start + scaled(duration.amount, day_length)
            case EndOfWorkingDay():
                end = self._end_of_day(start) if day_length is None else self.add_working(start, day_length)
                return max(end, self.add_working(start, scaled(duration.at_least, day_length)))

    def add_with_pauses(
        self,
        start: datetime,
        duration: Duration,
        pauses: Iterable[tuple[datetime, datetime]],
        day_length: timedelta | None = None,
    ) -> datetime:
        """When it is due if its clock stood still from the first to the second instant of each of `pauses`.

        Pauses may overlap; what lies before `start`, or begins when it was due already, changes nothing.
        """
        due, since = self.due(start, duration, day_length), in_utc(start)
        for paused, resumed in sorted(pauses):
            if resumed > since:
                due = self.after_pause(due, duration, max(paused, since), resumed, day_length)
                since = in_utc(resumed)
        return due

    def after_pause(
        self,
        due: datetime,
        duration: Duration,
        paused: datetime,
        resumed: datetime,
        day_length: timedelta | None = None,
    ) -> datetime:
        """Where `due`, or a warning on the way to it, moves when its clock stood still from `paused` to `resumed`.

        What was left on pausing is left on resuming: working time, or time where `duration` runs round the clock (which
        may then end outside working time, see `due`). What was due by `paused` stays.
        Raises `ValueError` for a pause that ends before it starts, and `NoWorkingTime`.
        """
        due, paused, resumed = in_utc(due), in_utc(paused), in_utc(resumed)
        if resumed < paused:
            raise ValueError("A pause must not end before it starts.")
        if due <= paused:
            return due
        if isinstance(duration, ElapsedElseWorkingHours):
            return self._else_next_day(due + (resumed - paused), duration, day_length)
        if duration.round_the_clock:
            return due + (resumed - paused)
        return self._as_much_later(self, due, paused, resumed)

    def carried_over(self, earlier: Calendar, due: datetime, since: datetime) -> datetime:
        """Where `due` on the calendar `earlier` lies on this one, when this one counts from `since` on.

        As much working time is left. What was due by `since` stays. Raises `NoWorkingTime`.
        """
        due, since = in_utc(due), in_utc(since)
        return due if due <= since or earlier == self else self._as_much_later(earlier, due, since, since)

    def _as_much_later(self, earlier: Calendar, due: datetime, before: datetime, after: datetime) -> datetime:
        counted = earlier._spans
        left = counted.between(before, due)
        moved = self._spans.add(after, left)
        # The end of one shift and the start of the next are the same count: what was due on a start stays on one.
        on_a_start = counted.add(before, left) < due and earlier.is_working(due)
        return self._spans.next_instant(moved) if on_a_start else moved

    def fraction_point(
        self,
        start: datetime,
        due: datetime,
        fraction: float,
        *,
        elapsed: bool = False,
        pauses: Iterable[tuple[datetime, datetime]] = (),
    ) -> datetime:
        """When `fraction` (0 to 1) of the working time from `start` to `due` has passed; of all time if `elapsed`.

        All time counts as well where none of it is working time. What lies in `pauses`, which may overlap, does not.
        What is due by `start` is due at any fraction.
        """
        if not 0 <= fraction <= 1:
            raise ValueError(f"A fraction lies between 0 and 1; {fraction} does not.")
        start, due = in_utc(start), in_utc(due)
        if due <= start:
            return due
        still = list(_apart(pauses, start, due))
        if not elapsed and (worked := self._spans.between(start, due)):
            worked -= sum((self._spans.between(*pause) for pause in still), timedelta())
            point = self._spans.add(start, worked * fraction)
            for paused, resumed in still:
                if paused < point:
                    point = self._spans.add(resumed, self._spans.between(paused, point))
            return point
        point = start + (due - start - sum((end - begin for begin, end in still), timedelta())) * fraction
        for paused, resumed in still:
            if paused < point:
                point += resumed - paused
        return point

    # What does their wall clock say?

    def local(self, at: datetime) -> datetime:
        """`at` on their wall clock."""
        return in_utc(at).astimezone(self._spans.zone)

    def instant(self, day: date, at: time) -> datetime:
        """When their wall clock shows `at` on `day`: the first time if twice, the end of the gap if it never does."""
        return instant_of(datetime.combine(day, at), self._spans.zone)

    def quiet(self, at: datetime, start: time, until: time) -> bool:
        """Whether `at` lies in the local hours from `start` to before `until`; over midnight if `until` is earlier."""
        clock = self.local(at).time()
        return start <= clock < until if start <= until else clock >= start or clock < until

    def leave_span(self, leave: Leave) -> tuple[datetime, datetime]:
        """From when until when somebody is gone; for dates from local midnight to the midnight after the last."""
        if leave.instants:
            return leave.instants
        return self.instant(leave.start, time()), self.instant(leave.until + DAY, time())

    @cached_property
    def _long_leave(self) -> tuple[tuple[datetime, datetime], ...]:
        return tuple(sorted(self.leave_span(leave) for leave in self.leave if leave.over_a_day))

    def long_leave(self, at: datetime) -> bool:
        """Whether they are on leave over a day at `at`: open clocks then pass to the delegate, else to the lead."""
        return any(start <= at < until for start, until in self._long_leave)

    def next_long_leave(self, after: datetime) -> datetime | None:
        """When leave over a day next begins after `after` (UTC), if any is known."""
        return next((start for start, _ in self._long_leave if start > after), None)

    def _day_of(self, at: datetime) -> int:
        day = self._spans.day_at(at)
        return self._spans.local_day(at) if day is None else day

    def _same_time(self, start: datetime, days: int) -> datetime:
        first = last = self._day_of(start)
        for _ in range(days):
            last = self._spans.next_day(last)
        wall = start.astimezone(self._spans.zone).replace(tzinfo=None)
        due = instant_of(wall + timedelta(days=last - first), self._spans.zone)
        for begins, ends in self._spans.on(last):
            if due <= ends:
                return max(begins, due)
        return ends

    def _end_of_day(self, start: datetime) -> datetime:
        day = self._day_of(start)
        spans = self._spans.on(day) or self._spans.on(self._spans.next_day(day))
        return spans[-1][1]

    def _else_next_day(
        self, due: datetime, duration: ElapsedElseWorkingHours, day_length: timedelta | None
    ) -> datetime:
        if self._spans.day_at(due) is not None:
            return due
        return self._spans.add(self._spans.next_day_to_begin(due), scaled(duration.otherwise, day_length))


def _apart(
    pauses: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """`pauses` in order, as far as they lie between `start` and `end`, those that overlap as one."""
    reached = start
    for paused, resumed in sorted((in_utc(paused), in_utc(resumed)) for paused, resumed in pauses):
        paused, resumed = max(paused, reached), min(resumed, end)
        if paused < resumed:
            yield paused, resumed
            reached = resumed


KnownCalendar = Annotated[Calendar, AfterValidator(OneCopy[Calendar](lambda calendar: calendar))]
"""A calendar of which equal ones are one object in memory."""


def within_daytime(at: datetime, zone: str, opens: time = time(8), closes: time = time(19)) -> bool:
    """Whether `at` is a sociable hour in `zone`: from `opens` to `closes`, both included, so ask for start and end.

    Raises `ValueError` for an unknown zone.
    """
    return opens <= in_utc(at).astimezone(zone_named(zone)).time() <= closes
