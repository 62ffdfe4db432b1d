"""From the day somebody is in the requisition to the hiring manager's answer."""

from __future__ import annotations

from datetime import timedelta

from domain.candidate import describe, may_see_reading
from domain.candidate.candidate_wait import WaitOnCandidate
from domain.candidate.contact import LogContact
from domain.candidate.profile import AnswerProfile, ChallengeAnswer, HoldAnswered, ProfileAnswered
from domain.entity.effects import Draft, Notify
from domain.entity.entity_facts import Submitted
from testing.decider_cases import step
from testing.hire_stories import (
    ADVANCE,
    DAY,
    HOLD,
    HOUR,
    RECORD_SCREEN,
    REJECT,
    SCHEDULE_SCREEN,
    SCREEN_AT,
    SHORTLIST,
    TOLD,
    before_the_lock,
    clock,
    due,
    effects,
    facts,
    happened,
    held,
    last_fact,
    opened,
    passes,
    relayed,
    running,
    said,
    screened,
    submitted,
    turned_down,
)
from testing.people import MANAGER, MONDAY, OFFICE, POLICY, RECRUITER

CHALLENGE = ChallengeAnswer(question="What did I miss?", evidence="The résumé says 40 forms to one page")


def test_an_applicant_before_the_lock_is_taken_in_and_read_once_the_rubric_is_locked() -> None:
    story = before_the_lock()
    assert story.state.stage == "added"

    story.when("S-TANDEM", relayed(facts(2)).command)

    assert [draft.inputs for draft in effects(story, Draft)] == [("D-RESUME01",)]


def test_no_machine_reads_the_resume_of_somebody_who_asked_for_none() -> None:
    story = opened(facts(rubric=None), no_ai=True).when("S-TANDEM", relayed(facts(2)).command).then()

    assert effects(story, Draft) == []


def test_a_draft_is_ordered_on_the_scale_of_its_policys_day() -> None:
    short = POLICY.but(day=timedelta(seconds=6))
    story = opened(facts(rubric=None), policy=short).when("S-TANDEM", relayed(facts(2)).command).then()

    assert [draft.day for draft in effects(story, Draft)] == [short.day]
    real_days = before_the_lock().when("S-TANDEM", relayed(facts(2)).command).then()
    assert [draft.day for draft in effects(real_days, Draft)] == [None]


def test_the_machines_reading_shows_after_the_recruiters_own_verdict() -> None:
    assert not may_see_reading(opened().state)
    assert may_see_reading(opened().after(step(RECRUITER, SHORTLIST)).state)


def test_the_manager_has_two_working_days_to_answer_a_profile() -> None:
    story = submitted()
    assert due(story, "profile_answered") == story.now + 2 * DAY

    passes(story, story.now + 2 * DAY)

    owed = running(story, "profile_answered")
    assert owed.breached_at == owed.due_at
    assert "overdue" in describe(story.state)
    assert {note.person: note.about["recipient"] for note in effects(story, Notify) if note.urgent} == {
        MANAGER: "owner",
        RECRUITER: "counterpart",
    }


def test_a_late_answer_does_not_wipe_out_its_own_breach() -> None:
    story = submitted().when(MANAGER, ADVANCE, after=3 * DAY)

    story.then(ProfileAnswered)
    assert happened(story)[:2] == ["clock_rung_reached", "clock_breached"]


def test_a_rejection_outside_the_rubric_is_told_as_drift_with_no_criterion() -> None:
    drift = AnswerProfile(verdict="reject", why="Never worked in a company younger than five years")
    story = submitted().when(MANAGER, drift)

    fact = last_fact(story)
    assert fact.stage == "rejected"
    assert fact.answer is not None
    assert fact.answer.criterion is None


def test_vague_words_pass_flagged_once_somebody_stands_by_them() -> None:
    vague = AnswerProfile(verdict="reject", why="Not senior enough")
    story = submitted().when(MANAGER, vague).then("vague_reason")

    story.when(MANAGER, vague.but(stand_by=True)).then(ProfileAnswered)

    assert said(story, ProfileAnswered).flagged


