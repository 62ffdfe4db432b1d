"""Nobody reads what others think before they have said it themselves; and nobody reads what is not theirs at all."""

from __future__ import annotations

import asyncio
import re
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest

from settings import Settings
from testing.api_clients import Voice, problem
from testing.api_company import Applicant, Company
from testing.sign_in import signed_in

SEEN = "In the second quarter she named the three clerks whose forms she dropped from the plan."
REASON = "She showed the tally to the vendor twice and the scope went down both times."


@dataclass(frozen=True)
class Panel:
    """A final interview that was held by two, neither of whose cards is in."""

    applicant: Applicant
    interview: str

    async def hands_in(self, by: Voice, rating: int, words: str) -> None:
        """A card of theirs."""
        await self.applicant.is_rated(self.interview, by, rating, words, "yes" if rating > 2 else "no")


@pytest.fixture
async def panel(company: Company) -> Panel:
    requisition = await company.opens()
    await requisition.locks()
    applicant = await requisition.gains("Wren Adair")
    return Panel(applicant, await applicant.is_interviewed())


async def test_an_interviewer_is_blind_until_their_own_card_is_in(company: Company, panel: Panel) -> None:
    one, other, path = company.interviewer, company.other_interviewer, panel.applicant.path
    await panel.hands_in(one, 4, SEEN)

    blind = await other.reads(path)
    assert blind["blind"]
    assert await everything(panel, other) == []
    assert blind["interviews"][panel.interview]["cards"] == {}
    assert (blind["debrief"], blind["decision"]) == (None, None)
    for draft in ("debrief_brief", f"scorecard:{panel.interview}:{one.id}"):
        problem(await other.get(f"{path}/drafts/{draft}"), 409, "cards_missing")
    problem(await other.get(f"{path}/drafts/scorecard:{panel.interview}:{other.id}"), 404, "not_found")

    for reader in (one, company.manager, company.recruiter):
        page = await reader.reads(path)
        assert not page["blind"]
        assert set(page["interviews"][panel.interview]["cards"]) == {one.id}
        assert await everything(panel, reader) == ["scorecard_submitted"]

    await panel.hands_in(other, 2, "He asked her for the review twice and she named no person who had signed it.")
    seeing = await other.reads(path)
    assert not seeing["blind"]
    assert set(seeing["interviews"][panel.interview]["cards"]) == {one.id, other.id}
    assert seeing["debrief"]["attendees"] == [company.manager.id]
    assert await everything(panel, other) == ["scorecard_submitted"] * 2


async def test_an_interviewer_is_told_no_more_than_the_kit_before_their_card(company: Company, panel: Panel) -> None:
    await panel.hands_in(company.interviewer, 4, SEEN)
    requisition, other = panel.applicant.requisition, company.other_interviewer
    band = (await company.recruiter.reads(requisition.path))["band"]
    people = {one["id"]: one["name"] for one in await company.ops.reads("/v1/people")}
    cookie = await signed_in(company.http, other.token)
    places = ("", "/submit-scorecard")
    pages = [f"/candidates/{panel.applicant.id}{place}" for place in places]
    pages += [f"/requisitions/{requisition.id}", f"/requisitions/{requisition.id}/rubric", "/owed"]
    for path in pages:
        page = await company.http.get(path, headers=cookie.header)
        assert page.status_code == 200, path
        said = page.text
        assert "Wren Adair" in said or "rubric" in path
        pay = () if "rubric" in path else (f"{float(band['maximum']):,.0f}",)  # what is advertised says it to everybody
        for word in (*pay, "at first sight:", "came applied", "last word from us", SEEN):
            assert word not in said, f"{word} at {path}"
        assert not re.search(r"interviewing (for|<b>)|<td>interviewing", said), f"the stage at {path}"
        told = re.findall(rf"{people[company.recruiter.id]}: [A-Z][a-z]+ ", said)
        assert not told, f"what the recruiter does at {path}: {told}"
    read = await other.reads(panel.applicant.path)
    assert (read["verdicts"], read["answer"], read["source"], read["summary"]) == ({}, None, "", None)
    assert (read["last_word_at"], read["promised_by"], read["pay_range_told_at"]) == (None, None, None)
    await panel.hands_in(other, 2, "He asked her for the review twice and she named no person who had signed it.")
    page = await company.http.get(f"/candidates/{panel.applicant.id}", headers=cookie.header)
    assert "at first sight:" in page.text
    assert (await other.reads(panel.applicant.path))["source"] == "applied"


async def everything(panel: Panel, reader: Voice) -> list[str]:
    """The judgements in all that somebody can read about the candidate."""
    timeline: list[dict[str, Any]] = await reader.reads(f"{panel.applicant.path}/timeline")
    judged = [entry["type"] for entry in timeline if entry["type"] in ("scorecard_submitted", "debrief_held")]
    assert (SEEN in str(timeline)) == bool(judged), "an observation is read in the candidate's own timeline"
    whole_history = await reader.get(f"{panel.applicant.requisition.path}/timeline")
    assert SEEN not in whole_history.text
    return judged


