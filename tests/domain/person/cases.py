"""Every command of a person: what is taken, and each way in which it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from domain.access.roles import Role
from domain.access.team import Actor
from domain.core.messages import Command, Event, Tick
from domain.entity.clock_commands import (
    AdoptPolicy,
    DeliveryFailed,
    PolicyAdopted,
    ResolveTask,
    TaskRaised,
    TaskResolved,
)
from domain.notifications.notification import Notification
from domain.person import (
    PERSON,
    CalendarSet,
    DelegateTo,
    PreferencesUpdated,
    SetCalendar,
    SetUpdatePreferences,
    TakeLeave,
)
from domain.person.holidays import LearnHolidays
from domain.person.inbox import Hear, LineHeard, MessageSettled, SettleMessage
from domain.time.calendars import HolidaysKept, Leave
from testing.decider_cases import Story, given, step
from testing.people import FACTS, MANAGER, MONDAY, OFFICE, POLICY, RECRUITER, SECOND_INTERVIEWER, TICK, person
from tests.domain.case_table import Case

OPS = person("P-OPERATOR", Role.OPS)
NEW = FACTS.but(new_id=MANAGER)
AWAY = Leave(start=date(2026, 3, 9), until=date(2026, 3, 13))
DELEGATE = DelegateTo(person=RECRUITER, powers=("answer_profile",), until=MONDAY.replace(month=4))
PREFER = SetUpdatePreferences(cadence="daily", channel="mail", delegate=DELEGATE)
LINE = Notification(
    id="candidate/C-000001/7/0", stream="candidate/C-000001", matter="candidate_withdrew",
    about={"candidate": "C-000001", "cause": "other_offer"}, decided_at=MONDAY, told_as="hiring_manager",
    search="R-SEARCH1",
)  # fmt: skip
LEARNT = LearnHolidays(after=date(2028, 12, 31), until=date(2029, 12, 31), days=(date(2029, 1, 1), date(2029, 12, 25)))
FAILED = DeliveryFailed(
    effect_id=f"person/{MANAGER}/4/0",
    effect={
        "type": "deliver_message",
        "payload": {"person": MANAGER, "number": 1, "kind": "digest", "channel": "mail", "lines": []},
    },
    reason="mail_refused",
)


def nobody() -> Story:
    """A stream in which nothing happened yet."""
    return given(PERSON)


def known() -> Story:
    """Somebody with a calendar."""
    return given(PERSON, step(OPS, SetCalendar(calendar=OFFICE), facts=NEW))


def bavarian() -> Story:
    """Somebody whose public holidays are kept, up to the end of 2028."""
    kept = HolidaysKept(country="DE", subdivision="BY", until=date(2028, 12, 31))
    return given(PERSON, step(OPS, SetCalendar(calendar=OFFICE.but(holidays_kept=kept)), facts=NEW))


def undelivered() -> Story:
    """Somebody whose mail server took no message."""
    return known().after(step(TICK, FAILED))


def said() -> Story:
    """Somebody who was told the line."""
    return known().after(step(TICK, Hear(line=LINE)), step(TICK, Tick(), after=timedelta(hours=2)))


def case(
    story: Callable[[], Story], by: str | Actor, command: Command, then: type[Event] | tuple[()] | str, **more: Any
) -> Case:
    """A line of the table."""
    return Case(story, by, command, then if isinstance(then, str | tuple) else (then,), **more)


CASES: list[Case] = [
    case(nobody, OPS, SetCalendar(calendar=OFFICE), CalendarSet, facts=NEW),
    case(known, MANAGER, SetCalendar(calendar=OFFICE.but(zone="Europe/Berlin")), CalendarSet),
    case(known, MANAGER, SetCalendar(calendar=OFFICE), "no_change"),
    case(known, MANAGER, TakeLeave(leave=AWAY), CalendarSet),
    case(known, MANAGER, TakeLeave(leave=Leave(start=date(2026, 1, 5), until=date(2026, 1, 6))), "bad_time"),
    case(lambda: known().after(step(MANAGER, TakeLeave(leave=AWAY))), MANAGER, TakeLeave(leave=AWAY), "already_done"),
    case(nobody, person(MANAGER, Role.LEAD), TakeLeave(leave=AWAY), "not_found"),
    case(bavarian, TICK, LEARNT, CalendarSet),
    case(known, TICK, LEARNT, ()),
    case(bavarian, TICK, LEARNT.but(after=date(2027, 12, 31)), ()),  # learnt before
    case(nobody, TICK, LEARNT, "not_found"),
    case(known, MANAGER, PREFER, PreferencesUpdated),
    case(known, MANAGER, PREFER.but(delegate=None), PreferencesUpdated),
    case(known, MANAGER, PREFER.but(delegate=DELEGATE.but(person=MANAGER)), "delegate_invalid"),
    case(known, MANAGER, PREFER.but(delegate=DELEGATE.but(person="P-NOBODY")), "delegate_invalid"),
    case(known, MANAGER, PREFER.but(delegate=DELEGATE.but(powers=("open",))), "delegate_invalid"),
    case(known, MANAGER, PREFER.but(delegate=DELEGATE.but(until=MONDAY)), "delegate_invalid"),
    case(known, SECOND_INTERVIEWER, PREFER, "not_permitted"),
    case(known, TICK, Hear(line=LINE), LineHeard),
    case(nobody, TICK, Hear(line=LINE), "not_found"),
    case(lambda: known().after(step(TICK, Hear(line=LINE))), TICK, Hear(line=LINE), "already_done"),
    case(known, TICK, AdoptPolicy(policy=POLICY.but(name="edited")), PolicyAdopted),
    case(known, TICK, FAILED, TaskRaised),
    case(undelivered, OPS, ResolveTask(task_id="T-3", outcome="retry", why="It is up again."), TaskResolved),
    case(undelivered, OPS, ResolveTask(task_id="T-1", outcome="done", why="Told them."), "unknown_reference"),
    case(said, TICK, SettleMessage(number=1, withheld=True), MessageSettled),
]
