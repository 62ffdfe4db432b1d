"""A candidate: where they stand, what is owed to them, and what those who meet them may know."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.access import With
from api.pages.names import names
from api.pages.rendering import page
from api.pages.session import AsReader
from api.pages.steps import may, roles_in, step
from api.reading import readable_candidate
from domain.people import CandidateId
from store.reads import Reads
from workflows.contract import stream_of

routes = APIRouter()


@routes.get("/candidates/{id}")
async def candidate(request: Request, id: CandidateId, by: AsReader, at: With, done: str = "") -> Response:
    """The page."""
    view, blind = await readable_candidate(id, by.caller, at)
    reads = Reads(at.pool)
    clocks = await reads.clocks(stream=stream_of("candidate", id), ended=False)
    search = await reads.requisition(view.requisition)
    words = {
        "view": view,
        "blind": blind,
        "title": search.title if search else "",
        "clocks": clocks,
        "steps": [step(clock) for clock in clocks if clock.owner == by.id],
        "actions": [command.name for command in may(by.caller.actor, roles_in(view, by.caller.actor), "candidate")],
        "name": await names(at, view, clocks, candidates=[(id, view.human)]),
        "done": done,
    }
    return page(request, "candidate.html", by, words)
