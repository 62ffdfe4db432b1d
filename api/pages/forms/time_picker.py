"""The time picker: beside a form that asks for a time, when those who must be there work, and what suits them all.

It is drawn from what the form holds: who is chosen, how long it takes, which zone the candidate is in. Without scripts
a button shows it anew; a time is chosen by one tap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from api.access import With
from api.pages.forms.form_context import Subject
from api.pages.forms.form_schema import Form
from api.pages.layout.session import PageReader
from domain.time.calendars import Calendar
from domain.time.free_time import daytime, joined, starts, suiting, without, working
from domain.time.working_spans import NoWorkingTime, Span
from domain.time.zones import city_of, instant_of, zone_named
from mail.caldav import CalendarAway, CalendarRefused, NotAllowed
from store.command_lookups import Booking, bookings
from store.views import CandidateView, RequisitionView
from workflows.contract import stream_of

DAYS, LOOKED_AT = 5, 21
"""Days that are shown, and those of which the first times are sought."""

OFFERED, PROPOSED = 3, 6
"""Times that are offered for a meeting, and in answer to an invitation."""

FIELD = {
    "schedule_intake": "starts_at",
    "schedule_screen": "starts_at",
    "schedule_interview": "starts_at",
    "reschedule_interview": "starts_at",
    "book_debrief": "starts_at",
    "rebook_debrief": "starts_at",
    "respond_interview": "times",
}
"""The commands that ask for a time in somebody's calendar, and their field for it."""

WITH_NOTICE = frozenset({"schedule_screen", "schedule_interview", "reschedule_interview", "respond_interview"})
"""Those to which a candidate comes: in their daytime, and with notice."""

SLOT = "_slot"
"""The name of a time that was tapped, which stands in place of one that was typed."""

SILENT = "The calendar of {} does not answer: what they have on elsewhere is not known."

WHAT = {"intake": "intake call", "screen": "screen", "interview": "interview", "debrief": "debrief"}


@dataclass(frozen=True)
class Wanted:
    """What is to be found a time for: who must be there, how long, in whose daytime, and apart from which booking."""

    people: tuple[str, ...]
    minutes: int
    zone: str | None = None
    moved: str | None = None


@dataclass(frozen=True)
class Spell:
    """From when until when on the reader's clock; `what` is on then, where the reader may know it."""

    says: str
    what: str = ""


@dataclass(frozen=True)
class Hours:
    """Somebody's day on the reader's clock: when they work, and when they have something on."""

    works: tuple[Spell, ...]
    busy: tuple[Spell, ...]


@dataclass(frozen=True)
class Row:
    """Somebody's days. `note` says what is not known of them."""

    who: str
    lives: str
    days: tuple[Hours, ...]
    note: str = ""


@dataclass(frozen=True)
class Slot:
    """A time that suits everybody, as a form holds it and as people read it."""

    value: str
    says: str
    theirs: str


@dataclass(frozen=True)
class TimePicker:
    """What stands beside the field. `unknown` are those whose working hours nobody has set.

    It has no rows before it is known who must be there, and for how long.
    """

    field: str
    days: tuple[date, ...]
    rows: tuple[Row, ...]
    free: tuple[Hours, ...]
    slots: tuple[Slot, ...]
    chosen: str
    unknown: tuple[str, ...]
    city: str

    @property
    def offered(self) -> tuple[str, ...]:
        """The times that can be tapped, as the form holds them."""
        return tuple(slot.value for slot in self.slots)


