"""Recordings of the intake: sent to be transcribed, and what becomes of the record when that is done."""

from __future__ import annotations

from collections.abc import Iterator

from domain.core.decider import Chapter
from domain.core.messages import Effect, Record
from domain.entity.transcription import transcribe, transcription, with_transcript
from domain.evidence.documents import Doc, Untranscribed
from domain.requisition.intake import IntakeRecorded
from domain.requisition.state import Intake, Requisition


def _waiting(held: Intake, recording: str) -> bool:
    return not held.transcript and held.recording == recording


def _waits(state: Requisition, recording: str) -> bool:
    return any(_waiting(held, recording) for held in state.intakes)


def _changed(state: Requisition, recording: str, heard: Doc | Untranscribed) -> Requisition:
    def after(held: Intake) -> Intake:
        if not _waiting(held, recording):
            return held
        held = with_transcript(held, ("document",), heard)
        return held.but(transcript=True) if isinstance(heard, Doc) else held

    return state.but(intakes=tuple(map(after, state.intakes)))


def _about(state: Requisition, document: str) -> dict[str, str | int | None]:
    return {"stream_id": state.id}


chapter: Chapter[Requisition] = transcription(_waits, _changed, _about)


@chapter.reacts(IntakeRecorded)
def have_it_transcribed(state: Requisition, event: IntakeRecorded, record: Record) -> Iterator[Effect]:
    yield from transcribe(event.recording, {"requisition": state.id})
