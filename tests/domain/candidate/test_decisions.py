"""The debrief and what it ends in: hire, no hire, one further step, or a follow-up time, once."""

from __future__ import annotations

import pytest

from domain.access.team import Delegate
from domain.candidate import may_see_cards, may_see_draft, may_see_summaries
from domain.candidate.debrief import DebriefHeld, RebookDebrief
from domain.candidate.decision import Decide, Decided, DecisionDeferred, FurtherStepNamed
from domain.candidate.requisition_outbound import facts as facts_of
from domain.candidate.scorecards import ReaffirmScorecard, ScorecardSubmitted, ScoresMarked
from domain.entity.clock_commands import OverrideGate
from domain.entity.effects import Invite
from domain.entity.entity_facts import OfferNews
from domain.evidence.debrief import LeftOut, growth_only, unmet_musts
from domain.evidence.interview_plan import Assignment
from domain.evidence.scorecard import Card, Rating, Score, StandingRating
from testing.decider_cases import step
from testing.hire_stories import (
    AMENDED,
    BOOK_DEBRIEF,
    CANDIDATE_ID,
    DAY,
    DEBRIEF_AT,
    FINAL,
    FINAL_CARD,
    FIRST_CARD,
    FURTHER,
    HIRE,
    HOLD_DEBRIEF,
    HOUR,
    LAST_CARD,
    MINUTE,
    NO_HIRE,
    RUBRIC,
    both_booked,
    cards_in,
    clock,
    debrief_booked,
    debriefed,
    due,
    effects,
    facts,
    final_held,
    first_card_in,
    first_held,
    hired,
    last_fact,
    offered,
    one_card_missing,
    passes,
    relayed,
    running,
    said,
    saw,
)
from testing.people import INTERVIEWER, MANAGER, MONDAY, RECRUITER, RECRUITING_LEAD, SECOND_INTERVIEWER, TEAM

ENDS = DEBRIEF_AT + 30 * MINUTE
DEFER = Decide(decision="defer", follow_up_at=DEBRIEF_AT + 3 * DAY)
LEFT_OUT = LeftOut(interview="I-2", person=SECOND_INTERVIEWER, why="Ill since Thursday")


def override(gate: str, subject: str = CANDIDATE_ID) -> OverrideGate:
    """A lead opens a gate for three weeks."""
    return OverrideGate(gate=gate, subject=subject, asked_by=MANAGER, why="The board met late", until=MONDAY + 21 * DAY)


def test_a_debrief_ends_in_a_decision_within_an_hour_of_its_booked_end() -> None:
    story = debriefed()
    assert clock(story, "decision_made") is None
    assert facts_of(story.state).cards_in_undecided

    passes(story, ENDS)
    assert due(story, "decision_made") == ENDS + HOUR
    assert running(story, "decision_made").owner == MANAGER

    story.when(MANAGER, HIRE).then(Decided)
    assert clock(story, "decision_made") is None
    assert last_fact(story).stage == "hire_decided"
    assert not last_fact(story).cards_in_undecided


def test_a_debrief_held_before_its_hour_asks_for_the_decision_at_once() -> None:
    early = DEBRIEF_AT - 2 * HOUR
    story = cards_in().after(step(RECRUITER, HOLD_DEBRIEF.but(held_at=early), at=early + 20 * MINUTE))
    assert due(story, "decision_made") < ENDS + HOUR
    [clock_id] = [one.id for one in story.state.clocks.values() if one.name == "decision_made"]

    passes(story, ENDS)
    assert running(story, "decision_made").id == clock_id, "its booked end begins no other"


def test_a_decision_within_the_debrief_leaves_no_clock_behind() -> None:
    story = passes(hired(), ENDS + 2 * HOUR)

    assert clock(story, "decision_made") is None


def test_nobody_owes_a_decision_while_cards_are_missing() -> None:
    story = passes(one_card_missing(), ENDS + HOUR)
    assert clock(story, "decision_made") is None

    story.when(RECRUITER, HOLD_DEBRIEF.but(left_out=(LEFT_OUT,))).then(DebriefHeld)
    assert due(story, "decision_made") == story.now + HOUR


def test_somebody_left_out_owes_no_card_any_more() -> None:
    story = one_card_missing()
    assert clock(story, "scorecard_in", f"I-2:{SECOND_INTERVIEWER}") is not None

    story.when(RECRUITER, HOLD_DEBRIEF.but(left_out=(LEFT_OUT,)), at=DEBRIEF_AT + 21 * MINUTE).then(DebriefHeld)

    assert clock(story, "scorecard_in", f"I-2:{SECOND_INTERVIEWER}") is None
    assert story.state.stage == "debriefing"
    story.when(MANAGER, HIRE).then(Decided)


