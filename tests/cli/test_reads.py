"""What somebody reads at a keyboard: the API's answer as tables."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from domain.evidence.rubric import Agreement
from domain.reporting.criterion_pass_rates import PassRate, PassRates
from domain.reporting.delay_attribution import Wait
from domain.reporting.forecast import ForecastInput, forecast
from local.cli_queries import reads
from store.manager_update import CriterionCount, OwedClock, RequisitionUpdate, StandsAt
from testing.people import MONDAY, OFFICE, POLICY

NOW = MONDAY + timedelta(days=4)
LATE = Wait(name="profile_answered", about="", late_from=NOW - timedelta(days=1))


class Api:
    """An API that answers every read with what it has, and remembers what it was asked."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def read(self, path: str, **query: Any) -> Any:
        self.asked.append((path, query))
        return self._answers[path]


def an_update() -> dict[str, Any]:
    """As the API would tell it: one profile lies before the manager, late by a day."""
    agreed = Agreement(candidates_expected=6, within_days=10, meet_every_days=7, interviewing="two", updates="weekly")
    course = ForecastInput(
        calendar=OFFICE, policy=POLICY, opened_at=MONDAY, openings=1, agreement=agreed, agreed_at=MONDAY,
        waits=(LATE,),
    )  # fmt: skip
    counted = PassRates(
        criterion="K1", now=PassRate(read=212, met=9, not_met=203), moved=PassRate(read=40, met=2, not_met=38)
    )
    update = RequisitionUpdate(
        requisition="R-SEARCH01",
        title="Baker",
        phase="sourcing",
        standing="open",
        since=MONDAY,
        at=NOW,
        openings=1,
        openings_left=1,
        stages={"submitted": 1},
        candidates=(
            StandsAt(
                id="C-ANNA0001", human="H-ANNA0001", stage="submitted", stage_since=MONDAY, days=4,
                waits_on=("hiring_manager",),
            ),
        ),
        moved={"submitted": 1},
        rubric_version=1,
        criteria=(CriterionCount(rank=1, behaviour="bakes at night", weight="must", counted=counted),),
        debts=(
            OwedClock(
                side="hiring_manager", name="profile_answered", candidate="C-ANNA0001", since=MONDAY,
                due_at=NOW - timedelta(days=1), late=True, still=False,
            ),
        ),
        market=None,
        drift={"rejected": 0, "outside": 0},
        kept=None,
        forecast=forecast(course, NOW),
    )  # fmt: skip
    told: dict[str, Any] = json.loads(update.model_dump_json())
    return told | {"names": {"C-ANNA0001": "Anna Sjöberg"}}


@pytest.fixture
def api() -> Api:
    return Api({"/v1/requisitions/R-SEARCH01/update": an_update(), "/v1/people": []})


def run(api: Api, *words: str) -> Result:
    def ask(work: Callable[[Any], Awaitable[None]]) -> None:
        async def asked() -> None:
            await work(api)

        asyncio.run(asked())

    group = click.Group("tandem", commands={one.name or "": one for one in reads(ask)})
    return CliRunner().invoke(group, list(words), env={"COLUMNS": "160"}, catch_exceptions=False)


def test_how_a_search_goes(api: Api) -> None:
    said = run(api, "update", "R-SEARCH01").output
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert "requisition R-SEARCH01, Baker" in lines
    assert "C-ANNA0001 Anna Sjöberg submitted 4 hiring manager" in lines
    assert "bakes at night must 9 of 212 +2" in lines
    [owed] = [line for line in lines if line.startswith("hiring manager profile answered Anna Sjöberg")]
    assert owed.endswith("overdue")
    [slip] = [line for line in lines if line.startswith("slip in working days")]
    assert "hiring manager 1" in slip


def test_what_can_be_done(api: Api) -> None:
    missing = {"code": "not_due", "sentence": "Nobody asked for the pulse yet.", "accepted": "An answer later."}
    options = [{"id": "O-1", "missing": missing}, {"id": "O-2", "missing": None}]
    said = [
        {"command": "answer_offer", "heading": "What they answered", "missing": None, "options": options},
        {"command": "answer_pulse", "heading": "The pulse", "missing": missing, "options": []},
    ]
    api._answers |= {"/v1/requisitions/R-SEARCH01/available": said, "/v1/people/me/available": []}
    short = run(api, "available", "R-SEARCH01").output
    assert "answer-offer  What they answered  O-2" in short
    assert "pulse" not in short
    everything = run(api, "available", "R-SEARCH01", "--all").output
    assert "answer-pulse  Nobody asked for the pulse yet. An answer later.  not_due" in everything
    assert run(api, "available").exit_code == 0


def test_since_a_time_on_the_readers_own_clock(api: Api) -> None:
    run(api, "update", "R-SEARCH01", "--since", "2026-03-02T10:00:00", "--json")
    [(_, query)] = api.asked
    assert datetime.fromisoformat(query["since"]).astimezone(UTC) == datetime(2026, 3, 2, 10).astimezone(UTC)


def test_the_answer_as_it_is(api: Api) -> None:
    assert json.loads(run(api, "update", "R-SEARCH01", "--json").output) == an_update()


def test_whose_data_would_go(api: Api) -> None:
    line = {
        "candidate": "C-ANNA0001", "requisition": "R-SEARCH01", "jurisdiction": "DE", "due_at": "2027-03-01T12:00:00Z",
        "cause": "retention", "goes": True, "kept_by": [], "name": "Anna Sjöberg", "link": None,
    }  # fmt: skip
    held = line | {"candidate": "C-BERT0001", "name": None, "goes": False, "kept_by": ["legal_hold", "law"]}
    api._answers["/v1/ops/retention"] = [line, held]

    lines = [" ".join(line.split()) for line in run(api, "retention", "--until", "2027-03-31").output.splitlines()]

    day = datetime(2027, 3, 1, 12, tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    assert f"Anna Sjöberg R-SEARCH01 DE {day} retention erased then" in lines
    assert f"C-BERT0001 R-SEARCH01 DE {day} retention kept legal hold, law" in lines
    assert lines[-1] == "1 would go, 1 would be kept. Nothing was erased."
    [asked] = [query for path, query in api.asked if path == "/v1/ops/retention"]
    assert datetime.fromisoformat(asked["until"]) == datetime(2027, 4, 1).astimezone(), "to the end of that day"
