"""What every request and answer goes through, whoever is asked: security headers, hosts, readable addresses, sizes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.openapi_links import linked
from api.pages import problem_page
from api.pages.layout.templating import POLICY
from domain.registry import COMMANDS
from settings import Settings

FOR_PROGRAMS = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""Content Security Policy of what is read by programs: should a browser show it, nothing in it is loaded or run."""

BY_HTTPS_ALONE = "max-age=31536000; includeSubDomains"

COMMAND_BYTES = 256 * 1024
DOCUMENT_BYTES = 10 * 1024 * 1024
BODY_SECONDS = 60.0
SLOWEST = 256 * 1024
"""Bytes a second at which what is large has to come."""
BATCH_BYTES = 50 * 1024 * 1024
BATCH = re.compile(r"/requisitions/[^/]+/applications/add-many")
"""Where a form brings several files at once."""

LARGE = frozenset({"/v1/documents", "/codec/decode"})
"""Where programs send documents, and what travels through Temporal."""

RECORDED = frozenset(
    name.replace("_", "-")
    for commands in COMMANDS.values()
    for name, command in commands.items()
    if "rec" in command.model_fields
)
"""The forms with which a recording may come."""

TOO_SLOW = "That took too long to arrive. Go back, and what you typed is there again."
TOO_LARGE = "That is too large: {} MB at most. Go back, and what you typed is there again."

PROBES = frozenset({"/health", "/ready"})
"""What is asked by address, under no name of ours."""

UNREADABLE = problems.Refused(
    422, "invalid", "There is a character in this address that cannot be read.", "An address the API gave out."
)


class Guarded(FastAPI):
    """An application whose every answer carries the security headers: errors of its outermost room as well.

    Where browsers reach it by https (`secure`), they are told to come by nothing else for a year.
    """

    secure = False

    def build_middleware_stack(self) -> ASGIApp:
        """Puts the headers around all there is."""
        return SecurityHeaders(super().build_middleware_stack(), self.secure)

    def openapi(self) -> dict[str, Any]:
        """The document of the API, with where each answer leads on."""
        if self.openapi_schema is None:
            self.openapi_schema = linked(super().openapi())
        return self.openapi_schema


class SecurityHeaders:
    """Adds the headers that an answer does not say otherwise itself."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app, self._secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = FOR_PROGRAMS if _for_programs(scope) else POLICY

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("X-Frame-Options", "DENY")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                if self._secure:
                    headers.setdefault("Strict-Transport-Security", BY_HTTPS_ALONE)
            await send(message)

        await self._app(scope, receive, with_headers)


class ForwardedClients:
    """Says from where a request came and by which scheme, as so many trusted `proxies` before us do; else as it came.

    Each proxy adds to the list whom it was asked by: what stands further left, anybody may have written.
    """

    def __init__(self, app: ASGIApp, proxies: int) -> None:
        self._app, self._proxies = app, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and self._proxies:
            came = _said(scope, b"x-forwarded-for")
            if len(came) >= self._proxies:
                scope["client"] = (came[-self._proxies], 0)
            scheme = _said(scope, b"x-forwarded-proto")[-1:]
            if scheme in (["http"], ["https"]):
                scope["scheme"] = scheme[0]
        await self._app(scope, receive, send)


class KnownHosts:
    """Answers under our own names alone, so that no redirect or link is made from another; probes by any address."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["path"] in PROBES or self._is_ours(scope["headers"]):
            await self._app(scope, receive, send)
            return
        sentence, accepted = "Tandem is not called that.", f"Its own address: {self._settings.base_url}."
        refused = problems.Refused(400, "invalid", sentence, accepted)
        answer = (
            problems.answer(refused.problem)
            if _for_programs(scope)
            else PlainTextResponse(f"{sentence} {accepted}", 400)
        )
        await answer(scope, receive, send)

    def _is_ours(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        given = [value.decode("latin-1") for name, value in headers if name == b"host"]
        try:
            said = urlsplit("//" + ",".join(given))
            plain = said.netloc == given[0] and said.username is None and (said.port or 80) > 0
            return plain and said.hostname in self._settings.hosts
        except (IndexError, ValueError):  # no host at all, or a port that is none
            return False


class ReadableAddresses:
    """Refuses an address with a NUL in it, or with bytes that are no text: none of ours has one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or ("\0" not in scope["path"] and _is_text(scope["query_string"])):
            await self._app(scope, receive, send)
            return
        problem = UNREADABLE.problem
        answer = problems.answer(problem) if _for_programs(scope) else problem_page(Request(scope), problem)
        await answer(scope, receive, send)


class BodyLimit:
    """Refuses a body that is too large before it is read: 256 KiB, or 10 MiB where documents may come with it.

    Several files may be 50 MiB, recordings as much as `recording` says, in bytes. So is one refused that is not there
    after so many `seconds`, or more where so much is said to come: whoever sends byte by byte keeps no place here.
    """

    def __init__(self, app: ASGIApp, seconds: float = BODY_SECONDS, recording: int = DOCUMENT_BYTES) -> None:
        self._app, self._seconds, self._recording = app, seconds, recording

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        for_programs = _for_programs(scope)
        limit = COMMAND_BYTES if for_programs and scope["path"] not in LARGE else DOCUMENT_BYTES
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        seconds = self._seconds
        if BATCH.fullmatch(scope["path"]):
            limit = BATCH_BYTES
        if _takes_recordings(scope):
            limit = self._recording + COMMAND_BYTES  # what else is in the form
            coming = int(declared) if declared.isdigit() and len(declared) <= 18 and int(declared) else limit
            seconds = max(seconds, coming / SLOWEST)
        too_large = (
            problems.too_large(limit) if for_programs else PlainTextResponse(TOO_LARGE.format(limit // 1024**2), 413)
        )
        if declared.isdigit() and (len(declared) > 18 or int(declared) > limit):
            await too_large(scope, receive, send)
            return
        seen, slow, whole = 0, False, False
        until = asyncio.get_running_loop().time() + seconds

        async def counted() -> Message:
            nonlocal seen, slow, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                slow = True
                raise problems.TooSlow from None
            whole = not message.get("more_body", False)
            seen += len(message.get("body", b""))
            if seen > limit:
                raise problems.TooLarge(limit)
            return message

        async def unless_too_large(message: Message) -> None:
            if seen <= limit and not slow:
                await send(message)

        await self._app(scope, counted, unless_too_large)
        if seen > limit:
            # Whoever reads a body as JSON takes any error in it for bad JSON, and has answered so.
            await too_large(scope, receive, send)
        elif slow:
            too_slow = problems.TooSlow().problem
            await (problems.answer(too_slow) if for_programs else PlainTextResponse(TOO_SLOW, 408))(
                scope, receive, send
            )


def _takes_recordings(scope: Scope) -> bool:
    path: str = scope["path"]
    if path == "/v1/documents":
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("kind", [])
        return bool({"recording", "transcript"} & set(asked))
    return not _for_programs(scope) and path.rpartition("/")[2] in RECORDED


def _for_programs(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.startswith(("/v1/", "/codec/", "/scim/")) or path == "/openapi.json"


def _said(scope: Scope, header: bytes) -> list[str]:
    """What a header lists, from its first line to its last."""
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == header]
    return [part.strip() for line in lines for part in line.split(",")]


def _is_text(query: bytes) -> bool:
    said = unquote_to_bytes(query)
    try:
        said.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in said
