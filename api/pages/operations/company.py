"""The company as an administrator sets it up: what is still to do, what it is called, closing days, and the teams."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.access import With, needs
from api.administration import put_team, to_do
from api.company import (
    CompanyBody,
    closing_days,
    company,
    put_closing_day,
    put_company,
    remove_closing_day,
    spread_closing_days,
)
from api.contact_types import Named
from api.pages.forms.command_forms import as_sent
from api.pages.forms.form_schema import Form, Typed
from api.pages.layout.display_names import names
from api.pages.layout.fields import Choice
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.pages.operations.administration_forms import own_form, sentence_of
from api.problems import Refused
from api.relations import in_office
from domain.access.permissions import Permission
from domain.core.ids import PersonId
from domain.time.calendars import LocalTime

routes = APIRouter()

TEAMS = "/ops/teams"
COMPANY = "/ops/company"
CLOSING_DAYS = "/ops/closing-days"
FORM = [Depends(from_here)]


class ClosingDayForm(BaseModel):
    """A day on which the company is closed."""

    day: date = Field(title="Day")
    name: Named = Field(title="Why", description="As in: between the years.")
    closes_at: LocalTime | None = Field(
        default=None, title="Closes at", description="Where it is closed from some time on, and open before."
    )


class TeamForm(BaseModel):
    """A team, and who leads it."""

    name: Named = Field(title="Team", description="One that is there already gets this lead.")
    lead: PersonId = Field(title="Who leads it")


@routes.get(COMPANY)
@needs(Permission.PEOPLE_WRITE)
async def overview(request: Request, by: AsReader, at: With) -> Response:
    """What is still to do, and where everything about the company is kept."""
    words = {"to_do": await to_do(by.caller, at), "company": await company(by.caller, at)}
    return page(request, "company.html", by, words)


@routes.get(f"{COMPANY}/change")
@needs(Permission.PEOPLE_WRITE)
async def changing(request: Request, by: AsReader, at: With) -> Response:
    """The form that says what the company is called, and where it works."""
    in_office(by.caller, Permission.PEOPLE_WRITE)
    known = await company(by.caller, at)
    given = known.model_dump() if known else {"zone": by.zone}
    return page(request, "company_form.html", by, own_form(Form(CompanyBody, by.zone, {}, given)))


@routes.post(f"{COMPANY}/change", dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def change(request: Request, by: AsReader, at: With) -> Response:
    """Says it."""
    asked = as_sent(await request.form())
    form = Form(CompanyBody, by.zone, {}, typed=asked.typed)
    wanted, errors = form.read()
    if wanted is not None and not asked.again:
        try:
            await put_company(wanted, by.caller, at)
            return RedirectResponse(f"{COMPANY}?done=company", 303)
        except Refused as refused:
            errors = sentence_of(refused)
    return page(request, "company_form.html", by, own_form(form, errors), 422 if errors else 200)


@routes.get(CLOSING_DAYS)
@needs(Permission.PEOPLE_WRITE)
async def closed(request: Request, by: AsReader, at: With) -> Response:
    """The days on which the company is closed, and the form that adds one."""
    return await _closed(request, by, at, Form(ClosingDayForm, by.zone, {}))


@routes.post(CLOSING_DAYS, dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def close(request: Request, by: AsReader, at: With) -> Response:
    """Closes the company on a day."""
    asked = as_sent(await request.form())
    form = Form(ClosingDayForm, by.zone, {}, typed=asked.typed)
    wanted, errors = form.read()
    if wanted is not None and not asked.again:
        try:
            await put_closing_day(wanted.day, wanted.name, by.caller, at, wanted.closes_at)
            return RedirectResponse(f"{CLOSING_DAYS}?done=closing_day", 303)
        except Refused as refused:
            errors = sentence_of(refused)
    return await _closed(request, by, at, form, errors)


@routes.post(f"{CLOSING_DAYS}/go-on", dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def go_on(by: AsReader, at: With) -> Response:
    """Brings them into the calendars that were not reached."""
    await spread_closing_days(by.caller, at)
    return RedirectResponse(CLOSING_DAYS, 303)


@routes.post(f"{CLOSING_DAYS}/{{day}}/remove", dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def open_again(day: date, by: AsReader, at: With) -> Response:
    """Takes a closing day back."""
    await remove_closing_day(day, by.caller, at)
    return RedirectResponse(CLOSING_DAYS, 303)


async def _closed(
    request: Request, by: PageReader, at: With, form: Form, errors: dict[str, str] | None = None
) -> Response:
    in_office(by.caller, Permission.PEOPLE_WRITE)
    known = await closing_days(by.caller, at)
    words = {"days": known.days, "to_follow": known.to_follow} | own_form(form, errors)
    return page(request, "closing_days.html", by, words, 422 if errors else 200)


@routes.get(TEAMS)
@needs(Permission.PEOPLE_WRITE)
async def teams(request: Request, by: AsReader, at: With, team: str = "") -> Response:
    """The teams, and the form that adds one or changes the lead of the `team` asked for."""
    return await _teams(request, by, at, given={"name": team} if team else {})


@routes.post(TEAMS, dependencies=FORM)
@needs(Permission.PEOPLE_WRITE)
async def save_team(request: Request, by: AsReader, at: With) -> Response:
    """Adds a team, or gives it another lead."""
    in_office(by.caller, Permission.PEOPLE_WRITE)
    asked = as_sent(await request.form())
    wanted, errors = Form(TeamForm, by.zone, await _leads(at), typed=asked.typed).read()
    if wanted is not None and not asked.again:
        try:
            await put_team(wanted.name, wanted.lead, by.caller, at)
            return RedirectResponse(f"{TEAMS}?done=team", 303)
        except Refused as refused:
            errors = sentence_of(refused)
    return await _teams(request, by, at, typed=asked.typed, errors=errors)


async def _teams(
    request: Request,
    by: PageReader,
    at: With,
    *,
    given: dict[str, Any] | None = None,
    typed: Typed | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    in_office(by.caller, Permission.PEOPLE_WRITE)
    known = await at.people.teams()
    form = Form(TeamForm, by.zone, await _leads(at), given, typed)
    words = {"teams": known, "name": await names(at, known)}
    return page(request, "teams.html", by, words | own_form(form, errors), 422 if errors else 200)


async def _leads(at: With) -> dict[str, list[Choice]]:
    return {"P": [Choice(id, name) for id, name in await at.people.colleagues()]}
