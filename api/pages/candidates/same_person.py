"""That a candidate is the same person as another: said by HR on the page of one of the two, and undone there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from api.access import With, needs
from api.merging import merge, part
from api.pages.forms.command_forms import SentForm, as_sent, done
from api.pages.forms.form_schema import Form
from api.pages.layout.display_names import ERASED, names
from api.pages.layout.fields import Choice
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.pages.operations.administration_forms import own_form, sentence_of
from api.problems import Refused
from api.relations import in_office
from api.visibility import SeenCandidate, seen_candidate
from domain.access.permissions import Permission
from domain.core.ids import ApplicantId, CandidateId
from store.applicants import Contact

routes = APIRouter()

FORM = [Depends(from_here)]

_REQUISITION = re.compile(r"\bR-[0-9A-Z]+\b")

NO_PAGE = (
    "This is no address of a candidate's page: open that page, and copy what stands in your browser's address bar."
)


def id_from_link(typed: object) -> object:
    """The id in a link to a candidate's page; what is none stays."""
    return typed.strip().rstrip("/").rpartition("/")[2] if isinstance(typed, str) else typed


class SamePersonForm(BaseModel):
    """Which other candidate is the same person, and how you know."""

    candidate: Annotated[CandidateId, BeforeValidator(id_from_link)] = Field(
        title="The other candidate", description="Open their page, and copy its address from your browser to here."
    )
    stays: Literal["this", "other"] = Field(default="this", title="Whose name and contact stay")
    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)] = Field(title="Why")


@routes.get("/candidates/{id}/same-person")
@needs(Permission.APPLICANT_MERGE)
async def same_person(request: Request, id: CandidateId, by: AsReader, at: With) -> Response:
    """The form, and what was said of them before."""
    return await _shown(request, await _seen(id, by, at), by, at)


@routes.post("/candidates/{id}/same-person", dependencies=FORM)
@needs(Permission.APPLICANT_MERGE)
async def say_so(request: Request, id: CandidateId, by: AsReader, at: With) -> Response:
    """Merges the two."""
    seen, asked = await _seen(id, by, at), as_sent(await request.form())
    wanted, errors = Form(SamePersonForm, by.zone, {}, typed=asked.typed).read()
    if asked.more or asked.again or wanted is None:
        wrong = errors | ({"candidate": NO_PAGE} if "candidate" in errors else {})
        return await _shown(request, seen, by, at, asked, {} if asked.more or asked.again else wrong)
    try:
        other = await _seen(wanted.candidate, by, at)
        pair = (seen.applicant, other.applicant)
        stays, goes = pair if wanted.stays == "this" else pair[::-1]
        await merge(stays, goes, wanted.why, by.caller, at)
    except Refused as refused:
        said = {field.replace("other", "candidate"): words for field, words in sentence_of(refused).items()}
        return await _shown(request, seen, by, at, asked, await _with_titles(said, at))
    return done(f"/candidates/{id}/same-person", "merge_applicants")


@routes.post("/candidates/{id}/same-person/{applicant}/part", dependencies=FORM)
@needs(Permission.APPLICANT_MERGE)
async def undo(request: Request, id: CandidateId, applicant: ApplicantId, by: AsReader, at: With) -> Response:
    """Parts them again."""
    seen = await _seen(id, by, at)
    if as_sent(await request.form()).again:
        return await _shown(request, seen, by, at)
    try:
        await part(applicant, by.caller, at)
    except Refused as refused:
        return await _shown(request, seen, by, at, errors=sentence_of(refused))
    return done(f"/candidates/{id}/same-person", "part_applicants")


async def _seen(id: str, by: PageReader, at: With) -> SeenCandidate:
    in_office(by.caller, Permission.APPLICANT_MERGE)
    return await seen_candidate(id, by.caller, at, Permission.CANDIDATE_CONTACT)


async def _with_titles(said: Mapping[str, str], at: With) -> dict[str, str]:
    """Sentences with the titles of requisitions in place of their ids."""
    wanted = {id for words in said.values() for id in _REQUISITION.findall(words)}
    views = {id: await at.reads.requisition(id) for id in wanted}
    titles = {id: f"“{view.title}”" for id, view in views.items() if view is not None}
    return {field: _REQUISITION.sub(lambda id: titles.get(id[0], id[0]), words) for field, words in said.items()}


async def _called(applicants: Iterable[str], at: With) -> dict[str, str]:
    """Applicants by the name and the address that were last said of each."""
    said = {one: await at.applicants.said_of(one) for one in set(applicants)}
    return {one: _in_a_word(contacts) for one, contacts in said.items()}


def _in_a_word(said: Sequence[Contact]) -> str:
    if not said:
        return ERASED
    return f"{said[-1].name} ({said[-1].email})" if said[-1].email else said[-1].name


async def _shown(
    request: Request,
    seen: SeenCandidate,
    by: PageReader,
    at: With,
    asked: SentForm | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    merges = await at.applicants.merges(seen.applicant)
    name = await names(at, merges, candidates=[(seen.view.id, seen.applicant)])
    whose = [Choice("this", f"{name(seen.view.id)}'s, as on this page"), Choice("other", "the other's")]
    form = Form(SamePersonForm, by.zone, {"stays": whose}, typed=asked.typed if asked else None)
    words = {
        "view": seen.view,
        "merges": merges,
        "name": name,
        "called": await _called((id for one in merges for id in (one.applicant, one.stays)), at),
        **own_form(form, errors, asked.key if asked else ""),
    }
    return page(request, "same_person.html", by, words, 422 if errors else 200)
