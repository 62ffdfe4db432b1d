"""What a candidate's life makes of the requisition's: hold, hand-over, its end, its reopening, one person in two
roles."""

from __future__ import annotations

from domain.access.team import Team
from domain.candidate import CHAPTERS, describe, phase, requisition_of
from domain.candidate.exits import CandidateReinstated, CandidateRejected, Reinstate
from domain.candidate.requisition_inbound import EndHeard, HoldHeard, ResumeHeard
from domain.candidate.scorecards import ScorecardSubmitted
from domain.core.messages import Event
from domain.entity.effects import Draft, Invite
from domain.entity.entity_facts import OfferNews, Submitted
from domain.registry import DECIDERS
from testing.decider_cases import step
from testing.hire_stories import (
    ADVANCE,
    CANDIDATE_ID,
    DAY,
    FINAL,
    FIRST_AT,
    FIRST_CARD,
    FIRST_DOC,
    HIRE,
    HOLD,
    HOUR,
    MINUTE,
    REQUISITION_ID,
    SCHEDULE_SCREEN,
    TOLD,
    advanced,
    both_booked,
    cards_in,
    clock,
    debriefed,
    due,
    effects,
    facts,
    first_held,
    last_fact,
    offered,
    opened,
    passes,
    recorded,
    relayed,
    running,
    shortlisted,
    submitted,
    with_facts,
)
from testing.people import INTERVIEWER, MANAGER, MONDAY, OFFICE, RECRUITER, TEAM

FIRST_OVER = FIRST_AT + HOUR
ON_HOLD, GOES_ON = facts(40, standing="on_hold"), facts(41)
FILLED = facts(42, standing="ended", end_cause="filled")
NEW_RECRUITER = "P-NEWCOMER"


def test_hold_stops_what_the_search_owes_itself_and_never_what_is_owed_to_the_candidate() -> None:
    story = submitted().when("S-TANDEM", relayed(ON_HOLD).command).then(HoldHeard)
    before = due(story, "profile_answered")
    assert set(running(story, "profile_answered").paused) == {"hold"}
    assert running(story, "candidate_updated").paused == {}

    passes(story, MONDAY + 10 * DAY)
    assert running(story, "profile_answered").breached_at is None
    assert running(story, "candidate_updated").breached_at is not None

    story.when("S-TANDEM", relayed(GOES_ON).command).then(ResumeHeard)
    (pause,) = running(story, "profile_answered").pauses
    stood_still = OFFICE.working_minutes_between(pause.start, pause.end)
    assert OFFICE.working_minutes_between(before, due(story, "profile_answered")) == stood_still


def test_on_hold_answers_records_and_cards_still_work_and_their_clocks_stand_still() -> None:
    story = both_booked().after(relayed(ON_HOLD))
    story.when(RECRUITER, FINAL.but(round=4)).then("on_hold")

    passes(story, FIRST_OVER)
    owed = running(story, "scorecard_in", f"I-1:{INTERVIEWER}")
    assert set(owed.paused) == {"hold"}
    story.after(step(RECRUITER, recorded("I-1", FIRST_DOC, FIRST_OVER)))
    story.when(INTERVIEWER, FIRST_CARD).then(ScorecardSubmitted)

    on_hold = submitted().after(relayed(ON_HOLD), step(MANAGER, HOLD))
    assert set(running(on_hold, "held_resolved").paused) == {"hold"}


def test_filled_while_others_are_mid_interview_lets_them_go_and_owes_them_a_word() -> None:
    story = first_held().when("S-TANDEM", relayed(FILLED).command).then(CandidateRejected, EndHeard)

    cancelled = [(i.uid, i.method) for i in effects(story, Invite)]
    assert cancelled == [(f"{CANDIDATE_ID}-I-2", "CANCEL"), (f"{CANDIDATE_ID}-debrief-1", "CANCEL")]
    assert last_fact(story).end_reason == "filled"
    assert {c.name for c in story.state.clocks.values()} == {"candidate_told"}
    story.when(INTERVIEWER, FIRST_CARD).then("closed")

    story.when(RECRUITER, TOLD).then()
    assert story.state.clocks == {}
    assert last_fact(story).told


def test_who_accepted_stays_when_the_search_is_filled() -> None:
    accepted = OfferNews(number=35, offer_id="O-1", status="accepted")
    story = offered().after(relayed(accepted), relayed(FILLED))

    assert (story.state.stage, story.state.standing) == ("accepted", "ended")
    assert story.state.clocks == {}


def test_the_end_may_overtake_the_answer_to_the_last_offer() -> None:
    story = offered().after(relayed(FILLED))
    assert story.state.stage == "offered"

    accepted = OfferNews(number=45, offer_id="O-1", status="accepted")
    assert offered().after(relayed(FILLED), relayed(accepted)).state.stage == "accepted"

    story.when("S-TANDEM", relayed(accepted.but(status="declined")).command).then(CandidateRejected)
    assert last_fact(story).end_reason == "offer_declined"
    assert clock(story, "candidate_told") is not None


