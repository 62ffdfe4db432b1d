"""Clocks: who owes what until when. Declared in tables, started and stopped by events, never by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from domain.kernel import Event, Value

if TYPE_CHECKING:
    from domain.state import Entity

S = TypeVar("S", bound="Entity")


class Pause(Value):
    """A stretch in which a clock stood still, and why."""

    cause: str
    start: datetime
    end: datetime


class Clock(Value):
    """One running promise. Times in UTC; `about` says which of several (a signer, an interview and its interviewer).

    `fixed` says that `due_at` was promised or extended, so that a change of calendar does not move it. `paused` holds
    why it stands still and since when: several causes may overlap, it runs again when none is left. `pauses` are over.
    """

    id: str
    name: str
    about: str
    owner: str
    started_at: datetime
    due_at: datetime
    breached_at: datetime | None = None
    paused: dict[str, datetime] = {}
    pauses: tuple[Pause, ...] = ()
    fixed: bool = False
    extended: bool = False


class ClockStarted(Event):
    """A promise was made: from now until `clock.due_at`."""

    clock: Clock


class ClockStopped(Event):
    """A promise ended: `kept` when what was owed was done, else `void` because it is no longer owed."""

    clock_id: str
    kept: bool


class ClockBreached(Event):
    """A promise fell due and was not kept. Stamped with its deadline."""

    clock_id: str


class ClockPaused(Event):
    """A promise stands still: what is owed waits on somebody else."""

    clock_id: str
    cause: str


class ClockResumed(Event):
    """A pause is over; the same working time is left, so the promise now falls due at `due_at`."""

    clock_id: str
    cause: str
    due_at: datetime


class ClockOwnerChanged(Event):
    """A promise passed to somebody else, with the time that was left."""

    clock_id: str
    owner: str


class ClockDueChanged(Event):
    """A promise falls due at another time: extended, moved by a promised date, or by the owner's calendar."""

    clock_id: str
    due_at: datetime
    extended: bool = False


class ClockWaived(Event):
    """The counterpart let a promise go."""

    clock_id: str
    why: str


@dataclass(frozen=True)
class Start:
    """A clock to start: which of its kind, who owes it, and an end already promised (UTC) in place of the policy's."""

    owner: str
    about: str = ""
    due_at: datetime | None = None


Starts = Callable[[S, "Event"], Iterable[Start]]
Which = Callable[[S, "Event"], Iterable[str] | None]


def each(_state: object, _event: Event) -> None:
    """Every clock of the kind, whatever it is about."""


@dataclass(frozen=True)
class ClockRule(Generic[S]):
    """One row of the table: which events start this clock, keep it, void it, pause it and let it run again.

    `starts` answers with the clocks to start (one already running for the same matter goes on, unless the start names
    a due time). The others answer with what the clocks meant are about; None means every clock of this kind.
    `start_from` says when the time counts from, where that is not the event's own time.
    """

    name: str
    starts: Mapping[type[Event], Starts[S]]
    kept: Mapping[type[Event], Which[S]] = field(default_factory=dict)
    void: Mapping[type[Event], Which[S]] = field(default_factory=dict)
    pauses: Mapping[type[Event], tuple[str, Which[S]]] = field(default_factory=dict)
    resumes: Mapping[type[Event], tuple[str, Which[S]]] = field(default_factory=dict)
    statutory: bool = False

    @property
    def events(self) -> frozenset[type[Event]]:
        """Every event this row listens to."""
        return frozenset({*self.starts, *self.kept, *self.void, *self.pauses, *self.resumes})

    def consequences(self, before: S, after: S, event: Event, at: datetime) -> Iterator[Event]:
        """What `event`, which led from `before` to `after`, means to the clocks of this kind."""
        kind = type(event)
        ended: set[str] = set()
        for kept, table in ((True, self.kept), (False, self.void)):
            if which := table.get(kind):
                for clock in self._running(before, which(after, event)):
                    ended.add(clock.about)
                    yield ClockStopped(clock_id=clock.id, kept=kept)
        if pause := self.pauses.get(kind):
            cause, which = pause
            for clock in self._running(after, which(after, event)):
                if cause not in clock.paused:
                    yield ClockPaused(clock_id=clock.id, cause=cause)
        if resume := self.resumes.get(kind):
            cause, which = resume
            for clock in self._running(after, which(after, event)):
                if cause in clock.paused:
                    yield ClockResumed(clock_id=clock.id, cause=cause, due_at=due_after_pause(after, clock, cause, at))
        if starts := self.starts.get(kind):
            for start in starts(after, event):
                yield from self._start(after, start, at, again=start.about in ended)

    def _start(self, state: S, start: Start, at: datetime, again: bool) -> Iterator[Event]:
        running = None if again else next(iter(self._running(state, (start.about,))), None)
        if running is None:
            due_at = start.due_at or state.calendar_of(start.owner).due(at, state.clock_time(self.name), state.day)
            number = state.version + 1
            clock_id = ":".join(part for part in (state.id, self.name, start.about, str(number)) if part)
            yield ClockStarted(
                clock=Clock(
                    id=clock_id,
                    name=self.name,
                    about=start.about,
                    owner=start.owner,
                    started_at=at,
                    due_at=due_at,
                    fixed=start.due_at is not None,
                )
            )
        elif start.due_at is not None and start.due_at != running.due_at:
            yield ClockDueChanged(clock_id=running.id, due_at=start.due_at)

    def _running(self, state: S, about: Iterable[str] | None) -> list[Clock]:
        meant = None if about is None else set(about)
        return [c for c in state.clocks.values() if c.name == self.name and (meant is None or c.about in meant)]


def due_after_pause(state: Entity, clock: Clock, cause: str, at: datetime) -> datetime:
    """When `clock` falls due once `cause` is gone at `at`; unchanged if another cause holds it or it was breached."""
    if len(clock.paused) > 1 or clock.breached_at is not None:
        return clock.due_at
    return state.calendar_of(clock.owner).after_pause(
        clock.due_at, state.clock_time(clock.name), clock.paused[cause], at, state.day
    )
