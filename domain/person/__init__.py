"""Somebody who uses Tandem: when they work, who may act for them, and what they are told.

Their requisitions and candidates keep copies of what they need of it (`PersonFacts`), sent whenever it changes
(`working_calendar`); public holidays are renewed by themselves (`holidays`). What they are to be told, over all their
requisitions, comes here, because it must outlive a crash (`inbox`); when it is said is a matter of its own
(`notification_scheduler`). A message that could not be sent is a task for a person, as anywhere.
"""

from __future__ import annotations

from domain.core.decider import Chapter, Decider
from domain.entity.clock_commands import DeliveryFailed, ResolveTask, TaskRaised, TaskResolved, clock_commands
from domain.person import holidays, inbox, working_calendar
from domain.person.inbox import Hear, MessageOrdered, MessageSettled
from domain.person.notification_scheduler import next_message
from domain.person.state import Person, Preferences
from domain.person.working_calendar import (
    CalendarSet,
    DelegateTo,
    PreferencesUpdated,
    SetCalendar,
    SetUpdatePreferences,
    TakeLeave,
)


def _tasks() -> Chapter[Person]:
    """Of the clockwork only what is done about failed deliveries: nobody owes anything here."""
    whole: Chapter[Person] = clock_commands()
    tasks: Chapter[Person] = Chapter()
    for command in (DeliveryFailed, ResolveTask):
        tasks.deciding[command] = whole.deciding[command]
    tasks.choices[ResolveTask] = whole.choices[ResolveTask]
    for event in (TaskRaised, TaskResolved):
        tasks.evolving[event] = whole.evolving[event]
    tasks.reacting[TaskResolved] = whole.reacting[TaskResolved]
    return tasks


def phase(state: Person) -> str:
    """Nobody has phases: who uses Tandem is here."""
    return "here" if state.id else "unknown"


def requisition_of(state: Person) -> str:
    """A person belongs to no one search."""
    return ""


def describe(state: Person) -> str:
    """What is known of how they work and what waits to be said, in Markdown, without their name."""
    if state.calendar is None:
        return "Not known yet."
    lines = [f"Works by a calendar in {state.calendar.zone}; updates {state.preferences.cadence.replace('_', ' ')}."]
    if state.delegate is not None:
        lines += [
            "",
            f"- Delegated until {state.delegate.until:%Y-%m-%d %H:%M} UTC: {', '.join(state.delegate.powers)}",
        ]
    if (coming := next_message(state)) is not None:
        lines += [
            "",
            f"- Notifications waiting: {len(state.waiting)}; the next message on {coming.at:%Y-%m-%d %H:%M} UTC",
        ]
    lines += [f"- A manual task: {task.kind.replace('_', ' ')}, {task.reason}" for task in state.tasks.values()]
    return "\n".join(lines)


PERSON = Decider("person", Person(), (working_calendar.chapter, holidays.chapter, inbox.chapter, _tasks()), ())

__all__ = [
    "PERSON",
    "CalendarSet",
    "DelegateTo",
    "Hear",
    "MessageOrdered",
    "MessageSettled",
    "Person",
    "Preferences",
    "PreferencesUpdated",
    "SetCalendar",
    "SetUpdatePreferences",
    "TakeLeave",
    "describe",
    "phase",
    "requisition_of",
]
