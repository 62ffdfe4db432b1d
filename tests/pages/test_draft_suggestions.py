"""What was drafted is shown, each sentence leading to its words, and nothing of it is sent that nobody took."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest
from playwright.async_api import Locator, Page, expect

from local.demo.play import Play
from local.demo.story import STORY
from ops.administration import Operator
from settings import Settings
from store.database import connect
from tests.pages import model_drafts
from tests.pages.browser import Site, accessible, fits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # the first that asks waits for the demo

TO_THE_INTAKE = 1 + [step.__name__ for step in STORY].index("intake")
OWN = "She drew the queue of the counter on the board, with the minutes of each step."


@pytest.fixture(scope="module")
async def pool(running: Settings) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the running database."""
    async with await connect(running.database_dsn) as pool:
        yield pool


@pytest.fixture(scope="module")
async def read(running: Settings, pool: asyncpg.Pool, half_way: Play) -> Play:
    """The requisition half way, in which a model read Nadia's résumé, and her panel for Wes."""
    nadia = await half_way.mara.sees(half_way.applicants["nadia"].id)
    for draft in (nadia["drafts"]["resume_reading"], nadia["drafts"][f"scorecard:I-1:{half_way.wes.id}"]):
        await model_drafts.rewritten(running, pool, draft["id"], model_drafts.findings)
    return half_way


@pytest.fixture(scope="module")
async def intake(running: Settings, pool: asyncpg.Pool) -> AsyncIterator[Play]:
    """A requisition whose intake was held and read by a model, and whose rubric nobody has written yet."""
    async with Play(running, Operator(running).enrol) as play:
        for step in STORY[:TO_THE_INTAKE]:
            await step(play)
        requisition = await play.mara.sees(play.requisition)
        await model_drafts.rewritten(running, pool, requisition["drafts"]["rubric"], model_drafts.intake)
        yield play


async def leads_to_its_words(page: Page, quote: Locator) -> None:
    """A quote's link opens the document at the very words."""
    words = (await quote.inner_text()).partition("“")[2].partition("”")[0]
    href = await quote.get_by_role("link", name=re.compile("in its place")).get_attribute("href")
    assert href is not None
    there = await page.context.new_page()
    await there.goto(href)
    assert words
    await expect(there.locator("mark").first).to_be_visible()
    # A passage that runs over several turns is marked in each of them.
    marked = " ".join(await there.locator("mark").all_inner_texts())
    assert marked.split()[:5] == words.split()[:5]
    await there.close()


# The scorecard


async def card(site: Site, play: Play, scripts: bool = True) -> Page:
    """Wes's card of Nadia's panel, on his phone."""
    path = f"/candidates/{play.applicants['nadia'].id}/submit-scorecard"
    return await site.visit(play.wes.token, path, phone=True, scripts=scripts)


def pieces(page: Page) -> Locator:
    """What the draft offers."""
    return page.get_by_role("group", name=re.compile(r"^Passage \d of the draft$"))


def chosen(page: Page, answer: str) -> Locator:
    """The pieces of which this was decided."""
    return pieces(page).get_by_role("radio", name=answer, checked=True)


