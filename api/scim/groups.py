"""Groups: what the provider says of who is in them, and the company roles that this gives and takes.

Which group has which role, an administrator says in `TANDEM_PROVIDER_ROLES`. Being put into such a group gives its
role, leaving the last one of a role takes it; what an administrator gave otherwise stays. Other groups are kept, and
change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import structlog
from fastapi import APIRouter, Request, Response
from scim2_models import Context, InvalidValueException, Meta, NotFoundException, UniquenessException

from api.access import Caller, With, needs
from api.administration import changed, once_more, stale
from api.problems import Refused
from api.provider_users import roles_of
from api.scim.wire import (
    POLICY,
    PREFIX,
    AsProvider,
    Member,
    UserGroup,
    answer,
    listed,
    named,
    page,
    patch_of,
    read,
    resource,
    search,
)
from domain.access.permissions import Permission
from domain.access.roles import Role
from store.provisioning import NameTaken, ProvisionedGroup
from store.random_ids import random_id
from store.users import ChangedMeanwhile

routes = APIRouter()
log = structlog.get_logger("api")

_FILTERS = {"displayname": "name", "externalid": "external_id", "id": "id"}
MOST_MEMBERS = 20_000


@routes.get("/Groups")
@needs(Permission.PROVISION)
async def groups(request: Request, by: AsProvider, at: With) -> Response:
    """Every group, page by page, or the one of a name."""
    asked = search(request, UserGroup)
    wanted = page(asked, _FILTERS)
    total, found = await at.provisioning.groups(wanted)
    return listed([_shown(one, at) for one in found], total, UserGroup, asked, wanted)


@routes.post("/Groups")
@needs(Permission.PROVISION)
async def make(request: Request, by: AsProvider, at: With) -> Response:
    """A new group."""
    wanted = resource(await read(request), UserGroup, Context.RESOURCE_CREATION_REQUEST)
    made = await _kept(random_id("G"), wanted, None, by, at)
    return answer(_shown(made, at), Context.RESOURCE_CREATION_RESPONSE, at, request, 201)


@routes.get("/Groups/{id}")
@needs(Permission.PROVISION)
async def group(request: Request, id: str, by: AsProvider, at: With) -> Response:
    """One group."""
    return answer(_shown(await _known(id, at), at), Context.RESOURCE_QUERY_RESPONSE, at, request)


@routes.put("/Groups/{id}")
@needs(Permission.PROVISION)
async def replace(request: Request, id: str, by: AsProvider, at: With) -> Response:
    """A group as the provider says it is now."""
    await _known(id, at)
    wanted = resource(await read(request), UserGroup, Context.RESOURCE_REPLACEMENT_REQUEST)

    async def replaced() -> ProvisionedGroup:
        return await _kept(id, wanted, await _known(id, at), by, at)

    kept = await once_more(replaced)
    return answer(_shown(kept, at), Context.RESOURCE_REPLACEMENT_RESPONSE, at, request)


@routes.patch("/Groups/{id}")
@needs(Permission.PROVISION)
async def change(request: Request, id: str, by: AsProvider, at: With) -> Response:
    """A group with some things changed, its members above all."""
    await _known(id, at)
    patch = await patch_of(request, UserGroup)

    async def patched() -> ProvisionedGroup:
        before = await _known(id, at)
        now = _shown(before, at)
        patch.patch(now, scim_policy=POLICY)
        return await _kept(id, now, before, by, at)

    kept = await once_more(patched)
    return answer(_shown(kept, at), Context.RESOURCE_PATCH_RESPONSE, at, request)


@routes.delete("/Groups/{id}")
@needs(Permission.PROVISION)
async def delete(id: str, by: AsProvider, at: With) -> Response:
    """A group that is no more, and with it the role it gave."""

    async def deleted() -> None:
        known = await _known(id, at)
        before = await at.provisioning.group_names(known.members)
        try:
            await at.provisioning.delete_group(known)
        except ChangedMeanwhile:
            raise stale("group") from None
        await _give_roles(before, known.members, by, at)

    await once_more(deleted)
    return Response(status_code=204)


async def _known(id: str, at: With) -> ProvisionedGroup:
    found = await at.provisioning.group(id)
    if found is None:
        raise NotFoundException(detail="There is no such group.")
    return found


async def _kept(id: str, wanted: UserGroup, before: ProvisionedGroup | None, by: Caller, at: With) -> ProvisionedGroup:
    """Keeps what the provider says of a group, and gives and takes the roles. Raises SCIMException."""
    name = named(wanted.display_name, "displayName")
    external_id = named(wanted.external_id, "externalId") if wanted.external_id is not None else None
    people = {one.person for one in wanted.members or [] if one.person}
    if len(people) > MOST_MEMBERS:
        raise InvalidValueException(detail=f"members: at most {MOST_MEMBERS}.")
    if unknown := people - (await at.people.several(people)).keys():
        raise InvalidValueException(detail=f"members: {len(unknown)} of them are no users here.")
    concerned = people | (before.members if before else frozenset())
    names = await at.provisioning.group_names(concerned)
    try:
        await at.provisioning.put_group(id, name, external_id, people, before)
    except ChangedMeanwhile:
        raise stale("group") from None
    except NameTaken:
        raise UniquenessException(detail="Another group has this displayName.") from None
    await _give_roles(names, concerned, by, at)
    return await _known(id, at)


async def _give_roles(
    before: Mapping[str, frozenset[str]], concerned: set[str] | frozenset[str], by: Caller, at: With
) -> None:
    """Gives each of these people the roles of the groups they are in now, and takes those of groups they left."""
    mapped = at.settings.provider_roles
    after = await at.provisioning.group_names(concerned)

    async def given(id: str, gave: frozenset[Role], gives: frozenset[Role]) -> None:
        person = await at.people.get(id)
        if person is None or not person.active:
            return
        standing = (person.standing - (gave - gives)) | gives
        if standing != person.standing:
            await changed(person.but(standing=standing), by, at, person)

    for id in sorted(concerned):
        gave, gives = (roles_of(names.get(id, ()), mapped) for names in (before, after))
        if not gave | gives:
            continue
        try:
            await once_more(partial(given, id, gave, gives))
        except Refused as refused:  # the last administrator stays one
            log.warning("role not taken", person=id, code=refused.problem.code)


def _shown(known: ProvisionedGroup, at: With) -> UserGroup:
    """A group as the provider sees it."""
    return UserGroup(
        id=known.id,
        external_id=known.external_id,
        display_name=known.name,
        members=[Member(value=id, ref=f"{at.settings.base_url}{PREFIX}/Users/{id}") for id in sorted(known.members)]
        or None,
        meta=Meta(resource_type="Group", location=f"{at.settings.base_url}{PREFIX}/Groups/{known.id}"),
    )
