"""A whole hire in memory, from the opening to the offer, as the domain's tests and the benchmarks play it."""

from __future__ import annotations

from datetime import timedelta

from domain.access.roles import Role
from domain.evidence.documents import Doc
from domain.requisition.intake import RecordIntake
from domain.requisition.offers import MakeOffer
from domain.requisition.rubric import SignRubric
from testing import hire_stories, requisition_stories
from testing.in_memory_company import Company
from testing.people import INTERVIEWER, MANAGER, MONDAY, RECRUITER, SECOND_INTERVIEWER, person

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
REQUISITION_STREAM, FIRST, SECOND = "requisition/R-SEARCH1", "candidate/C-000001", "candidate/C-000002"


def began(seed: int | None = None, company: Company | None = None) -> Company:
    """A requisition with a locked rubric and two candidates."""
    company = company or Company(hire_stories.LIBRARY, seed)
    company.give(
        REQUISITION_STREAM, person(RECRUITER, Role.RECRUITER), requisition_stories.OPEN, facts=requisition_stories.new()
    )
    record = RecordIntake(
        kind="full", held_at=MONDAY, attendees=(RECRUITER, MANAGER), rec=requisition_stories.transcript()
    )
    company.give(REQUISITION_STREAM, RECRUITER, record).give(REQUISITION_STREAM, MANAGER, requisition_stories.EDIT)
    state = company.states[REQUISITION_STREAM]
    for signer in (RECRUITER, MANAGER):
        company.give(
            REQUISITION_STREAM, signer, SignRubric(version=state.draft.version, hash=state.draft_hash, sign=True)
        )
    for number in (1, 2):
        joins(company, number)
    return company


def joins(company: Company, number: int) -> None:
    """The candidate of this number is added, with a résumé, and shortlisted."""
    candidate = requisition_stories.candidate_id(number)
    addition = requisition_stories.addition(number, doc=Doc(id=hire_stories.RESUME, sha256=hire_stories.SHA))
    company.give(REQUISITION_STREAM, RECRUITER, addition, facts=requisition_stories.new(candidate))
    company.give(f"candidate/{candidate}", RECRUITER, hire_stories.SHORTLIST)


def to_the_decision(company: Company, stream: str = FIRST) -> Company:
    """The candidate on `stream` is submitted in a slate, advanced, met and to be hired."""
    company.give(REQUISITION_STREAM, RECRUITER, requisition_stories.slate(2, why="The market is small."))
    company.give(FIRST, MANAGER, hire_stories.ADVANCE).give(SECOND, MANAGER, hire_stories.ADVANCE)
    agreed = hire_stories.SCHEDULE_SCREEN.but(candidate_agreed_at=company.now)  # to be met so soon
    company.give(stream, RECRUITER, agreed)
    company.give(stream, RECRUITER, hire_stories.RECORD_SCREEN, at=hire_stories.SCREEN_AT + 35 * MINUTE)
    for command in (hire_stories.SUMMARY, hire_stories.BOOK_DEBRIEF, hire_stories.FIRST, hire_stories.FINAL):
        company.give(stream, RECRUITER, command)
    company.give(
        stream,
        RECRUITER,
        hire_stories.recorded("I-1", hire_stories.FIRST_DOC, hire_stories.FIRST_AT + HOUR),
        at=hire_stories.FIRST_AT + HOUR,
    )
    company.give(stream, INTERVIEWER, hire_stories.FIRST_CARD)
    company.give(
        stream,
        RECRUITER,
        hire_stories.recorded("I-2", hire_stories.FINAL_DOC, hire_stories.FINAL_AT + HOUR),
        at=hire_stories.FINAL_AT + HOUR,
    )
    company.give(stream, INTERVIEWER, hire_stories.FINAL_CARD).give(stream, SECOND_INTERVIEWER, hire_stories.LAST_CARD)
    company.give(stream, RECRUITER, hire_stories.HOLD_DEBRIEF, at=hire_stories.DEBRIEF_AT + 22 * MINUTE)
    return company.give(stream, MANAGER, hire_stories.HIRE)


def offer(company: Company, number: int = 1) -> MakeOffer:
    """An offer within the band."""
    return MakeOffer(
        candidate_id=requisition_stories.candidate_id(number),
        amount=requisition_stories.BAND.maximum,
        currency="EUR",
        start_on=(company.now + 90 * DAY).date(),
        answer_by=company.now + 7 * DAY,
    )
