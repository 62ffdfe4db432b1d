"""The audit: who saw and did what, for operations; and of one candidate, for their HR partner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.access import With, needs
from api.audit import Before, audit, candidate_audit
from api.pages.layout.display_names import names
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.relations import in_office
from domain.access.permissions import Permission
from domain.core.ids import CandidateId
from domain.time.zones import zone_named
from store.audit import Act, AuditFilter, AuditRow

routes = APIRouter()

ON_A_PAGE = 100

Typed = Annotated[str, Query(pattern=r"^\s*[A-Za-z0-9:._-]{0,120}\s*$")]
Day = Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]


@routes.get("/ops/audit")
@needs(Permission.AUDIT_READ)
async def everything(
    request: Request,
    by: AsReader,
    at: With,
    actor: Typed = "",
    object: Typed = "",
    act: Annotated[str, Query(max_length=40)] = "",
    since: Annotated[Day, Query(alias="from")] = "",
    until: Annotated[Day, Query(alias="to")] = "",
    before: Before = None,
) -> Response:
    """A table, the latest first, of what is asked for: days are those of whoever reads, the last one included."""
    in_office(by.caller, Permission.AUDIT_READ)
    actor, object = actor.strip(), object.strip()
    which = AuditFilter(
        actor=actor or None,
        of=object or None,
        act=Act(act) if act in set(Act) else None,
        since=day_begins(since, by.zone),
        until=day_begins(until, by.zone, later=1),
    )
    rows = await audit(by.caller, at, which, before, ON_A_PAGE)
    typed = {"actor": actor, "object": object, "act": act, "from": since, "to": until}
    words = {
        "rows": rows,
        "name": await names(at, rows),
        "typed": typed,
        "acts": list(Act),
        "older": _older("/ops/audit", rows, typed),
    }
    return page(request, "audit.html", by, words)


@routes.get("/candidates/{id}/audit")
@needs(Permission.CANDIDATE_AUDIT)
async def of_candidate(request: Request, id: CandidateId, by: AsReader, at: With, before: Before = None) -> Response:
    """Who has read this candidate."""
    rows = await candidate_audit(id, by.caller, at, before, ON_A_PAGE)
    words = {
        "candidate": id,
        "rows": rows,
        "name": await names(at, rows),
        "older": _older(f"/candidates/{id}/audit", rows, {}),
    }
    return page(request, "audit.html", by, words)


def _older(path: str, rows: list[AuditRow], typed: dict[str, str]) -> str | None:
    """Where the next page is."""
    if len(rows) < ON_A_PAGE:
        return None
    asked = {name: value for name, value in typed.items() if value}
    return f"{path}?{urlencode(asked | {'before': str(rows[-1].seq)})}"


def day_begins(typed: str, zone: str, later: int = 0) -> datetime | None:
    """When a day begins for whoever typed it, or one `later`; None for none, and for one that is none."""
    try:
        begins = datetime.strptime(typed, "%Y-%m-%d") + timedelta(days=later)
        return begins.replace(tzinfo=zone_named(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
