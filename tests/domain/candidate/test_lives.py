"""Whole lives of candidates, at random: whoever asks whatever whenever, some things stay true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.access.team import Actor
from domain.candidate import CANDIDATE, Candidate, describe
from domain.candidate.candidate_wait import WaitOnCandidate
from domain.candidate.contact import LogContact
from domain.candidate.contact_details import CorrectContact
from domain.candidate.corrections import CorrectInterview, CorrectScreen
from domain.candidate.debrief import BookDebrief, HoldDebrief, RebookDebrief
from domain.candidate.decision import Decide, Decided
from domain.candidate.exits import Reinstate, Reject, TellOutcome, Transfer, Withdraw
from domain.candidate.interviews import (
    CancelInterview,
    RecordInterview,
    RescheduleInterview,
    RespondInterview,
    ScheduleInterview,
)
from domain.candidate.letters import HearReply, SendLetter
from domain.candidate.notes import AddNote
from domain.candidate.profile import ChallengeAnswer
from domain.candidate.requests import AnswerRequest, Erase, RecordRequest
from domain.candidate.requisition_inbound import Relay
from domain.candidate.resume_replacement import ReplaceResume
from domain.candidate.scorecards import ReaffirmScorecard, ScorecardSubmitted, SubmitScorecard
from domain.candidate.state import AT_WORK
from domain.candidate.tags import TagCandidate
from domain.core.decider import Outcome
from domain.core.messages import Command, Record, Rejection, Tick
from domain.entity.call import Call, Facts
from domain.entity.clock_commands import ExtendClock, LearnCalendars, OverrideGate, SetLegalHold, WaiveClock
from domain.entity.entity_facts import ENDS, Submitted
from domain.entity.transcription import AttachTranscript, ReportUntranscribed
from domain.evidence.debrief import FurtherStep, LeftOut
from domain.evidence.documents import Doc, Evidence
from domain.evidence.draft_events import AttachDraft
from domain.evidence.interview_plan import HELD, Assignment, all_in, missing_cards
from domain.evidence.scorecard import Rating
from domain.sla.clocks import ClockWaived
from testing.hire_stories import (
    ADVANCE,
    AMENDED,
    CANDIDATE_ID,
    HOLD,
    LINK,
    OTHER_LINK,
    RECORD_SCREEN,
    REJECT,
    RUBRIC,
    SCHEDULE_SCREEN,
    SHA,
    SHORTLIST,
    SUMMARY,
    SYSTEM,
    facts,
    notes,
    opening,
    recording,
    saw,
    transcript,
    with_facts,
)
from testing.people import (
    FACTS,
    INTERVIEWER,
    MANAGER,
    MONDAY,
    OFFICE,
    PARTNER,
    RECRUITER,
    RECRUITING_LEAD,
    SECOND_INTERVIEWER,
    STRANGER,
    TICK,
    person,
)
from testing.unnamed_call import CALL, NAMING, OF_THE_APPLICANT, UNNAMED
from tests.domain.availability import check
from tests.domain.candidate.cases import TAPE

PEOPLE = (RECRUITER, MANAGER, PARTNER, RECRUITING_LEAD, INTERVIEWER, SECOND_INTERVIEWER, STRANGER)
ACTORS = (*(person(p) for p in PEOPLE), SYSTEM, LINK, OTHER_LINK)
PAUSES = [timedelta(minutes=m) for m in (1, 0, 30, 90, 26 * 60, 3 * 24 * 60, 3 * 24 * 60, 12 * 24 * 60)]
YEARS = timedelta(days=500)
CLOCKS_FOR_CANDIDATES = {"candidate_told", "candidate_updated", "request_answered"}

Move = tuple[Actor, Command]


def onward(state: Candidate, now: datetime) -> Iterator[Move]:
    """What brings a hire forward, in its order."""
    noon = _noon(now)
    number = state.job.number + 1
    if state.rubric is None:
        yield SYSTEM, Relay(fact=facts(number))
    if state.standing != "open":
        yield SYSTEM, Relay(fact=facts(number, rubric=state.rubric))
    if state.stage == "shortlisted":
        yield SYSTEM, Relay(fact=Submitted(number=state.version, slate=False, at=now))
    yield person(RECRUITER), SHORTLIST
    yield person(MANAGER), ADVANCE
    if state.screen is None:
        yield person(RECRUITER), SCHEDULE_SCREEN.but(starts_at=noon)
    yield person(RECRUITER), RECORD_SCREEN.but(at=now)
    yield person(RECRUITER), SUMMARY
    yield person(RECRUITER), BookDebrief(starts_at=noon, minutes=30, attendees=(RECRUITER, MANAGER))
    if not any(interview.final for interview in state.interviews.values()):
        yield person(RECRUITER), _interview(len(state.interviews) + 1, noon)
    for interview in state.interviews.values():
        held = RecordInterview(interview_id=interview.id, outcome="held", ended_at=now, rec=transcript("D-FIRST001"))
        yield person(RECRUITER), held
        for assignment in interview.interviewers:
            yield person(assignment.person), _card(interview.id, state, assignment, (saw(),))
            same = ReaffirmScorecard(interview_id=interview.id, criterion="K1", unchanged=True)
            yield person(assignment.person), same
    yield person(RECRUITER), HoldDebrief(held_at=now, minutes=20, attendees=(MANAGER, RECRUITER))
    yield person(MANAGER), Decide(decision="defer", follow_up_at=noon)
    yield person(MANAGER), Decide(decision="hire", criteria=("K1",), reason="Counts first", exception_why="K2 later")
    if state.stage in ("hire_decided", "reserve", "offered"):
        for status in ("made", "declined", "accepted"):
            news = {"kind": "offer", "number": state.version, "offer_id": "O-1", "status": status}
            yield SYSTEM, Relay.model_validate({"fact": news})
    if state.stage in ENDS:
        yield person(RECRUITER), Reinstate(stage="interviewing", why="Two left")
        yield person(RECRUITER), Reinstate(stage="shortlisted", why="Two left")


def anything(state: Candidate, now: datetime) -> Iterator[Move]:
    """What somebody might do at any time, likely or not."""
    noon = _noon(now)
    number = state.job.number + 1
    rubric = state.rubric
    for fact in (
        facts(number, rubric=AMENDED),
        facts(number, rubric=rubric, standing="on_hold"),
        facts(number, rubric=rubric, standing="ended", end_cause="filled"),
        facts(number, rubric=rubric, openings_left=0),
        facts(number - 1, rubric=None),
    ):
        yield SYSTEM, Relay(fact=fact)
    yield SYSTEM, HearReply(document="D-REPLY0001", received_at=now)
    for by, command in (
        (MANAGER, HOLD),
        (MANAGER, REJECT),
        (RECRUITER, ChallengeAnswer(question="What did I miss?", evidence="40 forms to one page")),
        (RECRUITER, SCHEDULE_SCREEN.but(starts_at=noon)),
        (RECRUITER, RebookDebrief(starts_at=noon, cause="A plane")),
        (MANAGER, Decide(decision="hire", criteria=("K1",), reason="Counts first")),
        (MANAGER, Decide(decision="no_hire", criteria=("K2",), reason="Changed nothing on the plan")),
        (MANAGER, Decide(decision="further_step", step=FurtherStep(round=3, criterion="K2", interviewer=INTERVIEWER))),
        (RECRUITER, LogContact(at=now, direction="outbound", channel="mail", promised_by=noon)),
        (RECRUITER, LogContact(at=now, direction="inbound", channel="call", answers_hold="Signed on 3 March")),
        (RECRUITER, CorrectContact(address="ada.lin@example.com", why="She spelt it")),
        (RECRUITER, WaitOnCandidate(what_for="Dates", until=noon)),
        (MANAGER, Reject(criterion="K2")),
        (RECRUITER, OF_THE_APPLICANT),
        (INTERVIEWER, NAMING),
        (RECRUITER, Transfer(to_requisition="R-OTHER001", consent_at=now)),
        (RECRUITER, Withdraw(cause="pay", at=now)),
        (RECRUITER, TellOutcome(channel="mail", text="We have chosen to go on with others.")),
        (RECRUITER, SendLetter(letter_subject="Tuesday", text="Could you bring the forms?")),
        (MANAGER, AddNote(words="She asked for a desk by the window", mentions=(RECRUITER, INTERVIEWER))),
        (RECRUITER, TagCandidate(on=("relocates",), off=("in a hurry",))),
        (PARTNER, RecordRequest(kind="erasure", at=now)),
        (PARTNER, RecordRequest(kind="no_ai", at=now)),
        (PARTNER, AnswerRequest(request_id="A-1", outcome="granted", why="As you asked")),
        (PARTNER, Erase(retention_rule="policy")),
        (PARTNER, SetLegalHold(on=not state.legal_hold, why="A claim")),
        (RECRUITING_LEAD, _override("not_screened", noon)),
        (RECRUITER, RECORD_SCREEN.but(at=now, rec=recording(TAPE))),
        (RECRUITER, AttachTranscript(recording=TAPE, transcript=Doc(id=CALL, sha256=SHA), unnamed=UNNAMED)),
        (RECRUITER, AttachTranscript(recording=TAPE, transcript=Doc(id="D-HEARD0001", sha256=SHA))),
        (RECRUITER, ReportUntranscribed(recording=TAPE, reason="no_speech")),
        (RECRUITER, AttachDraft(job="candidate_summary", draft=Doc(id="D-DRAFT0001", sha256=SHA), about={})),
        (RECRUITER, LearnCalendars(calendars={INTERVIEWER: OFFICE.but(zone="Asia/Tokyo")})),
        *((RECRUITER, _interview(round, noon)) for round in (1, 2, 3)),
    ):
        yield person(by), command
    for interview in state.interviews.values():
        yield person(RECRUITER), CancelInterview(interview_id=interview.id, cause="Ill")
        yield person(RECRUITER), RescheduleInterview(interview_id=interview.id, cause="Ill", starts_at=noon)
        yield person(INTERVIEWER), RespondInterview(interview_id=interview.id, answer="accept")
        came = RecordInterview(interview_id=interview.id, outcome="cut_short", ended_at=now, rec=notes())
        yield person(RECRUITER), came
        yield person(INTERVIEWER), came.but(outcome="held", rec=recording(TAPE))
        yield person(RECRUITER), came.but(outcome="candidate_no_show", rec=None)
        for assignment in interview.interviewers:
            yield person(assignment.person), _card(interview.id, state, assignment, ())
    for who in (RECRUITER, PARTNER):
        yield from ((person(who), command) for command in _corrections(state, now))
    missing = tuple(LeftOut(interview=i, person=p, why="Ill") for i, p in missing_cards(state.interviews.values()))
    left_out = HoldDebrief(held_at=now, minutes=20, attendees=(MANAGER, RECRUITER), left_out=missing)
    yield person(RECRUITER), left_out
    for clock in state.clocks.values():
        yield person(MANAGER), WaiveClock(clock_id=clock.id, why="They were ill")
        yield person(RECRUITER), ExtendClock(clock_id=clock.id, until=clock.due_at + timedelta(hours=1), why="Ill")


def _corrections(state: Candidate, now: datetime) -> Iterator[Command]:
    """What was recorded wrongly, in every way."""
    earlier = now - timedelta(hours=30)
    yield CorrectScreen(outcome="no_show", why="The wrong button")
    yield CorrectScreen(outcome="held", at=earlier, rec=transcript("D-SCREEN01"), why="The wrong button")
    yield CorrectScreen(outcome="held", rec=transcript("D-RIGHT0001"), why="The wrong file")
    yield ReplaceResume(doc=Doc(id=f"D-RESUME{len(state.earlier_resumes) % 3:02}", sha256=SHA), why="A newer one")
    for interview in state.interviews.values():
        wrong = CorrectInterview(interview_id=interview.id, why="The wrong button")
        yield wrong.but(outcome="candidate_no_show")
        yield wrong.but(outcome="held", rec=transcript("D-FIRST001"))
        yield wrong.but(outcome="cut_short", ended_at=earlier, rec=notes())
        yield wrong.but(rec=transcript("D-RIGHT0001"))
        yield wrong.but(interviewers=(Assignment(person=SECOND_INTERVIEWER, criteria=("K1",)),))
        yield wrong.but(interviewers=(Assignment(person=INTERVIEWER, criteria=("K1", "K2")),), ended_at=earlier)


def _noon(now: datetime) -> datetime:
    return now.replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=2)


def _override(gate: str, until: datetime) -> OverrideGate:
    return OverrideGate(gate=gate, subject=CANDIDATE_ID, asked_by=RECRUITER, why="Worked here", until=until)


def _interview(round: int, starts_at: datetime) -> ScheduleInterview:
    return ScheduleInterview(
        round=round,
        kind="panel" if round == 2 else "conversation",
        interviewers=(
            Assignment(person=INTERVIEWER, criteria=("K1", "K2")),
            Assignment(person=SECOND_INTERVIEWER, criteria=("K3",), shadow=round == 1),
        ),
        starts_at=starts_at,
        minutes=60,
        candidate_zone="UTC",
    )


def _card(interview: str, state: Candidate, assignment: Assignment, evidence: tuple[Evidence, ...]) -> SubmitScorecard:
    again = assignment.person in state.interviews[interview].cards
    return SubmitScorecard(
        interview_id=interview,
        rubric_version=state.rubric.version if state.rubric else 1,
        ratings=tuple(Rating(criterion=c, rating=3, evidence=evidence) for c in assignment.criteria),
        overall="yes",
        why="I mixed up two people" if again and not evidence else None,
    )


def looked_up(command: Command) -> Facts:
    """What the API finds out about a command."""
    rec = getattr(command, "rec", None)
    return with_facts(new_id="C-NEWCOMER", transcribes=True if rec and rec.kind == "recording" else None)


def attempt(state: Candidate, by: Actor, command: Command, now: datetime) -> Outcome[Candidate] | Rejection:
    """What comes of it."""
    try:
        return CANDIDATE.perform(state, command, Call(by, now, looked_up(command)))
    except Rejection as refusal:
        return refusal


def check_state(state: Candidate, now: datetime) -> None:
    """What is true of every candidate at any time."""
    deadline = CANDIDATE.next_deadline(state)
    assert deadline is None or deadline > now, "a tick leaves nothing due"
    assert all(name not in describe(state) for name in PEOPLE)
    assert (state.out is not None) == (state.stage in ENDS) or state.standing == "erased"
    names = {clock.name for clock in state.clocks.values()}
    if state.standing == "erased":
        assert names == set()
        assert deadline is None
    elif state.stage in ENDS:
        assert names <= CLOCKS_FOR_CANDIDATES - {"candidate_updated"}
    for clock in state.clocks.values():
        held = clock.name not in CLOCKS_FOR_CANDIDATES and state.standing == "on_hold"
        assert ("hold" in clock.paused) == held, clock
    if state.rubric is None:
        assert not state.verdicts
        assert not state.interviews
    if state.decision is not None and state.stage == "hire_decided":
        assert state.debrief is not None
        assert state.debrief.held_at is not None
    for interview in state.interviews.values():
        assert interview.status in HELD or not interview.cards
        judges = {a.person for a in interview.interviewers if not a.shadow}
        assert interview.cards.keys() <= judges, "only whoever was there to judge is counted"
        assert not interview.cards.keys() & interview.set_aside.keys()
    debrief = state.debrief
    if state.stage == "debriefing" and (debrief is None or debrief.held_at is None):
        assert all_in(state.interviews), "a debrief waits for every card"


def check_next_step(state: Candidate) -> None:
    """Somebody always owes the next step: in the running that is a clock, or it is the candidate's turn."""
    running = {clock.name for clock in state.clocks.values() if not clock.paused}
    if state.standing == "open" and state.stage in AT_WORK:
        assert running or state.waiting_until is not None, f"nobody owes the next step: {describe(state)}"
        debrief = state.debrief
        if state.stage == "debriefing" and debrief and debrief.held_at and (debrief.over or debrief.held_early):
            assert state.follow_up_at is not None or "decision_made" in running, f"no decision: {describe(state)}"
    over = state.stage in ENDS or state.standing in ("ended", "erased")
    of_the_search = running - {"candidate_told", "request_answered"}
    assert not (over and of_the_search), f"{of_the_search} is on somebody's list after the end"


