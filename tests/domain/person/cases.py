"""Every command of a person: what is taken, and each way in which it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from domain.calendars import Leave
from domain.kernel import Command, Event
from domain.people import Actor, Role
from domain.person import (
    PERSON,
    CalendarSet,
    DelegateTo,
    PreferencesUpdated,
    SetCalendar,
    SetUpdatePreferences,
    TakeLeave,
)
from tests.domain.cases import Case
from tests.domain.lives import Story, given, step
from tests.domain.world import FACTS, MANAGER, MONDAY, OFFICE, RECRUITER, SECOND_INTERVIEWER, person

OPS = person("P-OPERATOR", Role.OPS)
NEW = FACTS.but(new_id=MANAGER)
AWAY = Leave(start=date(2026, 3, 9), until=date(2026, 3, 13))
DELEGATE = DelegateTo(person=RECRUITER, powers=("answer_profile",), until=MONDAY.replace(month=4))
PREFER = SetUpdatePreferences(cadence="daily", channel="mail", delegate=DELEGATE)


def nobody() -> Story:
    """A stream in which nothing happened yet."""
    return given(PERSON)


def known() -> Story:
    """Somebody with a calendar."""
    return given(PERSON, step(OPS, SetCalendar(calendar=OFFICE), facts=NEW))


def case(story: Callable[[], Story], by: str | Actor, command: Command, then: type[Event] | str, **more: Any) -> Case:
    """A line of the table."""
    return Case(story, by, command, then if isinstance(then, str) else (then,), **more)


CASES: list[Case] = [
    case(nobody, OPS, SetCalendar(calendar=OFFICE), CalendarSet, facts=NEW),
    case(known, MANAGER, SetCalendar(calendar=OFFICE.but(zone="Europe/Berlin")), CalendarSet),
    case(known, MANAGER, SetCalendar(calendar=OFFICE), "no_change"),
    case(known, MANAGER, TakeLeave(leave=AWAY), CalendarSet),
    case(known, MANAGER, TakeLeave(leave=Leave(start=date(2026, 1, 5), until=date(2026, 1, 6))), "bad_time"),
    case(lambda: known().after(step(MANAGER, TakeLeave(leave=AWAY))), MANAGER, TakeLeave(leave=AWAY), "already_done"),
    case(nobody, person(MANAGER, Role.LEAD), TakeLeave(leave=AWAY), "not_found"),
    case(known, MANAGER, PREFER, PreferencesUpdated),
    case(known, MANAGER, PREFER.but(delegate=None), PreferencesUpdated),
    case(known, MANAGER, PREFER.but(delegate=DELEGATE.but(person=MANAGER)), "delegate_invalid"),
    case(known, MANAGER, PREFER.but(delegate=DELEGATE.but(person="P-NOBODY")), "delegate_invalid"),
    case(known, MANAGER, PREFER.but(delegate=DELEGATE.but(powers=("open",))), "delegate_invalid"),
    case(known, MANAGER, PREFER.but(delegate=DELEGATE.but(until=MONDAY)), "delegate_invalid"),
    case(known, SECOND_INTERVIEWER, PREFER, "not_permitted"),
]
