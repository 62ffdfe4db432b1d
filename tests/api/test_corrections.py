"""A mistake in what was recorded, mended by API and page: what is shown of it, to whom, and what is asked again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from testing.api_clients import Voice, problem
from testing.api_company import Applicant, Company, joins, screen_at
from testing.sign_in import signed_in

WHY = "I attached the file of the call before."
WRONG = b"Mara: Which queue was it?\nBen: The one for permits, on Mondays, in the old hall.\n"
RIGHT = b"Mara: Which queue was it?\nAda: I counted every call for a week and drew the result on the wall.\n"


def when(**offset: float) -> str:
    """A time from now."""
    return (datetime.now(UTC) + timedelta(**offset)).isoformat()


async def page_of(company: Company, voice: Voice, path: str) -> str:
    """A page's text and links, as somebody has it."""
    cookie = await signed_in(company.http, voice.token)
    page = await company.http.get(path, headers=cookie.header)
    assert page.status_code == 200, page.text
    return " ".join(unescape(re.sub("<(?!a )[^>]+>", " ", page.text)).split())


@pytest.fixture
async def met(company: Company) -> Applicant:
    """Somebody who is advanced, and whose screen is arranged."""
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Ada Quill")
    await one.is_shortlisted()
    await requisition.slate_of(one)
    await one.is_advanced()
    screen = screen_at(when(hours=1))
    await company.recruiter.does(f"{one.path}/schedule-screen", screen)
    return one


async def transcript(one: Applicant, text: bytes) -> dict[str, Any]:
    """A recording everybody agreed to."""
    doc = await one.company.recruiter.uploads("transcript", one.human, text, "call.txt")
    return {"kind": "transcript", "doc": doc, "consent_of_all": True}


async def test_a_screen_is_corrected_twice_and_all_of_it_stays_readable(company: Company, met: Applicant) -> None:
    recruiter, place = company.recruiter, met.path.removeprefix("/v1")
    assert "Something is wrong" not in await page_of(company, recruiter, place), "nothing is on record yet"
    await recruiter.does(f"{met.path}/record-screen", {"outcome": "no_show", "at": when(minutes=-30)})
    await recruiter.sees(met.path, lambda it: it["screen"]["status"] == "no_show")

    wrong = await transcript(met, WRONG)
    held = {"outcome": "held", "rec": wrong, "why": "I pressed the wrong button."}
    not_theirs = {"outcome": "held", "why": "I was there."}
    problem(await company.manager.asks(f"{met.path}/correct-screen", not_theirs), 403, "not_permitted")
    await recruiter.does(f"{met.path}/correct-screen", held)
    seen = await met.comes_to("screened")
    clocks = await recruiter.reads(f"{met.path}/clocks")
    [owed] = [clock for clock in clocks if clock["name"] == "summary_sent"]
    assert owed["started_at"] == seen["screen"]["held_at"]

    right = await transcript(met, RIGHT)
    receipt = await recruiter.does(f"{met.path}/correct-screen", {"rec": right, "why": WHY})
    seen = await recruiter.reads(met.path, at_least=receipt["version"])
    assert (seen["screen"]["record"], seen["screen"]["replaced"]) == (right["doc"]["id"], [wrong["doc"]["id"]])
    problem(await recruiter.asks(f"{met.path}/correct-screen", {"rec": right, "why": WHY}), 422, "no_change")

    shown = await page_of(company, recruiter, place)
    assert shown.count("Corrected by ") == 2
    assert "on today" not in shown
    assert "held (on record before: they did not come)" in shown
    assert f"its record is another. Why: {WHY}" in shown
    form = await page_of(company, recruiter, f"{place}/correct-screen")
    assert f'href="{place}/correct-screen"' in shown
    assert "How it really went" in form
    told = [entry for entry in await recruiter.reads(f"{met.path}/timeline") if entry["type"] == "screen_corrected"]
    assert [entry["payload"]["why"] for entry in told] == ["I pressed the wrong button.", WHY]
    assert told[0]["heading"] == "the record of the screen was corrected"