def check_records(records: list[Record], before: Candidate) -> None:
    """What is true of everything that happens."""
    assert [record.seq for record in records] == list(range(before.version + 1, before.version + 1 + len(records)))
    for record in records:
        event = record.event
        if isinstance(event, ScorecardSubmitted):
            assert all(rating.evidence for rating in event.ratings if rating.score is not None)
        if isinstance(event, Decided):
            assert before.debrief is not None
            assert before.debrief.held_at is not None


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_whatever_people_do_a_candidates_life_holds_together(data: st.DataObject) -> None:
    locked = data.draw(st.booleans(), "rubric locked at first")
    begins = Relay(fact=opening(facts(rubric=RUBRIC if locked else None)))
    outcome = CANDIDATE.perform(CANDIDATE.initial, begins, Call(SYSTEM, MONDAY, FACTS))
    state, now, journal, let_go = outcome.state, MONDAY, list(outcome.records), False
    for _ in range(data.draw(st.integers(10, 40), "steps")):
        now += data.draw(st.sampled_from(PAUSES), "after")
        state_now = CANDIDATE.perform(state, Tick(), Call(TICK, now, FACTS))
        kind = onward if data.draw(st.integers(0, 3), "onward") else anything
        possible = list(kind(state_now.state, now))
        for move in data.draw(st.lists(st.sampled_from(possible), max_size=5), "asked beforehand"):
            check(CANDIDATE, state, *move, now, looked_up(move[1]))
        if data.draw(st.integers(0, 3), "sensible"):
            possible = [m for m in possible if isinstance(attempt(state, *m, now), Outcome)] or possible
        by, command = data.draw(st.sampled_from(possible), "move")
        by = by if data.draw(st.integers(0, 9), "as themselves") else data.draw(st.sampled_from(ACTORS), "as")
        check(CANDIDATE, state, by, command, now, looked_up(command))
        before = state.model_dump_json()
        result = attempt(state, by, command, now)
        assert state.model_dump_json() == before, "nothing is changed in place"
        if isinstance(result, Rejection):
            assert result.code in command.refusals, f"{command.name} does not declare {result.code}"
            assert result.sentence
            assert result.accepted
            result = state_now
        else:
            assert attempt(state, by, command, now) == result, "the same asked twice comes to the same"
        check_records(result.records, state)
        state = result.state
        journal += result.records
        check_state(state, now)
        for record in result.records:
            let_go |= isinstance(record.event, ClockWaived)
        if not let_go:
            check_next_step(state)
        if state.standing == "erased":
            break
    if data.draw(st.booleans(), "years pass"):
        result = CANDIDATE.perform(state, Tick(), Call(TICK, now + YEARS, FACTS))
        state = result.state
        journal += result.records
        check_state(state, now + YEARS)
    folded = CANDIDATE.initial
    for record in journal:
        folded = CANDIDATE.evolve(folded, Record.model_validate_json(record.model_dump_json()))
    assert folded == state, "the journal folds to the state"
    assert Candidate.model_validate_json(state.model_dump_json()) == state
