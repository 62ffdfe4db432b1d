"""Who comes: somebody new, introduced and added in one form, and the queue in which applications are read."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, create_model

from api.access import With, needs
from api.available import available
from api.commands import submit
from api.documents import NewApplicant, introduced, keep_document
from api.pages.forms.command_forms import PASTED, SentForm, as_sent, done, files_of, refusal, shown
from api.pages.forms.form_context import Subject, of_candidate, of_requisition
from api.pages.forms.form_schema import Form
from api.pages.forms.side_panel import profile
from api.pages.layout.display_names import names
from api.pages.layout.fields import Complaint
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.problems import Problem, Refused
from api.tags import tags_of
from api.visibility import listed, named_in, seen_requisition
from documents.decoding import Unreadable
from documents.limited_process import read
from domain.access.permissions import Permission
from domain.core.ids import RequisitionId
from domain.entity.entity_facts import Stage
from domain.registry import COMMANDS
from domain.requisition.roster import AddCandidate
from store.views import CandidateLine
from workflows.contract import stream_of

routes = APIRouter()

QUEUE = 200
"""Applications that are looked through for the oldest one."""

_NOTICE = AddCandidate.model_fields["notice_version"]
_ADDED: dict[str, Any] = {
    name: (field.annotation, field) for name, field in AddCandidate.model_fields.items() if name != "person"
} | {"notice_version": (str, Field(min_length=1, title=_NOTICE.title, description=_NOTICE.description))}
NewCandidate = create_model(
    "NewCandidate",
    __base__=NewApplicant,
    __doc__="Somebody who applied, was found or was sent: who they are, how they came, and their résumé.",
    **_ADDED,
)
"""What is asked of somebody new: who they are, and all of `add-candidate` but their id."""


@routes.get("/requisitions/{id}/new-candidate")
@needs(Permission.REQUISITION_TIMELINE)
async def newcomer(request: Request, id: RequisitionId, by: AsReader, at: With) -> Response:
    """The form that adds somebody."""
    return await shown(request, by, at, await _new_candidate(id, by, at), NewCandidate)


@routes.post("/requisitions/{id}/new-candidate", dependencies=[Depends(from_here)])
@needs(Permission.REQUISITION_TIMELINE)
async def add_newcomer(request: Request, id: RequisitionId, by: AsReader, at: With) -> Response:
    """Makes them known, keeps their résumé under their own key, and adds them to the search."""
    subject = await _new_candidate(id, by, at)
    sent = await request.form()
    asked = as_sent(sent)
    if asked.more:
        return await shown(request, by, at, subject, NewCandidate, asked, rows={asked.more: 1})
    files = [(content, name) for path, content, name in await files_of(sent) if path == "doc"]
    introduction, _ = Form(NewApplicant, by.zone, {}, typed=asked.typed).read()
    applicant, shared = "", False
    try:
        if introduction is not None:
            known = await introduced(introduction, by.caller, at, asked.key)
            applicant, shared = known.id, bool(known.same_address)
            asked = await _with_resume(asked, files, applicant, by, at)
        elif files and files[0][1] != PASTED:
            asked = _with(asked, "doc.pasted", await _text_of(*files[0]))
        newcomer, errors = Form(NewCandidate, by.zone, subject.choices, typed=asked.typed).read()
        if newcomer is None:
            return await shown(request, by, at, subject, NewCandidate, asked, errors, 422)
        given = {name: getattr(newcomer, name) for name in AddCandidate.model_fields if name != "person"}
        await submit(stream_of("requisition", id), AddCandidate(person=applicant, **given), by.caller, at, asked.key)
    except Refused as refused:
        return await refusal(request, by, at, subject, NewCandidate, asked, _on_form(refused.problem))
    return done(f"/requisitions/{id}", "new_candidate_same_address" if shared else "new_candidate")


@routes.get("/requisitions/{id}/applications")
@needs(Permission.REQUISITION_APPLICATIONS)
async def applications(
    request: Request, id: RequisitionId, by: AsReader, at: With, candidate: str = "", last: str = ""
) -> Response:
    """The oldest application nobody has answered, or the one asked for; and what the machine read of the `last`."""
    seen = await seen_requisition(id, by.caller, at, Permission.REQUISITION_APPLICATIONS)
    view, waiting = seen.view, await listed(seen, by.caller, at, stage=Stage.ADDED, limit=QUEUE)
    chosen = next((line for line in waiting if line.id == candidate), waiting[0] if waiting else None)
    named = await named_in(seen, ((line.id, line.human) for line in waiting), by.caller, at)
    words: dict[str, Any] = {
        "view": view,
        "waiting": waiting,
        "waits": len(waiting) if len(waiting) < QUEUE else max(QUEUE, view.stages.get(Stage.ADDED, 0)),
        "chosen": chosen,
        "last": await _seen(last, by, at) if last else None,
        "name": await names(at, view, candidates=named.items()),
        "here_again": f"/requisitions/{id}/applications",
        "tags": await tags_of((line.id for line in waiting), by.caller, at),
    }
    if chosen is not None:
        said = (await available(stream_of("candidate", chosen.id), by.caller, at))["shortlist"]
        words |= {"said": said}
        if said.open or not said.theirs:
            words |= await _to_judge(chosen, by, at)
    return page(request, "applications.html", by, words)


async def _to_judge(chosen: CandidateLine, by: PageReader, at: With) -> dict[str, Any]:
    """The résumé beside the two forms: a verdict per criterion, or a reason to turn them down."""
    subject = await of_candidate(chosen.id, "shortlist", by, at)
    forms = {
        name: Form(COMMANDS["candidate"][name], by.zone, subject.choices, subject.given).with_errors({})[0]
        for name in ("shortlist", "reject")
    }
    no_complaints: Sequence[Complaint] = ()
    return {
        "forms": forms,
        "keys": {name: secrets.token_urlsafe(16) for name in forms},
        "complaints": no_complaints,
        "subject": subject,
        **{key: value for key, value in (await _profile(subject, by, at)).items() if key != "name"},
    }


async def _seen(candidate: str, by: PageReader, at: With) -> dict[str, Any] | None:
    """The machine's reading of somebody, whom the recruiter has judged; None if there is none to show."""
    subject = await of_candidate(candidate, "shortlist", by, at)
    read = await _profile(subject, by, at)
    return {**read, "view": subject.candidate, "title": subject.title} if read["reading"] else None


