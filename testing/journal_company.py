"""A company in memory: entities that talk to each other at once, so that a journal of whole requisitions can be
written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from domain.access.roles import Role
from domain.access.team import Actor
from domain.candidate.debrief import BookDebrief, HoldDebrief
from domain.candidate.decision import Decide
from domain.candidate.interviews import RecordInterview, ScheduleInterview
from domain.candidate.profile import AnswerProfile, Shortlist
from domain.candidate.scorecards import SubmitScorecard
from domain.candidate.screen import RecordScreen, ScheduleScreen
from domain.core.messages import Command, Effect, Record, Tick
from domain.core.money import Band
from domain.core.personal_text import PersonalText, Sealed
from domain.entity.call import Call, Facts
from domain.entity.effects import Tell, TellAll
from domain.evidence.documents import Doc, Evidence, Recording
from domain.evidence.interview_plan import Assignment
from domain.evidence.scorecard import Rating
from domain.notifications.notification import Notification
from domain.person import SetCalendar
from domain.person.inbox import Hear, SettleMessage
from domain.registry import DECIDERS
from domain.requisition.calibration import ShareSlate
from domain.requisition.intake import RecordIntake, ScheduleIntake
from domain.requisition.offers import AnswerOffer, MakeOffer
from domain.requisition.opening import Open
from domain.requisition.retro import AnswerRetro
from domain.requisition.roster import AddCandidate
from domain.requisition.rubric import AmendRubric, EditRubric, SignRubric
from domain.time.calendars import Calendar
from testing.people import (  # fmt: skip
    FACTS,
    INTERVIEWER,
    MANAGER,
    MANAGER_LEAD,
    MONDAY,
    OFFICE,
    PARTNER,
    RECRUITER,
    RECRUITING_LEAD,
)
from testing.places import PLACE
from testing.small_rubric import AGREEMENT, CRITERIA, PLAN

MINUTES = timedelta(minutes=5)
REQUISITION, SECOND = "R-SEARCH01", "R-SEARCH02"
ANNA, BERT = "C-ANNA0001", "C-BERT0001"
APPLICANT_ANNA, APPLICANT_BERT = "H-ANNA0001", "H-BERT0001"
REQUISITION_STREAM = f"requisition/{REQUISITION}"
SAID = Sealed(key=APPLICANT_ANNA, ciphertext="c2VhbGVk")
TRANSCRIPT = Recording(kind="transcript", doc=Doc(id="D-CALL01", sha256="0" * 64), consent_of_all=True)


class Company:
    """Entities by stream, their records, and the time."""

    def __init__(self) -> None:
        self.states: dict[str, Any] = {}
        self.journal: dict[str, list[Record]] = {}
        self.now: datetime = MONDAY

    def give(
        self, stream: str, by: str, command: Command, after: timedelta = timedelta(minutes=5), **facts: Any
    ) -> None:
        """`by` gives `command`, which must be accepted, so long after whatever happened before."""
        self.now += after
        standing = frozenset({Role.RECRUITER, Role.LEAD}) if by == RECRUITER else frozenset[Role]()
        self._perform(stream, command, Call(Actor(id=by, standing=standing), self.now, FACTS.but(**facts)))

    def _perform(self, stream: str, command: Command, call: Call) -> None:
        decider = DECIDERS[stream.partition("/")[0]]
        outcome = decider.perform(self.states.get(stream, decider.initial), command, call)
        self.states[stream] = outcome.state
        self.journal.setdefault(stream, []).extend(outcome.records)
        for _, effect in outcome.effects:
            self._carry_out(effect)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Tell(letter=letter):
                letters = [(letter.stream, letter.command, letter.payload)]
            case TellAll():
                letters = [(stream, effect.command, effect.payload) for stream in effect.streams]
            case _:
                return
        for stream, name, payload in letters:
            command = DECIDERS[stream.partition("/")[0]].commands[name].model_validate(payload)
            self._perform(stream, command, Call(Actor(id="S-TANDEM", kind="system"), self.now, Facts()))


def opened(company: Company, requisition: str = REQUISITION, **more: Any) -> None:
    """A requisition is opened."""
    command = Open(
        title="Platform engineer",
        team="Platform",
        hiring_manager=MANAGER,
        recruiter=RECRUITER,
        hr_partner=PARTNER,
        recruiting_lead=RECRUITING_LEAD,
        manager_lead=MANAGER_LEAD,
        band=Band.model_validate({"minimum": 60_000, "maximum": 80_000, "currency": "EUR"}),
        place="Berlin",
        jurisdiction="DE",
        openings=1,
    )
    company.give(f"requisition/{requisition}", RECRUITER, command, new_id=requisition, **more)


def intake_booked(company: Company) -> None:
    """The intake call is in the calendars, for tomorrow."""
    call = ScheduleIntake(starts_at=company.now + timedelta(days=1), minutes=60, attendees=(MANAGER,), where=PLACE)
    company.give(REQUISITION_STREAM, RECRUITER, call)


def rubric_written(company: Company) -> None:
    """The intake was held, and a draft of the rubric waits for signatures."""
    company.give(
        REQUISITION_STREAM,
        RECRUITER,
        RecordIntake(kind="full", held_at=company.now, attendees=(MANAGER,), rec=TRANSCRIPT),
        after=timedelta(days=1, hours=1),
    )
    draft = EditRubric(base_version=0, criteria=CRITERIA, plan=PLAN, agreement=AGREEMENT, job_text="Come.")
    company.give(REQUISITION_STREAM, MANAGER, draft)


def rubric_signed(company: Company) -> None:
    """Both sign what waits for signatures, and it locks."""
    state = company.states[REQUISITION_STREAM]
    for person in (RECRUITER, MANAGER):
        sign = SignRubric(version=state.draft.version, hash=state.draft_hash, sign=True)
        company.give(REQUISITION_STREAM, person, sign)


def rubric_amended(company: Company) -> None:
    """A change to the locked rubric waits for signatures."""
    harder = CRITERIA[0].but(behaviour="does thing 1 weekly")
    change = AmendRubric(base_version=1, criteria=(harder, *CRITERIA[1:]), why="monthly is not enough")
    company.give(REQUISITION_STREAM, MANAGER, change)


def candidates_added(company: Company) -> None:
    """Anna applied, and an agency brought Bert."""
    anna = AddCandidate(person=APPLICANT_ANNA, source="applied", notice_version="1")
    bert = AddCandidate(person=APPLICANT_BERT, source="agency", agency="Headhunters Ltd", notice_version="1")
    company.give(REQUISITION_STREAM, RECRUITER, anna, new_id=ANNA)
    company.give(REQUISITION_STREAM, RECRUITER, bert, new_id=BERT)


def advanced(company: Company) -> None:
    """Both are shortlisted and shared as a slate; the manager wants Anna and not Bert."""
    for candidate in (ANNA, BERT):
        verdicts = Shortlist(verdicts=dict.fromkeys(("K1", "K2", "K3"), "met"))
        company.give(f"candidate/{candidate}", RECRUITER, verdicts)
    company.give(REQUISITION_STREAM, RECRUITER, ShareSlate(candidate_ids=(ANNA, BERT), why="nobody else yet"))
    company.give(f"candidate/{ANNA}", MANAGER, AnswerProfile(verdict="advance", criterion="K1"))
    company.give(f"candidate/{BERT}", MANAGER, AnswerProfile(verdict="reject", why=SAID))


def interview_booked(company: Company) -> None:
    """Anna was screened; her debrief and her final interview are booked."""
    her = f"candidate/{ANNA}"
    at, agreed = company.now + timedelta(hours=1), company.now
    screen = ScheduleScreen(starts_at=at, minutes=30, candidate_zone="UTC", where=PLACE, candidate_agreed_at=agreed)
    company.give(her, RECRUITER, screen)
    held = RecordScreen(outcome="held", at=at, rec=TRANSCRIPT)
    company.give(her, RECRUITER, held, after=timedelta(hours=2))
    day = (company.now + timedelta(days=2)).replace(hour=10, minute=0)
    debrief = BookDebrief(
        starts_at=day + timedelta(hours=4), minutes=30, attendees=(RECRUITER, MANAGER, INTERVIEWER), where=PLACE
    )
    company.give(her, RECRUITER, debrief, calendars=dict[str, Calendar](FACTS.calendars))
    interview = ScheduleInterview(
        round=1,
        kind="conversation",
        interviewers=(Assignment(person=INTERVIEWER, criteria=("K1", "K2")),),
        starts_at=day,
        minutes=45,
        candidate_zone="UTC",
        where=PLACE,
    )
    company.give(her, RECRUITER, interview)


def hired(company: Company) -> None:
    """The card is in, the debrief decides, the offer is accepted."""
    her, card_day = f"candidate/{ANNA}", company.states[f"candidate/{ANNA}"].debrief.starts_at
    company.now = card_day - timedelta(hours=3)
    company.give(
        her, RECRUITER, RecordInterview(interview_id="I-1", outcome="held", ended_at=company.now, rec=TRANSCRIPT)
    )
    ratings = tuple(Rating(criterion=k, rating=3, evidence=(Evidence(observation=SAID),)) for k in ("K1", "K2"))
    version = company.states[her].judged_by.version
    company.give(
        her, INTERVIEWER, SubmitScorecard(interview_id="I-1", rubric_version=version, ratings=ratings, overall="yes")
    )
    company.now = card_day
    held = HoldDebrief(held_at=card_day, minutes=25, attendees=(RECRUITER, MANAGER, INTERVIEWER), where=PLACE)
    company.give(her, RECRUITER, held, after=timedelta(minutes=25))
    company.give(her, MANAGER, Decide(decision="hire", criteria=("K1", "K2"), reason=SAID))
    offer = MakeOffer(
        candidate_id=ANNA,
        amount=70_000,
        currency="EUR",
        start_on=(company.now + timedelta(days=60)).date(),
        answer_by=company.now + timedelta(days=7),
    )
    company.give(REQUISITION_STREAM, RECRUITER, offer)


def looked_back(company: Company, seal: Callable[[str], PersonalText] = str) -> None:
    """She accepts, and both sides look back."""
    company.give(REQUISITION_STREAM, RECRUITER, AnswerOffer(offer_id="O-1", answer="accepted"))
    company.now += timedelta(hours=48)
    worked = (seal("daily answers"), seal("one slate"))
    for person, change in ((RECRUITER, "I send the slate by Tuesday noon"), (MANAGER, "I answer by 10:00 each day")):
        company.give(
            REQUISITION_STREAM,
            person,
            AnswerRetro(worked=worked, change=seal(change), wished_to_work_around=person == RECRUITER),
        )


def works(company: Company, person: str) -> None:
    """Somebody's own entity begins, with an office calendar."""
    company.give(f"person/{person}", RECRUITER, SetCalendar(calendar=OFFICE), new_id=person)


def notified_twice(company: Company, person: str) -> None:
    """Somebody is told something twice over, the second time of what is no longer owed."""
    stream = f"person/{person}"
    for number in (1, 2):
        line = Notification(
            id=f"{REQUISITION_STREAM}/{number}/0", stream=REQUISITION_STREAM, matter="drift_seen",
            about={"rejected": number}, decided_at=company.now, told_as="recruiter", search=REQUISITION,
        )  # fmt: skip
        company.give(stream, RECRUITER, Hear(line=line))
        company.give(stream, RECRUITER, Tick(), after=timedelta(days=3))
    company.give(stream, RECRUITER, SettleMessage(number=2, withheld=True))


WHOLE_LIFE = (
    opened, intake_booked, rubric_written, rubric_signed, candidates_added, rubric_amended, rubric_signed, advanced,
    interview_booked, hired, looked_back,
)  # fmt: skip
