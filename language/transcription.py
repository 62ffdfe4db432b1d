"""Transcription: who pays for it, and a transcript of what was heard in the pieces of a recording."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from pydantic import BaseModel, ValidationError

from domain.evidence.transcript import UNKNOWN_SPEAKER, Question, Transcript, Utterance
from language.draft_failures import ModelFailed
from language.llm import Books, Usage

TOKENS_HEARD, TOKENS_SAID = 10, 5
"""Of a second of speech: estimates, for where the endpoint does not count."""

_SHOWN = 3
_LONGEST_SHOWN = 200


class Segment(BaseModel):
    """Words that were said, by whom where that is told, and from and to when in milliseconds where that is."""

    speaker: str | None = None
    text: str
    start_ms: int | None = None
    end_ms: int | None = None


class HeardPiece(BaseModel):
    """What was said in one piece of a recording, whose times count from the piece's own start."""

    start_ms: int
    segments: tuple[Segment, ...]


class Transcribing(Protocol):
    """Whoever hears what is said in a piece of a recording: a model by its name."""

    model: str

    async def heard(self, content: bytes, length_ms: int) -> tuple[tuple[Segment, ...], Usage | None]:
        """See `Transcriber.heard`; with the tokens where they were counted."""
        ...

    async def close(self) -> None:
        """Lets go of its connections."""
        ...


@dataclass(frozen=True)
class Transcriber:
    """A model that transcribes, what a minute costs, and the books."""

    endpoint: Transcribing
    price: Decimal
    books: Books

    async def heard(self, content: bytes, length_ms: int, requisition: str, effect: str) -> tuple[Segment, ...]:
        """What is said in a piece, paid out of the budgets of the requisition and of the day. Raises ModelFailed."""
        seconds = length_ms / 1000
        cost = self.price * length_ms / 60_000
        estimate = Usage(int(seconds * TOKENS_HEARD), int(seconds * TOKENS_SAID))
        model = self.endpoint.model
        reserved = await self.books.reserve(requisition, effect, model, *estimate, datetime.now(UTC), cost)
        if reserved is None:
            raise ModelFailed("budget_spent")
        try:
            segments, used = await self.endpoint.heard(content, length_ms)
        except ModelFailed as failed:
            if failed.code not in ("timed_out", "unreachable", "invalid_answer"):  # an error is not charged for
                await self.books.settle(reserved, 0, 0, Decimal(0))
            raise
        await self.books.settle(reserved, *(used or estimate), cost)
        return segments


def transcript_of(pieces: Sequence[HeardPiece], tool: str) -> Transcript | None:
    """What was said in all pieces as one transcript, with times from the recording's start; None if nothing was.

    The models do not know who speaks, only that it is another: every label is a question, and one of another piece is
    another label, whoever it may be.
    """
    said = [
        Utterance(
            _label(segment.speaker, number if len(pieces) > 1 else 0),
            segment.text,
            None if segment.start_ms is None else piece.start_ms + segment.start_ms,
            None if segment.end_ms is None else piece.start_ms + segment.end_ms,
        )
        for number, piece in enumerate(pieces, 1)
        for segment in piece.segments
    ]
    if not any(one.words.strip() for one in said):
        return None
    try:
        transcript = Transcript.of(said)
    except ValidationError:
        return None
    return transcript.model_copy(update={"tool": tool, "questions": tuple(_questions(transcript))})


def _label(speaker: str | None, part: int) -> str:
    if speaker is None:
        return UNKNOWN_SPEAKER
    called = " ".join(speaker.split())[:60]
    called = called if called.lower().startswith("speaker") else f"Speaker {called}"
    return f"{called}, part {part}" if part else called


def _questions(transcript: Transcript) -> Iterable[Question]:
    for speaker in transcript.speakers:
        turns = [turn for turn in transcript.turns if turn.speaker == speaker]
        lines = tuple(transcript.text[turn.start : turn.end][:_LONGEST_SHOWN] for turn in turns[:_SHOWN])
        if speaker == UNKNOWN_SPEAKER:
            yield Question(kind="who_spoke", lines=lines, count=len(turns))
        else:
            yield Question(kind="who_is", speaker=speaker, lines=lines, count=len(turns))
