"""Recordings of screens and interviews: sent to be transcribed, and what becomes of the record when that is done."""

from __future__ import annotations

from collections.abc import Iterator

from domain.candidate.corrections import InterviewCorrected, ScreenCorrected
from domain.candidate.interviews import InterviewRecorded
from domain.candidate.screen import ScreenRecorded
from domain.candidate.state import Candidate
from domain.core.decider import Chapter
from domain.core.messages import Effect, Event, Record
from domain.entity.transcription import transcribe, transcription, with_transcript
from domain.evidence.documents import Doc, Untranscribed


def _waits(state: Candidate, recording: str) -> bool:
    screen = state.screen
    return (screen is not None and screen.kind == "recording" and screen.record == recording) or any(
        interview.kept_as == "recording" and interview.recording == recording for interview in state.interviews.values()
    )


def _changed(state: Candidate, recording: str, heard: Doc | Untranscribed) -> Candidate:
    screen, came = state.screen, isinstance(heard, Doc)
    if screen is not None and screen.kind == "recording" and screen.record == recording:
        screen = with_transcript(screen, ("record", "doc"), heard)
        state = state.but(screen=screen.but(kind="transcript") if came else screen)
    for interview in state.interviews.values():
        if interview.kept_as == "recording" and interview.recording == recording:
            interview = with_transcript(interview, ("transcript", "doc"), heard)
            state = state.with_interview(interview.but(kept_as="transcript") if came else interview)
    return state


def _about(state: Candidate, document: str) -> dict[str, str | int | None]:
    about: dict[str, str | int | None] = {"candidate": state.id}
    of = [one.id for one in state.interviews.values() if document in (one.transcript, one.recording)]
    return about | ({"interview": of[0]} if of else {})


chapter: Chapter[Candidate] = transcription(_waits, _changed, _about)


@chapter.reacts(ScreenRecorded, ScreenCorrected, InterviewRecorded, InterviewCorrected)
def have_it_transcribed(state: Candidate, event: Event, record: Record) -> Iterator[Effect]:
    assert isinstance(event, ScreenRecorded | ScreenCorrected | InterviewRecorded | InterviewCorrected)
    yield from transcribe(event.rec, {"candidate": state.id, "requisition": state.job.requisition})
