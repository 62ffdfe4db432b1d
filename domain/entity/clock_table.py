"""The tables of clocks: which events start one, keep it, void it, pause it. Declared, never coded by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from domain.core.ids import ClockId
from domain.core.messages import Event
from domain.entity.clock_deadlines import after_pause, at_another_time, warnings
from domain.entity.state import Entity
from domain.sla.catalogue import ClockName
from domain.sla.clocks import Clock, ClockDueChanged, ClockPaused, ClockResumed, ClockStarted, ClockStopped

S = TypeVar("S", bound=Entity)


@dataclass(frozen=True)
class Start:
    """A clock to start: which of its kind, who owes it, and an end already promised (UTC) in place of the policy's."""

    owner: str
    about: str = ""
    due_at: datetime | None = None


Starts = Callable[[S, Event], Iterable[Start]]
Which = Callable[[S, Event], Iterable[str] | None]


def each(_state: object, _event: Event) -> None:
    """Every clock of the kind, whatever it is about."""


@dataclass(frozen=True)
class ClockRule(Generic[S]):
    """One row of the table: which events start this clock, keep it, void it, pause it and let it run again.

    `starts` answers with the clocks to start (one already running for the same matter goes on, unless the start names
    a due time). The others answer with what the clocks meant are about; None means every clock of this kind.
    `start_from` says when the time counts from, where that is not the event's own time.
    """

    name: ClockName
    starts: Mapping[type[Event], Starts[S]]
    kept: Mapping[type[Event], Which[S]] = field(default_factory=dict)
    void: Mapping[type[Event], Which[S]] = field(default_factory=dict)
    pauses: Mapping[type[Event], tuple[str, Which[S]]] = field(default_factory=dict)
    resumes: Mapping[type[Event], tuple[str, Which[S]]] = field(default_factory=dict)

    @property
    def events(self) -> frozenset[type[Event]]:
        """Every event this row listens to."""
        return frozenset({*self.starts, *self.kept, *self.void, *self.pauses, *self.resumes})

    def consequences(self, before: S, after: S, event: Event, at: datetime) -> list[Event]:
        """What `event`, which led from `before` to `after`, means to the clocks of this kind."""
        kind = type(event)
        follows: list[Event] = []
        ended: set[str] = set()
        for kept, table in ((True, self.kept), (False, self.void)):
            if which := table.get(kind):
                for clock in self._running(before, which(after, event)):
                    ended.add(clock.about)
                    follows.append(ClockStopped(clock_id=clock.id, kept=kept))
        if pause := self.pauses.get(kind):
            cause, which = pause
            for clock in self._running(after, which(after, event)):
                if cause not in clock.paused:
                    follows.append(ClockPaused(clock_id=clock.id, cause=cause))
        if resume := self.resumes.get(kind):
            cause, which = resume
            for clock in self._running(after, which(after, event)):
                if cause in clock.paused:
                    times = after_pause(after, clock, cause, at)
                    follows.append(ClockResumed(clock_id=clock.id, cause=cause, due_at=times.due_at, rungs=times.rungs))
        if starts := self.starts.get(kind):
            for start in starts(after, event):
                follows += self._start(after, start, at, again=start.about in ended)
        return follows

    def _start(self, state: S, start: Start, at: datetime, again: bool) -> Iterator[Event]:
        running = None if again else next(iter(self._running(state, (start.about,))), None)
        if running is None:
            calendar = state.calendar_of(start.owner)
            due_at = start.due_at or calendar.due(at, state.clock_time(self.name), state.day)
            yield ClockStarted(
                clock=Clock(
                    id=str(ClockId(state.id, self.name, start.about, state.version + 1)),
                    name=self.name,
                    about=start.about,
                    owner=start.owner,
                    started_at=at,
                    due_at=due_at,
                    fixed=start.due_at is not None,
                    rungs=warnings(state.rules, calendar, self.name, at, due_at, at),
                )
            )
        elif start.due_at is not None and start.due_at != running.due_at:
            steps = at_another_time(state, running, start.due_at, at)
            yield ClockDueChanged(clock_id=running.id, due_at=start.due_at, rungs=steps)

    def _running(self, state: S, about: Iterable[str] | None) -> list[Clock]:
        meant = None if about is None else set(about)
        return [c for c in state.clocks.values() if c.name == self.name and (meant is None or c.about in meant)]
