"""A requisition's interviews and debriefs over all its candidates: what comes, what is missing, and what was held."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from api.access import With, needs
from api.pages.layout.display_names import names
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.pages.requisitions.tabs import tabs_of
from api.visibility import named_in, readable_debriefs, readable_interviews, seen_requisition
from domain.access.permissions import Permission
from domain.core.ids import RequisitionId
from domain.evidence.interview_plan import Interview, missing_cards

routes = APIRouter()


class InterviewLine(NamedTuple):
    """One interview of a candidate, when it is (UTC), and whose scorecards are still to come."""

    candidate: str
    interview: Interview
    at: datetime
    missing: tuple[str, ...]


@routes.get("/requisitions/{id}/interviews")
@needs(Permission.REQUISITION_OVERVIEW)
async def interviews(request: Request, id: RequisitionId, by: AsReader, at: With) -> Response:
    """All interviews, those that come first; an interviewer's are their own."""
    seen = await seen_requisition(id, by.caller, at)
    found = await readable_interviews(seen, by.caller, at)
    everybodys = seen.sight.may(Permission.REQUISITION_CANDIDATES)
    lines = []
    for view in found:
        owed = missing_cards(view.interviews.values())
        for one in view.interviews.values():
            if everybodys or by.id in one.people:
                missing = tuple(who for interview, who in owed if interview == one.id)
                lines.append(InterviewLine(view.id, one, one.starts_at or one.due_at or one.ends_at, missing))
    now = datetime.now(UTC)
    to_come = [one for one in lines if one.interview.status == "scheduled" and one.interview.ends_at > now]
    past = [one for one in lines if one not in to_come]
    candidates = await named_in(seen, ((view.id, view.human) for view in found), by.caller, at)
    words = {
        "view": seen.view,
        "tabs": tabs_of(seen),
        "to_come": sorted(to_come, key=lambda one: one.at),
        "past": sorted(past, key=lambda one: one.at, reverse=True),
        "everybodys": everybodys,
        "name": await names(at, seen.view, [one.interview.people for one in lines], candidates=candidates.items()),
    }
    return page(request, "interviews.html", by, words)


@routes.get("/requisitions/{id}/debriefs")
@needs(Permission.REQUISITION_OVERVIEW)
async def debriefs(request: Request, id: RequisitionId, by: AsReader, at: With) -> Response:
    """All debriefs that the reader may open, by their time."""
    seen = await seen_requisition(id, by.caller, at)
    lines = await readable_debriefs(seen, by.caller, at)
    candidates = await named_in(seen, ((line.candidate, line.human) for line in lines), by.caller, at)
    words = {
        "view": seen.view,
        "tabs": tabs_of(seen),
        "debriefs": lines,
        "name": await names(at, seen.view, candidates=candidates.items()),
    }
    return page(request, "debriefs.html", by, words)
