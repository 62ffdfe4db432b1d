"""What is done often takes few clicks: each task is done in a browser, counted, and held against `docs/clicks.md`."""

from __future__ import annotations

import asyncio
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from settings import ROOT
from testing.api_clients import Voice
from testing.api_company import Company
from testing.places import WHERE
from tests.documents.brought_folder import folder
from tests.pages.browser import Site
from tests.pages.clicks import PAGE, TASKS, Count, CountedPage, above_its_goal, page_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WRITES = "TANDEM_WRITE_CLICKS"
"""The variable under which the page is written, in place of being compared."""


async def at(site: Site, who: Voice, path: str) -> CountedPage:
    """A page as somebody opens it, with nothing counted yet."""
    return CountedPage(await site.visit(who.token or "", path.removeprefix("/v1")))


async def is_done(counted: CountedPage) -> Count:
    """What was counted until the page said that it was done."""
    await expect(counted.page.locator("[data-done]")).to_be_visible()
    return counted.count


async def answers_a_profile(site: Site, colleagues: Company) -> Count:
    """The manager says yes to the first of a slate."""
    requisition = await colleagues.opens(title="Sluice keeper")
    await requisition.locks()
    candidate = await requisition.gains("Ada Sluice")
    await candidate.is_shortlisted()
    await requisition.slate_of(candidate)
    page = await at(site, colleagues.manager, f"{candidate.path}/answer-profile")
    await page.click(page.page.get_by_role("radio").first)
    await page.click(page.page.get_by_role("button", name="Advance", exact=True))
    return await is_done(page)


async def fills_in_a_scorecard(site: Site, colleagues: Company) -> Count:
    """The interviewer rates two criteria, takes the draft's passages for each, and says what they think all in all."""
    recruiter, interviewer = colleagues.recruiter, colleagues.interviewer
    requisition = await colleagues.opens(title="Lock keeper")
    await requisition.locks()
    candidate = await requisition.gains("Bea Locke")
    await candidate.is_shortlisted()
    await requisition.slate_of(candidate)
    await candidate.is_advanced()
    await candidate.needs_no_screen()
    starts_at = datetime.now(UTC) + timedelta(seconds=2)
    interview = await candidate.meets(
        interviewer,
        interviewers=[{"person": interviewer.id, "criteria": ["K1", "K2"]}],
        starts_at=starts_at.isoformat(),
        candidate_agreed_at=(starts_at - timedelta(seconds=10)).isoformat(),
    )
    await asyncio.sleep(max(0.0, (starts_at - datetime.now(UTC)).total_seconds()) + 0.1)
    call = (ROOT / "samples/transcripts/interview-1.srt").read_bytes()
    doc = await recruiter.uploads("transcript", candidate.human, call, "interview-1.srt")
    held = {
        "interview_id": interview,
        "outcome": "held",
        "ended_at": datetime.now(UTC).isoformat(),
        "rec": {"kind": "transcript", "doc": doc, "consent_of_all": True},
    }
    await recruiter.does(f"{candidate.path}/record-interview", held)
    await interviewer.sees(candidate.path, lambda it: f"scorecard:{interview}:{interviewer.id}" in it["drafts"])
    page = await at(site, interviewer, f"{candidate.path}/submit-scorecard")
    criteria = page.page.locator("fieldset.criterion")
    await expect(criteria).to_have_count(2)
    for n in range(2):
        await page.click(criteria.nth(n).get_by_role("radiogroup", name="Your rating").get_by_role("radio").nth(2))
    for n in range(2):
        every = criteria.nth(n).get_by_role("button", name="Accept all")
        one = criteria.nth(n).get_by_role("radio", name="Accept")
        await page.click(every if await every.count() else one)
    await page.click(page.page.get_by_role("group", name="All in all").get_by_label("yes", exact=True))
    await page.click(page.page.get_by_role("button", name="Send my scorecard"))
    return await is_done(page)


async def signs_the_rubric(site: Site, colleagues: Company) -> Count:
    """The manager signs what stands on the page."""
    requisition = await colleagues.opens(title="Weir keeper")
    await requisition.holds_intake()
    await requisition.writes_rubric()
    await colleagues.manager.sees(f"{requisition.path}/rubric", bool)
    page = await at(site, colleagues.manager, f"{requisition.path}/sign-rubric")
    await page.click(page.page.get_by_role("group", name="Do you sign?").get_by_label("yes", exact=True))
    await page.click(page.page.get_by_role("button", name="Sign", exact=True))
    return await is_done(page)


