"""A whole hire by clicking only: by the recruiter at her desk, by the manager and the interviewers on their phones."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from settings import ROOT
from tests.pages.browser import Site
from tests.pages.page_driver import Hands
from tests.pages.people import Company

pytestmark = pytest.mark.slow

SAMPLES = ROOT / "samples"
ZONE = ZoneInfo("America/New_York")
BEHAVIOURS = (
    "Shows a partner who wants a feature what users did, and leaves with a smaller scope",
    "Puts working software in front of real users within ninety days",
    "Writes each decision down the same day, with the reason, where a colleague finds it",
)


def in_seconds(seconds: float) -> str:
    """So many seconds from now, as a browser takes a time."""
    return f"{datetime.now(UTC).astimezone(ZONE) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"


async def passed(local: str) -> None:
    """Waits until this time is past."""
    at = datetime.fromisoformat(local).replace(tzinfo=ZONE)
    await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()) + 1.1)


async def apply(rhea: Hands, name: str, resume: Path) -> None:
    await rhea.follow("Add somebody")
    await rhea.fill("Name", name)
    await rhea.fill("Mail address", f"{name.partition(' ')[0].lower()}@example.com")
    await rhea.attach("Their résumé: a file", resume)
    await rhea.fill("Version of the privacy notice they were given", "1")
    await rhea.does("Add them")


@pytest.mark.timeout(800)
async def test_a_whole_hire(site: Site, company: Company) -> None:
    rhea = Hands(await site.visit(company.recruiter.token, "/board"))
    max_ = Hands(await site.visit(company.manager.token, "/owed", phone=True))

    await rhea.follow("Open a requisition")
    await rhea.fill("What the job is called", "Product manager, permits")
    await rhea.fill("The team that hires", "Licences")
    for role, who in (
        ("Hiring manager", "Max Manager"), ("HR partner", "Pia Partner"),
        ("Recruiting lead", "Lee Lead"), ("Lead of the hiring manager", "Lee Lead"),
    ):  # fmt: skip
        await rhea.select(role, who)
    await rhea.fill("From", "140000")
    await rhea.fill("Up to", "170000")
    await rhea.fill("Currency", "USD")
    await rhea.fill("Place", "Anywhere in the United States")
    await rhea.fill("Whose law holds", "US")
    await rhea.does("Open the requisition")
    requisition = rhea.page.url.partition("?")[0]

    await rhea.follow("Book the intake call")
    await rhea.fill("When", in_seconds(3600))
    await rhea.fill("Link", "https://meet.example.org/nmq-fbxk-vjw")
    await rhea.does("Send the invitations")
    await rhea.follow("Record the intake")
    await rhea.attach("The record: a file", SAMPLES / "transcripts" / "intake.vtt")
    await rhea.tick("Everybody in the call agreed to be recorded")
    await rhea.does("Record it")

    # The draft of the rubric comes by itself.
    await rhea.go(f"{requisition}/edit-rubric")
    while not await rhea.page.get_by_text("What the draft found in it").is_visible():
        await rhea.page.reload()
    for n, behaviour in enumerate(BEHAVIOURS, 1):
        await rhea.page.locator("#passages button").nth(n).click()
        row = rhea.group(f"Criterion {n}")
        await expect(row.get_by_label("The behaviour")).to_be_focused()
        await rhea.fill("The behaviour", behaviour, row)
        await rhea.fill("Why", "Without it the last two launches slipped.", row)
        await rhea.fill("How it can be shown", "The story of one time, with what was in their hand.", row)
        await rhea.fill("What every candidate is asked", "Tell me of a feature that was not built.", row)
        for mark in "1234":
            await rhea.fill(f"What a {mark} looks like", f"Level {mark}: told of {mark} such cases, with dates.", row)
    await rhea.open("The search agreement")
    agreed = rhea.group("The search agreement needed to sign")
    await rhea.fill("How many candidates to expect", "8", agreed)
    await rhea.fill("Within how many working days", "15", agreed)
    await rhea.fill("How often you two meet: every so many working days", "5", agreed)
    await rhea.fill("What interviewing will look like", "Two rounds within one week.", agreed)
    await rhea.fill("Who is told what, and how", "The manager by mail, twice a week.", agreed)
    await rhea.refused("Save this version", "No round tests")
    await expect(rhea.page.get_by_label("The behaviour").first).to_have_value(BEHAVIOURS[0])
    await expect(rhea.group("Round 1")).to_be_visible()
    await rhea.choose("Criteria", BEHAVIOURS[0], BEHAVIOURS[1], within=rhea.group("Round 1"))
    await rhea.choose("Criteria", BEHAVIOURS[1], BEHAVIOURS[2], within=rhea.group("Round 2"))
    await rhea.does("Save this version")

    await rhea.choose("Do you sign?", "yes")
    await rhea.does("Sign")
    await max_.owes("Read and sign the rubric")
    for behaviour in BEHAVIOURS:  # nothing is signed on a page that does not show it
        await expect(max_.page.get_by_role("heading", name=behaviour)).to_be_visible()
    await expect(max_.page.get_by_text("Two rounds within one week.")).to_be_visible()
    await max_.choose("Do you sign?", "yes")
    await max_.does("Sign")

    await rhea.go(requisition)
    await rhea.follow("Publish the job")
    await rhea.fill("Where it stands", "company site")
    await rhea.does("Publish or close")
    await apply(rhea, "Nadia Brenner", SAMPLES / "resumes" / "nadia-brenner.resume.json")
    await apply(rhea, "Theo Marchetti", SAMPLES / "resumes" / "theo-marchetti.resume.json")

    await rhea.follow("Read applications")
    for _ in range(2):
        for behaviour in BEHAVIOURS:
            await rhea.choose(behaviour, "met")
        await rhea.does("Put on the shortlist")
    await expect(rhea.page.get_by_role("heading", name="Everybody has an answer.")).to_be_visible()
    await rhea.follow("Back to the requisition")
    await rhea.follow("Share the slate")
    while await rhea.page.get_by_role("group", name="Profiles").get_by_role("checkbox").count() < 2:
        await rhea.page.reload()  # until the requisition has heard of both
    await rhea.fill("If they are fewer than agreed: why", "Two is what the first week brought.")
    await rhea.does("Share these profiles")

    # Each profile: one tap and a criterion. What is due within seconds would count at once; these are late by then.
    await max_.go("/owed")
    asked = max_.page.get_by_role("listitem").filter(has=max_.page.get_by_role("link", name="Answer the profile"))
    while await asked.count() < 2 or await asked.filter(has_text="overdue").count() < 2:
        await max_.page.reload()
    await max_.owes("Answer the profile")
    first = await max_.page.get_by_role("heading", level=1).inner_text()
    # The wrong button: taken back, and the form is as it was.
    await max_.page.get_by_label(BEHAVIOURS[1]).check()
    await max_.press("Reject")
    await max_.press("Undo")
    await max_.look()
    await expect(max_.page.get_by_role("heading", level=1)).to_have_text(first)
    await expect(max_.page.get_by_label(BEHAVIOURS[1])).to_be_checked()
    for _ in range(2):
        advance = (await max_.page.get_by_role("heading", level=1).inner_text()) == "Nadia Brenner"
        await max_.page.get_by_label(BEHAVIOURS[0]).check()
        await max_.does("Advance" if advance else "Reject")
    assert first in ("Nadia Brenner", "Theo Marchetti")
    assert max_.page.url.partition("?")[0].endswith("/owed")

    # Theo is told; Nadia is met.
    await rhea.go(requisition)
    await rhea.follow("Theo Marchetti")
    await rhea.follow_once_there("Tell the candidate")
    await rhea.fill("What they are told", "We went on with people who told us of more features that were not built.")
    await rhea.press("Tell them")
    await expect(rhea.page.get_by_role("heading", name="The letter as it goes")).to_be_visible()
    await rhea.does("Send it")

    await rhea.go(requisition)
    await rhea.follow("Nadia Brenner")
    nadia = rhea.page.url.partition("?")[0]
    await rhea.follow_once_there("Arrange the screen")
    await rhea.fill("When", in_seconds(600))
    await rhea.fill("When the candidate agreed to this time", in_seconds(-60))
    await rhea.fill("Time zone of the candidate", "America/Denver")
    await rhea.does("Send the invitation")
    await rhea.follow("Record the screen")
    await rhea.attach("The record: a file", SAMPLES / "transcripts" / "screen-1.vtt")
    await rhea.tick("Everybody in the call agreed to be recorded")
    await rhea.does("Record it")
    await rhea.follow("Send the summary")
    while not await rhea.page.get_by_label("Line 1", exact=True).first.input_value():
        await rhea.page.reload()
    for n in range(1, 6):
        await rhea.choose(f"Line {n}", "Accept")
    for behaviour in BEHAVIOURS:
        await rhea.choose(behaviour, "met")
    await rhea.fill("Amount", "165000")
    await rhea.fill("Currency", "USD")
    await rhea.does("Send the summary")

    await rhea.follow("Book an interview")
    await rhea.select("Who", "Ines Interviewer")
    starts = in_seconds(4)
    await rhea.fill("When", starts)
    await rhea.fill("When the candidate agreed to this time", in_seconds(-60))
    await rhea.does("Send the invitations")
    ines = Hands(await site.visit(company.interviewer.token, "/owed", phone=True))
    await ines.follow("Answer the invitation")
    await ines.choose("Your answer", "I will be there")
    await ines.does("Answer")
    await passed(starts)
    await ines.counts()  # before the interview is recorded: then there is nothing left to answer
    await _record(rhea, nadia, 1, SAMPLES / "transcripts" / "interview-1.srt")
    await _card(ines)

    await rhea.go(f"{nadia}/schedule-interview")
    await rhea.select("Who", "Ivo Interviewer")
    starts = in_seconds(5)
    await rhea.fill("When", starts)
    await rhea.fill("When the candidate agreed to this time", in_seconds(-60))
    await rhea.refused("Send the invitations", "debrief")
    await rhea.go(nadia)
    await rhea.follow("Book the debrief")
    await rhea.fill("When", in_seconds(7200))
    await rhea.does("Send the invitations")
    await rhea.follow("Book an interview")
    await rhea.select("Who", "Ivo Interviewer")
    starts = in_seconds(5)
    await rhea.fill("When", starts)
    await rhea.fill("When the candidate agreed to this time", in_seconds(-60))
    await rhea.does("Send the invitations")
    await passed(starts)
    await _record(rhea, nadia, 2, SAMPLES / "transcripts" / "interview-2.vtt")
    ivo = Hands(await site.visit(company.other_interviewer.token, "/owed", phone=True))
    await _card(ivo)

    await rhea.go(nadia)
    await rhea.follow("Hold the debrief")
    await rhea.does("It was held")
    await max_.go(f"{nadia}/debrief")
    await max_.choose("The decision", "hire")
    await max_.choose("On which criteria it rests", *BEHAVIOURS)
    await max_.fill("The reason", "Both cards show every must-have, each with its own story.")
    await max_.does("Decide")

    await rhea.owes("Make the offer")
    await rhea.fill("Amount", "165000")
    await rhea.fill("Starts on", f"{date.today() + timedelta(days=40)}")
    await rhea.press("Look at the letter")
    await expect(rhea.page.get_by_label("The letter as it goes").get_by_text("165,000 USD a year")).to_be_visible()
    await rhea.does("Make the offer")
    await rhea.go(nadia)
    await rhea.follow_once_there("Record their answer to the offer")
    await rhea.choose("Their answer", "accepted")
    await rhea.does("Record the answer")
    await expect(rhea.page.get_by_text("accepted").first).to_be_visible()

    for somebody in (rhea, max_):
        await somebody.owes("Answer the retro")
        await somebody.fill(
            "One thing that worked", "The debrief stood in everybody's calendar before the final round."
        )
        await somebody.fill("Another thing that worked", "Every quote could be looked up in its place.")
        await somebody.fill("One thing to change", "Rhea books both rounds on the day the profile is advanced.")
        await somebody.choose("Did you wish, at any time, to work around the other?", "no")
        await somebody.does("Send")
    await rhea.go(requisition)
    await expect(rhea.page.get_by_text(re.compile("closed")).first).to_be_visible()


async def _record(rhea: Hands, candidate: str, round: int, transcript: Path) -> None:
    await rhea.go(candidate)
    await rhea.follow(f"Record the interview: round {round}")
    await rhea.fill("When it ended", in_seconds(-0.5))
    await rhea.attach("The record: a file", transcript)
    await rhea.tick("Everybody in the call agreed to be recorded")
    await rhea.does("Record it")


async def _card(interviewer: Hands) -> None:
    """The card on a phone: the draft's quotes stand there, taken by one tap a criterion, and each rating is one tap."""
    await interviewer.owes("Fill in your scorecard")
    offered = interviewer.page.get_by_role("group", name=re.compile("of the draft$"))
    while not await offered.count():
        await interviewer.page.reload()
    for piece in await offered.all():
        await piece.get_by_role("radio", name="Accept").check()
    ratings = interviewer.page.get_by_role("radiogroup", name="Your rating")
    for n in range(await ratings.count()):
        await ratings.nth(n).get_by_role("radio").nth(2).check()
    for box in await interviewer.page.get_by_label("What you saw or heard").all():
        await box.fill("Told the story with the names of those in the room, and the date.")
    await interviewer.choose("All in all", "yes")
    await interviewer.does("Send my scorecard")
