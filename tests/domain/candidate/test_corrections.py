"""Mistakes in what was recorded, mended: the right value for clocks, who owes what, and what rested on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from domain.candidate.corrections import (
    CorrectInterview,
    CorrectScreen,
    InterviewCorrected,
    RoundReopened,
    ScreenCorrected,
)
from domain.candidate.interviews import AllCardsIn, InterviewRecorded
from domain.candidate.resume_replacement import ReplaceResume
from domain.candidate.scorecards import QuotesMarked, ReaffirmScorecard, ScorecardSubmitted
from domain.candidate.screen import SummaryConfirmed, SummaryOutdated
from domain.core.messages import Tick
from domain.core.source_text import SourceText
from domain.entity.clock_commands import ExtendClock
from domain.entity.effects import Draft, Invite, Notify
from domain.evidence.documents import Doc, Quote
from domain.evidence.draft_events import AttachDraft, DraftAttached
from domain.evidence.interview_plan import Assignment
from domain.sla.clocks import BreachCorrected, ClockBreached
from testing.decider_cases import Library, Story, step
from testing.hire_stories import (
    DAY,
    DEBRIEF_AT,
    FINAL,
    FINAL_AT,
    FINAL_CARD,
    FINAL_DOC,
    FIRST_AT,
    FIRST_CARD,
    FIRST_DOC,
    FURTHER,
    HIRE,
    HOUR,
    LAST_CARD,
    LIBRARY,
    LINK,
    MINUTE,
    RECORD_SCREEN,
    RESUME,
    SCREEN_AT,
    SCREEN_DOC,
    SHA,
    SUMMARY,
    at_stage,
    both_booked,
    card,
    cards_in,
    clock,
    debriefed,
    due,
    effects,
    facts,
    final_held,
    first_card_in,
    first_held,
    happened,
    hired,
    notes,
    one_card_missing,
    out,
    passes,
    quote,
    recorded,
    relayed,
    running,
    said,
    saw,
    screen_booked,
    screened,
    shortlisted,
    summed_up,
    transcript,
)
from testing.people import INTERVIEWER, MANAGER, MONDAY, PARTNER, RECRUITER, SECOND_INTERVIEWER

RIGHT_DOC = "D-RIGHT0001"
RIGHT_WORDS = "I asked every caller the same three questions"
SUBSTITUTE = (Assignment(person=SECOND_INTERVIEWER, criteria=("K1", "K2")),)
FIRST_OVER, FINAL_OVER = FIRST_AT + HOUR, FINAL_AT + HOUR


def knowing_the_right_file(story: Story) -> Story:
    """The story, in whose library the right file is there as well."""
    story.library = Library(**LIBRARY.documents, **{RIGHT_DOC: SourceText(text=f"{RIGHT_WORDS}, and wrote it down.")})
    return story


def screen(**changes: Any) -> CorrectScreen:
    return CorrectScreen(why="I pressed the wrong button").but(**changes)


def interview(number: int = 1, **changes: Any) -> CorrectInterview:
    return CorrectInterview(interview_id=f"I-{number}", why="I pressed the wrong button").but(**changes)


def told(story: Story, what: str = "record_corrected") -> list[tuple[str, Any]]:
    """Who was told of a correction, and what of."""
    return [(n.person, n.about.get("what")) for n in effects(story, Notify) if n.matter == what]


def missed_screen() -> Story:
    """The screen is on record as a no-show, from the end of its half hour on."""
    return screen_booked().after(
        step(RECRUITER, RECORD_SCREEN.but(outcome="no_show", rec=None), at=SCREEN_AT + 35 * MINUTE)
    )


def breached(story: Story) -> list[str]:
    """What the last command let fall due."""
    return [
        record.event.clock_id.split(":")[1]
        for record in story.outcome.records  # type: ignore[union-attr]
        if isinstance(record.event, ClockBreached)
    ]


# A screen.


def test_a_no_show_by_mistake_becomes_held_and_its_summary_is_due_on_the_day_it_was_held() -> None:
    story = missed_screen()
    assert story.state.stage == "advanced"

    story.when(RECRUITER, screen(outcome="held", rec=transcript(SCREEN_DOC)), after=HOUR).then(ScreenCorrected)

    assert story.state.stage == "screened"
    assert due(story, "summary_sent") == SCREEN_AT.replace(hour=17, minute=0)
    assert running(story, "summary_sent").started_at == SCREEN_AT + 30 * MINUTE
    [draft] = effects(story, Draft)
    assert (draft.job, draft.inputs) == ("candidate_summary", (SCREEN_DOC,))
    story.when(RECRUITER, SUMMARY).then(SummaryConfirmed)


def test_a_summary_due_before_the_mistake_was_seen_is_late_from_its_deadline() -> None:
    story = missed_screen()
    seen_at = SCREEN_AT + 2 * DAY
    story.when(RECRUITER, screen(outcome="held", rec=transcript(SCREEN_DOC)), at=seen_at).then(
        ScreenCorrected, ClockBreached
    )

    late = running(story, "summary_sent")
    assert late.due_at == SCREEN_AT.replace(hour=17, minute=0)
    assert late.breached_at == late.due_at
    assert all(at >= seen_at for _, at in late.rungs)


def test_held_pressed_by_mistake_becomes_a_no_show_and_the_breach_of_its_summary_was_none() -> None:
    story = passes(screened(), SCREEN_AT + DAY)
    late = running(story, "summary_sent")
    assert late.breached_at is not None

    story.when(RECRUITER, screen(outcome="no_show")).then(ScreenCorrected, BreachCorrected)

    assert story.state.stage == "advanced"
    assert clock(story, "summary_sent") is None
    corrected = said(story, BreachCorrected)
    assert (corrected.clock.id, corrected.clock.breached_at, corrected.due_at) == (late.id, late.breached_at, None)
    story.when(RECRUITER, SUMMARY).then("not_screened")


def test_a_summary_sent_late_was_in_time_if_the_screen_was_held_later_than_recorded() -> None:
    sent_at = SCREEN_AT + DAY
    story = screened().after(step(RECRUITER, SUMMARY, at=sent_at))
    assert set(story.state.kept_late) != set()

    story.when(RECRUITER, screen(at=sent_at - HOUR)).then(ScreenCorrected, BreachCorrected)

    corrected = said(story, BreachCorrected)
    assert (corrected.since, corrected.kept, corrected.ended_at) == (sent_at - HOUR, True, sent_at)
    assert corrected.due_at == sent_at.replace(hour=17, minute=0)
    assert story.state.kept_late == {}
    assert clock(story, "summary_sent") is None


def test_a_summary_that_is_late_all_the_same_stays_late() -> None:
    story = screened().after(step(RECRUITER, SUMMARY, at=SCREEN_AT + 2 * DAY))

    story.when(RECRUITER, screen(at=SCREEN_AT + 40 * MINUTE)).then(ScreenCorrected)

    assert "breach_corrected" not in happened(story)
    assert set(story.state.kept_late) != set()


def test_the_wrong_file_at_the_screen_is_replaced_and_the_summary_on_it_asked_again() -> None:
    story = knowing_the_right_file(summed_up())
    story.when(RECRUITER, screen(rec=transcript(RIGHT_DOC)), after=HOUR).then(ScreenCorrected, SummaryOutdated)

    assert story.state.summary.outdated
    assert story.state.screen.replaced == (SCREEN_DOC,)
    assert said(story, ScreenCorrected).was.document == SCREEN_DOC
    assert told(story) == [(MANAGER, "summary")]
    [draft] = effects(story, Draft)
    assert (draft.job, draft.inputs, draft.about["record"]) == ("candidate_summary", (RIGHT_DOC,), RIGHT_DOC)
    assert running(story, "summary_sent").started_at == story.now

    story.when(RECRUITER, SUMMARY).then("not_in_source")
    of_the_right = quote(RIGHT_DOC, RIGHT_WORDS)
    anew = SUMMARY.but(
        bullets=tuple(bullet.but(evidence=of_the_right) for bullet in SUMMARY.bullets),
        verdicts=SUMMARY.verdicts | {"K1": SUMMARY.verdicts["K1"].but(evidence=of_the_right)},
        strongest=Quote(document=RIGHT_DOC, words=RIGHT_WORDS),
    )
    story.when(RECRUITER, anew).then(SummaryConfirmed)
    assert not story.state.summary.outdated
    assert clock(story, "summary_sent") is None
    story.when(RECRUITER, anew).then("already_done")


def test_another_time_alone_leaves_the_summary_as_it_is() -> None:
    story = summed_up().when(RECRUITER, screen(at=SCREEN_AT + 10 * MINUTE)).then(ScreenCorrected)

    assert not story.state.summary.outdated
    assert effects(story, Draft) == []


def test_a_draft_of_the_replaced_file_is_superseded_also_if_it_comes_afterwards() -> None:
    def draft(id: str, **more: Any) -> AttachDraft:
        about = {"rubric_version": 1, **more}
        return AttachDraft(job="candidate_summary", draft=Doc(id=id, sha256=SHA), about=about)

    story = screened().after(step("S-TANDEM", draft("D-DRAFT0001")))
    story.after(step(RECRUITER, screen(rec=transcript(RIGHT_DOC))))
    story.when(RECRUITER, SUMMARY.but(draft_id="D-DRAFT0001")).then("stale_draft")

    story.when("S-TANDEM", draft("D-DRAFT0002")).then()
    assert "candidate_summary" not in story.state.drafts, "of the wrong file, ordered before anybody saw it"
    story.when("S-TANDEM", draft("D-DRAFT0003", record=RIGHT_DOC)).then(DraftAttached)
    assert story.state.drafts["candidate_summary"].id == "D-DRAFT0003"


def test_a_screen_that_was_no_screen_after_interviews_leaves_the_stage_and_marks_the_summary() -> None:
    story = first_held().when(RECRUITER, screen(outcome="no_show")).then(ScreenCorrected, SummaryOutdated)

    assert story.state.stage == "interviewing"
    assert clock(story, "summary_sent") is None
    story.when(RECRUITER, FINAL.but(round=3)).then("not_screened")


# An interview: its file.


def test_the_wrong_file_of_an_interview_marks_the_quotes_and_nothing_is_decided_before_they_are_chosen_again() -> None:
    story = knowing_the_right_file(debriefed())
    story.when(RECRUITER, interview(rec=transcript(RIGHT_DOC)), after=MINUTE).then(InterviewCorrected, QuotesMarked)

    marked = said(story, QuotesMarked)
    assert [(score.person, score.criterion) for score in marked.scores] == [(INTERVIEWER, "K1"), (INTERVIEWER, "K2")]
    assert set(told(story)) == {(MANAGER, "decision"), (INTERVIEWER, "card")}
    assert [(draft.inputs, draft.about["interviewer"]) for draft in effects(story, Draft)] == [
        ((RIGHT_DOC,), INTERVIEWER)
    ]
    assert running(story, "scorecard_in", f"I-1:{INTERVIEWER}").started_at == story.now
    story.when(MANAGER, HIRE).then("scores_not_comparable")

    reaffirm = ReaffirmScorecard(interview_id="I-1", criterion="K1", unchanged=True)
    story.when(INTERVIEWER, reaffirm).then("not_in_source")
    story.when(INTERVIEWER, reaffirm.but(unchanged=False, rating=4, evidence=(quote(FIRST_DOC),))).then("not_in_source")
    anew = reaffirm.but(unchanged=False, rating=4, evidence=(quote(RIGHT_DOC, RIGHT_WORDS),))
    story.when(INTERVIEWER, anew).then()
    story.when(MANAGER, HIRE).then("scores_not_comparable")
    story.when(INTERVIEWER, anew.but(criterion="K2", rating=3, evidence=(saw(),))).then()

    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is None
    story.when(MANAGER, HIRE).then()


def test_a_whole_card_handed_in_again_clears_the_marks_as_well() -> None:
    story = knowing_the_right_file(first_card_in()).after(step(RECRUITER, interview(rec=transcript(RIGHT_DOC))))
    again = card("I-1", {"K1": 4, "K2": 3}, FIRST_DOC, why="The file was another's")
    ratings = tuple(r.but(evidence=(quote(RIGHT_DOC, RIGHT_WORDS),)) for r in again.ratings)

    story.when(INTERVIEWER, again.but(ratings=ratings)).then(ScorecardSubmitted)

    assert all(mark.stands for mark in story.state.interviews["I-1"].cards[INTERVIEWER].marks.values())
    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is None


def test_observations_do_not_rest_on_the_file() -> None:
    seen = FIRST_CARD.but(ratings=tuple(rating.but(evidence=(saw(),)) for rating in FIRST_CARD.ratings))
    story = first_held().after(step(INTERVIEWER, seen))

    story.when(RECRUITER, interview(rec=transcript(RIGHT_DOC))).then(InterviewCorrected)

    assert "quotes_marked" not in happened(story)


def test_the_first_file_put_back_clears_what_was_marked() -> None:
    story = first_card_in().after(step(RECRUITER, interview(rec=transcript(RIGHT_DOC))))

    story.when(RECRUITER, interview(rec=transcript(FIRST_DOC))).then(InterviewCorrected, QuotesMarked)

    assert all(mark.stands for mark in story.state.interviews["I-1"].cards[INTERVIEWER].marks.values())
    assert story.state.interviews["I-1"].replaced == (RIGHT_DOC,)
    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is None, "nothing is asked any more"


def test_what_is_asked_again_stays_asked_when_the_record_is_corrected_once_more() -> None:
    story = first_card_in().after(
        step(RECRUITER, interview(rec=transcript(RIGHT_DOC))), step(RECRUITER, screen(rec=transcript(RIGHT_DOC)))
    )
    card_asked = running(story, "scorecard_in", f"I-1:{INTERVIEWER}")
    summary_asked = running(story, "summary_sent")

    story.after(
        step(RECRUITER, interview(rec=transcript("D-THIRD0001"), ended_at=FIRST_OVER - 10 * MINUTE)),
        step(RECRUITER, screen(rec=transcript("D-THIRD0001"), at=SCREEN_AT + 10 * MINUTE)),
    )

    assert running(story, "scorecard_in", f"I-1:{INTERVIEWER}") == card_asked
    assert running(story, "summary_sent") == summary_asked


def test_what_is_asked_again_counts_from_when_it_is_asked() -> None:
    story = first_card_in().after(
        step(RECRUITER, interview(rec=transcript(RIGHT_DOC))),
        step(RECRUITER, interview(outcome="candidate_no_show")),
    )
    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is None

    story.after(step(RECRUITER, interview(outcome="held", rec=transcript(RIGHT_DOC))))

    assert running(story, "scorecard_in", f"I-1:{INTERVIEWER}").started_at == story.now


def test_a_card_of_before_this_build_is_taken_to_quote_what_was_there() -> None:
    story = first_card_in()
    before = story.state.interviews["I-1"]
    old = before.cards[INTERVIEWER]
    kept = old.but(marks={key: mark.but(quotes=None) for key, mark in old.marks.items()})
    story.state = story.state.with_interview(
        before.but(cards={INTERVIEWER: kept}, doc=None, kept_as=None, ended_at=None, recorded_by=None, booked_at=None)
    )

    story.when(RECRUITER, interview(rec=transcript(RIGHT_DOC))).then(InterviewCorrected, QuotesMarked)

    assert len(said(story, QuotesMarked).scores) == 2
    assert said(story, InterviewCorrected).was.document == FIRST_DOC


# An interview: whether it took place, and when.


def test_a_no_show_by_mistake_becomes_held_and_the_card_is_due_from_its_end() -> None:
    no_show = recorded("I-1", FIRST_DOC, FIRST_OVER, outcome="candidate_no_show", rec=None)
    story = passes(both_booked(), FIRST_OVER + MINUTE).after(step(RECRUITER, no_show))
    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is None

    held = interview(outcome="held", rec=transcript(FIRST_DOC))
    story.when(RECRUITER, held, at=FIRST_OVER + 4 * HOUR).then(InterviewCorrected)

    assert due(story, "scorecard_in", f"I-1:{INTERVIEWER}") == FIRST_OVER + DAY
    assert [draft.about["interviewer"] for draft in effects(story, Draft)] == [INTERVIEWER]
    story.when(INTERVIEWER, FIRST_CARD).then(ScorecardSubmitted)


def test_a_no_show_needs_a_record_to_become_held() -> None:
    no_show = recorded("I-1", FIRST_DOC, FIRST_OVER, outcome="candidate_no_show", rec=None)
    story = passes(both_booked(), FIRST_OVER + MINUTE).after(step(RECRUITER, no_show))

    story.when(RECRUITER, interview(outcome="held")).then("invalid")


def test_held_by_mistake_becomes_a_no_show_and_a_breach_was_none() -> None:
    story = passes(first_held(), FIRST_OVER + 2 * DAY)
    late = running(story, "scorecard_in", f"I-1:{INTERVIEWER}")
    assert late.breached_at == FIRST_OVER + DAY

    story.when(RECRUITER, interview(outcome="candidate_no_show")).then(InterviewCorrected, BreachCorrected)

    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is None
    assert said(story, BreachCorrected).clock.breached_at == late.breached_at
    story.when(INTERVIEWER, FIRST_CARD).then("not_held")


def test_a_final_round_that_was_not_held_closes_the_debrief_again_and_its_cards_are_set_aside() -> None:
    story = cards_in()
    assert clock(story, "debrief_held") is not None

    story.when(RECRUITER, interview(2, outcome="candidate_no_show")).then(InterviewCorrected, RoundReopened)

    assert (story.state.stage, clock(story, "debrief_held")) == ("interviewing", None)
    assert story.state.debrief is not None, "what was booked stays booked"
    final = story.state.interviews["I-2"]
    assert (final.cards, set(final.set_aside)) == ({}, {INTERVIEWER, SECOND_INTERVIEWER})

    back = interview(2, outcome="held", rec=transcript(FINAL_DOC))
    story.when(RECRUITER, back).then(InterviewCorrected, AllCardsIn)
    assert story.state.stage == "debriefing"
    assert set(story.state.interviews["I-2"].cards) == {INTERVIEWER, SECOND_INTERVIEWER}
    assert clock(story, "debrief_held") is not None


def test_a_card_that_is_not_owed_after_all_opens_the_debrief() -> None:
    story = one_card_missing()
    only = (Assignment(person=INTERVIEWER, criteria=("K1",)),)

    story.when(RECRUITER, interview(2, interviewers=only)).then(InterviewCorrected, AllCardsIn)

    assert story.state.stage == "debriefing"
    assert clock(story, "scorecard_in", f"I-2:{SECOND_INTERVIEWER}") is None


def test_an_interview_that_was_brought_forward_can_be_recorded_before_it_was_booked_for() -> None:
    earlier = FINAL_AT - DAY - HOUR
    story = both_booked().when(RECRUITER, recorded("I-2", FINAL_DOC, earlier), at=earlier + MINUTE)

    story.then(InterviewRecorded)

    assert running(story, "scorecard_in", f"I-2:{SECOND_INTERVIEWER}").started_at == earlier + MINUTE
    [off] = effects(story, Invite)
    assert (off.method, off.sequence, set(off.people)) == ("CANCEL", 1, {INTERVIEWER, SECOND_INTERVIEWER})
    interview_2 = story.state.interviews["I-2"]
    passes(story, FINAL_OVER + MINUTE)
    assert story.state.interviews["I-2"] == interview_2, "its booked end means nothing any more"


def test_nothing_was_held_before_it_was_booked() -> None:
    story = both_booked()

    story.when(RECRUITER, recorded("I-2", FINAL_DOC, MONDAY), at=FINAL_OVER).then("bad_time")
    story.when(RECRUITER, recorded("I-2", FINAL_DOC, FINAL_OVER + HOUR), at=FINAL_OVER).then("bad_time")


def test_an_end_that_was_later_than_recorded_makes_a_card_that_was_late_one_in_time() -> None:
    card_at = FIRST_OVER + DAY + 2 * HOUR
    story = first_held().after(step(INTERVIEWER, FIRST_CARD, at=card_at))
    assert len(story.state.kept_late) == 1

    story.when(RECRUITER, interview(ended_at=FIRST_OVER + 3 * HOUR)).then(InterviewCorrected, BreachCorrected)

    corrected = said(story, BreachCorrected)
    assert (corrected.since, corrected.due_at, corrected.kept) == (
        FIRST_OVER + 3 * HOUR, FIRST_OVER + DAY + 3 * HOUR, True,
    )  # fmt: skip
    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is None


@pytest.mark.parametrize(("hours", "late"), [(-22, True), (2, False)])
def test_a_card_that_runs_is_counted_anew_from_the_corrected_end(hours: int, late: bool) -> None:
    booked = at_stage(both_booked, recorded("I-1", FIRST_DOC, FIRST_OVER), RECRUITER, at=FIRST_OVER + 8 * HOUR)
    story = booked()
    ended = FIRST_OVER + hours * HOUR
    story.when(RECRUITER, interview(ended_at=ended)).then(InterviewCorrected)

    anew = running(story, "scorecard_in", f"I-1:{INTERVIEWER}")
    assert (anew.started_at, anew.due_at) == (ended, ended + DAY)
    assert (anew.breached_at == anew.due_at) is late
    assert breached(story) == (["scorecard_in"] if late else [])


# An interview: who was there.


def test_a_colleague_who_stepped_in_owes_the_card_and_whoever_was_not_there_owes_none() -> None:
    story = passes(first_held(), FIRST_OVER + DAY + HOUR)
    assert running(story, "scorecard_in", f"I-1:{INTERVIEWER}").breached_at is not None

    told_at = FIRST_OVER + DAY + 2 * HOUR
    story.when(RECRUITER, interview(interviewers=SUBSTITUTE), at=told_at).then(InterviewCorrected, BreachCorrected)

    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is None
    owed = running(story, "scorecard_in", f"I-1:{SECOND_INTERVIEWER}")
    assert (owed.started_at, owed.due_at) == (FIRST_OVER, FIRST_OVER + DAY)
    heard = {(n.person, n.matter) for n in effects(story, Notify)}
    assert {(SECOND_INTERVIEWER, "interview_kit"), (SECOND_INTERVIEWER, "clock_started")} <= heard
    assert (INTERVIEWER, "interview_released") in heard
    assert [draft.about["interviewer"] for draft in effects(story, Draft)] == [SECOND_INTERVIEWER]
    assert effects(story, Invite) == [], "nothing is sent again for what is past"

    story.when(INTERVIEWER, FIRST_CARD).then("not_permitted")
    story.when(SECOND_INTERVIEWER, FIRST_CARD).then(ScorecardSubmitted)


def test_a_card_of_somebody_who_was_not_there_does_not_count_and_comes_back_if_they_were() -> None:
    story = cards_in()
    story.when(RECRUITER, interview(interviewers=SUBSTITUTE)).then(InterviewCorrected, RoundReopened)

    first = story.state.interviews["I-1"]
    assert (set(first.cards), set(first.set_aside)) == (set(), {INTERVIEWER})
    assert clock(story, "scorecard_in", f"I-1:{SECOND_INTERVIEWER}") is not None

    was = (Assignment(person=INTERVIEWER, criteria=("K1", "K2")),)
    story.when(RECRUITER, interview(interviewers=was)).then(InterviewCorrected, AllCardsIn)
    assert set(story.state.interviews["I-1"].cards) == {INTERVIEWER}
    assert clock(story, "scorecard_in", f"I-1:{SECOND_INTERVIEWER}") is None


def test_a_criterion_that_an_amendment_took_away_does_not_keep_a_panel_from_being_corrected() -> None:
    rubric = facts().rubric
    assert rubric is not None
    fewer = rubric.but(version=2, weights={"K1": "must"}, fingerprints={"K1": "one"})
    story = final_held().after(relayed(facts(30, rubric=fewer)))
    there = (*FINAL.interviewers, Assignment(person=MANAGER, criteria=("K1",)))

    story.when(RECRUITER, interview(2, interviewers=there)).then(InterviewCorrected)

    assert clock(story, "scorecard_in", f"I-2:{MANAGER}") is not None


def test_whoever_recorded_it_may_correct_it_and_the_recruiter_hears() -> None:
    by_them = recorded("I-1", FIRST_DOC, FIRST_OVER)
    story = both_booked().after(step(INTERVIEWER, by_them, at=FIRST_OVER))

    story.when(INTERVIEWER, interview(rec=notes())).then(InterviewCorrected)

    assert told(story) == [(RECRUITER, "record")]
    assert story.state.interviews["I-1"].transcript is None


def test_after_the_decision_hr_corrects_and_nothing_is_asked_again() -> None:
    story = hired().when(PARTNER, interview(rec=transcript(RIGHT_DOC))).then(InterviewCorrected, QuotesMarked)

    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is None
    assert effects(story, Draft) == []
    assert story.state.stage == "hire_decided"


def test_after_the_end_hr_corrects_and_nobody_comes_back() -> None:
    story = out().when(PARTNER, interview(outcome="candidate_no_show")).then(InterviewCorrected)

    assert story.state.stage == "rejected"
    assert {c.name for c in story.state.clocks.values()} <= {"candidate_told"}


def test_on_hold_what_is_asked_again_stands_still() -> None:
    story = first_card_in().after(relayed(facts(30, standing="on_hold")))

    story.when(RECRUITER, interview(rec=transcript(RIGHT_DOC))).then(InterviewCorrected, QuotesMarked)

    assert set(running(story, "scorecard_in", f"I-1:{INTERVIEWER}").paused) == {"hold"}


def test_a_promised_time_is_not_counted_anew() -> None:
    story = first_held()
    owed = running(story, "scorecard_in", f"I-1:{INTERVIEWER}")
    until: datetime = owed.due_at + 5 * HOUR
    story.after(step(RECRUITER, ExtendClock(clock_id=owed.id, until=until, why="Ill")))

    story.when(RECRUITER, interview(ended_at=FIRST_OVER - 10 * MINUTE)).then(InterviewCorrected)

    assert due(story, "scorecard_in", f"I-1:{INTERVIEWER}") == until


def test_a_correction_that_changes_no_card_leaves_a_further_step_as_it_is() -> None:
    story = debriefed().after(step(MANAGER, FURTHER))
    story.when(RECRUITER, interview(ended_at=FIRST_OVER - 10 * MINUTE)).then(InterviewCorrected)

    assert story.state.stage == "interviewing"


# A résumé.


def test_a_replaced_resume_is_read_anew_and_the_earlier_one_stays_with_its_reading() -> None:
    reading = AttachDraft(job="resume_reading", draft=Doc(id="D-READING1", sha256=SHA), about={"rubric_version": 1})
    story = shortlisted().after(step("S-TANDEM", reading))
    newer = ReplaceResume(doc=Doc(id="D-RESUME02", sha256=SHA), why="They sent a newer one")

    story.when(LINK, newer).then()

    assert story.state.resume.id == "D-RESUME02"
    [earlier] = story.state.earlier_resumes
    assert (earlier.document, earlier.reading) == (RESUME, "D-READING1")
    assert "resume_reading" not in story.state.drafts
    [draft] = effects(story, Draft)
    assert (draft.job, draft.inputs) == ("resume_reading", ("D-RESUME02",))
    assert told(story) == [(RECRUITER, "resume")]
    story.when("S-TANDEM", reading).then()
    assert "resume_reading" not in story.state.drafts, "of the earlier one"


def test_a_summary_quotes_the_resume_that_counts() -> None:
    story = screened().after(step(RECRUITER, ReplaceResume(doc=Doc(id="D-RESUME02", sha256=SHA), why="A newer one")))

    story.when(RECRUITER, SUMMARY).then("not_in_source")


def test_time_goes_on_after_every_correction() -> None:
    story = cards_in().after(
        step(RECRUITER, interview(2, outcome="candidate_no_show")),
        step(RECRUITER, interview(2, outcome="held", rec=transcript(FINAL_DOC))),
        step("P-TICK0001", Tick(), at=DEBRIEF_AT + 30 * DAY),
    )

    assert story.state.breached


def test_the_last_card_after_a_stepped_in_colleague_opens_the_debrief() -> None:
    story = cards_in().after(step(RECRUITER, interview(interviewers=SUBSTITUTE)))
    story.when(SECOND_INTERVIEWER, card("I-1", {"K1": 4, "K2": 3}, FIRST_DOC)).then(AllCardsIn)

    assert story.state.stage == "debriefing"
    assert LAST_CARD.interview_id == FINAL_CARD.interview_id == "I-2"
