"""Search: requisitions, candidates, applicants and the words of documents, as far as whoever asks may read them now.

The index says where something might be (`store/search_index.py`); whether it is there, and whether it may be told, is
asked of each thing that is found. An answer tells no counts: what somebody may not read is not in it in any way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Annotated, Literal, NamedTuple, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.access import AsCaller, Caller, With, needs
from api.document_access import OPENED_BY
from api.problems import RESPONSES, Refused
from api.relations import candidate_sight, in_company, in_office, own_applicants, requisition_sight
from api.services import Services
from api.visibility import sights_of
from domain.access.permissions import Permission, Relation
from domain.core.ids import mentioned
from domain.core.search_words import (
    Place,
    Term,
    bears,
    digits_of,
    ends_of_a_number,
    plain_address,
    terms_of,
    words_in,
)
from domain.entity.entity_facts import Stage
from privacy.sealing import Tombstone
from store.applicants import Contact
from store.audit import Act, Entry
from store.audit import Kind as Audited
from store.documents import NoSuchDocument
from store.search_index import FoundDocument, Scope
from store.views import CandidateView

routes = APIRouter(prefix="/v1", tags=["reads"], responses=RESPONSES)

T = TypeVar("T")

SearchKind = Literal["requisition", "candidate", "applicant", "document"]

KINDS: tuple[SearchKind, ...] = ("requisition", "candidate", "applicant", "document")

LONGEST_QUERY = 200

Asked = Annotated[
    str,
    Query(
        max_length=LONGEST_QUERY,
        pattern=r"^[^\x00]*$",
        description="A title, a team, how a name begins, an address, a telephone number, words; all must be found.",
    ),
]

_MOST_LOOKED_AT = 200
"""Things the index gave that are looked at for one answer; whoever may read few of them is told of none beyond."""

_AROUND = 60
"""Characters that are shown on either side of a word that was found."""

_PASSAGES = 3

_CURRENT = frozenset({"resume", "transcript", "notes"})
"""Kinds of documents of which a candidacy names the one that counts: one that was replaced is not found any more."""


class Marked(BaseModel):
    """Characters of a passage that were sought."""

    start: int
    end: int


class SearchPassage(BaseModel):
    """Part of a document's text, from its character `start` on, with what was sought in it."""

    text: str
    start: int
    marks: list[Marked]


class SearchHit(BaseModel):
    """Something that was found: a requisition by its title, or somebody by their name.

    `id` is the requisition's, candidate's, applicant's or document's; a candidate and a document say in which
    requisition they are found, and a document whose it is and of which kind.
    """

    kind: SearchKind
    id: str
    name: str
    requisition: str | None = None
    title: str | None = None
    stage: Stage | None = None
    candidate: str | None = None
    what: str | None = None
    passages: list[SearchPassage] = Field(default_factory=list)


class SearchAnswer(BaseModel):
    """What was found, by kind; `more` are the kinds of which there is more than was asked for."""

    hits: list[SearchHit]
    more: list[SearchKind]


@routes.get("/search", operation_id="search", summary="Search")
@needs(Permission.SEARCH)
async def search(
    by: AsCaller,
    at: With,
    q: Asked = "",
    kind: SearchKind | None = None,
    limit: Annotated[int, Query(ge=1, le=50, description="The most of each kind.")] = 20,
) -> SearchAnswer:
    """Requisitions, candidates, applicants and documents in which all words of `q` are found.

    Names and addresses by how their words begin, two letters or more; numbers by their last six digits or more; words
    whole. Only what you may read is found. An applicant is one whom you introduced and who is in no requisition yet.
    """
    return await searched(q, by, at, (kind,) if kind else KINDS, limit)


def in_a_line(query: str) -> str:
    """What somebody typed to be found, without line ends and control characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in query).split())


async def searched(
    query: str, by: Caller, at: Services, kinds: Iterable[SearchKind], limit: int, passages: bool = True
) -> SearchAnswer:
    """What is found of these kinds, at most `limit` of each; `passages` says whether documents' words are shown."""
    in_office(by, Permission.SEARCH)
    if not query.isprintable():
        raise Refused(422, "invalid", "What is sought is one line of text.", "Words without control characters.", "q")
    terms = terms_of(query)
    answer = SearchAnswer(hits=[], more=[])
    if not terms:
        return answer
    asked = _Search(terms, await at.search_index.scope_of(by.actor.id), by, at, limit + 1, passages)
    for kind in kinds:
        found = await _SEARCHES[kind](asked)
        answer.hits += found[:limit]
        answer.more += [kind] if len(found) > limit else []
    return answer