def test_sleeping_on_it_needs_a_time_and_is_allowed_once() -> None:
    story = passes(debriefed(), ENDS).when(MANAGER, DEFER).then(DecisionDeferred)
    assert clock(story, "decision_made") is None

    passes(story, DEBRIEF_AT + 3 * DAY)
    assert due(story, "decision_made") == DEBRIEF_AT + 3 * DAY + HOUR

    again = DEFER.but(follow_up_at=DEBRIEF_AT + 4 * DAY)
    story.when(MANAGER, again).then("second_deferral")
    story.after(step(RECRUITING_LEAD, override("second_deferral")))
    story.when(MANAGER, again).then(DecisionDeferred)


def test_a_deferred_decision_may_come_early() -> None:
    story = debriefed().after(step(MANAGER, DEFER)).when(MANAGER, HIRE).then(Decided)

    passes(story, DEBRIEF_AT + 4 * DAY)
    assert clock(story, "decision_made") is None


def test_a_further_step_means_another_interview_and_another_debrief() -> None:
    story = debriefed().when(MANAGER, FURTHER).then(FurtherStepNamed)
    assert story.state.stage == "interviewing"
    assert last_fact(story).stage == "interviewing"

    unplanned = FINAL.but(
        round=3, starts_at=DEBRIEF_AT + 4 * DAY, interviewers=(Assignment(person=INTERVIEWER, criteria=("K2",)),)
    )
    story.when(RECRUITER, unplanned).then("debrief_not_booked")
    story.after(step(RECRUITER, BOOK_DEBRIEF.but(starts_at=DEBRIEF_AT + 5 * DAY))).when(RECRUITER, unplanned).then()

    assert story.state.debrief is not None
    assert story.state.debrief.number == 2


def test_a_no_needs_no_must_have_but_a_reason_beyond_growth() -> None:
    story = debriefed().when(MANAGER, NO_HIRE).then(Decided)
    assert story.state.stage == "rejected"
    assert last_fact(story).end_reason == "K2"
    assert due(story, "candidate_told") == story.now + 4 * DAY, "two working days, over the weekend"

    on_growth = NO_HIRE.but(criteria=("K3",), exception_why="The next team lead would have nobody to learn from")
    debriefed().when(MANAGER, on_growth).then(Decided)


@pytest.mark.parametrize(
    ("given", "unmet"),
    [
        ([], ("K1", "K2")),
        ([{"K1": 3, "K2": 3}], ()),
        ([{"K1": 2, "K2": 4}], ("K1",)),
        ([{"K1": 3, "K2": 4}, {"K1": 2}], ()),
        ([{"K1": 3, "K2": 4}, {"K1": 2}, {"K1": 1}], ("K1",)),
        ([{"K1": 4, "K2": None}], ("K2",)),
        ([{"K1": 4, "K2": 4, "K3": 1}], ()),
    ],
)
def test_a_must_have_is_met_when_somebody_saw_it_and_no_majority_did_not(
    given: list[dict[str, Score | None]], unmet: tuple[str, ...]
) -> None:
    cards = [
        Card(
            rubric_version=1,
            marks={key: StandingRating(score=score, fingerprint="x") for key, score in scores.items()},
            overall="yes",
            at=MONDAY,
        )
        for scores in given
    ]
    assert unmet_musts(cards, ("K1", "K2")) == unmet


def test_growth_alone() -> None:
    assert growth_only(("K3",), RUBRIC.weights)
    assert not growth_only(("K3", "K1"), RUBRIC.weights)


def test_the_debrief_may_be_moved_once_and_calendars_follow() -> None:
    move = RebookDebrief(starts_at=DEBRIEF_AT + HOUR, cause="The manager is on a plane")
    story = debrief_booked().when(RECRUITER, move).then()
    (invite,) = effects(story, Invite)
    assert (invite.sequence, invite.uid) == (1, f"{CANDIDATE_ID}-debrief-1")

    story.when(RECRUITER, move).then("third_time")
    story.after(step(RECRUITING_LEAD, override("third_time"))).when(RECRUITER, move).then()


