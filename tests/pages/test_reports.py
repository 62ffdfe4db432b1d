"""The reports as people see them: pictures with names, tables behind them, files to take along."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator

import asyncpg
import pytest
from playwright.async_api import expect

from api.reports import REPORTS
from domain.access.roles import Role
from local.demo.play import Play
from settings import Settings
from store.database import connect
from store.journal import Journal
from store.projections import PROJECTIONS
from store.tokens import Tokens
from store.users import User, Users
from testing.journal_company import WHOLE_LIFE
from testing.journal_company import Company as LivedThrough
from testing.people import MANAGER, RECRUITER, RECRUITING_LEAD, STRANGER
from tests.pages.browser import Site, accessible, fits

pytestmark = pytest.mark.slow

WITH_A_PICTURE = {"funnel", "time-in-stage", "sla", "calibration", "promised", "retro-changes"}
"""The reports to which one whole requisition, read by its recruiter, has something to say."""


@pytest.fixture(scope="module")
async def pool(running: Settings) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the running database."""
    async with await connect(running.database_dsn) as pool:
        yield pool


@pytest.fixture(scope="module")
async def tokens(pool: asyncpg.Pool) -> dict[str, str]:
    """Tokens of those who lived through one whole requisition, of a lead and of somebody who has no part in it."""
    company, journal = LivedThrough(), Journal(pool, PROJECTIONS)
    for step in WHOLE_LIFE:
        step(company)
    for stream, records in company.journal.items():
        await journal.append(stream, records)
    found = {}
    for id in (RECRUITER, MANAGER, RECRUITING_LEAD, STRANGER):
        standing = frozenset({Role.LEAD}) if id == RECRUITING_LEAD else frozenset[Role]()
        person = User(id=id, name=id, email=f"{id}@example.org", zone="UTC", standing=standing)
        await Users(pool).put(person)
        found[id] = await Tokens(pool).make(id, "person", "test")
    return found


@pytest.mark.parametrize("seen", [{}, {"dark": True}, {"phone": True}], ids=["light", "dark", "phone"])
async def test_the_page_shows_each_report_with_a_name_and_is_accessible(
    site: Site, tokens: dict[str, str], seen: dict[str, bool]
) -> None:
    page = await site.visit(tokens[RECRUITER], "/reports?days=all", **seen)
    for report in REPORTS:
        section = page.locator(f"#{report.name}")
        await expect(section.get_by_role("heading", name=report.title)).to_be_visible()
        if report.name in WITH_A_PICTURE:
            figure = section.locator("figure")
            says = await figure.locator("figcaption").inner_text()
            await expect(figure.get_by_role("img", name=says, exact=True)).to_be_visible()
            await section.locator("summary").click()
            await expect(section.get_by_role("table")).to_be_visible()
        else:
            await expect(section.locator(".empty")).to_be_visible()
    await accessible(page)
    await fits(page)


async def test_the_funnel_says_in_words_and_numbers_what_its_picture_shows(site: Site, tokens: dict[str, str]) -> None:
    page = await site.visit(tokens[RECRUITER], "/reports?days=all")
    funnel = page.locator("#funnel")
    await expect(funnel.locator("figcaption")).to_contain_text("Of 2 candidates who were added, 1 was hired.")
    await funnel.locator("summary").click()
    await expect(funnel.get_by_role("row", name=re.compile("with the manager"))).to_contain_text("50 %")


async def test_filters_narrow_what_is_counted(site: Site, tokens: dict[str, str]) -> None:
    page = await site.visit(tokens[RECRUITING_LEAD], "/reports?days=all")
    await page.get_by_label("Team").select_option("Platform")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("#funnel figcaption")).to_contain_text("Of 2 candidates who were added")
    await expect(page.get_by_label("Team")).to_have_value("Platform")
    await page.get_by_label("Period").select_option("28")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("#promised .empty")).to_be_visible()


