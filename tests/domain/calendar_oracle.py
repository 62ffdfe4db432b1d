"""Business time counted minute by minute, from plain data: slow, and simple enough to be believed.

Imports nothing from the code it judges. All instants are UTC and whole minutes; zones are the host's own.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass
class Oracle:
    """One person's working minutes.

    `week` has the shifts of each weekday, Monday first, as minutes from midnight (a night ends after 1440);
    `days_off` are dates on which no shift begins; in `away` nobody works.
    """

    zone: str
    week: list[list[tuple[int, int]]]
    days_off: set[date] = field(default_factory=set)
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    known: dict[datetime, date | None] = field(default_factory=dict)
    known_days: dict[date, list[datetime]] = field(default_factory=dict)

    def wall(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))

    def worked(self, minute: datetime) -> date | None:
        """The day whose shift this minute is part of, if it is worked at all."""
        if minute not in self.known:
            self.known[minute] = self._worked(minute)
        return self.known[minute]

    def _worked(self, minute: datetime) -> date | None:
        if any(gone <= minute < back for gone, back in self.away):
            return None
        before = minute
        while self.wall(before).fold:  # an hour that is repeated is like the minute before the clock went back
            before -= MINUTE
        wall = self.wall(before).replace(tzinfo=None)
        for day in (wall.date(), wall.date() - DAY):
            since_midnight = (wall - datetime.combine(day, time())) // MINUTE
            shifts = self.week[day.weekday()]
            if day not in self.days_off and any(start <= since_midnight < end for start, end in shifts):
                return day
        return None

    def between(self, start: datetime, end: datetime) -> int:
        count = 0
        while start < end:
            count += self.worked(start) is not None
            start += MINUTE
        return count

    def add(self, start: datetime, minutes: int) -> datetime:
        while minutes:
            minutes -= self.worked(start) is not None
            start += MINUTE
        return start

    def day_of(self, at: datetime) -> date:
        return self.worked(at) or self.wall(at).date()

    def minutes_of(self, day: date) -> list[datetime]:
        if day not in self.known_days:
            first = datetime.combine(day, time(), UTC) - 15 * 60 * MINUTE
            around = [first + n * MINUTE for n in range(79 * 60)]
            self.known_days[day] = [minute for minute in around if self.worked(minute) == day]
        return self.known_days[day]

    def next_day(self, day: date) -> date:
        day += DAY
        while not self.minutes_of(day):
            day += DAY
        return day

    def same_time(self, start: datetime, days: int) -> datetime:
        """The same local time on the n-th next working day, moved into that day's working time."""
        first = last = self.day_of(start)
        for _ in range(days):
            last = self.next_day(last)
        target = self.wall(start).replace(tzinfo=None, fold=0) + (last - first)
        at = target.replace(tzinfo=UTC) - 15 * 60 * MINUTE
        while self.wall(at).replace(tzinfo=None, fold=0) < target:
            at += MINUTE
        minutes = self.minutes_of(last)
        if at in minutes or at - MINUTE in minutes:
            return at
        return next((minute for minute in minutes if minute > at), minutes[-1] + MINUTE)

    def end_of_day(self, start: datetime) -> datetime:
        day = self.day_of(start)
        minutes = self.minutes_of(day) or self.minutes_of(self.next_day(day))
        return minutes[-1] + MINUTE

    def else_next_day(self, at: datetime, minutes: int) -> datetime:
        """`at` if it is worked, else so many working minutes into the first day that begins after it."""
        if self.worked(at):
            return at
        day = self.wall(at).date() - 2 * DAY
        while True:
            day = self.next_day(day)
            start = self.minutes_of(day)[0]
            if start >= at:
                return self.add(start, minutes)