def test_a_debrief_that_did_not_take_place_is_moved_and_the_decision_with_it() -> None:
    story = passes(cards_in(), ENDS)
    assert clock(story, "decision_made") is not None

    later = DEBRIEF_AT + 3 * DAY
    story.after(step(RECRUITER, RebookDebrief(starts_at=later, cause="Nobody dialled in")))
    assert set(running(story, "decision_made").paused) == {"debrief"}

    passes(story, later + 30 * MINUTE)
    assert due(story, "decision_made") == later + 85 * MINUTE, "five minutes of the hour had passed"


def test_the_delegate_does_not_decide_unless_somebody_lets_them() -> None:
    delegate = "P-DELEGATE0"
    team = TEAM.but(delegate=Delegate(person=delegate, powers=("decide",), until=MONDAY + 30 * DAY))
    story = debriefed().after(relayed(facts(40, team=team)))

    story.when(delegate, HIRE).then("delegate_deciding")
    story.after(step(RECRUITING_LEAD, override("delegate_deciding"))).when(delegate, HIRE).then(Decided)


def test_an_amended_criterion_leaves_scores_that_count_for_nothing_until_their_authors_affirm_them() -> None:
    story = debriefed().when("S-TANDEM", relayed(facts(40, rubric=AMENDED)).command).then(ScoresMarked)
    marked = {(s.interview_id, s.person, s.criterion) for s in said(story, ScoresMarked).scores}
    assert marked == {("I-1", INTERVIEWER, "K1"), ("I-2", INTERVIEWER, "K1")}

    story.when(MANAGER, HIRE).then("scores_not_comparable")
    story.when(MANAGER, DEFER).then(DecisionDeferred)
    same = ReaffirmScorecard(interview_id="I-1", criterion="K1", unchanged=True)
    anew = ReaffirmScorecard(interview_id="I-2", criterion="K1", rating=2, evidence=(saw(),))
    story.after(step(INTERVIEWER, same)).when(MANAGER, HIRE).then("scores_not_comparable")
    story.after(step(INTERVIEWER, anew)).when(MANAGER, HIRE).then(Decided)

    assert story.state.interviews["I-2"].cards[INTERVIEWER].marks["K1"].score == 2


def test_a_criterion_that_is_gone_is_no_longer_asked_about() -> None:
    without = AMENDED.but(weights={"K2": "must", "K3": "growth"}, fingerprints={"K2": "two", "K3": "three"})
    story = debriefed().after(relayed(facts(40, rubric=without)))

    story.when(MANAGER, HIRE.but(criteria=("K2",))).then(Decided)


def test_a_card_that_is_handed_in_again_goes_by_the_new_rubric() -> None:
    story = cards_in().after(relayed(facts(40, rubric=AMENDED)))
    again = FIRST_CARD.but(rubric_version=2, why="The criterion reads differently now")

    story.after(step(INTERVIEWER, again))

    card = story.state.interviews["I-1"].cards[INTERVIEWER]
    assert (card.rubric_version, card.resubmitted, card.marks["K1"].comparable) == (2, 1, True)


def test_a_surplus_hire_waits_as_reserve_until_an_offer_reaches_them() -> None:
    story = debriefed().after(relayed(facts(40, openings_left=0))).when(MANAGER, HIRE).then(Decided)
    assert last_fact(story).stage == "reserve"

    story.after(relayed(OfferNews(number=50, offer_id="O-2", status="made")))
    assert story.state.stage == "offered"


@pytest.mark.parametrize("status", ["declined", "expired", "withdrawn"])
def test_an_offer_that_came_to_nothing_leaves_them_hired_or_in_reserve(status: str) -> None:
    ended = OfferNews.model_validate({"number": 60, "offer_id": "O-1", "status": status})

    assert offered().after(relayed(ended)).state.stage == "hire_decided"
    assert offered().after(relayed(facts(55, openings_left=0)), relayed(ended)).state.stage == "reserve"


def test_a_countered_offer_is_still_open() -> None:
    story = offered().after(relayed(OfferNews(number=60, offer_id="O-1", status="countered")))

    assert story.state.stage == "offered"
    assert story.state.offer is not None
    assert story.state.offer.open


def test_nobody_sees_anothers_card_before_theirs_is_in() -> None:
    assert not may_see_cards(both_booked().state, INTERVIEWER)
    assert not may_see_cards(final_held().state, INTERVIEWER), "their second card is missing"
    assert not may_see_cards(final_held().state, SECOND_INTERVIEWER)
    assert not may_see_summaries(final_held().state, SECOND_INTERVIEWER)
    assert may_see_cards(one_card_missing().state, INTERVIEWER)
    assert not may_see_cards(one_card_missing().state, SECOND_INTERVIEWER)
    assert may_see_cards(cards_in().state, SECOND_INTERVIEWER)
    assert may_see_cards(first_card_in().state, MANAGER)


