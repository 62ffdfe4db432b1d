"""Public holidays that do not end: the next year's are asked for thirteen months before there would be none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import partial

from domain.core.decider import Chapter
from domain.core.messages import Command, Effect, Event, Record
from domain.entity.call import Call
from domain.entity.effects import RenewHolidays
from domain.person.state import Person
from domain.person.working_calendar import CalendarSet

chapter: Chapter[Person] = Chapter()


class LearnHolidays(Command):
    """Somebody's public holidays after `after`, up to and with `until`, as they are on file by now."""

    after: date
    until: date
    days: tuple[date, ...]


class HolidaysRunningOut(Event):
    """The public holidays in somebody's calendar, written up to `until`, will not reach much further."""

    until: date


@chapter.awaits
def next_year_is_due(state: Person) -> Iterator[tuple[datetime, Callable[[], Event]]]:
    kept = state.calendar.holidays_kept if state.calendar else None
    if kept is not None and kept.until != state.holidays_asked_after:
        at = state.works.instant(kept.renewed_on, time())
        yield max(at, state.changed_at), partial(HolidaysRunningOut, until=kept.until)


@chapter.evolves(HolidaysRunningOut)
def asked_for(state: Person, event: HolidaysRunningOut, record: Record) -> Person:
    return state.but(holidays_asked_after=event.until)


@chapter.reacts(HolidaysRunningOut)
def ask_for_them(state: Person, event: HolidaysRunningOut, record: Record) -> Iterator[Effect]:
    kept = state.works.holidays_kept
    assert kept is not None, "holidays run out of a calendar that has none"
    yield RenewHolidays(person=state.id, country=kept.country, subdivision=kept.subdivision, year=event.until.year + 1)


@chapter.decides(LearnHolidays)
def learn_holidays(state: Person, learnt: LearnHolidays, call: Call) -> Iterator[Event]:
    """What somebody else's calendar needed, or was learnt before, changes nothing."""
    kept = state.calendar.holidays_kept if state.calendar else None
    if kept is not None and kept.until == learnt.after:
        calendar = state.works.but(
            holidays=state.works.holidays | set(learnt.days), holidays_kept=kept.but(until=learnt.until)
        )
        yield CalendarSet(person=state.id, calendar=calendar)
