"""Letters, offers by letter, templates, notes and tags, over HTTP and on the pages, with real mail."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest

from local.mailbox import CaughtMail, messages
from settings import Settings
from testing.api_clients import eventually, problem, taken
from testing.api_company import Applicant, Company
from testing.sign_in import SessionCookie, signed_in
from tests.api.conftest import Process


async def mail_to(running: Settings, one: Applicant, subject: str) -> CaughtMail:
    """The letter with this in its subject that goes to somebody, once it came."""

    async def look() -> CaughtMail | None:
        found = messages(running.mailbox_folder, address_of(one), limit=50)
        return next((mail for mail in found if subject in mail.subject), None)

    found = await eventually(look, f"no letter “{subject}” came to {one.name}")
    assert isinstance(found, CaughtMail)
    return found


def address_of(one: Applicant) -> str:
    """Where somebody is written to."""
    return f"{one.name.lower().replace(' ', '.')}@example.com"


async def to_be_hired(company: Company, name: str) -> Applicant:
    """Somebody, all the way to a decision to hire them."""
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains(name)
    interview = await one.is_interviewed()
    for card in (company.interviewer, company.other_interviewer):
        await one.is_rated(interview, card, 4, "Walked us through the 212 forms she cut to one page.", "strong_yes")
    now = datetime.now(UTC).isoformat()
    held = {"held_at": now, "minutes": 20, "attendees": [company.manager.id, company.recruiter.id]}
    await company.recruiter.does(f"{one.path}/hold-debrief", held)
    decision = {"decision": "hire", "criteria": ["K1"], "reason": "She cut 212 forms to one page and showed how."}
    refused = await company.manager.asks(f"{one.path}/decide", decision)
    if refused.status_code != 200:
        decision |= {"exception_why": "The other must-haves were shown in the work that we read together."}
        await company.manager.does(f"{one.path}/decide", decision)
    await company.recruiter.sees(requisition.path, lambda it: it["stages"].get("hire_decided", 0) == 1)
    return one


class Desk:
    """A browser with forms, as far as a form is inputs."""

    def __init__(self, http: httpx.AsyncClient, cookie: SessionCookie | None = None) -> None:
        self.http, self.cookie = http, cookie

    async def opens(self, path: str, status: int = 200) -> str:
        """A page."""
        answer = await self.http.get(path, headers=self.cookie.header if self.cookie else {"Cookie": "none=none"})
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.text

    async def sends(self, path: str, typed: dict[str, str], status: int) -> str:
        """Sends a form."""
        files = {name: (None, value) for name, value in typed.items()}
        headers = self.cookie.header if self.cookie else {"Cookie": "none=none"}
        answer = await self.http.post(path, files=files, headers=headers)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.text


async def desk_of(company: Company, part: str) -> Desk:
    """Somebody's browser."""
    return Desk(company.http, await signed_in(company.http, company.voices[part].token))


def inputs(page: str) -> dict[str, str]:
    """What stands in the inputs of the form that gives a command."""
    form = re.search(r'<form class="ask".*?</form>', page, re.S)
    assert form is not None, page
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", form[0]):
        said = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if "name" in said and (said.get("type") not in ("checkbox", "radio", "file") or " checked" in tag):
            found[said["name"]] = unescape(said.get("value", ""))
    for name, words in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.S):
        found[name] = unescape(words)
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[0], re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = unescape(chosen[1]) if chosen else ""
    return found


@pytest.fixture(scope="module")
async def wanted(company: Company, worker: Process) -> Applicant:
    """Somebody who is to be hired."""
    return await to_be_hired(company, "Ada Lindqvist")


def terms(one: Applicant, amount: int) -> dict[str, str]:
    """What a recruiter types of an offer."""
    start_on = f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}"
    return {"candidate_id": one.id, "amount": str(amount), "currency": "USD", "period": "year", "start_on": start_on}


async def offer(desk: Desk, one: Applicant, amount: int) -> None:
    """An offer, made on the pages: typed, its letter looked at, and sent."""
    place = f"/requisitions/{one.requisition.id}/make-offer"
    typed = inputs(await desk.opens(f"{place}?about={one.id}")) | terms(one, amount)
    await desk.sends(place, inputs(await desk.sends(place, typed, 200)), 303)


def link_in(letter: CaughtMail) -> str:
    """The candidate's own link."""
    found = re.search(r"https?://[^\s/]+(/your-application/\S+)", letter.text)
    assert found is not None, letter.text
    return found[1]


