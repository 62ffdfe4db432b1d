"""What the language room is asked for about a candidate, and whom its drafts go to. It never decides anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.candidate.interviews import AllCardsIn, InterviewRecorded
from domain.candidate.requisition_inbound import CandidateOpened, RubricHeard
from domain.candidate.screen import ScreenRecorded
from domain.candidate.state import Candidate, KnownDraft
from domain.core.decider import Chapter
from domain.core.messages import Effect, Event, Record
from domain.entity.call import Call
from domain.entity.effects import Draft, Notify
from domain.entity.entity_facts import Stage
from domain.evidence.draft_events import AttachDraft, DraftAttached
from domain.evidence.draft_jobs import DraftJob, draft_job

chapter: Chapter[Candidate] = Chapter()


@chapter.decides(AttachDraft)
def attach_draft(state: Candidate, attached: AttachDraft, call: Call) -> Iterator[Event]:
    known = state.drafts.get(_key(attached.job, attached.about))
    if known is None or known.id != attached.draft.id:
        yield DraftAttached(
            job=attached.job, draft=attached.draft, about=attached.about, extractive=attached.extractive
        )


@chapter.evolves(DraftAttached)
def draft_attached(state: Candidate, event: DraftAttached, record: Record) -> Candidate:
    draft = KnownDraft(id=event.draft.id, rubric_version=event.about.get("rubric_version", 0))
    return state.but(drafts=state.drafts | {_key(event.job, event.about): draft})


@chapter.reacts(DraftAttached)
def announce(state: Candidate, event: DraftAttached, record: Record) -> Iterator[Effect]:
    row = draft_job(event.job)
    about: dict[str, str | int | None] = {"candidate": state.id, "draft": event.draft.id}
    if interview := event.about.get("interview"):
        about["interview"] = interview
    for person in row.notified(state.people, event.about):
        yield Notify(person=person, matter=f"{row.ready}", about=about)


@chapter.reacts(CandidateOpened, RubricHeard)
def read_resume(state: Candidate, event: Event, record: Record) -> Iterator[Effect]:
    if state.resume is not None and state.rubric is not None and state.stage in (Stage.ADDED, Stage.SHORTLISTED):
        yield from _draft(state, DraftJob.RESUME_READING, (state.resume.id,))


@chapter.reacts(ScreenRecorded, RubricHeard)
def sum_up(state: Candidate, event: Event, record: Record) -> Iterator[Effect]:
    screen = state.screen
    if screen is not None and screen.record is not None and state.summary is None:
        yield from _draft(state, DraftJob.CANDIDATE_SUMMARY, (screen.record,), notes=screen.kind == "notes")


@chapter.reacts(InterviewRecorded)
def draft_cards(state: Candidate, event: InterviewRecorded, record: Record) -> Iterator[Effect]:
    interview = state.interviews[event.interview_id]
    if event.rec is not None and interview.transcript is not None:
        for assignment in interview.interviewers:
            if not assignment.shadow:
                yield from _draft(
                    state,
                    DraftJob.SCORECARD,
                    (interview.transcript,),
                    interview=interview.id,
                    interviewer=assignment.person,
                    criteria=list(assignment.criteria),
                )


@chapter.reacts(AllCardsIn)
def brief(state: Candidate, event: AllCardsIn, record: Record) -> Iterator[Effect]:
    yield from _draft(state, DraftJob.DEBRIEF_BRIEF, ())


def _draft(state: Candidate, job: DraftJob, inputs: tuple[str, ...], **more: Any) -> Iterator[Draft]:
    if not state.no_ai and state.in_running:
        about = {
            "candidate": state.id,
            "requisition": state.job.requisition,
            "rubric_version": state.rubric.version if state.rubric else 0,
        }
        yield Draft(job=job, inputs=inputs, about=about | more, day=state.day)


def _key(job: str, about: dict[str, Any]) -> str:
    return ":".join(str(part) for part in (job, about.get("interview"), about.get("interviewer")) if part)
