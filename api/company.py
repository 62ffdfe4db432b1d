"""The company itself: its name, where most of it works, and the days on which it is closed, for everybody."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access import AsCaller, Caller, With, needs
from api.administration import CalendarBody, Country, Subdivision, working_calendar
from api.commands import AT_ONCE, submit
from api.contact_types import Named
from api.payload_limits import bounds
from api.problems import RESPONSES, Refused
from api.relations import in_company, in_office
from api.services import Services
from domain.access.permissions import Permission
from domain.person import SetCalendar
from domain.time.calendars import LocalTime
from domain.time.zones import Zone
from store.company import ClosingDay, CompanyDetails
from workflows.contract import stream_of

routes = APIRouter(prefix="/v1/company", tags=["administration"], responses=RESPONSES)

WITHIN = 4.0
"""Seconds after which no further calendar is begun: a large company's follow with the next request."""

YEARS_AHEAD = 3
"""How far ahead a company says that it is closed."""

AGAIN = 3
"""How often a calendar that was changed meanwhile is tried again."""


class CompanyBody(BaseModel):
    """What the company is called, and where most of it works: what the form of a new user begins with."""

    name: Named = Field(title="Name")
    zone: Zone = Field(title="Time zone", description="By its name, as in Europe/Berlin.")
    country: Country = Field(title="Country", description="By its code, as in DE or US.")
    subdivision: Subdivision | None = Field(
        default=None, title="State or region", description="By its code, as in BY or NY."
    )


class ClosingDaysSaved(BaseModel):
    """The days on which the company is closed, and how many users' calendars do not show them yet.

    There are many, or the engine did not answer: `POST /v1/company/closing-days` goes on.
    """

    days: list[ClosingDay]
    to_follow: int = 0


@routes.get("", operation_id="company", summary="The company")
@needs(Permission.PEOPLE_READ)
async def company(by: AsCaller, at: With) -> CompanyDetails | None:
    """What the company is called and where most of it works; null until an administrator says so."""
    in_office(by, Permission.PEOPLE_READ)
    return await at.company.details()


@routes.put("", operation_id="put_company", summary="Say what the company is called, and where it works")
@needs(Permission.PEOPLE_WRITE)
async def put_company(body: Annotated[CompanyBody, bounds(CompanyBody)], by: AsCaller, at: With) -> CompanyDetails:
    """Replace it. For operations."""
    in_office(by, Permission.PEOPLE_WRITE)
    working_calendar(CalendarBody(zone=body.zone, country=body.country, subdivision=body.subdivision))
    details = CompanyDetails(**body.model_dump())
    await at.company.put(details)
    return details


@routes.get("/closing-days", operation_id="closing_days", summary="Days on which the company is closed")
@needs(Permission.PEOPLE_READ)
async def closing_days(by: AsCaller, at: With) -> ClosingDaysSaved:
    """Those that were said, by date; public holidays are in each user's own calendar.

    How many calendars are still to follow is told to operations.
    """
    in_office(by, Permission.PEOPLE_READ)
    # Everybody's calendar is looked at for that: not for each colleague who asks.
    follow = len(await behind(at)) if in_company(by).may(Permission.PEOPLE_WRITE) else 0
    return ClosingDaysSaved(days=await at.company.closing_days(), to_follow=follow)


@routes.put("/closing-days/{day}", operation_id="put_closing_day", summary="Close the company on a day")
@needs(Permission.PEOPLE_WRITE)
async def put_closing_day(
    day: date, name: Named, by: AsCaller, at: With, closes_at: LocalTime | None = None
) -> ClosingDaysSaved:
    """Nothing falls due on that day for anybody: it enters every user's calendar, and whoever is added later has it.

    With `closes_at`, a time on each user's own wall clock, nothing falls due after that. Clocks that run keep the
    working time that was left. For operations.
    """
    in_office(by, Permission.PEOPLE_WRITE)
    today = datetime.now(UTC).date()
    if not today < day <= today + timedelta(days=366 * YEARS_AHEAD):
        raise Refused(
            422, "invalid", "That day is over, or too far away.", f"A day to come, within {YEARS_AHEAD} years.", "day"
        )
    await at.company.close_on(ClosingDay(day=day, name=name, closes_at=closes_at))
    return await _spread(by, at)


@routes.delete("/closing-days/{day}", operation_id="remove_closing_day", summary="Do not close on that day after all")
@needs(Permission.PEOPLE_WRITE)
async def remove_closing_day(day: date, by: AsCaller, at: With) -> ClosingDaysSaved:
    """It leaves the calendars in which it is no holiday anyway. For operations."""
    in_office(by, Permission.PEOPLE_WRITE)
    if not await at.company.open_on(day):
        raise Refused(404, "not_found", "The company is not closed on that day.", "A day from the list.")
    return await _spread(by, at)


@routes.post("/closing-days", operation_id="spread_closing_days", summary="Bring closing days into calendars")
@needs(Permission.PEOPLE_WRITE)
async def spread_closing_days(by: AsCaller, at: With) -> ClosingDaysSaved:
    """Goes on where not every user's calendar was reached. For operations."""
    in_office(by, Permission.PEOPLE_WRITE)
    return await _spread(by, at)


async def behind(at: Services) -> list[str]:
    """Ids of the users whose calendars do not show the company's closing days yet."""
    days = await at.company.standing()
    users = [one.id for one in await at.people.everybody() if one.active]
    calendars = await at.people.calendars(users)
    return [one for one, known in calendars.items() if days.in_calendar(one, known) != known]


async def _spread(by: Caller, at: Services) -> ClosingDaysSaved:
    """Brings the days into every calendar, some at once, for a while."""
    room = asyncio.Semaphore(AT_ONCE)
    until = time.monotonic() + WITHIN

    async def reach(person: str) -> bool:
        async with room:
            return time.monotonic() < until and await _reach(person, by, at)

    reached = await asyncio.gather(*(reach(person) for person in await behind(at)))
    await at.company.forget_ended()
    return ClosingDaysSaved(days=await at.company.closing_days(), to_follow=reached.count(False))


async def _reach(person: str, by: Caller, at: Services) -> bool:
    """Changes somebody's calendar, as it is now; False where the engine does not answer.

    Others may be at it, for other days or the same: nobody takes off the record what another put there.
    """
    for _ in range(AGAIN):
        view, days = await at.reads.person(person), await at.company.standing(person)
        if view is None:
            return True
        wanted = days.in_calendar(person, view.calendar)
        if wanted == view.calendar:
            await at.company.left(person, days.ended)
            return True
        # Until the calendar has changed, both what stands there and what is to stand there are on record.
        await at.company.enters(person, days.entering(view.calendar, wanted))
        command = SetCalendar(calendar=wanted)
        try:
            await submit(stream_of("person", person), command, by, at, expected=view.version)
        except Refused as refused:
            if refused.problem.code == "unavailable":
                return False
            if refused.problem.code not in ("stale_version", "no_change"):
                raise
            continue
        await at.company.left(person, days.ended)
        return True
    return False
