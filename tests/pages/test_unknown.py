"""What nobody knows yet, and what to be careful with: said on the page where somebody would otherwise not notice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from testing.api_company import Company
from tests.pages.browser import PATIENCE, Site, accessible

pytestmark = pytest.mark.slow

CALL = b"""Rhea: Which past hire did not work out, and why?

Max: The last product manager built forty-one screens, and no applicant had ever seen one of them.

Rhea: What may be traded, pay, place or years?

Max: Let me come back to that on Friday.
"""
GARDENER = b"""Gia Gardener

Orchards
Pruned apple trees in four orchards, and grafted two hundred pears each winter.
Kept bees: nine hives, forty jars of honey.
Dug ditches against the frost, and mended walls of dry stone by hand.
"""


async def _comes(page: Page, words: str) -> None:
    """Looks again until a draft, which is written in the background, is there."""
    for _ in range(PATIENCE // 500):
        if await page.get_by_text(words).first.is_visible():
            return
        await page.wait_for_timeout(500)
        await page.reload()
    raise AssertionError(f"“{words}” does not come to {page.url}: {await page.locator('main').inner_text()}")


async def test_what_the_intake_left_open_stands_beside_the_rubric(site: Site, colleagues: Company) -> None:
    requisition = await colleagues.opens(team="Parks")
    doc = await colleagues.recruiter.uploads("transcript", requisition.id, CALL, "intake.txt")
    held = {
        "kind": "full",
        "held_at": (datetime.now(UTC) - timedelta(minutes=50)).isoformat(),
        "attendees": [colleagues.recruiter.id, colleagues.manager.id],
        "rec": {"kind": "transcript", "doc": doc, "consent_of_all": True},
    }
    await colleagues.recruiter.does(f"{requisition.path}/record-intake", held)
    page = await site.visit(colleagues.manager.token, f"/requisitions/{requisition.id}/edit-rubric")
    await _comes(page, "What the draft found in it")
    beside = page.get_by_role("complementary")
    await beside.locator("summary", has_text="What the draft found in it").click()
    await expect(beside.locator("summary", has_text="Which past hire did not work out, and why")).to_be_visible()
    missing = beside.get_by_role("paragraph").filter(has_text="nothing found")
    await expect(missing.filter(has_text="What would rule someone out")).to_be_visible()
    await expect(missing.filter(has_text="Which past hire did not work out, and why")).to_have_count(0)
    await accessible(page)


async def test_what_a_resume_does_not_show_is_said(site: Site, colleagues: Company) -> None:
    requisition = await colleagues.opens(team="Parks")
    await requisition.locks()
    gia = await requisition.gains("Gia Gardener", GARDENER)
    await gia.is_shortlisted()
    page = await site.visit(colleagues.recruiter.token, f"/requisitions/{requisition.id}/applications?last={gia.id}")
    await _comes(page, "Résumé reading of")
    await page.locator("summary", has_text="Résumé reading of").click()
    silent = page.get_by_role("listitem").filter(has_text="It does not show:").first
    await expect(silent).to_be_visible()
    said = await silent.inner_text()
    rubric = (await colleagues.recruiter.reads(f"{requisition.path}/rubric"))[0]["rubric"]
    (meant,) = [one for one in rubric["criteria"] if one["behaviour"] in said]
    assert all(part in said for part in (*meant["equivalents"], meant["proof"]))


async def test_a_debrief_warns_of_what_weighs_too_much_and_of_wording_about_a_person(
    site: Site, colleagues: Company
) -> None:
    requisition = await colleagues.opens(team="Parks")
    await requisition.locks()
    wren = await requisition.gains("Wren Adair")
    interview = await wren.is_interviewed()
    low = "She named no clerk who had signed, and kept all nine screens in the plan."
    looks = "He asked for the vendor's tally twice, and she is bossy with the vendor."
    await wren.is_rated(interview, colleagues.interviewer, 1, low, "yes")
    await wren.is_rated(interview, colleagues.other_interviewer, 3, looks, "yes")
    page = await site.visit(colleagues.manager.token, f"/candidates/{wren.id}/debrief")
    await _comes(page, "To be careful with")
    careful = page.get_by_role("region", name="To be careful with")
    weighs = careful.get_by_role("listitem").filter(has_text="An overall yes stands beside a must-have rated low")
    await expect(weighs).to_contain_text(low)
    wording = careful.get_by_role("listitem").filter(has_text="Manner or looks")
    await expect(wording).to_contain_text(looks)
    await accessible(page)
