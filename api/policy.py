"""The company's SLAs: the policy in force, and what an edited file would change."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import yaml
from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access import AsCaller, With, needs
from api.problems import RESPONSES
from api.relations import in_office
from domain.access.permissions import Permission
from domain.access.roles import OwnerRole
from domain.sla.catalogue import CLOCKS, SIDES
from domain.sla.escalation import Recipient
from domain.sla.policy import Policy
from domain.sla.retention import raised
from store.policy_file import Mistake, differences, read_policy

routes = APIRouter(prefix="/v1/policy", tags=["administration"], responses=RESPONSES)

LONGEST = 64_000
"""Characters of a policy file that is checked here; the shipped one has a tenth of that."""


DEEPEST = 20
"""Levels of lists and tables within each other; the shipped one has six."""

_OPENS = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSES = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


class PolicyText(BaseModel):
    """A policy file, as it would be put into place."""

    text: str = Field(min_length=1, max_length=LONGEST, title="The edited policy file")


class CheckedPolicy(BaseModel):
    """What is wrong with a policy file, by its lines; or, where it can be used, what it would change.

    `retention`: how many candidates' dates it moves once adopted, and where the law keeps data longer than it says.
    """

    mistakes: list[Mistake]
    changes: list[str]
    retention: list[str] = []


class ClockTime(BaseModel):
    """A clock: its name in a policy file, what is to be done, whose task that is, its time, and whether by law."""

    clock: str
    what: str
    owners: list[OwnerRole]
    time: str
    statutory: bool


class EscalationStepTime(BaseModel):
    """An escalation step: when it comes, and who is told."""

    step: str
    at: str
    told: list[Recipient]


class PolicyView(BaseModel):
    """The policy in force: how long each clock runs, and its escalation."""

    name: str
    clocks: list[ClockTime]
    escalation: list[EscalationStepTime]


@routes.get("", operation_id="policy", summary="The policy in force")
@needs(Permission.SLA_READ)
async def policy(by: AsCaller, at: With) -> PolicyView:
    """How long each clock runs, and its escalation. For operations."""
    in_office(by, Permission.SLA_READ)
    now = at.policy.current()
    return PolicyView(
        name=now.name,
        clocks=[
            ClockTime(
                clock=row.name,
                what=row.what,
                owners=[row.owner_role] if row.owner_role else list(SIDES.values()),
                time=str(now.time_of(row.name)),
                statutory=row.statutory,
            )
            for row in CLOCKS.values()
        ],
        escalation=[EscalationStepTime(step=one.rung, at=one.at, told=list(one.tell)) for one in now.ladder],
    )


@routes.post("/check", operation_id="check_policy", summary="Check a policy file")
@needs(Permission.SLA_READ)
async def check(body: PolicyText, by: AsCaller, at: With) -> CheckedPolicy:
    """Say what a policy file would change, or what is wrong on which line. It changes nothing. For operations."""
    in_office(by, Permission.SLA_READ)
    read, mistakes = await asyncio.to_thread(_read, body.text)
    if read is None:
        return CheckedPolicy(mistakes=mistakes, changes=[])
    moved = await at.retention.moved(read, datetime.now(UTC))
    return CheckedPolicy(
        mistakes=[],
        changes=differences(read, at.policy.current(), "now"),
        retention=[moved.in_words, *(f"{one}." for one in raised(read))],
    )


def _read(text: str) -> tuple[Policy | None, list[Mistake]]:
    too_much = _too_much(text)
    return (None, [too_much]) if too_much else read_policy(text)


def _too_much(text: str) -> Mistake | None:
    """Where a text would take more time or memory than any policy: nested deeply, or repeating a part by its name."""
    depth = 0
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            line = token.start_mark.line + 1
            depth += isinstance(token, _OPENS) - isinstance(token, _CLOSES)
            if depth > DEEPEST:
                return Mistake(line, "this is nested too deeply.")
            if isinstance(token, yaml.AliasToken):
                return Mistake(line, "this repeats another part by its name; write it in full.")
    except yaml.YAMLError:
        return None  # what is wrong is said when it is read
    return None
