"""Users, as an administrator adds, changes and invites them, and lets them go."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.access import With, needs
from api.administration import (
    CalendarBody,
    Country,
    PersonBody,
    Subdivision,
    add_person,
    changed,
    put_calendar,
    working_calendar,
)
from api.contact_types import Email, Named
from api.invitations import invite
from api.pages.forms.command_forms import SentForm, as_sent
from api.pages.forms.form_schema import Form
from api.pages.layout.display_names import names
from api.pages.layout.fields import Choice, Choices
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.pages.operations.administration_forms import own_form, sentence_of
from api.problems import Refused
from api.relations import in_office
from domain.access.permissions import Permission
from domain.access.roles import PLACES, ROLES, Role
from domain.core.ids import PersonId
from domain.time.calendars import OFFICE_WEEK, OtherWeek, Week
from domain.time.zones import Zone
from store.users import User
from store.views import BoardLine

routes = APIRouter()

USERS = "/ops/people"
FORM = [Depends(from_here)]
LISTED = 200
"""Requisitions of somebody who leaves that are listed, those that are late first."""


class UserForm(BaseModel):
    """Who somebody is, and what they may."""

    name: Named = Field(title="Name")
    email: Email = Field(title="Mail address")
    zone: Zone = Field(title="Time zone", description="By its name, as in Europe/Berlin.")
    team: Named | None = Field(default=None, title="Team")
    standing: frozenset[Role] = Field(
        default=frozenset(),
        title="What they may in the company",
        description="Hiring managers and interviewers need none of these: a requisition says who they are.",
    )
    chat: str | None = Field(
        default=None, pattern=r"^[\w.-]{1,80}$", title="Handle in chat", description="Without the @."
    )


class HoursForm(BaseModel):
    """When somebody works."""

    country: Country = Field(
        title="Country they work in", description="By its code, as in DE or US: its public holidays are free."
    )
    subdivision: Subdivision | None = Field(
        default=None, title="State or region", description="By its code, as in BY or NY, where holidays differ."
    )
    week: Week = Field(default=OFFICE_WEEK, title="Working week", description="Office hours, unless you say otherwise.")
    other_week: OtherWeek | None = Field(
        default=None, title="Every other week", description="Where two weeks alternate: the hours of the other one."
    )


class NewUserForm(UserForm, HoursForm):
    """Somebody new, with their working hours, so that they can be asked for something at once."""


class Holding(NamedTuple):
    """An open requisition in which somebody has a role, or a task."""

    requisition: BoardLine
    roles: tuple[str, ...]
    leads: tuple[str, ...]


@routes.get(f"{USERS}/add")
@needs(Permission.PEOPLE_WRITE)
async def newcomer(request: Request, by: AsReader, at: With) -> Response:
    """The form that adds a user."""
    usual = await at.company.details()
    given = usual.model_dump(exclude={"name"}) if usual else {"zone": by.zone}
    return await _form(request, by, at, NewUserForm, None, given=given)


@routes.post(f"{USERS}/add", dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def add(request: Request, by: AsReader, at: With) -> Response:
    """Adds a user with their working hours, and invites them by mail."""
    asked = as_sent(await request.form())
    wanted, errors = Form(NewUserForm, by.zone, await _choices(by, at), typed=asked.typed).read()
    if asked.more or wanted is None:
        return await _form(request, by, at, NewUserForm, None, asked=asked, errors={} if asked.more else errors)
    hours = _hours(wanted, wanted.zone)
    try:
        working_calendar(hours)  # so that nobody is added who could not be asked for anything
        added = await add_person(_body(wanted), by.caller, at, asked.key)
        await put_calendar(added.id, hours, by.caller, at, asked.key)
    except Refused as refused:
        return await _form(request, by, at, NewUserForm, None, asked=asked, errors=sentence_of(refused))
    return await _invited(added.id, by, at)


@routes.get(f"{USERS}/{{id}}/change")
@needs(Permission.PEOPLE_WRITE)
async def changing(request: Request, id: PersonId, by: AsReader, at: With) -> Response:
    """The form that changes a user."""
    person = await _user(id, by, at)
    return await _form(request, by, at, UserForm, person, given=person.model_dump(mode="json"))


@routes.post(f"{USERS}/{{id}}/change", dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def change(request: Request, id: PersonId, by: AsReader, at: With) -> Response:
    """Changes what is known of a user."""
    person, asked = await _user(id, by, at), as_sent(await request.form())
    wanted, errors = Form(UserForm, by.zone, await _choices(by, at), typed=asked.typed).read()
    if asked.more or wanted is None:
        return await _form(request, by, at, UserForm, person, asked=asked, errors={} if asked.more else errors)
    try:
        await changed(User(id=id, **_body(wanted, active=person.active).model_dump()), by.caller, at, person)
    except Refused as refused:
        return await _form(request, by, at, UserForm, person, asked=asked, errors=sentence_of(refused))
    return _to(id, "changed")


@routes.get(f"{USERS}/{{id}}/hours")
@needs(Permission.PEOPLE_WRITE)
async def working_hours(request: Request, id: PersonId, by: AsReader, at: With) -> Response:
    """The form that says when a user works."""
    return await _form(request, by, at, HoursForm, await _user(id, by, at))


@routes.post(f"{USERS}/{{id}}/hours", dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def set_hours(request: Request, id: PersonId, by: AsReader, at: With) -> Response:
    """Says when a user works, in their own time zone."""
    person, asked = await _user(id, by, at), as_sent(await request.form())
    wanted, errors = Form(HoursForm, by.zone, {}, typed=asked.typed).read()
    if asked.more or wanted is None:
        return await _form(request, by, at, HoursForm, person, asked=asked, errors={} if asked.more else errors)
    try:
        await put_calendar(id, _hours(wanted, person.zone), by.caller, at, asked.key)
    except Refused as refused:
        return await _form(request, by, at, HoursForm, person, asked=asked, errors=sentence_of(refused))
    return _to(id, "hours")


@routes.post(f"{USERS}/{{id}}/invite", dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def invite_again(id: PersonId, by: AsReader, at: With) -> Response:
    """Mails a user a new invitation."""
    return await _invited((await _user(id, by, at)).id, by, at)


@routes.get(f"{USERS}/{{id}}/left")
@needs(Permission.PEOPLE_WRITE)
async def leaving(request: Request, id: PersonId, by: AsReader, at: With) -> Response:
    """What happens when a user leaves, and what of theirs is to be handed over."""
    return await _left(request, await _user(id, by, at), by, at)


@routes.post(f"{USERS}/{{id}}/left", dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def leave(request: Request, id: PersonId, by: AsReader, at: With) -> Response:
    """Lets a user go: their sessions, tokens and links end at once."""
    return await _set_active(request, id, by, at, active=False)


@routes.post(f"{USERS}/{{id}}/back", dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def come_back(request: Request, id: PersonId, by: AsReader, at: With) -> Response:
    """Takes a user back who had left; what had ended stays so."""
    return await _set_active(request, id, by, at, active=True)


async def _set_active(request: Request, id: str, by: PageReader, at: With, *, active: bool) -> Response:
    person = await _user(id, by, at)
    try:
        await changed(person.but(active=active), by.caller, at, person)
    except Refused as refused:
        return await _left(request, person, by, at, " ".join(sentence_of(refused).values()))
    return _to(id, "back") if active else RedirectResponse(f"{USERS}/{id}/left", 303)


async def _invited(id: str, by: PageReader, at: With) -> Response:
    try:
        await invite(id, by.caller, at)
    except Refused as away:
        if away.problem.code != "unavailable":
            raise
        return _to(id, "not-invited")
    return _to(id, "invited")


async def _left(request: Request, person: User, by: PageReader, at: With, wrong: str = "") -> Response:
    lines = [line for line in await at.reads.board(person=person.id, limit=LISTED) if line.standing != "ended"]
    views = await asyncio.gather(*(at.reads.requisition(line.id) for line in lines))
    holdings = [
        Holding(
            line,
            tuple(place.replace("_", " ") for place, _ in PLACES if getattr(view.team, place) == person.id),
            tuple({view.team.recruiting_lead, view.team.manager_lead} - {person.id}),
        )
        for line, view in zip(lines, views, strict=True)
        if view is not None
    ]
    words = {"person": person, "holdings": holdings, "wrong": wrong, "name": await names(at, holdings)}
    return page(request, "left.html", by, words, 422 if wrong else 200)


async def _user(id: str, by: PageReader, at: With) -> User:
    in_office(by.caller, Permission.PEOPLE_WRITE)
    if (person := await at.people.get(id)) is None:
        raise Refused(404, "not_found", "There is no such user.", "A link from the list of users.")
    return person


def _to(id: str, told: str) -> Response:
    return RedirectResponse(f"{USERS}/{id}?told={told}", 303)


def _body(wanted: UserForm, *, active: bool = True) -> PersonBody:
    return PersonBody(**{name: getattr(wanted, name) for name in UserForm.model_fields}, active=active)


def _hours(wanted: HoursForm, zone: str) -> CalendarBody:
    return CalendarBody(zone=zone, **wanted.model_dump(include=set(HoursForm.model_fields)))


async def _choices(by: PageReader, at: With) -> Choices:
    in_office(by.caller, Permission.PEOPLE_WRITE)
    zones = {person.zone for person in await at.people.everybody()}
    return {
        "team": [Choice(team.name, team.name) for team in await at.people.teams()],
        "standing": [Choice(row.role, row.may) for row in ROLES.values() if row.may],
        "?zone": [Choice(zone, zone.replace("_", " ")) for zone in sorted(zones)],
    }


async def _form(
    request: Request,
    by: PageReader,
    at: With,
    kind: type[BaseModel],
    person: User | None,
    *,
    given: Mapping[str, Any] | None = None,
    asked: SentForm | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    """The form of `kind` about `person`, or about somebody new, as it begins or as it was `asked`."""
    rows = {asked.more: 1} if asked else None
    form = Form(kind, by.zone, await _choices(by, at), given, asked.typed if asked else None, rows)
    words = {"person": person, "hours": kind is HoursForm, "action": request.url.path}
    drawn = own_form(form, errors, asked.key if asked else "")
    return page(request, "user_form.html", by, words | drawn, 422 if errors else 200)
