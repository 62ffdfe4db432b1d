"""What every entity carries, whatever it is: its people, clocks, open tasks, granted overrides, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from domain.access.roles import OwnerRole, Role, words_for
from domain.access.team import Actor, Team
from domain.core.ids import DocumentId, PersonId
from domain.core.messages import Command, Rejection, Value, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.sla.catalogue import known
from domain.sla.clocks import Clock, EndedClock
from domain.sla.escalation import Recipient
from domain.sla.policy import KnownPolicy, Policy
from domain.time.calendars import Calendar, KnownCalendar
from domain.time.durations import Duration


class Task(Value):
    """Something a machine could not do, for a person to look at.

    `effect` is what was to be done, for another try, `effect_id` the order that was given up ("" where unknown).
    `document` holds the words of a letter that did not go out.
    """

    id: str
    kind: str
    reason: str
    raised_at: datetime
    effect: dict[str, Any] | None = None
    effect_id: str = ""
    document: DocumentId | None = None


class Override(Value):
    """A gate opened for one subject until `until` (UTC), by somebody other than the one who asked, with a reason."""

    gate: str
    subject: str
    asked_by: PersonId
    granted_by: PersonId
    why: PersonalText
    until: datetime


Standing = Literal["open", "on_hold", "ended", "erased"]


class Entity(Value):
    """The state of any entity: the fold of its events. Every field has a default, so that old states still read.

    `speakers` says of a transcript who its speakers are, by their numbers: a user, or what stands in `SpeakerAnswer`.
    `kept_late` are the clocks, ended late, that a correction of what they were counted from may clear.
    """

    state_schema: ClassVar[int] = 1

    id: str = ""
    version: int = 0
    standing: Standing = "open"
    team: Team | None = None
    policy: KnownPolicy | None = None
    calendars: dict[str, KnownCalendar] = {}
    clocks: dict[str, Clock] = {}
    kept_late: dict[str, EndedClock] = {}
    tasks: dict[str, Task] = {}
    overrides: tuple[Override, ...] = ()
    legal_hold: bool = False
    speakers: dict[str, dict[str, str]] = {}

    @property
    def waiting_on(self) -> tuple[PersonId, ...]:
        """Who owes something here now; what stands still is owed by nobody."""
        return tuple(sorted({clock.owner for clock in self.clocks.values() if not clock.paused}))

    @property
    def breached(self) -> bool:
        """Whether something that is still owed here is late."""
        return any(clock.breached_at is not None for clock in self.clocks.values())

    @property
    def stuck(self) -> bool:
        """Whether something that is still owed here has come to a rung at which ops must look."""
        return any(clock.stuck_at is not None for clock in self.clocks.values())

    @property
    def day(self) -> timedelta | None:
        """How long this entity's policy lets a day last; None for real days."""
        return self.rules.day

    @property
    def people(self) -> Team:
        """The team, once there is one."""
        assert self.team is not None, "asked for the team of an entity that was never opened"
        return self.team

    @property
    def rules(self) -> Policy:
        """The policy this entity goes by."""
        assert self.policy is not None, "asked for the policy of an entity that was never opened"
        return self.policy

    def calendar_of(self, person: str) -> Calendar:
        """The person's working calendar as last learnt; the recruiter's stands in for somebody without one."""
        return self.calendars.get(person) or self.calendars[self.people.recruiter]

    def clock_time(self, name: str) -> Duration:
        """How long the policy gives the clock `name`."""
        return self.rules.time_of(name)

    def policy_of(self, clock: Clock) -> Policy:
        """The policy a running clock goes by: the one it began under."""
        return clock.policy or self.rules

    @property
    def counterparts(self) -> Mapping[OwnerRole, OwnerRole]:
        """Whose counterpart is who, for clocks that start now."""
        return self.rules.counterparts

    def counterpart(self, clock: Clock) -> PersonId | None:
        """Who is on the other side of a promise, as its policy says; None where nobody has that role.

        Of a clock that this build does not know the recruiter hears: nobody else is told what may not be theirs.
        """
        if not known(clock.name):
            return self.people.recruiter
        return self.people.holder(self.policy_of(clock).counterparts[clock.owner_role])

    def addressee(self, clock: Clock, recipient: Recipient) -> PersonId | None:
        """Who is meant by a recipient of a rung; None for `ops`, who look at their board."""
        match recipient:
            case "owner":
                return clock.owner
            case "counterpart":
                return self.counterpart(clock)
            case "owner_lead":
                return self.people.lead_of(clock.owner_role)
        return None

    def substitute(self, clock: Clock, at: datetime) -> PersonId | None:
        """Who takes a promise over while its owner is on leave at `at`: the hiring manager's delegate, else the lead.

        None where that is the owner, or they are away themselves.
        """
        people = self.people
        delegate = people.delegate if clock.owner == people.hiring_manager else None
        for person in (
            delegate.person if delegate is not None and at < delegate.until else None,
            people.lead_of(clock.owner_role),
        ):
            if person not in (None, clock.owner) and not self.away(person, at):
                return person
        return None

    def away(self, person: str, at: datetime) -> bool:
        """Whether somebody is on leave over a day at `at`, as far as is known here."""
        calendar = self.calendars.get(person)
        return calendar is not None and calendar.long_leave(at)

    def roles_of(self, actor: Actor, command: str, now: datetime) -> frozenset[Role]:
        """The roles in which `actor` may give `command` here now (UTC)."""
        return self.team.roles(actor, command, now) if self.team else actor.standing

    def admit(self, command: type[Command], call: Call) -> None:
        """Refuses a command that this actor, or this entity as it stands, cannot give or take at all."""
        if command.who and not self.roles_of(call.actor, command.name, call.now) & set(command.who):
            sentence = f"“{command.heading}” is not yours to do here."
            refuse("not_permitted", sentence, f"This is for {words_for(command.who)}.")
        if self.standing == "erased" and "erased" not in command.works:
            refuse("erased", "This candidate's data has been erased.", "Nothing more can be done about it.")
        if self.standing == "ended" and "after_end" not in command.works:
            refuse("closed", "This is over.", "A recruiter or a lead can reopen the requisition.")
        if self.standing == "on_hold" and "on_hold" not in command.works:
            refuse(
                "on_hold", "The requisition is on hold.", "Resume it first; records, answers and contacts still work."
            )

    def overridden(self, gate: str, subject: str, now: datetime) -> bool:
        """Whether somebody opened `gate` for `subject`, and it is still open now (UTC)."""
        return any(o.gate == gate and o.subject == subject and now < o.until for o in self.overrides)

    def gate(self, gate: str, subject: str, now: datetime, sentence: str, accepted: str) -> None:
        """Refuses with the code `gate`, unless it was overridden for `subject`."""
        if not self.overridden(gate, subject, now):
            raise Rejection(
                gate, sentence, f"{accepted} Or a lead or the HR partner can override this gate, with a reason."
            )
