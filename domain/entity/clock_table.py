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
from domain.sla.clocks import (
    BreachCorrected,
    Clock,
    ClockDueChanged,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
)

S = TypeVar("S", bound=Entity)


@dataclass(frozen=True)
class Start:
    """A clock to start: which of its kind, who owes it, and an end already promised (UTC) in place of the policy's.

    `since` is when its time counts from (UTC), where that is before the event that starts it.
    """

    owner: str
    about: str = ""
    due_at: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Recount:
    """How a clock ought to have run, by a fact that was corrected.

    `since` is when it ought to have begun (UTC), None if nothing was ever owed; `owed` whether it still is, by `owner`.
    One that `moved` counted from another time until now; one that is asked `anew` counts from now, if it does not run.
    """

    about: str = ""
    owner: str = ""
    since: datetime | None = None
    owed: bool = False
    moved: bool = False
    anew: bool = False


Starts = Callable[[S, Event], Iterable[Start]]
Which = Callable[[S, Event], Iterable[str] | None]
Recounts = Callable[[S, S, Event], Iterable[Recount]]


def each(_state: object, _event: Event) -> None:
    """Every clock of the kind, whatever it is about."""


@dataclass(frozen=True)
class ClockRule(Generic[S]):
    """One row of the table: which events start this clock, keep it, void it, pause it and let it run again.

    `starts` answers with the clocks to start (one already running for the same matter goes on, unless the start names
    a due time). The others answer with what the clocks meant are about; None means every clock of this kind.
    `recounts` answers, of a fact that was corrected, how each clock that hangs on it ought to have run. What is
    promised or was given more time stays as it is.
    """

    name: ClockName
    starts: Mapping[type[Event], Starts[S]]
    kept: Mapping[type[Event], Which[S]] = field(default_factory=dict)
    void: Mapping[type[Event], Which[S]] = field(default_factory=dict)
    pauses: Mapping[type[Event], tuple[str, Which[S]]] = field(default_factory=dict)
    resumes: Mapping[type[Event], tuple[str, Which[S]]] = field(default_factory=dict)
    recounts: Mapping[type[Event], Recounts[S]] = field(default_factory=dict)

    @property
    def events(self) -> frozenset[type[Event]]:
        """Every event this row listens to."""
        return frozenset({*self.starts, *self.kept, *self.void, *self.pauses, *self.resumes, *self.recounts})

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
        if recounts := self.recounts.get(kind):
            for ought in recounts(before, after, event):
                follows += self._recount(after, ought, at)
        return follows

    def _recount(self, state: S, ought: Recount, at: datetime) -> Iterator[Event]:
        for late in state.kept_late.values():
            if (late.clock.name, late.clock.about) == (self.name, ought.about) and not late.clock.fixed:
                due_at = None if ought.since is None else self._due(state, late.clock.owner, ought.since)
                if due_at is None or (ought.moved and late.ended_at <= due_at):
                    yield BreachCorrected(
                        clock=late.clock, since=ought.since, due_at=due_at, ended_at=late.ended_at, kept=True
                    )
        running = next(iter(self._running(state, (ought.about,))), None)
        if running is not None:
            if ought.owed and (running.fixed or not ought.moved):
                return
            yield ClockStopped(clock_id=running.id, kept=False)
            if running.breached_at is not None:
                due_at = None if ought.since is None else self._due(state, running.owner, ought.since)
                yield BreachCorrected(clock=running, since=ought.since, due_at=due_at, ended_at=at, kept=False)
        if ought.owed and ought.since is not None:
            since = at if ought.anew else ought.since
            yield from self._start(state, Start(ought.owner, ought.about, since=since), at, again=True)

    def _due(self, state: S, owner: str, since: datetime) -> datetime:
        return state.calendar_of(owner).due(since, state.clock_time(self.name), state.day)

    def _start(self, state: S, start: Start, at: datetime, again: bool) -> Iterator[Event]:
        running = None if again else next(iter(self._running(state, (start.about,))), None)
        if running is None:
            calendar, since = state.calendar_of(start.owner), start.since or at
            due_at = start.due_at or self._due(state, start.owner, since)
            yield ClockStarted(
                clock=Clock(
                    id=str(ClockId(state.id, self.name, start.about, state.version + 1)),
                    name=self.name,
                    about=start.about,
                    owner=start.owner,
                    started_at=since,
                    due_at=due_at,
                    fixed=start.due_at is not None,
                    rungs=warnings(state.rules, calendar, self.name, since, due_at, at),
                    known_at=at if since < at else None,
                )
            )
        elif start.due_at is not None and start.due_at != running.due_at:
            steps = at_another_time(state, running, start.due_at, at)
            yield ClockDueChanged(clock_id=running.id, due_at=start.due_at, rungs=steps)

    def _running(self, state: S, about: Iterable[str] | None) -> list[Clock]:
        meant = None if about is None else set(about)
        return [c for c in state.clocks.values() if c.name == self.name and (meant is None or c.about in meant)]
