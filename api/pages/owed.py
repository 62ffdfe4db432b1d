"""What you owe: everything that waits on you, what is late first, each a tap away from being done."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.access import With
from api.pages.names import names
from api.pages.rendering import page
from api.pages.session import AsReader
from api.pages.steps import step
from domain.promises import PROMISES
from store.lookups import humans_of
from store.people import People
from store.reads import Reads
from workflows.contract import entity_of

routes = APIRouter()


@routes.get("/owed")
async def owed(request: Request, by: AsReader, at: With) -> Response:
    """The page. What stands still is last: it is nobody's move."""
    clocks = await Reads(at.pool).owed_by(by.id)
    ordered = sorted(clocks, key=lambda clock: (clock.stands_since is not None, clock.due_at))
    about = [entity_of(clock.stream)[1] for clock in ordered if clock.stream.startswith("candidate/")]
    known = await names(at, candidates=(await humans_of(at.pool, about)).items())
    words = {
        "steps": [step(clock) for clock in ordered],
        "name": known,
        "promises": PROMISES,
        "calendars": await People(at.pool).calendars([by.id]),
    }
    return page(request, "owed.html", by, words)
