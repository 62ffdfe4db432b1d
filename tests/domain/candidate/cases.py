"""Every command of a candidate's life: one case in which it is taken, and one for each way it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.access.team import Delegate
from domain.candidate import CANDIDATE
from domain.candidate.candidate_wait import WaitOnCandidate, WaitStarted
from domain.candidate.contact import ContactLogged, LogContact
from domain.candidate.contact_details import ContactCorrected, CorrectContact, KeptContact
from domain.candidate.corrections import (
    CorrectInterview,
    CorrectScreen,
    InterviewCorrected,
    RoundReopened,
    ScreenCorrected,
)
from domain.candidate.debrief import DebriefBooked, DebriefHeld, DebriefRebooked, RebookDebrief
from domain.candidate.decision import Decide, Decided, DecisionDeferred, FurtherStepNamed
from domain.candidate.exits import (
    CandidateReinstated,
    CandidateRejected,
    CandidateTransferred,
    CandidateWithdrew,
    OutcomeTold,
    Reinstate,
    Reject,
    Transfer,
    Withdraw,
)
from domain.candidate.interviews import (
    CancelInterview,
    InterviewCancelled,
    InterviewRecorded,
    InterviewRescheduled,
    InterviewScheduled,
    InvitationAnswered,
    RescheduleInterview,
    RespondInterview,
)
from domain.candidate.letters import HearReply, LetterSent, ReplyCame, SendLetter
from domain.candidate.notes import AddNote, NoteAdded
from domain.candidate.profile import (
    AnswerChallenged,
    AnswerProfile,
    ChallengeAnswer,
    HoldAnswered,
    ProfileAnswered,
    Shortlisted,
    SubmissionHeard,
)
from domain.candidate.requests import (
    AnswerRequest,
    CandidateErased,
    Erase,
    RecordRequest,
    RequestAnswered,
    RequestRecorded,
)
from domain.candidate.requisition_inbound import CandidateOpened, Relay
from domain.candidate.resume_replacement import ReplaceResume, ResumeReplaced
from domain.candidate.scorecards import QuotesMarked, ReaffirmScorecard, ScorecardSubmitted, ScoreReaffirmed
from domain.candidate.screen import ScreenRecorded, ScreenScheduled, SummaryBullet, SummaryConfirmed, SummaryOutdated
from domain.candidate.state import RequestKind
from domain.candidate.tags import MOST, CandidateTagged, TagCandidate
from domain.core.messages import Command, Tick
from domain.entity.clock_commands import (
    AdoptPolicy,
    CalendarsLearned,
    DeliveryFailed,
    ExtendClock,
    GateOverridden,
    LearnCalendars,
    LegalHoldSet,
    OverrideGate,
    PolicyAdopted,
    ResolveTask,
    SetLegalHold,
    TakeOver,
    TaskRaised,
    TaskResolved,
    WaiveClock,
)
from domain.entity.entity_facts import Submitted
from domain.entity.speaker_naming import LabelAnswer, SpeakersKnown, SpeakersNamed
from domain.entity.transcription import AttachTranscript, ReportUntranscribed, TranscriptAttached, TranscriptionFailed
from domain.entity.wall_clocks import KeepHour
from domain.evidence.debrief import LeftOut
from domain.evidence.documents import Doc
from domain.evidence.draft_events import AttachDraft, DraftAttached
from domain.evidence.interview_plan import Assignment
from domain.evidence.meeting_place import Place
from domain.evidence.scorecard import Rating
from domain.sla.clocks import ClockDueChanged, ClockOwnerChanged, ClockWaived
from testing.decider_cases import Story, step
from testing.hire_stories import (
    ADVANCE,
    BOOK_DEBRIEF,
    CANDIDATE_ID,
    DAY,
    DEBRIEF_AT,
    FINAL,
    FINAL_AT,
    FINAL_DOC,
    FIRST,
    FIRST_AT,
    FIRST_CARD,
    FIRST_DOC,
    FURTHER,
    HIRE,
    HOLD,
    HOLD_DEBRIEF,
    HOUR,
    LAST_CARD,
    LINK,
    NO_HIRE,
    RECORD_SCREEN,
    REJECT,
    SCHEDULE_SCREEN,
    SCREEN_AT,
    SCREEN_DOC,
    SHA,
    SHORTLIST,
    SUMMARY,
    SYSTEM,
    TOLD,
    advanced,
    after_a_further_step,
    amended,
    asked_something,
    at_stage,
    before_the_lock,
    both_booked,
    cards_in,
    debrief_booked,
    debriefed,
    facts,
    first_card_in,
    first_held,
    held,
    hired,
    notes,
    offered,
    one_card_missing,
    opened,
    opening,
    out,
    overridden,
    quote,
    recorded,
    recording,
    relayed,
    saw,
    screen_booked,
    screened,
    shortlisted,
    submitted,
    summed_up,
    transcript,
    turned_down,
    with_an_unmet_must,
    with_facts,
)
from testing.people import (
    INTERVIEWER,
    MANAGER,
    MANAGER_LEAD,
    MONDAY,
    OFFICE,
    PARTNER,
    RECRUITER,
    RECRUITING_LEAD,
    SECOND_INTERVIEWER,
    STRANGER,
    STRICTER,
    TEAM,
    TICK,
)
from testing.unnamed_call import BY_TELEPHONE, CALL, MISNAMED, NAMING, OF_THE_APPLICANT, UNNAMED, naming
from tests.domain.case_table import Case

DELEGATE = "P-DELEGATE0"
KEEP = KeepHour(meeting="I-1", stood_at=FIRST_AT, starts_at=FIRST_AT + HOUR)


def clock_id(story: Callable[[], Story], name: str) -> str:
    """The id of the running clock of this name."""
    found: str = next(clock.id for clock in story().state.clocks.values() if clock.name == name)
    return found


def searching(story: Callable[[], Story], number: int = 40, **changes: Any) -> Callable[[], Story]:
    """The story, and then the requisition changed."""
    return lambda: story().after(relayed(facts(number, **changes)))


def outbound(days: int = 4, **changes: Any) -> LogContact:
    """A word to the candidate."""
    return LogContact(at=MONDAY + days * DAY, direction="outbound", channel="mail").but(**changes)


DEFER = Decide(decision="defer", follow_up_at=DEBRIEF_AT + 3 * DAY)
DEFERRED = at_stage(debriefed, DEFER, MANAGER)
ERASURE = RecordRequest(kind="erasure", at=MONDAY)
ERASURE_ASKED = at_stage(turned_down, ERASURE, SYSTEM)
AMENDED_CARDS = amended(cards_in)
REAFFIRM = ReaffirmScorecard(interview_id="I-1", criterion="K1", unchanged=True)
TRANSFER = Transfer(to_requisition="R-OTHER001", consent_at=MONDAY)
MOVE = RescheduleInterview(interview_id="I-1", cause="The room is taken", starts_at=FIRST_AT + DAY + 2 * HOUR)
UPSTAIRS = Place(room="Second floor, the room by the stairs")
REBOOK = RebookDebrief(starts_at=DEBRIEF_AT + HOUR, cause="The manager is on a plane")
CLOCK = clock_id(submitted, "profile_answered")
WAIVE = WaiveClock(clock_id=CLOCK, why="They were away for a funeral")
EXTEND = ExtendClock(clock_id=CLOCK, until=MONDAY + 3 * DAY, why="Away until Wednesday noon")
OVERRIDE = OverrideGate(
    gate="not_screened",
    subject=CANDIDATE_ID,
    asked_by=RECRUITER,
    why="Worked here for three years until May",
    until=MONDAY + 9 * DAY,
)
GONE = TakeOver(left=(MANAGER,), may_follow=(RECRUITER, MANAGER_LEAD))
FAILED = DeliveryFailed(
    effect_id="candidate/C-CANDIDATE1/7/0",
    effect={"type": "notify", "payload": {"person": RECRUITER, "matter": "profile_answered", "about": {}}},
    reason="mail_refused",
)
STUCK = at_stage(submitted, FAILED, TICK)
NOT_ADDRESSED = FAILED.but(
    effect={"type": "write_to_candidate", "payload": {"candidate": CANDIDATE_ID, "matter": "outcome"}},
    reason="no_address",
    document="D-LETTER001",
)
UNREACHED = at_stage(submitted, NOT_ADDRESSED, TICK)
LETTER = SendLetter(letter_subject="Tuesday", text="Dear Ada, could you bring the forms you spoke of?")
REPLY = HearReply(document="D-REPLY0001", received_at=MONDAY)
ALL_TAGS = tuple(f"tag {n}" for n in range(MOST))
CORRECT = CorrectContact(address="ada.lin@example.com", why="She spelt it on the telephone")
TASK = next(iter(STUCK().state.tasks))
LAST_DAY = MONDAY + 4 * DAY + 3 * HOUR
DELEGATED = TEAM.but(delegate=Delegate(person=DELEGATE, powers=("decide",), until=MONDAY + 30 * DAY))
TUESDAY = MONDAY + DAY + 2 * HOUR

PROFILE = [
    Case(opened, RECRUITER, SHORTLIST, (Shortlisted,)),
    Case(before_the_lock, RECRUITER, SHORTLIST, "not_locked"),
    Case(shortlisted, RECRUITER, SHORTLIST, "already_done"),
    Case(submitted, MANAGER, ADVANCE, (ProfileAnswered,)),
    Case(submitted, MANAGER, HOLD, (ProfileAnswered,)),
    Case(submitted, MANAGER, REJECT, (ProfileAnswered, CandidateRejected)),
    Case(shortlisted, MANAGER, ADVANCE, "not_submitted"),
    Case(submitted, MANAGER, AnswerProfile(verdict="reject"), "reason_missing"),
    Case(submitted, MANAGER, AnswerProfile(verdict="hold"), "reason_missing"),
    Case(submitted, MANAGER, AnswerProfile(verdict="advance"), "reason_missing"),
    Case(submitted, MANAGER, AnswerProfile(verdict="reject", why="Not senior enough"), "vague_reason"),
    Case(submitted, MANAGER, AnswerProfile(verdict="advance", criterion="K9"), "unknown_reference"),
    Case(
        turned_down,
        RECRUITER,
        challenge := ChallengeAnswer(question="What did I miss?", evidence="40 forms to one page, line 1"),
        (AnswerChallenged,),
    ),
    Case(submitted, RECRUITER, challenge, "not_rejected_by_hm"),
    Case(at_stage(turned_down, TOLD, RECRUITER), RECRUITER, challenge, "told"),
    Case(at_stage(at_stage(turned_down, challenge, RECRUITER), REJECT, MANAGER), RECRUITER, challenge, "already_done"),
]

SCREEN = [
    Case(advanced, RECRUITER, SCHEDULE_SCREEN, (ScreenScheduled,)),
    Case(shortlisted, RECRUITER, SCHEDULE_SCREEN, (ScreenScheduled,)),
    Case(opened, RECRUITER, SCHEDULE_SCREEN, "not_shortlisted"),
    Case(advanced, RECRUITER, SCHEDULE_SCREEN.but(tell_pay_range=False), "pay_range_untold"),
    Case(advanced, RECRUITER, SCHEDULE_SCREEN.but(starts_at=MONDAY), "bad_time"),
    Case(advanced, RECRUITER, SCHEDULE_SCREEN.but(where=None), "place_missing"),
    Case(advanced, RECRUITER, SCHEDULE_SCREEN.but(where=Place(link="meet.example.org")), "invalid"),
    Case(advanced, RECRUITER, SCHEDULE_SCREEN.but(where=Place(telephone="ask at the desk")), "invalid"),
    Case(advanced, RECRUITER, SCHEDULE_SCREEN.but(held_by=SECOND_INTERVIEWER), (ScreenScheduled,)),
    Case(advanced, RECRUITER, SCHEDULE_SCREEN.but(starts_at=MONDAY + 4 * HOUR), "short_notice"),
    Case(advanced, RECRUITER, SCHEDULE_SCREEN.but(starts_at=SCREEN_AT + 12 * HOUR), "unsocial_hours"),
    Case(advanced, RECRUITER, SCHEDULE_SCREEN.but(candidate_agreed_at=SCREEN_AT), "bad_time"),
    Case(
        advanced,
        RECRUITER,
        SCHEDULE_SCREEN.but(starts_at=MONDAY + 4 * HOUR, candidate_agreed_at=MONDAY),
        (ScreenScheduled,),
    ),
    Case(screen_booked, RECRUITER, RECORD_SCREEN, (ScreenRecorded,), at=TUESDAY),
    Case(screen_booked, RECRUITER, RECORD_SCREEN.but(outcome="no_show", rec=None), (ScreenRecorded,), at=TUESDAY),
    Case(advanced, RECRUITER, RECORD_SCREEN, "not_scheduled", at=TUESDAY),
    Case(
        screen_booked,
        RECRUITER,
        RECORD_SCREEN.but(rec=transcript(SCREEN_DOC).but(consent_of_all=False)),
        "consent_missing",
        at=TUESDAY,
    ),
    Case(screen_booked, RECRUITER, RECORD_SCREEN, "bad_time"),
    Case(screened, RECRUITER, SUMMARY, (SummaryConfirmed,)),
    Case(advanced, RECRUITER, SUMMARY, "not_screened"),
    Case(screened, RECRUITER, SUMMARY.but(draft_id="D-OTHER0001"), "stale_draft"),
    Case(screened, RECRUITER, SUMMARY.but(bullets=SUMMARY.bullets[:4]), "five_bullets"),
    Case(
        screened,
        RECRUITER,
        SUMMARY.but(bullets=(*SUMMARY.bullets[:4], SummaryBullet(text="Counts first"))),
        "span_missing",
    ),
    Case(screened, RECRUITER, SUMMARY.but(strongest=None), "span_missing"),
    Case(
        screened,
        RECRUITER,
        SUMMARY.but(strongest=quote(SCREEN_DOC, "I counted every single call").quote),
        "not_in_source",
    ),
    Case(screened, RECRUITER, SUMMARY.but(strongest=quote(FIRST_DOC).quote), "not_in_source"),
    Case(
        screened,
        RECRUITER,
        SUMMARY.but(
            bullets=(*SUMMARY.bullets[:4], SummaryBullet(text="She makes 80,000 now", evidence=quote(SCREEN_DOC)))
        ),
        "pay_history",
    ),
]

INTERVIEWS = [
    Case(debrief_booked, RECRUITER, FIRST, (InterviewScheduled,)),
    Case(both_booked, RECRUITER, FIRST.but(round=3, due_at=FINAL_AT, starts_at=None), (InterviewScheduled,)),
    Case(shortlisted, RECRUITER, FIRST, "not_advanced"),
    Case(advanced, RECRUITER, FIRST, "not_screened"),
    Case(summed_up, RECRUITER, FINAL, "debrief_not_booked"),
    Case(debrief_booked, RECRUITER, FIRST, "busy", facts=with_facts(busy=(INTERVIEWER,))),
    Case(debrief_booked, RECRUITER, FIRST, "conflict_of_interest", facts=with_facts(conflicted=(INTERVIEWER,))),
    Case(
        debrief_booked,
        RECRUITER,
        FIRST.but(interviewers=(Assignment(person=INTERVIEWER, criteria=("K9",)),)),
        "criteria_unknown",
    ),
    Case(debrief_booked, RECRUITER, FIRST.but(starts_at=SCREEN_AT + 8 * HOUR), "short_notice"),
    Case(debrief_booked, RECRUITER, FIRST.but(starts_at=FIRST_AT + 8 * HOUR), "unsocial_hours"),
    Case(debrief_booked, RECRUITER, FIRST.but(starts_at=MONDAY), "bad_time"),
    Case(debrief_booked, RECRUITER, FIRST.but(where=None), "place_missing"),
    Case(both_booked, RECRUITER, MOVE, (InterviewRescheduled,)),
    Case(both_booked, TICK, KEEP, (InterviewRescheduled,)),
    Case(both_booked, TICK, KEEP.but(stood_at=FIRST_AT + HOUR), ()),
    Case(both_booked, TICK, KEEP.but(meeting="I-9"), ()),
    Case(debrief_booked, TICK, KEEP.but(meeting="debrief", stood_at=DEBRIEF_AT), (DebriefRebooked,)),
    Case(screen_booked, TICK, KEEP.but(meeting="screen", stood_at=SCREEN_AT), (ScreenScheduled,)),
    Case(
        both_booked,
        RECRUITER,
        MOVE.but(starts_at=None, interviewers=(Assignment(person=SECOND_INTERVIEWER, criteria=("K2",)),)),
        (InterviewRescheduled,),
    ),
    Case(first_held, RECRUITER, MOVE, "ended"),
    Case(overridden(shortlisted, FIRST, "not_advanced", "not_screened"), RECRUITER, MOVE, "not_advanced"),
    Case(overridden(advanced, FIRST, "not_screened"), RECRUITER, MOVE, "not_screened"),
    Case(
        overridden(summed_up, FINAL, "debrief_not_booked"),
        RECRUITER,
        MOVE.but(starts_at=FINAL_AT + DAY),
        "debrief_not_booked",
    ),
    Case(searching(both_booked, rubric=None), RECRUITER, MOVE, (InterviewRescheduled,)),
    Case(both_booked, RECRUITER, MOVE, "busy", facts=with_facts(busy=(INTERVIEWER,))),
    Case(both_booked, RECRUITER, MOVE, "conflict_of_interest", facts=with_facts(conflicted=(INTERVIEWER,))),
    Case(
        both_booked,
        RECRUITER,
        MOVE.but(interviewers=(Assignment(person=INTERVIEWER),)),
        "criteria_unknown",
    ),
    Case(both_booked, RECRUITER, MOVE.but(starts_at=SCREEN_AT + 5 * HOUR), "short_notice"),
    Case(both_booked, RECRUITER, MOVE.but(starts_at=FIRST_AT + 8 * HOUR), "unsocial_hours"),
    Case(both_booked, RECRUITER, CancelInterview(interview_id="I-1", cause="They are ill"), (InterviewCancelled,)),
    Case(first_held, RECRUITER, CancelInterview(interview_id="I-1", cause="They are ill"), "ended"),
    Case(
        both_booked, INTERVIEWER, accept := RespondInterview(interview_id="I-1", answer="accept"), (InvitationAnswered,)
    ),
    Case(both_booked, LINK, accept, (InvitationAnswered,)),
    Case(both_booked, SECOND_INTERVIEWER, accept, "not_permitted"),
    Case(first_held, INTERVIEWER, accept, "ended"),
    Case(both_booked, RECRUITER, recorded("I-1", FIRST_DOC, FIRST_AT + HOUR), (InterviewRecorded,), at=LAST_DAY),
    Case(
        at_stage(both_booked, CancelInterview(interview_id="I-1", cause="They are ill"), RECRUITER),
        RECRUITER,
        recorded("I-1", FIRST_DOC, FIRST_AT + HOUR),
        "cancelled",
        at=LAST_DAY,
    ),
    Case(
        both_booked,
        RECRUITER,
        recorded("I-1", FIRST_DOC, FIRST_AT + HOUR, rec=notes().but(why_unrecorded=None)),
        "consent_missing",
        at=LAST_DAY,
    ),
    Case(first_held, RECRUITER, recorded("I-1", FIRST_DOC, FIRST_AT + HOUR), "already_done"),
    Case(both_booked, LINK, recorded("I-1", FIRST_DOC, FIRST_AT + HOUR), "not_permitted", at=LAST_DAY),
]

RIGHT_SCREEN = CorrectScreen(rec=transcript("D-RIGHT0001"), why="That was another candidate's call")
NO_SCREEN = CorrectScreen(outcome="no_show", why="I pressed the wrong button")
RIGHT_FIRST = CorrectInterview(
    interview_id="I-1", rec=transcript("D-RIGHT0001"), why="That was another candidate's call"
)
STEPPED_IN = CorrectInterview(
    interview_id="I-1",
    interviewers=(Assignment(person=SECOND_INTERVIEWER, criteria=("K1", "K2")),),
    why="Ian was ill, and Sam went in",
)
NO_FINAL = CorrectInterview(interview_id="I-2", outcome="candidate_no_show", why="I pressed the wrong button")
NEW_RESUME = ReplaceResume(doc=Doc(id="D-RESUME02", sha256=SHA), why="They sent a newer one")
SCREEN_MISSED = at_stage(screen_booked, RECORD_SCREEN.but(outcome="no_show", rec=None), RECRUITER, at=TUESDAY)

CORRECTIONS = [
    Case(summed_up, RECRUITER, RIGHT_SCREEN, (ScreenCorrected, SummaryOutdated)),
    Case(screened, RECRUITER, NO_SCREEN, (ScreenCorrected,)),
    Case(SCREEN_MISSED, RECRUITER, NO_SCREEN.but(outcome="held", rec=transcript(SCREEN_DOC)), (ScreenCorrected,)),
    Case(hired, PARTNER, RIGHT_SCREEN, (ScreenCorrected,)),
    Case(turned_down, RECRUITER, RIGHT_SCREEN, "not_recorded"),
    Case(screen_booked, RECRUITER, RIGHT_SCREEN, "not_recorded"),
    Case(hired, RECRUITER, RIGHT_SCREEN, "decided"),
    Case(screened, RECRUITER, RIGHT_SCREEN.but(rec=transcript(SCREEN_DOC)), "no_change"),
    Case(screened, RECRUITER, RIGHT_SCREEN.but(rec=None, at=MONDAY + 9 * DAY), "bad_time"),
    Case(screened, RECRUITER, RIGHT_SCREEN.but(rec=notes().but(why_unrecorded=None)), "consent_missing"),
    Case(SCREEN_MISSED, RECRUITER, NO_SCREEN.but(outcome="held"), "invalid"),
    Case(first_card_in, RECRUITER, RIGHT_FIRST, (InterviewCorrected, QuotesMarked)),
    Case(first_held, RECRUITER, STEPPED_IN, (InterviewCorrected,)),
    Case(cards_in, RECRUITER, NO_FINAL, (InterviewCorrected, RoundReopened)),
    Case(out, PARTNER, RIGHT_FIRST, (InterviewCorrected,)),
    Case(both_booked, RECRUITER, RIGHT_FIRST, "not_recorded"),
    Case(first_held, INTERVIEWER, RIGHT_FIRST, "not_permitted"),
    Case(out, RECRUITER, RIGHT_FIRST, "decided"),
    Case(first_held, RECRUITER, RIGHT_FIRST.but(rec=None, outcome="held"), "no_change"),
    Case(first_held, RECRUITER, RIGHT_FIRST.but(ended_at=MONDAY), "bad_time"),
    Case(
        first_held,
        RECRUITER,
        RIGHT_FIRST.but(rec=transcript("D-RIGHT0001").but(consent_of_all=False)),
        "consent_missing",
    ),
    Case(
        first_held,
        RECRUITER,
        STEPPED_IN.but(interviewers=(Assignment(person=SECOND_INTERVIEWER, criteria=("K9",)),)),
        "criteria_unknown",
    ),
    Case(shortlisted, RECRUITER, NEW_RESUME, (ResumeReplaced,)),
    Case(shortlisted, LINK, NEW_RESUME, (ResumeReplaced,)),
    Case(out, RECRUITER, NEW_RESUME, "ended"),
    Case(shortlisted, RECRUITER, NEW_RESUME.but(doc=Doc(id="D-RESUME01", sha256=SHA)), "no_change"),
]

PARTLY_TESTED = LAST_CARD.but(
    ratings=(
        *LAST_CARD.ratings,
        Rating(criterion="K1", rating="not_tested", why_not_tested="We spoke of the vendor all the time"),
    )
)

CARDS = [
    Case(first_held, INTERVIEWER, FIRST_CARD, (ScorecardSubmitted,)),
    Case(both_booked, INTERVIEWER, FIRST_CARD, "not_held"),
    Case(first_held, INTERVIEWER, FIRST_CARD.but(rubric_version=2), "rubric_changed"),
    Case(
        hired,
        INTERVIEWER,
        FIRST_CARD.but(why="I mixed up two people"),
        "decided",
    ),
    Case(first_held, INTERVIEWER, FIRST_CARD.but(ratings=FIRST_CARD.ratings[:1]), "rating_missing"),
    Case(
        first_held,
        INTERVIEWER,
        FIRST_CARD.but(ratings=(FIRST_CARD.ratings[0], Rating(criterion="K2", rating="not_tested"))),
        "rating_missing",
    ),
    Case(
        first_held,
        INTERVIEWER,
        FIRST_CARD.but(ratings=(FIRST_CARD.ratings[0], Rating(criterion="K2", rating=3))),
        "no_evidence",
    ),
    Case(
        first_held,
        INTERVIEWER,
        FIRST_CARD.but(ratings=(FIRST_CARD.ratings[0], Rating(criterion="K2", rating=3, evidence=(saw("Good fit"),)))),
        "vague_evidence",
    ),
    Case(
        first_held,
        INTERVIEWER,
        FIRST_CARD.but(
            ratings=(
                FIRST_CARD.ratings[0],
                Rating(criterion="K2", rating=3, evidence=(quote(FIRST_DOC, "ten of ten people opened it"),)),
            )
        ),
        "not_in_source",
    ),
    Case(first_held, SECOND_INTERVIEWER, FIRST_CARD, "not_permitted"),
    Case(first_card_in, INTERVIEWER, FIRST_CARD, "already_done"),
    Case(
        at_stage(one_card_missing, PARTLY_TESTED, SECOND_INTERVIEWER),
        SECOND_INTERVIEWER,
        LAST_CARD.but(ratings=(*LAST_CARD.ratings, LAST_CARD.ratings[0].but(criterion="K1")), why="I remember now"),
        "not_blind",
    ),
    Case(first_card_in, INTERVIEWER, FIRST_CARD.but(why="I mixed up two people"), (ScorecardSubmitted,)),
    Case(AMENDED_CARDS, INTERVIEWER, REAFFIRM, (ScoreReaffirmed,)),
    Case(
        AMENDED_CARDS,
        INTERVIEWER,
        REAFFIRM.but(unchanged=False, rating=2, evidence=(saw(),)),
        (ScoreReaffirmed,),
    ),
    Case(cards_in, INTERVIEWER, REAFFIRM, "not_marked"),
    Case(AMENDED_CARDS, INTERVIEWER, REAFFIRM.but(unchanged=False, rating=2), "no_evidence"),
    Case(
        AMENDED_CARDS,
        INTERVIEWER,
        REAFFIRM.but(unchanged=False, rating=2, evidence=(saw("Great energy"),)),
        "vague_evidence",
    ),
    Case(
        AMENDED_CARDS,
        INTERVIEWER,
        REAFFIRM.but(unchanged=False, rating=2, evidence=(quote(FINAL_DOC),)),
        "not_in_source",
    ),
    Case(AMENDED_CARDS, SECOND_INTERVIEWER, REAFFIRM, "not_permitted"),
    Case(
        amended(at_stage(one_card_missing, PARTLY_TESTED, SECOND_INTERVIEWER)),
        SECOND_INTERVIEWER,
        REAFFIRM.but(interview_id="I-2", unchanged=False, rating=2, evidence=(saw(),)),
        "not_blind",
    ),
]

DECISION = [
    Case(summed_up, RECRUITER, BOOK_DEBRIEF, (DebriefBooked,)),
    Case(summed_up, RECRUITER, BOOK_DEBRIEF.but(minutes=45), "over_30"),
    Case(summed_up, RECRUITER, BOOK_DEBRIEF.but(where=None), "place_missing"),
    Case(summed_up, RECRUITER, BOOK_DEBRIEF.but(attendees=(RECRUITER,)), "hm_missing"),
    Case(debrief_booked, RECRUITER, REBOOK, (DebriefRebooked,)),
    Case(summed_up, RECRUITER, REBOOK, "not_booked"),
    Case(debriefed, RECRUITER, REBOOK.but(starts_at=DEBRIEF_AT + DAY), "held"),
    Case(at_stage(debrief_booked, REBOOK, RECRUITER), RECRUITER, REBOOK.but(starts_at=DEBRIEF_AT), "third_time"),
    Case(at_stage(debrief_booked, REBOOK, RECRUITER), RECRUITER, REBOOK.but(where=UPSTAIRS), (DebriefRebooked,)),
    Case(debrief_booked, RECRUITER, REBOOK.but(where=Place(link="javascript:alert(1)")), "invalid"),
    Case(cards_in, RECRUITER, HOLD_DEBRIEF, (DebriefHeld,), at=LAST_DAY),
    Case(
        one_card_missing,
        MANAGER,
        HOLD_DEBRIEF.but(left_out=(LeftOut(interview="I-2", person=SECOND_INTERVIEWER, why="Ill since Thursday"),)),
        (DebriefHeld,),
        at=LAST_DAY,
    ),
    Case(summed_up, RECRUITER, HOLD_DEBRIEF, "not_booked", at=LAST_DAY),
    Case(one_card_missing, RECRUITER, HOLD_DEBRIEF, "cards_missing", at=LAST_DAY),
    Case(debrief_booked, RECRUITER, HOLD_DEBRIEF, "cards_missing", at=LAST_DAY),
    Case(cards_in, RECRUITER, HOLD_DEBRIEF.but(attendees=(RECRUITER,)), "hm_absent", at=LAST_DAY),
    Case(debriefed, MANAGER, HIRE, (Decided,)),
    Case(debriefed, MANAGER, NO_HIRE, (Decided, CandidateRejected)),
    Case(debriefed, MANAGER, DEFER, (DecisionDeferred,)),
    Case(debriefed, MANAGER, FURTHER, (FurtherStepNamed,)),
    Case(cards_in, MANAGER, HIRE, "debrief_not_held"),
    Case(amended(debriefed), MANAGER, HIRE, "scores_not_comparable"),
    Case(searching(debriefed, unsigned_by_hm=True), MANAGER, HIRE, "unsigned_by_hm"),
    Case(searching(debriefed, team=DELEGATED), DELEGATE, HIRE, "delegate_deciding"),
    Case(DEFERRED, MANAGER, DEFER.but(follow_up_at=DEBRIEF_AT + 4 * DAY), "second_deferral"),
    Case(hired, MANAGER, HIRE, "already_done"),
    Case(debriefed, MANAGER, HIRE.but(criteria=()), "criterion_missing"),
    Case(debriefed, MANAGER, FURTHER.but(step=None), "criterion_missing"),
    Case(debriefed, MANAGER, NO_HIRE.but(criteria=("K3",)), "growth_only"),
    Case(debriefed, MANAGER, DEFER.but(follow_up_at=DEBRIEF_AT + 6 * DAY), "follow_up_too_late"),
]


EXCEPTIONS = [
    Case(with_an_unmet_must, MANAGER, HIRE, "must_have_unmet"),
    Case(with_an_unmet_must, MANAGER, HIRE.but(exception_why="She reads contracts and will shadow Ilse"), (Decided,)),
    Case(after_a_further_step, MANAGER, FURTHER, "second_step"),
    Case(after_a_further_step, MANAGER, HIRE, (Decided,)),
]

CONTACT = [
    Case(cards_in, RECRUITER, outbound(), (ContactLogged,), at=MONDAY + 4 * DAY),
    Case(held, RECRUITER, outbound(0, answers_hold="She signed it, on 3 March 2024"), (ContactLogged, HoldAnswered)),
    Case(
        cards_in,
        RECRUITER,
        outbound(promised_by=MONDAY + 30 * DAY),
        "promise_too_late",
        at=MONDAY + 4 * DAY,
    ),
    Case(
        asked_something,
        RECRUITER,
        wait := WaitOnCandidate(what_for="Dates for the last round", until=MONDAY + 8 * DAY),
        (WaitStarted,),
    ),
    Case(opened, RECRUITER, wait, "no_contact"),
    Case(asked_something, RECRUITER, wait.but(until=MONDAY + 90 * DAY), "too_long"),
    Case(at_stage(asked_something, wait, RECRUITER), RECRUITER, wait, "already_done"),
]

LEAVING = [
    Case(opened, RECRUITER, Reject(criterion="K2"), (CandidateRejected,)),
    Case(advanced, MANAGER, Reject(requirement="Q1"), (CandidateRejected,)),
    Case(before_the_lock, RECRUITER, Reject(cause="duplicate"), (CandidateRejected,)),
    Case(before_the_lock, RECRUITER, Reject(criterion="K1"), "not_locked"),
    Case(advanced, RECRUITER, Reject(criterion="K2"), "needs_manager"),
    Case(cards_in, MANAGER, Reject(criterion="K2"), "decision_due"),
    Case(offered, MANAGER, Reject(criterion="K2"), "offer_open"),
    Case(opened, RECRUITER, Reject(), "reason_missing"),
    Case(opened, RECRUITER, Reject(criterion="K1", cause="filled"), "reason_missing"),
    Case(turned_down, RECRUITER, back := Reinstate(stage="shortlisted", why="Two left"), (CandidateReinstated,)),
    Case(submitted, RECRUITER, back, "not_out"),
    Case(turned_down, RECRUITER, back.but(stage="screened"), "invalid"),
    Case(advanced, RECRUITER, TRANSFER, (CandidateTransferred,), facts=with_facts(new_id="C-NEWCOMER")),
    Case(turned_down, RECRUITER, TRANSFER, (CandidateTransferred,), facts=with_facts(new_id="C-NEWCOMER")),
    Case(advanced, RECRUITER, TRANSFER, "target_closed", facts=with_facts(target_closed=True)),
    Case(advanced, RECRUITER, TRANSFER, "duplicate_person", facts=with_facts(duplicate_in_target=True)),
    Case(offered, RECRUITER, TRANSFER, "offer_open", facts=with_facts(new_id="C-NEWCOMER")),
    Case(both_booked, LINK, Withdraw(cause="other_offer", at=MONDAY), (InterviewCancelled, CandidateWithdrew)),
    Case(turned_down, RECRUITER, Withdraw(cause="other_offer", at=MONDAY), "closed"),
    Case(out, RECRUITER, TOLD, (OutcomeTold,)),
    Case(hired, RECRUITER, TOLD, "no_outcome"),
    Case(out, RECRUITER, TOLD.but(text="Your scores were too low on two criteria."), "internal_words"),
    Case(at_stage(out, TOLD, RECRUITER), RECRUITER, TOLD, "already_done"),
]

RIGHTS = [
    Case(submitted, LINK, RecordRequest(kind="access", at=MONDAY), (RequestRecorded,)),
    Case(submitted, RECRUITER, RecordRequest(kind="no_ai", at=MONDAY), (RequestRecorded,)),
    Case(submitted, RECRUITER, RecordRequest(kind="access", at=MONDAY + DAY), "bad_time"),
    Case(
        ERASURE_ASKED,
        PARTNER,
        grant := AnswerRequest(request_id="A-1", outcome="granted", why="As you asked"),
        (RequestAnswered,),
    ),
    Case(turned_down, PARTNER, grant, "unknown_reference"),
    Case(at_stage(ERASURE_ASKED, grant, PARTNER), PARTNER, grant, "already_done"),
    Case(ERASURE_ASKED, PARTNER, erase := Erase(request_id="A-1"), (CandidateErased,)),
    Case(
        at_stage(ERASURE_ASKED, SetLegalHold(on=True, why="A claim was filed"), PARTNER), PARTNER, erase, "legal_hold"
    ),
    Case(searching(ERASURE_ASKED, jurisdiction="US"), PARTNER, erase, "retention_minimum"),
    Case(at_stage(offered, ERASURE, SYSTEM), PARTNER, erase, "offer_open"),
    Case(turned_down, PARTNER, erase, "unknown_reference"),
]

SHARED = [
    Case(submitted, RECRUITER, WAIVE, (ClockWaived,)),
    Case(submitted, MANAGER, WAIVE, "own_clock"),
    Case(advanced, RECRUITER, WAIVE, "not_running"),
    Case(
        ERASURE_ASKED,
        RECRUITING_LEAD,
        WAIVE.but(clock_id=clock_id(ERASURE_ASKED, "request_answered")),
        "statutory",
    ),
    Case(submitted, RECRUITER, EXTEND, (ClockDueChanged,)),
    Case(submitted, MANAGER, EXTEND, "own_clock"),
    Case(advanced, RECRUITER, EXTEND, "not_running"),
    Case(at_stage(submitted, EXTEND, RECRUITER), RECRUITER, EXTEND.but(until=MONDAY + 4 * DAY), "already_extended"),
    Case(
        ERASURE_ASKED,
        RECRUITER,
        EXTEND.but(clock_id=clock_id(ERASURE_ASKED, "request_answered")),
        "statutory",
    ),
    Case(submitted, RECRUITER, EXTEND.but(until=MONDAY + 30 * DAY), "too_long"),
    Case(advanced, RECRUITING_LEAD, OVERRIDE, (GateOverridden,)),
    Case(advanced, PARTNER, OVERRIDE.but(asked_by=PARTNER), "own_request"),
    Case(advanced, PARTNER, OVERRIDE.but(gate="not_locked"), "not_overridable"),
    Case(STUCK, RECRUITER, ResolveTask(task_id=TASK, outcome="retry", why="The address is right now"), (TaskResolved,)),
    Case(submitted, RECRUITER, CORRECT, (ContactCorrected,)),
    Case(submitted, PARTNER, CORRECT.but(address=None, full_name="Ada Lin"), (ContactCorrected,)),
    Case(submitted, RECRUITER, CORRECT.but(address=None), "invalid"),
    Case(submitted, RECRUITER, CORRECT, "address_taken", facts=with_facts(address_taken="C-OTHER001")),
    Case(
        submitted,
        RECRUITER,
        CORRECT.but(shared=True),
        (ContactCorrected,),
        facts=with_facts(address_taken="C-OTHER001"),
    ),
    Case(submitted, PARTNER, SetLegalHold(on=True, why="A claim was filed"), (LegalHoldSet,)),
    Case(submitted, PARTNER, SetLegalHold(on=False, why="There is none"), "no_change"),
]

INSIDE = [
    Case(lambda: Story(opened().decider), SYSTEM, Relay(fact=opening()), (CandidateOpened,)),
    Case(shortlisted, SYSTEM, Relay(fact=Submitted(number=3, slate=False, at=MONDAY)), (SubmissionHeard,)),
    Case(
        screened,
        SYSTEM,
        AttachDraft(job="candidate_summary", draft=Doc(id="D-DRAFT0001", sha256=SHA), about={"rubric_version": 1}),
        (DraftAttached,),
    ),
    Case(submitted, TICK, FAILED, (TaskRaised,)),
    Case(UNREACHED, SYSTEM, KeptContact(), (TaskResolved,)),
    Case(STUCK, SYSTEM, KeptContact(), ()),
    Case(submitted, SYSTEM, LearnCalendars(calendars={STRANGER: OFFICE}), (CalendarsLearned,)),
    Case(submitted, SYSTEM, GONE, (ClockOwnerChanged,)),
    Case(lambda: Story(CANDIDATE), SYSTEM, GONE, "not_found"),
    Case(submitted, SYSTEM, AdoptPolicy(policy=STRICTER), (PolicyAdopted,)),
    Case(lambda: Story(CANDIDATE), SYSTEM, AdoptPolicy(policy=STRICTER), "not_found"),
    Case(submitted, TICK, Tick(), ()),
]

IN_THE_SCREEN = RECORD_SCREEN.but(rec=transcript(CALL))
IN_THE_FIRST = recorded("I-1", CALL, FIRST_AT + HOUR)
ASKED = with_facts(unnamed=UNNAMED)


def told_who_speaks(*answers: LabelAnswer) -> Callable[[], Story]:
    """A screen is booked, and somebody said of its transcript who speaks."""
    return at_stage(screen_booked, naming(*answers) if answers else OF_THE_APPLICANT, RECRUITER)


TAPE, TAPED = "D-TAPE00001", Doc(id=CALL, sha256=SHA)
A_TAPE = with_facts(transcribes=True)
SCREEN_TAPE = RECORD_SCREEN.but(rec=recording(TAPE))
FIRST_TAPE = recorded("I-1", None, FIRST_AT + HOUR).but(rec=recording(TAPE))
TRANSCRIBED = AttachTranscript(recording=TAPE, transcript=TAPED)
OF_NOBODY = TRANSCRIBED.but(unnamed=UNNAMED)
UNHEARD = ReportUntranscribed(recording=TAPE, reason="budget_spent")


def screen_taped(*then: Command) -> Callable[[], Story]:
    """The screen was held, and a recording is left of it; `then` something came of that."""

    def story() -> Story:
        taped = screen_booked().after(step(RECRUITER, SCREEN_TAPE, at=SCREEN_AT + HOUR, facts=A_TAPE))
        return taped.after(*(step(SYSTEM, one) for one in then))

    return story


def first_taped() -> Story:
    """The same of the first interview."""
    return both_booked().after(step(RECRUITER, FIRST_TAPE, at=LAST_DAY, facts=A_TAPE))


def refusing(kind: RequestKind) -> Callable[[], Story]:
    """A screen is booked with somebody who asked for this."""
    asked = RecordRequest(kind=kind, at=MONDAY)
    return lambda: screen_booked().after(step(RECRUITER, asked))


AGAIN = CorrectScreen(rec=SCREEN_TAPE.rec, why="The budget is there again")

TAPES = [
    Case(screen_booked, RECRUITER, SCREEN_TAPE, (ScreenRecorded,), at=TUESDAY, facts=A_TAPE),
    Case(both_booked, INTERVIEWER, FIRST_TAPE, (InterviewRecorded,), at=LAST_DAY, facts=A_TAPE),
    Case(screen_booked, RECRUITER, SCREEN_TAPE, "invalid", at=TUESDAY, facts=with_facts(transcribes=False)),
    Case(screen_booked, RECRUITER, SCREEN_TAPE, "invalid", at=TUESDAY),
    Case(screen_booked, RECRUITER, IN_THE_SCREEN, "invalid", at=TUESDAY, facts=A_TAPE),
    Case(
        screen_booked,
        RECRUITER,
        SCREEN_TAPE.but(rec=recording(TAPE).but(consent_of_all=False)),
        "consent_missing",
        at=TUESDAY,
        facts=A_TAPE,
    ),
    *(
        Case(refusing(kind), RECRUITER, SCREEN_TAPE, "consent_missing", at=TUESDAY, facts=A_TAPE)
        for kind in ("no_ai", "no_recording")
    ),
    Case(screen_taped(), SYSTEM, TRANSCRIBED, (TranscriptAttached, SpeakersKnown)),
    Case(screen_taped(), SYSTEM, OF_NOBODY, (TranscriptAttached,)),
    Case(screen_taped(OF_NOBODY), SYSTEM, OF_NOBODY, ()),
    Case(screen_taped(OF_NOBODY), RECRUITER, NAMING, (SpeakersNamed, SpeakersKnown)),
    Case(screen_taped(OF_NOBODY), RECRUITER, naming(BY_TELEPHONE), (SpeakersNamed,)),
    Case(first_taped, SYSTEM, OF_NOBODY, (TranscriptAttached,)),
    Case(screened, SYSTEM, TRANSCRIBED, ()),
    Case(screen_taped(), SYSTEM, UNHEARD, (TranscriptionFailed,)),
    Case(first_taped, SYSTEM, UNHEARD, (TranscriptionFailed,)),
    Case(screen_taped(), RECRUITER, AGAIN, "no_change", facts=A_TAPE),
    Case(screen_taped(UNHEARD), RECRUITER, AGAIN, (ScreenCorrected,), facts=A_TAPE),
    Case(screen_taped(UNHEARD), RECRUITER, AGAIN.but(rec=notes()), (ScreenCorrected,)),
]

NAMED = [
    *TAPES,
    Case(screen_booked, RECRUITER, OF_THE_APPLICANT, (SpeakersNamed,)),
    Case(both_booked, INTERVIEWER, OF_THE_APPLICANT, (SpeakersNamed,)),
    Case(out, RECRUITER, OF_THE_APPLICANT, (SpeakersNamed,)),
    Case(screen_booked, SYSTEM, NAMING, (SpeakersNamed,)),
    Case(screen_booked, RECRUITER, naming(BY_TELEPHONE.but(who="nobody", name=None)), (SpeakersNamed,)),
    Case(screen_booked, LINK, OF_THE_APPLICANT, "not_permitted"),
    Case(screen_booked, MANAGER, OF_THE_APPLICANT, "not_permitted"),
    *(Case(screen_booked, RECRUITER, misnamed, code) for misnamed, code in MISNAMED.items()),
    Case(screen_booked, RECRUITER, IN_THE_SCREEN, "speakers_unnamed", at=TUESDAY, facts=ASKED),
    Case(told_who_speaks(), RECRUITER, IN_THE_SCREEN, (ScreenRecorded,), at=TUESDAY, facts=ASKED),
    Case(told_who_speaks(BY_TELEPHONE), RECRUITER, IN_THE_SCREEN, "speakers_unnamed", at=TUESDAY, facts=ASKED),
    Case(screen_booked, RECRUITER, IN_THE_SCREEN.but(rec=notes()), (ScreenRecorded,), at=TUESDAY, facts=ASKED),
    Case(both_booked, RECRUITER, IN_THE_FIRST, "speakers_unnamed", at=LAST_DAY, facts=ASKED),
    Case(
        summed_up,
        RECRUITER,
        CorrectScreen(rec=IN_THE_SCREEN.rec, why="The wrong file"),
        "speakers_unnamed",
        facts=ASKED,
    ),
    Case(
        first_held,
        RECRUITER,
        CorrectInterview(interview_id="I-1", rec=IN_THE_FIRST.rec, why="The wrong file"),
        "speakers_unnamed",
        facts=ASKED,
    ),
    Case(
        at_stage(both_booked, OF_THE_APPLICANT, INTERVIEWER),
        INTERVIEWER,
        IN_THE_FIRST,
        (InterviewRecorded,),
        at=LAST_DAY,
        facts=ASKED,
    ),
]

WORDS = [
    Case(submitted, RECRUITER, LETTER, (LetterSent,)),
    Case(submitted, MANAGER, LETTER, (LetterSent,), facts=with_facts(has_address=True)),
    Case(submitted, RECRUITER, LETTER, "no_address", facts=with_facts(has_address=False)),
    Case(submitted, RECRUITER, LETTER.but(text="You are overqualified."), "internal_words"),
    Case(submitted, RECRUITER, LETTER.but(letter_subject="For {{candidate}}"), "invalid"),
    Case(at_stage(out, TOLD, RECRUITER), RECRUITER, LETTER, "told"),
    Case(
        at_stage(at_stage(out, TOLD, RECRUITER), REPLY, SYSTEM),
        RECRUITER,
        LETTER,
        (LetterSent,),
    ),
    Case(submitted, SYSTEM, REPLY, (ReplyCame,)),
    Case(lambda: Story(opened().decider), SYSTEM, REPLY, "not_found"),
    Case(submitted, PARTNER, AddNote(words="She asked for a desk by the window", mentions=(MANAGER,)), (NoteAdded,)),
    Case(first_held, INTERVIEWER, AddNote(words="The room was cold"), (NoteAdded,)),
    Case(submitted, RECRUITER, AddNote(words="See above", mentions=(RECRUITING_LEAD,)), "unknown_reference"),
    Case(submitted, RECRUITER, TagCandidate(on=("relocates",)), (CandidateTagged,), facts=with_facts(tags_new=(0,))),
    Case(submitted, RECRUITER, TagCandidate(off=("relocates",)), "no_change"),
    Case(
        at_stage(
            submitted, TagCandidate(on=ALL_TAGS), RECRUITER, facts=with_facts(tags_new=tuple(range(len(ALL_TAGS))))
        ),
        RECRUITER,
        TagCandidate(on=("one more",)),
        "invalid",
        facts=with_facts(tags_new=(0,)),
    ),
]

CASES: list[Case] = [
    *WORDS,
    *PROFILE, *SCREEN, *INTERVIEWS, *NAMED, *CARDS, *DECISION, *EXCEPTIONS, *CONTACT, *LEAVING, *RIGHTS, *SHARED,
    *INSIDE,
    *PROFILE, *SCREEN, *INTERVIEWS, *CORRECTIONS, *CARDS, *DECISION, *EXCEPTIONS, *CONTACT, *LEAVING, *RIGHTS,
    *SHARED, *INSIDE,
]  # fmt: skip
