"""Who is asking: the bearer token names an actor, never the body. And what each route asks of whoever calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.routing import BaseRoute

from api.problems import Refused
from api.rate_limits import limits_of
from api.services import Services, services
from domain.access.permissions import Permission
from domain.access.team import Actor
from store.audit import act_as
from store.tokens import TokenHolder, prefix_of

_bearer = HTTPBearer(auto_error=False, description="A user's, a system's or a candidate's own token.")


@dataclass(frozen=True)
class Caller:
    """Who asks. `reach`: the requisitions a system's token belongs to, or the candidacy of a candidate's own link; a
    user's roles say what is theirs. `provisions`: it is the provider, with a token for that and for nothing else.
    `token`: the prefix of the one they came with. `applicants` remembers for one request which applicants they are
    themselves."""

    actor: Actor
    reach: frozenset[str] = frozenset()
    provisions: bool = False
    token: str | None = None
    applicants: list[frozenset[str]] = field(default_factory=list, compare=False, repr=False)


READING = frozenset({"GET", "HEAD"})
"""What a token may that only reads."""


async def held_token(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    at: Annotated[Services, Depends(services)],
) -> TokenHolder:
    """Who holds the token that came along. Refuses one that is missing or does not hold, and too many requests."""
    holder = await at.tokens.holder(given.credentials) if given else None
    if holder is None:
        if given:
            limits_of(request).wrong(request)
        raise Refused(
            401,
            "unauthenticated",
            "We do not know who you are." if given else "This needs a token.",
            "Authorization: Bearer, and a token that still holds.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    limits_of(request).call(holder.actor.id)
    act_as(holder.actor.id, f"token:{prefix_of(given.credentials)}" if given else "")
    return holder


AsHolder = Annotated[TokenHolder, Depends(held_token)]


async def caller(request: Request, holder: AsHolder) -> Caller:
    """The caller, for an endpoint that depends on one. Refuses to write with a token that only reads."""
    if holder.scope == "scim":
        raise Refused(403, "not_permitted", "This token is for provisioning users.", "A token of another kind.")
    if holder.scope == "read" and request.method not in READING:
        raise Refused(403, "not_permitted", "This token only reads.", "A token that may write.")
    return Caller(holder.actor, holder.reach, token=holder.prefix)


async def provisioner(holder: AsHolder) -> Caller:
    """The same of the company's provider, whose token is for provisioning alone. Refuses every other."""
    if holder.scope != "scim":
        raise Refused(
            403,
            "not_permitted",
            "This token is not for provisioning users.",
            "A token for provisioning, which an administrator makes.",
        )
    return Caller(holder.actor, provisions=True)


E = TypeVar("E", bound=Callable[..., Any])

BY_COMMAND = "command"
"""What a route needs that gives a command: a role that the command's class names (`Command.who`)."""

_NEEDS = "_needs"


def needs(*permissions: Permission) -> Callable[[E], E]:
    """Marks a route with the permissions that it asks for, each enough on the object it is about.

    It asks itself (`api/visibility.py`); that it asks for what it says is what `tests/api/test_access.py` tries, with
    everybody on everything.
    """
    return lambda endpoint: _marked(endpoint, permissions)


def by_command(endpoint: E) -> E:
    """Marks a route that gives a command, or shows its form."""
    return _marked(endpoint, BY_COMMAND)


def open_to_all(endpoint: E) -> E:
    """Marks a route that tells nobody anything, signed in or not."""
    return _marked(endpoint, ())


def needed(endpoint: Callable[..., Any]) -> tuple[Permission, ...] | str:
    """What a route is marked with. Raises LookupError for one that is not."""
    try:
        found: tuple[Permission, ...] | str = getattr(endpoint, _NEEDS)
    except AttributeError:
        raise LookupError(f"{endpoint.__module__}.{endpoint.__qualname__} does not say who may call it") from None
    return found


def every_route(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Every route of an application, those of its routers included."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (within := getattr(route, "original_router", None)) is not None:
            yield from every_route(within.routes)


def _marked(endpoint: E, what: tuple[Permission, ...] | str) -> E:
    setattr(endpoint, _NEEDS, what)
    return endpoint


AsCaller = Annotated[Caller, Depends(caller)]
With = Annotated[Services, Depends(services)]
