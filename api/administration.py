"""People and teams, as an administrator keeps them. How somebody works is a command of their own entity."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError

from api.access import AsCaller, Caller, With, by_command, needs
from api.commands import IdempotencyKey, derived_id, known_key, submit
from api.contact_types import Email, Named
from api.leaving import hand_over
from api.payload_limits import as_given, bounds
from api.problems import RESPONSES, Refused
from api.relations import in_office
from api.services import Services
from domain.access.permissions import Permission
from domain.access.roles import Role
from domain.core.ids import PersonId
from domain.person import SetCalendar
from domain.time.calendars import OFFICE_WEEK, Calendar, OtherWeek, Week
from domain.time.zones import Zone
from store.command_lookups import without_successor
from store.holiday_calendars import calendar
from store.users import AddressTaken, ChangedMeanwhile, CompanyTeam, NoSuchTeam, User, Users
from workflows.contract import Receipt, stream_of

routes = APIRouter(prefix="/v1", tags=["administration"], responses=RESPONSES)

AGAIN = 2
"""How often a change of a user that another came before is tried once more."""

STALE = "stale_version"

T = TypeVar("T")


def _code(typed: Any) -> Any:
    return typed.strip().upper() if isinstance(typed, str) else typed


Country = Annotated[str, BeforeValidator(_code), StringConstraints(pattern=r"^[A-Z]{2}$")]
Subdivision = Annotated[str, BeforeValidator(_code), StringConstraints(max_length=10)]


class PersonBody(BaseModel):
    """A user of Tandem. `standing`: R opens requisitions, L leads, P is HR, O operates and administers."""

    name: Named
    email: Email
    team: Named | None = None
    zone: Zone
    standing: frozenset[Role] = frozenset()
    active: bool = True
    chat: str | None = Field(default=None, pattern=r"^[\w.-]{1,80}$", description="Their handle in chat, without @.")


NewUser = Annotated[PersonBody, bounds(PersonBody, "ignore")]


class ToDo(BaseModel):
    """Something to be done before the company can work: what, and the page on which it is done."""

    what: str
    link: str


class CalendarBody(BaseModel):
    """When somebody works: the shifts of a week in their zone, less the public holidays of where they live."""

    zone: Zone
    country: Country = Field(description="ISO 3166-1.")
    subdivision: Subdivision | None = Field(default=None, description="ISO 3166-2 without the country: NY, BY.")
    week: Annotated[Week, as_given(Week)] = OFFICE_WEEK
    other_week: Annotated[OtherWeek, as_given(OtherWeek)] | None = None


@routes.get("/people", operation_id="people")
@needs(Permission.PEOPLE_READ)
async def people(by: AsCaller, at: With) -> list[User]:
    """Every user, by name."""
    in_office(by, Permission.PEOPLE_READ)
    return await at.people.everybody()


@routes.post("/people", operation_id="add_person", summary="Add a user", status_code=201)
@needs(Permission.PEOPLE_WRITE)
async def add_person(body: NewUser, by: AsCaller, at: With, idempotency_key: IdempotencyKey = None) -> User:
    """Add somebody. For operations."""
    in_office(by, Permission.PEOPLE_WRITE)
    known = at.people
    person = User(id=derived_id("P", by.actor.id, known_key(idempotency_key, at)), **body.model_dump())
    added = await known.get(person.id)
    if added is not None and added != person:
        raise Refused(422, "key_reused", "This Idempotency-Key was used for somebody else.", "A new key.")
    return added or await _put(person, known)


@routes.put("/people/{id}", operation_id="put_person", summary="Change a user")
@needs(Permission.PEOPLE_WRITE)
async def put_person(id: PersonId, body: NewUser, by: AsCaller, at: With) -> User:
    """Replace what is known of somebody. For operations.

    `active: false` says that they left: sessions, tokens and links end at once, and what they hold in requisitions goes
    to the hiring manager's delegate or to their lead. Said again, it is tried again.
    """
    in_office(by, Permission.PEOPLE_WRITE)
    return await changed(User(id=id, **body.model_dump()), by, at)


async def changed(person: User, by: Caller, at: Services, was: User | None = None) -> User:
    """A user as they are known from now on; of one who left, what they hold is handed over. Raises Refused.

    `was` is what `person` was made of, where it was: nobody who left meanwhile is back by that.
    """
    known = at.people
    before = was or await known.get(person.id)
    if before is None:
        raise Refused(404, "not_found", "There is no such user.", "An id the API gave out.")
    if _administers(before) and not _administers(person) and not await _other_administrators(person.id, known):
        raise Refused(
            422, "invalid", "Nobody else administers Tandem.", "Somebody else in this role first.", "standing"
        )
    await stays_applicant(before, person.email, at)
    await _put(person, known, before)
    if not person.active:
        await hand_over(person.id, by, at)
    return person


def stale(what: str) -> Refused:
    """What is answered where another changed a user, or a group, since they were read."""
    return Refused(409, STALE, f"Somebody else changed this {what} meanwhile.", "What it is now, and then say it.")


async def once_more(change: Callable[[], Awaitable[T]]) -> T:
    """Changes something by what it is, and again by what it became, where somebody else changed it meanwhile."""
    for _ in range(AGAIN):
        try:
            return await change()
        except Refused as refused:
            if refused.problem.code != STALE:
                raise
    return await change()


async def stays_applicant(person: User, email: str, at: Services) -> None:
    """Before a colleague's address becomes another: their own candidacies stay closed to them."""
    if email.lower() != person.email.lower():
        matches = await asyncio.to_thread(at.addresses.known, person.email.lower())
        await at.applicants.stays_colleague(person.id, matches)