async def books_interviews(site: Site, colleagues: Company) -> tuple[Count, Count]:
    """The recruiter books a first round, and then the same with the next candidate: who and when are known by then."""
    recruiter = colleagues.recruiter
    requisition = await colleagues.opens(title="Ferry keeper")
    await requisition.locks()
    both = [await requisition.gains(name) for name in ("Cleo Ferris", "Dov Ferris")]
    for one in both:
        await one.is_shortlisted()
    await requisition.slate_of(*both)
    for one in both:
        await one.is_advanced()
        await one.needs_no_screen()
        agreed = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
        screen = {"starts_at": f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}T15:00:00Z", "minutes": 30}
        body = {**screen, "candidate_zone": "Europe/Lisbon", "candidate_agreed_at": agreed, **WHERE}
        receipt = await recruiter.does(f"{one.path}/schedule-screen", body)
        await recruiter.reads(one.path, at_least=receipt["version"])
    page = await at(site, recruiter, f"{both[0].path}/schedule-interview")
    who = await recruiter.reads("/v1/people")
    called = next(one["name"] for one in who if one["id"] == colleagues.interviewer.id)
    async with page.page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.choose(page.page.get_by_label(re.compile(r"^\s*Who\b")).first, called)
    times = page.page.get_by_role("radiogroup", name="Times that suit everybody").get_by_role("radio")
    await page.click(times.first)
    await page.click(page.page.get_by_role("button", name="Send the invitations"))
    first = await is_done(page)

    page = await at(site, recruiter, both[1].path)
    link = page.page.locator("a", has_text="Book an interview").first
    await expect(link).to_be_attached()
    if not await link.is_visible():
        await page.click(page.page.locator("details", has=link).last.locator("> summary"))
    await page.click(link)
    times = page.page.get_by_role("radiogroup", name="Times that suit everybody").get_by_role("radio")
    await page.click(times.first)
    await page.click(page.page.get_by_role("button", name="Send the invitations"))
    second = await is_done(page)
    booked = await recruiter.reads(both[1].path)
    assert [one["interviewers"][0]["person"] for one in booked["interviews"].values()] == [colleagues.interviewer.id]
    return first, second


async def adds_a_candidate(site: Site, colleagues: Company, file: Path) -> Count:
    """The recruiter gives a PDF: name, address and telephone are read from it."""
    requisition = await colleagues.opens(title="Bridge keeper")
    await requisition.locks()
    await requisition.gains("Somebody Before")
    page = await at(site, colleagues.recruiter, f"{requisition.path}/pipeline")
    await page.click(page.page.get_by_role("link", name="Add from files"))
    await page.give(page.page.get_by_label("Files", exact=True).last, file)
    await expect(page.page.get_by_text("1 of 1 read.")).to_be_visible(timeout=60_000)
    row = page.page.get_by_role("row").filter(has_text=file.name)
    for label, value in (
        ("Name", "Ada Lin"),
        ("Mail address", "ada.lin@example.com"),
        ("Telephone", "+1 212 555 0144"),
    ):
        await expect(row.get_by_label(label)).to_have_value(value)
    await page.click(page.page.get_by_role("button", name="Add these applications"))
    count = await is_done(page)
    await expect(page.page.get_by_role("link", name="Ada Lin")).to_be_visible()
    return count


async def tells_ten(site: Site, colleagues: Company) -> Count:
    """The recruiter tells ten candidates how it ended."""
    requisition = await colleagues.opens(second_signer=colleagues.second_signer.id, title="Pier keeper")
    await requisition.locks()
    applicants = [await requisition.gains(f"Pier Keeper{letter}") for letter in "abcdefghij"]
    recruiter = colleagues.recruiter
    await asyncio.gather(*(recruiter.does(f"{one.path}/reject", {"criterion": "K1"}) for one in applicants))
    for one in applicants:
        await one.comes_to("rejected")
    page = await at(site, recruiter, requisition.path)
    await page.click(page.page.get_by_label("or everybody on this page"))
    await page.click(page.page.get_by_role("button", name="Tell them how it ended"))
    await page.click(page.page.get_by_label("What they are told"))
    await page.type("Dear {name}, thank you for your time. We go on with others.")
    await page.click(page.page.get_by_role("button", name="Look at what each is told"))
    await page.click(page.page.get_by_role("button", name="Tell them: all 10"))
    await expect(page.page.get_by_role("heading", name="Done for 10")).to_be_visible()
    return page.count


async def finds_a_candidate(site: Site, colleagues: Company) -> Count:
    """The recruiter goes to a candidate from a page that has nothing to do with them."""
    requisition = await colleagues.opens(title="Light keeper")
    candidate = await requisition.gains("Philippa Beacon")
    page = await at(site, colleagues.recruiter, "/reports")
    await page.press("/")
    await page.type("philippa bea")
    await expect(page.page.locator("[role=option][aria-selected=true]")).to_contain_text("Philippa Beacon")
    await page.press("Enter")
    await page.page.wait_for_url(f"**/candidates/{candidate.id}")
    return page.count


async def test_what_is_done_often_takes_few_clicks(site: Site, colleagues: Company, tmp_path: Path) -> None:
    file = tmp_path / "ada.pdf"
    file.write_bytes(folder()["ada.pdf"])
    counts: dict[str, Count] = {
        "profile": await answers_a_profile(site, colleagues),
        "scorecard": await fills_in_a_scorecard(site, colleagues),
        "sign": await signs_the_rubric(site, colleagues),
    }
    counts["book"], counts["book_next"] = await books_interviews(site, colleagues)
    counts["add"] = await adds_a_candidate(site, colleagues, file)
    counts["tell"] = await tells_ten(site, colleagues)
    counts["find"] = await finds_a_candidate(site, colleagues)
    assert [above_its_goal(task, counts[name]) for name, task in TASKS.items()] == [""] * len(TASKS)
    if os.environ.get(WRITES):
        PAGE.write_text(page_of(counts), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page_of(counts), "make clicks"