async def test_whoever_meets_one_candidate_reads_nothing_about_another(company: Company, panel: Panel) -> None:
    requisition = panel.applicant.requisition
    other = await requisition.gains("Lin Castell")
    await other.is_shortlisted()
    await company.recruiter.sees(requisition.path, lambda it: it["stages"].get("shortlisted", 0) > 0)
    await company.recruiter.does(f"{requisition.path}/submit-candidate", {"candidate_id": other.id})
    await other.comes_to("submitted")
    receipt = await company.manager.does(f"{other.path}/answer-profile", {"verdict": "hold", "needs": REASON})
    await company.recruiter.reads(other.path, at_least=receipt["version"])
    for path in (other.path, f"{other.path}/timeline", f"{other.path}/clocks", f"{other.path}/drafts/resume_reading"):
        problem(await company.interviewer.get(path), 403, "not_permitted")
    assert REASON in str(await company.recruiter.reads(f"{requisition.path}/timeline"))
    for path in ("timeline", "candidates", "clocks", "tasks", "drafts/rubric"):
        problem(await company.interviewer.get(f"{requisition.path}/{path}"), 403, "not_permitted")
    assert (await company.interviewer.reads(f"{requisition.path}/rubric"))[0]["status"] == "locked"
    assert (await company.interviewer.reads(requisition.path))["offers"] == {}


async def test_somebody_without_a_part_in_it_reads_nothing(company: Company, panel: Panel) -> None:
    requisition, applicant = panel.applicant.requisition, panel.applicant
    requisitions = ("", "/candidates", "/clocks", "/timeline", "/rubric", "/tasks", "/drafts", "/drafts/rubric")
    candidates = ("", "/clocks", "/timeline", "/drafts", "/drafts/resume_reading")
    paths = [requisition.path + end for end in requisitions] + [applicant.path + end for end in candidates]
    link = await company.link_of(applicant.id)
    for reader in (company.stranger, company.system, link):
        for answer in await asyncio.gather(*(reader.get(path) for path in paths)):
            problem(answer, 403, "not_permitted")
    for answer in await asyncio.gather(*(company.nobody.get(path) for path in paths)):
        problem(answer, 401, "unauthenticated")
    assert requisition.id not in {line["id"] for line in await company.stranger.reads("/v1/board", limit=500)}
    assert await company.stranger.reads("/v1/board", limit=500, person=company.recruiter.id) == []
    problem(await company.stranger.get("/v1/tasks"), 403, "not_permitted")


async def test_the_machine_s_reading_comes_after_the_recruiter_s(company: Company) -> None:
    requisition = await company.opens()
    await requisition.locks()
    applicant = await requisition.gains("Noor Pereira", "resumes/nadia-brenner.resume.json")
    drafted = f"{applicant.path}/drafts/resume_reading"
    await company.recruiter.sees(applicant.path, lambda page: "resume_reading" in page["drafts"])
    for reader in (company.recruiter, company.manager):
        problem(await reader.get(drafted), 409, "not_shortlisted")
        assert "resume_reading" not in [made["job"] for made in await reader.reads(f"{applicant.path}/drafts")]
    await applicant.is_shortlisted()
    (made,) = await company.recruiter.reads(f"{applicant.path}/drafts")
    assert (made["job"], made["drafter"], made["candidate"]) == ("resume_reading", "extractive", applicant.id)
    assert {span["document"] for span in made["spans"]} <= made["inputs"].keys()
    reading = await company.recruiter.sees(drafted, bool)
    assert reading["kind"] == "resume_reading"


async def test_a_debrief_is_in_the_searchs_list_for_whom_it_is_on_the_candidates_page(
    company: Company, panel: Panel
) -> None:
    one, other = company.interviewer, company.other_interviewer
    requisition = (await company.recruiter.reads(panel.applicant.path))["requisition"]
    path = f"/v1/requisitions/{requisition}/debriefs"
    (booked,) = await company.recruiter.reads(path)
    assert (booked["candidate"], booked["held_at"], booked["decision"]) == (panel.applicant.id, None, None)

    assert await one.reads(path) == []
    await panel.hands_in(one, 4, SEEN)
    assert await one.reads(path) == [booked]
    assert await other.reads(path) == []
    # Who oversees requisitions reads nothing of those who apply to them.
    assert await company.ops.reads(path) == []
    problem(await company.stranger.get(path), 403, "not_permitted")


async def test_a_mailbox_shows_its_own_mail(company: Company, running: Settings) -> None:
    mail = EmailMessage()
    address = await company.mail_of(company.recruiter.id)
    mail["From"], mail["To"], mail["Subject"] = "x@example.com", address, "For the recruiter alone"
    mail.set_content("The offer is on the table.")

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", running.smtp_port) as server:
            server.send_message(mail)

    await asyncio.to_thread(send)
    found = await company.recruiter.sees(
        "/v1/mailbox", lambda mails: [m for m in mails if m["subject"] == "For the recruiter alone"], limit=200
    )
    number = next(m["number"] for m in found if m["subject"] == "For the recruiter alone")
    assert all(address in m["envelope_to"] for m in found)
    assert "on the table" in (await company.recruiter.reads(f"/v1/mailbox/{number}"))["text"]
    assert "on the table" in (await company.ops.reads(f"/v1/mailbox/{number}"))["text"]
    problem(await company.manager.get(f"/v1/mailbox/{number}"), 404, "not_found")
    theirs = await company.manager.reads("/v1/mailbox", to=address, limit=200)
    assert all(address not in m["envelope_to"] for m in theirs)
    problem(await company.system.get("/v1/mailbox"), 403, "not_permitted")
