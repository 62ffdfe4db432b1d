"""When the next message goes out, and with which lines: hard ceilings first, then what is polite.

A digest goes once its first line has waited long enough, the last digest is far enough away, and the week has room.
What cannot ride yet waits for the next one. A breach interrupts where no digest may go, once a day, and takes along
what waits on the same search. Nothing goes out of working time, nor in quiet hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.access.roles import ToldAs
from domain.access.team import QuietHours
from domain.notifications.catalogue import notification_row
from domain.notifications.notification import MessageKind, Notification, update_of
from domain.person.state import LONG_AGO, PendingNotification, Person, SentMessage
from domain.sla.notification_policy import WEEK, Share
from domain.time.calendars import Calendar

NEVER = datetime.max.replace(tzinfo=UTC)

PACES = {"daily": 1 / 7, "twice_a_week": 1 / 2, "weekly": 1.0}
"""The share of seven days between two updates, by cadence."""

LAST_QUARTER = 0.75
"""How much of a promise's time may pass before whoever owes it and has not heard of it is interrupted."""

_TRIES = 14  # shifts looked at for an hour that is not quiet, before one outside of working time is taken


class NextMessage(NamedTuple):
    """A message that will go out at `at` (UTC) if nothing else happens."""

    at: datetime
    kind: MessageKind
    notifications: tuple[Notification, ...]


def next_message(person: Person) -> NextMessage | None:
    """The next message, or None while nothing may go out. A digest goes before an interruption at the same time."""
    if person.calendar is None:
        return None
    plan = _Plan(person)
    ways = (plan.letter(), plan.digest(), plan.interruption())
    return min((way for way in ways if way is not None), key=lambda way: way.at, default=None)


def week_of(person: Person) -> timedelta:
    """How long seven days last, by the person's policy."""
    return WEEK if person.day is None else 7 * person.day


def speaking_time(calendar: Calendar, at: datetime, quiet: QuietHours | None) -> datetime:
    """The first time from `at` on at which they work and are not quiet; where there is none, when quiet ends."""
    for _ in range(_TRIES):
        works = calendar.next_working_time(at)
        if quiet is None or not calendar.quiet(works, quiet.start, quiet.end):
            return works
        at = _after_quiet(calendar, works, quiet)
    return at


def _after_quiet(calendar: Calendar, at: datetime, quiet: QuietHours) -> datetime:
    day = calendar.local(at).date()
    ends = calendar.instant(day, quiet.end)
    return ends if ends > at else calendar.instant(day + timedelta(days=1), quiet.end)


