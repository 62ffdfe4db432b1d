"""What Tandem told one, with where each of it leads, and how many are new."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

import activities.letters
from domain.notifications.catalogue import NOTIFICATIONS
from local.demo.play import Play
from tests.pages.browser import Site, accessible, fits
from tests.pages.people import Company

pytestmark = pytest.mark.slow

COLLEAGUE = Path(activities.letters.__file__).parent / "colleague"


def test_every_letter_has_words_for_whoever_reads_it_again() -> None:
    letters = {path.stem for path in COLLEAGUE.glob("[a-z]*.txt")}
    assert letters == NOTIFICATIONS.keys()


async def test_whoever_was_told_nothing_yet_reads_when_they_will_be(site: Site, company: Company) -> None:
    page = await site.visit(company.stranger.token, "/notifications")
    told = page.get_by_role("region", name="Notifications")
    await expect(told).to_contain_text("Nothing yet. Once it is your turn")
    await expect(told.get_by_role("listitem")).to_have_count(0)


async def test_what_one_was_told_comes_newest_first_and_leads_to_the_thing(site: Site, demo: Play) -> None:
    page = await site.visit(demo.dana.token, "/owed")
    bell = page.get_by_role("link", name=re.compile("^\\d+ new Notifications$"))
    await bell.click()
    messages = page.get_by_role("list", name="Notifications, the latest first").locator("> li")
    await expect(messages.first).to_contain_text("by mail")
    times = await messages.locator("> .when time").evaluate_all("all => all.map(one => one.dateTime)")
    assert times == sorted(times, reverse=True)
    words = await messages.locator("a").all_inner_texts()
    assert not re.search(r"[a-z]_[a-z]|\b[A-Z]-[0-9A-Z]{6}", " ".join(await messages.all_inner_texts()))
    assert any(line.startswith("Your turn: ") for line in words)
    for link in set(await messages.locator("a").evaluate_all("all => all.map(one => one.href)")):
        assert (await page.request.get(link)).status == 200, link
    nothing_new = page.get_by_role("link", name="Notifications", exact=True)
    for _ in range(10):  # the demo's day is six seconds: something may come between the two pages
        await page.goto("/notifications")
        await page.goto("/owed")
        if await nothing_new.count():
            break
    await expect(nothing_new).to_be_visible()
    await page.goto("/notifications")
    await accessible(page)
    await page.set_viewport_size({"width": 375, "height": 740})
    await fits(page)
