"""Who is asking: the bearer token names an actor, never the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import Refused
from api.rate_limits import limits_of
from api.services import Services, services
from domain.access.roles import Role
from domain.access.team import Actor

_bearer = HTTPBearer(auto_error=False, description="A user's, a system's or a candidate's own token.")


@dataclass(frozen=True)
class Caller:
    """Who asks. `reach`: the requisitions a system's token belongs to, or the candidacy of a candidate's own link; a
    user's roles say what is theirs."""

    actor: Actor
    reach: frozenset[str] = frozenset()

    def must_be(self, *standing: Role) -> None:
        """Refuses a caller who holds none of these in the company."""
        if not self.actor.standing & set(standing):
            raise Refused(403, "not_permitted", "You may not do this.", "Somebody whose work it is.")


READING = frozenset({"GET", "HEAD"})
"""What a token may that only reads."""


async def caller(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    at: Annotated[Services, Depends(services)],
) -> Caller:
    """The caller, for an endpoint that depends on one.

    Refuses a missing, unknown, expired or revoked token, to write with one that only reads, and too many requests.
    """
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
    if holder.scope == "read" and request.method not in READING:
        raise Refused(403, "not_permitted", "This token only reads.", "A token that may write.")
    return Caller(holder.actor, holder.reach)


AsCaller = Annotated[Caller, Depends(caller)]
With = Annotated[Services, Depends(services)]
