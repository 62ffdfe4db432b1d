"""A requisition as the people in it live it over HTTP: what they do, what they then read, and what they may not do
yet."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client

from testing.api_clients import Voice, eventually, problem
from testing.api_company import CRITERIA, Company, Requisition, rubric_from, rubric_sample
from testing.places import WHERE


async def test_a_search_from_its_opening_to_its_answers(company: Company) -> None:
    recruiter, manager = company.recruiter, company.manager
    requisition = await company.opens()
    opened = await recruiter.reads(requisition.path, at_least=1)
    assert (opened["title"], opened["phase"]) == ("Product Manager, permits", "intake")

    await requisition.holds_intake()
    await requisition.writes_rubric()
    drafted = (await recruiter.sees(f"{requisition.path}/rubric", bool))[0]
    assert drafted["status"] == "draft"
    passage = drafted["rubric"]["criteria"][0]["span"]
    source = await recruiter.reads(f"/v1/documents/{requisition.intake}")
    assert passage["words"] == rubric_sample()["criteria"][0]["passage"], "words are read as they were said"
    assert source["text"][passage["start"] : passage["end"]].split() == passage["words"].split()

    assert await requisition.is_signed() == 1
    locked = await recruiter.reads(f"{requisition.path}/rubric")
    assert [(version["version"], version["status"]) for version in locked] == [(1, "locked")]
    assert {one["person"] for one in locked[0]["signatures"].values()} == {recruiter.id, manager.id}

    people = [
        await requisition.gains("Nadia Brenner", "resumes/nadia-brenner.resume.json"),
        await requisition.gains("Ruth Abara"),
        await requisition.gains("Theo Marchetti", "resumes/theo-marchetti.resume.json"),
    ]
    for one in people:
        await one.is_shortlisted()
    await requisition.slate_of(*people)
    answers: list[dict[str, Any]] = [
        {"verdict": "advance", "criterion": "K1"},
        {"verdict": "hold", "needs": "Whether she carried a release through a review herself."},
        {"verdict": "reject", "criterion": "K2"},
    ]
    for one, answer in zip(people, answers, strict=True):
        receipt = await manager.does(f"{one.path}/answer-profile", answer)
        page = await manager.reads(one.path, at_least=receipt["version"])
        assert page["version"] >= receipt["version"]
        assert page["answer"]["verdict"] == answer["verdict"]

    lines = await recruiter.reads(f"{requisition.path}/candidates")
    assert {line["id"]: line["stage"] for line in lines} == {
        people[0].id: "advanced", people[1].id: "held", people[2].id: "rejected",
    }  # fmt: skip
    now = await recruiter.sees(requisition.path, lambda it: not it["slate"]["waiting"])
    assert (now["phase"], now["slate"]["number"]) == ("sourcing", 1)
    assert requisition.id in {line["id"] for line in await manager.reads("/v1/board")}
    happened = [entry["type"] for entry in await recruiter.reads(f"{requisition.path}/timeline")]
    story = ("search_opened", "intake_recorded", "rubric_edited", "rubric_locked", "candidate_added", "slate_shared")
    assert [kind for kind in dict.fromkeys(happened) if kind in story] == list(story)
    owed = {clock["name"] for clock in await recruiter.reads(f"{requisition.path}/clocks", ended=False)}
    assert {"held_resolved", "candidate_told"} <= owed


async def test_whoever_wrote_reads_it_at_once(company: Company) -> None:
    requisition = await company.opens()
    for days in range(3, 9):
        starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
        invited = {"starts_at": starts_at.isoformat(), "minutes": 60, "attendees": [company.manager.id], **WHERE}
        receipt = await company.recruiter.does(f"{requisition.path}/schedule-intake", invited)
        page = await company.recruiter.reads(requisition.path, at_least=receipt["version"])
        assert datetime.fromisoformat(page["meeting"]["starts_at"]) == starts_at
    late = await company.recruiter.get(requisition.path, at_least=receipt["version"] + 100)
    problem(late, 503, "unavailable")
    assert int(late.headers["retry-after"]) >= 1


async def test_a_refused_command_changes_nothing_and_says_what_would_do(company: Company, temporal: Client) -> None:
    requisition = await company.opens()
    ruth = await requisition.gains("Ruth Abara")
    unlocked = {
        "shortlist": (ruth.path, company.recruiter, {"verdicts": dict.fromkeys(CRITERIA, "met")}, 409, "not_locked"),
        "edit-rubric": (requisition.path, company.recruiter, rubric_from("D-UNKNOWN0"), 422, "unknown_reference"),
        "publish-job": (
            requisition.path,
            company.recruiter,
            {"action": "open", "rubric_version": 1},
            409,
            "not_locked",
        ),
        "resume": (requisition.path, company.manager, {}, 409, "not_held"),
        "answer-retro": (
            requisition.path,
            company.manager,
            {
                "worked": ["Both signed on the day.", "The slate came on Tuesday."],
                "change": "Mara books the debrief before she books the final round.",
                "wished_to_work_around": False,
            },
            409,
            "not_due",
        ),
        "override-gate": (
            requisition.path,
            company.recruiting_lead,
            {
                "gate": "above_band",
                "subject": ruth.id,
                "asked_by": company.recruiter.id,
                "why": "They want more than the table has.",
                "until": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
            },
            409,
            "not_overridable",
        ),
        "set-legal-hold": (
            requisition.path,
            company.partner,
            {"on": False, "why": "The case was closed."},
            422,
            "no_change",
        ),
    }
    before = [await settled(temporal, path, company.recruiter) for path in (requisition.path, ruth.path)]
    for command, (path, by, body, status, code) in unlocked.items():
        refusal = problem(await by.asks(f"{path}/{command}", body), status, code)
        assert refusal["accepted"], f"{command} does not say what would be accepted"
    after = [await settled(temporal, path, company.recruiter) for path in (requisition.path, ruth.path)]
    assert after == before


async def test_a_search_on_hold_and_one_that_is_over(company: Company) -> None:
    requisition = await company.opens()
    review = (datetime.now(UTC) + timedelta(days=10)).isoformat()
    await company.manager.does(
        f"{requisition.path}/put-on-hold", {"why": "The budget is looked at.", "review_at": review}
    )
    await _refuses_to_edit(requisition, "on_hold")
    await requisition.gains("Ada Voss")  # those who apply are taken in all the same
    await company.recruiter.does(f"{requisition.path}/resume")
    await company.manager.does(f"{requisition.path}/cancel", {"why": "The budget is gone."})
    await _refuses_to_edit(requisition, "closed")
    await company.recruiter.does(f"{requisition.path}/reopen", {"openings": 1, "cause": "The budget is back."})
    await _refuses_to_edit(requisition, "no_intake")


async def _refuses_to_edit(requisition: Requisition, code: str) -> None:
    answer = await requisition.company.recruiter.asks(f"{requisition.path}/edit-rubric", {"base_version": 0})
    assert problem(answer, 409, code)["accepted"]


async def settled(temporal: Client, path: str, reader: Voice) -> tuple[int, int]:
    """How long an entity's history is, and its version, once nothing is under way in it any more."""
    handle = temporal.get_workflow_handle(path.removeprefix("/v1/").replace("s/", "/", 1))

    async def quiet() -> int | None:
        first = await handle.describe()
        await asyncio.sleep(0.05)
        second = await handle.describe()
        under_way = second.raw_description.pending_activities or first.history_length != second.history_length
        return None if under_way else second.history_length

    length: int = await eventually(quiet, f"{path} does not come to rest")
    return length, (await reader.reads(path))["version"]
