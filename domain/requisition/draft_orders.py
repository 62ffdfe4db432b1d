"""What the language room is asked for about a requisition, and whom its drafts go to. It never decides anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.core.decider import Chapter
from domain.core.messages import Effect, Event, Record
from domain.entity.call import Call
from domain.entity.effects import Draft, Notify
from domain.entity.speaker_naming import SpeakersKnown
from domain.evidence.draft_events import AttachDraft, DraftAttached
from domain.evidence.draft_jobs import DraftJob, draft_job
from domain.requisition.calibration import SlateAnswered
from domain.requisition.intake import IntakeRecorded
from domain.requisition.pulse import PulseDue
from domain.requisition.retro import RetroConcluded
from domain.requisition.rubric import RubricLocked
from domain.requisition.state import Requisition

chapter: Chapter[Requisition] = Chapter()


@chapter.reacts(IntakeRecorded)
def draft_the_rubric(state: Requisition, event: IntakeRecorded, record: Record) -> Iterator[Effect]:
    if event.intake.transcript and state.locked is None:
        yield _rubric(state, event.intake.document)


@chapter.reacts(SpeakersKnown)
def draft_the_rubric_from_the_recording(state: Requisition, event: SpeakersKnown, record: Record) -> Iterator[Effect]:
    if any(held.document == event.document for held in state.intakes) and state.locked is None:
        yield _rubric(state, event.document)


@chapter.reacts(RubricLocked, SlateAnswered)
def say_whom_to_look_for(state: Requisition, event: Event, record: Record) -> Iterator[Effect]:
    yield _draft(
        state,
        DraftJob.SOURCING_BRIEF,
        tuple(held.document for held in state.intakes if held.transcript and not state.unnamed_in(held.document)),
        earlier=state.drafts.get(DraftJob.SOURCING_BRIEF),
        slate=event.number if isinstance(event, SlateAnswered) else 0,
    )


@chapter.reacts(SlateAnswered)
def look_for_drift(state: Requisition, event: SlateAnswered, record: Record) -> Iterator[Effect]:
    if state.drift.outside:
        yield _draft(state, DraftJob.DRIFT)


@chapter.reacts(PulseDue)
def draft_an_update(state: Requisition, event: PulseDue, record: Record) -> Iterator[Effect]:
    yield _draft(state, DraftJob.MANAGER_UPDATE)


@chapter.reacts(RetroConcluded)
def put_the_retro_together(state: Requisition, event: RetroConcluded, record: Record) -> Iterator[Effect]:
    yield _draft(state, DraftJob.RETRO, round=event.round)


@chapter.decides(AttachDraft)
def attach_draft(state: Requisition, asked: AttachDraft, call: Call) -> Iterator[Event]:
    if state.drafts.get(asked.job) != asked.draft.id:
        yield DraftAttached(job=asked.job, draft=asked.draft, about=asked.about, extractive=asked.extractive)


@chapter.evolves(DraftAttached)
def draft_attached(state: Requisition, event: DraftAttached, record: Record) -> Requisition:
    return state.but(drafts=state.drafts | {event.job: event.draft.id})


@chapter.reacts(DraftAttached)
def show_the_draft(state: Requisition, event: DraftAttached, record: Record) -> Iterator[Effect]:
    # Of the other drafts people hear by what they are about: an answered slate, drift, the pulse.
    row = draft_job(event.job)
    for reader in row.notified(state.people, event.about):
        yield Notify(person=reader, matter=f"{row.ready}", about={"stream_id": state.id, "draft": event.draft.id})


def _rubric(state: Requisition, intake: str) -> Draft:
    about = {"title": state.title, "recruiter": state.people.recruiter}
    return Draft(job=DraftJob.RUBRIC, inputs=(intake,), about=about, day=state.day)


def _draft(state: Requisition, job: DraftJob, inputs: tuple[str, ...] = (), **more: Any) -> Draft:
    about = {"requisition": state.id, "rubric_version": state.judging.version if state.judging else 0}
    return Draft(job=job, inputs=inputs, about=about | more, day=state.day)
