"""A search: its life as a line, the tasks on both sides, its candidates, the market, the pulse and what happened."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from api.access import With, needs
from api.available import available, available_in, clocks_open
from api.pages.evidence.candidate_record import draft, sources
from api.pages.forms.rubric_diff import changes_in
from api.pages.layout.display_names import names
from api.pages.layout.session import AsReader, PageReader
from api.pages.layout.templating import page
from api.pages.reports.charts import Band, bands, counting, drawn
from api.pages.requisitions.tabs import tabs_of
from api.pages.tasks.next_actions import next_steps, not_now, possible, step, to_several, together, users_in
from api.problems import Refused
from api.queries import Offset
from api.tags import tags_of
from api.timelines import happened_in_requisition
from api.unsealing import in_words, place_of, versions_of
from api.visibility import SeenRequisition, clocks_in, listed, named_in, readable_debriefs, seen_requisition
from domain.access.permissions import Permission
from domain.core.ids import RequisitionId
from domain.core.messages import Event
from domain.evidence.documents import WHY_UNTRANSCRIBED
from domain.evidence.draft_jobs import DRAFT_JOBS, draft_job
from domain.requisition import Phase
from store.command_lookups import applicants_of
from store.views import RequisitionView, TimelineEntry
from workflows.contract import entity_of, stream_of

routes = APIRouter()

SHOWN = 100
"""Candidates, or things that happened, on one page; the others are a link away."""

RECENT = 8
"""Things that happened last, on a requisition's own page."""

QUIET = frozenset(
    {
        "clock_started", "clock_stopped", "clock_rung_reached", "clock_paused", "clock_resumed", "calendars_learned",
        "delegate_changed", "candidate_reported", "draft_attached", "policy_adopted", "candidate_opened",
    }
)  # fmt: skip
LEARNT_EVENTS = "_heard"
"""Events of the machine that tell a reader nothing the others do not, and how those end by which entities learn."""


@routes.get("/requisitions/{id}")
@needs(Permission.REQUISITION_OVERVIEW)
async def requisition(request: Request, id: RequisitionId, by: AsReader, at: With, offset: Offset = 0) -> Response:
    """The page."""
    seen = await seen_requisition(id, by.caller, at)
    view, reads = await in_words(seen.view, at), at.reads
    clocks = await clocks_in(seen, by.caller, at, ended=False)
    lines = await listed(seen, by.caller, at, limit=SHOWN + 1, offset=max(offset, 0))
    whole = seen.sight.may(Permission.REQUISITION_TIMELINE)
    recent = await _happened(seen, by, at, limit=RECENT, latest=True) if whole else []
    debriefs = await readable_debriefs(seen, by.caller, at)
    said, place = await available(stream_of("requisition", id), by.caller, at), f"/requisitions/{id}"
    known = {*(line.id for line in lines), *(line.candidate for line in debriefs)}
    streams = {one.stream for one in clocks}
    about = {entity_of(stream)[1] for stream in streams if stream.startswith("candidate/")}
    about |= {whom for one in recent if (whom := _whom(one))}
    applicants = await applicants_of(at.pool, {*about, *view.offers, *known})
    owners = {clock.owner for clock in clocks}
    versions = await versions_of(id, at) if seen.sight.may(Permission.REQUISITION_RUBRIC) else []
    name = await names(
        at,
        view,
        owners,
        versions[:1],
        [entry.by for entry in recent],
        users_in(said.values()),
        candidates=(await named_in(seen, applicants.items(), by.caller, at)).items(),
    )
    can = await available_in({clock.stream for clock in clocks if clock.owner == by.id}, by.caller, at)
    words = {
        "view": view,
        "tabs": tabs_of(seen),
        "untranscribed": WHY_UNTRANSCRIBED,
        "life": tuple(Phase),
        "rubric": versions[0] if versions else None,
        "changes": await changes_in(versions[0], versions, id, at) if versions else [],
        "may": seen.sight.may,
        "clocks": clocks,
        "steps": together(step(clock, can[clock.stream]) for clock in clocks if clock.owner == by.id),
        "to_several": to_several,
        "stages": (await reads.stages([id])).get(id, []),
        "candidates": lines[:SHOWN],
        "tags": await tags_of((line.id for line in lines[:SHOWN]), by.caller, at),
        "further": offset + SHOWN if len(lines) > SHOWN else None,
        "debriefs": debriefs,
        "recent": recent,
        "whom": _whom,
        "market": _market(view),
        "intake_at": await place_of(view.meeting.where, stream_of("requisition", id), at) if view.meeting else [],
        "drafts": {
            row.job: row.heading
            for row in DRAFT_JOBS.values()
            if row.heading and row.job in view.drafts and seen.sight.may(Permission.REQUISITION_DRAFTS)
        },
        "ready": next_steps(said.values(), place),
        "can": said,
        "clocks_open": await clocks_open({clock.stream for clock in clocks}, by.caller, at),
        "actions": possible(said.values(), place, any(held.transcript for held in view.intakes)),
        "not_now": not_now(said.values(), name, by.zone),
        "name": name,
        "calendars": await at.people.calendars(owners),
    }
    return page(request, "requisition.html", by, words)