async def time_picker(subject: Subject, form: Form, by: PageReader, at: With) -> TimePicker | None:
    """The picker of a form about `subject`; None for one that asks for no time."""
    field = FIELD.get(form.name)
    wanted = _wanted(subject, form.name, form.body()) if field else None
    if field is None or wanted is None:
        return None
    chosen = next((str(one.value) for one in form.fields if one.path == "starts_at"), "")
    if not wanted.people or wanted.minutes <= 0:
        return TimePicker(field, (), (), (), (), chosen, (), city_of(by.zone))
    now = datetime.now(UTC)
    until = now + timedelta(days=LOOKED_AT)
    calendars = await at.people.calendars(wanted.people)
    booked = [
        one
        for one in await bookings(at.pool, wanted.people, now - timedelta(days=1), until)
        if (one.stream, one.id) != (stream_of(subject.entity, subject.id), wanted.moved)
    ]
    own, silent = await _own_calendars(wanted.people, now, until, at)
    names = {choice.value: choice.words for choice in subject.choices.get("P", ())}
    hours = daytime(wanted.zone, now, until) if wanted.zone else None
    taken = [(one.starts_at, one.ends_at) for one in booked] + [span for spans in own.values() for span in spans]
    free = _free(wanted, calendars, taken, hours, await _earliest(form.name, subject, now, at), until)
    days = _days(free, calendars.values(), now, by.zone)
    clock = _Clock(by.zone, days)
    rows = [
        Row(
            names.get(person, "somebody who left"),
            calendars[person].in_words,
            clock.hours(
                working(calendars[person], clock.start, clock.end),
                [(one.starts_at, one.ends_at, _what(one, subject, by)) for one in booked if one.person == person]
                + [(*span, "busy") for span in own.get(person, ())],
            ),
            SILENT.format(names.get(person, "Somebody")) if person in silent else "",
        )
        for person in wanted.people
        if person in calendars
    ]
    if wanted.zone:
        theirs = daytime(wanted.zone, clock.start, clock.end)
        rows.append(Row("The candidate", city_of(wanted.zone), clock.hours(theirs)))
    length = timedelta(minutes=wanted.minutes)
    most = PROPOSED if field == "times" else OFFERED
    return TimePicker(
        field=field,
        days=days,
        rows=tuple(rows),
        free=clock.hours(free),
        slots=tuple(_slot(one, by.zone, wanted.zone) for one in starts(free, length, by.zone, most)),
        chosen=chosen,
        unknown=tuple(names.get(one, one) for one in wanted.people if one not in calendars),
        city=city_of(by.zone),
    )


async def _own_calendars(
    people: Iterable[str], start: datetime, end: datetime, at: With
) -> tuple[dict[str, tuple[Span, ...]], frozenset[str]]:
    """When those of `people` who connected a calendar are busy by it, and whose does not answer."""
    if not at.settings.calendar_servers:
        return {}, frozenset()
    opened = await at.connected_calendars.opened(people)

    async def busy(person: str) -> tuple[Span, ...] | None:
        try:
            return await at.caldav.busy(opened[person], start, end)
        except (CalendarAway, CalendarRefused, NotAllowed):
            return None

    answers = dict(zip(opened, await asyncio.gather(*map(busy, opened)), strict=True))
    known = {person: spans for person, spans in answers.items() if spans is not None}
    return known, frozenset(answers.keys() - known.keys())


def _free(
    wanted: Wanted,
    calendars: Mapping[str, Calendar],
    taken: Iterable[Span],
    hours: tuple[Span, ...] | None,
    earliest: datetime,
    until: datetime,
) -> tuple[Span, ...]:
    """When everybody could meet. Who has no working hours yet is taken to work at any of the others'."""
    at_work = [working(calendars[one], earliest, until) for one in wanted.people if one in calendars]
    if not at_work:
        return ()
    return suiting(at_work, taken, hours, earliest)


async def _earliest(command: str, subject: Subject, now: datetime, at: With) -> datetime:
    """From when on a time may be offered: with the notice a candidate is owed, where one comes."""
    soon = now + timedelta(hours=1)
    if command not in WITH_NOTICE or not isinstance(subject.view, CandidateView):
        return soon
    policy = at.policy.current()
    recruiter = subject.view.team.recruiter
    calendar = (await at.people.calendars([recruiter])).get(recruiter)
    if calendar is None:
        return soon
    try:
        # A moment longer, because the form is looked at before it is sent.
        return calendar.due(now, policy.interview_notice, policy.day) + timedelta(minutes=15)
    except NoWorkingTime:
        return soon


