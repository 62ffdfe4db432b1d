"""Which rows each kind of entity has in the read model, from its state or from what just happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pydantic import TypeAdapter

from domain.candidate import CANDIDATE
from domain.candidate import requisition_of as requisition_of_candidate
from domain.candidate.exits import CandidateRejected
from domain.candidate.profile import Shortlisted
from domain.candidate.retention import offer_open, retention_dates
from domain.candidate.screen import SummaryConfirmed
from domain.candidate.state import Candidate, Screen
from domain.core.messages import Record
from domain.core.personal_text import Sealed, as_text
from domain.entity.speaker_naming import SpeakersNamed
from domain.evidence.debrief import Debrief
from domain.evidence.interview_plan import Interview
from domain.person import PERSON, MessageOrdered, MessageSettled, Person
from domain.person import requisition_of as requisition_of_person
from domain.requisition import REQUISITION, phase
from domain.requisition import requisition_of as requisition_of_requisition
from domain.requisition.retro import RetroConcluded
from domain.requisition.roster import CandidateAdded
from domain.requisition.rubric import RubricLocked
from domain.requisition.state import Meeting, Requisition, Signature, SignerRole
from store.draft_decisions import candidate_decisions, requisition_decisions
from store.projector import Projection
from store.read_model import (
    AgencyClaimRow,
    CandidateRow,
    InheritedChangeRow,
    MeetingRow,
    MessageRow,
    MoveRow,
    OfferRow,
    PersonRow,
    ReadingRow,
    RequisitionRow,
    RetentionRow,
    RetroChangeRow,
    Row,
    RubricRow,
    SpeakerNameRow,
)
from store.views import CandidateView, PersonView, RequisitionView
from workflows.contract import stream_of

_SIGNATURES = TypeAdapter(dict[SignerRole, Signature])


def requisition_rows(state: Requisition) -> Iterator[Row]:
    """The rows of a requisition as it stands; none before it was opened."""
    if state.team is None:
        return
    people = state.team
    everybody = (people.recruiter, people.hiring_manager, people.hr_partner, people.recruiting_lead)
    now_at = phase(state)
    yield RequisitionRow(
        id=state.id,
        title=state.title,
        team_name=state.team_name,
        phase=now_at,
        standing=state.standing,
        recruiter=people.recruiter,
        hiring_manager=people.hiring_manager,
        people=tuple(sorted({*everybody, people.manager_lead, *filter(None, [people.second_signer])})),
        openings=state.openings,
        target_date=state.target_date,
        confidential=state.confidential,
        version=state.version,
        view=RequisitionView.shown(state, now_at).model_dump_json(),
    )
    if state.draft is not None:
        yield RubricRow(
            requisition=state.id,
            version=state.draft.version,
            status="draft" if state.amendment is None else "amendment",
            content_hash=state.draft_hash,
            why=as_text(state.amendment.why) if state.amendment else None,
            signatures=_SIGNATURES.dump_json(state.signatures).decode(),
            locked_at=None,
            body=state.draft.model_dump_json(),
        )
    for candidate, offer in state.offers.items():
        yield OfferRow(state.id, candidate, state.roster[candidate].human, offer.id, offer.stands)
    for change, inherited in state.inherited.items():
        yield InheritedChangeRow(state.id, change, inherited.resolution)
    if state.meeting is not None and not state.intakes:
        call = state.meeting
        yield from _meeting(stream_of("requisition", state.id), "intake", "intake", state.id, call, call.attendees)


def requisition_lasting(state: Requisition, record: Record) -> Iterator[Row]:
    """What stays of an event in the life of a requisition, whatever its state holds later."""
    match record.event:
        case RubricLocked() as event:
            assert state.locked is not None, "a rubric was locked that nobody wrote"
            yield RubricRow(
                requisition=state.id,
                version=event.version,
                status="locked",
                content_hash=event.content_hash,
                why=as_text(event.why) if event.why else None,
                signatures=_SIGNATURES.dump_json(event.signatures).decode(),
                locked_at=record.at,
                body=state.locked.model_dump_json(),
            )
        case RetroConcluded() as event:
            for change in event.changes:
                yield RetroChangeRow(
                    id=change.id,
                    requisition=state.id,
                    hiring_manager=event.hiring_manager,
                    team_name=event.team_name,
                    side=change.side,
                    text=as_text(change.text),
                    concluded_at=record.at,
                )
        case CandidateAdded(agency=str() | Sealed() as agency) as event:
            yield AgencyClaimRow(event.candidate, event.human, as_text(agency), record.at)
    yield from requisition_decisions(state, record)
    yield from _speaker_names(stream_of("requisition", state.id), record)


def candidate_rows(state: Candidate) -> Iterator[Row]:
    """The rows of a candidate as they stand; none before their life began."""
    if state.search is None or state.stage_since is None:
        return
    requisition = state.search.requisition
    yield CandidateRow(
        id=state.id,
        requisition=requisition,
        human=state.human,
        stage=state.stage,
        stage_since=state.stage_since,
        standing=state.standing,
        source=state.source,
        version=state.version,
        view=CandidateView.shown(state).model_dump_json(),
    )
    dates = retention_dates(state)
    if dates.due_at is not None and state.standing != "erased":
        yield RetentionRow(
            candidate=state.id,
            requisition=requisition,
            human=state.human,
            jurisdiction=state.search.jurisdiction,
            recruiter=state.people.recruiter,
            **dates._asdict(),
            due_at=dates.due_at,
            cause=dates.cause,
            legal_hold=state.legal_hold,
            offer_open=offer_open(state),
        )
    stream = stream_of("candidate", state.id)
    if state.screen is not None and state.screen.status == "scheduled":
        yield from _meeting(stream, "screen", "screen", requisition, state.screen, (state.screened_by,))
    for interview in state.interviews.values():
        if interview.upcoming:
            coming = tuple(a.person for a in interview.interviewers if interview.answers.get(a.person) != "decline")
            yield from _meeting(stream, interview.id, "interview", requisition, interview, coming)
    debrief = state.debrief
    if debrief is not None and debrief.held_at is None and not debrief.over:
        yield from _meeting(stream, "debrief", "debrief", requisition, debrief, debrief.attendees)


def candidate_lasting(state: Candidate, record: Record) -> Iterator[Row]:
    """What stays of an event in a candidate's life: a new stage, what was read of them, what followed a draft."""
    if state.search is None:
        return
    requisition = state.search.requisition
    if state.stage_since == record.at:
        yield MoveRow(state.id, record.at, state.stage, requisition)
    verdicts, version = _read(state, record)
    for criterion, verdict in verdicts.items():
        yield ReadingRow(state.id, record.at, criterion, requisition, verdict, version)
    yield from candidate_decisions(state, record)
    yield from _speaker_names(stream_of("candidate", state.id), record)


