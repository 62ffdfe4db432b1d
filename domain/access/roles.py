"""The roles of Tandem, one row each: its letter in `commands.md`, its words, and for those who own clocks, on whom.

`Role` is what somebody is in a requisition (or, for a few letters, in the whole company); `OwnerRole` is the role in
which somebody owes what a clock measures. A new role is a member and its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

OwnerRole = Literal["recruiter", "hiring_manager", "hr_partner", "second_signer", "interviewer"]
"""In which role somebody owes what a clock measures."""

ToldAs = Literal["recruiter", "hiring_manager", "hr_partner", "lead", "interviewer"]
"""The role in which somebody is told something; each has a ceiling of its own."""


class Role(StrEnum):
    """A role in one requisition, in the letters of `commands.md`."""

    RECRUITER = "R"
    HIRING_MANAGER = "H"
    HR_PARTNER = "P"
    LEAD = "L"
    INTERVIEWER = "I"
    OPS = "O"
    OUTSIDE = "X"
    SECOND_SIGNER = "second_signer"
    SELF = "self"


@dataclass(frozen=True)
class Ownership:
    """What it means to owe something in a role.

    `counterpart` is who may let it go, hears when it is late and may give it more time, unless a policy says otherwise;
    `lead` whose report they are. `several` says that no one person of the team holds it.
    """

    name: OwnerRole
    counterpart: OwnerRole
    lead: Literal["recruiting_lead", "manager_lead"]
    several: bool = False


class Most(NamedTuple):
    """The most messages in any seven days, where a policy says no other; see `domain.sla.notification_policy`."""

    digests: int
    interruptions: int
    kept: int = 0
    apart: float = 0.0
    each: Most | None = None


@dataclass(frozen=True)
class Notified:
    """What it means to be told things in a role: how it is called there, and the most messages."""

    name: ToldAs
    most: Most


@dataclass(frozen=True)
class RoleRow:
    """A role: how sentences call it (`words`), its `places` in a team, and what it means to owe or be told in it.

    `may` says, in a few words, what it lets somebody do in the whole company; empty for roles of one requisition alone.
    """

    role: Role
    words: str
    places: tuple[str, ...] = ()
    ownership: Ownership | None = None
    notified: Notified | None = None
    may: str = ""


ROLES: dict[Role, RoleRow] = {
    row.role: row
    for row in (
        RoleRow(
            Role.RECRUITER,
            "the recruiter",
            places=("recruiter",),
            ownership=Ownership("recruiter", "hiring_manager", "recruiting_lead"),
            notified=Notified("recruiter", Most(5, 5, apart=0.2)),
            may="opens requisitions",
        ),
        RoleRow(
            Role.HIRING_MANAGER,
            "the hiring manager",
            places=("hiring_manager",),
            ownership=Ownership("hiring_manager", "recruiter", "manager_lead"),
            notified=Notified("hiring_manager", Most(3, 3, apart=0.33, each=Most(3, 1))),
        ),
        RoleRow(
            Role.HR_PARTNER,
            "the HR partner",
            places=("hr_partner",),
            ownership=Ownership("hr_partner", "recruiter", "recruiting_lead"),
            notified=Notified("hr_partner", Most(2, 0, kept=1, apart=0.1)),
            may="is HR",
        ),
        RoleRow(
            Role.LEAD,
            "a lead",
            places=("recruiting_lead", "manager_lead"),
            notified=Notified("lead", Most(1, 5, apart=0.2)),
            may="leads",
        ),
        RoleRow(
            Role.INTERVIEWER,
            "the interviewer",
            ownership=Ownership("interviewer", "recruiter", "manager_lead", several=True),
            notified=Notified("interviewer", Most(15, 5, apart=0.06, each=Most(2, 1, kept=1))),
        ),
        RoleRow(Role.OPS, "operations", may="operates and administers"),
        RoleRow(Role.OUTSIDE, "an outside system"),
        RoleRow(
            Role.SECOND_SIGNER,
            "the second signer",
            places=("second_signer",),
            ownership=Ownership("second_signer", "recruiter", "recruiting_lead"),
        ),
        RoleRow(Role.SELF, "the user themselves"),
    )
}
"""Every role by its letter."""

PLACES: list[tuple[str, Role]] = [(place, row.role) for row in ROLES.values() for place in row.places]
"""The places in a team, and the role of whoever stands in each."""

OWNER_ROLES: Mapping[str, RoleRow] = {row.ownership.name: row for row in ROLES.values() if row.ownership is not None}
"""Those in which something can be owed, by the name a policy calls them."""

COUNTERPARTS: Mapping[OwnerRole, OwnerRole] = {
    row.ownership.name: row.ownership.counterpart for row in ROLES.values() if row.ownership is not None
}
"""Whose counterpart is who, unless a policy says otherwise."""


def words_for(roles: tuple[str, ...]) -> str:
    """`("R", "H")` → "the recruiter or the hiring manager"."""
    return " or ".join(ROLES[Role(role)].words for role in roles)


def company_roles() -> str:
    """The letters of the company roles, and what each may do: `R opens requisitions, …`."""
    return ", ".join(f"{row.role} {row.may}" for row in ROLES.values() if row.may)


def may_in_words(roles: Iterable[Role]) -> str:
    """What these company roles let somebody do: `opens requisitions, leads`."""
    held = set(roles)
    return ", ".join(row.may for row in ROLES.values() if row.may and row.role in held)
