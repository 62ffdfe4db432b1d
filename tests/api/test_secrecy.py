"""What people say about people: sealed wherever it lies, read by those who may, and gone once somebody is erased."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from temporalio.client import Client

from settings import Settings
from testing.api_clients import problem, taken
from testing.api_company import Applicant, Company, Requisition, rubric_sample, screen_at
from tests.api.conftest import Process


def said(what: str) -> str:
    """A sentence with a word in it that stands nowhere else, and tells where it came from."""
    return f"On Tuesday she told the vendor about {word(what)} and he signed it."


def word(what: str) -> str:
    """That word."""
    return f"quillfeather{what}"


def at(**offset: float) -> str:
    """A time from now."""
    return (datetime.now(UTC) + timedelta(**offset)).isoformat()


SAID = (
    "name", "email", "phone", "resume", "talk", "label", "speaker", "needs", "known", "why", "question", "evidence",
    "turn", "request", "answer", "cause", "back", "words", "told", "wrong", "mistaken", "newer", "mistyped", "spelt",
    "subject", "letter", "note", "tag",
)  # fmt: skip
"""Where personal words come in, in the life that is lived below."""

REASONS = (
    "agency", "unrecorded", "terms", "amend", "unsigned", "hold", "handover", "cancel", "reopen",
)  # fmt: skip
"""Where they come in around a requisition, in the life that is lived below."""

KEY = "key"
"""Where one stands in what a caller calls their request: an Idempotency-Key."""


@pytest.fixture(scope="module")
async def talked_about(company: Company) -> Applicant:
    """Somebody about whom much was said, in every command that carries words and that their life comes by."""
    recruiter, manager, partner = company.recruiter, company.manager, company.partner
    requisition = await company.opens(jurisdiction="DE")
    await requisition.locks()
    contact = {"name": word("name"), "email": f"{word('email')}@example.com", "phone": "+49 30 901820"}
    applicant = taken(await recruiter.asks("/v1/humans", contact))["id"]
    resume = f"{word('resume')}\nFive years of product work at a county office.\n" * 9
    doc = await recruiter.uploads("resume", applicant, resume.encode(), "cv.txt")
    talk = f"Ann ({word('label')}): {said('talk')}\nBob: Yes, he did.\n"
    call = await recruiter.uploads("transcript", applicant, talk.encode(), "talk.txt")
    body = {"person": applicant, "source": "agency", "agency": word("agency"), "doc": doc, "notice_version": "2026-01"}
    await recruiter.does(f"{requisition.path}/add-candidate", body, key=word(KEY))
    lines = await recruiter.sees(f"{requisition.path}/candidates", bool)
    one = Applicant(requisition, lines[0]["id"], applicant, word("name"))
    await one.is_shortlisted()
    await requisition.slate_of(one)
    link = await company.link_of(one.id)
    newer = await recruiter.uploads("resume", applicant, resume.replace("Five", "Six").encode(), "cv-newer.txt")
    mistaken = {"interview_id": "I-2", "outcome": "interviewer_no_show", "why": said("mistaken")}
    outbound = {"at": at(minutes=-2), "direction": "outbound", "channel": "mail"}
    somebody = {"speaker": call["speakers"][0], "who": "somebody_else", "name": f"Ann {word('speaker')}"}
    steps: tuple[tuple[Any, str, dict[str, Any]], ...] = (
        (recruiter, "name-speakers", {"document": call["id"], "speakers": [somebody]}),
        (manager, "answer-profile", {"verdict": "hold", "needs": said("needs")}),
        (recruiter, "log-contact", outbound | {"answers_hold": said("known")}),
        (manager, "answer-profile", {"verdict": "reject", "why": said("why")}),
        (recruiter, "challenge-answer", {"question": said("question"), "evidence": said("evidence")}),
        (manager, "answer-profile", {"verdict": "advance", "criterion": "K1"}),
        (
            recruiter,
            "correct-contact",
            {"telephone": "+49 30 901820", "address": f"{word('spelt')}@example.com", "why": said("mistyped")},
        ),
        (recruiter, "wait-on-candidate", {"what_for": said("turn"), "until": at(days=3)}),
        (link, "record-request", {"kind": "accommodation", "at": at(minutes=-1), "words": said("request")}),
        (partner, "answer-request", {"request_id": "A-1", "outcome": "granted", "why": said("answer")}),
        (recruiter, "send-letter", {"letter_subject": said("subject"), "text": said("letter")}),
        (partner, "add-note", {"words": said("note"), "mentions": [recruiter.id]}),
        (recruiter, "tag-candidate", {"on": [f"kind {word('tag')}"]}),
        (recruiter, "replace-resume", {"doc": newer, "why": said("newer")}),
        (
            recruiter,
            "schedule-screen",
            screen_at(at(hours=1), where={"room": said("room")}),
        ),
        (recruiter, "record-screen", {"outcome": "no_show", "at": at(minutes=-1)}),
        (recruiter, "correct-screen", {"at": at(minutes=-9), "why": said("wrong")}),
        (recruiter, "override-gate", {}),
        (recruiter, "schedule-interview", {}),
        (recruiter, "cancel-interview", {"interview_id": "I-1", "cause": said("cause")}),
        (recruiter, "schedule-interview", {}),
        (recruiter, "record-interview", {"interview_id": "I-2", "outcome": "candidate_no_show"}),
        (recruiter, "correct-interview", mistaken),
        (link, "withdraw", {"cause": "other_offer", "at": at(seconds=-1), "words": said("words")}),
        (recruiter, "reinstate", {"stage": "advanced", "why": said("back")}),
        (manager, "reject", {"criterion": "K1"}),
        (recruiter, "tell-outcome", {"channel": "call", "text": said("told")}),
    )
    for by, command, given in steps:
        if command == "override-gate":
            await one.needs_no_screen()
        elif command == "schedule-interview":
            await one.meets(company.interviewer)
        elif command == "record-interview":
            await by.does(f"{one.path}/{command}", given | {"ended_at": at()})
        else:
            await by.does(f"{one.path}/{command}", given)
    await _is_talked_over(company, requisition)
    return one


async def _is_talked_over(company: Company, requisition: Requisition) -> None:
    """Everybody gives the reasons they are asked for, and they may well be about somebody."""
    recruiter, manager = company.recruiter, company.manager
    notes = await recruiter.uploads("notes", requisition.id, b"We spoke of the vendor once more.")
    held = {"kind": "full", "held_at": at(minutes=-1), "attendees": [manager.id]}
    rec = {"kind": "notes", "doc": notes, "why_unrecorded": said("unrecorded")}
    await recruiter.does(f"{requisition.path}/record-intake", held | {"rec": rec})
    await recruiter.does(f"{requisition.path}/change-terms", {"place": "Lisbon", "why": said("terms")})
    amended = {"base_version": 1, "job_text": "You make permits quick.", "why": said("amend")}
    receipt = await manager.does(f"{requisition.path}/amend-rubric", amended)
    await recruiter.reads(requisition.path, at_least=receipt["version"])
    proposed = (await recruiter.reads(f"{requisition.path}/rubric"))[0]
    assert proposed["why"] == said("amend")
    unsigned = {"version": 2, "hash": proposed["content_hash"], "sign": False, "why": said("unsigned")}
    passes = {"role": "recruiter", "to": company.second_signer.id, "from_at": at(days=30)}
    steps: tuple[tuple[Any, str, dict[str, Any]], ...] = (
        (recruiter, "sign-rubric", unsigned),
        (recruiter, "put-on-hold", {"review_at": at(days=2), "why": said("hold")}),
        (recruiter, "resume", {}),
        (recruiter, "hand-over", passes | {"why": said("handover")}),
        (recruiter, "cancel", {"why": said("cancel")}),
        (recruiter, "reopen", {"openings": 1, "cause": said("reopen")}),
    )
    for by, command, given in steps:
        await by.does(f"{requisition.path}/{command}", given)


async def test_what_was_said_is_read_by_those_who_may(company: Company, talked_about: Applicant) -> None:
    page = await company.recruiter.sees(talked_about.path, lambda it: it["told_at"])
    assert page["contact"]["name"] == word("name")
    told = str(await company.recruiter.reads(f"{talked_about.path}/timeline", limit=500))
    unread = [what for what in SAID[6:] if word(what) not in told]
    assert unread == [], "these were said in commands and cannot be read again"
    assert word("agency") in told
    assert "ciphertext" not in told
    assert "sealed:" not in told
    assert "[unreadable]" not in told


async def test_what_was_said_is_in_what_they_are_handed(company: Company, talked_about: Applicant) -> None:
    """Every word about somebody is in their export, and none that is about the requisition."""
    for voice in (company.recruiter, company.partner):
        answer = await voice.get(f"{talked_about.path}/export")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            handed = "\n".join(files.read(name).decode() for name in files.namelist())
        assert "+49 30 901820" in handed
        said_of_them = {*SAID, "agency"} - {"phone", "email"}
        assert [what for what in sorted(said_of_them) if word(what) not in handed] == []
        assert [what for what in REASONS if what != "agency" and word(what) in handed] == []


async def test_reasons_are_read_by_those_whose_requisition_it_is(company: Company, talked_about: Applicant) -> None:
    requisition = talked_about.requisition
    recruiter = company.recruiter
    told = str(await recruiter.sees(f"{requisition.path}/timeline", lambda it: word("reopen") in str(it), limit=500))
    assert [what for what in REASONS if word(what) not in told] == []
    assert "[unreadable]" not in told
    page = await recruiter.reads(requisition.path)
    assert page["hand_overs"]["recruiter"]["why"] == said("handover")


async def test_who_was_brought_by_an_agency_is_theirs_in_every_requisition(company: Company) -> None:
    first, second = await company.opens(), await company.opens()
    one = await first.gains("Ada Brought", source="agency", agency="Finders")
    body = {"person": one.human, "source": "agency", "notice_version": "2026-01"}
    problem(await company.recruiter.asks(f"{second.path}/add-candidate", body), 409, "owned_by_agency")
    other = await company.recruiter.asks(f"{second.path}/add-candidate", body | {"agency": "Seekers"})
    problem(other, 409, "owned_by_agency")
    taken(await company.recruiter.asks(f"{second.path}/add-candidate", body | {"agency": "Finders"}))


async def test_a_request_that_is_repeated_under_its_key_is_done_once(company: Company) -> None:
    first = await company.recruiter.does("/v1/requisitions", company.opening(), key="For Jane Doe")
    again = await company.recruiter.does("/v1/requisitions", company.opening(), key="For Jane Doe")
    assert again == first
    other = await company.recruiter.asks("/v1/requisitions", company.opening(place="Rome"), key="For Jane Doe")
    problem(other, 422, "key_reused")


async def test_what_was_said_lies_nowhere_in_the_clear(
    talked_about: Applicant, pool: asyncpg.Pool, temporal: Client, running: Settings, worker: Process
) -> None:
    title = rubric_sample()["title"].encode()  # of the job, and no secret: where it cannot be found, nobody looked
    kept: dict[str, bytes] = {}
    for row in await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        table = row["tablename"]
        kept[f"table {table}"] = b"\n".join(r[0].encode() for r in await pool.fetch(f'SELECT t::text FROM "{table}" t'))
    for stream in (f"candidate/{talked_about.id}", f"requisition/{talked_about.requisition.id}"):
        history = await temporal.get_workflow_handle(stream).fetch_history()
        kept[stream] = b"\n".join(event.SerializeToString() for event in history.events)
    for path in (worker.log, *running.home.glob(f"{running.temporal_file.name}*")):
        kept[path.name] = path.read_bytes()
    assert {"table documents", "table humans", "table candidates"} <= kept.keys()
    assert title in kept["table events"]
    assert title in kept[f"requisition/{talked_about.requisition.id}"]
    assert any(title in content for place, content in kept.items() if place.startswith(running.temporal_file.name))
    assert {place: list(in_the_clear(content)) for place, content in kept.items()} == {place: [] for place in kept}


def in_the_clear(content: bytes) -> Iterator[str]:
    """Which of the words stand in `content`, as text or as PostgreSQL writes bytes."""
    for what in (*SAID, *REASONS, KEY):
        if word(what).encode() in content or word(what).encode().hex().encode() in content:
            yield what


async def test_nothing_is_left_to_read_of_somebody_who_was_erased(company: Company) -> None:
    recruiter, partner = company.recruiter, company.partner
    requisition = await company.opens(jurisdiction="DE")
    await requisition.locks()
    gone = await requisition.gains("Gale Forget")
    resume = (await recruiter.reads(gone.path))["resume"]["id"]
    link = await company.link_of(gone.id)
    await link.does(f"{gone.path}/withdraw", {"cause": "personal", "at": at(seconds=-1), "words": said("leaving")})
    request = {"kind": "erasure", "at": at(seconds=-1), "words": said("forget")}
    await link.does(f"{gone.path}/record-request", request)
    await partner.does(f"{gone.path}/erase", {"request_id": "A-1"})

    page = await recruiter.sees(gone.path, lambda it: it["standing"] == "erased" and it["contact"] is None)
    assert "Gale" not in str(page)
    timeline = str(await recruiter.sees(f"{gone.path}/timeline", lambda entries: "[erased]" in str(entries)))
    assert word("leaving") not in timeline
    assert word("forget") not in timeline
    problem(await recruiter.get(f"/v1/documents/{resume}"), 409, "erased")
    problem(await recruiter.get(f"{gone.path}/export"), 409, "erased")
    answer = await recruiter.asks(f"{gone.path}/log-contact", {"at": at(), "direction": "inbound", "channel": "call"})
    problem(answer, 409, "erased")
    answer = await recruiter.asks(f"{gone.path}/record-request", request)
    problem(answer, 409, "erased")
    problem(await recruiter.upload("notes", gone.id, b"They called once more."), 409, "erased")

    back = await requisition.gains("Gale Forget")
    assert back.human != gone.human, "who comes back after that is somebody we do not know"
    assert (await recruiter.reads(back.path))["contact"]["name"] == "Gale Forget"
