"""Browser sessions: seen and ended by their owner, and by an administrator for anybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.access import AsCaller, Caller, With, needs
from api.problems import RESPONSES, Refused
from api.relations import in_office
from api.services import Services
from domain.access.permissions import Permission
from domain.core.ids import PersonId
from store.sessions import Session

SessionId = Annotated[str, Path(pattern=r"^N-[A-Z2-7]{16}$")]

routes = APIRouter(prefix="/v1", tags=["sign-in"], responses=RESPONSES)


@routes.get("/me/sessions", operation_id="own_sessions")
@needs(Permission.OWN_READ)
async def own_sessions(by: AsCaller, at: With) -> list[Session]:
    """Where you are signed in."""
    return await at.sessions.of(user_of(by))


@routes.delete("/me/sessions/{session}", operation_id="end_own_session", status_code=204)
@needs(Permission.OWN_READ)
async def end_own_session(session: SessionId, by: AsCaller, at: With) -> None:
    """Sign out of one browser."""
    await end_session(user_of(by), session, at)


@routes.get("/people/{id}/sessions", operation_id="sessions")
@needs(Permission.SIGN_IN_MANAGE)
async def sessions(id: PersonId, by: AsCaller, at: With) -> list[Session]:
    """Where a user is signed in. For operations."""
    in_office(by, Permission.SIGN_IN_MANAGE)
    return await at.sessions.of(id)


@routes.delete("/people/{id}/sessions", operation_id="end_sessions", status_code=204)
@needs(Permission.SIGN_IN_MANAGE)
async def end_sessions(id: PersonId, by: AsCaller, at: With) -> None:
    """Sign a user out everywhere. For operations."""
    in_office(by, Permission.SIGN_IN_MANAGE)
    await at.sessions.end_all(id)


@routes.delete("/people/{id}/sessions/{session}", operation_id="end_session", status_code=204)
@needs(Permission.SIGN_IN_MANAGE)
async def end_one_session(id: PersonId, session: SessionId, by: AsCaller, at: With) -> None:
    """Sign a user out of one browser. For operations."""
    in_office(by, Permission.SIGN_IN_MANAGE)
    await end_session(id, session, at)


async def end_session(person: str, session: str, at: Services) -> None:
    """Ends a session of somebody. Raises Refused where they have none of this id."""
    if not await at.sessions.end(person, session):
        raise Refused(404, "not_found", "There is no such session.", "One of those that are listed.")


def user_of(by: Caller) -> str:
    """The id of a caller who is a user. Raises Refused for others: they have no account."""
    if by.actor.kind != "person":
        raise Refused(403, "not_permitted", "You have no account here.", "Somebody who works here.")
    return by.actor.id
