"""A search: its life as a line, what is owed on both sides, its candidates, rubric and what happened."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.access import With
from api.pages.names import names
from api.pages.rendering import page
from api.pages.session import AsReader
from api.pages.steps import may, roles_in, step
from api.reading import readable_requisition
from domain.people import RequisitionId
from store.lookups import humans_of
from store.reads import Reads
from workflows.contract import entity_of

routes = APIRouter()

LIFE = ("intake", "rubric", "calibration", "sourcing", "interviewing", "debrief", "offer", "retro", "closed")
SHOWN = 100
"""Candidates on the page; the others are a link away."""


@routes.get("/requisitions/{id}")
async def requisition(
    request: Request, id: RequisitionId, by: AsReader, at: With, done: str = "", offset: int = 0
) -> Response:
    """The page."""
    view = await readable_requisition(id, by.caller, at, to_interviewers=True)
    reads = Reads(at.pool)
    clocks = await reads.clocks(requisition=id, ended=False)
    lines = await reads.candidates(requisition=id, limit=SHOWN + 1, offset=max(offset, 0))
    about = [entity_of(clock.stream)[1] for clock in clocks if clock.stream.startswith("candidate/")]
    humans = await humans_of(at.pool, about) | {line.id: line.human for line in lines}
    roles = roles_in(view, by.caller.actor)
    words = {
        "view": view,
        "life": LIFE,
        "clocks": clocks,
        "steps": [step(clock) for clock in clocks if clock.owner == by.id],
        "candidates": lines[:SHOWN],
        "further": offset + SHOWN if len(lines) > SHOWN else None,
        "actions": [command.name for command in may(by.caller.actor, roles, "requisition")],
        "name": await names(at, view, clocks, candidates=humans.items()),
        "done": done,
    }
    return page(request, "requisition.html", by, words)
