"""A requisition's page: its debriefs, for whom they are, and what happened last."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from local.demo.play import Play
from tests.pages.browser import Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # the first that asks waits for the demo


async def test_a_search_shows_its_debriefs_and_what_happened_last(site: Site, demo: Play) -> None:
    page = await site.visit(demo.mara.token, f"/requisitions/{demo.requisition}")
    debriefs = page.get_by_role("region", name="Debriefs")
    nadia = debriefs.get_by_role("listitem").filter(has_text="Nadia")
    await expect(nadia).to_contain_text("held")
    await expect(nadia).to_contain_text("hire")
    happened = page.get_by_role("region", name="What happened last")
    lines = await happened.get_by_role("listitem").all_inner_texts()
    assert len(lines) == 8
    assert "retro" in lines[0], "the latest is first"
    assert not any("_" in line or re.search(r"\b[RCP]-[0-9A-Z]{4,}", line) for line in lines)
    await happened.get_by_role("link", name="All that happened").click()
    await expect(page.get_by_role("heading", name="What happened", exact=True)).to_be_visible()
    await page.go_back()
    await nadia.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Debrief on Nadia Brenner")


async def test_a_debrief_is_not_told_to_whom_it_is_kept_from(site: Site, half_way: Play) -> None:
    mara = await site.visit(half_way.mara.token, f"/requisitions/{half_way.requisition}")
    booked = mara.get_by_role("region", name="Debriefs")
    await expect(booked).to_contain_text("booked for")
    wes = await site.visit(half_way.wes.token, f"/requisitions/{half_way.requisition}")
    await expect(wes.get_by_role("region", name="Tasks, on both sides")).to_be_visible()
    for name in ("Debriefs", "What happened last"):
        await expect(wes.get_by_role("region", name=name)).to_have_count(0)
