"""The frame of every page: rooms by key, search from anywhere in two keys and a name, and what waits, counted."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from local.demo.play import Play
from tests.pages.browser import Site, accessible, fits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # the first that asks waits for the demo


async def test_a_candidate_is_found_from_anywhere_by_two_keys_and_the_name(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, "/reports")
    await page.keyboard.press("/")
    await page.keyboard.type("nadia bre")
    hit = page.get_by_role("option").filter(has_text="Nadia Brenner").first
    await expect(hit).to_be_visible()
    await accessible(page)
    await expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("Nadia Brenner")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/candidates/*")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nadia Brenner")


async def test_search_works_where_no_script_runs(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, "/board", scripts=False)
    await page.get_by_role("combobox", name="Search people").fill("brenner")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Nadia Brenner").first).to_be_visible()


async def test_keys_lead_from_room_to_room_and_say_which_they_are(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, "/owed")
    await page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    await expect(keys).to_be_visible()
    await accessible(page)
    await page.keyboard.press("Escape")
    await page.keyboard.type("gr")
    await page.wait_for_url("**/board")
    await page.keyboard.press("j")
    await expect(page.locator(".board h3 a").first).to_be_focused()
    await page.get_by_role("combobox", name="Search people").focus()
    await page.keyboard.type("gt")
    assert page.url.endswith("/board"), "what is typed is typed"


async def test_what_waits_is_counted_beside_the_tasks(site: Site, half_way: Play) -> None:
    for phone in (False, True):
        page = await site.visit(half_way.mara.token, "/board", phone=phone)
        tasks = page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("^Tasks"))
        [counted] = re.findall(r"\d+", await tasks.inner_text())
        await fits(page)
        await tasks.click()
        assert await page.locator(".entries > li").count() == int(counted)