@routes.get("/people/{id}/calendar", operation_id="calendar")
@needs(Permission.PEOPLE_READ)
async def person_calendar(id: PersonId, by: AsCaller, at: With) -> Calendar:
    """When somebody works, with holidays and leave."""
    in_office(by, Permission.PEOPLE_READ)
    found = (await at.people.calendars([id])).get(id)
    if found is None:
        raise Refused(404, "not_found", "There is no calendar of theirs.", "Somebody whose calendar was set.")
    return found


@routes.put("/people/{id}/calendar", operation_id="put_calendar")
@by_command
async def put_calendar(
    id: PersonId,
    body: Annotated[CalendarBody, bounds(CalendarBody, "ignore")],
    by: AsCaller,
    at: With,
    idempotency_key: IdempotencyKey = None,
) -> Receipt:
    """Say when somebody works; public holidays are looked up, and from then on renewed year by year.

    Their running clocks keep the working time that was left. For the user, a lead and operations.
    """
    holidays, days = working_calendar(body), await at.company.standing()
    command = SetCalendar(calendar=days.in_calendar(id, holidays))
    receipt = await submit(stream_of("person", id), command, by, at, idempotency_key)
    await at.company.stands(id, days.entering(holidays, command.calendar))
    return receipt


def working_calendar(body: CalendarBody) -> Calendar:
    """The calendar that is meant, with its holidays. Refuses a country or a part of one that is unknown."""
    try:
        return calendar(body.country, body.subdivision, body.zone, datetime.now(UTC).year, body.week, body.other_week)
    except ValidationError as overlapping:
        sentence = overlapping.errors()[0]["msg"].removeprefix("Value error, ")
        raise Refused(422, "invalid", sentence, "Weeks that follow on each other.", "other_week") from None
    except ValueError as unknown:
        raise Refused(422, "invalid", str(unknown), "Codes such as US, or DE with its part BY.", "country") from None


@routes.get("/teams", operation_id="teams")
@needs(Permission.PEOPLE_READ)
async def teams(by: AsCaller, at: With) -> list[CompanyTeam]:
    """All teams."""
    in_office(by, Permission.PEOPLE_READ)
    return await at.people.teams()


@routes.put("/teams/{name}", operation_id="put_team")
@needs(Permission.PEOPLE_WRITE)
async def put_team(name: Named, lead: PersonId, by: AsCaller, at: With) -> CompanyTeam:
    """Add a team, or give it another lead. For operations."""
    in_office(by, Permission.PEOPLE_WRITE)
    if await at.people.get(lead) is None:
        raise Refused(422, "unknown_reference", "There is no such user.", "The id of somebody here.", "lead")
    team = CompanyTeam(name=name, lead=lead)
    await at.people.put_team(team)
    return team


@routes.get("/company/to-do", operation_id="company_to_do", summary="What is still to do on the first day")
@needs(Permission.PEOPLE_WRITE)
async def to_do(by: AsCaller, at: With) -> list[ToDo]:
    """What is missing for the company to work. For operations."""
    in_office(by, Permission.PEOPLE_WRITE)
    users = [one for one in await at.people.everybody() if one.active]
    found = [
        ToDo(what=sentence, link="/ops/people/add")
        for role, sentence in _NOBODY_YET.items()
        if not any(role in one.standing for one in users)
    ]
    if not await at.people.teams():
        found.append(ToDo(what="There is no team yet: each requisition is opened for one.", link="/ops/teams"))
    have_calendars = await at.people.calendars(one.id for one in users)
    gone = (await at.people.several(await without_successor(at.pool))).values()
    found += [
        ToDo(what=f"{one.name} left, and nobody follows them in what they held.", link=left_page(one.id))
        for one in sorted(gone, key=lambda one: one.name)
    ]
    return found + [
        ToDo(what=f"{one.name} has no working hours: no deadline of theirs can be counted.", link=hours_page(one.id))
        for one in users
        if one.id not in have_calendars
    ]


_NOBODY_YET = {
    Role.RECRUITER: "Nobody opens requisitions yet: add a recruiter.",
    Role.HR_PARTNER: "There is no HR partner yet: each requisition has one.",
    Role.LEAD: "There is no lead yet: leads hear of what is late.",
}


def hours_page(person: str) -> str:
    """The page on which an administrator says when a user works."""
    return f"/ops/people/{person}/hours"


def left_page(person: str) -> str:
    """The page that says what of somebody's is to be handed over."""
    return f"/ops/people/{person}/left"


def _administers(person: User) -> bool:
    return person.active and Role.OPS in person.standing


async def _other_administrators(than: str, known: Users) -> bool:
    return any(_administers(one) for one in await known.everybody() if one.id != than)


async def _put(person: User, known: Users, was: User | None = None) -> User:
    try:
        await known.put(person, was)
    except ChangedMeanwhile:
        raise stale("user") from None
    except AddressTaken:
        raise Refused(422, "invalid", "Somebody else has this address.", "Their own address.", "email") from None
    except NoSuchTeam:
        raise Refused(422, "unknown_reference", "There is no such team.", "The name of a team.", "team") from None
    return person
