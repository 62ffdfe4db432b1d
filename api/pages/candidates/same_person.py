"""That a candidate is the same person as another: said by HR on the page of one of the two, and undone there.

Both are seen side by side before it counts: the form comes back with them, and with a keyed hash of who was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from api.access import With, needs
from api.applicants import Candidacy, people_in
from api.document_access import readable_among
from api.merging import may_be_one, merge, part
from api.pages.forms.command_forms import SentForm, as_sent, done
from api.pages.forms.form_schema import Form, typed_in
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
from store.documents import Stored

routes = APIRouter()

FORM = [Depends(from_here)]

_REQUISITION = re.compile(r"\bR-[0-9A-Z]+\b")

NO_PAGE = (
    "This is no address of a candidate's page: open that page, and copy what stands in your browser's address bar."
)


_SEEN = "_seen"


class Side(NamedTuple):
    """One of two who may be one person: how they are reached, what else was said of that, what they are a candidate in
    where the reader judges and in how many requisitions beside, and the documents about them that the reader may
    read, with how many there are beside."""

    contact: Contact
    said: Sequence[Contact]
    candidacies: Sequence[Candidacy]
    elsewhere: int
    documents: Sequence[Stored]
    other_documents: int


class Pair(NamedTuple):
    """Whose name and contact stay, who goes on under them, and the hash of who was seen as which."""

    stays: Side
    goes: Side
    seen: str


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
    """Shows the two beside each other; merges them once they were seen."""
    seen, asked = await _seen(id, by, at), as_sent(await request.form())
    wanted, errors = Form(SamePersonForm, by.zone, {}, typed=asked.typed).read()
    if asked.more or asked.again or wanted is None:
        wrong = errors | ({"candidate": NO_PAGE} if "candidate" in errors else {})
        return await _shown(request, seen, by, at, asked, {} if asked.more or asked.again else wrong)
    try:
        other = await _seen(wanted.candidate, by, at)
        stays, goes = (seen, other) if wanted.stays == "this" else (other, seen)
        await may_be_one(stays.applicant, goes.applicant, by.caller, at)
        digest = at.matcher.match(f"same person seen\n{stays.view.id}\n{goes.view.id}")[:32]
        if typed_in(asked.typed, _SEEN) != digest:
            pair = Pair(await _side(stays, by, at), await _side(goes, by, at), digest)
            return await _shown(request, seen, by, at, asked, pair=pair)
        await merge(stays.applicant, goes.applicant, wanted.why, by.caller, at)
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


async def _side(seen: SeenCandidate, by: PageReader, at: With) -> Side:
    """What there is of somebody, as far as the reader may see it."""
    everywhere = await at.reads.candidacies(seen.applicant)
    people = await people_in([(seen.applicant, [view.id for view in everywhere])], by.caller, at)
    candidacies = people[0].candidacies if people else []
    applicants = await at.applicants.same_as(seen.applicant) | {seen.applicant}
    files = [file for one in sorted(applicants) for file in await at.documents.uploads_of(one)]
    readable = await readable_among([file.doc.id for file in files], by.caller, at)
    named = [file for file in files if file.doc.id in readable]
    contact = await at.applicants.contact(seen.view.id, seen.applicant) or Contact(name=ERASED)
    said = [one for one in await at.applicants.said_of(seen.applicant) if one != contact]
    return Side(contact, said, candidacies, len(everywhere) - len(candidacies), named, len(files) - len(named))


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
    pair: Pair | None = None,
) -> Response:
    merges = await at.applicants.merges(seen.applicant)
    name = await names(at, merges, candidates=[(seen.view.id, seen.applicant)])
    whose = [Choice("this", f"{name(seen.view.id)}'s, as on this page"), Choice("other", "the other's")]
    form = Form(SamePersonForm, by.zone, {"stays": whose}, typed=asked.typed if asked else None)
    words = {
        "view": seen.view,
        "merges": merges,
        "pair": pair,
        "name": name,
        "called": await _called((id for one in merges for id in (one.applicant, one.stays)), at),
        **own_form(form, errors, asked.key if asked else ""),
    }
    return page(request, "same_person.html", by, words, 422 if errors else 200)
