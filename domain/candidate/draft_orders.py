"""What the language room is asked for about a candidate, and whom its drafts go to. It never decides anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from domain.candidate.corrections import InterviewCorrected, ScreenCorrected
from domain.candidate.interviews import AllCardsIn, InterviewRecorded
from domain.candidate.requisition_inbound import CandidateOpened, RubricHeard
from domain.candidate.resume_replacement import ResumeReplaced
from domain.candidate.screen import ScreenRecorded, SummaryOutdated
from domain.candidate.state import Candidate, KnownDraft
from domain.core.decider import Chapter
from domain.core.messages import Effect, Event, Record
from domain.entity.call import Call
from domain.entity.effects import Draft, Notify
from domain.entity.entity_facts import Stage
from domain.entity.speaker_naming import SpeakersKnown
from domain.evidence.draft_events import AttachDraft, DraftAttached
from domain.evidence.draft_jobs import DraftJob, draft_job
from domain.evidence.interview_plan import Interview

chapter: Chapter[Candidate] = Chapter()


@chapter.decides(AttachDraft)
def attach_draft(state: Candidate, attached: AttachDraft, call: Call) -> Iterator[Event]:
    known = state.drafts.get(_key(attached.job, attached.about))
    if _superseded(state, attached):
        return
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
        yield from _reading(state)


@chapter.reacts(ResumeReplaced)
def read_the_new_resume(state: Candidate, event: ResumeReplaced, record: Record) -> Iterator[Effect]:
    if state.rubric is not None:
        yield from _reading(state)


@chapter.reacts(ScreenCorrected)
def sum_up_anew(state: Candidate, event: ScreenCorrected, record: Record) -> Iterator[Effect]:
    if event.rec is not None and state.judged and state.summary is None:
        yield from sum_up(state, event, record)


@chapter.reacts(ScreenRecorded, SummaryOutdated, RubricHeard)
def sum_up(state: Candidate, event: Event, record: Record) -> Iterator[Effect]:
    screen = state.screen
    if screen is None or screen.kind == "recording" or (screen.record and state.unnamed_in(screen.record)):
        return  # drafted once it is transcribed, and known who speaks
    if screen.record is not None and (state.summary is None or state.summary.outdated):
        yield from _draft(
            state,
            DraftJob.CANDIDATE_SUMMARY,
            (screen.record,),
            notes=screen.kind == "notes",
            **({"record": screen.record} if screen.replaced else {}),
        )


@chapter.reacts(InterviewRecorded)
def draft_cards(state: Candidate, event: InterviewRecorded, record: Record) -> Iterator[Effect]:
    interview = state.interviews[event.interview_id]
    if event.rec is not None and interview.transcript is not None:
        yield from _card_drafts(state, interview, interview.people)


@chapter.reacts(InterviewCorrected)
def draft_cards_anew(state: Candidate, event: InterviewCorrected, record: Record) -> Iterator[Effect]:
    interview = state.interviews[event.interview_id]
    if interview.transcript is not None and state.judged and not state.unnamed_in(interview.transcript):
        yield from _card_drafts(state, interview, event.joined if event.rec is None else interview.people)


@chapter.reacts(SpeakersKnown)
def draft_from_the_recording(state: Candidate, event: SpeakersKnown, record: Record) -> Iterator[Effect]:
    if state.screen is not None and state.screen.record == event.document and state.judged:
        yield from sum_up(state, event, record)
    for interview in state.interviews.values():
        if interview.transcript == event.document and state.judged:
            yield from _card_drafts(state, interview, interview.people)


@chapter.reacts(AllCardsIn)
def brief(state: Candidate, event: AllCardsIn, record: Record) -> Iterator[Effect]:
    yield from _draft(state, DraftJob.DEBRIEF_BRIEF, ())


def _reading(state: Candidate) -> Iterator[Draft]:
    assert state.resume is not None, "read without a résumé"
    of = {"record": state.resume.id} if state.earlier_resumes else {}
    yield from _draft(state, DraftJob.RESUME_READING, (state.resume.id,), **of)


def _card_drafts(state: Candidate, interview: Interview, people: Iterable[str]) -> Iterator[Draft]:
    assert interview.transcript is not None, "a draft of a card is made from a transcript"
    of = {"record": interview.transcript} if interview.replaced else {}
    for assignment in interview.interviewers:
        if not assignment.shadow and assignment.person in people:
            yield from _draft(
                state,
                DraftJob.SCORECARD,
                (interview.transcript,),
                interview=interview.id,
                interviewer=assignment.person,
                criteria=list(assignment.criteria),
                **of,
            )


def _superseded(state: Candidate, attached: AttachDraft) -> bool:
    """Whether a draft was made of a record that was replaced since. One of a replaced record's successor names it."""
    current: str | None = None
    replaced: tuple[str, ...] = ()
    match attached.job:
        case DraftJob.CANDIDATE_SUMMARY if state.screen is not None:
            current, replaced = state.screen.record, state.screen.replaced
        case DraftJob.SCORECARD if interview := state.interviews.get(attached.about.get("interview", "")):
            current, replaced = interview.transcript, interview.replaced
        case DraftJob.RESUME_READING if state.resume is not None:
            current, replaced = state.resume.id, tuple(earlier.document for earlier in state.earlier_resumes)
    return bool(replaced) and (current is None or attached.about.get("record") != current)


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
