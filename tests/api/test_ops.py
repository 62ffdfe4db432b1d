"""The ops board over HTTP: who may read what, and that each line leads to the thing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from settings import Settings
from testing.api_clients import problem
from testing.api_company import Company, Requisition

PARTS = ("recruiter", "manager", "partner", "recruiting_lead", "interviewer", "stranger", "ops", "system")
FOR_LEADS_TOO = ("/v1/ops/workload", "/v1/ops/sla", "/v1/ops/breaches/weeks")
FOR_OPS = (
    "/v1/ops",
    "/v1/ops/breaches",
    "/v1/ops/stuck",
    "/v1/ops/tasks",
    "/v1/ops/undone",
    "/v1/ops/waiting-on/P-SOMEBODY",
)


@pytest.fixture(scope="module")
async def requisition(company: Company, pool: asyncpg.Pool) -> AsyncIterator[Requisition]:
    """A requisition whose manager has been late for fifty hours, and stuck for two; it has an open task."""
    requisition = await company.opens()
    stream = f"requisition/{requisition.id}"
    await company.recruiter.sees(requisition.path, bool)
    await pool.execute(
        """
        INSERT INTO clocks (stream, id, requisition, name, about, owner, started_at, due_at, breached_at, stuck_at,
                            causes, pauses, extended)
        VALUES ($1, 'profile_answered:99', $2, 'profile_answered', '', $3, now() - interval '90 hours',
                now() - interval '50 hours', now() - interval '50 hours', now() - interval '2 hours', '{}', '[]', false)
        """,
        *(stream, requisition.id, company.manager.id),
    )
    await pool.execute(
        "INSERT INTO tasks VALUES ($1, 'T-99', $2, 'notify', 'refused', now() - interval '3 hours')",
        stream,
        requisition.id,
    )
    yield requisition
    await pool.execute("DELETE FROM clocks WHERE id = 'profile_answered:99'")
    await pool.execute("DELETE FROM tasks WHERE id = 'T-99'")


@pytest.mark.parametrize("part", PARTS)
async def test_how_long_somebody_kept_others_waiting_is_for_operations(company: Company, part: str) -> None:
    voice = company.voices[part]
    for path in FOR_OPS:
        answer = await voice.get(path)
        if part == "ops":
            assert answer.status_code == 200, answer.text
        else:
            problem(answer, 403, "not_permitted")


@pytest.mark.parametrize("part", PARTS)
async def test_leads_are_shown_sums(company: Company, part: str) -> None:
    for path in FOR_LEADS_TOO:
        answer = await company.voices[part].get(path)
        if part in ("ops", "recruiting_lead"):
            assert answer.status_code == 200, answer.text
        else:
            problem(answer, 403, "not_permitted")


async def test_without_a_token_and_with_a_candidates_own_nothing_is_shown(company: Company) -> None:
    candidate = await company.link_of("C-SOMEBODY")
    for path in (*FOR_OPS, *FOR_LEADS_TOO):
        problem(await company.nobody.get(path), 401, "unauthenticated")
        problem(await candidate.get(path), 403, "not_permitted")


async def test_a_stuck_search_leads_to_its_workflow(
    company: Company, requisition: Requisition, running: Settings
) -> None:
    (stuck,) = (one for one in await company.ops.reads("/v1/ops/stuck") if one["requisition"] == requisition.id)
    assert (stuck["clocks"], stuck["waiting_on"]) == (["profile_answered"], [company.manager.id])
    assert stuck["hours"] == pytest.approx(2, abs=0.1)
    assert stuck["link"] == f"{running.base_url}/requisitions/{requisition.id}"
    ui = f"http://127.0.0.1:{running.temporal_ui_port}/namespaces/default/workflows"
    assert stuck["temporal"] == f"{ui}/requisition%2F{requisition.id}"


async def test_a_breach_is_found_by_person_team_clock_and_age(company: Company, requisition: Requisition) -> None:
    async def found(**query: object) -> set[str]:
        return {one["requisition"] for one in await company.ops.reads("/v1/ops/breaches", **query)}

    for query in ({"person": company.manager.id}, {"team": "Permits"}, {"clock": "profile_answered"}, {"hours": 49}):
        assert requisition.id in await found(**query), query
    for query in ({"person": company.recruiter.id}, {"team": "Grants"}, {"clock": "slate_shared"}, {"hours": 51}):
        assert requisition.id not in await found(**query), query
    problem(await company.ops.get("/v1/ops/breaches", hours=-1), 422, "invalid")


async def test_the_board_has_it_all_and_says_where_to_look_in_temporal(
    company: Company, requisition: Requisition
) -> None:
    board = await company.ops.reads("/v1/ops")
    assert requisition.id in {one["requisition"] for one in board["stuck"]}
    assert requisition.id in {one["requisition"] for one in board["breaches"]}
    (task,) = (one for one in board["tasks"] if one["requisition"] == requisition.id)
    assert task["hours"] == pytest.approx(3, abs=0.1)
    assert board["totals"]["stuck"] >= 1
    assert next(kind for kind in board["clocks"] if kind["name"] == "profile_answered")["stuck"] >= 1
    assert next(one for one in board["workload"] if one["person"] == company.manager.id)["breached"] >= 1
    assert "query=TandemStuck%20%3D%20true&savedQuery=stuck" in board["saved_queries"]["stuck"]
    assert set(board["saved_queries"]) == {"stuck", "breached", "failing"}
    link = (await company.ops.reads(f"/v1/ops/waiting-on/{company.manager.id}"))["temporal"]
    assert f"query=TandemWaitingOn%20%3D%20%22{company.manager.id}%22" in link


async def test_what_is_not_carried_out_leads_to_whose_it_is(
    company: Company, requisition: Requisition, running: Settings, pool: asyncpg.Pool
) -> None:
    effect = f"requisition/{requisition.id}/1/9"
    await pool.execute(
        "INSERT INTO effects_undone VALUES ($1, 'invite', now() - interval '6 hours', 3, 'refused', now())", effect
    )
    for pending in (await company.ops.reads("/v1/ops/undone"), (await company.ops.reads("/v1/ops"))["undone"]):
        (line,) = (one for one in pending if one["effect"] == effect)
        assert line["link"] == f"{running.base_url}/requisitions/{requisition.id}"
        assert (line["attempts"], line["last_reason"], line["hours"]) == (3, "refused", pytest.approx(6, abs=0.1))
    await pool.execute("DELETE FROM effects_undone WHERE effect = $1", effect)


async def test_sums_name_no_time_of_anybody(company: Company, requisition: Requisition) -> None:
    for path in FOR_LEADS_TOO:
        for line in await company.recruiting_lead.reads(path):
            assert not [key for key in line if key.endswith(("_at", "hours", "since"))], path
