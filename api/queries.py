"""What can be read: the board, requisitions, candidates, clocks, timelines. From the read model, never from the
engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.access import AsCaller, With, needs
from api.drafts import shown
from api.payload_limits import LARGEST, Instant
from api.problems import RESPONSES, Refused
from api.relations import in_company, in_office, of_user
from api.timelines import happened_in_requisition, happened_to_candidate
from api.unsealing import in_words, opened, versions_of
from api.visibility import (
    OF_A_CANDIDATE,
    ShownContact,
    caught_up,
    clocks_in,
    contact_of,
    listed,
    may_open_draft,
    named_in,
    readable_debriefs,
    seen_candidate,
    seen_requisition,
    tasks_of,
    without_letters,
)
from domain.access.permissions import Permission
from domain.core.ids import CandidateId, PersonId, RequisitionId
from domain.evidence.drafts import Draft
from store.manager_update import RequisitionUpdate
from store.users import User
from store.views import (
    BoardLine,
    CandidateLine,
    CandidateView,
    ClockView,
    DebriefLine,
    MessageView,
    RequisitionView,
    RubricVersion,
    TaskView,
    TimelineEntry,
    WeekOfMessages,
)
from workflows.contract import stream_of

A_WEEK = timedelta(days=7)
"""What an update looks back on unless asked otherwise."""

routes = APIRouter(prefix="/v1", tags=["reads"], responses=RESPONSES)

AtLeast = Annotated[
    int | None,
    Query(ge=1, le=LARGEST, description="Wait until this version, as a receipt gave it, is readable: two seconds."),
]
Job = Annotated[str, Path(max_length=120)]
Word = Annotated[str, Query(pattern=r"^[a-z_]{1,40}$")]
Limit = Annotated[int, Query(ge=1, le=500)]
Since = Annotated[Instant | None, Query(description="What moved after this time is told; a week ago unless given.")]
Offset = Annotated[int, Query(ge=0, le=100_000)]


class CandidatePage(CandidateView):
    """A candidate with their name, and their address for those who may write. `blind` hides others' judgements.

    `hidden` names the permissions the reader has not: what they open is empty.
    """

    contact: ShownContact | None
    blind: bool
    hidden: list[Permission]


class UpdatePage(RequisitionUpdate):
    """How a requisition stands, with the names of the candidates it lists, by their ids, for the team."""

    names: dict[str, str]


class Me(BaseModel):
    """Who the token says you are."""

    id: str
    kind: str
    person: User | None


class Messages(BaseModel):
    """How many messages somebody was sent in each week, and, for themselves, which."""

    weeks: list[WeekOfMessages]
    messages: list[MessageView]


@routes.get("/me", operation_id="me")
@needs(Permission.OWN_READ)
async def me(by: AsCaller, at: With) -> Me:
    """Who you are."""
    person = await at.people.get(by.actor.id) if by.actor.kind == "person" else None
    return Me(id=by.actor.id, kind=by.actor.kind, person=person)


@routes.get("/board", operation_id="board")
@needs(Permission.BOARD_READ)
async def board(
    by: AsCaller,
    at: With,
    person: PersonId | None = None,
    phase: Word | None = None,
    standing: Word | None = None,
    breached: bool | None = None,
    waiting_on: PersonId | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[BoardLine]:
    """Requisitions, the overdue ones first. Your own; leads and operations see all, and may narrow to a `person`."""
    in_office(by, Permission.BOARD_READ)
    if not in_company(by).may(Permission.BOARD_OVERSEE):
        person = by.actor.id
    return await at.reads.board(person, phase, standing, breached, waiting_on=waiting_on, limit=limit, offset=offset)


@routes.get("/owed", operation_id="owed", summary="Your tasks")
@needs(Permission.OWN_READ)
async def own_clocks(by: AsCaller, at: With) -> list[ClockView]:
    """Your tasks in all requisitions, by due time."""
    return await tasks_of(by, at)


@routes.get("/people/{id}/messages", operation_id="messages")
@needs(Permission.MESSAGES_COUNT)
async def messages(id: PersonId, by: AsCaller, at: With, limit: Limit = 100, offset: Offset = 0) -> Messages:
    """What somebody was sent, counted by week; each message for themselves alone, and never what it said."""
    sight, reads = of_user(id, by), at.reads
    if not sight.may(Permission.MESSAGES_COUNT):
        raise Refused(403, "not_permitted", "You may not do this.", "Somebody whose work it is.")
    own = sight.may(Permission.MESSAGES_READ)
    return Messages(
        weeks=await reads.weeks_of_messages(id), messages=await reads.messages(id, limit, offset) if own else []
    )


@routes.get("/requisitions/{id}", operation_id="requisition")
@needs(Permission.REQUISITION_OVERVIEW)
async def requisition(id: RequisitionId, by: AsCaller, at: With, at_least: AtLeast = None) -> RequisitionView:
    """One requisition."""
    await caught_up(stream_of("requisition", id), at_least, at)
    return await in_words((await seen_requisition(id, by, at)).view, at)


@routes.get("/requisitions/{id}/candidates", operation_id="candidates")
@needs(Permission.REQUISITION_CANDIDATES)
async def candidates(
    id: RequisitionId,
    by: AsCaller,
    at: With,
    stage: Word | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[CandidateLine]:
    """A requisition's candidates, in the order in which they came to their stage."""
    seen = await seen_requisition(id, by, at, Permission.REQUISITION_CANDIDATES)
    return await listed(seen, by, at, stage=stage, limit=limit, offset=offset)


