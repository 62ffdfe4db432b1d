"""An endpoint of the tests' own that transcribes: it speaks the protocol, and hears what a test tells it to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from testing.model_endpoint import error
from testing.served import served
from testing.sound import length_of

MODEL = "scripted-ear-1"


@dataclass(frozen=True)
class PieceSent:
    """One request: its fields, and how long the sound is that came with it, in seconds."""

    fields: Mapping[str, str]
    name: str
    seconds: float
    content: bytes

    @property
    def form(self) -> str:
        """In which form it wants to be answered."""
        return self.fields["response_format"]


Heard = Callable[[int, PieceSent], Response | dict[str, Any] | str]
"""The number of a piece, from 0, and what was sent → what is answered."""


@dataclass
class ScriptedEar:
    """What the endpoint was sent, which forms it `takes`, and what it hears; it waits for `before` each answer."""

    url: str
    heard: Heard
    takes: frozenset[str] = frozenset({"diarized_json", "verbose_json", "json", "text"})
    first: list[Response] = field(default_factory=list)
    sent: list[PieceSent] = field(default_factory=list)
    before: Callable[[], Awaitable[None]] | None = None


def two_people(number: int, piece: PieceSent) -> dict[str, Any]:
    """Two who speak in every piece: a question in its first second, an answer in its second one."""
    return {
        "text": f"Question {number}? Answer {number}.",
        "segments": [
            {"id": "0", "speaker": "A", "start": 0.0, "end": 1.0, "text": f"Question {number}?", "type": "x"},
            {"id": "1", "speaker": "B", "start": 1.0, "end": 2.5, "text": f" Answer {number}.", "type": "x"},
        ],
        "usage": {"type": "tokens", "input_tokens": 70, "output_tokens": 7, "total_tokens": 77},
    }


@contextlib.asynccontextmanager
async def ear(heard: Heard = two_people) -> AsyncIterator[ScriptedEar]:
    """The endpoint while the block runs."""
    state = ScriptedEar("", heard)
    app = FastAPI()

    @app.post("/v1/audio/transcriptions")
    async def transcribe(request: Request) -> Response:
        async with request.form() as form:
            fields = {name: str(value) for name, value in form.items() if isinstance(value, str)}
            file: Any = form["file"]
            content = await file.read()
        number = len({one.content for one in state.sent} | {content}) - 1
        piece = PieceSent(fields, file.filename, await asyncio.to_thread(length_of, content), content)
        state.sent.append(piece)
        if state.before:
            await state.before()
        if state.first:
            return state.first.pop(0)
        if piece.form not in state.takes:
            return error(400, "unsupported_value")
        said = await asyncio.to_thread(state.heard, number, piece)
        if isinstance(said, Response):
            return said
        return PlainTextResponse(said) if isinstance(said, str) else JSONResponse(said)

    async with served(app) as address:
        state.url = f"http://{address}/v1"
        yield state
