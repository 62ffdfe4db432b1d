"""Holds, ends, reopenings, and roles that pass from hand to hand."""

from __future__ import annotations

from datetime import timedelta

from domain.core.messages import Tick
from domain.entity.clock_commands import TakeOver, WaiveClock
from domain.entity.effects import Notify, Tell
from domain.entity.entity_facts import PersonFacts
from domain.requisition import phase
from domain.requisition.candidate_facts_io import Relay
from domain.requisition.lifecycle import Cancel, HoldReviewDue, PutOnHold, Reopen, Resume, SearchReopened
from domain.requisition.pulse import PulseDue
from domain.requisition.retro import RetroDue
from domain.requisition.role_handover import HandOver, RoleHandedOver
from domain.requisition.roster import CandidateReturned
from domain.requisition.rubric import RubricSigned
from domain.sla.clocks import ClockStopped
from testing.decider_cases import step
from testing.people import (
    INTERVIEWER,
    MANAGER,
    MANAGER_LEAD,
    OUTSIDE,
    PARTNER,
    RECRUITER,
    RECRUITING_LEAD,
    STRANGER,
    TICK,
)
from testing.requisition_stories import (
    DAY,
    OPEN,
    added,
    calendar,
    drafted,
    locked,
    report,
    reports,
    signature,
    signed,
    slate,
)
from tests.domain.requisition.story_reader import at, clocks, effects, events, facts_sent, last, owes

WHY = "Because it is so."
HOUR = timedelta(hours=1)


class TestHoldCancelReopen:
    HOLD = PutOnHold(why=WHY, review_at=at(30, 9))

    def test_hold_pauses_the_searchs_clocks_and_resuming_gives_back_what_was_left(self) -> None:
        story = locked().after(step(MANAGER, self.HOLD, after=DAY))
        [clock] = clocks(story, "slate_shared")
        left = clock.due_at - story.now
        assert clock.paused
        story.when(RECRUITER, Resume(), after=14 * DAY).then()
        [clock] = clocks(story, "slate_shared")
        assert clock.due_at - story.now == left
        assert clock.pauses[0].cause == "hold"

    def test_on_hold_people_still_apply_and_the_promise_to_them_begins_with_the_resumption(self) -> None:
        story = locked().after(step(MANAGER, self.HOLD), added(1))
        [clock] = clocks(story, "applications_answered")
        assert clock.paused
        story.after(step(RECRUITER, Resume(), after=7 * DAY))
        [clock] = clocks(story, "applications_answered")
        assert clock.due_at == story.now + 7 * DAY, "five working days, all of them left"

    def test_a_promise_that_was_let_go_does_not_come_back_by_holding_and_resuming(self) -> None:
        story = locked()
        [clock] = clocks(story, "slate_shared")
        story.after(step(MANAGER, WaiveClock(clock_id=clock.id, why=WHY)))
        story.after(step(MANAGER, self.HOLD), step(RECRUITER, Resume()))
        story.after(step(MANAGER, Cancel(why=WHY)), step(RECRUITER, Reopen(openings=1, cause=WHY)))
        assert clocks(story, "slate_shared") == []

    def test_pulse_and_market_wait_out_the_hold(self) -> None:
        story = locked().after(step(MANAGER, self.HOLD, after=10 * DAY))
        story.when(TICK, Tick(), after=10 * DAY).then()
        assert events(story, PulseDue) == []
        story.when(RECRUITER, Resume()).then()
        assert events(story, PulseDue) == []
        story.when(TICK, Tick(), after=5 * DAY).then(PulseDue)

    def test_a_hold_is_looked_at_again(self) -> None:
        story = locked().after(step(MANAGER, self.HOLD))
        story.when(TICK, Tick(), at=at(30, 9)).then(HoldReviewDue)
        assert {n.person for n in effects(story, Notify)} >= {RECRUITER, MANAGER}
        assert story.decider.next_deadline(story.state) is None

    def test_cancelling_and_reopening_resets_no_clock(self) -> None:
        story = locked()
        [before] = clocks(story, "slate_shared")
        story.after(step(MANAGER, Cancel(why=WHY), after=2 * DAY), step(RECRUITER, Reopen(openings=1, cause=WHY)))
        [after] = clocks(story, "slate_shared")
        assert after.id == before.id
        assert after.due_at == before.due_at + timedelta(minutes=5), "what was left on cancelling is left on reopening"

    def test_cancelled_on_hold_and_reopened_nothing_stands_still(self) -> None:
        story = locked().after(step(MANAGER, self.HOLD), step(MANAGER, Cancel(why=WHY)))
        story.after(step(RECRUITER, Reopen(openings=1, cause=WHY)))
        assert [clock.paused for clock in clocks(story, "slate_shared")] == [{}]

    def test_a_cancelled_search_is_looked_back_on_only_if_its_rubric_was_locked(self) -> None:
        story = drafted().after(step(MANAGER, Cancel(why=WHY)))
        assert phase(story.state) == "closed"
        story = locked().after(step(MANAGER, Cancel(why=WHY)))
        story.when(TICK, Tick(), after=49 * HOUR).then(RetroDue)
        assert phase(story.state) == "retro"

    def test_applications_that_the_end_disposed_of_were_not_answered_in_time(self) -> None:
        story = locked().after(added(1), step(MANAGER, Cancel(why=WHY)))
        story.when(TICK, report(1, 1, "rejected", end_reason="cancelled")).then(ClockStopped)
        assert [event.kept for event in events(story, ClockStopped)] == [False]

    def test_an_old_rubric_is_signed_again_before_anybody_is_judged(self) -> None:
        story = locked().after(added(1), reports(1, 1, "shortlisted"), step(MANAGER, Cancel(why=WHY)))
        story.when(RECRUITER, Reopen(openings=1, cause=WHY), after=120 * DAY).then(SearchReopened)
        assert phase(story.state) == "rubric"
        assert facts_sent(story)["candidate/C-000001"]["unsigned_by_hm"] is True
        story.when(RECRUITER, slate(1, why=WHY)).then("not_locked")
        signed(story, RECRUITER, MANAGER)
        assert [version.version for version in story.state.versions] == [1, 1]
        story.when(RECRUITER, slate(1, why=WHY)).then()

    def test_a_fresh_rubric_still_holds_after_reopening(self) -> None:
        story = locked().after(step(MANAGER, Cancel(why=WHY)))
        story.when(RECRUITER, Reopen(openings=1, cause=WHY), after=10 * DAY).then(SearchReopened)
        assert story.state.locked is not None

    def test_somebody_who_comes_back_learns_how_the_search_stands(self) -> None:
        story = locked().after(added(1), reports(1, 1, "rejected", told=True))
        story.when(TICK, report(1, 2, "shortlisted")).then(CandidateReturned)
        [letter] = effects(story, Tell)
        assert letter.letter.payload["fact"]["kind"] == "search"


