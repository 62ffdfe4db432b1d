"""Every page with the demo's data: axe finds nothing on it by day or night, and on a phone nothing is too wide."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, Response, expect

from domain.registry import COMMANDS
from local.demo.play import Play
from tests.pages.browser import DESK, PHONE, Site, accessible, fits
from tests.pages.page_list import Stop, tour
from tests.pages.people import Company

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # the first that asks waits for the demo


@pytest.mark.timeout(800)  # every page there is, in a browser
async def test_every_page(site: Site, demo: Play, half_way: Play, company: Company) -> None:
    pages: dict[str | None, Page] = {}
    complaints: list[str] = []
    for stop in tour(demo, half_way, company.operator.token):
        if stop.token not in pages:
            pages[stop.token] = await site.visit(stop.token, "/sign-in")
        try:
            await _looked_at(pages[stop.token], stop)
        except AssertionError as complaint:
            complaints.append(f"{stop.name}: {complaint}")
    assert not complaints, "\n".join(complaints)


async def _looked_at(page: Page, stop: Stop) -> None:
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(DESK)
    answer = await page.goto(stop.path)
    assert _status(answer) == (404 if stop.name == "nothing-here" else 410 if stop.name.endswith("-gone") else 200)
    await accessible(page, colours=True)
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size(PHONE)
    await accessible(page, colours=True)
    await fits(page)


TAKEN_AS_THEY_BEGIN = {"log_contact", "name_speakers", "publish_job", "send_letter"}
"""Forms that are filled in well enough to be done."""


async def test_every_form_refused(site: Site, half_way: Play) -> None:
    """Sent as it begins: the form says why not, at its field and at its top."""
    page, refused = await site.visit(half_way.mara.token, "/owed"), 0
    for path in _forms(half_way, half_way.requisition, "nadia", "owen", "ruth"):
        await page.goto(path)
        button = page.locator("form.ask .send button").first
        if not await button.count():
            continue  # it would be refused whatever it says
        await page.evaluate("() => { document.querySelector('form.ask').noValidate = true; }")
        await button.click()
        await page.wait_for_load_state()
        summary = page.locator("#refused")
        await expect(summary).to_be_focused()
        for link in await summary.get_by_role("link").all():
            target = await link.get_attribute("href")
            assert target is not None
            assert await page.locator(target).count() == 1, (path, target)
        await accessible(page)
        refused += 1
    assert refused > 30


async def test_every_form_of_a_search_that_is_over_says_so_at_once(site: Site, demo: Play) -> None:
    """What is not possible any more is not asked for first."""
    page, said = await site.visit(demo.mara.token, "/owed"), 0
    for path in _forms(demo, demo.requisition, "ruth"):
        await page.goto(path)
        if await page.locator("form.ask").count():
            continue
        await expect(page.locator("#main section.empty h2")).to_have_text(re.compile(r"^[A-Z“].+\.$"))
        await accessible(page)
        said += 1
    assert said > 40


def _forms(play: Play, requisition: str, *applicants: str) -> list[str]:
    """Where the forms of a requisition and of these candidates of it are."""
    places = [("requisition", f"/requisitions/{requisition}")]
    places += [("candidate", f"/candidates/{play.applicants[key].id}") for key in applicants]
    return [
        f"{place}/{name.replace('_', '-')}"
        for entity, place in places
        for name, command in COMMANDS[entity].items()
        if command.begins != "itself" and name not in TAKEN_AS_THEY_BEGIN
    ]


async def test_a_link_to_a_document_is_shown_to_whom_it_opens(site: Site, demo: Play) -> None:
    nadia = f"/candidates/{demo.applicants['nadia'].id}"
    opened: dict[str, int] = {}
    for key in ("mara", "dana"):
        page = await site.visit(demo.company[key].token, nadia)
        await expect(page.get_by_text("Strongest in their own words")).to_be_visible()
        links: set[str] = set()
        for path in (nadia, f"{nadia}/debrief", f"/requisitions/{demo.requisition}/rubric"):
            await page.goto(path)
            found = await page.locator("a[href^='/documents/']").evaluate_all("links => links.map(one => one.href)")
            links |= {link.partition("?")[0] for link in found}
        for link in links:
            assert (await page.request.get(link)).status == 200, (key, link)
        opened[key] = len(links)
    assert 0 < opened["dana"] < opened["mara"], "a manager reads no transcript of a candidate"


PLACES = {
    "recruiter": (200, 200), "manager": (200, 200), "partner": (200, 200), "lead": (200, 403),
    "interviewer": (403, 403), "operator": (200, 403), "stranger": (403, 403),
}  # fmt: skip
"""What a requisition of the demo's and one of its candidates answer to people of the other company, by their part."""


async def test_who_may_see_what(site: Site, demo: Play, company: Company) -> None:
    parts = {"recruiter": demo.mara.token, "manager": demo.dana.token, "partner": demo.company["hector"].token} | {
        part: getattr(company, part).token for part in ("lead", "interviewer", "operator", "stranger")
    }
    ruth = demo.applicants["ruth"].id
    for part, token in parts.items():
        page = await site.visit(token, "/board")
        seen = [
            _status(await page.goto(f"/requisitions/{demo.requisition}")),
            _status(await page.goto(f"/candidates/{ruth}")),
        ]
        assert tuple(seen) == PLACES[part], part
        await accessible(page)


async def test_nobody_is_asked_who_they_are_and_goes_on(site: Site, demo: Play) -> None:
    page = await site.visit(None, f"/requisitions/{demo.requisition}")
    await expect(page).to_have_url(f"{site.base}/sign-in?next=/requisitions/{demo.requisition}")
    await page.get_by_label("Your token").fill("tdm_nobody_holds_this")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nobody who signs in here holds this token")
    await accessible(page)
    await page.get_by_label("Your token").fill(demo.mara.token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Product Manager, permits")


def _status(answer: Response | None) -> int:
    assert answer is not None
    return answer.status