async def _profile(subject: Subject, by: PageReader, at: With) -> dict[str, Any]:
    assert subject.seen is not None, "a form about a candidate without one"
    return await profile(subject.seen, subject.rubric, by, at)


async def _new_candidate(id: str, by: PageReader, at: With) -> Subject:
    subject = await of_requisition(id, "add_candidate", by, at)
    return replace(subject, given={"source": "applied", "notice_version": await at.reads.latest_notice(id) or ""})


async def _with_resume(
    asked: SentForm, files: Sequence[tuple[bytes, str]], applicant: str, by: PageReader, at: With
) -> SentForm:
    """What was sent, with the résumé kept: a form that is refused later need not ask for it again."""
    if not files:
        return asked
    content, name = files[0]
    doc = await keep_document(at, by.caller, "resume", applicant, content, name)
    return _with(_with(_with(asked, "doc.id", doc.id), "doc.sha256", doc.sha256), "doc.pasted", "")


async def _text_of(content: bytes, name: str) -> str:
    """The text of a résumé that can be kept for nobody yet; it goes back into the form, to be sent again."""
    try:
        return (await read("resume", content, name)).text.text
    except Unreadable as unreadable:
        raise Refused(422, unreadable.code, unreadable.sentence, field="doc") from None


def _with(asked: SentForm, name: str, value: str) -> SentForm:
    return replace(asked, typed={**asked.typed, name: [value]})


def _on_form(problem: Problem) -> Problem:
    """A refusal of `add-candidate` where it belongs on this form: who it is about is known by their address."""
    fields = {"person": "email", "duplicate_person": "email", "unreadable": "doc", "owned_by_agency": "agency"}
    field = fields.get(problem.field or problem.code, problem.field)
    return problem.model_copy(update={"field": field})