class _Search(NamedTuple):
    """What is sought, by whom and where; and how many of one kind are enough."""

    terms: Sequence[Term]
    scope: Scope
    by: Caller
    at: Services
    enough: int
    passages: bool


async def _requisitions(asked: _Search) -> list[SearchHit]:
    by, at = asked.by, asked.at
    if any(not term.word for term in asked.terms):
        return []
    oversees = in_company(by).may(Permission.BOARD_OVERSEE)
    hits: list[SearchHit] = []
    for found in await at.search_index.requisitions(None if oversees else asked.scope):
        if len(hits) == asked.enough:
            break
        if bears(found.words, asked.terms):
            view = await at.reads.requisition(found.id)
            if view is not None and (await requisition_sight(view, by, at)).may(Permission.REQUISITION_OVERVIEW):
                hits.append(SearchHit(kind="requisition", id=found.id, name=view.title, what=view.team_name))
    return hits


async def _some(found: AsyncIterator[list[T]], at_once: int) -> AsyncIterator[list[T]]:
    """What is found, so many at a time: whoever has enough looks at no more."""
    async for each in found:
        for first in range(0, len(each), at_once):
            yield each[first : first + at_once]


async def _candidates(asked: _Search) -> list[SearchHit]:
    by, at = asked.by, asked.at
    hits: list[SearchHit] = []
    looked_at = 0
    async for ids in _some(at.search_index.applicants(asked.terms, asked.scope), asked.enough):
        sights = await sights_of(ids, by, at)
        named = {id: v.human for id, (v, sight) in sights.items() if sight.may(Permission.CANDIDATE_NAME)}
        contacts = await at.applicants.contacts(named)
        titles = await at.reads.titles({view.requisition for view, _ in sights.values()})
        for id in (one for one in ids if one in contacts):
            view, sight = sights[id]
            if _reached_so(contacts[id], asked.terms, sight.may(Permission.CANDIDATE_CONTACT)):
                hits.append(
                    SearchHit(
                        kind="candidate",
                        id=id,
                        name=contacts[id].name,
                        requisition=view.requisition,
                        title=titles.get(view.requisition),
                        stage=view.stage,
                    )
                )
        looked_at += len(ids)
        if len(hits) >= asked.enough or looked_at >= _MOST_LOOKED_AT:
            break
    return hits[: asked.enough]


async def _applicants(asked: _Search) -> list[SearchHit]:
    at, own = asked.at, await own_applicants(asked.by, asked.at)
    hits: list[SearchHit] = []
    for id in await at.search_index.introduced(asked.terms, asked.scope):
        if len(hits) == asked.enough:
            break
        said = None if id in own else await at.applicants.as_introduced(id, asked.by.actor.id)
        if said is not None and _reached_so(said, asked.terms, with_contact=True):
            hits.append(SearchHit(kind="applicant", id=id, name=said.name))
    return hits


async def _documents(asked: _Search) -> list[SearchHit]:
    by, at = asked.by, asked.at
    places = _Places(by, at)
    hits: list[SearchHit] = []
    entries: list[Entry] = []
    looked_at = 0
    async for found in _some(at.search_index.documents(asked.terms, asked.scope), asked.enough):
        for one in found:
            place = await places.of(one)
            if place is None or len(hits) == asked.enough:
                continue
            passages = await _passages(one.id, asked.terms, at) if asked.passages else []
            if passages is not None:
                hits.append(
                    SearchHit(
                        kind="document",
                        id=one.id,
                        name=place.name,
                        requisition=place.requisition,
                        title=place.title,
                        candidate=place.candidate,
                        what=one.kind,
                        passages=passages,
                    )
                )
                about = place.candidate or place.requisition
                entries.append(Entry(Act.READ_DOCUMENT, Audited.DOCUMENT, one.id, about, place.permission))
        looked_at += len(found)
        if len(hits) >= asked.enough or looked_at >= _MOST_LOOKED_AT:
            break
    if asked.passages and entries:  # a passage is read as the document is
        await at.audit.record(*entries)
    return hits


_SEARCHES = {
    "requisition": _requisitions, "candidate": _candidates, "applicant": _applicants, "document": _documents,
}  # fmt: skip


class _Where(NamedTuple):
    """As part of what a document is read: a candidacy, or a requisition's intake."""

    name: str
    requisition: str
    title: str
    candidate: str | None
    permission: Permission


