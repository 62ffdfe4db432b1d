"""Who reads how a requisition goes, and what they read of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from testing.api_clients import problem
from testing.api_company import Company, Requisition


@pytest.fixture(scope="module")
async def requisition(company: Company) -> Requisition:
    """A requisition whose manager has one profile before her and advanced another, with somebody else unread."""
    requisition = await company.opens()
    await requisition.locks()
    shown = [await requisition.gains("Ines Okoye"), await requisition.gains("Jon Vale")]
    for one in shown:
        await one.is_shortlisted()
    await requisition.slate_of(*shown)
    await shown[0].is_advanced()
    await requisition.gains("Una Unread")
    return requisition


async def test_the_manager_reads_what_moved_and_what_both_sides_owe(company: Company, requisition: Requisition) -> None:
    update = await company.manager.reads(f"{requisition.path}/update")
    assert {update["names"][one["id"]]: one["stage"] for one in update["candidates"]} == {
        "Ines Okoye": "advanced", "Jon Vale": "submitted",
    }  # fmt: skip
    assert update["moved"]["submitted"] == 2
    owed = {(clock["side"], clock["name"]) for clock in update["debts"]}
    assert {("hiring_manager", "profile_answered"), ("recruiter", "candidate_updated")} <= owed
    first = update["criteria"][0]
    assert (first["rank"], first["counted"]["now"]) == (1, {"read": 2, "met": 2, "partly": 0, "not_met": 0})
    assert (update["kept"]["shown"], update["kept"]["candidates_expected"]) == (2, 6)
    assert update["forecast"]["counted"] == 2
    assert update["forecast"]["slip"] is not None


async def test_only_what_moved_since_is_told(company: Company, requisition: Requisition) -> None:
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    update = await company.manager.reads(f"{requisition.path}/update", since=later)
    assert update["moved"] == {}
    assert update["criteria"][0]["counted"]["moved"] == {"read": 0, "met": 0, "partly": 0, "not_met": 0}
    problem(await company.manager.get(f"{requisition.path}/update", since="yesterday"), 422, "invalid")


@pytest.mark.parametrize("part", ["recruiter", "manager", "partner"])
async def test_the_team_reads_it_with_names(company: Company, requisition: Requisition, part: str) -> None:
    update = await company.voices[part].reads(f"{requisition.path}/update")
    assert sorted(update["names"].values()) == ["Ines Okoye", "Jon Vale"]


@pytest.mark.parametrize("part", ["ops", "recruiting_lead", "manager_lead"])
async def test_whoever_oversees_searches_reads_no_names(company: Company, requisition: Requisition, part: str) -> None:
    update = await company.voices[part].reads(f"{requisition.path}/update")
    assert update["names"] == {}
    assert len(update["candidates"]) == 2


@pytest.mark.parametrize("part", ["interviewer", "stranger", "system"])
async def test_nobody_else_reads_it(company: Company, requisition: Requisition, part: str) -> None:
    problem(await company.voices[part].get(f"{requisition.path}/update"), 403, "not_permitted")


async def test_an_unknown_search_is_not_found(company: Company) -> None:
    problem(await company.manager.get("/v1/requisitions/R-NOBODY1/update"), 404, "not_found")


async def test_lateness_is_told_by_side_and_never_by_person(company: Company, requisition: Requisition) -> None:
    answer = await company.recruiter.get(f"{requisition.path}/update")
    for voice in company.voices.values():
        assert voice.id not in answer.text