class _Plan:
    """What may go out when, as one person's inbox stands; what many lines share is worked out once."""

    def __init__(self, person: Person) -> None:
        self.person, self.calendar, self.ways = person, person.works, person.ways
        self.week = week_of(person)
        self.letters = [one for one in person.waiting if notification_row(one.line.matter).apart]
        self.others = [one for one in person.waiting if not notification_row(one.line.matter).apart]
        pace = self.week * PACES[person.preferences.cadence]
        self.others += [
            PendingNotification(line=update_of(requisition, last), since=last + pace)
            for requisition, last in person.managed.items()
        ]
        self._sent_at = {key: sent.at for sent in person.sent for key in sent.keys}
        self._rooms: dict[tuple[ToldAs, str | None, bool, bool], datetime] = {}
        self._digests: dict[ToldAs, datetime] = {}

    def letter(self) -> NextMessage | None:
        """The oldest letter of its own, as soon as the week has room."""
        if not self.letters:
            return None
        first = self.letters[0]
        at = self._speak(max(first.since, self._room(first.line, interrupts=False)))
        return NextMessage(at, "letter", (first.line,)) if at < NEVER else None

    def digest(self) -> NextMessage | None:
        """Everything that may ride when the first line's time has come."""
        rides = [(one, self._rides(one)) for one in self.others]
        at = self._speak(min((max(self._gathered(one), free) for one, free in rides), default=NEVER))
        if at == NEVER:
            return None
        return NextMessage(at, "digest", self._with_company([one.line for one, free in rides if free <= at], at))

    def interruption(self) -> NextMessage | None:
        """The breaches whose time has come, and what else waits on the same searches.

        So does a promise that would be broken before its owner had heard of it. Whoever is interrupted hears of every
        other one of these that may still be said this week: tomorrow they will not be interrupted again for it.
        """
        pressing = [one for one in self.others if one.line.urgent or self._not_yet_notified(one.line)]
        free = [(one, self._interrupts(one)) for one in pressing]
        at = self._speak(min((max(self._waited(one), since) for one, since in free), default=NEVER))
        if at == NEVER:
            return None
        return NextMessage(at, "interruption", self._with_company([one.line for one, since in free if since <= at], at))

    def _with_company(self, going: list[Notification], at: datetime) -> tuple[Notification, ...]:
        """`going`, and what may ride along because the message counts for its role and requisition already."""
        places = {(notification.told_as, notification.each) for notification in going}
        ids = {notification.id for notification in going}
        for one in self.others:
            notification = one.line
            if (notification.told_as, notification.each) in places and max(one.since, self._again(notification)) <= at:
                ids.add(notification.id)
        return tuple(one.line for one in self.others if one.line.id in ids)

    def _speak(self, at: datetime) -> datetime:
        if at == NEVER:
            return at
        return speaking_time(self.calendar, max(at, self.person.changed_at), self.person.preferences.quiet_hours)

    def _gathered(self, one: PendingNotification) -> datetime:
        patience = self.ways.settle if one.line.urgent else self.ways.gather
        return self.calendar.due(one.since, patience, self.person.day)

    def _rides(self, one: PendingNotification) -> datetime:
        """From when on a digest may carry this line, however short it has waited."""
        notification = one.line
        room = self._room(notification, interrupts=False)
        return max(one.since, self._next_digest(notification.told_as), self._again(notification), room)

    def _next_digest(self, told_as: ToldAs) -> datetime:
        """From when on the last digest in this role is far enough away."""
        if told_as not in self._digests:
            before = [sent.at for sent in self._to(told_as) if sent.kind == "digest"]
            apart = self.ways.ceilings[told_as].apart
            self._digests[told_as] = (
                self.calendar.fraction_point(before[-1], before[-1] + self.week, apart) if before else LONG_AGO
            )
        return self._digests[told_as]

    def _waited(self, one: PendingNotification) -> datetime:
        """When a line has waited long enough to interrupt."""
        notification = one.line
        if notification.urgent or notification.due_at is None:
            return self._gathered(one)
        late = self.calendar.fraction_point(notification.decided_at, notification.due_at, LAST_QUARTER)
        return max(self._gathered(one), late)

    def _interrupts(self, one: PendingNotification) -> datetime:
        """From when on an interruption may carry this line, however short it has waited."""
        before = [sent.at for sent in self.person.sent if sent.kind == "interruption"]
        since = self.calendar.due(before[-1], self.ways.interrupted, self.person.day) if before else LONG_AGO
        return max(since, self._again(one.line), self._room(one.line, interrupts=True))

    def _not_yet_notified(self, notification: Notification) -> bool:
        return notification.kept_for and notification.due_at is not None and notification.key not in self._sent_at

    def _again(self, notification: Notification) -> datetime:
        """From when on the same thing may be said again."""
        sent_at = self._sent_at.get(notification.key)
        return self.calendar.due(sent_at, self.ways.again, self.person.day) if sent_at else LONG_AGO

    def _room(self, notification: Notification, interrupts: bool) -> datetime:
        """From when on the week has room for this line, in its role and for its requisition or interview."""
        place = notification.told_as, notification.each, notification.kept_for, interrupts
        if place not in self._rooms:
            ceiling, messages = self.ways.ceilings[notification.told_as], self._to(notification.told_as)
            room = self._free(ceiling, messages, notification.kept_for, interrupts)
            if ceiling.each is not None and notification.each is not None:
                about_it = [sent for sent in messages if notification.each in sent.each]
                room = max(room, self._free(ceiling.each, about_it, notification.kept_for, interrupts))
            self._rooms[place] = room
        return self._rooms[place]

    def _free(self, share: Share, messages: list[SentMessage], kept_for: bool, interrupts: bool) -> datetime:
        counted = [sent.at for sent in messages if (sent.kind == "interruption") == interrupts]
        most = share.interruptions if interrupts else share.digests - (0 if kept_for else share.kept)
        if most <= 0:
            return NEVER
        return counted[-most] + self.week if len(counted) >= most else LONG_AGO

    def _to(self, told_as: ToldAs) -> list[SentMessage]:
        return [sent for sent in self.person.sent if told_as in sent.told_as]


def ways_of(notifications: Iterable[Notification]) -> Iterator[str]:
    """Which requisitions and interviews these lines count for."""
    yield from dict.fromkeys(one.each for one in notifications if one.each is not None)