NOT_TESTED = Rating(criterion="K3", rating="not_tested", why_not_tested="We spoke of the vendor all the time")


def test_nobody_buys_the_others_cards_with_one_that_says_nothing() -> None:
    """Not tested on everything opens nothing; real scores may follow, as they were not read from others."""
    nothing = LAST_CARD.but(ratings=(NOT_TESTED,))
    story = one_card_missing().after(step(SECOND_INTERVIEWER, nothing))
    assert not may_see_cards(story.state, SECOND_INTERVIEWER)
    assert may_see_cards(story.state, INTERVIEWER)

    story = story.after(step(SECOND_INTERVIEWER, LAST_CARD.but(why="I found my notes")))
    assert may_see_cards(story.state, SECOND_INTERVIEWER)


def test_what_was_not_tested_stays_so_once_the_others_cards_were_open() -> None:
    both = LAST_CARD.but(ratings=(*LAST_CARD.ratings, NOT_TESTED.but(criterion="K1")))
    story = one_card_missing().after(step(SECOND_INTERVIEWER, both))
    assert may_see_cards(story.state, SECOND_INTERVIEWER)

    scored = LAST_CARD.ratings[0].but(criterion="K1")
    again = both.but(ratings=(*LAST_CARD.ratings, scored), why="I remember now")
    story.when(SECOND_INTERVIEWER, again).then("not_blind")
    story.when(SECOND_INTERVIEWER, both.but(why="A word was wrong")).then(ScorecardSubmitted)


def test_a_card_that_says_nothing_opens_the_others_once_the_debrief_was_held() -> None:
    nothing = LAST_CARD.but(ratings=(NOT_TESTED,))
    story = one_card_missing().after(step(SECOND_INTERVIEWER, nothing)).when(RECRUITER, HOLD_DEBRIEF, at=ENDS)
    story = story.then(DebriefHeld)
    assert may_see_cards(story.state, SECOND_INTERVIEWER)


def test_a_draft_of_anothers_card_is_kept_back_as_the_card_is() -> None:
    theirs, own = f"scorecard:I-2:{SECOND_INTERVIEWER}", f"scorecard:I-2:{INTERVIEWER}"
    assert not may_see_draft(final_held().state, theirs, INTERVIEWER)
    assert may_see_draft(final_held().state, own, INTERVIEWER)
    assert may_see_draft(one_card_missing().state, theirs, INTERVIEWER)
    assert not may_see_draft(final_held().state, "debrief_brief", INTERVIEWER)
    assert may_see_draft(final_held().state, "candidate_summary", INTERVIEWER)


def test_the_manager_who_interviews_is_as_blind_as_everybody() -> None:
    panel = FINAL.but(interviewers=(*FINAL.interviewers, Assignment(person=MANAGER, criteria=("K2",))))
    story = debrief_booked().after(step(RECRUITER, panel))

    assert not may_see_cards(story.state, MANAGER)


def test_a_shadow_sees_the_cards_when_all_are_in() -> None:
    panel = FINAL.but(interviewers=(*FINAL.interviewers, Assignment(person="P-SHADOW", shadow=True)))
    story = debrief_booked().after(step(RECRUITER, panel))

    assert not may_see_cards(story.state, "P-SHADOW")


def test_whoever_is_left_out_may_see_the_cards() -> None:
    story = one_card_missing().when(RECRUITER, HOLD_DEBRIEF.but(left_out=(LEFT_OUT,)), at=ENDS).then(DebriefHeld)

    assert may_see_cards(story.state, SECOND_INTERVIEWER)


def test_a_decision_never_comes_before_the_debrief() -> None:
    for story in (first_held(), cards_in(), final_held()):
        story.when(MANAGER, HIRE).then("debrief_not_held")


def test_cards_are_closed_once_it_is_decided() -> None:
    story = one_card_missing()
    story.when(RECRUITER, HOLD_DEBRIEF.but(left_out=(LEFT_OUT,)), at=ENDS).then(DebriefHeld)
    story.after(step(MANAGER, HIRE))

    story.when(SECOND_INTERVIEWER, LAST_CARD).then("decided")
    story.when(INTERVIEWER, FINAL_CARD.but(why="I mixed up two people")).then("decided")
