"""An OpenAI-compatible endpoint of the tests' own: it speaks the protocol, and says what a test tells it to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from testing.served import served

MODEL = "scripted-1"

Said = Response | dict[str, Any]
Script = Callable[["Asked"], Said]


@dataclass(frozen=True)
class Asked:
    """One request: the job (the answer's shape), the data block, and the whole body."""

    shape: str
    data: str
    body: dict[str, Any]
    headers: Mapping[str, str]

    def line(self, words: str) -> int:
        """The number of the line in the data that holds `words`."""
        for line in self.data.splitlines():
            number, _, rest = line.partition(" | ")
            if number.isdigit() and words in rest:
                return int(number)
        raise AssertionError(f"no line has {words!r}")


@dataclass
class Scripted:
    """What the endpoint was asked, and what it says next: the script, or, as long as there are any, `first` ones.

    It waits `slow` seconds before each answer, or less if the caller hangs up, and for `before`.
    """

    url: str
    script: Script
    first: list[Said] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    slow: float = 0.0
    before: Callable[[], Awaitable[None]] | None = None
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    embedded: list[dict[str, Any]] = field(default_factory=list)
    """The bodies of what was to be embedded: by the words of each text, unless `instead_of_vectors` is said."""
    instead_of_vectors: Said | None = None


def completion(content: str | Mapping[str, Any], finish: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    """A chat completion that says `content`."""
    text = content if isinstance(content, str) else json.dumps(content)
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": None if refusal else text, "refusal": refusal},
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }


def embeddings(texts: Sequence[str]) -> dict[str, Any]:
    """What an endpoint answers that embeds: each word of a text counts in one of a hundred directions."""
    rows = []
    for text in texts:
        row = [0.01] * 100
        for word in re.findall(r"\w+", text.casefold()):
            row[sum(map(ord, word)) % 100] += 1
        rows.append(row)
    data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(rows)]
    return {"object": "list", "model": MODEL, "data": data, "usage": {"prompt_tokens": 7, "total_tokens": 7}}


def error(status: int, code: str = "error", **headers: str) -> JSONResponse:
    """An error as such endpoints word it."""
    body = {"error": {"message": code, "type": code, "code": code, "param": None}}
    return JSONResponse(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


@contextlib.asynccontextmanager
async def endpoint(script: Script) -> AsyncIterator[Scripted]:
    """The endpoint while the block runs."""
    state = Scripted("", script)
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        body = await request.json()
        shape = body["response_format"]["json_schema"]["name"]
        asked = Asked(shape, body["messages"][-1]["content"], body, request.headers)
        state.asked.append(asked)
        try:
            await asyncio.wait_for(_gone(request), state.slow or 0.001)
            state.hung_up.set()
        except TimeoutError:
            pass
        if state.before:
            await state.before()
        said = state.first.pop(0) if state.first else state.script(asked)
        return said if isinstance(said, Response) else JSONResponse(said)

    @app.post("/v1/embeddings")
    async def embed(request: Request) -> Response:
        state.embedded.append(await request.json())
        said = state.instead_of_vectors or embeddings(state.embedded[-1]["input"])
        return said if isinstance(said, Response) else JSONResponse(said)

    async with served(app) as address:
        state.url = f"http://{address}/v1"
        yield state


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def reads(
    quotes: Sequence[tuple[str, str]], **answers: Mapping[str, Any] | Callable[[Asked], Mapping[str, Any]]
) -> Script:
    """A model that finds these (topic, words), each in the line that holds them, and then answers each shape so."""

    def script(asked: Asked) -> Said:
        if asked.shape == "ReadingAnswer":
            found = []
            for topic, words in quotes:
                with contextlib.suppress(AssertionError):
                    found.append({"topic": topic, "line": asked.line(words), "words": words})
            return completion({"found": found})
        answer = answers[asked.shape]
        return completion(answer(asked) if callable(answer) else answer)

    return script


def numbered(asked: Asked) -> dict[int, str]:
    """The numbered lines of the data."""
    return {int(n): rest for n, rest in re.findall(r"^(\d+) \| (.*)$", asked.data, re.M)}