class _Places:
    """Finds out as part of what the caller reads documents, each applicant's candidacies looked up once."""

    def __init__(self, by: Caller, at: Services) -> None:
        self._by, self._at = by, at
        self._candidacies: dict[str, list[CandidateView]] = {}

    async def of(self, found: FoundDocument) -> _Where | None:
        """As part of what a document is read; None where the caller may not search it.

        Whoever meets somebody reads their papers one by one, and does not look through them: of an interviewer's
        relation nothing is opened here.
        """
        if found.subject.startswith("R-"):
            return await self._of_intake(found)
        by, at = self._by, self._at
        if found.subject not in self._candidacies:
            self._candidacies[found.subject] = await at.reads.candidacies(found.subject)
        own = await own_applicants(by, at)
        permission = OPENED_BY.get(found.kind, Permission.CANDIDATE_TRANSCRIPTS)
        for view in self._candidacies[found.subject]:
            sight = candidate_sight(view, by, own)
            sight = sight._replace(relations=sight.relations - {Relation.INTERVIEWER})
            if view.standing != "erased" and sight.may(permission) and await self._belongs(found, view):
                [title] = (await at.reads.titles([view.requisition])).values() or [""]
                contact = await at.applicants.contact(view.id, view.human)
                return None if contact is None else _Where(contact.name, view.requisition, title, view.id, permission)
        return None

    async def _belongs(self, found: FoundDocument, view: CandidateView) -> bool:
        if found.id in mentioned(_as_it_counts(view), "D-"):
            return True
        return found.kind not in _CURRENT and view.id in {
            about for about, _ in await self._at.documents.given(found.id)
        }

    async def _of_intake(self, found: FoundDocument) -> _Where | None:
        view = await self._at.reads.requisition(found.subject)
        if view is None or found.id not in mentioned(view, "D-"):
            return None
        permission = Permission.REQUISITION_INTAKE
        if not (await requisition_sight(view, self._by, self._at)).may(permission):
            return None
        return _Where(view.title, view.id, view.title, None, permission)


def _as_it_counts(view: CandidateView) -> CandidateView:
    """A candidacy without the documents that were replaced in it."""
    interviews = {key: one.but(replaced=()) for key, one in view.interviews.items()}
    screen = view.screen.but(replaced=()) if view.screen else None
    return view.model_copy(update={"earlier_resumes": (), "interviews": interviews, "screen": screen})


async def _passages(id: str, terms: Sequence[Term], at: Services) -> list[SearchPassage] | None:
    """The first passages in which the words stand; None where not all of them do any more."""
    try:
        text = await at.documents.text(id)
    except NoSuchDocument:
        return None
    if isinstance(text, Tombstone):
        return None
    wanted = {term.word for term in terms}
    places = [place for place in words_in(text.text) if place.word in wanted]
    if {place.word for place in places} != wanted:
        return None
    return _cut(text.text, _telling(places))


def _telling(places: Sequence[Place]) -> list[Place]:
    """Places of which passages are made: where each word stands first, and then in order."""
    first: Mapping[str, Place] = {place.word: place for place in reversed(places)}
    return sorted(first.values(), key=lambda place: place.start)


def _cut(text: str, places: Iterable[Place]) -> list[SearchPassage]:
    """What stands around these places, in whole words; those that are near each other in one passage."""
    spans: list[list[Place]] = []
    for place in places:
        if spans and place.start - spans[-1][-1].end <= _AROUND:
            spans[-1].append(place)
        else:
            spans.append([place])
    passages = []
    for span in spans[:_PASSAGES]:
        start, end = max(span[0].start - _AROUND, 0), min(span[-1].end + _AROUND, len(text))
        start = start if start == 0 else min(max(text.find(" ", start) + 1, start), span[0].start)
        end = end if end == len(text) else max(text.rfind(" ", 0, end), span[-1].end)
        marks = [Marked(start=one.start - start, end=one.end - start) for one in span]
        passages.append(SearchPassage(text=text[start:end], start=start, marks=_joined(marks)))
    return passages


def _joined(marks: Iterable[Marked]) -> list[Marked]:
    """Marks that overlap as one: of a script without spaces every pair of characters is a word."""
    joined: list[Marked] = []
    for mark in marks:
        if joined and mark.start <= joined[-1].end:
            joined[-1] = Marked(start=joined[-1].start, end=mark.end)
        else:
            joined.append(mark)
    return joined


def _reached_so(contact: Contact, terms: Iterable[Term], with_contact: bool) -> bool:
    """Whether somebody is called or reached by every term, in what its reader may read of them."""
    numbers = [digits_of(one) for one in (contact.phone, contact.telephone) if one]
    address = contact.email or ""

    def found(term: Term) -> bool:
        if term.digits:
            return with_contact and any(term.digits in ends_of_a_number(number) for number in numbers)
        if term.address:
            return with_contact and term.address == plain_address(address)
        return bears(contact.name, (term,)) or (with_contact and bears(address, (term,)))

    return all(found(term) for term in terms)
