"""Offers and their answers, retros, and requisitions that never end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from domain.access.team import Actor
from domain.core.decider import Outcome
from domain.core.messages import Tick
from domain.entity.effects import Notify, Tell, WriteToCandidate
from domain.entity.entity_facts import Arrival
from domain.requisition import phase
from domain.requisition.candidate_facts_io import Relay
from domain.requisition.lifecycle import Cancel, PutOnHold, Reopen, SearchFilled, SearchReopened
from domain.requisition.offers import (
    AnswerOffer,
    ApproveOffer,
    OfferApprovalAsked,
    OfferExpired,
    OfferMade,
    WithdrawOffer,
)
from domain.requisition.pulse import PulseDue
from domain.requisition.retro import AnswerRetro, RetroConcluded, RetroDue
from domain.requisition.roster import CandidateAdded, HireLost
from domain.requisition.rubric import SignaturesExpired
from domain.sla.clocks import ClockBreached, ClockStarted, ClockStopped
from testing.decider_cases import step
from testing.people import MANAGER, MONDAY, OUTSIDE, PARTNER, RECRUITER, TICK
from testing.requisition_stories import (
    DAY,
    OPEN,
    added,
    an_offer,
    candidate_id,
    hire_decided,
    locked,
    new,
    offered,
    report,
    reports,
    signed,
)
from tests.domain.requisition.story_reader import at, clocks, effects, events, facts_sent, notified_of_the_end, owes

WHY = "Because it is so."
HOUR = timedelta(hours=1)
ACCEPT = AnswerOffer(offer_id="O-1", answer="accepted")
EVERGREEN = OPEN.but(openings=None, evergreen=True)


class TestOffers:
    def test_a_hire_starts_the_offer_clock_and_the_offer_keeps_it(self) -> None:
        story = hire_decided()
        [clock] = clocks(story, "offer_made")
        assert (clock.owner, clock.about) == (RECRUITER, candidate_id(1))
        story.when(RECRUITER, an_offer(story)).then(OfferMade, ClockStopped)
        [letter] = effects(story, Tell)
        assert letter.letter.payload["fact"]["status"] == "made"
        assert facts_sent(story)["candidate/C-000001"]["openings_left"] == 0

    def test_an_offer_is_sent_once_it_is_made_and_not_while_it_is_asked_for(self) -> None:
        story = hire_decided()
        words = {"letter_subject": "Our offer", "letter": "We offer you this: {{answer_link}}"}
        asked = an_offer(story, amount=Decimal(95_000), ask_approval=True, **words)
        story.when(RECRUITER, asked).then(OfferApprovalAsked)
        assert effects(story, WriteToCandidate) == []
        story.when(RECRUITER, an_offer(story, **words)).then(OfferMade)
        [letter] = effects(story, WriteToCandidate)
        assert (letter.candidate, letter.matter, letter.about["offer"]) == (candidate_id(1), "offer", "O-1")
        assert (letter.subject, letter.words) == tuple(words.values())
        story.when(RECRUITER, an_offer(story)).then(OfferMade)
        assert effects(story, WriteToCandidate) == []

    def test_who_applied_themselves_is_told_that_it_arrived_where_the_company_does_so(self) -> None:
        for source, receipts, told in (("applied", True, True), ("applied", False, False), ("sourced", True, False)):
            asked = added(1).command.but(source=source)
            facts = new(candidate_id(1)).but(receipts=receipts)
            [joined] = events(locked().when(RECRUITER, asked, facts=facts), CandidateAdded)
            assert joined.receipt is told

    def test_above_the_band_the_partner_is_asked_and_the_ceiling_holds(self) -> None:
        story = hire_decided()
        dear = an_offer(story, amount=Decimal(95_000))
        story.when(RECRUITER, dear).then("above_band")
        story.when(RECRUITER, dear.but(ask_approval=True)).then(OfferApprovalAsked)
        assert owes(story)[PARTNER] == ["offer_approved"]
        story.after(step(PARTNER, ApproveOffer(candidate_id=candidate_id(1), ceiling=Decimal(94_000), why=WHY)))
        assert clocks(story, "offer_approved") == []
        story.when(RECRUITER, dear).then("above_band")
        story.when(RECRUITER, dear.but(amount=Decimal(94_000))).then(OfferMade)

    def test_negotiation_supersedes_and_a_dear_counter_asks_the_partner(self) -> None:
        story = offered()
        story.when(OUTSIDE, ACCEPT.but(answer="countered", amount=Decimal(96_000))).then(OfferApprovalAsked)
        assert set(owes(story)) == {RECRUITER, PARTNER}
        story.after(step(PARTNER, ApproveOffer(candidate_id=candidate_id(1), ceiling=Decimal(93_000), why=WHY)))
        story.after(step(RECRUITER, an_offer(story, amount=Decimal(93_000))))
        story.when(OUTSIDE, ACCEPT).then("superseded")
        story.when(OUTSIDE, ACCEPT.but(offer_id="O-2")).then(SearchFilled)

    def test_an_offer_nobody_answers_expires_and_the_next_in_line_gets_one(self) -> None:
        story = offered(hire_decided(None, 1, 2))
        assert clocks(story, "offer_made") == [], "no opening, no promise"
        story.when(TICK, Tick(), after=20 * DAY).then(OfferExpired, ClockStarted)
        assert [clock.about for clock in clocks(story, "offer_made")] == [candidate_id(2)]
        story.when(OUTSIDE, ACCEPT).then("expired")

    def test_a_declined_offer_lets_the_search_go_on(self) -> None:
        story = offered().after(
            step(OUTSIDE, ACCEPT.but(answer="declined", cause="pay")), reports(1, 3, "hire_decided")
        )
        assert clocks(story, "offer_made") == [], "nobody owes another offer to who said no"
        assert story.state.standing == "open"
        story.when(RECRUITER, an_offer(story, amount=Decimal(90_000))).then(OfferMade)

    def test_with_two_openings_the_loop_closes_at_the_last_with_a_retro_at_each(self) -> None:
        story = hire_decided(locked(OPEN.but(openings=2)), 1, 2, 3)
        assert {clock.about for clock in clocks(story, "offer_made")} == {candidate_id(1), candidate_id(2)}
        offered(offered(story, 1), 2)
        story.when(RECRUITER, an_offer(story, 3)).then("no_opening")
        story.after(step(OUTSIDE, ACCEPT))
        story.when(TICK, Tick(), after=49 * HOUR).then(RetroDue)
        assert events(story, RetroDue)[0].occasion == "first_hire"
        story.when(OUTSIDE, ACCEPT.but(offer_id="O-2")).then(SearchFilled)
        assert notified_of_the_end(story) == {"candidate/C-000003"}, "those who were hired hear of that, not of the end"
        story.when(TICK, Tick(), after=49 * HOUR).then(RetroDue)
        assert events(story, RetroDue)[0].occasion == "last_hire"

    def test_filled_while_others_are_in_the_middle_voids_what_is_owed(self) -> None:
        story = offered(hire_decided(locked().after(added(5), added(6), reports(6, 1, "interviewing"))))
        story.when(OUTSIDE, ACCEPT).then(SearchFilled)
        assert notified_of_the_end(story) == {"candidate/C-000005", "candidate/C-000006"}
        assert story.state.clocks == {}
        assert phase(story.state) == "retro"

    def test_a_hire_who_will_not_come_frees_the_opening_and_the_search_reopens(self) -> None:
        story = offered().after(step(OUTSIDE, ACCEPT), reports(1, 3, "accepted"))
        story.when(TICK, report(1, 4, "withdrawn"), after=10 * DAY).then(HireLost)
        assert {n.person for n in effects(story, Notify)} >= {RECRUITER, MANAGER}
        story.when(RECRUITER, Reopen(openings=1, cause="They will not come.")).then(SearchReopened)
        assert (story.state.standing, story.state.openings_left) == ("open", 1)

    def test_an_accepted_offer_can_be_taken_back_after_the_end(self) -> None:
        story = offered().after(step(OUTSIDE, ACCEPT))
        story.when(PARTNER, WithdrawOffer(offer_id="O-1", cause="The budget is gone.")).then()
        assert story.state.hires == ()
        [letter] = effects(story, Tell)
        assert letter.letter.payload["fact"]["status"] == "withdrawn"

    def test_a_candidate_answers_their_own_offer_only(self) -> None:
        story = offered()
        story.when(Actor(id=candidate_id(2), kind="candidate"), ACCEPT).then("not_permitted")
        story.when(Actor(id=candidate_id(1), kind="candidate"), ACCEPT).then(SearchFilled)

    def test_a_standing_offer_keeps_a_search_from_being_cancelled(self) -> None:
        story = offered()
        story.when(MANAGER, Cancel(why=WHY)).then("offer_open")
        story.after(step(PARTNER, WithdrawOffer(offer_id="O-1", cause=WHY)))
        story.when(MANAGER, Cancel(why=WHY)).then()


class TestRetro:
    RETRO = AnswerRetro(
        worked=("The intake was short.", "The slate came in three days."),
        change="The recruiter books the panel before the first screen.",
        wished_to_work_around=True,
    )

    def test_what_to_change_is_stored_for_the_manager_and_the_team(self) -> None:
        story = offered().after(step(OUTSIDE, ACCEPT), step(TICK, Tick(), after=49 * HOUR))
        assert set(owes(story)) == {RECRUITER, MANAGER}
        story.after(step(RECRUITER, self.RETRO))
        story.when(MANAGER, self.RETRO.but(change="I answer the slate on the day it comes.")).then(RetroConcluded)
        [concluded] = events(story, RetroConcluded)
        assert (concluded.hiring_manager, concluded.team_name) == (MANAGER, "Permits")
        assert [change.id for change in concluded.changes] == ["X-SEARCH1-1R", "X-SEARCH1-1H"]
        assert phase(story.state) == "closed"
        assert story.state.clocks == {}

    def test_the_private_question_is_kept_apart_from_what_is_shown(self) -> None:
        story = offered().after(step(OUTSIDE, ACCEPT), step(TICK, Tick(), after=49 * HOUR))
        story.when(RECRUITER, self.RETRO).then()
        assert isinstance(story.outcome, Outcome)
        speaking = [r.event.type for r in story.outcome.records if "wished_to_work_around" in r.event.model_dump_json()]
        assert speaking == ["partnership_rated"]
        assert "wished" not in story.state.model_dump_json()

    def test_an_answer_does_not_wipe_out_its_own_breach(self) -> None:
        story = offered().after(step(OUTSIDE, ACCEPT))
        story.when(RECRUITER, self.RETRO, after=20 * DAY).then(RetroDue, ClockBreached, ClockBreached, ClockStopped)


class TestEvergreen:
    def test_it_pulses_every_four_weeks(self) -> None:
        story = locked(EVERGREEN).when(TICK, Tick(), after=75 * DAY).then(PulseDue, PulseDue, PulseDue)
        assert [event.round for event in events(story, PulseDue)] == [1, 2, 3]

    def test_it_looks_back_at_the_first_hire_and_each_quarter_and_never_fills(self) -> None:
        story = offered(hire_decided(locked(EVERGREEN))).after(step(OUTSIDE, ACCEPT), reports(1, 3, "accepted"))
        assert story.state.standing == "open"
        story.when(TICK, Tick(), after=100 * DAY).then(RetroDue, RetroDue)
        assert [event.occasion for event in events(story, RetroDue)] == ["first_hire", "quarter"]

    def test_it_is_signed_again_after_half_a_year(self) -> None:
        story = locked(EVERGREEN).when(TICK, Tick(), after=181 * DAY).then(SignaturesExpired)
        assert {clock.about for clock in clocks(story, "rubric_signed")} == {"R", "H"}
        signed(story, RECRUITER, MANAGER)
        assert (story.state.sign_again, clocks(story, "rubric_signed")) == ((), [])
        story.when(TICK, Tick(), after=181 * DAY).then(SignaturesExpired)

    def test_everybody_is_told_there_is_an_opening(self) -> None:
        story = locked(EVERGREEN).after(added(1))
        story.when(MANAGER, PutOnHold(why=WHY, review_at=at(30, 9))).then()
        assert facts_sent(story)["candidate/C-000001"]["openings_left"] == 1


class TestCompanyOfTwoSearches:
    def test_a_standing_offer_elsewhere_comes_first(self) -> None:
        story = hire_decided()
        story.when(RECRUITER, an_offer(story), facts=new(offer_elsewhere="R-OTHER1")).then("offer_elsewhere")

    def test_somebody_from_another_search_joins_with_documents_only(self) -> None:
        arrival = Arrival(
            number=9,
            candidate=candidate_id(7),
            came_from=candidate_id(1),
            human="H-000099",
            source="internal",
            resume="D-RESUME7",
            resume_sha256="0" * 64,
            notice_version="2026-1",
            consent_at=MONDAY,
        )
        story = locked().when(TICK, Relay(fact=arrival)).then()
        [letter] = effects(story, Tell)
        assert letter.letter.start
        assert letter.letter.payload["fact"]["candidate"] == candidate_id(7)
        story.when(TICK, Relay(fact=arrival.but(candidate=candidate_id(8)))).then("duplicate_person")
        story.after(step(MANAGER, Cancel(why=WHY)))
        story.when(TICK, Relay(fact=arrival.but(candidate=candidate_id(9), human="H-000077"))).then("closed")