def test_a_runner_up_comes_back_when_the_search_is_open_again() -> None:
    story = debriefed().after(step(MANAGER, HIRE), relayed(FILLED), step(RECRUITER, TOLD))
    again = Reinstate(stage="hire_decided", why="The first one took another offer")
    story.when(RECRUITER, again).then("closed")

    story.after(relayed(facts(50))).when(RECRUITER, again).then(CandidateReinstated)

    assert last_fact(story).stage == "hire_decided"
    assert not last_fact(story).told
    assert clock(story, "candidate_updated") is not None


def test_who_was_reinstated_to_the_interviews_with_all_cards_in_is_due_a_debrief() -> None:
    story = cards_in().after(relayed(FILLED), relayed(facts(50)))

    story.when(RECRUITER, Reinstate(stage="interviewing", why="The first one left")).then()

    assert story.state.stage == "debriefing"
    assert clock(story, "debrief_held") is not None


def test_a_cancelled_search_ends_them_with_its_cause() -> None:
    story = shortlisted().when("S-TANDEM", relayed(facts(42, standing="ended", end_cause="cancelled")).command).then()

    assert last_fact(story).end_reason == "cancelled"
    assert last_fact(story).stage == "rejected"


def test_a_hold_before_the_end_does_not_outlive_it() -> None:
    story = submitted().after(relayed(ON_HOLD), relayed(FILLED))

    assert running(story, "candidate_told").paused == {}


def test_open_promises_pass_to_the_new_recruiter_with_the_time_that_is_left() -> None:
    team = TEAM.but(recruiter=NEW_RECRUITER)
    story = first_held()
    before = due(story, "candidate_updated")

    story.when("S-TANDEM", relayed(facts(40, team=team)).command, facts=with_facts(calendars={NEW_RECRUITER: OFFICE}))

    story.then()
    assert running(story, "candidate_updated").owner == NEW_RECRUITER
    assert due(story, "candidate_updated") == before
    assert running(story, "scorecard_in", f"I-1:{INTERVIEWER}").owner == INTERVIEWER
    story.when(RECRUITER, TOLD).then("not_permitted")


def test_a_new_recruiter_whose_calendar_nobody_knows_yet_has_their_predecessors() -> None:
    story = advanced().after(relayed(facts(40, team=TEAM.but(recruiter=NEW_RECRUITER))))

    story.when(NEW_RECRUITER, SCHEDULE_SCREEN).then()


def test_one_person_may_be_recruiter_and_manager() -> None:
    both = Team.model_validate({**TEAM.model_dump(), "hiring_manager": RECRUITER, "second_signer": MANAGER})
    story = shortlisted().after(relayed(facts(40, team=both)))
    story.after(relayed(Submitted(number=5, slate=True, at=MONDAY))).after(step(RECRUITER, ADVANCE))

    assert story.state.stage == "advanced"
    assert running(story, "candidate_updated").owner == RECRUITER


def test_an_amendment_has_undecided_resumes_read_again() -> None:
    rubric = facts().rubric
    assert rubric is not None
    story = opened().when("S-TANDEM", relayed(facts(9, rubric=rubric.but(version=2))).command).then()

    assert [d.about["rubric_version"] for d in effects(story, Draft)] == [2]


def test_the_search_hears_ids_stages_and_numbers_and_no_word() -> None:
    story = debriefed().when(MANAGER, HIRE).then()

    assert "partners keep calling" not in last_fact(story).model_dump_json()
    assert last_fact(story).number == story.state.version


def test_a_person_can_read_what_a_candidate_waits_for() -> None:
    story = both_booked()

    words = describe(story.state)
    assert words.startswith("**interviewing**")
    assert f"I-1 (conversation) ends {(FIRST_AT + HOUR):%Y-%m-%d %H:%M} UTC" in words
    assert "by the recruiter, due" in words
    assert INTERVIEWER not in words
    assert INTERVIEWER in story.state.waiting_on
    assert (phase(story.state), requisition_of(story.state)) == ("interviewing", REQUISITION_ID)
    assert not story.state.breached
    assert passes(story, FIRST_OVER + 30 * DAY).state.breached


def test_a_clock_that_is_late_but_not_yet_ticked_reads_as_late() -> None:
    story = submitted()

    assert "overdue" in describe(story.state, due(story, "profile_answered") + MINUTE)
    assert "overdue" not in describe(story.state, due(story, "profile_answered") - MINUTE)


def test_ordinary_events_of_a_candidate_have_names_of_their_own() -> None:
    assert {"requisition", "candidate"} <= set(DECIDERS)

    for chapter in CHAPTERS:
        for kind in chapter.evolving:
            assert Event.kinds[kind.type] is kind
