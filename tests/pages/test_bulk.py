"""Ten people are told how it ended in five clicks, by somebody with a mouse and a page that runs no script of ours."""

from __future__ import annotations

import asyncio
import re

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
    first = page.get_by_text(
        re.compile("Dear Tide Reader., thank you for your time")
    )  # whoever stands first in the list
    await expect(first.first).to_be_visible()
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


async def test_what_was_typed_for_some_is_never_given_to_others(site: Site, colleagues: Company) -> None:
    """Left half done, and done: the next form is about those who were ticked for it, and empty. What can be done with
    them is in sight wherever they were ticked."""
    search = await colleagues.opens(second_signer=colleagues.second_signer.id, title="Lock keeper")
    await search.locks()
    names = ["Sluice Alder", "Sluice Birch", "Sluice Cedar"]
    for name in names:
        await search.gains(name)
    page = await site.visit(colleagues.recruiter.token or "", f"/requisitions/{search.id}")

    async def asks(button: str, *whom: str) -> None:
        await page.goto(f"/requisitions/{search.id}")
        for one in whom:
            await page.get_by_label(one, exact=False).and_(page.get_by_role("checkbox")).check()
        await page.get_by_role("button", name=button).click()
        await page.wait_for_load_state("networkidle")

    await page.set_viewport_size({"width": 1280, "height": 420})
    await page.goto(f"/requisitions/{search.id}/pipeline?view=table")
    told = page.get_by_role("button", name="Tell them how it ended")
    await expect(told).not_to_be_in_viewport()
    await page.get_by_role("checkbox").and_(page.get_by_label(names[0], exact=False)).check()
    await expect(told).to_be_in_viewport()
    await expect(page.get_by_role("group", name="With the 1 you ticked")).to_be_visible()

    await asks("Tell them how it ended", *names[:2])
    await page.get_by_label("What they are told").fill("Dear {name}, we go on with others.")
    await asks("Tell them how it ended", names[2])
    await expect(page.get_by_label("What they are told")).not_to_have_value("Dear {name}, we go on with others.")
    await asks("Tell them how it ended", *names[:2])
    await expect(page.get_by_label("What they are told")).to_have_value("Dear {name}, we go on with others.")

    await asks("Tag or untag them", *names[:2])
    await page.get_by_label("Put on").fill("tides")
    await page.get_by_role("button", name="Save the tags: all 2").click()
    await expect(page.get_by_role("heading", name="Done for 2")).to_be_visible()
    await asks("Tag or untag them", *names[:2])
    await expect(page.get_by_label("Put on")).to_have_value("")
    await asks("Move them to another requisition", names[0], names[2])
    await expect(page.get_by_role("button", name="Move them: all 2")).to_be_visible()
    await expect(page.locator("#refused")).to_have_count(0)
