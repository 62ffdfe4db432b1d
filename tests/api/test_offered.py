"""Buttons are what would be taken now: no page leads to a form that would be refused whatever it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from testing.api_company import Company
from testing.sign_in import signed_in
from tests.api.offered_links import commands_led_to, is_there
from tests.api.test_roles import Stage, set_up

PARTS = ("recruiter", "manager", "partner", "interviewer", "recruiting_lead", "manager_lead", "second_signer")


@pytest.fixture(scope="module")
async def stage(company: Company) -> Stage:
    """A candidate whose interview is to come."""
    return await set_up(company)


async def led_to_nothing(company: Company, pages: list[str]) -> tuple[int, list[str]]:
    """How many forms these pages lead their readers to, and those that are not there."""
    tried, missing = 0, []
    for part in PARTS:
        cookie = await signed_in(company.http, company.voices[part].token)
        for path in pages:
            page = await company.http.get(path, headers=cookie.header)
            if page.status_code in (403, 409):  # not theirs to read, or not yet
                continue
            assert page.status_code == 200, (part, path, page.text)
            for href, command in commands_led_to(page.text).items():
                form = await company.http.get(href, headers=cookie.header)
                tried += 1
                if form.status_code != 200 or not is_there(form.text):
                    missing.append(f"{part} at {path}: {command} by {href}")
    return tried, missing


def pages_of(stage: Stage) -> list[str]:
    """Every page of a requisition, one of its candidates, and one's own tasks."""
    requisition, candidate = f"/requisitions/{stage.requisition.id}", f"/candidates/{stage.applicant.id}"
    return [
        requisition, f"{requisition}/rubric", f"{requisition}/applications", f"{requisition}/timeline",
        candidate, f"{candidate}/debrief", "/owed", "/board",
    ]  # fmt: skip


async def test_with_an_interview_to_come(company: Company, stage: Stage) -> None:
    tried, missing = await led_to_nothing(company, pages_of(stage))
    assert tried > 60
    assert missing == []


async def test_at_the_very_beginning_and_after_the_intake(company: Company) -> None:
    requisition = await company.opens()
    paths = [f"/requisitions/{requisition.id}", f"/requisitions/{requisition.id}/rubric", "/owed"]
    for live in (None, requisition.holds_intake, requisition.writes_rubric, requisition.is_signed):
        if live is not None:
            await live()
        tried, missing = await led_to_nothing(company, paths)
        assert tried
        assert missing == []


async def test_on_hold_and_after_the_end(company: Company) -> None:
    stage = await set_up(company)
    review = (datetime.now(UTC) + timedelta(days=20)).isoformat()
    await company.recruiter.does(f"{stage.requisition.path}/put-on-hold", {"why": "The budget.", "review_at": review})
    await company.recruiter.sees(stage.applicant.path, lambda it: it["standing"] == "on_hold")
    assert (await led_to_nothing(company, pages_of(stage)))[1] == []
    receipt = await company.manager.does(f"{stage.requisition.path}/cancel", {"why": "The budget is gone."})
    await company.recruiter.reads(stage.requisition.path, at_least=receipt["version"])
    await company.recruiter.sees(
        stage.applicant.path, lambda it: it["standing"] == "ended" or it["stage"] == "rejected"
    )
    assert (await led_to_nothing(company, pages_of(stage)))[1] == []
    for part in PARTS:
        tasks = await company.voices[part].reads("/v1/owed")
        assert not [one for one in tasks if one["stream"] == f"requisition/{stage.requisition.id}"], part
