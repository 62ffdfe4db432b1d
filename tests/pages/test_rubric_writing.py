"""A rubric is written a criterion at a time, within one screen, from what was said at the intake."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, ViewportSize, expect

from testing.api_company import Company, Requisition
from tests.pages.browser import Site, accessible, fits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SCREENS = (ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844))
BEHAVIOUR = "Presents to the committee every month and says what is not built"


@pytest.fixture(scope="module")
async def requisition(colleagues: Company) -> Requisition:
    """One whose intake was held, and whose rubric nobody wrote."""
    opened = await colleagues.opens(team="Parks")
    await opened.holds_intake()
    return opened


async def written_by(site: Site, colleagues: Company, requisition: Requisition, *, scripts: bool = True) -> Page:
    path = f"/requisitions/{requisition.id}/edit-rubric"
    return await site.visit(colleagues.recruiter.token, path, scripts=scripts)


async def within_one_screen(page: Page) -> None:
    for screen in SCREENS:
        await page.set_viewport_size(screen)
        height = await page.evaluate("document.documentElement.scrollHeight")
        assert height <= screen["height"], f"{height} of {screen}"
        await fits(page)


async def test_all_of_it_is_within_one_screen_until_something_is_opened(
    site: Site, colleagues: Company, requisition: Requisition
) -> None:
    page = await written_by(site, colleagues, requisition)
    await within_one_screen(page)
    await page.set_viewport_size(SCREENS[0])
    criteria = page.locator("details.criterion")
    for n in range(8):
        await page.locator("#passages button").nth(n).click()
        await expect(criteria).to_have_count(n + 1)
        await expect(criteria.nth(n).get_by_label("The behaviour")).to_be_focused()
        await expect(page.locator("details.part[open]")).to_have_count(1)
    await accessible(page)
    await criteria.nth(7).locator("summary").first.click()
    await expect(page.locator("details.part[open]")).to_have_count(0)
    await within_one_screen(page)
    await accessible(page)


async def test_an_amendment_is_within_one_screen_too(site: Site, colleagues: Company) -> None:
    locked = await colleagues.opens(team="Parks")
    await locked.locks()
    page = await site.visit(colleagues.recruiter.token, f"/requisitions/{locked.id}/amend-rubric")
    await within_one_screen(page)
    await page.locator("summary", has_text="What is amended").click()
    await expect(page.get_by_text("Signed by")).to_be_visible()
    await accessible(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_tap_on_a_phone_makes_a_criterion_of_what_was_said(
    site: Site, colleagues: Company, requisition: Requisition, scripts: bool
) -> None:
    page = await written_by(site, colleagues, requisition, scripts=scripts)
    await page.set_viewport_size(SCREENS[1])
    passage = page.locator("#passages button").nth(3)
    await expect(passage).to_be_hidden()
    await page.get_by_role("button", name="What was said").click()
    words = (await passage.inner_text()).partition("\n")[0]
    await passage.click()
    await expect(passage).to_be_hidden()
    behaviour = page.get_by_label("The behaviour")
    await expect(behaviour).to_be_focused()
    await expect(page.locator(".criterion blockquote")).to_contain_text(words[:40])
    await behaviour.fill(BEHAVIOUR)
    await page.get_by_role("button", name="Unlink this passage").click()
    await expect(page.get_by_text("Without its passage")).to_be_visible()
    await expect(behaviour).to_have_value(BEHAVIOUR)
    await page.get_by_role("button", name="Link it again").click()
    await expect(page.locator(".criterion blockquote")).to_contain_text(words[:40])
    await page.get_by_role("button", name="Remove this criterion").click()
    await expect(page.get_by_text("This criterion is removed")).to_be_visible()
    await fits(page)
    back = page.get_by_role("button", name="Put it back")
    await expect(back).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(behaviour).to_have_value(BEHAVIOUR)


async def test_a_passage_is_dragged_onto_a_criterion(site: Site, colleagues: Company, requisition: Requisition) -> None:
    page = await written_by(site, colleagues, requisition)
    await page.set_viewport_size(SCREENS[0])
    await page.get_by_role("button", name="Add a criterion").click()
    line = page.locator("details.criterion")
    await expect(line.get_by_text("No passage of the intake stands behind it yet.")).to_be_visible()
    passage = page.locator("#passages li").nth(2)
    words = (await passage.inner_text()).partition("\n")[0]
    await passage.drag_to(line.locator("summary").first)
    await expect(line.locator("blockquote")).to_contain_text(words[:40])
    await expect(line).to_have_count(1)


async def test_what_was_typed_and_tapped_is_there_again_after_a_reload(
    site: Site, colleagues: Company, requisition: Requisition
) -> None:
    page = await written_by(site, colleagues, requisition)
    await page.set_viewport_size(SCREENS[0])
    for n, passage in enumerate((1, 4)):
        await page.locator("#passages button").nth(passage).click()
        behaviour = page.locator("details.criterion").nth(n).get_by_label("The behaviour")
        await expect(behaviour).to_be_focused()
        await behaviour.fill(f"{BEHAVIOUR} {passage}")
    await page.get_by_role("button", name="Remove this criterion").click()
    await expect(page.get_by_text("This criterion is removed")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("What you had typed is here again.")).to_be_visible()
    await expect(page.locator("details.criterion > summary .name")).to_have_text([f"{BEHAVIOUR} 1"])
    await expect(page.locator(".gone del")).to_have_text(f"{BEHAVIOUR} 4")
    await expect(page.locator("#passages .taken")).not_to_have_count(0)


async def test_passages_that_are_tapped_in_haste_become_a_criterion_each(
    site: Site, colleagues: Company, requisition: Requisition
) -> None:
    page = await written_by(site, colleagues, requisition)
    await page.set_viewport_size(SCREENS[0])
    await page.evaluate("[1, 3, 5].forEach((n) => document.querySelectorAll('#passages button')[n].click())")
    await expect(page.locator("details.criterion")).to_have_count(3)
    await expect(page.locator("details.part[open]")).to_have_count(1)


async def test_what_is_wrong_stands_at_each_line_and_a_link_opens_it(
    site: Site, colleagues: Company, requisition: Requisition
) -> None:
    page = await written_by(site, colleagues, requisition)
    await page.set_viewport_size(SCREENS[0])
    for n in (1, 4):
        await page.locator("#passages button").nth(n).click()
        await expect(page.locator("details.criterion")).to_have_count(1 if n == 1 else 2)
    await page.get_by_role("button", name="Save this version").click()
    await expect(page.locator("#refused")).to_be_focused()
    lines = page.locator("details.criterion")
    for n in range(2):
        await expect(lines.nth(n).locator("summary").first).to_contain_text("to be mended")
    await expect(lines.nth(1)).not_to_have_attribute("open", "")
    await page.locator("#refused").get_by_role("link", name="Criterion 2, The behaviour").click()
    await expect(lines.nth(1).get_by_text("It has no behaviour yet.")).to_be_visible()
    await expect(lines.nth(0)).not_to_have_attribute("open", "")
    await accessible(page)
