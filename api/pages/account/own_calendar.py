"""One's own calendar: connected, so that its busy times stand beside the time picker, and let go again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.access import With, needs
from api.pages.layout.session import AGAIN, AsReader, PageReader, from_here
from api.pages.layout.templating import page
from domain.access.permissions import Permission
from mail.caldav import CalendarAway, CalendarRefused, NotAllowed
from store.connected_calendars import CalendarAccess

routes = APIRouter()

PLACE = "/me/calendar"
LONGEST = 500

WRONG = {
    CalendarRefused: "The calendar's server does not let you in: look at the name and the password or token.",
    CalendarAway: "No calendar answers there, or none that says when you are busy. Look at the address.",
    NotAllowed: "Your administrator has not allowed this calendar server. Those allowed: {}.",
}


@routes.get(PLACE)
@needs(Permission.OWN_READ)
async def own_calendar(request: Request, by: AsReader, at: With) -> Response:
    """Which calendar is connected, or the form that connects one."""
    return await _shown(request, by, at)


@routes.post(PLACE, dependencies=[Depends(from_here)])
@needs(Permission.OWN_READ)
async def connect(request: Request, by: AsReader, at: With) -> Response:
    """Connects a calendar, once its server has answered."""
    sent = await request.form()
    typed = {name: str(sent.get(name) or "").strip()[:LONGEST] for name in ("address", "user", "secret")}
    if AGAIN in sent:  # it was kept over a sign-in: shown to whoever typed it, not done
        return await _shown(request, by, at, typed)
    if not typed["address"] or not typed["secret"]:
        return await _shown(request, by, at, typed, "The address, and the password or token, are needed.")
    access = CalendarAccess(typed["address"], typed["user"], typed["secret"])
    try:
        found = await at.caldav.calendars(access)
        if not found:
            raise CalendarAway
        access = replace(access, calendars=found)
        await at.caldav.busy(access, *_a_week())
    except (CalendarRefused, CalendarAway, NotAllowed) as failed:
        servers = ", ".join(at.settings.calendar_servers) or "none yet"
        return await _shown(request, by, at, typed, WRONG[type(failed)].format(servers))
    await at.connected_calendars.connect(by.id, access)
    return RedirectResponse(PLACE, 303)


@routes.post(f"{PLACE}/disconnect", dependencies=[Depends(from_here)])
@needs(Permission.OWN_READ)
async def disconnect(by: AsReader, at: With) -> Response:
    """Forgets the calendar, and what opens it."""
    await at.connected_calendars.disconnect(by.id)
    return RedirectResponse(PLACE, 303)


def _a_week() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now, now + timedelta(days=7)


async def _shown(
    request: Request, by: PageReader, at: With, typed: dict[str, str] | None = None, wrong: str = ""
) -> Response:
    words = {
        "connected": await at.connected_calendars.of(by.id),
        "servers": at.settings.calendar_servers,
        "typed": typed or {},
        "wrong": wrong,
    }
    return page(request, "own_calendar.html", by, words, 422 if wrong else 200)
