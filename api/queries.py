"""What can be read: the board, requisitions, candidates, clocks, timelines. From the read model, never from the
engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel

from api.access import AsCaller, With
from api.drafts import shown
from api.payload_limits import LARGEST
from api.problems import RESPONSES, Refused
from api.visibility import (
    caught_up,
    in_words,
    judged,
    names_shown,
    opened,
    readable_candidate,
    readable_debriefs,
    readable_requisition,
    versions_of,
    without_judgements,
)
from domain.access.roles import Role
from domain.candidate import may_see_draft
from domain.core.ids import CandidateId, PersonId, RequisitionId
from domain.evidence.draft_jobs import draft_job
from domain.evidence.drafts import Draft
from store.applicants import Contact
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
Since = Annotated[
    AwareDatetime | None, Query(description="What moved after this time is told; a week ago unless given.")
]
Offset = Annotated[int, Query(ge=0, le=100_000)]


class CandidatePage(CandidateView):
    """A candidate with their name and address, for those who meet them. `blind` hides others' judgements."""

    contact: Contact | None
    blind: bool


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
async def me(by: AsCaller, at: With) -> Me:
    """Who you are."""
    person = await at.people.get(by.actor.id) if by.actor.kind == "person" else None
    return Me(id=by.actor.id, kind=by.actor.kind, person=person)


@routes.get("/board", operation_id="board")
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
    if not by.actor.standing & {Role.LEAD, Role.OPS}:
        person = by.actor.id
    return await at.reads.board(person, phase, standing, breached, waiting_on, limit=limit, offset=offset)


@routes.get("/owed", operation_id="owed", summary="Your tasks")
async def own_clocks(by: AsCaller, at: With) -> list[ClockView]:
    """Your tasks in all requisitions, by due time."""
    return await at.reads.clocks_owned_by(by.actor.id)


@routes.get("/people/{id}/messages", operation_id="messages")
async def messages(id: PersonId, by: AsCaller, at: With, limit: Limit = 100, offset: Offset = 0) -> Messages:
    """What somebody was sent, counted by week; each message for themselves alone, and never what it said."""
    own = by.actor.id == id
    if not own:
        by.must_be(Role.OPS)
    reads = at.reads
    return Messages(
        weeks=await reads.weeks_of_messages(id), messages=await reads.messages(id, limit, offset) if own else []
    )


@routes.get("/requisitions/{id}", operation_id="requisition")
async def requisition(id: RequisitionId, by: AsCaller, at: With, at_least: AtLeast = None) -> RequisitionView:
    """One requisition."""
    await caught_up(stream_of("requisition", id), at_least, at)
    return in_words(await readable_requisition(id, by, at, to_interviewers=True), at)