@routes.get("/requisitions/{id}/clocks", operation_id="requisition_clocks")
@needs(Permission.REQUISITION_CLOCKS)
async def requisition_clocks(id: RequisitionId, by: AsCaller, at: With, ended: bool | None = None) -> list[ClockView]:
    """The clocks of a requisition and its candidates: the running ones by due time, then the ended."""
    return await clocks_in(await seen_requisition(id, by, at, Permission.REQUISITION_CLOCKS), by, at, ended)


@routes.get("/requisitions/{id}/update", operation_id="requisition_update")
@needs(Permission.REQUISITION_CANDIDATES)
async def requisition_update(id: RequisitionId, by: AsCaller, at: With, since: Since = None) -> UpdatePage:
    """Where candidates stand, what moved, each side's tasks, pass rates by criterion, agreed, actual and forecast.

    Lateness is told in sums by side, never by person, and nothing comes from scorecards.
    """
    seen = await seen_requisition(id, by, at, Permission.REQUISITION_CANDIDATES)
    now = datetime.now(UTC)
    update = await at.requisition_updates.of(id, since or now - A_WEEK, now)
    assert update is not None, "a search that is readable is there"
    named = await named_in(seen, ((one.id, one.human) for one in update.candidates), by, at)
    contacts = await at.applicants.contacts(named)
    names = {candidate: contact.name for candidate, contact in contacts.items()}
    return UpdatePage.model_validate(dict(update) | {"names": names})


@routes.get("/requisitions/{id}/timeline", operation_id="requisition_timeline")
@needs(Permission.REQUISITION_TIMELINE)
async def requisition_timeline(
    id: RequisitionId, by: AsCaller, at: With, limit: Limit = 200, offset: Offset = 0
) -> list[TimelineEntry]:
    """What happened, in order; what people thought of a candidate stands in that candidate's own timeline."""
    seen = await seen_requisition(id, by, at, Permission.REQUISITION_TIMELINE)
    return await happened_in_requisition(seen, by, at, limit=limit, offset=offset)


@routes.get("/requisitions/{id}/rubric", operation_id="rubric")
@needs(Permission.REQUISITION_RUBRIC)
async def rubric(id: RequisitionId, by: AsCaller, at: With) -> list[RubricVersion]:
    """Every version of the rubric with its hash, names and diff, the newest first."""
    await seen_requisition(id, by, at, Permission.REQUISITION_RUBRIC)
    return await versions_of(id, at)