async def test_a_form_sent_as_it_was_prefilled_changes_nothing(company: Company, met: Applicant) -> None:
    recruiter, place = company.recruiter, met.path.removeprefix("/v1")
    body = {"outcome": "held", "at": when(minutes=-30), "rec": await transcript(met, RIGHT)}
    receipt = await recruiter.does(f"{met.path}/record-screen", body)
    await recruiter.reads(met.path, at_least=receipt["version"])
    cookie = await signed_in(company.http, recruiter.token)
    page = await company.http.get(f"{place}/correct-screen", headers=cookie.header)
    sent: dict[str, str] = {"why": "Looked at it again."}
    for field in re.findall(r"<input[^>]*>", page.text):
        given = dict(re.findall(r'(\w+)="([^"]*)"', field))
        if "name" in given and (given.get("type") not in ("radio", "checkbox") or " checked" in field):
            sent[given["name"]] = unescape(given.get("value", ""))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page.text, re.S):
        for chosen in re.findall(r'value="([^"]*)" selected', options):
            sent[name] = chosen

    headers = cookie.header | {"Origin": "http://localhost"}
    answer = await company.http.post(f"{place}/correct-screen", data=sent, headers=headers)

    assert answer.status_code == 422
    assert "That is what is on record" in unescape(answer.text)


async def test_a_colleague_who_stepped_in_is_told_to_give_the_card(company: Company) -> None:
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Ben Quill")
    interview = await one.is_interviewed()
    substitute = await joins(company, "stepped_in", [])
    there = [
        {"person": company.interviewer.id, "criteria": ["K1"]},
        {"person": substitute.id, "criteria": ["K1"]},
    ]
    body = {"interview_id": interview, "interviewers": there, "why": "Somebody was ill that day."}
    problem(await substitute.asks(f"{one.path}/correct-interview", body), 403, "not_permitted")

    receipt = await company.recruiter.does(f"{one.path}/correct-interview", body)

    seen = await company.recruiter.reads(one.path, at_least=receipt["version"])
    assert [who["person"] for who in seen["interviews"][interview]["interviewers"]][1] == substitute.id
    owners = {
        clock["owner"]
        for clock in await company.recruiter.reads(f"{one.path}/clocks")
        if clock["name"] == "scorecard_in" and clock["ended_at"] is None
    }
    assert owners == {company.interviewer.id, substitute.id}
    shown = await page_of(company, company.recruiter, one.path.removeprefix("/v1"))
    assert "was there:" in shown
    assert "Why: Somebody was ill that day." in shown
    assert f"correct-interview?about={interview}" in shown
    blind = await page_of(company, substitute, one.path.removeprefix("/v1"))
    assert "Somebody was ill" not in blind, "words are the team's"
    await one.is_rated(interview, substitute, 3, "She drew the queue and named who waits in it.", "yes")


async def test_a_replaced_resume_stays_beside_the_new_one(company: Company) -> None:
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Cleo Quill")
    before = (await company.recruiter.reads(one.path))["resume"]["id"]
    newer = await company.recruiter.uploads("resume", one.human, b"Cleo Quill\nTen years of permits.\n" * 9, "cv.txt")

    receipt = await company.recruiter.does(
        f"{one.path}/replace-resume", {"doc": newer, "why": "They sent a newer one."}
    )

    seen = await company.recruiter.reads(one.path, at_least=receipt["version"])
    assert seen["resume"]["id"] == newer["id"]
    assert [earlier["document"] for earlier in seen["earlier_resumes"]] == [before]
    shown = await page_of(company, company.recruiter, one.path.removeprefix("/v1"))
    assert f'href="/documents/{before}"' in shown
    assert "Résumé replaced" in shown
    await page_of(company, company.recruiter, f"/documents/{before}")
