"""Oneself: how often and when Tandem speaks, who acts for whom, working hours and leave."""

from __future__ import annotations

from datetime import UTC, date, datetime

from fastapi import APIRouter, Request, Response

from api.access import With
from api.pages.names import names
from api.pages.rendering import page
from api.pages.session import AsReader
from domain.calendars import Shift, Week
from store.reads import Reads

routes = APIRouter()


@routes.get("/me")
async def me(request: Request, by: AsReader, at: With) -> Response:
    """The page."""
    known = await Reads(at.pool).person(by.id)
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
    return [(day, ", ".join(map(_shift, getattr(week, day))) or "free") for day in Week.model_fields]


def _shift(shift: Shift) -> str:
    return "all day" if shift.start == shift.end else f"{shift.start:%H:%M} to {shift.end:%H:%M}"


def _day(at: datetime | date) -> date:
    return at.date() if isinstance(at, datetime) else at
