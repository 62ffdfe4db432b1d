"""Users as the company's provider names them: found by who they are there, linked by their address, or made.

The identity (issuer and subject) is the person. An address only finds somebody who was never linked: it changes, and is
given to others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.administration import stays_applicant
from api.commands import derived_id
from api.identity_provider import Identity, ProviderFailed
from api.services import Services
from domain.access.roles import Role
from store.audit import Act, Entry, Kind, acting
from store.users import AddressTaken, User

HOW = "provider"

LEFT = "You do not work here any more, as far as Tandem knows. An administrator can take you back."
SOMEBODY_ELSES = (
    "Your mail address belongs to an account here that is somebody else's. An administrator can change its address."
)

AGAIN = "Your account here changed while you signed in. Begin again."


def roles_of(groups: Iterable[str], mapped: Mapping[str, str]) -> frozenset[Role]:
    """The company roles that these groups of the provider have."""
    return frozenset(Role(mapped[group]) for group in groups if group in mapped)


async def user_of(identity: Identity, at: Services) -> User:
    """The user who signs in; somebody new becomes one. Raises ProviderFailed for whoever left, or may not be them."""
    known = await at.identities.user_of(identity.issuer, identity.subject)
    person = await at.people.get(known) if known else await at.people.by_address(identity.email)
    if person is None:
        person = await _new(identity, at)
    if not person.active:
        await at.audit.record(Entry(Act.REFUSED, Kind.USER, person.id, actor=person.id, how=HOW))
        raise ProviderFailed(LEFT, 403)
    with acting(person.id, HOW):
        if not await at.identities.link(identity.issuer, identity.subject, person.id):
            await at.audit.record(Entry(Act.REFUSED, Kind.USER, person.id, actor="unknown"))
            raise ProviderFailed(SOMEBODY_ELSES, 403)
        return await _at_address(person, identity.email, at)


async def _new(identity: Identity, at: Services) -> User:
    """Somebody who was not known: with the roles that the provider says, or none."""
    wanted = User(
        id=derived_id("P", "identity", identity.issuer, identity.subject),
        name=identity.name,
        email=identity.email,
        zone=identity.zone,
        standing=roles_of(identity.groups, at.settings.provider_roles),
    )
    with acting(wanted.id, HOW):
        added = await at.people.add(wanted)
    if added:
        return wanted
    # They signed in twice at once: what became of the other is so, whatever they were a moment ago.
    found = await at.people.get(wanted.id) or await at.people.by_address(identity.email)
    if found is None:
        raise ProviderFailed(AGAIN, 503)
    return found


async def _at_address(person: User, email: str, at: Services) -> User:
    """Somebody at the address the provider knows today, unless that is another user's."""
    if email.lower() == person.email.lower():
        return person
    await stays_applicant(person, email, at)
    try:
        await at.people.move(person.id, email)
    except AddressTaken:
        return person
    return person.but(email=email)