class TestHandOver:
    def test_promises_pass_with_the_role_and_nothing_is_reset(self) -> None:
        story = locked().after(added(1))
        before = {clock.id: clock.due_at for clock in story.state.clocks.values()}
        story.when(RECRUITER, HandOver(role="recruiter", to=INTERVIEWER, why=WHY), after=DAY).then(RoleHandedOver)
        assert owes(story) == {INTERVIEWER: ["slate_shared", "applications_answered"]}
        assert {clock.id: clock.due_at for clock in story.state.clocks.values()} == before
        assert facts_sent(story)["candidate/C-000001"]["team"]["recruiter"] == INTERVIEWER

    def test_a_planned_hand_over_happens_by_itself(self) -> None:
        story = locked()
        story.after(step(RECRUITER, HandOver(role="recruiter", to=INTERVIEWER, from_at=at(4, 9), why=WHY)))
        assert story.state.people.recruiter == RECRUITER
        story.when(TICK, Tick(), at=at(4, 12)).then(RoleHandedOver)
        assert last(story).at == at(4, 9)
        assert story.state.people.recruiter == INTERVIEWER

    def test_a_new_manager_signs_before_deciding(self) -> None:
        story = locked().after(added(1))
        story.when(MANAGER, HandOver(role="hiring_manager", to=INTERVIEWER, why=WHY)).then(RoleHandedOver)
        assert facts_sent(story)["candidate/C-000001"]["unsigned_by_hm"] is True
        assert owes(story)[INTERVIEWER] == ["rubric_signed"]
        story.when(INTERVIEWER, signature(story)).then(RubricSigned)
        assert facts_sent(story)["candidate/C-000001"]["unsigned_by_hm"] is False
        assert clocks(story, "rubric_signed") == []
        story.when(INTERVIEWER, signature(story)).then("already_done")

    def test_a_signature_goes_with_who_gave_it(self) -> None:
        story = signed(drafted(), RECRUITER)
        story.after(step(RECRUITER, HandOver(role="recruiter", to=INTERVIEWER, why=WHY)))
        assert set(owes(story)) == {MANAGER, INTERVIEWER}
        assert signed(story, MANAGER, INTERVIEWER).state.locked is not None

    def test_who_signs_only_since_another_role_passed_is_asked_too(self) -> None:
        one_is_both = OPEN.but(recruiter=MANAGER, second_signer=PARTNER)
        story = drafted(one_is_both)
        assert owes(story) == {MANAGER: ["rubric_signed"], PARTNER: ["rubric_signed"]}
        story.after(step(MANAGER, HandOver(role="hiring_manager", to=RECRUITER, why=WHY)))
        assert owes(story) == {RECRUITER: ["rubric_signed"], MANAGER: ["rubric_signed"]}
        story.after(step(RECRUITER, HandOver(role="hiring_manager", to=MANAGER, why=WHY)))
        assert owes(story) == {MANAGER: ["rubric_signed"], PARTNER: ["rubric_signed"]}

    def test_what_the_managers_delegate_signed_stays_when_another_role_passes(self) -> None:
        delegated = PersonFacts(
            number=1, person=MANAGER, delegate=STRANGER, powers=("sign_rubric",), delegate_until=at(30, 9)
        )
        story = drafted().after(step(TICK, Relay(fact=delegated)))
        story.after(
            step(STRANGER, signature(story)), step(PARTNER, HandOver(role="hr_partner", to=INTERVIEWER, why=WHY))
        )
        assert set(story.state.signatures) == {"H"}

    def test_the_managers_delegate_does_not_outlast_them(self) -> None:
        delegated = PersonFacts(
            number=1, person=MANAGER, delegate=STRANGER, powers=("answer_pulse",), delegate_until=at(30, 9)
        )
        story = locked().after(step(TICK, Relay(fact=delegated)))
        story.after(step(MANAGER_LEAD, HandOver(role="hiring_manager", to=INTERVIEWER, why=WHY)))
        assert story.state.people.delegate is None

    def test_nobody_becomes_both_without_a_second_signer(self) -> None:
        story = locked()
        story.when(MANAGER, HandOver(role="hiring_manager", to=RECRUITER, why=WHY)).then("invalid")
        story.after(step(RECRUITING_LEAD, HandOver(role="second_signer", to=PARTNER, why=WHY)))
        story.when(MANAGER, HandOver(role="hiring_manager", to=RECRUITER, why=WHY)).then(RoleHandedOver)

    def test_whoever_leaves_is_followed_by_their_lead_with_what_they_owe(self) -> None:
        story = locked().after(added(1))
        before = {clock.id: clock.due_at for clock in story.state.clocks.values()}
        gone = TakeOver(left=(RECRUITER,), may_follow=(MANAGER, RECRUITING_LEAD, PARTNER))
        story.when(OUTSIDE, gone).then(RoleHandedOver)
        assert owes(story) == {RECRUITING_LEAD: ["slate_shared", "applications_answered"]}
        assert story.state.people.recruiter == RECRUITING_LEAD
        assert {clock.id: clock.due_at for clock in story.state.clocks.values()} == before
        assert facts_sent(story)["candidate/C-000001"]["team"]["recruiter"] == RECRUITING_LEAD

    def test_a_manager_s_delegate_comes_before_their_lead_and_nobody_who_left_follows(self) -> None:
        delegated = PersonFacts(
            number=1, person=MANAGER, delegate=STRANGER, powers=("answer_pulse",), delegate_until=at(30, 9)
        )
        story = locked().after(step(TICK, Relay(fact=delegated)))
        there = (RECRUITER, RECRUITING_LEAD, MANAGER_LEAD)
        story.after(step(OUTSIDE, TakeOver(left=(MANAGER,), may_follow=(*there, STRANGER))))
        assert story.state.people.hiring_manager == STRANGER
        story.after(step(OUTSIDE, TakeOver(left=(MANAGER, STRANGER), may_follow=there)))
        assert story.state.people.hiring_manager == MANAGER_LEAD

    def test_without_anybody_who_may_follow_all_stays(self) -> None:
        story = locked()
        before = story.state
        story.when(OUTSIDE, TakeOver(left=(RECRUITER, RECRUITING_LEAD), may_follow=(MANAGER,))).then()
        assert story.state.people.recruiter == before.people.recruiter
        assert owes(story) == {RECRUITER: ["slate_shared"]}

    def test_nobody_becomes_both_because_somebody_left(self) -> None:
        story = locked().after(step(RECRUITING_LEAD, HandOver(role="manager_lead", to=RECRUITER, why=WHY)))
        story.after(step(OUTSIDE, TakeOver(left=(MANAGER,), may_follow=(RECRUITER, RECRUITING_LEAD))))
        assert story.state.people.hiring_manager == MANAGER

    def test_new_hours_move_what_is_owed(self) -> None:
        story = locked()
        [before] = clocks(story, "slate_shared")
        fact = PersonFacts(number=1, person=RECRUITER, calendar=calendar("Pacific/Auckland"))
        story.after(step(TICK, Relay(fact=fact)))
        [after] = clocks(story, "slate_shared")
        assert after.due_at != before.due_at
