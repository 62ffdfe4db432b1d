"""A piece of a recording to an OpenAI-compatible endpoint that transcribes, and its answer in whatever form it comes.

Endpoints differ in what they answer: with who speaks, with times alone, or with words alone. The fullest is asked for
first, and what an endpoint turns down is not asked of it again. Nothing is tried twice here otherwise. As
`language.llm_client`, imported only where such a model is configured.
"""

from __future__ import annotations

import json
from typing import Any, Literal

import openai
from pydantic import BaseModel, TypeAdapter, ValidationError

from language.draft_failures import ModelFailed
from language.llm import Usage
from language.llm_client import failure_of
from language.transcription import Segment

AnswerForm = Literal["diarized_json", "verbose_json", "json", "text"]
FORMS: tuple[AnswerForm, ...] = ("diarized_json", "verbose_json", "json", "text")

CHUNKED_FROM_MS = 30_000
"""From how long on a model that tells speakers apart wants to be told to cut the piece for itself."""

_TURNED_DOWN = frozenset({400, 415, 422})


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
