"""Somebody who uses Tandem: when they work, who may act for them, and how they want to hear of things.

Their searches and candidates keep copies of what they need of it (`PersonFacts`), sent whenever it changes. What they
owe and what they were told, over all their searches, belongs here too, because it must outlive a crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from domain.calendars import Calendar, Leave
from domain.decider import Chapter, Decider
from domain.effects import SpreadPerson
from domain.kernel import Command, Effect, Event, Record, Value, refuse
from domain.people import Actor, Call, Delegate, PersonId, QuietHours, Role
from domain.relay import PersonFacts
from domain.state import Entity
from domain.zones import Instant

Cadence = Literal["daily", "twice_a_week", "weekly"]
Channel = Literal["mail", "chat"]

DELEGABLE = frozenset(
    {
        "resolve_inherited_change",
        "edit_rubric",
        "sign_rubric",
        "amend_rubric",
        "add_candidate",
        "answer_pulse",
        "acknowledge_comp_signal",
        "answer_profile",
        "hold_debrief",
        "decide",
        "reject",
        "reinstate",
        "submit_scorecard",
        "put_on_hold",
        "resume",
        "answer_retro",
    }
)
"""What a hiring manager may let somebody else do for them."""


class Preferences(Value):
    """How somebody wants their updates. Debts come when they are due, whatever the cadence."""

    cadence: Cadence = "weekly"
    channel: Channel = "mail"
    quiet_hours: QuietHours | None = None


class Person(Entity):
    """One who uses Tandem."""

    calendar: Calendar | None = None
    preferences: Preferences = Preferences()
    delegate: Delegate | None = None

    def roles_of(self, actor: Actor, command: str, now: datetime) -> frozenset[Role]:
        """What is true of the actor in the company, and whether they are this person."""
        return actor.standing | {Role.SELF} if self.id and actor.id == self.id else actor.standing

    def admit(self, command: Command, call: Call) -> None:
        """See `Entity.admit`; somebody begins with a calendar."""
        if not self.id and command.name != "set_calendar":
            refuse("not_found", "Nobody of this id uses Tandem.", "Somebody with a calendar.")
        super().admit(command, call)


class SetCalendar(Command, who="self L O", refuses="no_change*"):
    """Say when somebody works: hours and days, time zone, holidays, leave. A lead or ops does it for somebody new."""

    calendar: Calendar


class TakeLeave(Command, who="self L"):
    """Be away from a date until a date, the last included, or from a time until a time."""

    leave: Leave


class DelegateTo(Value):
    """Somebody who may give these commands for another, until a time (UTC)."""

    person: PersonId
    powers: tuple[str, ...]
    until: Instant


class SetUpdatePreferences(Command, who="self", refuses="delegate_invalid*"):
    """Choose how often and where you hear from us, when not, and who may act for you until when."""

    cadence: Cadence
    channel: Channel
    quiet_hours: QuietHours | None = None
    delegate: DelegateTo | None = None


class CalendarSet(Event):
    """Somebody works at these times from now on."""

    person: PersonId
    calendar: Calendar


class PreferencesUpdated(Event):
    """Somebody wants to hear of things in this way, and names who may act for them."""

    preferences: Preferences
    delegate: Delegate | None


life: Chapter[Person] = Chapter()


@life.decides(SetCalendar)
def set_calendar(state: Person, asked: SetCalendar, call: Call) -> Iterator[Event]:
    if asked.calendar == state.calendar:
        refuse("no_change", "That is their calendar.", "One that differs.", "calendar")
    person = state.id or call.facts.new_id
    assert person is not None, "whoever begins a person brings their id"
    yield CalendarSet(person=person, calendar=asked.calendar)


@life.decides(TakeLeave)
def take_leave(state: Person, asked: TakeLeave, call: Call) -> Iterator[Event]:
    assert state.calendar is not None, "a person without a calendar"
    _, until = state.calendar.leave_span(asked.leave)
    if until <= call.now:
        refuse("bad_time", "That leave is over.", "Leave that ends in time to come.", "leave")
    if asked.leave in state.calendar.leave:
        refuse("already_done", "That leave is in the calendar.", "Other days.", "leave")
    calendar = state.calendar.but(leave=(*state.calendar.leave, asked.leave))
    yield CalendarSet(person=state.id, calendar=calendar)


@life.decides(SetUpdatePreferences)
def set_update_preferences(state: Person, asked: SetUpdatePreferences, call: Call) -> Iterator[Event]:
    preferences = Preferences(cadence=asked.cadence, channel=asked.channel, quiet_hours=asked.quiet_hours)
    yield PreferencesUpdated(preferences=preferences, delegate=_delegate(state, asked.delegate, call))


def _delegate(state: Person, asked: DelegateTo | None, call: Call) -> Delegate | None:
    if asked is None:
        return None
    if asked.person == state.id:
        refuse("delegate_invalid", "Nobody is their own delegate.", "Somebody else.", "delegate.person")
    if asked.person not in call.facts.calendars:
        refuse("delegate_invalid", "Nobody of this id uses Tandem.", "Somebody with a calendar.", "delegate.person")
    if not asked.powers or not set(asked.powers) <= DELEGABLE:
        allowed = ", ".join(sorted(DELEGABLE))
        refuse("delegate_invalid", "That cannot be delegated.", f"One or more of: {allowed}.", "delegate.powers")
    if asked.until <= call.now:
        refuse("delegate_invalid", "That time is past.", "A time to come.", "delegate.until")
    return Delegate(person=asked.person, powers=asked.powers, until=asked.until)


@life.evolves(CalendarSet)
def calendar_set(state: Person, event: CalendarSet, record: Record) -> Person:
    return state.but(id=event.person, calendar=event.calendar)


@life.evolves(PreferencesUpdated)
def preferences_updated(state: Person, event: PreferencesUpdated, record: Record) -> Person:
    return state.but(preferences=event.preferences, delegate=event.delegate)


@life.reacts(CalendarSet, PreferencesUpdated)
def tell_their_searches(state: Person, event: Event, record: Record) -> Iterator[Effect]:
    delegate = state.delegate
    fact = PersonFacts(
        number=record.seq,
        person=state.id,
        calendar=state.calendar,
        delegate=delegate.person if delegate else None,
        powers=delegate.powers if delegate else (),
        delegate_until=delegate.until if delegate else None,
    )
    yield SpreadPerson(person=state.id, fact=fact.model_dump(mode="json"))


def phase(state: Person) -> str:
    """Nobody has phases: who uses Tandem is here."""
    return "here" if state.id else "unknown"


def search(state: Person) -> str:
    """A person belongs to no one search."""
    return ""


def describe(state: Person) -> str:
    """What is known of how they work, in Markdown, without their name."""
    if state.calendar is None:
        return "Not known yet."
    lines = [f"Works by a calendar in {state.calendar.zone}; updates {state.preferences.cadence.replace('_', ' ')}."]
    if state.delegate is not None:
        lines += [
            "",
            f"- Delegated until {state.delegate.until:%Y-%m-%d %H:%M} UTC: {', '.join(state.delegate.powers)}",
        ]
    return "\n".join(lines)


PERSON = Decider("person", Person(), (life,), ())
