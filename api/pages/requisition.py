"""A search: its life as a line, what is owed on both sides, its candidates, the market, the pulse and what happened."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from api.access import With
from api.documents import readable_among
from api.pages.charts import chart
from api.pages.differences import changes_in
from api.pages.names import names
from api.pages.rendering import page
from api.pages.session import AsReader
from api.pages.steps import may, next_for_search, roles_in, step
from api.pages.told import draft
from api.problems import Refused
from api.reading import readable_requisition, without_judgements
from domain.people import RequisitionId
from store.lookups import humans_of
from store.people import People
from store.reads import Reads
from store.views import RequisitionView
from workflows.contract import entity_of

routes = APIRouter()

LIFE = ("intake", "rubric", "calibration", "sourcing", "interviewing", "debrief", "offer", "retro", "closed")
SHOWN = 100
"""Candidates, or things that happened, on one page; the others are a link away."""

QUIET = ("clock_started", "clock_stopped", "calendars_learned", "delegate_changed", "candidate_reported")
"""Events of the machine that tell a reader nothing the others do not."""


DRAFTS = {
    "intake_brief": "Before the intake",
    "sourcing_brief": "Whom to look for",
    "drift": "Why profiles were turned down",
    "manager_update": "How the search goes",
    "retro": "What both said, looking back",
}
"""Drafts about a search that have a page of their own, and what it is called; the rubric's lies beside the rubric."""


@routes.get("/requisitions/{id}")
async def requisition(request: Request, id: RequisitionId, by: AsReader, at: With, offset: int = 0) -> Response:
    """The page."""
    view = await readable_requisition(id, by.caller, at, to_interviewers=True)
    reads = Reads(at.pool)
    clocks = await reads.clocks(requisition=id, ended=False)
    lines = await reads.candidates(requisition=id, limit=SHOWN + 1, offset=max(offset, 0))
    about = [entity_of(clock.stream)[1] for clock in clocks if clock.stream.startswith("candidate/")]
    owing = {clock.owner for clock in clocks}
    roles = roles_in(view, by.caller.actor)
    humans = await humans_of(at.pool, [*about, *view.offers]) | {line.id: line.human for line in lines}
    versions = await reads.rubric(id)
    words = {
        "view": view,
        "life": LIFE,
        "rubric": versions[0] if versions else None,
        "changes": await changes_in(versions[0], versions, id, at) if versions else [],
        "clocks": clocks,
        "steps": [step(clock) for clock in clocks if clock.owner == by.id],
        "stages": (await reads.stages([id])).get(id, []),
        "candidates": lines[:SHOWN],
        "further": offset + SHOWN if len(lines) > SHOWN else None,
        "market": await _market(view),
        "drafts": {job: words for job, words in DRAFTS.items() if job in view.drafts and roles},
        "ready": next_for_search(view, roles, bool(versions)),
        "actions": [c.name for c in may(roles, "requisition")],
        "name": await names(at, view, owing, versions[:1], candidates=humans.items()),
        "calendars": await People(at.pool).calendars(owing),
    }
    return page(request, "requisition.html", by, words)


@routes.get("/requisitions/{id}/timeline")
async def timeline(request: Request, id: RequisitionId, by: AsReader, at: With, offset: int = 0) -> Response:
    """What happened, in order, from the journal; what people thought of a candidate is not here."""
    view = await readable_requisition(id, by.caller, at)
    kinds = [kind for kind in without_judgements() if kind not in QUIET]
    entries = await Reads(at.pool).timeline(requisition=id, types=kinds, limit=SHOWN + 1, offset=max(offset, 0))
    about = {entity_of(entry.stream)[1] for entry in entries if entry.stream.startswith("candidate/")}
    words = {
        "view": view,
        "entries": entries[:SHOWN],
        "further": offset + SHOWN if len(entries) > SHOWN else None,
        "name": await names(at, [e.by for e in entries], candidates=(await humans_of(at.pool, about)).items()),
    }
    return page(request, "timeline.html", by, words)


@routes.get("/requisitions/{id}/drafts/{job}")
async def drafted(request: Request, id: RequisitionId, job: str, by: AsReader, at: With) -> Response:
    """A draft about a search, each statement with the words it rests on."""
    view = await readable_requisition(id, by.caller, at)
    found = await draft(view.drafts.get(job), by, at) if job in DRAFTS else None
    if found is None:
        raise Refused(404, "not_found", "There is no such draft yet.", "One of those on the search's page.")
    sources = {passage.span.document for passage in found.passages if passage.span.document.startswith("D-")}
    words = {"view": view, "called": DRAFTS[job], "draft": found}
    return page(request, "draft.html", by, words | {"readable": await readable_among(sources, by.caller, at)})


async def _market(view: RequisitionView) -> Markup | None:
    """What candidates expect against the band, as a picture; None before anybody said."""
    read = view.market
    if read is None:
        return None
    low, high, middle = (float(amount) for amount in (view.band.minimum, view.band.maximum, read.median))
    side = "above" if read.above else "within" if middle >= low else "below"
    says = (
        f"{read.n} said what they expect: the median is {_short(read.median)}, {side} the band of "
        f"{_short(view.band.minimum)} to {_short(view.band.maximum)} {view.band.currency}; "
        f"{round(read.share_above * 100)} % are above it."
    )
    rows: list[dict[str, Any]] = [{"from": low, "to": high}]
    along = {"field": "from", "type": "quantitative", "title": view.band.currency, "scale": {"zero": False}}
    spec = {
        "width": 420,
        "height": 40,
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "bar", "height": 16, "color": "#0b8a83", "opacity": 0.45},
                "encoding": {
                    "x": along,
                    "x2": {"field": "to"},
                },
            },
            {
                "data": {"values": [{"median": middle}]},
                "mark": {"type": "tick", "color": "#e07a1f", "thickness": 4, "size": 34},
                "encoding": {"x": {"field": "median", "type": "quantitative"}},
            },
        ],
    }
    return await chart(spec, says)


def _short(amount: Decimal) -> str:
    return f"{amount:,.0f}"