def _wanted(subject: Subject, command: str, body: Mapping[str, Any]) -> Wanted | None:
    """What a form asks a time for, by what it holds; None for what has no time of its own."""
    view = subject.view
    if isinstance(view, RequisitionView):
        team = view.team
        there = (team.recruiter, *_ids(body.get("attendees")), team.hr_partner)
        return Wanted(tuple(dict.fromkeys(there)), _minutes(body), moved="intake")
    if not isinstance(view, CandidateView):
        return None
    match command:
        case "schedule_screen":
            holds = str(body.get("held_by") or view.team.recruiter)
            return Wanted((holds,), _minutes(body), _zone(body), "screen")
        case "schedule_interview":
            return Wanted(_interviewers(body), _minutes(body), _zone(body))
        case "reschedule_interview" | "respond_interview":
            old = view.interviews.get(str(body.get("interview_id", "")))
            if old is None or old.starts_at is None:
                return None
            return Wanted(_interviewers(body) or old.people, old.minutes, old.zone, old.id)
        case "book_debrief":
            return Wanted(_ids(body.get("attendees")), _minutes(body))
        case "rebook_debrief" if view.debrief is not None:
            return Wanted(view.debrief.attendees, view.debrief.minutes, moved="debrief")
    return None


def _ids(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(dict.fromkeys(one for one in listed if isinstance(one, str) and one))


def _interviewers(body: Mapping[str, Any]) -> tuple[str, ...]:
    rows = body.get("interviewers")
    return _ids([row.get("person") for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else ())


def _minutes(body: Mapping[str, Any]) -> int:
    said = str(body.get("minutes", ""))
    return int(said) if said.isdecimal() and len(said) <= 3 else 0


def _zone(body: Mapping[str, Any]) -> str | None:
    try:
        return zone_named(str(body.get("candidate_zone", ""))).key
    except ValueError:
        return None


def _what(one: Booking, subject: Subject, by: PageReader) -> str:
    """What somebody has on: said to themselves, and of the one the form is about; of anything else it is “busy”."""
    known = one.person == by.id or one.stream == stream_of(subject.entity, subject.id)
    return WHAT.get(one.kind, "busy") if known else "busy"


def _days(free: tuple[Span, ...], calendars: Iterable[Calendar], now: datetime, zone: str) -> tuple[date, ...]:
    """The days that are shown: from the first on which something suits, or from today, those on which anybody works."""
    clock = zone_named(zone)
    first = (free[0][0] if free else now).astimezone(clock).date()
    since = instant_of(datetime.combine(first, time()), clock)
    spans = [span for calendar in calendars for span in working(calendar, since, since + timedelta(days=LOOKED_AT))]
    at_work = {at.astimezone(clock).date() for start, end in spans for at in (start, end)}
    coming = (first + timedelta(days=n) for n in range(LOOKED_AT))
    return tuple([day for day in coming if day in at_work or day == first][:DAYS])


class _Clock:
    """Lays spans out on the days of a reader's clock."""

    def __init__(self, zone: str, days: tuple[date, ...]) -> None:
        self._zone = zone_named(zone)
        self._days = [(self._midnight(day), self._midnight(day + timedelta(days=1))) for day in days]
        self.start, self.end = self._days[0][0], self._days[-1][1]

    def hours(self, works: Iterable[Span], busy: Iterable[tuple[datetime, datetime, str]] = ()) -> tuple[Hours, ...]:
        """Each day's hours."""
        works, busy = joined(works), list(busy)
        return tuple(
            Hours(
                tuple(Spell(self._says(*span)) for span in without(works, [(_FIRST, day[0]), (day[1], _LAST)])),
                tuple(
                    Spell(self._says(max(start, day[0]), min(end, day[1])), what)
                    for start, end, what in busy
                    if start < day[1] and end > day[0]
                ),
            )
            for day in self._days
        )

    def _midnight(self, day: date) -> datetime:
        return instant_of(datetime.combine(day, time()), self._zone)

    def _says(self, start: datetime, end: datetime) -> str:
        begins, ends = (f"{at.astimezone(self._zone):%H:%M}" for at in (start, end))
        return f"{begins}–{'24:00' if ends == '00:00' else ends}"  # noqa: RUF001


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def _slot(at: datetime, zone: str, theirs: str | None) -> Slot:
    here = at.astimezone(zone_named(zone))
    there = at.astimezone(zone_named(theirs)) if theirs and theirs != zone else None
    return Slot(
        f"{here:%Y-%m-%dT%H:%M}",
        f"{here:%a %-d %b, %H:%M}",
        f"{there:%a %H:%M} for the candidate" if there else "",
    )
