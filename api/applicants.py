"""Everybody who ever applied, a person each, across the requisitions that the reader judges in."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.access import AsCaller, Caller, With, needs
from api.payload_limits import Instant
from api.problems import RESPONSES, Refused
from api.queries import Word
from api.relations import in_company, in_office, own_applicants
from api.search import Asked, searched
from api.services import Services
from api.tags import tag_hash, tags_in, tags_of, with_tag
from api.visibility import sights_of
from domain.access.permissions import Permission, Relation, Sight
from domain.core.ids import ApplicantId, CandidateId, RequisitionId
from domain.core.personal_text import LONGEST_TAG
from domain.entity.entity_facts import Stage
from domain.entity.state import Standing
from store.applicant_list import After, ApplicantFilter, ApplicantSort, Kept
from store.views import CandidateView

routes = APIRouter(prefix="/v1", tags=["reads"], responses=RESPONSES)

ON_A_PAGE = 50

_FOUND = 200
"""The most candidacies that a name or an address narrows the list to."""


class Candidacy(BaseModel):
    """What somebody is a candidate in: since when they stand where, how they came, and what they were told.

    `kept_until` is when what is kept of it is due to be erased, `by_law_until` until when the law keeps it at least;
    both are empty while it goes on.
    """

    candidate: CandidateId
    requisition: RequisitionId
    title: str
    stage: Stage
    stage_since: datetime
    standing: Standing
    source: str
    opened_at: datetime | None
    notice_version: str | None
    no_ai: bool
    no_recording: bool
    kept_until: datetime | None
    by_law_until: datetime | None
    legal_hold: bool
    waits_to_hear: bool
    tags: list[str]


class Person(BaseModel):
    """Somebody who applied, with all that they are a candidate in and the reader judges."""

    id: ApplicantId
    name: str
    candidacies: list[Candidacy]


class Introduced(BaseModel):
    """Somebody whom the reader made known and who is in no requisition yet."""

    id: ApplicantId
    name: str


class ApplicantsPage(BaseModel):
    """People, and where the list goes on; `introduced` stand on the first page of a list that nothing narrows."""

    applicants: list[Person]
    introduced: list[Introduced]
    next: str | None


@routes.get("/applicants", operation_id="applicants", summary="Applicants")
@needs(Permission.APPLICANTS_READ)
async def applicants(
    by: AsCaller,
    at: With,
    q: Asked = "",
    requisition: RequisitionId | None = None,
    stage: Stage | None = None,
    source: Word | None = None,
    running: Annotated[bool | None, Query(description="In the running, or not any more.")] = None,
    tag: Annotated[str, Query(max_length=LONGEST_TAG, pattern=r"^[^\x00]*$", description="Who has this tag.")] = "",
    kept_until: Annotated[Instant | None, Query(description="Whose data are due to go before then.")] = None,
    sort: Annotated[ApplicantSort, Query(description="Moved last, not moved for longest, or whose data go first.")] = (
        "moved"
    ),
    after: Annotated[str | None, Query(max_length=200, description="What the page before gave as `next`.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = ON_A_PAGE,
) -> ApplicantsPage:
    """Everybody who ever applied in the requisitions you judge in: a line each, with all their candidacies there.

    Some of a page may be left out, where a restriction or your own candidacy hides them.
    """
    which = ApplicantFilter(requisition, stage, source, running, kept_until)
    if tag:
        tags = await tags_in(await at.applicant_list.judged_by(by.actor.id), by, at)
        which = which._replace(candidates=with_tag(tag_hash(tag, at), tags, at))
    return await applicants_of(by, at, which, q, sort, after, limit)


async def applicants_of(
    by: Caller, at: Services, which: ApplicantFilter, q: str, sort: ApplicantSort, after: str | None, limit: int
) -> ApplicantsPage:
    """The same, for whoever reads it."""
    in_office(by, Permission.APPLICANTS_READ)
    narrowed = which != ApplicantFilter() or q != "" or after is not None
    if q:
        found = await searched(q, by, at, ("candidate",), _FOUND)
        hits = [hit.id for hit in found.hits]
        which = which._replace(candidates=[id for id in hits if which.candidates is None or id in which.candidates])
    own, judged = await own_applicants(by, at), await at.applicant_list.judged_by(by.actor.id)
    lines = await at.applicant_list.page(judged, which, sort, _read(after), limit + 1, without=own)
    shown = lines[:limit]
    last = After(shown[-1].at, shown[-1].person) if len(lines) > limit else None
    people = await people_in([(line.person, line.candidates) for line in shown], by, at)
    introduced = [] if narrowed else await _introduced(own, by, at)
    return ApplicantsPage(applicants=people, introduced=introduced, next=_written(last) if last else None)


async def people_in(lines: Sequence[tuple[str, Sequence[str]]], by: Caller, at: Services) -> list[Person]:
    """These people, each with those of these candidacies of theirs that the caller judges; nobody who has none."""
    sights = await sights_of([id for _, candidates in lines for id in candidates], by, at)
    views = {id: view for id, (view, sight) in sights.items() if _judges(sight)}
    contacts = await at.applicants.contacts({id: view.human for id, view in views.items()})
    titles = await at.reads.titles({view.requisition for view in views.values()})
    kept, tags = await at.applicant_list.kept(views), await tags_of(views, by, at)
    people = []
    for person, candidates in lines:
        theirs = [id for id in candidates if id in contacts]
        if theirs:
            told = [_candidacy(views[id], titles, kept.get(id), tags.get(id, [])) for id in theirs]
            people.append(Person(id=person, name=contacts[theirs[0]].name, candidacies=told))
    return people


def _judges(sight: Sight) -> bool:
    """Whether somebody sees a candidate as those do who judge them, and not only because they meet them."""
    judging = sight._replace(relations=sight.relations - {Relation.INTERVIEWER})
    return judging.may(Permission.CANDIDATE_NAME) and judging.may(Permission.CANDIDATE_PROFILE)


def _candidacy(view: CandidateView, titles: Mapping[str, str], kept: Kept | None, tags: list[str]) -> Candidacy:
    return Candidacy(
        candidate=view.id,
        requisition=view.requisition,
        title=titles.get(view.requisition, ""),
        stage=view.stage,
        stage_since=view.stage_since,
        standing=view.standing,
        source=view.source,
        opened_at=view.opened_at,
        notice_version=view.notice_version,
        no_ai=view.no_ai,
        no_recording=view.no_recording,
        kept_until=kept.until if kept else None,
        by_law_until=kept.by_law_until if kept else None,
        legal_hold=view.legal_hold,
        waits_to_hear=view.stage == Stage.REJECTED and view.told_at is None,
        tags=tags,
    )


async def _introduced(own: Iterable[str], by: Caller, at: Services) -> list[Introduced]:
    if not in_company(by).may(Permission.APPLICANT_INTRODUCE):
        return []
    found = []
    for id in await at.applicant_list.in_no_requisition(by.actor.id, ON_A_PAGE):
        said = None if id in own else await at.applicants.as_introduced(id, by.actor.id)
        if said is not None:
            found.append(Introduced(id=id, name=said.name))
    return found


def _written(last: After) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.at.isoformat(), last.person]).encode()).decode()


def _read(cursor: str | None) -> After | None:
    if cursor is None:
        return None
    try:
        at, person = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        read = After(datetime.fromisoformat(at), str(person))
    except (ValueError, TypeError, binascii.Error):
        raise _no_place() from None
    if read.at.tzinfo is None or "\x00" in read.person:
        raise _no_place()
    return read


def _no_place() -> Refused:
    return Refused(422, "invalid", "This is no place in the list.", "What an answer gave as `next`.", "after")
