"""Those who speak to the API in these tests, each with a token of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

PATIENCE = 90.0
"""Seconds in which what was set going must have come about."""


@dataclass(frozen=True)
class Voice:
    """Somebody with a token, or nobody in particular (`token` is None)."""

    http: httpx.AsyncClient
    id: str
    token: str | None

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """Asks to read."""
        return await self.http.get(path, params=query, headers=self._headers())

    async def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Any request, as it stands."""
        headers = self._headers() | request.pop("headers", {})
        return await self.http.request(method, path, headers=headers, **request)

    async def asks(
        self, path: str, body: Any = None, key: str | None = None, version: int | None = None
    ) -> httpx.Response:
        """Gives a command, and takes whatever is answered."""
        headers = {"Idempotency-Key": key, "Expected-Version": None if version is None else str(version)}
        given = {name: value for name, value in headers.items() if value is not None}
        return await self.send("POST", path, json={} if body is None else body, headers=given)

    async def does(self, path: str, body: Any = None, **how: Any) -> dict[str, Any]:
        """Gives a command that must be taken: its receipt."""
        return taken(await self.asks(path, body, **how))

    async def reads(self, path: str, **query: Any) -> Any:
        """Reads what must be there for them."""
        answer = await self.get(path, **query)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def sees(self, path: str, as_expected: Callable[[Any], object], **query: Any) -> Any:
        """Reads until it is as expected: what another entity has to hear of first."""

        async def look() -> Any:
            answer = await self.get(path, **query)
            found = answer.json() if answer.status_code == 200 else None
            return found if found is not None and as_expected(found) else None

        return await eventually(look, f"{path} does not come to what was expected")

    async def uploads(self, kind: str, about: str, body: bytes, name: str = "upload") -> dict[str, Any]:
        """Stores a document that must be readable: its id and hash."""
        answer = await self.upload(kind, about, body, name)
        return taken(answer)

    async def upload(self, kind: str, about: str, body: bytes, name: str = "upload") -> httpx.Response:
        """Sends a document, and takes whatever is answered."""
        query = {"kind": kind, "about": about, "name": name}
        return await self.send("POST", "/v1/documents", params=query, content=body)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def taken(answer: httpx.Response) -> dict[str, Any]:
    """The body of an answer that must be a yes."""
    assert answer.status_code in (200, 201), f"{answer.request.url.path}: {answer.status_code} {answer.text}"
    body: dict[str, Any] = answer.json()
    return body


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer that must be this refusal, whole and well-formed."""
    said = f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json", said
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), said
    assert body["status"] == status, said
    assert body["type"] == f"urn:tandem:{code}", said
    assert body["title"], said
    assert body["detail"], said
    return body


async def eventually(look: Callable[[], Awaitable[Any]], complaint: str) -> Any:
    """What `look` finds once it finds something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := await look()):
        assert time.monotonic() < deadline, complaint
        await asyncio.sleep(0.02)
    return found
