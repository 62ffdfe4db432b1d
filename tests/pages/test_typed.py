"""Nothing typed is lost and nothing is done twice: refusals, reloads, lost connections and sign-ins, impatience."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, Route, expect

from api.app import create_app
from domain.core.messages import Command
from domain.registry import COMMANDS
from local.demo.play import Play
from settings import Settings
from testing.api_company import Company
from testing.sign_in import signed_in, signed_in_at
from tests.api.conftest import serving
from tests.pages.browser import Site, accessible

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # the first that asks waits for the demo

RESUME = """Product manager, member services

Ran the claims tracker of an insurer for two years, with three engineers and a designer, and took five dots off it.
"""
NEEDS = "Whether she sat in the security review of the release she told us of."


async def contacts(play: Play, candidate: str) -> list[Any]:
    """Every contact that was noted with somebody."""
    entries: list[Any] = await play.mara.api.read(f"/v1/candidates/{candidate}/timeline", limit=500)
    return [entry for entry in entries if entry["type"] == "contact_logged"]


async def note(site: Site, play: Play, key: str) -> Page:
    """The form that notes a contact, opened by the recruiter."""
    return await site.visit(play.mara.token, f"/candidates/{play.applicants[key].id}/log-contact")


async def test_an_impatient_reader_on_a_slow_network_does_it_once(site: Site, half_way: Play) -> None:
    grace = half_way.applicants["grace"].id
    before = len(await contacts(half_way, grace))
    page = await note(site, half_way, "grace")
    network = await page.context.new_cdp_session(page)
    await network.send("Network.enable")
    slow = {"offline": False, "latency": 800, "downloadThroughput": 20_000, "uploadThroughput": 20_000}
    await network.send("Network.emulateNetworkConditions", slow)
    await page.get_by_role("button", name="Note it").dblclick()
    await expect(page.locator("[data-done]")).to_be_visible()
    assert len(await contacts(half_way, grace)) == before + 1


async def test_the_same_form_sent_twice_is_done_once(site: Site, half_way: Play) -> None:
    """As a browser without scripts does it."""
    ruth = half_way.applicants["ruth"].id
    before = len(await contacts(half_way, ruth))
    form = {
        "at": "2026-01-02T10:00", "direction": "outbound", "channel": "mail", "_key": secrets.token_urlsafe(16)
    }  # fmt: skip
    cookie = await signed_in_at(site.base, half_way.mara.token)
    async with httpx.AsyncClient(base_url=site.base, cookies=cookie.jar, timeout=30) as browser:
        path = f"/candidates/{ruth}/log-contact"
        answers = await asyncio.gather(browser.post(path, data=form), browser.post(path, data=form))
        changed = await browser.post(path, data=form | {"channel": "chat"})
        foreign = await browser.post(path, data=form, headers={"Origin": "https://elsewhere.example"})
    assert {answer.headers["location"] for answer in answers} == {f"/candidates/{ruth}?done=log_contact"}
    assert len(await contacts(half_way, ruth)) == before + 1
    assert "This was taken before" in changed.text
    assert "Idempotency" not in changed.text
    assert foreign.status_code == 403


async def test_a_form_that_was_open_before_it_was_done_elsewhere_says_so(site: Site, half_way: Play) -> None:
    ibrahim = half_way.applicants["ibrahim"].id
    earlier = await site.visit(half_way.mara.token, f"/candidates/{ibrahim}/shortlist")
    page = await site.visit(half_way.mara.token, f"/requisitions/{half_way.requisition}/applications")
    await _all_at(page, "partly")
    await page.get_by_role("button", name="Put on the shortlist").click()
    await expect(page.locator("[data-done]")).to_be_visible()
    # The recruiter's verdict came first; now the machine's reading is there to be opened.
    await expect(page.get_by_text("Résumé reading of Ibrahim")).to_be_visible()
    await _all_at(earlier, "met")
    await earlier.get_by_role("button", name="Put on the shortlist").click()
    await expect(earlier.locator("#refused")).to_contain_text("They are on the shortlist.")
    await earlier.goto(f"/candidates/{ibrahim}/shortlist")
    await expect(earlier.get_by_role("heading", name="They are on the shortlist.")).to_be_visible()


async def _all_at(page: Page, verdict: str) -> None:
    """The same verdict on each criterion."""
    for choice in await page.locator(f"input[name^=verdicts][value={verdict}]").all():
        await choice.check()


async def test_a_refused_form_keeps_what_was_typed(site: Site, half_way: Play) -> None:
    theo = half_way.applicants["theo"].id
    page = await site.visit(half_way.dana.token, f"/candidates/{theo}/answer-profile", phone=True)
    await page.locator("summary", has_text="Hold, or another reason").click()
    await page.get_by_label("Why").fill("Did not quite click.")
    await page.get_by_role("button", name="Reject").click()
    summary = page.locator("#refused")
    await expect(summary).to_be_focused()
    await expect(summary).to_contain_text("could be said of anybody")
    await expect(page.get_by_label("Why")).to_have_value("Did not quite click.")
    await expect(page.get_by_label("Why")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("Keep my words as they are; they pass, flagged")).to_be_visible()
    await accessible(page)
    await summary.get_by_role("link").first.click()
    await expect(page.get_by_label("Why")).to_be_focused()


async def test_offline_and_a_reload_lose_nothing(site: Site, half_way: Play) -> None:
    theo = half_way.applicants["theo"].id
    page = await site.visit(half_way.dana.token, f"/candidates/{theo}/answer-profile", phone=True)
    await page.locator("summary", has_text="Hold, or another reason").click()
    await page.context.set_offline(True)
    await page.get_by_label("What would have to be known").fill(NEEDS)
    await page.get_by_role("button", name="Hold").click()
    await expect(page.get_by_text("You are offline.")).to_be_visible()
    await page.context.set_offline(False)
    await page.reload()
    await expect(page.get_by_label("What would have to be known")).to_have_value(NEEDS)
    await page.get_by_role("button", name="Hold").click()
    await expect(page.locator("[data-done]")).to_be_visible()
    await page.goto(f"/candidates/{theo}")
    while not await page.get_by_text(NEEDS).is_visible():
        await page.reload()  # until the tap counts
    # What was done needs not be kept any more.
    kept = await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('answer-profile'))")
    assert kept == []


async def test_an_expired_sign_in_keeps_what_was_typed_and_comes_back(site: Site, half_way: Play) -> None:
    grace = half_way.applicants["grace"].id
    page = await site.visit(half_way.dana.token, f"/candidates/{grace}/answer-profile", phone=True)
    await page.locator("summary", has_text="Hold, or another reason").click()
    await page.get_by_label("What would have to be known").fill(NEEDS)
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Hold").click()
    await expect(page.get_by_text("You were signed out.")).to_be_visible()
    await page.get_by_label("Your token").fill(half_way.dana.token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(f"{site.base}/candidates/{grace}/answer-profile")
    await expect(page.get_by_label("What would have to be known")).to_have_value(NEEDS)


async def _sent_while_signed_out(site: Site, play: Play) -> Page:
    """Somebody without scripts sends a form after their sign-in is over."""
    grace = play.applicants["grace"].id
    page = await site.visit(play.dana.token, f"/candidates/{grace}/answer-profile?clock=", scripts=False)
    await page.locator("summary", has_text="Hold, or another reason").click()
    await page.get_by_label("What would have to be known").fill(f'{NEEDS}\n"And" <why> she left it.')
    await page.locator("input[name=criterion]").nth(1).check()
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Hold").click()
    await expect(page.get_by_text("You were signed out.")).to_be_visible()
    assert NEEDS not in await page.locator("body").inner_text()
    return page


async def test_an_expired_sign_in_without_scripts_keeps_what_was_typed(site: Site, half_way: Play) -> None:
    page = await _sent_while_signed_out(site, half_way)
    await page.get_by_label("Your token").fill("tdm_nobody_holds_this")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nobody who signs in here holds this token")
    await page.get_by_label("Your token").fill(half_way.dana.token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("It is not sent yet.")).to_be_visible()
    await expect(page.get_by_label("What would have to be known")).to_have_value(f'{NEEDS}\n"And" <why> she left it.')
    await expect(page.locator("input[name=criterion]").nth(1)).to_be_checked()
    assert half_way.dana.token not in await page.content()
    grace = half_way.applicants["grace"].id
    stage = (await half_way.mara.api.read(f"/v1/candidates/{grace}"))["stage"]
    assert stage == "submitted", "nobody has pressed the button again"


async def test_somebody_else_who_signs_in_does_not_get_what_was_typed(site: Site, half_way: Play) -> None:
    page = await _sent_while_signed_out(site, half_way)
    await page.get_by_label("Your token").fill(half_way.mara.token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("form.who")).to_be_visible()
    assert NEEDS not in await page.content()


async def test_a_form_too_large_to_be_kept_says_so(site: Site, half_way: Play) -> None:
    async with httpx.AsyncClient(base_url=site.base, timeout=30) as browser:
        path = f"/requisitions/{half_way.requisition}/record-intake"
        answer = await browser.post(path, data={"_by": half_way.mara.id, "rec.doc.pasted": "x" * 300_000})
    assert answer.status_code == 401
    assert "too much to be kept here" in answer.text
    assert "xxxx" not in answer.text


async def test_adding_somebody_is_not_done_by_signing_in_again(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, f"/requisitions/{half_way.requisition}/new-candidate", scripts=False)
    await page.get_by_label("Name", exact=True).fill("Hana Late")
    await page.get_by_label("Mail address").fill("hana.late@example.com")
    await page.get_by_label("or its text, pasted").fill(RESUME)
    await page.get_by_label("Version of the privacy notice they were given").fill("1")
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Add them").click()
    await page.get_by_label("Your token").fill(half_way.mara.token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("It is not sent yet.")).to_be_visible()
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Hana Late")
    await expect(page.get_by_label("or its text, pasted")).to_have_value(RESUME)
    await page.goto(f"/requisitions/{half_way.requisition}")
    assert "Hana Late" not in await page.content()


async def test_rows_that_were_added_come_back_after_a_reload(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.dana.token, f"/requisitions/{half_way.requisition}/amend-rubric")
    before = await page.get_by_label("The behaviour").count()
    await page.get_by_role("button", name="Add a criterion").click()
    added = page.get_by_label("The behaviour").nth(before)
    await expect(added).to_be_focused()
    await added.fill("Brings the clerk into the room twice a month")
    await page.reload()
    await expect(page.get_by_label("The behaviour").nth(before)).to_have_value(
        "Brings the clerk into the room twice a month"
    )


async def test_two_people_on_one_interview(site: Site, half_way: Play) -> None:
    """Each writes their own card, sees nobody else's before, and cannot hand in the same one twice unawares."""
    nadia = half_way.applicants["nadia"].id
    priya = await site.visit(half_way.company["priya"].token, f"/candidates/{nadia}/submit-scorecard", phone=True)
    wes = await site.visit(half_way.wes.token, f"/candidates/{nadia}/submit-scorecard", phone=True)
    again = await site.visit(half_way.wes.token, f"/candidates/{nadia}/submit-scorecard")
    for page in (priya, wes, again):
        ratings = page.get_by_role("radiogroup", name="Your rating")
        for n in range(await ratings.count()):
            await ratings.nth(n).get_by_role("radio").nth(2).check()
        for box in await page.get_by_label("What you saw or heard").all():
            await box.fill(f"Named the three people in the room, {page.url}.")
        await page.get_by_role("group", name="All in all").get_by_label("yes", exact=True).check()
    struck, taken = await _decided_on(priya)
    await priya.get_by_role("button", name="Send my scorecard").click()
    await expect(priya.locator("[data-done]")).to_be_visible()
    await wes.goto(f"/candidates/{nadia}")
    await expect(wes.get_by_text("What the others wrote is hidden until your own scorecard is in.")).to_be_visible()
    assert "Named the three people" not in await wes.content()
    await wes.goto(f"/candidates/{nadia}/submit-scorecard")
    await expect(wes.get_by_label("What you saw or heard").first).to_have_value(
        f"Named the three people in the room, {wes.url}."
    )
    await wes.get_by_role("button", name="Send my scorecard").click()
    await expect(wes.locator("#refused")).to_contain_text("Accept, edit or strike this")
    await wes.get_by_role("button", name="Send it without what is undecided").click()
    await expect(wes.locator("[data-done]")).to_be_visible()
    await expect(wes.get_by_text("Named the three people").first).to_be_visible()
    # Of what the draft offered, the cards hold what somebody took, and nothing else.
    await expect(wes.get_by_text(taken)).to_have_count(1)
    await expect(wes.get_by_text(struck)).to_have_count(0)
    await _decided_on(again)
    await again.get_by_role("button", name="Send my scorecard").click()
    await expect(again.locator("#refused")).to_be_visible()
    await expect(again.get_by_label("What you saw or heard").first).not_to_have_value("")
    await accessible(again)


