"""What a page offers is what would be taken: a button that is not there means that the command is refused."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Page, expect

from domain.registry import COMMANDS
from local.demo.play import Play
from settings import Settings
from tests.api.smallest_bodies import smallest
from tests.pages.browser import Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # the first that asks waits for the demo


async def offered(page: Page) -> set[str]:
    """The commands under "Everything you can do here", by where their links lead."""
    await page.locator("summary", has_text="Everything you can do here").click()
    links = await page.locator("details.actions > ul a").evaluate_all("all => all.map(one => one.pathname)")
    own = {"rubric": "sign_rubric", "debrief": "decide", "new-candidate": "add_candidate"}
    ends = [link.rpartition("/")[2] for link in links]
    return {own.get(end, end.replace("-", "_")) for end in ends}


@pytest.mark.parametrize("who", ["mara", "dana", "hector", "wes"])
async def test_what_is_not_offered_is_refused(site: Site, running: Settings, half_way: Play, who: str) -> None:
    token = half_way.company[who].token
    api = httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{running.api_port}/v1",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
        trust_env=False,
    )
    places = [("candidate", f"/candidates/{half_way.applicants[key].id}") for key in ("nadia", "owen", "ruth", "theo")]
    if who != "wes":
        places.append(("requisition", f"/requisitions/{half_way.requisition}"))
    else:
        places = places[:1]
    theo = half_way.applicants["theo"]
    known = {"P": half_way.mara.id, "R": half_way.requisition, "C": theo.id, "H": theo.human, "D": "D-UNKNOWN0"}
    async with api:
        for entity, path in places:
            page = await site.visit(token, path)
            links = await offered(page)
            assert links, f"{who} can do nothing at {path}"
            for name in COMMANDS[entity].keys() - links - {"open"}:
                body = smallest(COMMANDS[entity][name], **known)
                answer = await api.post(f"{path}/{name.replace('_', '-')}", json=body)
                assert answer.status_code in (403, 409, 404, 422), f"{who} at {path}: {name} was taken"


async def test_what_is_not_possible_yet_stands_behind_a_fold_with_its_reason(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, f"/candidates/{half_way.applicants['nadia'].id}")
    await page.locator("summary", has_text="Everything you can do here").click()
    why = page.get_by_text("Nobody has handed in a scorecard").or_(
        page.get_by_text(re.compile("^Scorecards are missing: "))
    )
    await expect(why).to_be_hidden()
    await page.locator("summary", has_text="What is not possible yet, and why").click()
    await expect(why).to_be_visible()
    folded = await page.locator(".not-now").inner_text()
    assert not re.search(r"\b[RCP]-[0-9A-Z]{4,}|\d{4}-\d\d-\d\dT", folded), "ids and times as people read them"
    assert "Decide" not in folded, "what is not hers at all is not told of"


async def test_a_form_that_would_be_refused_says_so_before_it_is_filled_in(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, f"/candidates/{half_way.applicants['ruth'].id}/confirm-summary")
    await expect(page.get_by_role("heading", name="The screen was not held.")).to_be_visible()
    await expect(page.get_by_role("button", name="Send the summary")).to_have_count(0)
    await page.get_by_role("link", name="Back to Ruth Abara").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ruth Abara")
