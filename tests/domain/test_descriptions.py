"""What only describes has words for everything, and tells of what lacks them all the same."""

from __future__ import annotations

from typing import Any

import pytest

from domain.candidate import CANDIDATE
from domain.candidate import CLOCKS as OF_CANDIDATES
from domain.candidate import describe as candidate_described
from domain.entity.entity_facts import STAGES
from domain.requisition import CLOCKS as OF_REQUISITIONS
from domain.requisition import REQUISITION
from domain.requisition import describe as requisition_described
from domain.sla.catalogue import clock_row
from domain.sla.clocks import Clock
from testing.people import MONDAY, OFFICE, POLICY, RECRUITER, TEAM


def running(name: str) -> Clock:
    return Clock(id="c:1", name=name, about="", owner=RECRUITER, started_at=MONDAY, due_at=MONDAY)


@pytest.mark.parametrize("name", sorted({rule.name for rule in (*OF_REQUISITIONS, *OF_CANDIDATES)} | {"pondered_over"}))
def test_a_clock_of_any_name_can_be_told_of(name: str) -> None:
    changes: dict[str, Any] = {
        "team": TEAM, "policy": POLICY, "calendars": {RECRUITER: OFFICE}, "clocks": {"c:1": running(name)},
    }  # fmt: skip
    assert clock_row(name).waiting in requisition_described(REQUISITION.initial.but(**changes))
    assert clock_row(name).waiting in candidate_described(CANDIDATE.initial.but(**changes))


@pytest.mark.parametrize("stage", STAGES)
def test_a_candidate_at_any_stage_can_be_told_of(stage: str) -> None:
    assert stage.replace("_", " ") in candidate_described(CANDIDATE.initial.but(stage=stage))
