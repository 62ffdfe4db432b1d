"""The people of these tests, each with a token of their own."""

from __future__ import annotations

from dataclasses import dataclass

from domain.access.roles import Role
from ops.administration import Operator
from settings import Settings


@dataclass(frozen=True)
class Employee:
    """Somebody of the company: their id, and a token for them."""

    id: str
    token: str


@dataclass(frozen=True)
class Company:
    """Everybody a requisition needs, and somebody who has no part in any."""

    recruiter: Employee
    manager: Employee
    partner: Employee
    lead: Employee
    interviewer: Employee
    other_interviewer: Employee
    operator: Employee
    stranger: Employee


PEOPLE = {
    "recruiter": ("Rhea Recruiter", [Role.RECRUITER]),
    "manager": ("Max Manager", []),
    "partner": ("Pia Partner", [Role.HR_PARTNER]),
    "lead": ("Lee Lead", [Role.LEAD]),
    "interviewer": ("Ines Interviewer", []),
    "other_interviewer": ("Ivo Interviewer", []),
    "operator": ("Olu Operator", [Role.OPS]),
    "stranger": ("Sam Stranger", []),
}


async def founded(settings: Settings) -> Company:
    """The company, in which everybody works round the clock."""
    operator = Operator(settings)
    made = {
        part: Employee(*await operator.enrol(name, f"{part}@pages.example.org", "America/New_York", standing))
        for part, (name, standing) in PEOPLE.items()
    }
    return Company(**made)
