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
    `other`, if there is one, has those of every other week, from that of a date on and before it. `days_off` are dates
    on which no shift begins, `half_days` those on which nobody works past that minute; in `away` nobody works.
    """

    zone: str
    week: list[list[tuple[int, int]]]
    days_off: set[date] = field(default_factory=set)
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    other: tuple[list[list[tuple[int, int]]], date] | None = None
    half_days: dict[date, int] = field(default_factory=dict)
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
            shifts = self.week_of(day)[day.weekday()]
            early = since_midnight < self.half_days.get(day, since_midnight + 1)
            if day not in self.days_off and early and any(start <= since_midnight < end for start, end in shifts):
                return day
        return None

    def week_of(self, day: date) -> list[list[tuple[int, int]]]:
        if self.other is None:
            return self.week
        other, from_that_of = self.other
        first = from_that_of
        while first > day:
            first -= 14 * DAY
        while first.weekday() > 0:
            first -= DAY
        while first + 14 * DAY <= day:
            first += 14 * DAY
        return other if first <= day < first + 7 * DAY else self.week

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


def carried(earlier: Oracle, since: datetime, at: datetime, later: Oracle, onto: datetime) -> datetime:
    """Where `at` lies when as many minutes of `later` follow on `onto` as of `earlier` lay from `since` to `at`.

    What lay on the first minute of a shift stays on one.
    """
    if at <= since:
        return at
    on_a_start = earlier.worked(at) and not earlier.worked(at - MINUTE)
    moved = later.add(onto, earlier.between(since, at))
    while on_a_start and not later.worked(moved):
        moved += MINUTE
    return moved


@dataclass
class Measured:
    """One promise on the default ladder, measured by hand: three quarters, the deadline, one and two days after it.

    `steps` are to come, `reached` came, each with its minute. `extended` says that calendars move the deadline no more.
    """

    oracle: Oracle
    start: datetime
    due: datetime
    steps: list[tuple[str, datetime]] = field(default_factory=list)
    reached: list[tuple[str, datetime]] = field(default_factory=list)
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    causes: set[str] = field(default_factory=set)
    since: datetime | None = None
    extended: bool = False

    def __post_init__(self) -> None:
        self.steps = [("warned", self.three_quarters()), ("breached", self.due)]

    def worked(self, minute: datetime) -> bool:
        still = any(paused <= minute < resumed for paused, resumed in self.pauses)
        return self.oracle.worked(minute) is not None and not still

    def three_quarters(self) -> datetime:
        minutes, at = [], self.start
        while at < self.due:
            if self.worked(at):
                minutes.append(at)
            at += MINUTE
        return minutes[-(-len(minutes) * 3 // 4) - 1] + MINUTE

    def passes(self, now: datetime) -> None:
        """Everything up to `now` is reached, unless it stands still."""
        while not self.causes and self.steps and min(self.steps[0][1], self.steps[-1][1]) <= now:
            if self.steps[0][0] == "warned" and self.steps[0][1] > self.due:
                self.steps.pop(0)  # what was promised for a time comes before another calendar's three quarters
            self.reached.append(self.steps.pop(0))
            if self.reached[-1][0] == "breached":
                self.steps = self.after_the_deadline()

    def after_the_deadline(self) -> list[tuple[str, datetime]]:
        return [("escalated", self.oracle.same_time(self.due, 1)), ("stuck", self.oracle.same_time(self.due, 2))]

    def stands_still(self, cause: str, now: datetime) -> None:
        self.since = self.since if self.causes else now
        self.causes.add(cause)

    def goes_on(self, cause: str, now: datetime) -> None:
        self.causes.discard(cause)
        if not self.causes and self.since is not None:
            self.pauses.append((self.since, now))
            self.moves(self.oracle, self.since, now, though_extended=True)
            self.steps = [(name, max(at, now)) for name, at in self.steps]
            self.due = next((at for name, at in self.steps if name == "breached"), self.due)
            self.since = None

    def counts_by(self, oracle: Oracle, now: datetime) -> None:
        """Another calendar counts from now on: its owner's changed, or somebody else owes it."""
        from_then = self.since if self.causes and self.since else now
        self.moves(oracle, from_then, from_then)
        self.oracle = oracle

    def moves(self, later: Oracle, since: datetime, onto: datetime, though_extended: bool = False) -> None:
        stays = "breached" if self.extended and not though_extended else None
        self.steps = [
            (name, at if name == stays else carried(self.oracle, since, at, later, onto)) for name, at in self.steps
        ]
        self.due = next((at for name, at in self.steps if name == "breached"), self.due)

    def extends(self, until: datetime, now: datetime) -> None:
        self.due, self.extended = until, True
        come = {name for name, _ in self.reached}
        if "breached" in come:
            self.steps = [(name, max(at, now)) for name, at in self.after_the_deadline() if name not in come]
            return
        warned = [] if "warned" in come else [("warned", max(self.three_quarters(), self.since or now))]
        self.steps = [*warned, ("breached", until)]