def _read(state: Candidate, record: Record) -> tuple[dict[str, str], int]:
    match record.event:
        case Shortlisted(verdicts=verdicts, rubric_version=version):
            return dict(verdicts), version
        case SummaryConfirmed(verdicts=found, rubric_version=version):
            return {criterion: summed.verdict for criterion, summed in found.items()}, version
        case CandidateRejected(by="rejection", reason=reason) if (
            state.rubric is not None and reason in state.rubric.weights and not state.interviews
        ):
            # Once there are interviews a rejection may rest on what cards say, and those are not for everybody.
            return {reason: "not_met"}, state.rubric.version
        case _:
            return {}, 0


def person_rows(state: Person) -> Iterator[Row]:
    """The rows of somebody who uses Tandem."""
    if state.calendar is not None:
        yield PersonRow(state.id, state.version, PersonView.of(state).model_dump_json())


def person_lasting(state: Person, record: Record) -> Iterator[Row]:
    """What stays of the messages somebody was sent."""
    match record.event:
        case MessageOrdered() as event:
            yield MessageRow(state.id, event.number, event.kind, record.at, len(event.lines), withheld=False)
        case MessageSettled(withheld=True) as event:
            yield MessageRow(state.id, event.number, event.kind, event.ordered_at, 0, withheld=True)


def _speaker_names(stream: str, record: Record) -> Iterator[SpeakerNameRow]:
    match record.event:
        case SpeakersNamed(document=document, speakers=speakers):
            for said in speakers:
                name = as_text(said.name) if said.name is not None else None
                yield SpeakerNameRow(document, said.number, stream, said.who, name, record.at)


def _meeting(
    stream: str,
    meeting_id: str,
    kind: str,
    requisition: str,
    call: Meeting | Screen | Interview | Debrief,
    people: tuple[str, ...],
) -> Iterator[MeetingRow]:
    if call.starts_at is not None:
        ends_at = call.starts_at + timedelta(minutes=call.minutes)
        for person in people:
            zone, shows = (call.wall.zone, call.wall.shows) if call.wall else (None, None)
            yield MeetingRow(stream, meeting_id, person, requisition, kind, call.starts_at, ends_at, zone, shows)


PROJECTIONS = {
    "requisition": Projection(REQUISITION, requisition_of_requisition, requisition_rows, requisition_lasting),
    "candidate": Projection(CANDIDATE, requisition_of_candidate, candidate_rows, candidate_lasting),
    "person": Projection(PERSON, requisition_of_person, person_rows, person_lasting),
}
"""How each kind of entity folds and shows."""
