"""The board's page in the order one asks for: by the heads of its columns, when it looks again, and in saved views."""

from __future__ import annotations

import html
import re

from testing.api_company import Company
from tests.api.test_saved_views import Desk, chips, desk_of


def titles(page: str) -> list[str]:
    return re.findall(r'id="to-R-[0-9A-Z]+">([^<]*)<', page)


def head(page: str, words: str) -> tuple[str, str | None]:
    """Where the head of a column leads, and what it says of the order."""
    found = re.search(rf'<th scope="col"(?: aria-sort="(\w+)")?><a href="([^"]*)">{words}</a>', page)
    assert found is not None, words
    return html.unescape(found[2]), found[1]


async def _desk(company: Company, team: str) -> Desk:
    """The recruiter's, with two requisitions of a team: the first has a candidate, the second a day to be filled by."""
    one = await company.opens(title="Zeppelin rigger", team=team)
    two = await company.opens(title="acrobat", team=team, target_date="2031-03-04")
    await one.gains("Gustav Line")
    await company.recruiter.sees(two.path, lambda it: it["target_date"])
    return await desk_of(company, company.recruiter)


async def test_a_head_puts_the_board_in_order_and_says_so(company: Company) -> None:
    desk = await _desk(company, "Heights")
    page = await desk.shows("/board?team=Heights&by=nothing")
    assert head(page, "Whose move")[1] == "other"
    for words, way, order in (
        ("Requisition", "ascending", ["acrobat", "Zeppelin rigger"]),
        ("Candidates", "descending", ["Zeppelin rigger", "acrobat"]),
        ("To be filled by", "ascending", ["acrobat", "Zeppelin rigger"]),
    ):
        href, before = head(page, words)
        assert before is None
        page = await desk.shows(href)
        assert titles(page) == order
        assert head(page, words) == (href, way)
        assert page.count("aria-sort") == 1
        again = re.search(r'hx-get="([^"]*)"', page)
        assert again is not None
        lines = await desk.get(html.unescape(again[1]))
        assert titles(lines.text) == order, "a board that looks again stays in its order"
        same = await desk.get(html.unescape(again[1]), **{"If-None-Match": lines.headers["etag"]})
        assert same.status_code == 304 or same.headers["etag"] != lines.headers["etag"], "a minute may have ended"
    assert titles(await desk.shows("/board?team=Heights&by=nothing&sort=opened")) == ["Zeppelin rigger", "acrobat"]
    assert "<th" not in await desk.shows("/board?team=Heights&phase=retro"), "an empty board has no columns"


async def test_a_saved_view_keeps_the_order(company: Company) -> None:
    desk = await _desk(company, "Depths")
    form = {"page": "board", "_next": "/board", "ask.team": "Depths", "ask.by": "nothing", "ask.sort": "title"}
    href = await desk.sends("/views", **form, columns=["candidates"], name="By title")
    page = await desk.shows(href)
    assert titles(page) == ["acrobat", "Zeppelin rigger"]
    assert chips(page) == [("All", False), ("By title", True)]
    assert head(page, "Requisition")[1] == "ascending"
    assert "Whose move" not in page.partition("<thead>")[2].partition("</thead>")[0], "a column that is left out"
    assert (await desk.get("/board?sort=worth")).status_code == 404
