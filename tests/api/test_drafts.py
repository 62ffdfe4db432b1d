"""The record of a draft: who read it, what they decided after it, how far they went from it; and who may read that."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg

from privacy.key_folder import FolderKeyStore
from settings import Settings
from testing.api_clients import problem
from testing.api_company import Company, Requisition, rubric_from
from testing.sign_in import signed_in

WHY = "Her forms went to print with nobody's name under them, the résumé says so itself."


async def drafted(company: Company) -> Requisition:
    """A requisition whose rubric was drafted from its intake."""
    requisition = await company.opens()
    await requisition.holds_intake()
    await company.recruiter.sees(requisition.path, lambda view: "rubric" in view["drafts"])
    return requisition


def of_job(records: list[dict[str, Any]], job: str) -> dict[str, Any]:
    """The one record of this job."""
    (record,) = [record for record in records if record["job"] == job]
    return record


async def test_a_record_says_who_read_a_draft_and_when_they_first_did(company: Company) -> None:
    requisition = await drafted(company)
    path, draft = f"{requisition.path}/drafts", f"{requisition.path}/drafts/rubric"
    assert of_job(await company.recruiter.reads(path), "rubric")["readers"] == []

    await company.recruiter.reads(draft)
    first = of_job(await company.manager.reads(path), "rubric")["readers"]
    await company.recruiter.reads(draft)
    await company.manager.reads(draft)
    problem(await company.stranger.get(draft), 403, "not_permitted")

    readers = of_job(await company.manager.reads(path), "rubric")["readers"]
    assert [reader["person"] for reader in readers] == [company.recruiter.id, company.manager.id]
    assert readers[:1] == first


async def test_whoever_opens_the_page_that_shows_a_draft_has_read_it(company: Company) -> None:
    requisition = await drafted(company)
    page = f"/requisitions/{requisition.id}/rubric"
    cookie = await signed_in(company.http, company.manager.token)
    answer = await company.http.get(page, headers=cookie.header)
    assert answer.status_code == 200
    readers = of_job(await company.recruiter.reads(f"{requisition.path}/drafts"), "rubric")["readers"]
    assert [reader["person"] for reader in readers] == [company.manager.id]


async def test_a_rubric_is_held_against_its_draft_and_what_was_decided_is_on_record(company: Company) -> None:
    requisition = await drafted(company)
    draft = await company.recruiter.reads(f"{requisition.path}/drafts/rubric")
    shown = [passage["words"] for topic in draft["topics"] for passage in topic["passages"]]
    body = rubric_from(requisition.intake)
    body["criteria"][0]["span"]["words"] = shown[0]
    del body["criteria"][1]["span"]
    await company.recruiter.does(f"{requisition.path}/edit-rubric", body)
    await requisition.is_signed()

    record = of_job(await company.manager.reads(f"{requisition.path}/drafts"), "rubric")
    assert [(one["event"], one["by"]) for one in record["decisions"]] == [
        ("rubric_edited", company.recruiter.id),
        ("rubric_signed", company.recruiter.id),
        ("rubric_signed", company.manager.id),
    ]
    distances = record["decisions"][0]["distances"]
    assert distances["criteria.K1.passage"] == 0.0
    assert "criteria.K2.passage" not in distances
    assert all(0.0 <= distance <= 1.0 for distance in distances.values())
    assert record["decisions"][1]["distances"] == {}


async def test_an_answer_is_kept_with_its_reason_which_goes_with_the_key_and_numbers_stay(
    company: Company, running: Settings
) -> None:
    requisition = await company.opens()
    await requisition.locks()
    applicant = await requisition.gains("Ona Petersen")
    await company.recruiter.sees(applicant.path, lambda page: "resume_reading" in page["drafts"])
    await applicant.is_shortlisted()
    await requisition.slate_of(applicant)
    await company.manager.reads(f"{applicant.path}/drafts/resume_reading")
    answer = {"verdict": "reject", "criterion": "K1", "why": WHY}
    await company.manager.does(f"{applicant.path}/answer-profile", answer)

    (decision,) = of_job(await company.recruiter.reads(f"{applicant.path}/drafts"), "resume_reading")["decisions"]
    assert (decision["event"], decision["outcome"], decision["by"], decision["why"]) == (
        "profile_answered",
        "reject",
        company.manager.id,
        WHY,
    )
    told = await company.pool.fetch("SELECT * FROM draft_decisions")
    assert WHY not in str(told)

    lines = await exported(company, requisition)
    assert {line["candidate"] for line in lines} == {None, applicant.id}
    assert WHY in [one["why"] for line in lines for one in line["decisions"]]

    FolderKeyStore(running.home / "keys").destroy(applicant.human)
    await asyncio.sleep(running.keys_remembered)
    (left,) = of_job(await company.recruiter.reads(f"{applicant.path}/drafts"), "resume_reading")["decisions"]
    assert left == decision | {"why": "[erased]"}
    assert WHY not in str(await exported(company, requisition))


async def exported(company: Company, requisition: Requisition) -> list[dict[str, Any]]:
    """What the recruiter takes away, line by line."""
    answer = await company.recruiter.get(f"{requisition.path}/drafts.jsonl")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_those_who_oversee_take_away_what_is_about_the_search_and_nothing_about_people(company: Company) -> None:
    requisition = await drafted(company)
    await requisition.writes_rubric()
    await requisition.is_signed()
    applicant = await requisition.gains("Lea Ramos")
    await company.recruiter.sees(applicant.path, lambda page: "resume_reading" in page["drafts"])
    answer = await company.ops.get(f"{requisition.path}/drafts.jsonl")
    assert {json.loads(line)["candidate"] for line in answer.text.splitlines()} == {None}
    problem(await company.stranger.get(f"{requisition.path}/drafts.jsonl"), 403, "not_permitted")


async def test_quality_is_counts_for_those_who_answer_for_it(company: Company, pool: asyncpg.Pool) -> None:
    requisition = await drafted(company)
    before = counted(await company.recruiting_lead.reads("/v1/quality"))
    draft = await company.recruiter.reads(f"{requisition.path}/drafts/rubric")
    await requisition.writes_rubric()
    after = counted(await company.partner.reads("/v1/quality"))

    assert draft["drafter"] == "extractive"
    assert after["made"] == before["made"]
    assert [after[name] - before[name] for name in ("seen", "decided", "measured", "unchanged")] == [1, 1, 1, 0]
    assert after["failed"] == {}
    assert 0.0 < after["distances"]["criteria.passage"] <= 1.0
    assert after["seconds"] > 0
    assert company.recruiter.id not in str(after)
    for reader in (company.recruiter, company.manager, company.stranger):
        problem(await reader.get("/v1/quality"), 403, "not_permitted")


def counted(report: list[dict[str, Any]]) -> dict[str, Any]:
    """The line about rubrics drafted without a model."""
    (line,) = [line for line in report if (line["job"], line["drafter"]) == ("rubric", "extractive")]
    return line
