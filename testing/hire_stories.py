"""One candidate's hire in steps: each function is a story that far, told once and shared by everybody who begins there.

Monday: added, shortlisted and submitted. The debrief is on the Friday, after two interviews.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from domain.access.team import Actor
from domain.candidate import CANDIDATE
from domain.candidate.contact import LogContact
from domain.candidate.debrief import BookDebrief, HoldDebrief
from domain.candidate.decision import Decide
from domain.candidate.exits import TellOutcome
from domain.candidate.interviews import RecordInterview, ScheduleInterview
from domain.candidate.profile import AnswerProfile, Shortlist
from domain.candidate.requisition_inbound import Relay
from domain.candidate.scorecards import SubmitScorecard
from domain.candidate.screen import ConfirmSummary, RecordScreen, ScheduleScreen, SummaryBullet, SummaryVerdict
from domain.core.decider import Outcome
from domain.core.messages import Command, Effect, Event, Tick
from domain.core.money import Band, Pay
from domain.core.source_text import SourceText
from domain.entity.call import Facts
from domain.entity.clock_commands import OverrideGate
from domain.entity.effects import Tell
from domain.entity.entity_facts import CandidateFacts, OfferNews, Opening, RequisitionFacts, Submitted
from domain.evidence.debrief import FurtherStep
from domain.evidence.documents import Doc, Evidence, Quote, Recording
from domain.evidence.interview_plan import Assignment
from domain.evidence.rubric import Round, RubricFacts
from domain.evidence.scorecard import Rating
from domain.sla.clocks import Clock
from testing.decider_cases import Library, Step, Story, step
from testing.people import (
    FACTS,
    INTERVIEWER,
    MANAGER,
    MONDAY,
    OFFICE,
    PARTNER,
    POLICY,
    RECRUITER,
    RECRUITING_LEAD,
    SECOND_INTERVIEWER,
    TEAM,
    TICK,
)
from testing.places import PLACE
from testing.unnamed_call import TRANSCRIPT as UNNAMED_CALL

F = TypeVar("F", bound=Effect)
V = TypeVar("V", bound=Event)

CANDIDATE_ID, APPLICANT, REQUISITION_ID = "C-CANDIDATE1", "H-HUMAN001", "R-SEARCH01"
SYSTEM = Actor(id="S-TANDEM", kind="system")
LINK = Actor(id=CANDIDATE_ID, kind="candidate")
OTHER_LINK = Actor(id="C-SOMEBODY", kind="candidate")

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SCREEN_AT = MONDAY + DAY + HOUR
FIRST_AT, FINAL_AT = MONDAY + 2 * DAY + 3 * HOUR, MONDAY + 3 * DAY + HOUR
DEBRIEF_AT = MONDAY + 4 * DAY + HOUR

SHA = "0" * 64
RESUME, SCREEN_DOC, FIRST_DOC, FINAL_DOC = "D-RESUME01", "D-SCREEN01", "D-FIRST001", "D-FINAL001"
LIBRARY = Library(
    D_RESUME01=SourceText(text="Led the move of 40 permit forms to one page"),
    D_SCREEN01=SourceText(text="I counted the calls and showed him the tally. I would look for 90,000 a year."),
    D_FIRST001=SourceText(text="We removed the map because nine of ten people never opened it."),
    D_FINAL001=SourceText(text="I signed the security review myself in March."),
    D_CALLED01=UNNAMED_CALL,
)
SAID = {
    SCREEN_DOC: "I counted the calls and showed him the tally",
    FIRST_DOC: "nine of ten people never opened it",
    FINAL_DOC: "I signed the security review myself",
}
SEEN = "Brought the tally of forty calls and drew the two pages it led to"

RUBRIC = RubricFacts(
    version=1,
    content_hash="a" * 64,
    weights={"K1": "must", "K2": "must", "K3": "growth"},
    fingerprints={"K1": "one", "K2": "two", "K3": "three"},
    requirements=("Q1",),
    plan=(
        Round(round=1, kind="conversation", criteria=("K1", "K2"), minutes=60),
        Round(round=2, kind="panel", criteria=("K1", "K3"), minutes=60, final=True),
    ),
)
AMENDED = RUBRIC.but(version=2, content_hash="b" * 64, fingerprints={"K1": "other", "K2": "two", "K3": "three"})


def facts(number: int = 1, **changes: Any) -> RequisitionFacts:
    """The requisition as its candidates know it."""
    requisition = RequisitionFacts(
        number=number,
        requisition=REQUISITION_ID,
        standing="open",
        team=TEAM,
        band=Band.model_validate({"minimum": 70_000, "maximum": 95_000, "currency": "EUR"}),
        jurisdiction="DE",
        rubric=RUBRIC,
    )
    return requisition.but(**changes)


def opening(requisition: RequisitionFacts | None = None, **changes: Any) -> Opening:
    """What their workflow begins with."""
    begins = Opening(
        number=1,
        candidate=CANDIDATE_ID,
        human=APPLICANT,
        source="applied",
        resume=RESUME,
        resume_sha256=SHA,
        notice_version="2026-01",
        search=requisition or facts(),
        policy=POLICY,
        calendars=dict.fromkeys((RECRUITER, MANAGER, PARTNER, TEAM.recruiting_lead, TEAM.manager_lead), OFFICE),
    )
    return begins.but(**changes)


def quote(document: str, words: str | None = None) -> Evidence:
    """A quote, by default the one thing that is said in the document."""
    return Evidence(quote=Quote(document=document, words=words or SAID[document]))


def saw(words: str = SEEN) -> Evidence:
    """Something an interviewer saw."""
    return Evidence(observation=words)


def transcript(document: str) -> Recording:
    """A recording everybody agreed to."""
    return Recording(kind="transcript", doc=Doc(id=document, sha256=SHA), consent_of_all=True)


def recording(document: str) -> Recording:
    """A recording everybody agreed to, which is to be transcribed."""
    return transcript(document).but(kind="recording")


def notes(document: str = "D-NOTES001") -> Recording:
    """Signed notes of a call that was not recorded."""
    return Recording(kind="notes", doc=Doc(id=document, sha256=SHA), why_unrecorded="The line would not record")


def relayed(fact: Any, **more: Any) -> Step:
    """The requisition tells them something."""
    return step(SYSTEM, Relay(fact=fact), **more)


SHORTLIST = Shortlist(verdicts={"K1": "met", "K2": "partly", "K3": "not_discussed"})
ADVANCE = AnswerProfile(verdict="advance", criterion="K1")
HOLD = AnswerProfile(verdict="hold", criterion="K2", needs="Whether she signed the security review herself in 2024")
REJECT = AnswerProfile(
    verdict="reject", criterion="K2", why="Named no item on the plan that changed after watching users"
)
SCHEDULE_SCREEN = ScheduleScreen(starts_at=SCREEN_AT, minutes=30, candidate_zone="UTC", where=PLACE)
RECORD_SCREEN = RecordScreen(outcome="held", at=SCREEN_AT + 30 * MINUTE, rec=transcript(SCREEN_DOC))
SUMMARY = ConfirmSummary(
    bullets=tuple(
        SummaryBullet(text=f"Point {n}: counted the calls first", evidence=quote(SCREEN_DOC)) for n in range(5)
    ),
    verdicts={
        "K1": SummaryVerdict(verdict="met", evidence=quote(SCREEN_DOC)),
        "K2": SummaryVerdict(verdict="partly", evidence=quote(RESUME, "40 permit forms to one page")),
        "K3": SummaryVerdict(verdict="not_discussed"),
    },
    strongest=Quote(document=SCREEN_DOC, words=SAID[SCREEN_DOC]),
    expectation=Pay.model_validate({"amount": 90_000, "currency": "EUR"}),
)
FIRST = ScheduleInterview(
    round=1,
    kind="conversation",
    interviewers=(Assignment(person=INTERVIEWER, criteria=("K1", "K2")),),
    starts_at=FIRST_AT,
    minutes=60,
    candidate_zone="UTC",
    where=PLACE,
)
FINAL = ScheduleInterview(
    round=2,
    kind="panel",
    interviewers=(
        Assignment(person=INTERVIEWER, criteria=("K1",)),
        Assignment(person=SECOND_INTERVIEWER, criteria=("K3",)),
    ),
    starts_at=FINAL_AT,
    minutes=60,
    candidate_zone="UTC",
    where=PLACE,
)
BOOK_DEBRIEF = BookDebrief(starts_at=DEBRIEF_AT, minutes=30, attendees=(RECRUITER, MANAGER, INTERVIEWER), where=PLACE)
HOLD_DEBRIEF = HoldDebrief(held_at=DEBRIEF_AT + 20 * MINUTE, minutes=20, attendees=(RECRUITER, MANAGER, INTERVIEWER))
HIRE = Decide(decision="hire", criteria=("K1", "K2"), reason="Counts first, and partners keep calling")
FURTHER = Decide(decision="further_step", step=FurtherStep(round=3, criterion="K2", interviewer=INTERVIEWER))
NO_HIRE = Decide(decision="no_hire", criteria=("K2",), reason="No item on a plan changed")
TOLD = TellOutcome(channel="mail", text="Thank you for your time. We have chosen to go on with others.")


def recorded(interview: str, document: str | None, ended: datetime, **changes: Any) -> RecordInterview:
    """The interview was held, and recorded if there is a document; else there are notes."""
    rec = transcript(document) if document else notes()
    held = RecordInterview(interview_id=interview, outcome="held", ended_at=ended, rec=rec)
    return held.but(**changes)


def card(interview: str, scores: dict[str, int], document: str, **changes: Any) -> SubmitScorecard:
    """A card with the same quote under each score."""
    ratings = tuple(
        Rating.model_validate({"criterion": key, "rating": score, "evidence": [quote(document), saw()]})
        for key, score in scores.items()
    )
    return SubmitScorecard(interview_id=interview, rubric_version=1, ratings=ratings, overall="yes").but(**changes)


FIRST_CARD = card("I-1", {"K1": 4, "K2": 3}, FIRST_DOC)
FINAL_CARD = card("I-2", {"K1": 3}, FINAL_DOC)
LAST_CARD = card("I-2", {"K3": 2}, FINAL_DOC)


def _shared(tell: Callable[[], Story]) -> Callable[[], Story]:
    """Tells the story once; everybody who goes on from there has a copy."""
    once = cache(tell)

    def copy() -> Story:
        story = Story(once().decider, once().library)
        story.state, story.now = once().state, once().now
        return story

    return copy


def opened(requisition: RequisitionFacts | None = None, **changes: Any) -> Story:
    """Somebody is in the requisition, where nothing is changed with the rubric locked."""
    return Story(CANDIDATE, LIBRARY).after(relayed(opening(requisition, **changes), at=MONDAY))


def before_the_lock() -> Story:
    """Somebody applied before the rubric was locked."""
    return opened(facts(rubric=None))


@_shared
def shortlisted() -> Story:
    return opened().after(step(RECRUITER, SHORTLIST))


@_shared
def submitted() -> Story:
    return shortlisted().after(relayed(Submitted(number=5, slate=True, at=MONDAY)))


@_shared
def held() -> Story:
    return submitted().after(step(MANAGER, HOLD))


@_shared
def turned_down() -> Story:
    return submitted().after(step(MANAGER, REJECT))


@_shared
def advanced() -> Story:
    return submitted().after(step(MANAGER, ADVANCE))


@_shared
def screen_booked() -> Story:
    return advanced().after(step(RECRUITER, SCHEDULE_SCREEN))


@_shared
def screened() -> Story:
    return screen_booked().after(step(RECRUITER, RECORD_SCREEN, at=SCREEN_AT + 35 * MINUTE))


@_shared
def summed_up() -> Story:
    return screened().after(step(RECRUITER, SUMMARY))


@_shared
def debrief_booked() -> Story:
    return summed_up().after(step(RECRUITER, BOOK_DEBRIEF))


@_shared
def first_booked() -> Story:
    return debrief_booked().after(step(RECRUITER, FIRST, at=MONDAY + DAY + 2 * HOUR, facts=FACTS))


@_shared
def both_booked() -> Story:
    return first_booked().after(step(RECRUITER, FINAL))


@_shared
def first_held() -> Story:
    return both_booked().after(step(RECRUITER, recorded("I-1", FIRST_DOC, FIRST_AT + HOUR), at=FIRST_AT + HOUR))


@_shared
def first_card_in() -> Story:
    return first_held().after(step(INTERVIEWER, FIRST_CARD, after=HOUR))


@_shared
def final_held() -> Story:
    return first_card_in().after(step(RECRUITER, recorded("I-2", FINAL_DOC, FINAL_AT + HOUR), at=FINAL_AT + HOUR))


@_shared
def one_card_missing() -> Story:
    return final_held().after(step(INTERVIEWER, FINAL_CARD))


@_shared
def cards_in() -> Story:
    return one_card_missing().after(step(SECOND_INTERVIEWER, LAST_CARD))


@_shared
def debriefed() -> Story:
    return cards_in().after(step(RECRUITER, HOLD_DEBRIEF, at=DEBRIEF_AT + 22 * MINUTE))


@_shared
def hired() -> Story:
    return debriefed().after(step(MANAGER, HIRE, after=MINUTE))


@_shared
def offered() -> Story:
    return hired().after(relayed(OfferNews(number=20, offer_id="O-1", status="made")))


@_shared
def out() -> Story:
    return debriefed().after(step(MANAGER, NO_HIRE, after=MINUTE))


@_shared
def asked_something() -> Story:
    log = LogContact(at=MONDAY + 4 * DAY, direction="outbound", channel="mail")
    return cards_in().after(step(RECRUITER, log, at=MONDAY + 4 * DAY))


@_shared
def with_an_unmet_must() -> Story:
    weak = card("I-1", {"K1": 4, "K2": 2}, FIRST_DOC)
    return first_held().after(
        step(INTERVIEWER, weak),
        step(RECRUITER, recorded("I-2", FINAL_DOC, FINAL_AT + HOUR), at=FINAL_AT + HOUR),
        step(INTERVIEWER, FINAL_CARD),
        step(SECOND_INTERVIEWER, LAST_CARD),
        step(RECRUITER, HOLD_DEBRIEF, at=DEBRIEF_AT + 25 * MINUTE),
    )


@_shared
def after_a_further_step() -> Story:
    debrief, interview = DEBRIEF_AT + 5 * DAY, DEBRIEF_AT + 4 * DAY
    return debriefed().after(
        step(MANAGER, FURTHER),
        step(RECRUITER, BOOK_DEBRIEF.but(starts_at=debrief)),
        step(RECRUITER, FIRST.but(round=3, starts_at=interview)),
        step(RECRUITER, recorded("I-3", FIRST_DOC, interview + HOUR), at=interview + HOUR),
        step(INTERVIEWER, card("I-3", {"K1": 4, "K2": 3}, FIRST_DOC)),
        step(RECRUITER, HOLD_DEBRIEF.but(held_at=debrief + 20 * MINUTE), at=debrief + 25 * MINUTE),
    )


def overridden(story: Callable[[], Story], command: Command, *gates: str) -> Callable[[], Story]:
    """The story, gates that were opened for an hour, what was done meanwhile, and the hour is over."""

    def told_with_gates() -> Story:
        begun = story()
        grants = (
            OverrideGate(
                gate=gate, subject=CANDIDATE_ID, asked_by=RECRUITER, why="They leave on Friday", until=begun.now + HOUR
            )
            for gate in gates
        )
        steps = [step(RECRUITING_LEAD, grant) for grant in grants]
        return begun.after(*steps, step(RECRUITER, command), step(TICK, Tick(), after=HOUR))

    return told_with_gates


def at_stage(story: Callable[[], Story], command: Command, by: str | Actor, **more: Any) -> Callable[[], Story]:
    """The story, and one more step."""
    return lambda: story().after(step(by, command, **more))


def amended(story: Callable[[], Story], number: int = 30) -> Callable[[], Story]:
    """The story, and then the rubric was amended."""
    return lambda: story().after(relayed(facts(number, rubric=AMENDED)))


def with_facts(**changes: Any) -> Facts:
    """What the API looked up, with something besides."""
    return FACTS.but(**changes)


def clock(story: Story, name: str, about: str = "") -> Clock | None:
    """The running clock of this name, if there is one."""
    running = (c for c in story.state.clocks.values() if c.name == name and c.about == about)
    return next(running, None)


def running(story: Story, name: str, about: str = "") -> Clock:
    """The clock of this name, which must run."""
    found = clock(story, name, about)
    assert found is not None, f"{name} does not run"
    return found


def due(story: Story, name: str, about: str = "") -> datetime:
    """When the running clock of this name falls due (UTC)."""
    return running(story, name, about).due_at


def said(story: Story, kind: type[V]) -> V:
    """The first event of this kind that the last command came to."""
    assert isinstance(story.outcome, Outcome), "refused"
    return next(record.event for record in story.outcome.records if isinstance(record.event, kind))


def effects(story: Story, kind: type[F]) -> list[F]:
    """What the last command has done outside, of one kind."""
    assert isinstance(story.outcome, Outcome), "refused"
    return [effect for _, effect in story.outcome.effects if isinstance(effect, kind)]


def last_fact(story: Story) -> CandidateFacts:
    """What the requisition last heard of the candidate."""
    return CandidateFacts.model_validate(effects(story, Tell)[-1].letter.payload["fact"])


def happened(story: Story) -> list[str]:
    """The kinds of events the last command came to, in order."""
    assert isinstance(story.outcome, Outcome), "refused"
    return [record.event.type for record in story.outcome.records]


def passes(story: Story, until: datetime) -> Story:
    """Time passes, and nobody does anything."""
    return story.when(TICK, Tick(), at=until).then()
