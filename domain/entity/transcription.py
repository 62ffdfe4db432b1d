"""Transcription: a recording becomes a transcript outside, the same in both entities.

Nothing of a recording leaves before the command that names it is journalled: the order to transcribe it is an effect.
What comes back takes the recording's place as the record of the call, and drafts wait until it is known who speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from domain.core.decider import Chapter
from domain.core.ids import DocumentId
from domain.core.messages import Command, Effect, Event, Record, Value, refuse
from domain.entity.call import Call
from domain.entity.effects import Notify, Transcribe
from domain.entity.speaker_naming import SpeakersKnown
from domain.entity.state import Entity
from domain.evidence.documents import Doc, Recording, Untranscribed
from domain.notifications.catalogue import NotificationKind

S = TypeVar("S", bound=Entity)
K = TypeVar("K", bound=Value)

NO_ENDPOINT = "No model that transcribes recordings is set up."
WITHOUT_ENDPOINT = (
    "Upload the transcript your meeting tool makes, or ask whoever runs Tandem to set TANDEM_TRANSCRIPTION_MODEL."
)


class AttachTranscript(Command, works="on_hold after_end"):
    """The transcript of a recording is ready. Given by the language room.

    `unnamed` are its speakers, by their numbers, of whom somebody has to say who they are.
    """

    recording: DocumentId
    transcript: Doc
    unnamed: tuple[int, ...] = ()


class ReportUntranscribed(Command, works="on_hold after_end"):
    """No transcript comes of a recording, for good. Given by the language room."""

    recording: DocumentId
    reason: Untranscribed


class TranscriptAttached(Event, heading="a recording was transcribed"):
    """What was said in a recording is there as a transcript, which is the record of the call from now on."""

    recording: DocumentId
    transcript: Doc
    unnamed: tuple[int, ...] = ()


class TranscriptionFailed(Event, heading="a recording could not be transcribed"):
    """No transcript came of a recording: a person has to give another record of the call."""

    recording: DocumentId
    reason: Untranscribed


def check_document(rec: Recording, call: Call) -> None:
    """Refuses a recording that is given as something else, what is given as one, and one that nobody can transcribe."""
    if rec.kind != "recording":
        if call.facts.transcribes is not None:
            refuse("invalid", "This file is a recording.", "It as a recording, which is transcribed.", "rec.kind")
        return
    if call.facts.transcribes is None:
        refuse("invalid", "This file is no recording.", "An uploaded audio or video file.", "rec.doc")
    if not call.facts.transcribes:
        refuse("invalid", NO_ENDPOINT, WITHOUT_ENDPOINT, "rec")


def transcribe(rec: Recording | None, about: Mapping[str, Any]) -> Iterator[Transcribe]:
    """The order to transcribe what is left of a call, where that is a recording."""
    if rec is not None and rec.kind == "recording":
        yield Transcribe(recording=rec.doc.id, about=dict(about))


def recorded_as(rec: Recording) -> dict[str, Any]:
    """What a call has of its record besides the record itself; nothing but for a recording."""
    return {"recording": rec.doc.id, "untranscribed": None} if rec.kind == "recording" else {}


def transcription(
    waits: Callable[[S, str], bool],
    changed: Callable[[S, str, Doc | Untranscribed], S],
    about: Callable[[S, str], dict[str, str | int | None]],
) -> Chapter[S]:
    """The chapter both entities share.

    `waits` says whether a recording is the record of a call here that has no transcript yet, `changed` gives the state
    in which its transcript has come, or will not come; `about` says of what a notification speaks.
    """
    chapter: Chapter[S] = Chapter()

    @chapter.decides(AttachTranscript)
    def attach_transcript(state: S, asked: AttachTranscript, call: Call) -> Iterator[Event]:
        if not waits(state, asked.recording):
            return  # another record was given meanwhile
        yield TranscriptAttached(recording=asked.recording, transcript=asked.transcript, unnamed=asked.unnamed)
        said = state.speakers.get(asked.transcript.id, {})
        if all(str(number) in said for number in asked.unnamed):
            yield SpeakersKnown(document=asked.transcript.id)

    @chapter.decides(ReportUntranscribed)
    def report_untranscribed(state: S, asked: ReportUntranscribed, call: Call) -> Iterator[Event]:
        if waits(state, asked.recording):
            yield TranscriptionFailed(recording=asked.recording, reason=asked.reason)

    @chapter.evolves(TranscriptAttached)
    def transcript_attached(state: S, event: TranscriptAttached, record: Record) -> S:
        state = changed(state, event.recording, event.transcript)
        return state.but(unnamed=state.unnamed | {event.transcript.id: event.unnamed})

    @chapter.evolves(TranscriptionFailed)
    def transcription_failed(state: S, event: TranscriptionFailed, record: Record) -> S:
        return changed(state, event.recording, event.reason)

    @chapter.evolves(SpeakersKnown)
    def speakers_known(state: S, event: SpeakersKnown, record: Record) -> S:
        return state  # who they are is said by what went before

    @chapter.reacts(TranscriptAttached)
    def ask_who_speaks(state: S, event: TranscriptAttached, record: Record) -> Iterator[Effect]:
        if state.unnamed_in(event.transcript.id):
            yield _needed(state, about(state, event.transcript.id) | {"what": "speakers"})

    @chapter.reacts(TranscriptionFailed)
    def ask_for_another_record(state: S, event: TranscriptionFailed, record: Record) -> Iterator[Effect]:
        yield _needed(state, about(state, event.recording) | {"what": event.reason})

    return chapter


def _needed(state: Entity, about: dict[str, str | int | None]) -> Notify:
    return Notify(person=state.people.recruiter, matter=NotificationKind.RECORDING_WAITS, about=about)


def with_transcript(kept: K, fields: Iterable[str], heard: Doc | Untranscribed) -> K:
    """A call with the transcript of its recording, under the names of its fields for it; or with why there is none."""
    if not isinstance(heard, Doc):
        return kept.but(untranscribed=heard)
    values: dict[str, Any] = {"record": heard.id, "transcript": heard.id, "document": heard.id, "doc": heard}
    return kept.but(**{name: values[name] for name in fields})
