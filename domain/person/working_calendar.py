"""How somebody works, who may act for them, and how they want to hear of things; told to all their searches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field

from domain.access.team import Delegate, QuietHours
from domain.core.decider import Chapter
from domain.core.ids import PersonId
from domain.core.lookups import Lookup, OwnUser, PolicyInForce
from domain.core.messages import Command, Effect, Event, Record, Value, refuse
from domain.core.plain_words import Plain
from domain.entity.call import Call
from domain.entity.clock_commands import AdoptPolicy, PolicyAdopted
from domain.entity.effects import SpreadPerson
from domain.entity.entity_facts import PersonFacts
from domain.person.state import Cadence, Channel, Person, Preferences
from domain.time.calendars import Calendar, Leave
from domain.time.zones import Instant

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


class SetCalendar(
    Command, who="self L O", refuses="no_change*", heading="Your working hours", button="Save", begins="if_absent"
):
    """Say when somebody works: hours and days, time zone, holidays, leave. A lead or ops does it for somebody new."""

    calendar: Calendar

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        return OwnUser(), PolicyInForce()


class TakeLeave(Command, who="self L", heading="Your leave", button="Save"):
    """Be away from a date until a date, the last included, or from a time until a time."""

    leave: Leave


_Power = Annotated[str, Plain("the name of a command; any other is refused")]


class DelegateTo(Value):
    """Somebody who may give these commands for another, until a time (UTC)."""

    person: PersonId = Field(title="Who")
    powers: tuple[_Power, ...] = Field(title="In what")
    until: Instant = Field(title="Until when")


class SetUpdatePreferences(
    Command, who="self", refuses="delegate_invalid*", heading="How you are notified", button="Save"
):
    """Choose how often and where you are notified, when not, and who may act for you until when."""

    cadence: Cadence = Field(title="Updates")
    channel: Channel = Field(title="By")
    quiet_hours: QuietHours | None = None
    delegate: DelegateTo | None = Field(default=None, title="Somebody who acts for you")


class CalendarSet(Event):
    """Somebody works at these times from now on."""

    person: PersonId
    calendar: Calendar


class PreferencesUpdated(Event):
    """Somebody wants to hear of things in this way, and names who may act for them."""

    preferences: Preferences
    delegate: Delegate | None


chapter: Chapter[Person] = Chapter()


@chapter.decides(SetCalendar)
def set_calendar(state: Person, asked: SetCalendar, call: Call) -> Iterator[Event]:
    if asked.calendar == state.calendar:
        refuse("no_change", "That is their calendar.", "One that differs.", "calendar")
    person = state.id or call.facts.new_id
    assert person is not None, "whoever begins a person brings their id"
    yield CalendarSet(person=person, calendar=asked.calendar)
    if call.facts.policy is not None and call.facts.policy != state.policy:
        yield PolicyAdopted(policy=call.facts.policy)


@chapter.decides(AdoptPolicy)
def adopt_policy(state: Person, adopt: AdoptPolicy, call: Call) -> Iterator[Event]:
    if adopt.policy != state.policy:
        yield PolicyAdopted(policy=adopt.policy)


@chapter.decides(TakeLeave)
def take_leave(state: Person, asked: TakeLeave, call: Call) -> Iterator[Event]:
    _, until = state.works.leave_span(asked.leave)
    if until <= call.now:
        refuse("bad_time", "That leave is over.", "Leave that ends in time to come.", "leave")
    if asked.leave in state.works.leave:
        refuse("already_done", "That leave is in the calendar.", "Other days.", "leave")
    calendar = state.works.but(leave=(*state.works.leave, asked.leave))
    yield CalendarSet(person=state.id, calendar=calendar)


@chapter.decides(SetUpdatePreferences)
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
        refuse("delegate_invalid", "That cannot be delegated.", "One or more of what can be.", "delegate.powers")
    if asked.until <= call.now:
        refuse("delegate_invalid", "That time is past.", "A time to come.", "delegate.until")
    return Delegate(person=asked.person, powers=asked.powers, until=asked.until)


@chapter.evolves(CalendarSet)
def calendar_set(state: Person, event: CalendarSet, record: Record) -> Person:
    return state.but(id=event.person, calendar=event.calendar, changed_at=record.at)


@chapter.evolves(PolicyAdopted)
def policy_adopted(state: Person, event: PolicyAdopted, record: Record) -> Person:
    return state.but(policy=event.policy, changed_at=record.at)


@chapter.evolves(PreferencesUpdated)
def preferences_updated(state: Person, event: PreferencesUpdated, record: Record) -> Person:
    return state.but(preferences=event.preferences, delegate=event.delegate, changed_at=record.at)


@chapter.reacts(CalendarSet, PreferencesUpdated)
def tell_their_requisitions(state: Person, event: Event, record: Record) -> Iterator[Effect]:
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
