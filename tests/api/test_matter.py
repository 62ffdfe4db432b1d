"""Nothing is signed, granted, decided or answered on a page that does not show what it is about."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from api.pages.forms.matter import OF_CANDIDATE, OF_REQUISITION
from api.pages.layout.templating import FOLDER
from domain.entity.gates import OVERRIDABLE
from domain.registry import COMMANDS
from domain.sla.catalogue import CLOCKS
from testing.api_clients import Voice
from testing.api_company import Applicant, Company, Requisition
from testing.sign_in import signed_in
from tests.api.test_roles import Stage, set_up

ABOUT_NOTHING_ELSE = {
    "requisition": {"schedule_intake", "record_intake", "publish_job", "add_candidate", "share_slate",
                    "submit_candidate"},
    "candidate": {"shortlist", "schedule_screen", "record_screen", "schedule_interview", "book_debrief",
                  "correct_screen", "replace_resume", "correct_contact", "tag_candidate", "add_note"},
}  # fmt: skip
"""Commands that begin or record something, or name it themselves, and whose forms say all that they are about."""

REASON = "She ran the intake of permits with the clerks for a year."


def test_every_command_shows_its_matter_or_is_all_of_it() -> None:
    own = {path.stem for path in (FOLDER / "templates" / "ask").glob("*.html")}
    for entity, told in (("requisition", OF_REQUISITION), ("candidate", OF_CANDIDATE)):
        assert told.keys() <= COMMANDS[entity].keys()
        assert COMMANDS[entity].keys() - told.keys() - own == ABOUT_NOTHING_ELSE[entity]


async def above(voice: Voice, path: str) -> str:
    """What stands above a form, in words; the page itself must have the form."""
    cookie = await signed_in(voice.http, voice.token)
    answer = await voice.http.get(path, headers=cookie.header)
    assert answer.status_code == 200, answer.text
    assert '<form class="ask"' in answer.text, f"no form at {path}: {in_words(answer.text)[-300:]}"
    return in_words(" ".join(re.findall(r'<section class="card matter".*?</section>', answer.text, re.DOTALL)))


def in_words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def shows(said: str, *wanted: str) -> None:
    for words in wanted:
        assert words in said, f"{words!r} is not in {said!r}"


@pytest.fixture(scope="module")
async def names(company: Company) -> dict[str, str]:
    """Everybody's name by the part they play."""
    people = {person["id"]: person["name"] for person in await company.ops.reads("/v1/people")}
    return {part: people[voice.id] for part, voice in company.voices.items() if voice.id in people}


@pytest.fixture(scope="module")
async def stage(company: Company) -> Stage:
    """A candidate whose interview is to come."""
    return await set_up(company)


async def test_an_interview_is_answered_and_called_off_in_sight_of_it(stage: Stage, names: dict[str, str]) -> None:
    path = f"/candidates/{stage.applicant.id}"
    for part, command in (
        ("recruiter", "cancel-interview?about=I-1"),
        ("recruiter", "reschedule-interview?about=I-1"),
        ("recruiter", "record-interview?about=I-1"),
    ):
        said = await above(stage.voice(part), f"{path}/{command}")
        shows(said, "Ines Okoye", "round 1, conversation", "45 minutes", "14:00", names["interviewer"])
    said = await above(stage.voice("interviewer"), f"{path}/respond-interview")
    shows(said, "Ines Okoye", "Round 1", "conversation", "45 minutes", "14:00", "Where", "Yours to find out")


async def test_a_gate_is_opened_in_plain_words(stage: Stage, names: dict[str, str]) -> None:
    lead = stage.company.recruiting_lead
    for entity, path in (
        ("candidate", f"/candidates/{stage.applicant.id}"),
        ("requisition", f"/requisitions/{stage.requisition.id}"),
    ):
        said = await above(lead, f"{path}/override-gate")
        shows(said, names["recruiter"])
        for gate in OVERRIDABLE.values():
            if gate.entity in (entity, ""):
                shows(said, gate.words, gate.keeps)
            else:
                assert gate.words not in said
    said = await above(lead, f"/candidates/{stage.applicant.id}/override-gate")
    shows(said, f"by {names['recruiting_lead']}, whom {names['recruiter']} asked")


async def test_a_task_is_let_go_in_sight_of_whose_it_is(stage: Stage, names: dict[str, str]) -> None:
    seen = 0
    for path in (stage.requisition.path, stage.applicant.path):
        clocks = {one["id"]: one for one in await stage.company.manager.reads(f"{stage.requisition.path}/clocks")}
        said = {one["command"]: one for one in await stage.company.manager.reads(f"{path}/available")}
        for command in ("waive_clock", "extend_clock"):
            for option in said[command]["options"]:
                if option["missing"]:
                    continue
                clock = clocks[option["id"]]
                page = f"{path.removeprefix('/v1')}/{command.replace('_', '-')}?clock={option['id']}"
                row, seen = CLOCKS[clock["name"]], seen + 1
                shows(await above(stage.company.manager, page), names["recruiter"], row.what, row.why)
    assert seen