async def _decided_on(page: Page) -> tuple[str, str]:
    """Strikes what the draft offers first and accepts the rest; the words of the one, and of the next."""
    pieces = page.get_by_role("group", name=re.compile(r"^Passage \d of the draft$"))
    await pieces.first.get_by_role("radio", name="Strike").check()
    for button in await page.get_by_role("button", name=re.compile("^Accept all")).all():
        await button.click()
    quotes = await pieces.locator("blockquote").all_inner_texts()
    struck, taken = (quote.partition("“")[2].partition("”")[0] for quote in quotes[:2])
    return struck, taken


async def test_a_form_works_without_scripts(site: Site, half_way: Play) -> None:
    owen = half_way.applicants["owen"].id
    page = await site.visit(half_way.mara.token, f"/candidates/{owen}/log-contact", scripts=False)
    await page.get_by_label("What was found out").fill("Asked him, and he sat in every one of the meetings.")
    await page.get_by_label("When", exact=True).fill("2100-01-01T10:00")
    await page.get_by_role("button", name="Note it").click()
    await expect(page.locator("#refused")).to_be_visible()
    await expect(page.get_by_label("What was found out")).to_have_value(
        "Asked him, and he sat in every one of the meetings."
    )
    await page.get_by_label("When", exact=True).fill("2026-01-02T10:00")
    await page.get_by_label("What was found out").fill("")
    await page.get_by_role("button", name="Note it").click()
    await expect(page.locator(".done")).to_be_visible()


