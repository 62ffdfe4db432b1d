"""Who is who: actors, the roles they hold in a requisition, the team, and what was looked up about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from domain.access.roles import OWNER_ROLES, PLACES, OwnerRole, Role, RoleRow
from domain.core.ids import PersonId
from domain.core.messages import Value
from domain.core.names import WRITTEN


class Actor(Value):
    """Who asks, as their token says: a person with their standing in the company, a system, or a candidate's own link.

    `standing` holds what is true of them outside any one search: R may open one, L leads, O operates, P is HR.
    """

    id: str
    kind: Literal["person", "system", "candidate"] = "person"
    standing: frozenset[Role] = frozenset()


class Delegate(Value):
    """Somebody who may give the named commands for another, until `until` (UTC)."""

    person: PersonId
    powers: tuple[str, ...]
    until: datetime


class QuietHours(Value):
    """Local times between which nobody is interrupted; may cross midnight."""

    start: time = Field(title="From")
    end: time = Field(title="Until")

    @field_validator("start", "end")
    @classmethod
    def _on_the_wall_clock(cls, value: time, info: ValidationInfo) -> time:
        if value.tzinfo is not None and info.context == WRITTEN:
            raise ValueError("Quiet hours are in your own local time; leave the zone out")
        return value.replace(tzinfo=None)


class Team(Value):
    """The users of one requisition. One user may be recruiter and hiring manager; then somebody else signs second."""

    recruiter: PersonId
    hiring_manager: PersonId
    hr_partner: PersonId
    recruiting_lead: PersonId
    manager_lead: PersonId
    second_signer: PersonId | None = None
    delegate: Delegate | None = None

    def roles(self, actor: Actor, command: str, now: datetime) -> frozenset[Role]:
        """The roles in which `actor` may give `command` in this requisition now (UTC)."""
        if actor.kind != "person":
            return frozenset({Role.OUTSIDE})
        held = {role for place, role in PLACES if getattr(self, place) == actor.id}
        if self.acts_for_manager(actor, command, now):
            held.add(Role.HIRING_MANAGER)
        if Role.OPS in actor.standing:
            held.add(Role.OPS)
        return frozenset(held)

    def held_by(self, person: str, row: RoleRow) -> bool:
        """Whether `person` stands in one of the places of this role."""
        return any(getattr(self, place) == person for place in row.places)

    def acts_for_manager(self, actor: Actor, command: str, now: datetime) -> bool:
        """Whether `actor` is the hiring manager's delegate for `command` now (UTC)."""
        delegate = self.delegate
        return (
            delegate is not None and delegate.person == actor.id and command in delegate.powers and now < delegate.until
        )

    def holder(self, role: OwnerRole) -> PersonId | None:
        """Who holds `role`; None where nobody or, as of interviewers, no one person does."""
        ownership = OWNER_ROLES[role].ownership
        return None if ownership is None or ownership.several else getattr(self, ownership.name)

    def lead_of(self, role: OwnerRole) -> PersonId:
        """Whose report somebody in `role` is: the hiring manager's and interviewers' lead, or the recruiting lead."""
        ownership = OWNER_ROLES[role].ownership
        person: PersonId = getattr(self, ownership.lead if ownership is not None else "recruiting_lead")
        return person

    def successors(self, place: str, now: datetime) -> Iterator[PersonId]:
        """Who may follow whoever stands in a place of this team, or owes something in it, and left the company (UTC).

        In this order: who stands there, the hiring manager's delegate, their lead; of a lead the other one.
        """
        if (holder := getattr(self, place, None)) is not None:
            yield holder
        if place == "hiring_manager" and self.delegate is not None and now < self.delegate.until:
            yield self.delegate.person
        owned = OWNER_ROLES.get(place)
        if owned is not None and owned.ownership is not None:
            yield self.lead_of(owned.ownership.name)
        else:
            yield from (self.manager_lead, self.recruiting_lead)
