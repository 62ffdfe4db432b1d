"""Users, as the provider makes, changes and lets them go. Whom it makes inactive, or deletes, has left Tandem."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter
from scim2_models import (
    Context,
    Meta,
    NotFoundException,
    UniquenessException,
)

from api.access import Caller, With, needs
from api.administration import changed, once_more
from api.contact_types import Email as MailAddress
from api.contact_types import Named
from api.problems import Refused
from api.scim.wire import (
    POLICY,
    PREFIX,
    AsProvider,
    Email,
    User,
    answer,
    fit,
    listed,
    named,
    page,
    patch_of,
    read,
    resource,
    search,
)
from domain.access.permissions import Permission
from store.provisioning import NameTaken, ProvisionedUser
from store.random_ids import random_id
from store.users import AddressTaken
from store.users import User as Known

routes = APIRouter()

ADDRESS_TAKEN = UniquenessException(detail="Another user, or one who left, has this mail address.")

_EMAIL: TypeAdapter[str] = TypeAdapter(MailAddress)
_NAME: TypeAdapter[str] = TypeAdapter(Named)
_FILTERS = {"username": "name", "externalid": "external_id", "id": "id"}


@routes.get("/Users")
@needs(Permission.PROVISION)
async def users(request: Request, by: AsProvider, at: With) -> Response:
    """Every user, page by page, or the one of a name."""
    asked = search(request, User)
    wanted = page(asked, _FILTERS)
    total, found = await at.provisioning.users(wanted)
    return listed([_shown(one, at) for one in found], total, User, asked, wanted)


@routes.post("/Users")
@needs(Permission.PROVISION)
async def make(request: Request, by: AsProvider, at: With) -> Response:
    """A new user; or one who is back, whom the provider knows by the same id."""
    wanted = resource(await _sent(request), User, Context.RESOURCE_CREATION_REQUEST)
    back = await at.provisioning.deleted(wanted.external_id) if wanted.external_id else None
    id = back or random_id("P")
    made = await _kept(id, wanted, by, at)
    return answer(_shown(made, at), Context.RESOURCE_CREATION_RESPONSE, at, request, 201)


@routes.get("/Users/{id}")
@needs(Permission.PROVISION)
async def user(request: Request, id: str, by: AsProvider, at: With) -> Response:
    """One user."""
    return answer(_shown(await _known(id, at), at), Context.RESOURCE_QUERY_RESPONSE, at, request)


@routes.put("/Users/{id}")
@needs(Permission.PROVISION)
async def replace(request: Request, id: str, by: AsProvider, at: With) -> Response:
    """A user as the provider says they are now."""
    await _known(id, at)
    wanted = resource(await _sent(request), User, Context.RESOURCE_REPLACEMENT_REQUEST)
    kept = await once_more(lambda: _kept(id, wanted, by, at))
    return answer(_shown(kept, at), Context.RESOURCE_REPLACEMENT_RESPONSE, at, request)


@routes.patch("/Users/{id}")
@needs(Permission.PROVISION)
async def change(request: Request, id: str, by: AsProvider, at: With) -> Response:
    """A user with some things changed."""
    await _known(id, at)
    patch = await patch_of(request, User)

    async def patched() -> ProvisionedUser:
        known = await _known(id, at)
        now = _shown(known, at)
        patch.patch(now, scim_policy=POLICY)
        return await _kept(id, now, by, at, known.user)

    kept = await once_more(patched)
    return answer(_shown(kept, at), Context.RESOURCE_PATCH_RESPONSE, at, request)


@routes.delete("/Users/{id}")
@needs(Permission.PROVISION)
async def delete(id: str, by: AsProvider, at: With) -> Response:
    """A user who left: what they did stays on record, and they are shown to the provider no more."""

    async def left() -> ProvisionedUser:
        known = await _known(id, at)
        await changed(known.user.but(active=False), by, at, known.user)
        return known

    await at.provisioning.delete(await once_more(left))
    return Response(status_code=204)


async def _sent(request: Request) -> Any:
    """A user as it was sent; who has no mail address beside their name has it in their name. Raises SCIMException."""
    body = await read(request)
    return body if body.get("emails") else body | {"emails": [{"value": body.get("userName")}]}


async def _known(id: str, at: With) -> ProvisionedUser:
    found = await at.provisioning.user(id)
    if found is None:
        raise NotFoundException(detail="There is no such user.")
    return found


async def _kept(id: str, wanted: User, by: Caller, at: With, was: Known | None = None) -> ProvisionedUser:
    """Keeps what the provider says of a user, made of what they were. Raises SCIMException and Refused."""
    user_name = named(wanted.user_name, "userName")
    external_id = named(wanted.external_id, "externalId") if wanted.external_id is not None else None
    before = was or await at.people.get(id)
    email = fit(_EMAIL, _address(wanted), "emails")
    name = fit(_NAME, wanted.display_name or email.partition("@")[0], "displayName")
    active = wanted.active if wanted.active is not None else before is None or before.active
    person = (before or Known(id=id, name=name, email=email, zone="UTC")).but(name=name, email=email, active=active)
    try:
        await at.provisioning.call(id, user_name, external_id)
    except NameTaken:
        raise UniquenessException(detail="Another user has this userName.") from None
    try:
        if before is None:
            await at.people.put(person)
        elif person != before:
            await changed(person, by, at, before)
    except AddressTaken:
        await at.provisioning.forget(id)
        raise ADDRESS_TAKEN from None
    except Refused as refused:
        raise ADDRESS_TAKEN if refused.problem.field == "email" else refused from None
    found = await at.provisioning.user(id)
    assert found is not None, "who was just kept is known"
    return found


def _address(wanted: User) -> str | None:
    """The primary mail address, else the first."""
    given = [one for one in wanted.emails or [] if one.value]
    chosen = next((one for one in given if one.primary), given[0] if given else None)
    return chosen.value if chosen else None


def _shown(known: ProvisionedUser, at: With) -> User:
    """A user as the provider sees them."""
    person = known.user
    return User(
        id=person.id,
        external_id=known.external_id,
        user_name=known.user_name,
        display_name=person.name,
        active=person.active,
        emails=[Email(value=person.email, primary=True)],
        groups=[{"value": id, "display": name, "type": "direct"} for id, name in known.groups] or None,
        meta=Meta(resource_type="User", location=f"{at.settings.base_url}{PREFIX}/Users/{person.id}"),
    )