async def test_a_newcomer_survives_refusal(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, f"/requisitions/{half_way.requisition}/new-candidate")
    await page.evaluate("() => { document.querySelector('form.ask').noValidate = true; }")
    await page.get_by_label("Name", exact=True).fill("Nadia Brenner")
    await page.get_by_label("or its text, pasted").fill(RESUME)
    await page.get_by_role("button", name="Add them").click()
    await expect(page.locator("#refused")).to_contain_text("There is no way to reach them")
    await expect(page.get_by_label("or its text, pasted")).to_have_value(RESUME)
    await page.get_by_label("Mail address").fill("nadia.brenner@example.com")
    await page.get_by_label("Version of the privacy notice they were given").fill("1")
    await page.get_by_role("button", name="Add them").click()
    await expect(page.locator("#refused")).to_contain_text("They are in this requisition already.")
    await expect(page.get_by_text("A document is attached.")).to_be_visible()
    await accessible(page)


async def test_a_file_may_be_as_large_as_the_api_takes_it(site: Site, half_way: Play) -> None:
    cookie = await signed_in_at(site.base, half_way.mara.token)
    async with httpx.AsyncClient(base_url=site.base, cookies=cookie.jar, timeout=30) as browser:
        path = f"/requisitions/{half_way.requisition}/record-intake"
        large = await browser.post(path, files={"rec.doc": ("call.vtt", b"x" * 300_000)})
        path = f"/requisitions/{half_way.requisition}/new-candidate"  # a call may come as a recording, which is larger
        larger = await browser.post(path, files={"doc": ("cv.txt", b"x" * 11_000_000)})
    assert large.status_code == 422
    assert larger.status_code == 413
    assert "Go back" in larger.text


