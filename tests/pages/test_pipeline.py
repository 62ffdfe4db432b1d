"""The pipeline: who stands where and whose move it is, a card moved by hand or key, a candidate drawn out over it."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from local.demo.play import Play
from tests.pages.browser import Site, accessible, fits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # the first that asks waits for the demo


def column(page: Page, name: str) -> Locator:
    """The column of that name."""
    return page.locator(".column").filter(has=page.get_by_role("heading", name=re.compile(f"^{name} ")))


async def test_everybody_stands_in_their_column(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, f"/requisitions/{half_way.requisition}/pipeline")
    managers = column(page, "With the manager")
    await expect(managers.get_by_role("listitem")).to_have_count(3)
    await expect(managers).to_contain_text("Ruth Abara")
    await expect(managers.get_by_role("listitem").first).to_contain_text("Dana Whitfield")
    await expect(column(page, "Interviewing")).to_contain_text("Nadia Brenner")
    await page.get_by_role("link", name="Table").click()
    await page.get_by_role("combobox", name="Stage").select_option("Interviewing")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody tr")).to_contain_text("Nadia Brenner")


async def test_a_card_that_is_dragged_opens_what_it_takes(site: Site, half_way: Play) -> None:
    ibrahim = "Ibrahim Sayegh"
    page = await site.visit(half_way.mara.token, f"/requisitions/{half_way.requisition}/pipeline")
    await column(page, "Applied").get_by_role("listitem").filter(has_text=ibrahim).drag_to(column(page, "Shortlisted"))
    await page.wait_for_url("**/shortlist")
    await expect(page.get_by_role("button", name="Shortlist")).to_be_visible()


async def test_a_card_that_cannot_go_there_says_what_is_missing(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, f"/requisitions/{half_way.requisition}/pipeline")
    await page.get_by_role("link", name="Ruth Abara").focus()
    await page.keyboard.press("m")
    moves = page.get_by_role("dialog", name="Move Ruth Abara to")
    await accessible(page)
    await moves.get_by_role("link", name="Screened").click()
    await expect(page.get_by_role("heading", name="The screen was not held.")).to_be_visible()


async def test_a_candidate_is_drawn_out_with_their_resume_beside(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, f"/requisitions/{half_way.requisition}/pipeline")
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.get_by_role("link", name="Nadia Brenner").click()
    drawer = page.get_by_role("dialog", name="Nadia Brenner")
    await expect(drawer.get_by_role("heading", level=1)).to_have_text("Nadia Brenner")
    await expect(drawer.locator(".paper-side")).to_be_visible()
    await accessible(page)
    await fits(page)
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
    await expect(page.get_by_role("link", name="Nadia Brenner")).to_be_focused()
    phone = await site.visit(half_way.mara.token, f"/requisitions/{half_way.requisition}/pipeline", phone=True)
    await phone.get_by_role("link", name="Nadia Brenner").tap()
    await phone.wait_for_url("**/candidates/*")


async def test_without_scripts_a_card_leads_to_its_candidate(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, f"/requisitions/{half_way.requisition}/pipeline", scripts=False)
    await page.get_by_role("link", name="Nadia Brenner").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nadia Brenner")