def test_standing_by_concrete_words_flags_nothing() -> None:
    story = submitted().when(MANAGER, REJECT.but(stand_by=True)).then(ProfileAnswered)

    assert not said(story, ProfileAnswered).flagged


def test_the_recruiter_asks_back_once_and_the_answer_is_open_again() -> None:
    story = turned_down()
    assert clock(story, "candidate_told") is not None

    story.after(step(RECRUITER, CHALLENGE))

    assert story.state.stage == "submitted"
    assert clock(story, "candidate_told") is None
    assert clock(story, "candidate_updated") is not None
    assert due(story, "profile_answered") == story.now + 2 * DAY
    story.after(step(MANAGER, ADVANCE))
    assert story.state.stage == "advanced"


def test_what_the_manager_wants_to_know_is_the_recruiters_debt_until_it_is_known() -> None:
    story = held()
    assert due(story, "held_resolved") == story.now + 3 * DAY
    assert clock(story, "profile_answered") is None

    known = LogContact(at=story.now, direction="inbound", channel="mail", answers_hold="She signed it on 3 March 2024")
    story.when(RECRUITER, known).then(HoldAnswered)

    assert clock(story, "held_resolved") is None
    assert due(story, "profile_answered") == story.now + 2 * DAY


def test_waiting_on_the_candidate_stops_the_recruiters_debt_and_their_answer_starts_it_again() -> None:
    asks = LogContact(at=MONDAY, direction="outbound", channel="mail")
    wait = WaitOnCandidate(what_for="Who signed the review", until=MONDAY + 7 * DAY)
    story = held().after(step(RECRUITER, asks), step(RECRUITER, wait))
    before = due(story, "held_resolved")

    passes(story, MONDAY + 2 * DAY)
    owed = running(story, "held_resolved")
    assert set(owed.paused) == {"candidate"}
    assert running(story, "candidate_updated").paused == {}

    (since,) = owed.paused.values()
    story.after(step(RECRUITER, asks.but(direction="inbound", at=story.now), after=HOUR))
    stood_still = OFFICE.working_minutes_between(since, story.now)
    assert OFFICE.working_minutes_between(before, due(story, "held_resolved")) == stood_still
    assert story.state.clocks[owed.id].pauses[0].cause == "candidate"


def test_a_wait_ends_by_itself() -> None:
    asks = LogContact(at=MONDAY, direction="outbound", channel="mail")
    wait = WaitOnCandidate(what_for="Who signed the review", until=MONDAY + 2 * DAY)
    story = held().after(step(RECRUITER, asks), step(RECRUITER, wait))

    passes(story, MONDAY + 2 * DAY)

    assert story.state.waiting_until is None
    assert running(story, "held_resolved").paused == {}


def test_screen_and_profile_come_in_either_order() -> None:
    other_order = opened()
    after_screen = screened()
    assert after_screen.state.stage == "screened"

    other_order.after(
        step(RECRUITER, SHORTLIST),
        step(RECRUITER, SCHEDULE_SCREEN),
        step(RECRUITER, RECORD_SCREEN, at=SCREEN_AT + HOUR),
        relayed(Submitted(number=5, slate=False, at=MONDAY)),
    )
    assert other_order.state.stage == "submitted"
    other_order.after(step(MANAGER, ADVANCE))
    assert other_order.state.stage == "screened"


def test_an_older_word_from_the_search_is_ignored() -> None:
    story = opened().after(relayed(facts(7, standing="on_hold")))

    story.after(relayed(facts(6)), relayed(facts(7)))

    assert story.state.standing == "on_hold"


def test_a_profile_that_left_the_shortlist_meanwhile_is_not_submitted() -> None:
    story = turned_down().after(relayed(Submitted(number=9, slate=False, at=MONDAY)))

    assert story.state.stage == "rejected"


def test_somebody_who_was_told_is_told_nothing_more() -> None:
    story = turned_down().after(step(RECRUITER, TOLD, after=timedelta(hours=1)))

    assert story.state.clocks == {}
    assert story.state.told_at == story.now


def test_a_hold_that_is_answered_again_keeps_its_clock() -> None:
    story = held()
    before = clock(story, "held_resolved")

    story.after(step(MANAGER, HOLD, after=2 * HOUR))

    assert clock(story, "held_resolved") == before