class TryOut(Command, who="R"):
    """Try out what a new command looks like."""

    why: str


async def test_a_new_command_finds_its_form(running: Settings, half_way: Play) -> None:
    COMMANDS["requisition"]["try_out"] = TryOut
    try:
        async with serving(create_app(running)) as http:
            cookie = await signed_in(http, half_way.mara.token)
            shown = await http.get(f"/requisitions/{half_way.requisition}/try-out", headers=cookie.header)
    finally:
        del COMMANDS["requisition"]["try_out"]
    assert shown.status_code == 200
    assert "Try out what a new command looks like." in shown.text
    assert 'name="why"' in shown.text


async def test_what_is_typed_while_a_row_is_drawn_stays(site: Site, colleagues: Company) -> None:
    requisition = await colleagues.opens(team="Parks")
    await requisition.holds_intake()
    page = await site.visit(colleagues.manager.token, f"/requisitions/{requisition.id}/edit-rubric")
    drawing = asyncio.Event()

    async def slowly(route: Route) -> None:
        await drawing.wait()
        await route.continue_()

    await page.route("**/edit-rubric", slowly)
    await page.locator("summary", has_text="Plain requirements").click()
    await page.get_by_role("button", name="Add a requirement").click()
    job = page.get_by_label("The job description")
    await page.locator("summary", has_text="The job description").click()
    await job.fill("You sit with the clerks.")
    drawing.set()
    await expect(page.locator("[name^='requirements.0']").first).to_be_attached()
    await expect(job).to_have_value("You sit with the clerks.")