async def test_a_card_shows_what_the_draft_says_and_where_and_what_nobody_asked(site: Site, read: Play) -> None:
    page = await card(site, read)
    piece = pieces(page).filter(has_text=model_drafts.SAYS).first
    await expect(piece).to_be_visible()
    await leads_to_its_words(page, piece.locator("blockquote"))
    criterion = page.locator("fieldset.criterion").first
    await expect(criterion).to_contain_text("Of your kit, nobody asked:")
    await expect(criterion).to_contain_text(model_drafts.UNASKED)
    await expect(page.get_by_label("In their words").first).to_be_hidden()
    await accessible(page)
    await fits(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_what_is_not_decided_on_does_not_go_in_and_it_says_so_at_the_piece(
    site: Site, read: Play, scripts: bool
) -> None:
    page = await card(site, read, scripts)
    first = page.locator("fieldset.criterion").first
    await first.get_by_role("radiogroup").get_by_role("radio").nth(2).check()
    await page.get_by_role("group", name="All in all").get_by_label("yes", exact=True).check()
    await page.get_by_role("button", name="Send my scorecard").click()
    summary = page.locator("#refused")
    await expect(summary).to_contain_text("only what you take goes in with your scorecard")
    piece = pieces(page).first
    await expect(piece).to_contain_text("Accept, edit or strike this")
    await expect(chosen(page, "Accept")).to_have_count(0)
    if scripts:
        await accessible(page)
        await summary.get_by_role("link").first.click()
        await expect(piece).to_be_focused()

    # All of one criterion with one tap; what was struck before stays struck, and nothing is sent.
    of_first = await pieces(page).filter(has=page.locator("[name^='ratings.0.']")).count()
    assert of_first > 1
    await piece.get_by_role("radio", name="Strike").check()
    await first.get_by_role("button", name=re.compile("^Accept all")).click()
    await expect(chosen(page, "Accept")).to_have_count(of_first - 1)
    await expect(chosen(page, "Strike")).to_have_count(1)
    await expect(first.get_by_role("radiogroup").get_by_role("radio").nth(2)).to_be_checked()
    assert await page.locator("[data-done]").count() == 0


async def test_an_edited_piece_keeps_its_words_and_an_accepted_one_goes_as_it_was_drafted(
    site: Site, read: Play
) -> None:
    page = await card(site, read)
    piece = pieces(page).first
    await piece.get_by_role("radio", name="Edit").check()
    box = piece.get_by_label("In their words")
    await expect(box).to_be_visible()
    drafted = await box.input_value()
    await box.fill("Words that nobody said in this interview at all.")
    await page.get_by_role("group", name="All in all").get_by_label("yes", exact=True).check()
    await page.get_by_role("button", name="Send my scorecard").click()
    await expect(page.locator("#refused")).to_be_visible()
    await expect(box).to_have_value("Words that nobody said in this interview at all.")
    await piece.get_by_role("radio", name="Accept").check()
    await page.get_by_role("button", name="Send my scorecard").click()
    await expect(page.locator("#refused")).to_be_visible()
    await piece.get_by_role("radio", name="Edit").check()
    await expect(box).to_have_value(drafted)


async def test_what_was_ticked_survives_offline_and_a_reload(site: Site, read: Play) -> None:
    page = await card(site, read)
    await page.context.set_offline(True)
    await page.get_by_role("radiogroup").first.get_by_role("radio").nth(1).check()
    await pieces(page).nth(0).get_by_role("radio", name="Strike").check()
    await pieces(page).nth(1).get_by_role("radio", name="Edit").check()
    await pieces(page).nth(1).get_by_label("In their words").fill("Half of it.")
    await page.get_by_role("button", name=re.compile("^Accept all")).nth(1).click()
    taken = await chosen(page, "Accept").count()
    assert taken > 0
    await page.get_by_label("What you saw or heard").first.fill(OWN)
    await page.get_by_role("button", name="Send my scorecard").click()
    await expect(page.get_by_text("You are offline.")).to_be_visible()
    await page.context.set_offline(False)
    await page.reload()
    await expect(page.get_by_role("radiogroup").first.get_by_role("radio").nth(1)).to_be_checked()
    await expect(pieces(page).nth(0).get_by_role("radio", name="Strike")).to_be_checked()
    await expect(pieces(page).nth(1).get_by_label("In their words")).to_have_value("Half of it.")
    await expect(chosen(page, "Accept")).to_have_count(taken)
    await expect(page.get_by_label("What you saw or heard").first).to_have_value(OWN)


async def test_a_card_can_be_decided_on_by_keyboard(site: Site, read: Play) -> None:
    page = await card(site, read)
    await pieces(page).first.get_by_role("radio", name="Accept").focus()
    await page.keyboard.press("Space")
    await expect(pieces(page).first.get_by_role("radio", name="Accept")).to_be_checked()
    await page.keyboard.press("ArrowRight")
    await expect(pieces(page).first.get_by_role("radio", name="Edit")).to_be_checked()
    await page.keyboard.press("Tab")
    await expect(pieces(page).first.get_by_label("In their words")).to_be_focused()


# The intake


async def test_the_intake_lies_beside_the_rubric_and_every_sentence_leads_to_its_words(
    site: Site, intake: Play
) -> None:
    for path in ("rubric", "edit-rubric"):
        page = await site.visit(intake.mara.token, f"/requisitions/{intake.requisition}/{path}")
        said = page.get_by_role("complementary", name="What was said at the intake")
        for summary in await said.locator("summary").all():
            await summary.click()
        quotes = said.locator("blockquote")
        for words in (
            model_drafts.BEHAVIOUR, model_drafts.CANDIDATES, model_drafts.ROUNDS, model_drafts.JOB_TEXT,
            model_drafts.GLOSSARY,
            "Somebody like somebody: for HR to look at",
        ):  # fmt: skip
            await expect(said).to_contain_text(words)
        await expect(said.get_by_text("Why someone would want this job")).to_contain_text("nothing found")
        await expect(said.get_by_text("answered", exact=True).first).to_be_visible()
        for sentence in (model_drafts.JOB_TEXT, model_drafts.CANDIDATES, model_drafts.GLOSSARY):
            await leads_to_its_words(page, said.locator("li", has_text=sentence).locator("blockquote"))
        assert await quotes.count() == await quotes.get_by_role("link", name=re.compile("in its place")).count() > 10
        await accessible(page)
        await page.set_viewport_size({"width": 375, "height": 740})
        await fits(page)
        await accessible(page)


async def test_whoever_oversees_reads_nothing_of_what_was_said_at_the_intake(site: Site, intake: Play) -> None:
    page = await site.visit(intake.company["joanne"].token, f"/requisitions/{intake.requisition}/rubric")
    await expect(page.get_by_role("heading", name="Rubric", exact=True)).to_be_visible()
    await expect(page.get_by_text(model_drafts.CANDIDATES)).to_have_count(0)
    await expect(page.get_by_role("link", name=re.compile("in its place"))).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_new_rubric_begins_with_what_the_intake_settled_and_takes_it_again_by_one_tap(
    site: Site, intake: Play, scripts: bool
) -> None:
    path = f"/requisitions/{intake.requisition}/edit-rubric"
    page = await site.visit(intake.mara.token, path, scripts=scripts)
    job, agreed = (
        page.get_by_label("The job description"),
        page.locator("fieldset").filter(has=page.locator("legend", has_text="The search agreement")),
    )
    await expect(page.get_by_label("The behaviour").first).to_have_value(model_drafts.BEHAVIOUR)
    await expect(job).to_have_value(model_drafts.JOB_TEXT)
    await expect(agreed.get_by_label("How many candidates to expect")).to_have_value("8")
    await expect(agreed.get_by_label("Within how many working days")).to_have_value("15")
    await expect(agreed.get_by_label("What interviewing will look like")).to_have_value(model_drafts.ROUNDS)
    await expect(agreed.get_by_label("Who is told what, and how")).to_have_value("")

    await page.locator("summary", has_text="The job description").click()
    await job.fill("")
    await page.get_by_role("button", name="Save this version").click()
    await expect(page.locator("#refused")).to_be_visible()
    await page.locator("summary", has_text="The job description").click()
    await expect(job).to_have_value("")
    await page.get_by_role("button", name="Take the job description from the intake").click()
    await expect(job).to_have_value(model_drafts.JOB_TEXT)
    await expect(agreed.get_by_label("How many candidates to expect")).to_have_value("8")
    if scripts:
        await expect(job).to_be_focused()


# The candidate


async def test_what_a_model_read_in_a_résumé_leads_to_the_words(site: Site, read: Play) -> None:
    for token in (read.mara.token, read.dana.token):
        page = await site.visit(token, f"/candidates/{read.applicants['nadia'].id}")
        await page.get_by_text("Résumé reading").click()
        reading = page.locator("#reading")
        await expect(reading.get_by_text(model_drafts.SAYS).first).to_be_visible()
        await expect(reading).to_contain_text(f"It does not show: {model_drafts.UNSHOWN}")
        await leads_to_its_words(page, reading.locator("blockquote").first)
        await accessible(page)
    # Whoever is still to meet them is not told beforehand what to see.
    page = await site.visit(read.wes.token, f"/candidates/{read.applicants['nadia'].id}")
    await expect(page.get_by_text("What others think of it is hidden until your own scorecard is in.")).to_be_visible()
    await expect(page.get_by_text("Résumé reading")).to_have_count(0)


async def test_nobody_sees_a_reading_before_the_recruiters_own_verdict(site: Site, half_way: Play) -> None:
    ibrahim = half_way.applicants["ibrahim"].id
    await half_way.mara.waits_until(ibrahim, lambda seen: "resume_reading" in seen["drafts"], "his reading")
    for token in (half_way.mara.token, half_way.dana.token):
        page = await site.visit(token, f"/candidates/{ibrahim}")
        await expect(page.get_by_role("heading", name="The profile")).to_be_visible()
        await expect(page.locator("#reading")).to_have_count(0)


async def test_no_line_of_a_summary_goes_out_that_nobody_took(site: Site, half_way: Play) -> None:
    owen = half_way.applicants["owen"].id
    page = await site.visit(half_way.mara.token, f"/candidates/{owen}/confirm-summary")
    lines = page.get_by_role("group", name=re.compile(r"^Line \d$"))
    drafted = await lines.evaluate_all("all => all.filter(one => one.querySelector('[value=accept]')).length")
    assert drafted >= 2
    for n in range(drafted):
        line = lines.nth(n)
        words = (await line.locator("blockquote").inner_text()).strip("“”")
        shown = await line.evaluate("one => one.innerText")
        assert shown.count(words) == 1, "a line that is only its quote is shown once"
    await page.get_by_role("button", name="Send the summary").click()
    await expect(page.get_by_role("alert")).to_contain_text(f"Accept or edit this, and {drafted - 1} more below")
    await expect(lines.first.get_by_label("Line 1", exact=True)).to_be_hidden()
    await lines.first.get_by_text("Edit", exact=True).click()
    await expect(lines.first.get_by_label("Line 1", exact=True)).to_be_visible()
    looked = await page.locator("[name=looked_seconds]").input_value()
    assert looked.isdigit(), "the time the page was in sight is carried on"


async def test_each_line_of_a_summary_leads_to_the_words_it_rests_on(site: Site, half_way: Play) -> None:
    page = await site.visit(half_way.mara.token, f"/candidates/{half_way.applicants['owen'].id}/confirm-summary")
    line = page.get_by_role("group", name="Line 1")
    words = (await line.locator("blockquote").inner_text()).strip("“”")
    href = await line.get_by_role("link", name=re.compile("in its place")).get_attribute("href")
    assert href is not None
    there = await page.context.new_page()
    await there.goto(href)
    assert (await there.locator("mark").first.inner_text()).split()[:5] == words.split()[:5]
