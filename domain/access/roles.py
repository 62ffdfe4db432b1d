"""The roles of Tandem, one row each: its letter in `commands.md`, its words, and for those who owe something, on whom.

`Role` is what somebody is in a requisition (or, for a few letters, in the whole company); `OwingRole` is the role in
which somebody owes what a clock measures. A new role is a member and its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

OwingRole = Literal["recruiter", "hiring_manager", "hr_partner", "second_signer", "interviewer"]
"""In which role somebody owes what a clock measures."""


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
class Owing:
    """What it means to owe something in a role.

    `counterpart` is who may let it go, hears when it is late and may give it more time, unless a policy says otherwise;
    `lead` whose report they are. `several` says that no one person of the team holds it.
    """

    name: OwingRole
    counterpart: OwingRole
    lead: Literal["recruiting_lead", "manager_lead"]
    several: bool = False


@dataclass(frozen=True)
class RoleRow:
    """A role: how sentences call it (`words`), its name alone, and what it means to owe in it."""

    role: Role
    words: str
    owing: Owing | None = None


ROLES: Mapping[Role, RoleRow] = {
    row.role: row
    for row in (
        RoleRow(Role.RECRUITER, "the recruiter", Owing("recruiter", "hiring_manager", "recruiting_lead")),
        RoleRow(Role.HIRING_MANAGER, "the hiring manager", Owing("hiring_manager", "recruiter", "manager_lead")),
        RoleRow(Role.HR_PARTNER, "the HR partner", Owing("hr_partner", "recruiter", "recruiting_lead")),
        RoleRow(Role.LEAD, "a lead"),
        RoleRow(Role.INTERVIEWER, "the interviewer", Owing("interviewer", "recruiter", "manager_lead", several=True)),
        RoleRow(Role.OPS, "operations"),
        RoleRow(Role.OUTSIDE, "an outside system"),
        RoleRow(Role.SECOND_SIGNER, "the second signer", Owing("second_signer", "recruiter", "recruiting_lead")),
        RoleRow(Role.SELF, "the person themselves"),
    )
}
"""Every role by its letter."""

OWING: Mapping[str, RoleRow] = {row.owing.name: row for row in ROLES.values() if row.owing is not None}
"""Those in which something can be owed, by the name a policy calls them."""

COUNTERPARTS: Mapping[OwingRole, OwingRole] = {
    row.owing.name: row.owing.counterpart for row in ROLES.values() if row.owing is not None
}
"""Whose counterpart is who, unless a policy says otherwise."""


def words_for(roles: tuple[str, ...]) -> str:
    """`("R", "H")` → "the recruiter or the hiring manager"."""
    return " or ".join(ROLES[Role(role)].words for role in roles)
