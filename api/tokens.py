"""API tokens: made, listed and revoked by their owner, and by an administrator for anybody and for outside systems."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, ValidationInfo, field_validator

from api.access import AsCaller, Caller, With, needs
from api.contact_types import Named
from api.payload_limits import bounds
from api.problems import RESPONSES, Refused
from api.relations import in_office
from api.services import Services
from api.sessions import user_of
from domain.access.permissions import Permission
from domain.core.ids import PersonId, RequisitionId
from store.tokens import Scope, Token, UserScope

routes = APIRouter(prefix="/v1", tags=["sign-in"], responses=RESPONSES)

USUAL_DAYS, MOST_DAYS = 90, 366

Prefix = Annotated[str, Path(pattern=r"^tdm_[0-9a-f]{8}$", description="A token's first characters, as listed.")]


class WantedToken(BaseModel):
    """A token that is wanted: what it is for, and for how long."""

    label: Named = Field(title="What it is for")
    days: int = Field(default=USUAL_DAYS, ge=1, le=MOST_DAYS, title="For how many days")


class NewToken(WantedToken):
    """A token for a user, and what it may."""

    scope: UserScope = Field(default="read", title="What it may", description="`read`: only GET and HEAD.")


class NewSystemToken(WantedToken):
    """A token for an outside system: it belongs to the requisitions that are named, or provisions users."""

    scope: Scope = Field(
        default="read",
        title="What it may",
        description="`read`: only GET and HEAD. `scim`: provisioning users and groups, and nothing else.",
    )
    system: str = Field(pattern=r"^S-[A-Z0-9][A-Z0-9-]{0,40}$", title="The system", description="S-GREENHOUSE.")
    reach: tuple[RequisitionId, ...] = Field(
        default=(),
        validate_default=True,
        max_length=200,
        title="Its requisitions",
        description="At least one, but for `scim`: none.",
    )

    @field_validator("reach")
    @classmethod
    def _of_some_or_of_none(cls, reach: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if (info.data.get("scope") == "scim") == bool(reach):
            raise ValueError("A token that provisions users has no requisitions, and every other has at least one")
        return reach


class MadeToken(BaseModel):
    """A token that was just made. It is shown this once."""

    token: str


TokenBody = Annotated[NewToken, bounds(NewToken)]
SystemTokenBody = Annotated[NewSystemToken, bounds(NewSystemToken)]


@routes.get("/me/tokens", operation_id="own_tokens")
@needs(Permission.OWN_READ)
async def own_tokens(by: AsCaller, at: With) -> list[Token]:
    """Your tokens that hold."""
    return await at.tokens.of(user_of(by))


@routes.post("/me/tokens", operation_id="make_own_token", status_code=201)
@needs(Permission.OWN_READ)
async def make_own_token(body: TokenBody, by: AsCaller, at: With) -> MadeToken:
    """Make a token for yourself. It is shown this once."""
    return MadeToken(token=await make_token(user_of(by), body, by, at))


@routes.delete("/me/tokens/{prefix}", operation_id="revoke_own_token", status_code=204)
@needs(Permission.OWN_READ)
async def revoke_own_token(prefix: Prefix, by: AsCaller, at: With) -> None:
    """Revoke a token of yours; what was signed in with it is signed out."""
    await revoke_token(user_of(by), prefix, at)


@routes.get("/people/{id}/tokens", operation_id="tokens")
@needs(Permission.SIGN_IN_MANAGE)
async def tokens(id: PersonId, by: AsCaller, at: With) -> list[Token]:
    """A user's tokens that hold. For operations."""
    in_office(by, Permission.SIGN_IN_MANAGE)
    return await at.tokens.of(id)


@routes.post("/people/{id}/tokens", operation_id="make_token", status_code=201)
@needs(Permission.SIGN_IN_MANAGE)
async def make_users_token(id: PersonId, body: TokenBody, by: AsCaller, at: With) -> MadeToken:
    """Make a token for a user. It is shown this once. For operations."""
    in_office(by, Permission.SIGN_IN_MANAGE)
    person = await at.people.get(id)
    if person is None or not person.active:
        raise Refused(404, "not_found", "There is no such user.", "The id of somebody who works here.")
    return MadeToken(token=await make_token(id, body, by, at))


@routes.delete("/people/{id}/tokens/{prefix}", operation_id="revoke_token", status_code=204)
@needs(Permission.SIGN_IN_MANAGE)
async def revoke_users_token(id: PersonId, prefix: Prefix, by: AsCaller, at: With) -> None:
    """Revoke a user's token. For operations."""
    in_office(by, Permission.SIGN_IN_MANAGE)
    await revoke_token(id, prefix, at)


@routes.get("/tokens", operation_id="system_tokens")
@needs(Permission.SIGN_IN_MANAGE)
async def system_tokens(by: AsCaller, at: With) -> list[Token]:
    """The tokens of outside systems that hold. For operations."""
    in_office(by, Permission.SIGN_IN_MANAGE)
    return await at.tokens.of_systems()


@routes.post("/tokens", operation_id="make_system_token", status_code=201)
@needs(Permission.SIGN_IN_MANAGE)
async def make_systems_token(body: SystemTokenBody, by: AsCaller, at: With) -> MadeToken:
    """Make a token for an outside system. It is shown this once. For operations."""
    in_office(by, Permission.SIGN_IN_MANAGE)
    return MadeToken(token=await make_system_token(body, by, at))


@routes.delete("/tokens/{prefix}", operation_id="revoke_system_token", status_code=204)
@needs(Permission.SIGN_IN_MANAGE)
async def revoke_systems_token(prefix: Prefix, by: AsCaller, at: With) -> None:
    """Revoke the token of an outside system. For operations."""
    in_office(by, Permission.SIGN_IN_MANAGE)
    await revoke_system_token(prefix, at)


async def make_token(person: str, wanted: NewToken, by: Caller, at: Services) -> str:
    """A new token of a user."""
    return await at.tokens.make(person, "person", wanted.label, _end(wanted), wanted.scope, made_with=by.token)


async def make_system_token(wanted: NewSystemToken, by: Caller, at: Services) -> str:
    """A new token of an outside system. Raises Refused where a requisition is none of ours."""
    known = await at.reads.titles(wanted.reach)
    if unknown := [id for id in wanted.reach if id not in known]:
        raise Refused(
            422, "unknown_reference", f"There is no requisition {unknown[0]}.", "Requisitions of this company.", "reach"
        )
    end = _end(wanted)
    return await at.tokens.make(wanted.system, "system", wanted.label, end, wanted.scope, wanted.reach, by.token)


async def revoke_token(person: str, prefix: str, at: Services) -> None:
    """Ends a token of a user. Raises Refused where they have none that begins so."""
    if not await at.tokens.revoke(prefix, actor=person, kind="person"):
        raise _NO_SUCH_TOKEN


async def revoke_system_token(prefix: str, at: Services) -> None:
    """Ends a token of an outside system. Raises Refused where none begins so."""
    if not await at.tokens.revoke(prefix, kind="system"):
        raise _NO_SUCH_TOKEN


def _end(wanted: WantedToken) -> datetime:
    return datetime.now(UTC) + timedelta(days=wanted.days)


_NO_SUCH_TOKEN = Refused(404, "not_found", "There is no such token.", "One of those that are listed.")
