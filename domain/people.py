"""Who is who: actors, the roles they hold in a search, the team, and what was looked up about them."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from domain.calendars import KnownCalendar
from domain.kernel import Value
from domain.ladder import OwingRole
from domain.policy import KnownPolicy
from domain.retro import InheritedChange

PersonId = Annotated[str, StringConstraints(pattern=r"^P-[0-9A-Z]{6,26}$")]
"""Somebody who uses Tandem. Opaque on purpose: workflow ids and log lines carry it."""

HumanId = Annotated[str, StringConstraints(pattern=r"^H-[0-9A-Z]{6,26}$")]
"""A human being who applies, the same in every search; their key, and so their erasure, hangs on it."""

RequisitionId = Annotated[str, StringConstraints(pattern=r"^R-[0-9A-Z]{6,26}$")]
CandidateId = Annotated[str, StringConstraints(pattern=r"^C-[0-9A-Z]{6,26}$")]
"""One human in one search."""

DocumentId = Annotated[str, StringConstraints(pattern=r"^D-[0-9A-Z]{6,64}$")]


class Role(StrEnum):
    """A role in one search, in the letters of `commands.md`."""

    RECRUITER = "R"
    HIRING_MANAGER = "H"
    HR_PARTNER = "P"
    LEAD = "L"
    INTERVIEWER = "I"
    OPS = "O"
    OUTSIDE = "X"
    SECOND_SIGNER = "second_signer"
    SELF = "self"


ROLE_WORDS = {
    Role.RECRUITER: "the recruiter",
    Role.HIRING_MANAGER: "the hiring manager",
    Role.HR_PARTNER: "the HR partner",
    Role.LEAD: "a lead",
    Role.INTERVIEWER: "the interviewer",
    Role.OPS: "operations",
    Role.OUTSIDE: "an outside system",
    Role.SECOND_SIGNER: "the second signer",
    Role.SELF: "the person themselves",
}


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

    start: time
    end: time


class Team(Value):
    """The people of one search. One person may be recruiter and hiring manager; then somebody else signs second."""

    recruiter: PersonId
    hiring_manager: PersonId
    hr_partner: PersonId
    recruiting_lead: PersonId
    manager_lead: PersonId
    second_signer: PersonId | None = None
    delegate: Delegate | None = None

    def roles(self, actor: Actor, command: str, now: datetime) -> frozenset[Role]:
        """The roles in which `actor` may give `command` in this search now (UTC)."""
        if actor.kind != "person":
            return frozenset({Role.OUTSIDE})
        held = {
            role
            for role, person in (
                (Role.RECRUITER, self.recruiter),
                (Role.HIRING_MANAGER, self.hiring_manager),
                (Role.HR_PARTNER, self.hr_partner),
                (Role.LEAD, self.recruiting_lead),
                (Role.LEAD, self.manager_lead),
                (Role.SECOND_SIGNER, self.second_signer),
            )
            if person == actor.id
        }
        if self.acts_for_manager(actor, command, now):
            held.add(Role.HIRING_MANAGER)
        if Role.OPS in actor.standing:
            held.add(Role.OPS)
        return frozenset(held)

    def acts_for_manager(self, actor: Actor, command: str, now: datetime) -> bool:
        """Whether `actor` is the hiring manager's delegate for `command` now (UTC)."""
        delegate = self.delegate
        return (
            delegate is not None and delegate.person == actor.id and command in delegate.powers and now < delegate.until
        )

    def holder(self, role: OwingRole) -> PersonId | None:
        """Who holds `role`; None where nobody or, as of interviewers, no one person does."""
        return {
            "recruiter": self.recruiter,
            "hiring_manager": self.hiring_manager,
            "hr_partner": self.hr_partner,
            "second_signer": self.second_signer,
        }.get(role)

    def lead_of(self, role: OwingRole) -> PersonId:
        """Whose report somebody in `role` is: the hiring manager's and interviewers' lead, or the recruiting lead."""
        return self.manager_lead if role in ("hiring_manager", "interviewer") else self.recruiting_lead


class Facts(Value):
    """What the API looked up on the way in and the decider may rely on; kept in history with the command.

    `calendars` of everybody the command names, the `policy` for something new, the people who are `busy` at the time
    asked for, the agency that owns a human (`owned_by`), and the wording rules that were stood by (`flags`).
    `new_id` is the id of what the command begins. Of the search somebody is transferred to: whether it is over, and
    whether they are in it already. `inherited` is what earlier retros said to change, for a search that is opened;
    `offer_elsewhere` the other search in which the candidate has a standing offer.
    """

    calendars: dict[str, KnownCalendar] = {}
    policy: KnownPolicy | None = None
    busy: tuple[str, ...] = ()
    conflicted: tuple[str, ...] = ()
    owned_by: str | None = None
    flags: tuple[str, ...] = ()
    new_id: str | None = None
    target_closed: bool = False
    duplicate_in_target: bool = False
    inherited: tuple[InheritedChange, ...] = ()
    offer_elsewhere: str | None = None


NO_FACTS = Facts()


class Call:
    """Who asks, when (UTC), and what was looked up for them on the way in."""

    __slots__ = ("actor", "facts", "now")

    def __init__(self, actor: Actor, now: datetime, facts: Facts) -> None:
        self.actor, self.now, self.facts = actor, now, facts


def mentioned(value: object, prefix: str) -> set[str]:
    """Every id with this prefix (`P-`, `C-`, `D-` …) that stands anywhere in `value`."""
    if isinstance(value, str):
        return {value} if value.startswith(prefix) and value[len(prefix) :].isalnum() else set()
    if isinstance(value, BaseModel):
        return mentioned([getattr(value, name) for name in type(value).model_fields], prefix)
    if isinstance(value, dict):
        return mentioned([*value.keys(), *value.values()], prefix)
    if isinstance(value, list | tuple | set | frozenset):
        found: set[str] = set()
        for item in value:
            found |= mentioned(item, prefix)
        return found
    return set()


def words_for(roles: tuple[str, ...]) -> str:
    """`("R", "H")` → "the recruiter or the hiring manager"."""
    said = [ROLE_WORDS[Role(role)] for role in roles]
    return " or ".join(said)
