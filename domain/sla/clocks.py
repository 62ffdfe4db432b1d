"""Clocks: whose task, until when, and what becomes of it. How they start and stop: `domain.entity.clock_table`."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from domain.access.roles import OwnerRole
from domain.core.messages import Event, Value
from domain.core.personal_text import PersonalText
from domain.sla.catalogue import owner_role
from domain.sla.policy import KnownPolicy


class UpcomingStep(NamedTuple):
    """A rung that is to come, and when (UTC)."""

    rung: str
    at: datetime


class Pause(Value):
    """A stretch in which a clock stood still, and why."""

    cause: str
    start: datetime
    end: datetime


class Clock(Value):
    """One running promise. Times in UTC; `about` says which of several (a signer, an interview and its interviewer).

    `fixed` says that `due_at` was promised or extended, so that a change of calendar does not move it. `paused` holds
    why it stands still and since when: several causes may overlap, it runs again when none is left. `pauses` are over;
    `still_since` is when the first of the causes that overlap began.

    `rungs` are those of its ladder that are to come, in order, with their times: until the deadline those before it,
    after it those that follow. `reached` is the latest that came. `policy` is what it began under, where another was
    adopted since. Leave of its owner that began by `leave_from` passes it on no more.

    `known_at` is when a clock was started that counts from an earlier time, because a record was corrected: nobody is
    told of its being late before that.
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
    still_since: datetime | None = None
    fixed: bool = False
    extended: bool = False
    rungs: tuple[UpcomingStep, ...] = ()
    reached: str | None = None
    stuck_at: datetime | None = None
    policy: KnownPolicy | None = None
    leave_from: datetime | None = None
    known_at: datetime | None = None

    @property
    def owner_role(self) -> OwnerRole:
        """The role in which it is owed, whoever owes it just now."""
        return owner_role(self.name, self.about)

    @property
    def next_escalation_step(self) -> tuple[str | None, datetime] | None:
        """The next rung and its time, the deadline's without a name; None at the top, and while it stands still."""
        if self.paused:
            return None
        for step in self.rungs:
            if self.breached_at is not None or step.at < self.due_at:
                return step
        return (None, self.due_at) if self.breached_at is None else None

    @property
    def stands_since(self) -> datetime | None:
        """Since when it has stood still without a break; None if it runs."""
        return (self.still_since or min(self.paused.values())) if self.paused else None


class ClockStarted(Event, heading="to be done"):
    """A promise was made: from now until `clock.due_at`."""

    clock: Clock


class ClockStopped(Event, heading="no longer to be done"):
    """A promise ended: `kept` when what was owed was done, else `void` because it is no longer owed."""

    clock_id: str
    kept: bool


class ClockBreached(Event, heading="not done in time"):
    """A promise fell due and was not kept. Stamped with its deadline. `rung` is the ladder's name for it.

    `rungs` are those that follow, each with its time.
    """

    clock_id: str
    rung: str = "breached"
    rungs: tuple[UpcomingStep, ...] = ()


class ClockRungReached(Event, heading="the next escalation step"):
    """A promise came to another rung of its ladder than the deadline's. Stamped with that rung's time."""

    clock_id: str
    rung: str
    stuck: bool = False


class ClockPaused(Event, heading="paused"):
    """A promise stands still: what is owed waits on somebody else."""

    clock_id: str
    cause: str


class ClockResumed(Event, heading="resumed"):
    """A pause is over; the same working time is left, so the promise now falls due at `due_at`.

    `rungs` are those to come, with their times; None leaves them as they are.
    """

    clock_id: str
    cause: str
    due_at: datetime
    rungs: tuple[UpcomingStep, ...] | None = None


class ClockOwnerChanged(Event, heading="passed to somebody else"):
    """A promise passed to somebody else, with the time that was left; or, on leave, it found nobody and stayed.

    `due_at` and `rungs` count on the new owner's calendar; None leaves them as they are.
    """

    clock_id: str
    owner: str
    cause: str = "hand_over"
    due_at: datetime | None = None
    rungs: tuple[UpcomingStep, ...] | None = None


class ClockDueChanged(Event, heading="due at another time"):
    """A promise falls due at another time: extended, moved by a promised date, or by the owner's calendar.

    `rungs` are those to come, with their times; None leaves them as they are.
    """

    clock_id: str
    due_at: datetime
    extended: bool = False
    rungs: tuple[UpcomingStep, ...] | None = None


class EndedClock(Value):
    """A promise that was kept late, and when (UTC)."""

    clock: Clock
    ended_at: datetime


class BreachCorrected(Event, heading="it had not been late after all"):
    """A promise was counted as broken by what was recorded wrongly. The breach stays on record, and counts for nobody.

    `clock` is the promise as it ended. By the corrected fact it counted from `since` and was due at `due_at`;
    both None if nothing was owed at all.
    """

    clock: Clock
    since: datetime | None
    due_at: datetime | None
    ended_at: datetime
    kept: bool


class ClockWaived(Event, heading="let go"):
    """The counterpart let a promise go."""

    clock_id: str
    why: PersonalText
