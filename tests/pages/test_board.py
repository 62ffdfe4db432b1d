"""The board looks again by itself at little cost, leaves its reader in place, and says what its deadlines mean."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from settings import Settings
from testing.api_clients import Voice
from tests.pages.browser import Site, accessible, fits
from tests.pages.people import Company, Employee

pytestmark = pytest.mark.slow

EVERY = 10_000
"""Milliseconds between two looks of the board."""

MEANS = re.compile(r"^(due|overdue by) ")
WORKING_TIME = "your working time (Mon to Sun all day, New York)"


@pytest.fixture(scope="module")
async def http(running: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A way to the running API."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.api_port}", timeout=30, trust_env=False) as http:
        yield http


async def opened(http: httpx.AsyncClient, company: Company, title: str) -> str:
    """A new requisition of the recruiter's; its id."""
    team = {"hiring_manager": company.manager.id, "recruiter": company.recruiter.id, "hr_partner": company.partner.id}
    leads = {"recruiting_lead": company.lead.id, "manager_lead": company.lead.id}
    body = {
        "title": title, "team": "Harbour", **team, **leads, "place": "New York", "jurisdiction": "US-NY",
        "band": {"minimum": 90_000, "maximum": 120_000, "currency": "USD"}, "openings": 1,
    }  # fmt: skip
    receipt = await _voice(http, company.recruiter).does("/v1/requisitions", body)
    requisition = str(receipt["stream"]).removeprefix("requisition/")
    await _voice(http, company.recruiter).sees(f"/v1/requisitions/{requisition}", bool)
    return requisition


def _voice(http: httpx.AsyncClient, who: Employee) -> Voice:
    return Voice(http, who.id, who.token)


async def _live(site: Site, token: str, path: str, **how: Any) -> Page:
    """A board whose next looks come when the test lets time pass."""
    page = await site.visit(token, "/owed", **how)
    await page.clock.install()
    await page.goto(path)
    return page


async def _ask(page: Page, path: str, tag: str = "") -> tuple[int, str, str]:
    answer = await page.request.get(path, headers={"If-None-Match": tag} if tag else {})
    return answer.status, answer.headers["etag"], await answer.text()


async def test_what_did_not_change_is_not_sent_again(site: Site, company: Company, http: httpx.AsyncClient) -> None:
    theirs, mine = await site.visit(company.stranger.token), await site.visit(company.recruiter.token)
    await opened(http, company, "Tug master")
    for _ in range(2):  # a minute may have ended in between, once
        _, tag, words = await _ask(theirs, "/board/lines")
        assert "Tug master" not in words
        _, before, _ = await _ask(mine, "/board/lines")
        await opened(http, company, "Harbour master")
        status, after, words = await _ask(theirs, "/board/lines", tag)
        if status == 304:
            break
    assert (status, after, words) == (304, tag, ""), "what happens in others' searches changes nothing"
    status, after, words = await _ask(mine, "/board/lines", before)
    assert (status, "Harbour master" in words, "<html" in words) == (200, True, False)
    assert (await _ask(mine, "/board/lines", tag))[0] == 200, "what others have seen says nothing of one's own board"


async def test_a_board_that_looks_again_leaves_its_reader_in_place(
    site: Site, company: Company, http: httpx.AsyncClient
) -> None:
    first = await opened(http, company, "Crane driver")
    page = await _live(site, company.recruiter.token, "/board?team=Harbour")
    await page.get_by_role("combobox", name="Phase").select_option("offer")  # chosen, and not asked for yet
    link = page.locator(f"#to-{first}")
    await link.focus()
    await page.set_viewport_size({"width": 1280, "height": 320})
    await page.evaluate("() => scrollTo(0, 90)")
    scrolled = await page.evaluate("() => scrollY")
    assert scrolled > 0
    await opened(http, company, "Pilot")
    async with page.expect_response(lambda answer: "/board/lines?team=Harbour" in answer.url):
        await page.clock.run_for(EVERY + 100)
    await expect(page.get_by_role("link", name="Pilot")).to_be_visible()
    await expect(link).to_be_focused()
    await expect(page.get_by_role("combobox", name="Phase")).to_have_value("offer")
    await expect(page.get_by_role("combobox", name="Team")).to_have_value("Harbour")
    assert await page.evaluate("() => scrollY") == scrolled
    assert await page.locator("[aria-live]").count() == 0, "nobody is read a board that looks again"


async def test_only_lines_that_changed_are_drawn_anew(site: Site, company: Company, http: httpx.AsyncClient) -> None:
    requisitions = [await opened(http, company, title) for title in ("Stoker", "Bosun")]
    page = await _live(site, company.recruiter.token, "/board?team=Harbour")
    for requisition in requisitions:
        await expect(page.locator(f"#{requisition}")).to_be_visible()
    changed, same = requisitions
    await page.route(
        "**/board/lines*",
        lambda route: route.fulfill(content_type="text/html", body=lines.replace("Stoker", "Stoker, first class")),
    )
    lines = await page.locator("#lines").evaluate("board => board.outerHTML")
    mark = "(board, ids) => ids.forEach(id => { document.getElementById(id).seen = true; })"
    await page.locator("#lines").evaluate(mark, requisitions)
    await page.clock.run_for(EVERY + 100)
    await expect(page.get_by_role("link", name="Stoker, first class")).to_be_visible()
    seen = "(board, ids) => ids.map(id => document.getElementById(id).seen === true)"
    assert await page.locator("#lines").evaluate(seen, [changed, same]) == [False, True]


@pytest.mark.parametrize("how", [{}, {"phone": True}, {"dark": True}, {"scripts": False}], ids=str)
async def test_a_deadline_says_what_it_means_in_working_time(
    site: Site, company: Company, http: httpx.AsyncClient, how: dict[str, bool]
) -> None:
    requisition = await opened(http, company, "Ferry captain")
    for path, within in (
        ("/board?team=Harbour", f"#{requisition}"),
        (f"/requisitions/{requisition}", "main"),
        ("/owed", "main"),
    ):
        page = await site.visit(company.recruiter.token, path, **how)
        deadline = page.locator(within).get_by_role("button", name=MEANS).first
        meaning = page.locator(f"#{await deadline.get_attribute('popovertarget')}")
        await expect(meaning).to_be_hidden()
        if how.get("phone"):
            await deadline.tap()
        else:
            await deadline.focus()
            await page.keyboard.press("Enter")
        await expect(meaning).to_be_visible()
        await expect(meaning).to_contain_text(re.compile(r"^Due .* America/New York: .*working"))
        await expect(meaning).to_contain_text(WORKING_TIME)
        assert await deadline.get_attribute("title") == await meaning.inner_text(), "the same is said on hover"
        if how.get("scripts", True):
            await accessible(page)
            await fits(page)
        await page.keyboard.press("Escape")
        await expect(meaning).to_be_hidden()


async def test_what_is_open_stays_open_while_the_board_would_look_again(
    site: Site, company: Company, http: httpx.AsyncClient
) -> None:
    requisition = await opened(http, company, "Lock keeper")
    page = await _live(site, company.recruiter.token, "/board?team=Harbour")
    await page.locator(f"#{requisition}").get_by_role("button", name=MEANS).first.click()
    meaning = page.locator(f"#{requisition} [popover]").first
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.clock.run_for(3 * EVERY)
    await expect(meaning).to_be_visible()
    assert not asked
    await page.keyboard.press("Escape")
    async with page.expect_response(lambda answer: "/board/lines" in answer.url):
        await page.clock.run_for(EVERY + 100)