async def test_what_a_manager_let_others_wait_is_shown_to_them_alone(site: Site, tokens: dict[str, str]) -> None:
    for person, shown in ((MANAGER, True), (RECRUITER, False), (RECRUITING_LEAD, False)):
        page = await site.visit(tokens[person], "/reports?days=all&team=Platform")
        said = page.locator("#sla").get_by_text("hiring manager", exact=False)
        assert bool(await said.count()) == shown, person


async def test_who_has_no_part_in_a_search_sees_nothing_of_it(site: Site, tokens: dict[str, str]) -> None:
    page = await site.visit(tokens[STRANGER], "/reports?days=all")
    await expect(page.locator("figure")).to_have_count(0)
    await expect(page.locator(".empty")).to_have_count(len(REPORTS))


async def test_a_report_is_taken_along_as_csv(site: Site, tokens: dict[str, str]) -> None:
    page = await site.visit(tokens[RECRUITER], "/reports?days=all")
    async with page.expect_download() as coming:
        await page.get_by_role("link", name=re.compile("Download as CSV.*Funnel")).click()
    download = await coming.value
    assert download.suggested_filename == "tandem-funnel.csv"
    rows = list(csv.DictReader(io.StringIO((await download.path()).read_text())))
    assert [row["stage"] for row in rows][:2] == ["added", "shortlisted"]
    assert [row["reached"] for row in rows] == ["2", "2", "2", "1", "1", "1", "1", "1", "1", "1"]


async def test_every_file_answers_and_none_holds_a_formula(
    site: Site, tokens: dict[str, str], pool: asyncpg.Pool
) -> None:
    title = "=HYPERLINK(1)"
    await pool.execute("UPDATE requisitions SET title = $1 WHERE id = 'R-SEARCH01'", title)
    page = await site.visit(tokens[RECRUITER], "/reports?days=all")
    for report in REPORTS:
        answer = await page.request.get(f"/reports/{report.name}.csv?days=all")
        assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
        lines = list(csv.reader(io.StringIO(await answer.text())))
        assert lines[0] == list(report.row.model_fields)
        assert title not in {cell for line in lines for cell in line}
    assert (await page.request.get("/reports/nothing.csv")).status == 404


@pytest.mark.timeout(400)  # waits for the demo
async def test_how_good_drafts_are_is_told_in_pictures_numbers_and_a_file(site: Site, demo: Play) -> None:
    page = await site.visit(demo.company["joanne"].token, "/reports")
    await page.get_by_role("link", name="How good the drafts are").click()
    became = page.get_by_role("region", name="What became of them")
    says = await became.locator("figcaption").inner_text()
    assert re.match(r"\d+ drafts? (was|were) made, and somebody decided after [1-9]", says)
    await expect(became.get_by_role("img", name=says, exact=True)).to_be_visible()
    await expect(
        page.get_by_role("region", name="How far people went from them").locator("figcaption")
    ).to_contain_text("People change most at")
    await expect(page.get_by_role("region", name="What they cost")).to_contain_text("no model was asked")
    rubrics = page.get_by_role("row", name=re.compile("^rubric"))
    await expect(rubrics).to_contain_text("rules, no language model")
    await accessible(page)
    await page.set_viewport_size({"width": 375, "height": 740})
    await fits(page)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Download as CSV").click()
    download = await coming.value
    assert download.suggested_filename == "tandem-quality.csv"
    rows = {row["job"]: row for row in csv.DictReader(io.StringIO((await download.path()).read_text()))}
    assert int(rows["rubric"]["made"]) >= 1
    assert re.search(r"criteria\.passage=[\d.]+", rows["rubric"]["distances"])


@pytest.mark.timeout(400)  # waits for the demo
async def test_how_good_drafts_are_is_not_for_everybody(site: Site, demo: Play) -> None:
    page = await site.visit(demo.mara.token, "/reports")
    await expect(page.get_by_role("link", name="How good the drafts are")).to_have_count(0)
    for path in ("/reports/quality", "/reports/quality.csv"):
        assert (await page.request.get(path)).status == 403
