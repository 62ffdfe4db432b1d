"""Answers from people's own calendars, given to real workflows: as whoever was invited, and as nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from temporalio.client import Client

from ops.calendar_answers import CalendarAnswers, Heard
from ops.received_mail import take_in
from settings import Settings
from testing.api_company import Applicant, Company, interview_with
from testing.calendar_mails import MANNERS, Said, gmail, outlook, outlook_proposes
from wiring import Stores


@pytest.fixture
def answers(pool: asyncpg.Pool, running: Settings, temporal: Client) -> CalendarAnswers:
    return CalendarAnswers(temporal, Stores(pool, running))


@pytest.fixture
async def one(company: Company) -> Applicant:
    """Somebody who is invited to a first interview."""
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Ruth Answers")
    await one.is_shortlisted()
    await requisition.slate_of(one)
    await one.is_advanced()
    await one.needs_no_screen()
    await one.meets(company.interviewer)
    return one


async def answered(company: Company, one: Applicant) -> dict[str, Any]:
    interview: dict[str, Any] = (await company.recruiter.reads(one.path))["interviews"]["I-1"]
    return dict(interview["answers"])


async def sees_answers(company: Company, one: Applicant, answers: dict[str, str]) -> None:
    """Waits until these are the answers."""
    await company.recruiter.sees(one.path, lambda view: view["interviews"]["I-1"]["answers"] == answers)


@pytest.mark.parametrize("manner", MANNERS)
async def test_who_accepts_in_their_calendar_has_accepted(
    company: Company, one: Applicant, answers: CalendarAnswers, manner: str
) -> None:
    iris = company.interviewer.id
    said = Said(f"{one.id}-I-1", await company.mail_of(iris))

    first, again = [await answers.take(MANNERS[manner](said)) for _ in range(2)]

    assert (first.heard, first.by, again) == (Heard.TAKEN, iris, first)
    await sees_answers(company, one, {iris: "accept"})
    timeline = await company.recruiter.reads(f"{one.path}/timeline")
    assert [(entry["by"]) for entry in timeline if entry["type"] == "invitation_answered"] == [iris]


async def test_the_candidate_declines_says_why_and_proposes(
    company: Company, one: Applicant, answers: CalendarAnswers
) -> None:
    contact = await company.recruiter.reads(one.path)
    said = Said(f"{one.id}-I-1-candidate", contact["contact"]["email"], "DECLINED", comment="My train is at nine")

    declined = await answers.take(outlook(said))
    assert (declined.heard, declined.by) == (Heard.TAKEN, one.id)
    await sees_answers(company, one, {"candidate": "decline"})
    entries = [e for e in await company.recruiter.reads(f"{one.path}/timeline") if e["type"] == "invitation_answered"]
    assert entries[-1]["payload"]["cause"] == "My train is at nine"
    kept = await company.pool.fetchval(
        "SELECT string_agg(payload::text, '') FROM events WHERE stream LIKE $1", f"%{one.id}"
    )
    assert "My train" not in kept, "their words are sealed"

    later = replace(said, partstat="TENTATIVE", stamp=said.stamp.replace(hour=11))
    assert (await answers.take(outlook_proposes(later, "20370306T140000"))).heard == Heard.TAKEN
    await sees_answers(company, one, {"candidate": "propose"})


async def test_nobody_answers_for_somebody_else(company: Company, one: Applicant, answers: CalendarAnswers) -> None:
    iris, manager = [await company.mail_of(who.id) for who in (company.interviewer, company.manager)]
    ours, theirs = f"{one.id}-I-1", f"{one.id}-I-1-candidate"
    mail = gmail(Said(ours, iris))
    for forged in (
        gmail(Said(ours, "mallory@elsewhere.example")),  # from a stranger
        gmail(Said(ours, manager)),  # from a colleague who is not invited
        gmail(Said(theirs, iris)),  # an interviewer, on the candidate's own
        mail.replace(b'From: "Somebody" <' + iris.encode(), b'From: "Somebody" <mallory@elsewhere.example'),
        mail.replace(b":mailto:" + iris.encode(), b":mailto:mallory@elsewhere.example"),
    ):
        assert (await answers.take(forged)).heard == Heard.NOT_INVITED
    assert (await answers.take(gmail(Said(f"{one.id}-screen", iris)))).heard == Heard.NOT_ANSWERED_HERE
    assert (await answers.take(gmail(Said(f"{one.id}-I-9", iris)))).heard == Heard.NOT_ANSWERED_HERE
    assert (await answers.take(gmail(Said("C-NOBODY99-I-1", iris)))).heard == Heard.NOT_ANSWERED_HERE
    assert (await answers.take(gmail(Said("a3f@google.com", iris)))).heard == Heard.NO_ANSWER
    assert (await answers.take(gmail(Said(ours, iris, "TENTATIVE")))).heard == Heard.TENTATIVE
    assert await answered(company, one) == {}

    # The organizer in an answer is nobody whom anything is asked of, or told.
    elsewhere = mail.replace(b"mailto:tandem@localhost", b"mailto:mallory@elsewhere.example")
    assert (await answers.take(elsewhere)).heard == Heard.TAKEN


async def test_an_answer_to_the_time_before_counts_for_nothing(
    company: Company, one: Applicant, answers: CalendarAnswers
) -> None:
    said = Said(f"{one.id}-I-1", await company.mail_of(company.interviewer.id))
    moved = {"interview_id": "I-1", "cause": "The room", "starts_at": interview_with()["starts_at"]}
    receipt = await company.recruiter.does(f"{one.path}/reschedule-interview", moved)
    await company.recruiter.reads(one.path, at_least=receipt["version"])

    assert (await answers.take(gmail(said))).heard == Heard.OUTDATED
    assert (await answers.take(gmail(replace(said, sequence=1)))).heard == Heard.TAKEN

    receipt = await company.recruiter.does(f"{one.path}/cancel-interview", {"interview_id": "I-1", "cause": "Filled"})
    await company.recruiter.reads(one.path, at_least=receipt["version"])
    late = await answers.take(gmail(replace(said, sequence=2, partstat="DECLINED")))
    assert (late.heard, late.code) == (Heard.REFUSED, "not_permitted")


async def test_a_mail_that_comes_in_is_an_answer_where_it_is_one(
    company: Company, one: Applicant, app: FastAPI
) -> None:
    iris = company.interviewer.id
    said = Said(f"{one.id}-I-1", await company.mail_of(iris))

    laid = await take_in(app.state.services, gmail(said))

    assert (laid.what, laid.candidate, laid.aside) == ("calendar", one.id, None)
    await sees_answers(company, one, {iris: "accept"})
    forged = await take_in(app.state.services, gmail(replace(said, by="mallory@elsewhere.example")))
    assert (forged.what, forged.aside) == ("reply", "nobody"), "a mail like any other, for a person to look at"
