"""Who may give which command: every route, and everybody who might try."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx
import pytest

from api.commands import PLURAL
from domain.core.messages import Command
from domain.registry import COMMANDS
from domain.requisition.opening import Open
from testing.api_clients import Voice, eventually, problem
from testing.api_company import Applicant, Company, Requisition
from tests.api.smallest_bodies import smallest

ROLES = {
    "recruiter": "R",
    "manager": "H",
    "partner": "P",
    "recruiting_lead": "L",
    "manager_lead": "L",
    "second_signer": "second_signer",
    "ops": "O",
    "system": "X",
    "another_system": "",
    "interviewer": "",
    "stranger": "",
    "candidate": "",
    "another_candidate": "",
}
"""The role in which each of them speaks in the search. What differs for a candidate or a person is said below."""


STEADY = 25
"""Looks, at least 20 ms apart, in which nothing changes."""


@dataclass(frozen=True)
class Stage:
    """A requisition in which everybody has a part: `self` is the interviewer's own entity."""

    company: Company
    requisition: Requisition
    applicant: Applicant
    links: dict[str, Voice] = field(default_factory=dict)

    def voice(self, part: str) -> Voice:
        """Who plays this part."""
        return self.links.get(part) or self.company.voices[part]

    def path(self, entity: str, command: type[Command]) -> str:
        """The command's route."""
        if command is Open:
            return "/v1/requisitions"
        ids = {
            "requisition": self.requisition.id, "candidate": self.applicant.id, "person": self.company.interviewer.id,
        }  # fmt: skip
        return f"/v1/{PLURAL[entity]}/{ids[entity]}/{command.name.replace('_', '-')}"

    def roles(self, part: str, entity: str, command: type[Command]) -> set[str]:
        """The roles in which `part` gives this command."""
        standing = {"recruiter": "R", "partner": "P", "recruiting_lead": "L", "manager_lead": "L", "ops": "O"}
        if command is Open or entity == "person":
            own = {"self"} if part == "interviewer" and entity == "person" else set()
            return own | {standing[part]} if part in standing else own
        if entity == "candidate" and part in ("interviewer", "candidate"):
            return {"I" if part == "interviewer" else "X"}
        return {ROLES[part]} - {""}

    async def asks(self, part: str, entity: str, command: type[Command]) -> httpx.Response:
        """`part` gives the command, with the smallest body it can have."""
        known = {
            "P": self.company.other_interviewer.id,
            "R": self.requisition.id,
            "C": self.applicant.id,
            "H": self.applicant.human,
            "D": "D-UNKNOWN0",
        }
        return await self.voice(part).asks(self.path(entity, command), smallest(command, **known))


def every_command() -> Iterable[tuple[str, type[Command]]]:
    """Each entity with each of its public commands."""
    for entity, commands in COMMANDS.items():
        for command in commands.values():
            yield entity, command


@pytest.fixture(scope="module")
async def stage(company: Company) -> Stage:
    """A requisition that stays as it is, because nobody's command is taken."""
    stage = await set_up(company)
    await comes_to_rest(stage)
    return stage


async def set_up(company: Company) -> Stage:
    """A requisition whose candidate has an interview before them."""
    requisition = await company.opens(second_signer=company.second_signer.id)
    await requisition.locks()
    applicant, other = await requisition.gains("Ines Okoye"), await requisition.gains("Jon Vale")
    await applicant.is_shortlisted()
    await requisition.slate_of(applicant)
    await applicant.is_advanced()
    await applicant.needs_no_screen()
    await applicant.meets(company.interviewer)
    links = {
        "candidate": await company.link_of(applicant.id),
        "another_candidate": await company.link_of(other.id),
        "system": await company.system_for(requisition.id),
        "another_system": await company.system_for((await company.opens()).id),
        "nobody": company.nobody,
    }
    return Stage(company, requisition, applicant, links)


async def test_nobody_gives_a_command_without_a_token(stage: Stage) -> None:
    answers = await asyncio.gather(*(stage.asks("nobody", *one) for one in every_command()))
    for answer in answers:
        problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("part", ROLES)
async def test_a_command_is_for_those_whose_it_is(stage: Stage, part: str) -> None:
    forbidden = [
        (entity, command)
        for entity, command in every_command()
        if not stage.roles(part, entity, command) & set(command.who)
    ]
    assert len(forbidden) > 10, "nobody may do nearly everything"
    before = await versions(stage)
    for answer in await asyncio.gather(*(stage.asks(part, *one) for one in forbidden)):
        problem(answer, 403, "not_permitted")
    assert await versions(stage) == before


async def test_nobody_is_told_that_their_own_command_is_not_theirs(company: Company) -> None:
    stage = await set_up(company)
    # Taken earlier, they would leave nothing to ask for; whoever meets somebody has no part in it once they are out.
    last = {"name_speakers": -1, "cancel": 1, "hand_over": 2, "erase": 3}
    for entity, command in sorted(every_command(), key=lambda one: last.get(one[1].name, 0)):
        for part in ROLES:
            # Where recruiter and manager are two people, nobody signs second for them.
            spare = part == "second_signer" and command.name == "sign_rubric"
            # Of outside systems those that record calls say who speaks in them, no candidate.
            spare = spare or (part == "candidate" and command.name == "name_speakers")
            if stage.roles(part, entity, command) & set(command.who) and not spare:
                answer = await stage.asks(part, entity, command)
                said = f"{part}: {command.name}: {answer.status_code} {answer.text}"
                assert answer.status_code < 500, said
                assert answer.status_code != 401, said
                assert answer.json().get("code") != "not_permitted", said


async def comes_to_rest(stage: Stage) -> None:
    """Returns once what entities still had to tell each other has come."""
    seen: list[list[int]] = []

    async def look() -> bool:
        seen.append(await versions(stage))
        return len(seen) >= STEADY and all(other == seen[-1] for other in seen[-STEADY:])

    await eventually(look, "the search and its candidate never come to rest")


async def versions(stage: Stage) -> list[int]:
    """How often the requisition and its candidate have changed."""
    reader = stage.company.recruiter
    return [(await reader.reads(path))["version"] for path in (stage.requisition.path, stage.applicant.path)]
