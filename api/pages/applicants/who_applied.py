"""Applicants on a page: who ever applied, narrowed and in an order, and what can be done about one or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from api.access import With, needs
from api.applicants import ON_A_PAGE, applicants_of
from api.commands import submit
from api.pages.forms.command_forms import as_sent, done
from api.pages.forms.form_schema import Form
from api.pages.layout.fields import Choice
from api.pages.layout.labels import stage_words
from api.pages.layout.list_views import AskedColumns, address_of, list_views, opened_first
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.pages.operations.administration_forms import own_form, sentence_of
from api.pages.operations.audit import Day, day_begins
from api.problems import Refused
from api.relations import in_company, in_office
from api.search import LONGEST_QUERY, in_a_line
from api.tags import tag_choices, tags_in, with_tag
from api.visibility import known_as, seen_candidate
from domain.access.permissions import Permission
from domain.core.ids import ApplicantId, RequisitionId
from domain.entity.entity_facts import STAGES, Stage
from domain.evidence.documents import Doc
from domain.requisition.roster import AddCandidate, CandidateSource
from store.applicant_list import ApplicantFilter, ApplicantSort
from workflows.contract import stream_of

routes = APIRouter()

SOURCES: tuple[str, ...] = get_args(CandidateSource)

SORTS: Mapping[ApplicantSort, str] = {
    "moved": "what moved last", "quiet": "not moved for longest", "kept": "whose data go first",
}  # fmt: skip

CHOOSABLE = 500
"""Requisitions that can be chosen from."""


@dataclass(frozen=True)
class ShownApplicants:
    """Which applicants the page shows, and in which order; with `tags` all tags to choose from, not its rows' alone."""

    q: Annotated[str, Query(max_length=LONGEST_QUERY)] = ""
    requisition: str = ""
    stage: str = ""
    source: str = ""
    running: Literal["", "yes", "no"] = ""
    tag: str = ""
    until: Day = ""
    sort: ApplicantSort = "moved"
    columns: AskedColumns = None
    tags: Literal["", "all"] = ""
    after: str = ""

    @property
    def asks(self) -> dict[str, str]:
        """What is asked for, but for words, the place in the list, the columns and what there is to choose from."""
        apart = ("q", "columns", "after", "tags")
        return {name: value for name, value in vars(self).items() if value and name not in apart}


Asked = Annotated[ShownApplicants, Depends()]


class AddToRequisition(BaseModel):
    """Somebody you know already, in another requisition as well. What was thought of them in one stays there."""

    to_requisition: RequisitionId = Field(title="To which requisition")
    source: CandidateSource = Field(title="How they came")
    notice_version: str = Field(
        min_length=1,
        max_length=200,
        title="Version of the privacy notice they were given",
        description="For this requisition: nobody is taken in without one.",
    )


@routes.get("/applicants")
@needs(Permission.APPLICANTS_READ)
async def applicants(request: Request, by: AsReader, at: With, asked: Asked) -> Response:
    """The list, with a box for each candidacy that something can be done about."""
    in_office(by.caller, Permission.APPLICANTS_READ)
    first = await opened_first(request, "applicants", by, at)
    if first is not None:
        return first
    q = in_a_line(asked.q)
    lists = await list_views("applicants", "/applicants", asked.asks, asked.columns, by, at)
    judged = await at.applicant_list.judged_by(by.id)
    titles = await at.reads.titles(judged)
    # To open the tags of all takes as long as the rest of the page ten times over: only where somebody wants them.
    every = bool(asked.tags or asked.tag)
    tags = await tags_in(judged, by.caller, at) if every else {}
    which = ApplicantFilter(
        requisition=asked.requisition if asked.requisition in titles else None,
        stage=Stage(asked.stage) if asked.stage in STAGES else None,
        source=asked.source if asked.source in SOURCES else None,
        running={"yes": True, "no": False}.get(asked.running),
        kept_until=day_begins(asked.until, by.zone, later=1),
        candidates=with_tag(asked.tag, tags, at) if asked.tag else None,
    )
    found = await applicants_of(by.caller, at, which, q, asked.sort, asked.after or None, ON_A_PAGE)
    if not every:
        tags = {one.candidate: one.tags for person in found.applicants for one in person.candidacies if one.tags}
    searched = {"q": q} if q else {}
    further = {**lists.asks, **searched, "after": found.next or ""}
    words: dict[str, Any] = {
        "found": found,
        "asked": asked,
        "q": q,
        "narrowed": which != ApplicantFilter() or bool(q),
        "filters": (
            ("requisition", "Requisition", [(id, titles[id]) for id in judged if id in titles]),
            ("stage", "Stage", [(one, stage_words(one)) for one in STAGES]),
            ("source", "Came", [(one, one) for one in SOURCES]),
            ("running", "In the running", [("yes", "yes"), ("no", "no")]),
            *([("tag", "Tag", tag_choices(tags, asked.tag, at))] if tags or asked.tag else []),
        ),
        "all_tags": ""
        if every
        else address_of("/applicants", {**lists.asks, **searched, "tags": "all"}, lists.columns),
        "sorts": SORTS,
        "lists": lists,
        "further": address_of("/applicants", further, lists.columns) if found.next else "",
        "here_again": f"/applicants?{request.url.query}" if request.url.query else "/applicants",
        "merges": in_company(by.caller).may(Permission.APPLICANT_MERGE),
    }
    return page(request, "applicants.html", by, words)


