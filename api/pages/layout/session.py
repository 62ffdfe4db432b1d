"""Who is reading: the session that a browser's cookie opens, which the API knows nothing of.

The cookie cannot be read by a script, is not sent along with a form of another site, and under https belongs to this
host alone (`__Host-`, RFC 6265bis). What it holds is a session's secret (`store/sessions.py`), never a token.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import Caller, With
from api.pages.layout.held_lines import HeldLine, held_lines
from api.rate_limits import limits_of
from api.visibility import own_streams
from domain.access.roles import Role
from domain.access.team import Actor
from settings import Settings
from store.audit import act_as
from store.notifications_seen import WaitingCounts
from store.sessions import AT_MOST
from store.users import User

AGAIN = "_again"
"""The name under which a form says that it was kept while its reader signed in, and is to be shown, not done."""


@dataclass(frozen=True)
class PageReader:
    """Somebody at a browser: what they may as a caller, who they are in the company, the id of their session, what
    waits for them, and what they tapped a moment ago and may take back."""

    caller: Caller
    person: User
    session: str
    waiting: WaitingCounts
    held: tuple[HeldLine, ...]

    @property
    def id(self) -> str:
        """Their person id."""
        return self.person.id

    @property
    def zone(self) -> str:
        """The zone in which they read times."""
        return self.person.zone

    def is_any(self, *standing: Role) -> bool:
        """Whether one of these is true of them in the company."""
        return bool(self.caller.actor.standing & set(standing))


class SignedOut(Exception):
    """Nobody is signed in, or not any more."""


class ForeignForm(Exception):
    """A form was sent from another site."""


async def reader(request: Request, at: With) -> PageReader:
    """Who is signed in. Raises SignedOut."""
    held = await at.sessions.held(secret_of(request, at.settings))
    if held is None:
        raise SignedOut
    limits_of(request).call(held.person.id)
    if held.renewed:
        request.state.renewed_secret = held.renewed
    act_as(held.person.id, f"session:{held.id}")
    actor = Actor(id=held.person.id, standing=held.person.standing)
    caller = Caller(actor, token=held.token)
    lines = await held_lines(caller, held.person.zone, at)
    return PageReader(caller, held.person, held.id, await _waiting(request, caller, lines, at), lines)


async def _waiting(request: Request, by: Caller, held: Sequence[HeldLine], at: With) -> WaitingCounts:
    """What the frame of a page counts; a piece of one that a script asks for has no frame."""
    if request.headers.get("hx-request"):
        return WaitingCounts()
    done = {one.stream for one in held if one.will_count and one.stream.startswith("candidate/")}
    return await at.notifications_seen.waiting(by.actor.id, await own_streams(by, at) | done)


async def from_here(request: Request) -> AsyncIterator[None]:
    """Refuses a form that another site sent (OWASP: verify the origin), and closes the files that came with one.

    Raises ForeignForm.
    """
    origin = request.headers.get("origin")
    if origin not in (None, "null") and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForeignForm
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForeignForm
    try:
        yield
    finally:
        await request.close()


def local_path(path: str, otherwise: str = "/") -> str:
    """A path on this site, and never another site's address."""
    return path if path.startswith("/") and path.isprintable() and not path.startswith(("//", "/\\")) else otherwise


def cookie_name(settings: Settings) -> str:
    """What the session's cookie is called."""
    return "__Host-tandem" if is_secure(settings) else "tandem"


def secret_of(request: Request, settings: Settings) -> str:
    """The secret a browser sent along, or nothing."""
    return request.cookies.get(cookie_name(settings), "")


def remember(response: Response, secret: str, settings: Settings) -> None:
    """Gives a browser its session's secret."""
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=int(AT_MOST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(settings),
        path="/",
    )


def forget(response: Response, settings: Settings) -> None:
    """Takes it from the browser again."""
    response.delete_cookie(cookie_name(settings), path="/", secure=is_secure(settings), httponly=True, samesite="lax")


class RenewedSecrets:
    """Sends a browser the new secret of its session with the answer, whatever that is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def with_secret(message: Message) -> None:
            secret = scope.get("state", {}).get("renewed_secret")
            if message["type"] == "http.response.start" and secret:
                cookie = Response()
                remember(cookie, secret, scope["app"].state.services.settings)
                MutableHeaders(scope=message).append("set-cookie", cookie.headers["set-cookie"])
            await send(message)

        await self._app(scope, receive, with_secret)


def is_secure(settings: Settings) -> bool:
    """Whether browsers reach Tandem by https, so that a cookie may say so."""
    return settings.base_url.startswith("https://")


AsReader = Annotated[PageReader, Depends(reader)]