async def test_the_requisitions_course_and_terms_are_shown_to_whoever_changes_them(
    stage: Stage, names: dict[str, str]
) -> None:
    path, company = f"/requisitions/{stage.requisition.id}", stage.company
    for voice, command in ((company.recruiter, "put-on-hold"), (company.manager, "cancel")):
        shows(await above(voice, f"{path}/{command}"), "interviewing", "1 interviewing", "0 of 1")
    shows(await above(company.recruiter, f"{path}/change-terms"), "USD a year", "Anywhere in the United States")
    shows(await above(company.recruiter, f"{path}/hand-over"), names["manager"], names["partner"])
    shows(await above(company.recruiter, f"{path}/amend-rubric"), "version 1", names["recruiter"], names["manager"])
    shows(await above(company.partner, f"{path}/set-legal-hold"), "no legal hold")


async def test_whoever_is_turned_down_told_or_answered_is_in_sight(company: Company) -> None:
    requisition = await company.opens()
    await requisition.locks()
    applicant = await requisition.gains("Jon Vale")
    path = f"/candidates/{applicant.id}"
    asked = {"kind": "access", "at": datetime.now(UTC).isoformat(), "words": "Please send me what you hold of me."}
    await company.partner.does(f"{applicant.path}/record-request", asked)
    said = await above(company.partner, f"{path}/answer-request")
    shows(said, "Jon Vale", "access", "Please send me what you hold of me.", "by law until")
    shows(await above(company.recruiter, f"{path}/reject"), "Jon Vale", "applied")
    shows(await above(company.partner, f"{path}/set-legal-hold"), "Jon Vale", "no legal hold")
    await company.recruiter.does(f"{applicant.path}/reject", {"criterion": "K2"})
    await applicant.comes_to("rejected")
    second = next(
        one["behaviour"]
        for one in (await company.recruiter.reads(f"{requisition.path}/rubric"))[0]["rubric"]["criteria"]
        if one["id"] == "K2"
    )
    for command in ("tell-outcome", "reinstate"):
        shows(await above(company.recruiter, f"{path}/{command}"), "Jon Vale", "rejected", second)


async def decided(company: Company, requisition: Requisition, applicant: Applicant) -> None:
    """A candidate whose debrief decided to hire them, with what stands above the forms on the way there."""
    interview = await applicant.is_interviewed()
    path = f"/candidates/{applicant.id}"
    await applicant.is_rated(interview, company.interviewer, 4, "She named the clerks by their desks.", "strong_yes")
    await applicant.is_rated(interview, company.other_interviewer, 2, "She left the vendor out of it.", "yes")
    shows(await above(company.recruiter, f"{path}/hold-debrief"), applicant.name, "15:00")
    held = {"held_at": datetime.now(UTC).isoformat(), "minutes": 20, "attendees": [company.manager.id]}
    receipt = await company.recruiter.does(f"{applicant.path}/hold-debrief", held)
    await company.manager.reads(applicant.path, at_least=receipt["version"])
    said = await above(company.manager, f"{path}/decide")
    shows(said, f"The scorecards of {applicant.name}", "strong yes", "must-have", ": 4", ": 2")
    hire = {"decision": "hire", "criteria": ["K1"], "reason": REASON, "exception_why": "The rest is learnt in a week."}
    await company.manager.does(f"{applicant.path}/decide", hire)
    await company.recruiter.sees(requisition.path, lambda it: it["stages"].get("hire_decided"))


async def test_an_offer_is_approved_and_answered_in_sight_of_all_that_bears_on_it(
    company: Company, names: dict[str, str]
) -> None:
    requisition = await company.opens()
    await requisition.locks()
    applicant = await requisition.gains("Ruth Abara")
    await decided(company, requisition, applicant)
    band = (await company.partner.reads(requisition.path))["band"]
    above_it = round(float(band["maximum"]) * 1.1)
    offer: dict[str, Any] = {
        "candidate_id": applicant.id, "amount": above_it, "currency": band["currency"], "ask_approval": True,
        "start_on": f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}",
        "answer_by": (datetime.now(UTC) + timedelta(days=9)).isoformat(),
    }  # fmt: skip
    receipt = await company.recruiter.does(f"{requisition.path}/make-offer", offer)
    await company.partner.reads(requisition.path, at_least=receipt["version"])
    page = f"/requisitions/{requisition.id}"
    wanted = (
        "Ruth Abara",
        f"{float(band['maximum']):,.0f} {band['currency']}",
        f"{above_it:,}",
        "(10 %) above",
        REASON,
    )
    said = await above(company.partner, f"{page}/approve-offer")
    shows(said, *wanted, f"{names['recruiter']} asked to offer", "exception: The rest is learnt in a week.")
    ceiling = {"candidate_id": applicant.id, "ceiling": above_it, "why": "She has another offer of as much."}
    await company.partner.does(f"{requisition.path}/approve-offer", ceiling)
    said = await above(company.recruiter, f"{page}/make-offer")
    shows(said, *wanted, f"{names['partner']} approved up to", "She has another offer of as much.")
    receipt = await company.recruiter.does(f"{requisition.path}/make-offer", offer)
    await company.partner.reads(requisition.path, at_least=receipt["version"])
    for voice, command in ((company.recruiter, "answer-offer"), (company.partner, "withdraw-offer")):
        shows(
            await above(voice, f"{page}/{command}"), "Ruth Abara", f"{above_it:,}", "To be answered by", "(10 %) above"
        )
