"""Who is reading: the one seam between a browser and the tokens of the API.

A browser keeps the token in a cookie that no script can read and no other site sends along with a form. A single
sign-on would put its own session here and change nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from api.access import Caller, With
from api.payload_limits import storable
from domain.access.roles import Role
from store.users import User

COOKIE = "tandem"
AGAIN = "_again"
"""The name under which a form says that it was kept while its reader signed in, and is to be shown, not done."""

REMEMBERED_FOR = 30 * 24 * 3600
"""Seconds a browser keeps somebody signed in, if their token holds so long."""


@dataclass(frozen=True)
class PageReader:
    """Somebody at a browser: what their token says, and who they are in the company."""

    caller: Caller
    person: User

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
    return await known(request.cookies.get(COOKIE, ""), at)


async def known(token: str, at: With) -> PageReader:
    """Whose token this is. Raises SignedOut for one that does not hold, or is nobody's."""
    actor = await at.tokens.actor_of(token) if token and storable(token) else None
    person = await at.people.get(actor.id) if actor and actor.kind == "person" else None
    if actor is None or person is None:
        raise SignedOut
    return PageReader(Caller(actor), person)


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


def remember(response: Response, token: str, secure: bool) -> None:
    """Keeps somebody signed in."""
    response.set_cookie(COOKIE, token, max_age=REMEMBERED_FOR, httponly=True, samesite="lax", secure=secure, path="/")


def forget(response: Response) -> None:
    """Signs somebody out of this browser."""
    response.delete_cookie(COOKIE, path="/")


AsReader = Annotated[PageReader, Depends(reader)]
