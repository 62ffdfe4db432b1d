"""A company in memory whose time is simulated: the real deciders, wired by their effects, and what they bring about."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from domain.access.roles import Role
from domain.access.team import Actor, QuietHours
from domain.core.decider import Decider
from domain.core.ids import mentioned
from domain.core.messages import Command, Effect, Record, Rejection, Tick
from domain.entity.call import Call, Facts
from domain.entity.effects import (
    DeliverMessage,
    Draft,
    EntityMessage,
    Notify,
    SpreadPerson,
    Tell,
    TellAll,
    WriteToCandidate,
)
from domain.entity.entity_facts import PersonFacts
from domain.evidence.documents import Doc
from domain.evidence.draft_events import AttachDraft
from domain.notifications.notification import UPDATE, MessageKind, Notification, notification_of
from domain.person import SetCalendar, SetUpdatePreferences
from domain.person.inbox import Hear, SettleMessage
from domain.person.working_calendar import DELEGABLE, DelegateTo, TakeLeave
from domain.registry import DECIDERS
from domain.sla.clocks import Clock, ClockBreached, ClockOwnerChanged, ClockStarted
from domain.sla.policy import Policy
from domain.time.calendars import OFFICE_WEEK, Calendar, Leave
from testing import hire_stories, requisition_stories
from testing.decider_cases import Library
from testing.people import MONDAY

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SYSTEM, OUTSIDE, TICK = (Actor(id=name, kind="system") for name in ("S-TANDEM", "S-ATS", "tick"))
LIBRARY = Library()
LIBRARY.documents = hire_stories.LIBRARY.documents | requisition_stories.LIBRARY.documents
ZONES = ("Europe/Berlin", "UTC", "America/New_York")


@dataclass(frozen=True)
class Delivered:
    """A message that reached somebody, with the lines that were still owed."""

    person: str
    at: datetime
    kind: MessageKind
    lines: tuple[Notification, ...]


@dataclass
class World:
    """Everybody and every requisition, at `now`; and what came of it.

    `owes` hears of each clock that begins or passes on, by its stream and id.
    """

    seed: int
    policy: Policy
    now: datetime = MONDAY
    states: dict[str, Any] = field(default_factory=dict)
    messages: list[Delivered] = field(default_factory=list)
    letters: list[tuple[str, datetime, str]] = field(default_factory=list)
    started: dict[str, tuple[Clock, Record]] = field(default_factory=dict)
    owned_since: dict[str, datetime] = field(default_factory=dict)
    breached: list[tuple[Clock, datetime]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    owes: Callable[[str, str], None] = lambda stream, clock_id: None

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.calendars: dict[str, Calendar] = {}
        self._numbers = itertools.count(1)
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._deadlines: list[tuple[datetime, int, str]] = []

    # Time

    def at(self, moment: datetime, does: Callable[[], None]) -> None:
        """Has something done at a time."""
        heapq.heappush(self._agenda, (max(moment, self.now), next(self._numbers), does))

    def run(self, until: datetime) -> None:
        """Lives until then."""
        while True:
            due = self._deadlines[0][0] if self._deadlines else until
            planned = self._agenda[0][0] if self._agenda else until
            if min(due, planned) >= until:
                self.now = until
                return
            self.now = max(self.now, min(due, planned))
            if due <= planned:
                _, _, stream = heapq.heappop(self._deadlines)
                deadline = self._decider(stream).next_deadline(self.states[stream])
                if deadline is not None and deadline <= self.now:
                    self._perform(stream, Tick(), TICK, Facts())
            else:
                heapq.heappop(self._agenda)[2]()

    def worked(self, person: str, hours: float, since: datetime | None = None) -> datetime:
        """When somebody has worked for so long."""
        calendar = self.calendars[person]
        return calendar.next_working_time(calendar.add_working(since or self.now, hours * HOUR))

    def on_day(self, person: str, days: int, hour: int) -> datetime:
        """At a full hour of their n-th next working day."""
        calendar, day = self.calendars[person], self.calendars[person].local(self.now).date()
        for _ in range(days):
            day = calendar.next_working_day(day)
        return calendar.instant(day, time(hour))

    # Commands

    def give(self, stream: str, by: str | Actor, command: Command, **facts: Any) -> bool:
        """Somebody gives a command; whether it was taken."""
        actor = by if isinstance(by, Actor) else Actor(id=by, standing=frozenset({Role.RECRUITER}))
        known = {person: self.calendars[person] for person in mentioned(command, "P-") if person in self.calendars}
        try:
            grounded = command.grounded(LIBRARY)
            self._perform(stream, grounded, actor, Facts(**{"calendars": known, "policy": self.policy} | facts))
        except Rejection as refusal:
            self.refused[f"{command.name}: {refusal.code}"] += 1
            return False
        return True

    def _decider(self, stream: str) -> Decider[Any]:
        return DECIDERS[stream.partition("/")[0]]

    def _perform(self, stream: str, command: Command, actor: Actor, facts: Facts) -> None:
        decider = self._decider(stream)
        before = self.states.get(stream, decider.initial)
        outcome = decider.perform(before, command, Call(actor, self.now, facts))
        self.states[stream] = outcome.state
        if (deadline := outcome.deadline) is not None:
            heapq.heappush(self._deadlines, (deadline, next(self._numbers), stream))
        for record in outcome.records:
            self._seen(stream, record)
        for effect_id, effect in outcome.effects:
            self._carry_out(stream, effect_id, effect)

    # What entities bring about

    def _seen(self, stream: str, record: Record) -> None:
        match record.event:
            case ClockStarted() as event:
                self.started[event.clock.id] = event.clock, record
                self.owned_since[event.clock.id] = record.at
                self.at(self.now, lambda: self.owes(stream, event.clock.id))
            case ClockOwnerChanged() as event:
                self.owned_since[event.clock_id] = record.at
                self.at(self.now, lambda: self.owes(stream, event.clock_id))
            case ClockBreached() as event:
                clock = self.states[stream].clocks.get(event.clock_id) or self.started[event.clock_id][0]
                self.breached.append((clock, record.at))

    def _carry_out(self, stream: str, effect_id: str, effect: Effect) -> None:
        match effect:
            case Tell():
                self._deliver(effect.letter)
            case TellAll():
                for told in effect.streams:
                    self._deliver(EntityMessage(stream=told, command=effect.command, payload=effect.payload))
            case SpreadPerson():
                self._spread(effect)
            case Notify():
                self._hear(stream, effect_id, effect)
            case DeliverMessage():
                self._send(stream, effect)
            case WriteToCandidate():
                self.letters.append((effect.candidate, self.now, effect.matter))
            case Draft():
                draft = Doc(id=f"D-DRAFT{next(self._numbers):06}", sha256="0" * 64)
                ready = AttachDraft(job=effect.job, draft=draft, about=effect.about)
                self.at(self.now + 3 * MINUTE, lambda: self._attach(stream, ready))

    def _attach(self, stream: str, ready: AttachDraft) -> None:
        self.give(stream, SYSTEM, ready)

    def _deliver(self, letter: EntityMessage) -> None:
        command = self._decider(letter.stream).commands[letter.command].model_validate(letter.payload)
        if letter.stream in self.states or letter.start:
            try:
                self._perform(letter.stream, command, SYSTEM, Facts())
            except Rejection as refusal:
                self.refused[f"{letter.command}: {refusal.code}"] += 1

    def _spread(self, effect: SpreadPerson) -> None:
        fact = PersonFacts.model_validate(effect.fact)
        if fact.calendar is not None:
            self.calendars[effect.person] = fact.calendar
        for stream, state in list(self.states.items()):
            if state.team is None or effect.person not in mentioned(state, "P-"):
                continue
            if stream.startswith("requisition/"):
                self._deliver(EntityMessage(stream=stream, command="relay", payload={"fact": effect.fact}))
            elif fact.calendar is not None:
                calendars = {effect.person: fact.calendar.model_dump(mode="json")}
                self._deliver(EntityMessage(stream=stream, command="learn_calendars", payload={"calendars": calendars}))

    def _hear(self, stream: str, effect_id: str, effect: Notify) -> None:
        state = self.states[stream]
        notification = notification_of(effect_id, stream, self.now, effect, state.people, requisition_of(stream, state))
        self._perform(f"person/{effect.person}", Hear(line=notification), SYSTEM, Facts())

    def _send(self, stream: str, effect: DeliverMessage) -> None:
        """What the composer of messages does: what is no longer owed is left out, and an empty message not sent."""
        updates = [one for one in effect.lines if one.matter == UPDATE]
        over = tuple(one.search for one in updates if self.states[one.stream].standing == "ended")
        lines = tuple(one for one in effect.lines if self._holds(effect.person, one) and one.search not in over)
        if lines:
            self.messages.append(Delivered(effect.person, self.now, effect.kind, lines))
        if over or not lines:
            settled = SettleMessage(number=effect.number, withheld=not lines, over=over)
            self.at(self.now, lambda: self._perform(stream, settled, SYSTEM, Facts()))

    def _holds(self, person: str, notification: Notification) -> bool:
        if "clock_id" not in notification.about:
            return True
        clock = self.states[notification.stream].clocks.get(notification.about["clock_id"])
        return clock is not None and (not notification.is_task or clock.owner == (notification.on_behalf_of or person))

    # Who is there

    def joins(self, person: str, **prefers: Any) -> None:
        """Somebody starts to use Tandem."""
        calendar = Calendar(zone=self.chance.choice(ZONES), week=OFFICE_WEEK)
        self.calendars[person] = calendar
        operator = Actor(id="P-OPERATOR", standing=frozenset({Role.OPS}))
        self.give(f"person/{person}", operator, SetCalendar(calendar=calendar), new_id=person)
        quiet = self.chance.choice(
            (None, QuietHours(start=time(18), end=time(8)), QuietHours(start=time(12), end=time(14)))
        )
        wants = SetUpdatePreferences(
            cadence=self.chance.choice(("daily", "twice_a_week", "weekly")),
            channel="mail",
            quiet_hours=quiet,
            **prefers,
        )
        self.give(f"person/{person}", person, wants)

    def goes_on_leave(self, person: str, delegate: str) -> None:
        """A week off in the third or fourth week, with a delegate for all that may be delegated."""
        starts = (MONDAY + timedelta(days=7 * self.chance.choice((2, 3)))).date()
        named = DelegateTo(person=delegate, powers=tuple(sorted(DELEGABLE)), until=MONDAY + timedelta(days=40))
        self.give(f"person/{person}", person, SetUpdatePreferences(cadence="weekly", channel="mail", delegate=named))
        self.give(f"person/{person}", person, TakeLeave(leave=Leave(start=starts, until=starts + timedelta(days=4))))


def requisition_of(stream: str, state: Any) -> str:
    """The requisition that a stream belongs to."""
    return state.id if stream.startswith("requisition/") else state.job.requisition