@routes.get("/requisitions/{id}/candidates", operation_id="candidates")
async def candidates(
    id: RequisitionId,
    by: AsCaller,
    at: With,
    stage: Word | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[CandidateLine]:
    """A requisition's candidates, in the order in which they came to their stage."""
    await readable_requisition(id, by, at)
    return await at.reads.candidates(requisition=id, stage=stage, limit=limit, offset=offset)


@routes.get("/requisitions/{id}/clocks", operation_id="requisition_clocks")
async def requisition_clocks(id: RequisitionId, by: AsCaller, at: With, ended: bool | None = None) -> list[ClockView]:
    """The clocks of a requisition and its candidates: the running ones by due time, then the ended."""
    await readable_requisition(id, by, at)
    return await at.reads.clocks(requisition=id, ended=ended)


@routes.get("/requisitions/{id}/update", operation_id="requisition_update")
async def requisition_update(id: RequisitionId, by: AsCaller, at: With, since: Since = None) -> UpdatePage:
    """Where candidates stand, what moved, each side's tasks, pass rates by criterion, agreed, actual and forecast.

    Lateness is told in sums by side, never by person, and nothing comes from scorecards.
    """
    view = await readable_requisition(id, by, at)
    now = datetime.now(UTC)
    update = await at.requisition_updates.of(id, since or now - A_WEEK, now)
    assert update is not None, "a search that is readable is there"
    listed = {one.id: one.human for one in update.candidates} if names_shown(view, by) else {}
    contacts = await at.applicants.contacts(listed.values())
    names = {candidate: contacts[applicant].name for candidate, applicant in listed.items() if applicant in contacts}
    return UpdatePage.model_validate(dict(update) | {"names": names})


@routes.get("/requisitions/{id}/timeline", operation_id="requisition_timeline")
async def requisition_timeline(
    id: RequisitionId, by: AsCaller, at: With, limit: Limit = 200, offset: Offset = 0
) -> list[TimelineEntry]:
    """What happened, in order; what people thought of a candidate stands in that candidate's own timeline."""
    await readable_requisition(id, by, at)
    kinds = list(without_judgements())
    entries = await at.reads.timeline(requisition=id, types=kinds, limit=limit, offset=offset)
    return [_readable(entry, at) for entry in entries]


@routes.get("/requisitions/{id}/rubric", operation_id="rubric")
async def rubric(id: RequisitionId, by: AsCaller, at: With) -> list[RubricVersion]:
    """Every version of the rubric with its hash, names and diff, the newest first."""
    await readable_requisition(id, by, at, to_interviewers=True)
    return await versions_of(id, at)


@routes.get("/requisitions/{id}/debriefs", operation_id="requisition_debriefs")
async def requisition_debriefs(id: RequisitionId, by: AsCaller, at: With) -> list[DebriefLine]:
    """The debriefs of a requisition, by their time; a candidate's once your own scorecard of them is in."""
    await readable_requisition(id, by, at, to_interviewers=True)
    return await readable_debriefs(id, by, at)


@routes.get("/requisitions/{id}/tasks", operation_id="requisition_tasks")
async def requisition_tasks(id: RequisitionId, by: AsCaller, at: With) -> list[TaskView]:
    """Manual tasks: what a machine could not do in this requisition, the oldest first."""
    await readable_requisition(id, by, at)
    return await at.reads.tasks(id)


@routes.get("/requisitions/{id}/drafts/{job}", operation_id="requisition_draft")
async def requisition_draft(
    id: RequisitionId, job: Annotated[str, Path(max_length=60)], by: AsCaller, at: With
) -> Draft:
    """The latest draft of this kind: passages with speaker and place, until a named person confirms or edits."""
    return await shown((await readable_requisition(id, by, at)).drafts.get(job), by, at)


@routes.get("/candidates/{id}", operation_id="candidate")
async def candidate(id: CandidateId, by: AsCaller, at: With, at_least: AtLeast = None) -> CandidatePage:
    """One candidate; others' scorecards and what was made of them only once yours is in."""
    await caught_up(stream_of("candidate", id), at_least, at)
    view, blind = await readable_candidate(id, by, at)
    contact = await at.applicants.contact(view.human)
    page = opened(view, stream_of("candidate", id), at)
    return CandidatePage.model_validate(page | {"contact": contact, "blind": blind})


@routes.get("/candidates/{id}/clocks", operation_id="candidate_clocks")
async def candidate_clocks(id: CandidateId, by: AsCaller, at: With, ended: bool | None = None) -> list[ClockView]:
    """A candidate's clocks: the running ones by due time, then the ended."""
    await readable_candidate(id, by, at)
    return await at.reads.clocks(stream=stream_of("candidate", id), ended=ended)


@routes.get("/candidates/{id}/timeline", operation_id="candidate_timeline")
async def candidate_timeline(
    id: CandidateId, by: AsCaller, at: With, limit: Limit = 200, offset: Offset = 0
) -> list[TimelineEntry]:
    """What happened to a candidate, in order; without others' judgements as long as yours is still to come."""
    _, blind = await readable_candidate(id, by, at)
    kinds = list(without_judgements()) if blind else None
    entries = await at.reads.timeline(stream=stream_of("candidate", id), types=kinds, limit=limit, offset=offset)
    return [_readable(entry, at) for entry in entries]


@routes.get("/candidates/{id}/drafts/{job}", operation_id="candidate_draft")
async def candidate_draft(id: CandidateId, job: Job, by: AsCaller, at: With) -> Draft:
    """The latest draft of this kind; a résumé reading after the recruiter's verdict, others' scorecards after yours."""
    view, _ = await readable_candidate(id, by, at)
    if not may_see_draft(judged(view), job, by.actor.id):
        if draft_job(job).kept_back == "verdict":
            raise Refused(409, "not_shortlisted", "Your own verdict comes first.", "Shortlist or reject, then look.")
        raise Refused(409, "cards_missing", "Your own scorecard comes first.", "Submit your scorecard, then look.")
    known = view.drafts.get(job)
    return await shown(known.id if known else None, by, at)


@routes.get("/tasks", operation_id="tasks")
async def tasks(by: AsCaller, at: With) -> list[TaskView]:
    """Every open task, the oldest first. For operations."""
    by.must_be(Role.OPS)
    return await at.reads.tasks()


def _readable(entry: TimelineEntry, at: With) -> TimelineEntry:
    payload: dict[str, Any] = opened(entry.payload, entry.stream, at)
    return entry.model_copy(update={"payload": payload})