@routes.get("/requisitions/{id}/debriefs", operation_id="requisition_debriefs")
@needs(Permission.REQUISITION_OVERVIEW)
async def requisition_debriefs(id: RequisitionId, by: AsCaller, at: With) -> list[DebriefLine]:
    """The debriefs of a requisition, by their time; a candidate's once your own scorecard of them is in."""
    return await readable_debriefs(await seen_requisition(id, by, at), by, at)


@routes.get("/requisitions/{id}/tasks", operation_id="requisition_tasks")
@needs(Permission.REQUISITION_TASKS)
async def requisition_tasks(id: RequisitionId, by: AsCaller, at: With) -> list[TaskView]:
    """Manual tasks: what a machine could not do in this requisition, the oldest first."""
    seen = await seen_requisition(id, by, at, Permission.REQUISITION_TASKS)
    found = await at.reads.tasks(id)
    return found if seen.sight.may(Permission.REQUISITION_APPLICATIONS) else without_letters(found)


@routes.get("/requisitions/{id}/drafts/{job}", operation_id="requisition_draft")
@needs(Permission.REQUISITION_DRAFTS)
async def requisition_draft(
    id: RequisitionId, job: Annotated[str, Path(max_length=60)], by: AsCaller, at: With
) -> Draft:
    """The latest draft of this kind: passages with speaker and place, until a named person confirms or edits."""
    seen = await seen_requisition(id, by, at, Permission.REQUISITION_DRAFTS)
    return await shown(seen.view.drafts.get(job), by, at)


@routes.get("/candidates/{id}", operation_id="candidate")
@needs(Permission.CANDIDATE_OVERVIEW)
async def candidate(id: CandidateId, by: AsCaller, at: With, at_least: AtLeast = None) -> CandidatePage:
    """One candidate; others' scorecards and what was made of them only once yours is in."""
    await caught_up(stream_of("candidate", id), at_least, at)
    seen = await seen_candidate(id, by, at)
    page = await opened(seen.view, stream_of("candidate", id), at)
    hidden = [one for one in OF_A_CANDIDATE if not seen.sight.may(one)]
    contact = await contact_of(seen, at)
    return CandidatePage.model_validate(page | {"contact": contact, "blind": seen.blind, "hidden": hidden})


@routes.get("/candidates/{id}/clocks", operation_id="candidate_clocks")
@needs(Permission.CANDIDATE_OVERVIEW)
async def candidate_clocks(id: CandidateId, by: AsCaller, at: With, ended: bool | None = None) -> list[ClockView]:
    """A candidate's clocks: the running ones by due time, then the ended."""
    await seen_candidate(id, by, at)
    return await at.reads.clocks(stream=stream_of("candidate", id), ended=ended)


@routes.get("/candidates/{id}/timeline", operation_id="candidate_timeline")
@needs(Permission.CANDIDATE_OVERVIEW)
async def candidate_timeline(
    id: CandidateId, by: AsCaller, at: With, limit: Limit = 200, offset: Offset = 0
) -> list[TimelineEntry]:
    """What happened to a candidate, in order; without others' judgements as long as yours is still to come."""
    return await happened_to_candidate(await seen_candidate(id, by, at), at, limit=limit, offset=offset)


@routes.get("/candidates/{id}/drafts/{job}", operation_id="candidate_draft")
@needs(Permission.CANDIDATE_OVERVIEW)
async def candidate_draft(id: CandidateId, job: Job, by: AsCaller, at: With) -> Draft:
    """The latest draft of this kind; a résumé reading after the recruiter's verdict, others' scorecards after yours."""
    seen = await seen_candidate(id, by, at)
    may_open_draft(seen, job, by)
    known = seen.view.drafts.get(job)
    return await shown(known.id if known else None, by, at)


@routes.get("/tasks", operation_id="tasks")
@needs(Permission.OPERATIONS_READ)
async def tasks(by: AsCaller, at: With) -> list[TaskView]:
    """Every open task, the oldest first. For operations."""
    in_office(by, Permission.OPERATIONS_READ)
    return without_letters(await at.reads.tasks())
