"""Oneself: how often and when Tandem speaks, who acts for whom, working hours and leave."""

from __future__ import annotations

from datetime import UTC, date, datetime

from fastapi import APIRouter, Request, Response

from api.access import With, needs
from api.pages.layout.display_names import names
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from domain.access.permissions import Permission
from domain.time.calendars import Week

routes = APIRouter()


@routes.get("/me")
@needs(Permission.OWN_READ)
async def me(request: Request, by: AsReader, at: With) -> Response:
    """The page."""
    known = await at.reads.person(by.id)
    today = datetime.now(UTC).date()
    words = {
        "known": known,
        "week": _week(known.calendar.week) if known else [],
        "holidays": sorted(day for day in known.calendar.holidays if day >= today)[:5] if known else [],
        "leave": [one for one in known.calendar.leave if _day(one.until) >= today] if known else [],
        "name": await names(at, known),
    }
    return page(request, "me.html", by, words)


def _week(week: Week) -> list[tuple[str, str]]:
    """Each day's shifts in words."""
    return [(day, ", ".join(shift.in_words for shift in getattr(week, day)) or "free") for day in Week.model_fields]


def _day(at: datetime | date) -> date:
    return at.date() if isinstance(at, datetime) else at