async def test_an_offer_is_seen_sent_and_answered_by_its_link(
    company: Company, wanted: Applicant, running: Settings
) -> None:
    rhea = await desk_of(company, "recruiter")
    place = f"/requisitions/{wanted.requisition.id}/make-offer"
    begun = inputs(await rhea.opens(f"{place}?about={wanted.id}")) | terms(wanted, 120_000)
    looked = await rhea.sends(place, begun, 200)
    assert "120,000 USD a year" in looked
    assert "Dear Ada Lindqvist" in looked
    assert "{{answer_link}}" not in looked.partition('<form class="ask"')[0]

    # Another amount: the letter says it too, and is shown again before anything goes.
    changed = await rhea.sends(place, inputs(looked) | {"amount": "121000"}, 200)
    assert "121,000 USD a year" in inputs(changed)["letter"]
    german = inputs(await rhea.sends(place, inputs(changed) | {"_letter": "de"}, 200))
    assert german["letter"].startswith("Guten Tag Ada Lindqvist")
    assert messages(running.mailbox_folder, address_of(wanted), limit=50) == [
        mail for mail in messages(running.mailbox_folder, address_of(wanted), limit=50) if "Angebot" not in mail.subject
    ]
    await rhea.sends(place, german, 303)
    letter = await mail_to(running, wanted, "Unser Angebot")
    assert "121,000 USD a year" in letter.text

    theirs, link = Desk(company.http), link_in(letter)
    assert "121,000 USD a year" in await theirs.opens(link)
    await theirs.opens(f"{link[:-4]}0000", 410)
    asks = await theirs.sends(link, {"_key": "a", "answer": "countered", "amount": "much more"}, 422)
    assert "Not done yet" in asks
    assert 'value="much more"' in asks, "what was typed is still there"
    await theirs.sends(link, {"_key": "b", "answer": "countered", "amount": "128000"}, 303)
    assert "You have asked for something else" in await theirs.opens(link)
    await offer(rhea, wanted, 128_000)
    assert "stands in place of this one" in await theirs.opens(link)
    await theirs.sends(link, {"_key": "c", "answer": "accepted"}, 200)

    second = link_in(await mail_to(running, wanted, "Our offer"))
    await theirs.sends(second, {"_key": "d", "answer": "accepted"}, 303)
    assert "You have accepted" in await theirs.opens(second)
    assert "You have accepted" in await theirs.sends(second, {"_key": "e", "answer": "declined"}, 200)

    shown = await rhea.opens(wanted.path.removeprefix("/v1"))
    steps = ("offer of 121,000 USD a year made", "the letter was sent", "they ask for 128,000", "accepted by their own")
    assert [step for step in steps if step not in shown] == []
    assert "/your-application/" not in shown


async def test_what_is_above_the_band_is_asked_approved_and_withdrawn(company: Company, running: Settings) -> None:
    one = await to_be_hired(company, "Berit Solheim")
    rhea, paul = await desk_of(company, "recruiter"), await desk_of(company, "partner")
    place = f"/requisitions/{one.requisition.id}/make-offer"
    begun = inputs(await rhea.opens(f"{place}?about={one.id}")) | terms(one, 400_000)
    refused = await rhea.sends(place, begun, 409)
    assert 'name="ask_approval" value="true">Ask partner to approve it' in refused
    await rhea.sends(place, inputs(refused) | {"ask_approval": "true"}, 303)

    hers = one.path.removeprefix("/v1")
    assert "approve-offer?about=" not in await rhea.opens(hers)
    approve = f"/requisitions/{one.requisition.id}/approve-offer?about={one.id}"
    assert f"{approve}&amp;next=" in await paul.opens(hers)
    form = await paul.opens(approve)
    assert "400,000 USD a year" in form
    given = inputs(form) | {"why": "The market moved by a third since the band was set."}
    assert given["ceiling"] == "400000"
    await paul.sends(approve, given, 303)

    await offer(rhea, one, 400_000)
    link = link_in(await mail_to(running, one, "Our offer"))
    await company.partner.does(
        f"{one.requisition.path}/withdraw-offer", {"offer_id": "O-1", "cause": "The county froze all new hires today."}
    )
    theirs = Desk(company.http)
    assert "does not stand any more" in await theirs.opens(link)
    shown = await rhea.opens(hers)
    steps = ("asked for 400,000", "approved up to 400,000", "offer of 400,000", "the letter was sent", "withdrawn")
    positions = [shown.index(step) for step in steps]
    assert positions == sorted(positions)


