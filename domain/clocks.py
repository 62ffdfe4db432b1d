"""Clocks: who owes what until when, and what becomes of it. How they start and stop is in `domain.clock_rules`."""

from __future__ import annotations

from datetime import datetime

from domain.kernel import Event, Value
from domain.sealed import PersonalText


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
    why: PersonalText
