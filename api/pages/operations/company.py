"""The company as an administrator sets it up: what is still to do on the first day, and the teams."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.access import With, needs
from api.administration import put_team, to_do
from api.documents import Named
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

routes = APIRouter()

TEAMS = "/ops/teams"


class TeamForm(BaseModel):
    """A team, and who leads it."""

    name: Named = Field(title="Team", description="One that is there already gets this lead.")
    lead: PersonId = Field(title="Who leads it")


@routes.get("/ops/company")
@needs(Permission.PEOPLE_WRITE)
async def company(request: Request, by: AsReader, at: With) -> Response:
    """What is still to do, and where everything about the company is kept."""
    return page(request, "company.html", by, {"to_do": await to_do(by.caller, at)})


@routes.get(TEAMS)
@needs(Permission.PEOPLE_WRITE)
async def teams(request: Request, by: AsReader, at: With, team: str = "") -> Response:
    """The teams, and the form that adds one or changes the lead of the `team` asked for."""
    return await _teams(request, by, at, given={"name": team} if team else {})


@routes.post(TEAMS, dependencies=[Depends(from_here)])
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