@routes.get("/applicants/{id}/add")
@needs(Permission.APPLICANT_INTRODUCE)
async def add(request: Request, id: ApplicantId, by: AsReader, at: With) -> Response:
    """The form that adds somebody who is known to a requisition."""
    return await _shown(request, id, await _known(id, by, at), by, at, await _form(by, at))


@routes.post("/applicants/{id}/add", dependencies=[Depends(from_here)])
@needs(Permission.APPLICANT_INTRODUCE)
async def add_there(request: Request, id: ApplicantId, by: AsReader, at: With) -> Response:
    """Adds them, with the résumé that they have where they are known."""
    known, asked = await _known(id, by, at), as_sent(await request.form())
    form = await _form(by, at, asked.typed)
    wanted, errors = form.read()
    if asked.again or wanted is None:
        return await _shown(request, id, known, by, at, form, {} if asked.again else errors, asked.key)
    added = AddCandidate(person=id, source=wanted.source, doc=known.resume, notice_version=wanted.notice_version)
    try:
        await submit(stream_of("requisition", wanted.to_requisition), added, by.caller, at, asked.key)
    except Refused as refused:
        wrong = {field.replace("person", "to_requisition"): said for field, said in sentence_of(refused).items()}
        return await _shown(request, id, known, by, at, form, wrong, asked.key)
    return done(f"/requisitions/{wanted.to_requisition}", AddCandidate.name)


@dataclass(frozen=True)
class _Known:
    """Somebody as the reader knows them: their name, and their résumé where it is the reader's to give on."""

    name: str
    resume: Doc | None


async def _known(id: str, by: PageReader, at: With) -> _Known:
    """Refuses whoever may not know of this applicant, as it would an unknown one."""
    in_office(by.caller, Permission.APPLICANT_INTRODUCE)
    candidacy = await known_as(id, by.caller, at, "id")
    if candidacy is None:
        said = await at.applicants.as_introduced(id, by.id)
        return _Known(said.name if said else "", None)
    seen = await seen_candidate(candidacy, by.caller, at, Permission.CANDIDATE_NAME)
    contact = await at.applicants.contact(candidacy, seen.applicant)
    return _Known(contact.name if contact else "", seen.view.resume)


async def _form(by: PageReader, at: With, typed: Mapping[str, Any] | None = None) -> Form:
    lines = await at.reads.board(person=by.id, limit=CHOOSABLE)
    theirs = [line for line in lines if by.id in (line.recruiter, line.hiring_manager) and line.standing != "ended"]
    choices = {"R": [Choice(line.id, line.title) for line in sorted(theirs, key=lambda line: line.title)]}
    return Form(AddToRequisition, by.zone, choices, {"source": "sourced"}, typed)


async def _shown(
    request: Request,
    id: str,
    known: _Known,
    by: PageReader,
    at: With,
    form: Form,
    errors: Mapping[str, str] | None = None,
    key: str = "",
) -> Response:
    words = {"id": id, "called": known.name, "resume": known.resume, **own_form(form, errors, key)}
    return page(request, "applicant_add.html", by, words, 422 if errors else 200)
