"""Retention on a page: whose data go by when, and what keeps others'. A dry run."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from api.access import With, needs
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.pages.operations.audit import Day, day_begins
from api.relations import in_office
from api.retention import LOOKS_AHEAD, ops_retention
from domain.access.permissions import Permission
from domain.sla.retention import STATUTORY, raised
from domain.time.zones import zone_named

routes = APIRouter()

ON_A_PAGE = 500


@routes.get("/ops/retention")
@needs(Permission.RETENTION_READ)
async def retention(request: Request, by: AsReader, at: With, until: Day = "") -> Response:
    """A table by time, up to the end of the day that is asked for, on the reader's own calendar."""
    in_office(by.caller, Permission.RETENTION_READ)
    asked = day_begins(until, by.zone, later=1) or datetime.now(UTC) + LOOKS_AHEAD
    rows = await ops_retention(by.caller, at, asked, ON_A_PAGE)
    policy = at.policy.current()
    words = {
        "rows": rows,
        "goes": sum(row.goes for row in rows),
        "more": len(rows) == ON_A_PAGE,
        "until": until or f"{asked.astimezone(zone_named(by.zone)):%Y-%m-%d}",
        "asked": asked,
        "for_all": str(policy.retention),
        "by_jurisdiction": {place: str(kept) for place, kept in sorted(policy.retention_by_jurisdiction.items())},
        "statutory": STATUTORY,
        "raised": raised(policy),
    }
    return page(request, "retention.html", by, words)
