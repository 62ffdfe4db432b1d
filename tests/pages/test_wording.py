"""Words on their way into a rubric, an answer, a card: vague ones meet a rewrite, two people's meet on one rubric."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect

from api.app import create_app
from local.demo.play import Play
from local.stack import on_free_ports
from settings import Settings
from testing.api_clients import eventually
from testing.api_company import Company, Requisition
from testing.model_endpoint import MODEL, Scripted, completion, endpoint
from testing.served import Server
from testing.sign_in import signed_in_at
from tests.pages.browser import Site, accessible, fits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # the first that asks waits for the demo

VAGUE = "Not strategic enough, no log in the four cases"
PROPOSAL = "No log was kept or shown in the four cases we talked about"
QUESTION = "Which decision would a log have changed?"
KNOWN = "Whether she sat in the security review of the release she told us of."


@dataclass(frozen=True)
class Assisted:
    """The pages of a Tandem that has a language model, and what it was asked."""

    site: Site
    model: Scripted


@pytest.fixture
async def assisted(running: Settings, browser: Browser) -> AsyncIterator[Assisted]:
    """The same stack, whose pages ask a model for rewrites."""
    answer = completion({"question": QUESTION, "proposal": PROPOSAL})
    async with endpoint(lambda _: answer) as model:
        port = on_free_ports(running.home).api_port
        settings = running.model_copy(
            update={"language_model": MODEL, "language_base_url": model.url, "api_port": port}
        )
        server = Server(uvicorn.Config(create_app(settings), port=port, log_config=None))
        serving = asyncio.create_task(server.serve())
        await eventually(partial(_has_started, server), "the pages with a model do not start")
        async with Site(settings, browser) as site:
            yield Assisted(site, model)
            site.check()
        server.should_exit = True
        await serving


async def _has_started(server: Server) -> bool:
    return server.started


@pytest.fixture
async def requisition(colleagues: Company) -> Requisition:
    """A requisition whose rubric was written, and not signed."""
    requisition = await colleagues.opens(team="Parks")
    await requisition.holds_intake()
    await requisition.writes_rubric()
    return requisition


async def _turns_down(page: Page, why: str) -> None:
    await page.locator("summary", has_text="Hold, or another reason").click()
    await page.get_by_label("What would have to be known").fill(KNOWN)
    await page.get_by_label("Why").fill(why)
    await page.get_by_role("button", name="Reject").click()
    await expect(page.locator("#refused")).to_contain_text("could be said of anybody")


async def test_vague_words_are_marked_and_a_rewrite_comes_after_the_refusal(assisted: Assisted, half_way: Play) -> None:
    assisted.model.slow = 2.0
    ruth = half_way.applicants["ruth"].id
    page = await assisted.site.visit(half_way.dana.token, f"/candidates/{ruth}/answer-profile", phone=True)
    await _turns_down(page, VAGUE)
    # The refusal did not wait for the model.
    await expect(page.get_by_text("Looking for a rewrite…")).to_be_visible()
    await expect(page.locator("#refused")).to_be_focused()
    await expect(page.locator("mark")).to_have_text("Not strategic enough")
    await expect(page.get_by_text(f"Put concretely: “{PROPOSAL}”")).to_be_visible()
    await expect(page.get_by_text(QUESTION)).to_be_visible()
    await accessible(page)
    await fits(page)
    await page.get_by_role("button", name="Take these words").click()
    why = page.get_by_label("Why")
    await expect(why).to_have_value(PROPOSAL)
    await expect(why).to_be_focused()
    await expect(page.get_by_label("What would have to be known")).to_have_value(KNOWN)
    assert len(assisted.model.asked) == 1


async def test_a_rewrite_without_scripts(assisted: Assisted, half_way: Play) -> None:
    ruth = half_way.applicants["ruth"].id
    page = await assisted.site.visit(half_way.dana.token, f"/candidates/{ruth}/answer-profile", scripts=False)
    await _turns_down(page, VAGUE)
    assert assisted.model.asked == []
    await page.get_by_role("button", name="Show a rewrite").click()
    await expect(page.get_by_text(f"Put concretely: “{PROPOSAL}”")).to_be_visible()
    await expect(page.get_by_label("Why")).to_have_value(VAGUE)
    await page.get_by_role("button", name="Take these words").click()
    await expect(page.get_by_label("Why")).to_have_value(PROPOSAL)
    await expect(page.get_by_label("What would have to be known")).to_have_value(KNOWN)
    await expect(page.locator("mark")).to_have_count(0)


async def test_a_model_that_makes_things_up_gives_no_rewrite(assisted: Assisted, half_way: Play) -> None:
    assisted.model.first.append(completion({"question": QUESTION, "proposal": "She ran nine projects in Berlin"}))
    ruth = half_way.applicants["ruth"].id
    page = await assisted.site.visit(half_way.dana.token, f"/candidates/{ruth}/answer-profile")
    await _turns_down(page, VAGUE)
    await expect(page.get_by_text("There is no rewrite")).to_be_visible()
    await expect(page.get_by_role("button", name="Take these words")).to_have_count(0)


async def test_without_a_model_nobody_is_sent_for_a_rewrite(site: Site, half_way: Play) -> None:
    ruth = half_way.applicants["ruth"].id
    page = await site.visit(half_way.dana.token, f"/candidates/{ruth}/answer-profile")
    await _turns_down(page, VAGUE)
    await expect(page.locator("mark")).to_have_text("Not strategic enough")
    await expect(page.get_by_role("button", name="Show a rewrite")).to_have_count(0)


async def test_words_that_were_mended_by_hand_need_no_rewrite(site: Site, half_way: Play) -> None:
    ruth = half_way.applicants["ruth"].id
    cookie = await signed_in_at(site.base, half_way.dana.token)
    async with httpx.AsyncClient(base_url=site.base, cookies=cookie.jar, timeout=30) as browser:
        sent = {"_key": "k", "_reword": "why", "verdict": "reject", "why": PROPOSAL}
        path = f"/candidates/{ruth}/answer-profile"
        piece = await browser.post(path, data=sent, headers={"HX-Request": "true"})
        whole = await browser.post(path, data=sent)
    assert "These words are no longer vague." in piece.text
    assert "<html" not in piece.text
    assert PROPOSAL in whole.text


async def test_a_card_is_refused_at_the_vague_words_of_its_row(assisted: Assisted, colleagues: Company) -> None:
    requisition = await colleagues.opens(team="Parks")
    await requisition.locks()
    wren = await requisition.gains("Wren Adair")
    await wren.is_interviewed()
    page = await assisted.site.visit(colleagues.interviewer.token, f"/candidates/{wren.id}/submit-scorecard")
    ratings = page.get_by_role("radiogroup", name="Your rating")
    await expect(ratings.first).to_be_visible()
    for n in range(await ratings.count()):
        await ratings.nth(n).get_by_role("radio").nth(2).check()
    seen = page.get_by_label("What you saw or heard").first
    await seen.fill(VAGUE)
    await page.get_by_role("group", name="All in all").get_by_label("yes", exact=True).check()
    await page.get_by_role("button", name="Send my scorecard").click()
    await expect(page.locator("#refused")).to_contain_text("could be said of anybody")
    await page.locator("#refused").get_by_role("link").first.click()
    await expect(seen).to_be_focused()
    await page.get_by_role("button", name="Take these words").click()
    await expect(seen).to_have_value(PROPOSAL)


async def test_a_rubric_s_vague_words_are_marked_before_it_is_saved(
    assisted: Assisted, colleagues: Company, requisition: Requisition
) -> None:
    written = (await colleagues.recruiter.reads(f"{requisition.path}/rubric"))[0]
    criteria = [one | {"span": None} for one in written["rubric"]["criteria"]]
    criteria[1]["behaviour"] = "Strong communicator, no log in the four cases"
    body = {"base_version": written["version"], "criteria": criteria, "stand_by": True}
    await colleagues.recruiter.does(f"{requisition.path}/edit-rubric", body)
    page = await assisted.site.visit(colleagues.manager.token, f"/requisitions/{requisition.id}/rubric")
    await expect(page.locator("mark")).to_have_text("Strong communicator")
    await accessible(page)
    await page.get_by_role("link", name="Edit", exact=True).click()
    line = page.locator("details.criterion").nth(1)
    await expect(line.locator("summary mark")).to_have_text("Strong communicator")
    await line.locator("summary").first.click()
    await expect(line.locator(".vague mark")).to_have_text("Strong communicator")
    assert assisted.model.asked == [], "a model is asked when somebody wants to know"
    await page.get_by_role("button", name="Show a rewrite").click()
    await expect(page.get_by_text(f"Put concretely: “{PROPOSAL}”")).to_be_visible()
    await page.get_by_role("button", name="Take these words").click()
    await expect(page.get_by_label("The behaviour").nth(1)).to_have_value(PROPOSAL)


@pytest.mark.parametrize("scripts", [True, False])
async def test_two_people_on_one_rubric(
    site: Site, colleagues: Company, requisition: Requisition, scripts: bool
) -> None:
    path = f"/requisitions/{requisition.id}/edit-rubric"
    first = await site.visit(colleagues.recruiter.token, path, scripts=scripts)
    second = await site.visit(colleagues.manager.token, path, scripts=scripts, phone=True)
    await first.locator("details.criterion > summary").first.click()
    await second.locator("details.criterion > summary").nth(1).click()
    behaviour = first.get_by_label("The behaviour").first
    before = await behaviour.input_value()
    await behaviour.fill(f"{before}, twice a year")
    own = second.get_by_label("The behaviour").nth(1)
    mine = f"{await own.input_value()}, with the clerks"
    await own.fill(mine)
    await first.get_by_role("button", name="Save this version").click()
    await expect(first.locator(".done")).to_be_visible()
    await second.get_by_role("button", name="Save this version").click()
    summary = second.locator("#refused")
    await expect(summary).to_contain_text("recruiter changed the rubric while you wrote")
    assert "version" not in (await summary.inner_text()).lower()
    meanwhile = second.get_by_role("region", name="What changed while you wrote")
    await expect(meanwhile.locator("ins")).to_contain_text("twice a year")
    await expect(second.get_by_label("The behaviour").nth(1)).to_have_value(mine)
    await fits(second)
    if scripts:
        await accessible(second)
    # They take over what the other wrote, and save: nothing of either is lost.
    await second.locator("details.criterion > summary").first.click()
    await second.get_by_label("The behaviour").first.fill(f"{before}, twice a year")
    await second.get_by_role("button", name="Save this version").click()
    await expect(second.locator(".done")).to_be_visible()
    await second.goto(f"/requisitions/{requisition.id}/rubric")
    await expect(second.get_by_text(mine).first).to_be_visible()
    await expect(second.get_by_text(f"{before}, twice a year").first).to_be_visible()


async def test_an_amendment_shows_what_it_takes_out_and_puts_in(
    site: Site, colleagues: Company, requisition: Requisition
) -> None:
    version = await requisition.is_signed()
    written = (await colleagues.recruiter.reads(f"{requisition.path}/rubric"))[0]
    criteria = [one | {"span": None} for one in written["rubric"]["criteria"]]
    before = criteria[0]["behaviour"]
    criteria[0]["behaviour"] = f"{before}, every quarter"
    plan = [one | {"minutes": one["minutes"] + 15} for one in written["rubric"]["plan"]]
    why = "The board meets every quarter now."
    body = {"base_version": version, "criteria": criteria, "plan": plan, "why": why}
    await colleagues.recruiter.does(f"{requisition.path}/amend-rubric", body)
    page = await site.visit(colleagues.manager.token, f"/requisitions/{requisition.id}/rubric")
    changes = page.locator(".changes")
    await expect(changes.locator("ins").first).to_contain_text("every quarter")
    await expect(changes).to_contain_text("How long, in minutes")
    await expect(changes.locator("del").last).to_contain_text(str(written["rubric"]["plan"][-1]["minutes"]))
    await accessible(page)
    await page.goto(f"/requisitions/{requisition.id}")
    rubric = page.get_by_role("region", name="The rubric")
    await expect(rubric).to_contain_text(why)
    await rubric.locator("summary").click()
    await expect(rubric.locator("ins").first).to_contain_text("every quarter")
    await accessible(page)