async def test_somebody_else_s_link_and_a_letter_with_our_words_are_refused(
    company: Company, wanted: Applicant
) -> None:
    body = {"candidate_id": wanted.id, "amount": "120000", "currency": "USD", "answer_by": soon(9)}
    body |= {"start_on": f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}", "letter": "You were our second choice."}
    answer = await company.recruiter.asks(f"{wanted.requisition.path}/make-offer", body)
    problem(answer, 422, "internal_words")


def soon(days: int) -> str:
    """A time to come."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def test_an_applicant_hears_at_once_and_one_who_was_sourced_does_not(
    company: Company, running: Settings, worker: Process
) -> None:
    requisition = await company.opens()
    applied = await requisition.gains("Carla Quist")
    sourced = await requisition.gains("Dora Quist", source="sourced")
    receipt = await mail_to(running, applied, "We have your application")
    assert "Dear Carla Quist" in receipt.text
    assert receipt.envelope_from.startswith("hiring+")
    assert "{{" not in receipt.text
    [kept] = await company.recruiter.sees(f"{applied.path}/letters", bool)
    assert (kept["matter"], kept["direction"]) == ("receipt", "outbound")
    assert "Dear Carla Quist" in kept["text"]
    assert await company.recruiter.reads(f"{sourced.path}/letters") == []


async def test_a_letter_of_ones_own_goes_in_ones_name_and_stays_with_the_candidate(
    company: Company, running: Settings, worker: Process
) -> None:
    requisition = await company.opens()
    one = await requisition.gains("Edda Quist")
    max_ = await desk_of(company, "manager")
    place = f"{one.path.removeprefix('/v1')}/send-letter"
    begun = inputs(await max_.opens(f"{place}?about=invitation..de"))
    assert "Guten Tag Edda Quist" in begun["text"]
    looked = await max_.sends(
        place, begun | {"letter_subject": "Dienstag", "text": "Passt Ihnen Dienstag um neun?"}, 200
    )
    assert "Passt Ihnen Dienstag um neun?" in looked.partition('<form class="ask"')[0]
    await max_.sends(place, inputs(looked), 303)
    letter = await mail_to(running, one, "Dienstag")
    assert letter.sender.startswith("manager via Tandem")
    reply_to = dict(letter.headers)["Reply-To"]
    assert re.fullmatch(r"manager <hiring\+[0-9a-f]{24}@tandem\.example>", reply_to)
    assert "Passt Ihnen Dienstag um neun?" in await max_.opens(one.path.removeprefix("/v1"))

    ours = {"letter_subject": "Your scorecard", "text": "See you on Tuesday."}
    problem(await company.recruiter.asks(f"{one.path}/send-letter", ours), 422, "internal_words")
    nobody = taken(await company.recruiter.asks("/v1/humans", {"name": "Fay Quist", "phone": "+1 206 555 0199"}))["id"]
    body = {"person": nobody, "source": "sourced", "notice_version": "2026-01"}
    begun_as = await company.recruiter.does(f"{requisition.path}/add-candidate", body)
    path = f"/v1/candidates/{begun_as['begun']}"
    await company.recruiter.sees(path, bool)
    by_mail = {"letter_subject": "Tuesday", "text": "See you on Tuesday."}
    problem(await company.recruiter.asks(f"{path}/send-letter", by_mail), 422, "no_address")


async def test_a_rejection_is_sent_with_the_criterion_in_sight(
    company: Company, running: Settings, worker: Process
) -> None:
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Gro Quist")
    await company.recruiter.does(f"{one.path}/reject", {"criterion": "K1"})
    rhea = await desk_of(company, "recruiter")
    place = f"{one.path.removeprefix('/v1')}/tell-outcome"
    page = await rhea.opens(place)
    rubric = (await company.recruiter.reads(f"{requisition.path}/rubric"))[0]["rubric"]
    behaviour = next(one["behaviour"] for one in rubric["criteria"] if one["id"] == "K1")
    assert behaviour in unescape(page)
    begun = inputs(page)
    assert "have decided to go on with others" in begun["text"]
    await rhea.sends(place, inputs(await rhea.sends(place, begun, 200)), 303)
    assert "Dear Gro Quist" in (await mail_to(running, one, "Your application")).text
    told = {"letter_subject": "One thing more", "text": "We wish you well."}
    problem(await company.recruiter.asks(f"{one.path}/send-letter", told), 409, "told")


async def test_a_template_is_used_once_somebody_approved_it(
    company: Company, running: Settings, worker: Process
) -> None:
    path = "/v1/letter-templates/receipt..en"
    wrong = {"subject": "Thanks", "text": "Dear {{candidat}}"}
    said = problem(await company.recruiter.send("PUT", path, json=wrong), 422, "invalid")
    assert "{{candidat}}" in said["detail"]
    problem(await company.stranger.send("PUT", path, json=wrong | {"text": "Hello"}), 403, "not_permitted")
    written = {"subject": "Thanks, {{candidate}}", "text": "It came. {{recruiter}}, {{requisition}}, {{company}}"}
    version = taken(await company.recruiter.send("PUT", path, json=written))["version"]
    problem(await company.recruiter.send("PUT", path, json=written | {"after": 9}), 409, "stale_version")
    problem(await company.recruiter.asks(f"{path}/approve", {"version": version}), 403, "not_permitted")
    requisition = await company.opens()
    before = await requisition.gains("Hedda Quist")
    await mail_to(running, before, "We have your application")

    ruth = await desk_of(company, "partner")
    assert "It came. Mara Okafor, Product Manager, Example County" in await ruth.opens("/settings/letters/receipt..en")
    await ruth.sends(f"/settings/letters/receipt..en/approve/{version}", {"_key": "k"}, 303)
    after = await requisition.gains("Ida Quist")
    assert (await mail_to(running, after, "Thanks, Ida Quist")).text.startswith("It came. recruiter")

    settings = {"language": "en", "receipts": False}
    taken(await company.partner.send("PUT", "/v1/letter-settings", json=settings))
    silent = await requisition.gains("Jon Quist")
    taken(await company.partner.send("PUT", "/v1/letter-settings", json=settings | {"receipts": True}))
    heard = await requisition.gains("Kai Quist")
    await mail_to(running, heard, "Thanks, Kai Quist")
    assert messages(running.mailbox_folder, address_of(silent), limit=50) == []


async def test_notes_are_hidden_from_those_who_have_not_scored(company: Company, worker: Process) -> None:
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Lea Quist")
    interview = await one.is_interviewed()
    note = {"words": "She asked whether the vendor stays.", "mentions": [company.interviewer.id, company.manager.id]}
    await company.recruiter.does(f"{one.path}/add-note", note)
    stranger = note | {"mentions": [company.stranger.id]}
    problem(await company.recruiter.asks(f"{one.path}/add-note", stranger), 422, "unknown_reference")
    place = one.path.removeprefix("/v1")
    wes, max_ = await desk_of(company, "interviewer"), await desk_of(company, "manager")
    assert "whether the vendor stays" in await max_.opens(place)
    assert "whether the vendor stays" not in await wes.opens(place)
    timeline = await company.interviewer.reads(f"{one.path}/timeline")
    assert "note_added" not in {entry["type"] for entry in timeline}
    await company.interviewer.does(f"{one.path}/add-note", {"words": "The room was cold in the morning."})
    assert "The room was cold" in await wes.opens(place)
    await one.is_rated(interview, company.interviewer, 3, "Named each of the clerks she asked, and when.", "yes")
    assert "whether the vendor stays" in await wes.opens(place)


async def test_tags_are_put_on_once_and_taken_off(company: Company, worker: Process) -> None:
    requisition = await company.opens()
    one = await requisition.gains("Mia Quist")
    await company.recruiter.does(f"{one.path}/tag-candidate", {"on": ["relocates", "Nights"]})
    problem(await company.recruiter.asks(f"{one.path}/tag-candidate", {"on": ["nights"]}), 422, "no_change")
    problem(await company.manager.asks(f"{one.path}/tag-candidate", {"on": ["days"]}), 403, "not_permitted")
    await company.recruiter.does(f"{one.path}/tag-candidate", {"on": ["days"], "off": ["nights"]})
    page = await company.recruiter.reads(one.path)
    assert sorted(page["tags"].values()) == ["days", "relocates"]
    rhea = await desk_of(company, "recruiter")
    for place in (
        one.path.removeprefix("/v1"),
        f"/requisitions/{requisition.id}",
        f"/requisitions/{requisition.id}/pipeline",
    ):
        assert "relocates" in await rhea.opens(place), place
    row = await company.pool.fetchval("SELECT view::text FROM candidates WHERE id = $1", one.id)
    assert "relocates" not in row
