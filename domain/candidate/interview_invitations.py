"""What an interview brings to people: calendar invitations, a kit for each interviewer, a note for the candidate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from domain.candidate.corrections import InterviewCorrected
from domain.candidate.interviews import (
    InterviewCancelled,
    InterviewRecorded,
    InterviewRescheduled,
    InterviewScheduled,
    InvitationAnswered,
)
from domain.candidate.pay_range import pay_range
from domain.candidate.state import Candidate
from domain.core.decider import Chapter
from domain.core.ids import MeetingUid
from domain.core.messages import Effect, Record
from domain.entity.effects import Invite, Notify, WriteToCandidate
from domain.evidence.interview_plan import Interview
from domain.notifications.catalogue import NotificationKind

chapter: Chapter[Candidate] = Chapter()


@chapter.reacts(InterviewScheduled)
def invite(state: Candidate, event: InterviewScheduled, record: Record) -> Iterator[Effect]:
    interview = event.interview
    yield _invitation(state, interview, "REQUEST", interview.people, candidate=True)
    yield from _kits(state, interview, interview.people)
    if event.tells_pay_range:
        yield pay_range(state)
    if interview.kind != "reference":
        yield WriteToCandidate(
            candidate=state.id,
            matter="interview_preparation",
            about={"interview": interview.id, "kind": interview.kind, "minutes": interview.minutes},
        )


@chapter.reacts(InterviewRescheduled)
def invite_anew(state: Candidate, event: InterviewRescheduled, record: Record) -> Iterator[Effect]:
    yield _invitation(state, event.interview, "REQUEST", event.interview.people, candidate=True)
    if event.released:
        yield _invitation(state, event.interview, "CANCEL", event.released, candidate=False)
    yield from _kits(state, event.interview, event.joined)


@chapter.reacts(InterviewCancelled)
def take_out(state: Candidate, event: InterviewCancelled, record: Record) -> Iterator[Effect]:
    interview = state.interviews[event.interview_id]
    yield _invitation(state, interview, "CANCEL", interview.people, candidate=True)


@chapter.reacts(InterviewRecorded)
def take_out_what_was_brought_forward(state: Candidate, event: InterviewRecorded, record: Record) -> Iterator[Effect]:
    interview = state.interviews[event.interview_id]
    if interview.starts_at is not None and interview.starts_at > record.at:
        off = interview.but(sequence=interview.sequence + 1)
        yield _invitation(state, off, "CANCEL", interview.people, candidate=True)


@chapter.reacts(InterviewCorrected)
def tell_who_was_there_and_who_was_not(state: Candidate, event: InterviewCorrected, record: Record) -> Iterator[Effect]:
    yield from _kits(state, state.interviews[event.interview_id], event.joined)
    for person in event.released:
        about: dict[str, str | int | None] = {"candidate": state.id, "interview": event.interview_id}
        yield Notify(person=person, matter=NotificationKind.INTERVIEW_RELEASED, about=about)


@chapter.reacts(InvitationAnswered)
def tell_recruiter(state: Candidate, event: InvitationAnswered, record: Record) -> Iterator[Effect]:
    if event.answer != "accept":
        about: dict[str, str | int | None] = {
            "candidate": state.id,
            "interview": event.interview_id,
            "who": event.who,
            "answer": event.answer,
        }
        yield Notify(person=state.people.recruiter, matter=NotificationKind.INVITATION_NOT_ACCEPTED, about=about)


def _kits(state: Candidate, interview: Interview, people: tuple[str, ...]) -> Iterator[Notify]:
    for person in people:
        about: dict[str, str | int | None] = {"candidate": state.id, "interview": interview.id}
        yield Notify(person=person, matter=NotificationKind.INTERVIEW_KIT, about=about)


def _invitation(
    state: Candidate,
    interview: Interview,
    method: Literal["REQUEST", "CANCEL"],
    people: tuple[str, ...],
    candidate: bool,
) -> Invite:
    return Invite(
        uid=str(MeetingUid(state.id, interview.id)),
        sequence=interview.sequence,
        method=method,
        matter=interview.kind,
        starts_at=interview.starts_at or interview.ends_at,
        minutes=interview.minutes,
        organizer=state.people.recruiter,
        people=people,
        candidate=state.id if candidate and interview.kind != "reference" else None,
        zone=interview.zone,
        where=interview.where,
    )