@routes.get("/requisitions/{id}/timeline")
@needs(Permission.REQUISITION_TIMELINE)
async def timeline(request: Request, id: RequisitionId, by: AsReader, at: With, offset: Offset = 0) -> Response:
    """What happened, the latest first, from the journal; what people thought of a candidate is not here."""
    seen = await seen_requisition(id, by.caller, at, Permission.REQUISITION_TIMELINE)
    entries = await _happened(seen, by, at, limit=SHOWN + 1, offset=max(offset, 0), latest=True)
    about = {whom for entry in entries if (whom := _whom(entry))}
    named = await named_in(seen, (await applicants_of(at.pool, about)).items(), by.caller, at)
    words = {
        "view": seen.view,
        "tabs": tabs_of(seen),
        "entries": entries[:SHOWN],
        "further": offset + SHOWN if len(entries) > SHOWN else None,
        "whom": _whom,
        "name": await names(at, seen.view, [e.by for e in entries], candidates=named.items()),
    }
    return page(request, "timeline.html", by, words)


def _whom(entry: TimelineEntry) -> str | None:
    """The candidate something happened to, or with whom the requisition did something; None of the requisition."""
    entity, id = entity_of(entry.stream)
    told = entry.payload.get("candidate")
    return id if entity == "candidate" else told if isinstance(told, str) else None


async def _happened(seen: SeenRequisition, by: PageReader, at: With, **which: Any) -> list[TimelineEntry]:
    learnt = {kind for kind in Event.kinds if kind.endswith(LEARNT_EVENTS)}
    return await happened_in_requisition(seen, by.caller, at, apart_from=QUIET | learnt, **which)


@routes.get("/requisitions/{id}/drafts/{job}")
@needs(Permission.REQUISITION_DRAFTS)
async def drafted(request: Request, id: RequisitionId, job: str, by: AsReader, at: With) -> Response:
    """A draft about a requisition, each statement with the words it rests on."""
    view = (await seen_requisition(id, by.caller, at, Permission.REQUISITION_DRAFTS)).view
    heading = draft_job(job).heading
    found = await draft(view.drafts.get(job), by, at) if heading else None
    if found is None:
        raise Refused(404, "not_found", "There is no such draft yet.", "One of those on the requisition's page.")
    readable = await sources(found, by.caller, at)
    words = {"view": view, "called": heading, "draft": found, "readable": readable}
    return page(request, "draft.html", by, words)


def _market(view: RequisitionView) -> Markup | None:
    """What candidates expect against the band, as a picture; None before anybody said."""
    read = view.market
    if read is None or view.band is None:
        return None
    low, high, middle = (float(amount) for amount in (view.band.minimum, view.band.maximum, read.median))
    side = "above" if read.above else "within" if middle >= low else "below"
    said = (
        f"1 candidate said what they expect: {_short(read.median)}"
        if read.n == 1
        else f"{read.n} candidates said what they expect: the median is {_short(read.median)}"
    )
    over = round(read.share_above * read.n)
    says = (
        f"{said}, {side} the band of {_short(view.band.minimum)} to {_short(view.band.maximum)} {view.band.currency}"
        + (f"; {over or 'none'} of {read.n} {'is' if over == 1 else 'are'} above it." if read.n > 1 else ".")
    )
    band = Band(view.band.currency, low, high, middle)
    return drawn(bands([band], ("the band", "median"), counting(view.band.currency)), says)


def _short(amount: Decimal) -> str:
    return f"{amount:,.0f}"
