"""Ten people are told how it ended in five clicks, by somebody with a mouse and a page that runs no script of ours."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Locator, expect

from testing.api_company import Company
from tests.pages.browser import Site, accessible, fits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CLICKS = 5


async def test_ten_people_are_told_in_five_clicks(site: Site, colleagues: Company) -> None:
    search = await colleagues.opens(second_signer=colleagues.second_signer.id, title="Tide gauge reader")
    await search.locks()
    names = [f"Tide Reader{letter}" for letter in "abcdefghij"]
    applicants = [await search.gains(name) for name in names]
    recruiter = colleagues.recruiter
    await asyncio.gather(*(recruiter.does(f"{one.path}/reject", {"criterion": "K1"}) for one in applicants))
    for one in applicants:
        await one.comes_to("rejected")
    page = await site.visit(recruiter.token or "", f"/requisitions/{search.id}")
    clicked: list[Locator] = []

    async def click(what: Locator) -> None:
        clicked.append(what)
        await what.click()
        await page.wait_for_load_state()

    await click(page.get_by_label("or everybody on this page"))
    await click(page.get_by_role("button", name="Tell them how it ended"))
    await accessible(page)
    await fits(page)
    await click(page.get_by_label("What they are told"))
    await page.keyboard.type("Dear {name}, thank you for your time. We go on with others.")
    await click(page.get_by_role("button", name="Look at what each is told"))
    await accessible(page)
    await fits(page)
    await expect(page.get_by_text(f"Dear {names[0]}, thank you for your time.").first).to_be_visible()
    assert not [e for e in await recruiter.reads(f"{applicants[0].path}/timeline") if e["type"] == "outcome_told"]
    await click(page.get_by_role("button", name="Tell them: all 10"))
    await expect(page.get_by_role("heading", name="Done for 10")).to_be_visible()
    await accessible(page)
    for name in names:
        await expect(page.get_by_role("link", name=name)).to_be_visible()
    assert len(clicked) <= CLICKS
    for one in applicants:
        told = [e for e in await recruiter.reads(f"{one.path}/timeline") if e["type"] == "outcome_told"]
        assert [e["payload"]["text"].startswith(f"Dear {one.name},") for e in told] == [True]
