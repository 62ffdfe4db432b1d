"""What travels through Temporal, opened for its UI and its command line: Temporal's protocol for a codec server.

What is asked names no workflow, so that is taken from what was sealed, and is on record, with how many payloads it
were, before anything is answered. Words about people are sealed under their own keys, and stay so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from google.protobuf.json_format import MessageToDict, Parse, ParseError
from temporalio.api.common.v1 import Payload, Payloads

from api import problems
from api.access import Caller, With, caller, held_token, needs, open_to_all
from api.pages.layout.session import SignedOut, reader, remember
from api.problems import RESPONSES, Refused, put_on_record
from api.relations import in_office
from api.services import Services
from api.visibility import own_candidacies, the_candidate_themselves
from domain.access.permissions import Permission
from privacy.payload_codec import WORKFLOW, NamespaceCodec, NotOurs, is_sealed
from settings import Settings
from store.audit import Act, Entry, Kind

routes = APIRouter(prefix="/codec", tags=["operations"], responses=RESPONSES)

MOST = 1_000
"""Payloads that are opened at a time."""

_bearer = HTTPBearer(auto_error=False, description="The token of somebody who operates.")


@routes.options("/decode", include_in_schema=False)
@open_to_all
async def preflight(request: Request, at: With) -> Response:
    """Tells the Temporal UI's pages that they may ask; nobody else's."""
    _opening(at)
    if request.headers.get("origin") != origin_of(at.settings):
        raise _ELSEWHERE
    asks = {"Methods": "POST", "Headers": "authorization, content-type, x-namespace"}
    allowed = {f"Access-Control-Allow-{what}": value for what, value in asks.items()}
    return Response(status_code=204, headers=_may_read(at.settings) | allowed)


@routes.post("/decode", operation_id="decode_payloads", summary="What travels through Temporal, opened")
@needs(Permission.PAYLOADS_DECODE)
async def decode(
    request: Request, at: With, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Response:
    """Opens payloads that Tandem sealed, and gives the others back as they are. For operations.

    Pages of the Temporal UI ask with the session's cookie, programs with a token. 404 while nothing is sealed.
    """
    codec = _opening(at)
    origin = request.headers.get("origin")
    if origin not in (None, origin_of(at.settings)):
        raise _ELSEWHERE
    headers = _may_read(at.settings) if origin else {}
    try:
        by = await _who(request, given, at)
        in_office(by, Permission.PAYLOADS_DECODE)
        opened = await _opened(codec, _asked(await request.body()), by, at)
    except Refused as refused:
        put_on_record(request, refused)
        return problems.answer(refused.problem, {**(refused.headers or {}), **headers})
    answer = JSONResponse(MessageToDict(Payloads(payloads=opened)), headers=headers)
    if renewed := getattr(request.state, "renewed_secret", None):
        remember(answer, renewed, at.settings)
    return answer


def origin_of(settings: Settings) -> str | None:
    """Where the pages of the Temporal UI are from."""
    parts = urlsplit(settings.temporal_ui or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def _opening(at: Services) -> NamespaceCodec:
    if at.opens_payloads is None:
        raise Refused(404, "not_found", "Nothing that travels through Temporal is sealed here.")
    return at.opens_payloads


_ELSEWHERE = Refused(403, "not_permitted", "This page is not the Temporal UI's.", "The one in TANDEM_TEMPORAL_UI_URL.")


def _may_read(settings: Settings) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin_of(settings) or "null",
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }


async def _who(request: Request, given: HTTPAuthorizationCredentials | None, at: Services) -> Caller:
    # A cookie comes along with whatever a browser sends: only the UI's own pages may use it.
    if given is not None or request.headers.get("origin") is None:
        return await caller(request, await held_token(request, given, at))
    try:
        return (await reader(request, at)).caller
    except SignedOut:
        return await caller(request, await held_token(request, None, at))


def _asked(body: bytes) -> Sequence[Payload]:
    if not body.lstrip().startswith(b"{"):
        raise problems.NOT_JSON
    try:
        payloads = Parse(body, Payloads(), ignore_unknown_fields=True, max_recursion_depth=10).payloads
    except (ParseError, UnicodeDecodeError, RecursionError):
        raise problems.NOT_JSON from None
    if len(payloads) > MOST:
        raise Refused(413, "too_large", "These are too many payloads.", f"At most {MOST}.")
    return payloads


async def _opened(codec: NamespaceCodec, payloads: Sequence[Payload], by: Caller, at: Services) -> list[Payload]:
    opened: list[Payload] = []
    known: Counter[str] = Counter()
    for payload in payloads:
        try:
            opened += await codec.decode([payload])
        except NotOurs:
            opened.append(payload)
            continue
        if is_sealed(payload):
            known[payload.metadata.get(WORKFLOW, b"").decode()] += 1
    whose = {stream: stream.rpartition("/")[2] for stream in known}
    if own := set(whose.values()) & await own_candidacies(by, at):
        raise the_candidate_themselves(min(own), Permission.PAYLOADS_DECODE)
    rows = [
        Entry(Act.DECODED_PAYLOADS, Kind.PAYLOADS, str(count), whose[stream], Permission.PAYLOADS_DECODE)
        for stream, count in known.items()
    ]
    await at.audit.record(*rows)
    return opened
