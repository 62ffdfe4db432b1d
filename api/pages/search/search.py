"""The page that searches, and the few hits that are shown while somebody types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.access import With, needs
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.search import KINDS, LONGEST_QUERY, SearchHit, SearchKind, SearchPassage, in_a_line, searched
from domain.access.permissions import Permission
from domain.core.search_words import terms_of

routes = APIRouter()

OF_EACH, OF_ONE, AT_ONCE = 8, 50, 8
"""Hits of each kind on the page, of the one kind it is narrowed to, and in the list that is shown while one types."""

CALLED: dict[SearchKind, str] = {
    "requisition": "Requisitions", "candidate": "Candidates", "applicant": "Applicants in no requisition yet",
    "document": "Words in documents",
}  # fmt: skip

Sought = Annotated[str, Query(max_length=LONGEST_QUERY)]


class Shown(NamedTuple):
    """Something that was found, and where it leads."""

    hit: SearchHit
    href: str
    passages: list[list[tuple[str, bool]]]


@routes.get("/search")
@needs(Permission.SEARCH)
async def search(request: Request, by: AsReader, at: With, q: Sought = "", kind: SearchKind | None = None) -> Response:
    """What is found, by kind; and a field for other words."""
    sought = in_a_line(q)
    answer = await searched(sought, by.caller, at, (kind,) if kind else KINDS, OF_ONE if kind else OF_EACH)
    shown = [_shown(hit) for hit in answer.hits]
    words = {
        "q": sought,
        "kind": kind,
        "asks": bool(terms_of(sought)),
        "groups": [(one, CALLED[one], of) for one in KINDS if (of := [s for s in shown if s.hit.kind == one])],
        "more": {one: f"/search?{urlencode({'q': sought, 'kind': one})}" for one in answer.more},
    }
    return page(request, "search.html", by, words)


@routes.get("/search/quick")
@needs(Permission.SEARCH)
async def quick(request: Request, by: AsReader, at: With, q: Sought = "") -> Response:
    """The first hits as a list, without the words of documents, for a field that is on every page."""
    sought = in_a_line(q)
    answer = await searched(sought, by.caller, at, KINDS, AT_ONCE, passages=False)
    words = {"q": sought, "hits": [_shown(hit) for hit in _mixed(answer.hits)], "called": CALLED}
    return page(request, "search_quick.html", by, words)


def _mixed(hits: Sequence[SearchHit]) -> list[SearchHit]:
    """A few of each kind before many of one, in the order of the kinds."""
    ranked = sorted(enumerate(hits), key=lambda one: sum(hit.kind == one[1].kind for hit in hits[: one[0]]))
    return sorted((hit for _, hit in ranked[:AT_ONCE]), key=lambda hit: KINDS.index(hit.kind))


def _shown(hit: SearchHit) -> Shown:
    if hit.kind == "applicant":
        return Shown(hit, f"/applicants/{hit.id}/add", [])
    href = f"/{hit.kind}s/{hit.id}"
    if hit.passages:
        first = hit.passages[0]
        href += f"?start={first.start + first.marks[0].start}&end={first.start + first.marks[0].end}#here"
    return Shown(hit, href, [list(_pieces(passage)) for passage in hit.passages])


def _pieces(passage: SearchPassage) -> Iterator[tuple[str, bool]]:
    """A passage in pieces, each with whether it was sought."""
    done = 0
    for mark in passage.marks:
        yield passage.text[done : mark.start], False
        yield passage.text[mark.start : mark.end], True
        done = mark.end
    yield passage.text[done:], False
