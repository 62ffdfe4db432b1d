"""Transcription: a piece of a recording to an OpenAI-compatible endpoint, and what was said in it, by whom and when.

Endpoints differ in what they answer: with who speaks, with times alone, or with words alone. The fullest is asked for
first, and what an endpoint turns down is not asked of it again. Nothing is tried twice here otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import openai
from pydantic import BaseModel, TypeAdapter, ValidationError

from domain.evidence.transcript import UNKNOWN_SPEAKER, Question, Transcript, Utterance
from language.draft_failures import ModelFailed
from language.llm import Books
from language.llm_client import Usage, failure_of

AnswerForm = Literal["diarized_json", "verbose_json", "json", "text"]
FORMS: tuple[AnswerForm, ...] = ("diarized_json", "verbose_json", "json", "text")

CHUNKED_FROM_MS = 30_000
"""From how long on a model that tells speakers apart wants to be told to cut the piece for itself."""

TOKENS_HEARD, TOKENS_SAID = 10, 5
"""Of a second of speech: estimates, for where the endpoint does not count."""

_TURNED_DOWN = frozenset({400, 415, 422})
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


class _SaidSegment(BaseModel):
    text: str
    start: float | None = None
    end: float | None = None
    speaker: str | int | None = None


_SEGMENTS = TypeAdapter(list[_SaidSegment])


class TranscriptionEndpoint:
    """A model that transcribes, at an address; `timeout` is for one piece, in seconds."""

    def __init__(self, base_url: str, model: str, api_key: str | None = None, *, timeout: float = 600.0) -> None:
        self.model = model
        self._forms = list(FORMS)
        # As `language.llm_client.Endpoint` does: no redirects, no second try, a key for the client's sake.
        http = openai.DefaultAsyncHttpxClient(base_url=base_url, timeout=timeout, follow_redirects=False)
        self._client = openai.AsyncOpenAI(
            base_url=base_url, api_key=api_key or "none", max_retries=0, timeout=timeout, http_client=http
        )

    async def heard(self, content: bytes, length_ms: int) -> tuple[tuple[Segment, ...], Usage | None]:
        """What is said in a piece of Ogg Opus, and the tokens where the endpoint counted them. Raises ModelFailed."""
        while True:
            form = self._forms[0]
            try:
                return _read(await self._asked(content, length_ms, form))
            except openai.APIStatusError as refused:
                failure = failure_of(refused)
                if refused.status_code not in _TURNED_DOWN or failure.code != "bad_request":
                    raise failure from None
                if form == FORMS[-1]:
                    self._forms = list(FORMS)  # it was not the form
                    raise failure from None
                if self._forms[0] == form:
                    self._forms.pop(0)
            except openai.APIError as failed:
                raise failure_of(failed) from None

    async def _asked(self, content: bytes, length_ms: int, form: AnswerForm) -> str:
        more: dict[str, Any] = {}
        if form == "diarized_json" and length_ms > CHUNKED_FROM_MS:
            more["chunking_strategy"] = "auto"
        if form == "verbose_json":
            more["timestamp_granularities"] = ["segment"]
        answer = await self._client.audio.transcriptions.with_raw_response.create(
            file=("piece.ogg", content, "audio/ogg"), model=self.model, response_format=form, **more
        )
        text: str = answer.http_response.text
        return text

    async def close(self) -> None:
        """Lets go of its connections."""
        await self._client.close()


@dataclass(frozen=True)
class Transcriber:
    """A model that transcribes, what a minute costs, and the books."""

    endpoint: TranscriptionEndpoint
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


def _read(answer: str) -> tuple[tuple[Segment, ...], Usage | None]:
    """An answer of any form. Raises ModelFailed `invalid_answer`."""
    try:
        said = json.loads(answer)
    except ValueError:
        return _plain(answer), None
    if not isinstance(said, dict):
        return _plain(answer), None
    try:
        if isinstance(said.get("segments"), list) and said["segments"]:
            segments = tuple(_segment(one) for one in _SEGMENTS.validate_python(said["segments"]))
        elif isinstance(said.get("text"), str):
            segments = _plain(said["text"])
        else:
            raise ModelFailed("invalid_answer")
    except (ValidationError, ValueError, OverflowError):
        raise ModelFailed("invalid_answer") from None
    return segments, _usage(said.get("usage"))


def _plain(text: str) -> tuple[Segment, ...]:
    return (Segment(text=text.strip()),) if text.strip() else ()


def _segment(said: _SaidSegment) -> Segment:
    speaker = "" if said.speaker is None else str(said.speaker).strip()
    start, end = (None if at is None else max(0, round(at * 1000)) for at in (said.start, said.end))
    return Segment(speaker=speaker or None, text=said.text, start_ms=start, end_ms=end)


def _usage(said: object) -> Usage | None:
    if not isinstance(said, dict):
        return None
    read, written = said.get("input_tokens"), said.get("output_tokens")
    return Usage(read, written) if isinstance(read, int) and isinstance(written, int) else None


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
