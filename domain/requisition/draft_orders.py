"""What the language room is asked for about a search, and whom its drafts go to. It never decides anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.core.decider import Chapter
from domain.core.messages import Effect, Event, Record
from domain.entity.call import Call
from domain.entity.effects import Draft, Notify
from domain.evidence.draft_events import AttachDraft, DraftAttached
from domain.requisition.calibration import SlateAnswered
from domain.requisition.intake import IntakeRecorded
from domain.requisition.pulse import PulseDue
from domain.requisition.retro import RetroConcluded
from domain.requisition.rubric import RubricLocked
from domain.requisition.state import Requisition

drafting: Chapter[Requisition] = Chapter()


@drafting.reacts(IntakeRecorded)
def draft_the_rubric(state: Requisition, event: IntakeRecorded, record: Record) -> Iterator[Effect]:
    if event.intake.transcript and state.locked is None:
        yield Draft(
            job="rubric",
            inputs=(event.intake.document,),
            about={"title": state.title, "recruiter": state.people.recruiter},
            day=state.day,
        )


@drafting.reacts(RubricLocked, SlateAnswered)
def say_whom_to_look_for(state: Requisition, event: Event, record: Record) -> Iterator[Effect]:
    yield _draft(
        state,
        "sourcing_brief",
        tuple(held.document for held in state.intakes if held.transcript),
        earlier=state.drafts.get("sourcing_brief"),
        slate=event.number if isinstance(event, SlateAnswered) else 0,
    )


@drafting.reacts(SlateAnswered)
def look_for_drift(state: Requisition, event: SlateAnswered, record: Record) -> Iterator[Effect]:
    if state.drift.outside:
        yield _draft(state, "drift")


@drafting.reacts(PulseDue)
def draft_an_update(state: Requisition, event: PulseDue, record: Record) -> Iterator[Effect]:
    yield _draft(state, "manager_update")


@drafting.reacts(RetroConcluded)
def put_the_retro_together(state: Requisition, event: RetroConcluded, record: Record) -> Iterator[Effect]:
    yield _draft(state, "retro", round=event.round)


@drafting.decides(AttachDraft)
def attach_draft(state: Requisition, asked: AttachDraft, call: Call) -> Iterator[Event]:
    yield DraftAttached(job=asked.job, draft=asked.draft, about=asked.about, extractive=asked.extractive)


@drafting.evolves(DraftAttached)
def draft_attached(state: Requisition, event: DraftAttached, record: Record) -> Requisition:
    return state.but(drafts=state.drafts | {event.job: event.draft.id})


@drafting.reacts(DraftAttached)
def show_the_draft(state: Requisition, event: DraftAttached, record: Record) -> Iterator[Effect]:
    # Of the other drafts people hear by what they are about: an answered slate, drift, the pulse.
    people = state.people
    readers = {
        "intake_brief": (people.hiring_manager,),
        "rubric": (people.recruiter, people.hiring_manager),
    }
    for reader in dict.fromkeys(readers.get(event.job, ())):
        yield Notify(person=reader, matter=f"{event.job}_ready", about={"stream_id": state.id, "draft": event.draft.id})


def _draft(state: Requisition, job: str, inputs: tuple[str, ...] = (), **more: Any) -> Draft:
    about = {"requisition": state.id, "rubric_version": state.judging.version if state.judging else 0}
    return Draft(job=job, inputs=inputs, about=about | more, day=state.day)
