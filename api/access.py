"""Who is asking: the bearer token names an actor, never the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import Refused
from api.services import Services, services
from domain.access.roles import Role
from domain.access.team import Actor

_bearer = HTTPBearer(auto_error=False, description="A user's, a system's or a candidate's own token.")


@dataclass(frozen=True)
class Caller:
    """Whose token came with the request."""

    actor: Actor

    def must_be(self, *standing: Role) -> None:
        """Refuses a caller who holds none of these in the company."""
        if not self.actor.standing & set(standing):
            raise Refused(403, "not_permitted", "You may not do this.", "Somebody whose work it is.")


async def caller(
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    at: Annotated[Services, Depends(services)],
) -> Caller:
    """The caller, for an endpoint that depends on one. Refuses a missing, unknown, expired or revoked token."""
    actor = await at.tokens.actor_of(given.credentials) if given else None
    if actor is None:
        raise Refused(
            401,
            "unauthenticated",
            "We do not know who you are." if given else "This needs a token.",
            "Authorization: Bearer, and a token that still holds.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return Caller(actor)


AsCaller = Annotated[Caller, Depends(caller)]
With = Annotated[Services, Depends(services)]
