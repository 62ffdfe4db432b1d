"""Interviews as they go in real life: panels, no-shows, declines, unrecorded calls, work samples and references."""

from __future__ import annotations

from domain.candidate.debrief import RebookDebrief
from domain.candidate.interviews import (
    AllCardsIn,
    CancelInterview,
    InterviewScheduled,
    RescheduleInterview,
    RespondInterview,
)
from domain.candidate.requests import RecordRequest
from domain.candidate.scorecards import ScorecardSubmitted
from domain.candidate.screen import ConfirmSummary, SummaryConfirmed
from domain.entity.effects import Draft, Invite, Notify, WriteToCandidate
from domain.entity.entity_facts import Submitted
from domain.evidence.documents import Doc, Evidence
from domain.evidence.draft_events import AttachDraft
from domain.evidence.interview_plan import Assignment
from domain.evidence.meeting_place import Place
from domain.evidence.scorecard import Rating
from testing.decider_cases import step
from testing.hire_stories import (
    ADVANCE,
    AMENDED,
    CANDIDATE_ID,
    DAY,
    FINAL,
    FINAL_AT,
    FINAL_CARD,
    FINAL_DOC,
    FIRST,
    FIRST_AT,
    FIRST_CARD,
    FIRST_DOC,
    HOUR,
    LAST_CARD,
    LINK,
    MINUTE,
    OTHER_LINK,
    RECORD_SCREEN,
    SCHEDULE_SCREEN,
    SCREEN_AT,
    SHORTLIST,
    SUMMARY,
    SYSTEM,
    advanced,
    both_booked,
    card,
    cards_in,
    clock,
    debrief_booked,
    due,
    effects,
    facts,
    final_held,
    first_card_in,
    first_held,
    happened,
    notes,
    one_card_missing,
    opened,
    overridden,
    passes,
    recorded,
    relayed,
    running,
    said,
    saw,
    screen_booked,
    screened,
    summed_up,
)
from testing.people import INTERVIEWER, MANAGER, MONDAY, RECRUITER, SECOND_INTERVIEWER
from testing.places import PLACE

FIRST_OVER = FIRST_AT + HOUR


def test_an_interview_is_in_everybodys_calendar_and_nobody_goes_unprepared() -> None:
    story = debrief_booked().when(RECRUITER, FIRST).then(InterviewScheduled)

    (invite,) = effects(story, Invite)
    assert (invite.people, invite.candidate, invite.sequence, invite.method) == (
        (INTERVIEWER,), CANDIDATE_ID, 0, "REQUEST",
    )  # fmt: skip
    assert [(n.person, n.matter) for n in effects(story, Notify)] == [(INTERVIEWER, "interview_kit")]
    assert [w.matter for w in effects(story, WriteToCandidate)] == ["interview_preparation"]


def test_an_interviewer_who_declines_is_replaced_and_only_the_new_one_must_answer() -> None:
    decline = RespondInterview(interview_id="I-1", answer="decline", cause="On leave that week")
    story = both_booked().when(INTERVIEWER, decline).then()
    assert [(n.person, n.matter) for n in effects(story, Notify)] == [(RECRUITER, "invitation_not_accepted")]
    assert clock(story, "invitation_answered", f"I-1:{INTERVIEWER}") is None

    instead = (Assignment(person=SECOND_INTERVIEWER, criteria=("K1", "K2")),)
    story.when(RECRUITER, RescheduleInterview(interview_id="I-1", cause="On leave", interviewers=instead)).then()

    asked, cancelled = effects(story, Invite)
    assert (asked.people, asked.sequence, asked.method) == ((SECOND_INTERVIEWER,), 1, "REQUEST")
    assert (cancelled.people, cancelled.method, cancelled.candidate) == ((INTERVIEWER,), "CANCEL", None)
    assert clock(story, "invitation_answered", f"I-1:{SECOND_INTERVIEWER}") is not None


def test_moving_an_interview_does_not_reset_the_clock_of_who_has_not_answered() -> None:
    story = both_booked()
    before = clock(story, "invitation_answered", f"I-1:{INTERVIEWER}")

    move = RescheduleInterview(interview_id="I-1", cause="The room is taken", starts_at=FIRST_AT + DAY + 2 * HOUR)
    story.after(step(RECRUITER, move, after=HOUR))

    assert clock(story, "invitation_answered", f"I-1:{INTERVIEWER}") == before


def test_who_accepted_must_answer_again_when_the_interview_moves() -> None:
    accept = RespondInterview(interview_id="I-1", answer="accept")
    move = RescheduleInterview(interview_id="I-1", cause="The room is taken", starts_at=FIRST_AT + DAY + 2 * HOUR)
    story = both_booked().after(step(INTERVIEWER, accept), step(LINK, accept), step(RECRUITER, move))

    assert story.state.interviews["I-1"].answers == {}
    assert due(story, "invitation_answered", f"I-1:{INTERVIEWER}") == story.now + DAY


def test_the_card_is_due_a_day_after_the_scheduled_end_though_nobody_recorded_it() -> None:
    story = passes(both_booked(), FIRST_OVER + MINUTE)

    assert story.state.interviews["I-1"].over
    assert due(story, "scorecard_in", f"I-1:{INTERVIEWER}") == FIRST_OVER + DAY


def test_a_candidate_who_did_not_come_leaves_no_debts() -> None:
    no_show = recorded("I-1", FIRST_DOC, FIRST_OVER, outcome="candidate_no_show", rec=None)
    story = passes(both_booked(), FIRST_OVER + MINUTE).after(step(RECRUITER, no_show))

    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is None
    assert clock(story, "invitation_answered", f"I-1:{INTERVIEWER}") is None
    story.when(INTERVIEWER, FIRST_CARD).then("not_held")
    story.when(RECRUITER, FIRST.but(starts_at=FINAL_AT + DAY)).then(InterviewScheduled)
    assert "I-3" in story.state.interviews


def test_an_interviewer_who_did_not_come_is_recorded_as_such() -> None:
    no_show = recorded("I-1", FIRST_DOC, FIRST_OVER, outcome="interviewer_no_show", rec=None)
    story = both_booked().after(step(SYSTEM, no_show, at=FIRST_OVER))

    assert story.state.interviews["I-1"].status == "interviewer_no_show"


def test_a_call_that_was_not_recorded_is_judged_by_observations_and_nobody_quotes_it() -> None:
    story = both_booked().after(step(RECRUITER, recorded("I-1", None, FIRST_OVER), at=FIRST_OVER))
    story.when(INTERVIEWER, FIRST_CARD).then("not_in_source")

    ratings = tuple(Rating(criterion=c, rating=3, evidence=(saw(),)) for c in ("K1", "K2"))
    story.when(INTERVIEWER, FIRST_CARD.but(ratings=ratings)).then()


def test_a_candidate_who_wants_no_recording_is_not_recorded() -> None:
    story = both_booked().after(step(LINK, RecordRequest(kind="no_recording", at=MONDAY)))

    story.when(RECRUITER, recorded("I-1", FIRST_DOC, FIRST_OVER), at=FIRST_OVER).then("consent_missing")
    story.when(RECRUITER, recorded("I-1", None, FIRST_OVER)).then()


def test_a_panel_owes_one_card_each_and_a_shadow_none() -> None:
    panel = FINAL.but(interviewers=(*FINAL.interviewers, Assignment(person=MANAGER, shadow=True)))
    over = FINAL_AT + HOUR
    story = first_card_in().after(
        step(RECRUITER, CancelInterview(interview_id="I-2", cause="A shadow joins")),
        step(RECRUITER, panel.but(starts_at=FINAL_AT + DAY, candidate_agreed_at=MONDAY)),
        step(RECRUITER, recorded("I-3", FINAL_DOC, over + DAY), at=over + DAY),
    )

    owed = {c.about for c in story.state.clocks.values() if c.name == "scorecard_in"}
    assert owed == {f"I-3:{INTERVIEWER}", f"I-3:{SECOND_INTERVIEWER}"}
    story.when(MANAGER, card("I-3", {"K1": 3}, FINAL_DOC)).then("not_permitted")


def test_the_last_card_opens_the_debrief_and_asks_for_its_brief() -> None:
    story = one_card_missing().when(SECOND_INTERVIEWER, LAST_CARD).then(AllCardsIn)

    assert story.state.stage == "debriefing"
    assert due(story, "debrief_held") == story.now + 4 * DAY, "two working days, over the weekend"
    assert [draft.job for draft in effects(story, Draft)] == ["debrief_brief"]


def test_all_cards_of_the_first_round_do_not_open_the_debrief() -> None:
    story = first_held().when(INTERVIEWER, FIRST_CARD)

    assert "all_cards_in" not in happened(story)


def test_calling_off_what_is_still_missing_opens_the_debrief() -> None:
    extra = FIRST.but(round=3, starts_at=FINAL_AT + DAY + 3 * HOUR)
    story = final_held().after(
        step(RECRUITER, extra), step(INTERVIEWER, FINAL_CARD), step(SECOND_INTERVIEWER, LAST_CARD)
    )
    assert story.state.stage == "interviewing"

    story.when(RECRUITER, CancelInterview(interview_id="I-3", cause="Not needed any more")).then(AllCardsIn)


def test_one_more_interview_closes_the_debrief_again() -> None:
    story = cards_in()
    before = running(story, "debrief_held")
    story.after(step(RECRUITER, FIRST.but(round=3, starts_at=FINAL_AT + DAY + 5 * HOUR)))

    assert story.state.stage == "interviewing"
    assert set(running(story, "debrief_held").paused) == {"interviews"}

    story.when(RECRUITER, CancelInterview(interview_id="I-3", cause="Not needed any more")).then(AllCardsIn)
    after = running(story, "debrief_held")
    assert (after.id, after.paused) == (before.id, {})
    assert after.due_at == before.due_at + 5 * MINUTE, "what was left is left"


def test_a_work_sample_is_due_and_not_attended() -> None:
    sample = FIRST.but(kind="work_sample", starts_at=None, due_at=FINAL_AT + 10 * HOUR)
    story = debrief_booked().when(RECRUITER, sample).then(InterviewScheduled)

    passes(story, FINAL_AT + 10 * HOUR)
    assert clock(story, "scorecard_in", f"I-1:{INTERVIEWER}") is not None


def test_the_candidate_is_not_asked_to_their_own_reference() -> None:
    reference = FIRST.but(kind="reference", round=2, starts_at=FINAL_AT - 3 * HOUR)
    story = debrief_booked().when(RECRUITER, reference).then(InterviewScheduled)

    assert [invite.candidate for invite in effects(story, Invite)] == [None]
    assert effects(story, WriteToCandidate) == []


def test_short_notice_and_odd_hours_pass_if_the_candidate_agreed() -> None:
    soon = FIRST.but(starts_at=SCREEN_AT + 11 * HOUR, candidate_agreed_at=MONDAY)
    debrief_booked().when(RECRUITER, soon).then(InterviewScheduled)


def test_the_candidates_own_day_counts_and_not_the_companys() -> None:
    story = debrief_booked()

    story.when(RECRUITER, FIRST.but(candidate_zone="America/Los_Angeles")).then("unsocial_hours")
    story.when(RECRUITER, FIRST.but(candidate_zone="America/Los_Angeles", starts_at=FIRST_AT + 5 * HOUR)).then()


def test_a_final_round_needs_no_debrief_once_somebody_opened_that_gate() -> None:
    story = overridden(summed_up, FINAL, "debrief_not_booked")()

    assert story.state.interviews["I-1"].final
    assert story.state.overrides[0].gate == "debrief_not_booked"


def test_somebody_interviewed_without_a_screen_is_told_the_range_with_the_invitation() -> None:
    story = overridden(advanced, FIRST, "not_screened")()

    assert story.state.pay_range_told_at is not None


def test_who_refers_somebody_does_not_interview_them() -> None:
    story = opened(referrer=INTERVIEWER).after(
        step(RECRUITER, SHORTLIST), relayed(Submitted(number=5, slate=False, at=MONDAY)), step(MANAGER, ADVANCE)
    )
    story.after(step(RECRUITER, SCHEDULE_SCREEN), step(RECRUITER, RECORD_SCREEN, at=SCREEN_AT + HOUR))

    story.when(RECRUITER, FIRST.but(starts_at=FIRST_AT + DAY)).then("conflict_of_interest")


def test_another_candidates_link_is_nobody_here() -> None:
    both_booked().when(OTHER_LINK, RespondInterview(interview_id="I-1", answer="accept")).then("not_permitted")


def test_an_interview_is_judged_by_the_rubric_as_it_stands_when_the_card_is_written() -> None:
    story = first_held().after(relayed(facts(30, rubric=AMENDED)))

    story.when(INTERVIEWER, FIRST_CARD).then("rubric_changed")
    story.when(INTERVIEWER, FIRST_CARD.but(rubric_version=2)).then()


def test_a_screen_without_recording_is_summed_up_by_observations() -> None:
    story = screen_booked().after(step(RECRUITER, RECORD_SCREEN.but(rec=notes()), at=SCREEN_AT + HOUR))
    story.when(RECRUITER, SUMMARY).then("not_in_source")

    observed = ConfirmSummary(
        bullets=tuple(b.but(evidence=saw()) for b in SUMMARY.bullets),
        verdicts={
            key: v if v.verdict == "not_discussed" else v.but(evidence=saw()) for key, v in SUMMARY.verdicts.items()
        },
        why_no_quote="The call was not recorded",
        expectation="not_given",
    )
    story.when(RECRUITER, observed).then()
    assert story.state.summary is not None
    assert story.state.summary.expectation is None


def test_an_observation_does_not_stand_in_for_a_quote_of_a_recorded_screen() -> None:
    bullets = (*SUMMARY.bullets[:4], SUMMARY.bullets[4].but(evidence=saw()))
    screened().when(RECRUITER, SUMMARY.but(bullets=bullets)).then("span_missing")


def test_the_summary_is_due_the_same_day() -> None:
    assert due(screened(), "summary_sent") == SCREEN_AT.replace(hour=17, minute=0)


def test_a_quote_carries_its_place_in_the_transcript() -> None:
    story = first_held().when(INTERVIEWER, FIRST_CARD).then()

    span = said(story, ScorecardSubmitted).ratings[0].evidence[0].quote
    assert span is not None
    assert (span.start, span.end) == (27, 61)
    wrong = Evidence(quote=span.but(start=3, end=20))
    ratings = (Rating(criterion="K1", rating=3, evidence=(wrong,)), FIRST_CARD.ratings[1])
    first_held().when(INTERVIEWER, FIRST_CARD.but(ratings=ratings)).then("not_in_source")


def test_a_summary_drafted_against_an_older_rubric_is_drafted_anew_and_cannot_be_confirmed() -> None:
    old = AttachDraft(
        job="candidate_summary", draft=Doc(id="D-DRAFT0001", sha256="0" * 64), about={"rubric_version": 1}
    )
    story = screened().after(step("S-TANDEM", old)).when("S-TANDEM", relayed(facts(30, rubric=AMENDED)).command).then()
    assert [draft.job for draft in effects(story, Draft)] == ["candidate_summary"]

    story.when(RECRUITER, SUMMARY.but(draft_id="D-DRAFT0001")).then("stale_draft")
    story.when(RECRUITER, SUMMARY).then()


def test_the_latest_draft_is_the_one_that_is_confirmed() -> None:
    draft = AttachDraft(
        job="candidate_summary", draft=Doc(id="D-DRAFT0001", sha256="0" * 64), about={"rubric_version": 1}
    )
    story = screened().when("S-TANDEM", draft).then()
    assert [(n.person, n.matter) for n in effects(story, Notify)] == [(RECRUITER, "candidate_summary_ready")]

    story.when(RECRUITER, SUMMARY).then("stale_draft")
    otherwise = SUMMARY.but(draft_id="D-DRAFT0001", why_otherwise="She said so twice, later on", looked_seconds=95)
    story.when(RECRUITER, otherwise).then(SummaryConfirmed)
    confirmed = said(story, SummaryConfirmed)
    assert (confirmed.why_otherwise, confirmed.looked_seconds) == ("She said so twice, later on", 95)


def test_a_screen_is_held_by_whoever_is_named_and_taken_from_who_was() -> None:
    arranged = SCHEDULE_SCREEN.but(held_by=INTERVIEWER)
    story = advanced().when(RECRUITER, arranged).then()
    [invited] = effects(story, Invite)
    assert (invited.people, invited.candidate, invited.where) == ((INTERVIEWER,), CANDIDATE_ID, PLACE)

    story.when(RECRUITER, arranged.but(held_by=None), after=HOUR).then()
    asked, cancelled = effects(story, Invite)
    assert (asked.people, asked.method, asked.sequence) == ((RECRUITER,), "REQUEST", 1)
    assert (cancelled.people, cancelled.method, cancelled.candidate) == ((INTERVIEWER,), "CANCEL", None)


def test_another_place_at_the_same_time_needs_no_notice_and_is_no_move() -> None:
    upstairs = Place(room="Upstairs")
    story = advanced().after(step(RECRUITER, SCHEDULE_SCREEN))
    story.when(RECRUITER, SCHEDULE_SCREEN.but(where=upstairs), at=SCREEN_AT - HOUR).then()
    [invited] = effects(story, Invite)
    assert (invited.where, invited.sequence, invited.starts_at) == (upstairs, 1, SCREEN_AT)

    story = both_booked()
    before = story.state.debrief
    story.when(RECRUITER, RebookDebrief(starts_at=before.starts_at, cause="It is warmer", where=upstairs)).then()
    [invited] = effects(story, Invite)
    assert (story.state.debrief.moved, story.state.debrief.sequence, invited.sequence) == (0, 1, 1)
    story.when(RECRUITER, RescheduleInterview(interview_id="I-1", cause="It is warmer", where=upstairs)).then()
    [invited] = effects(story, Invite)
    assert (invited.where, invited.sequence) == (upstairs, 1)
    assert story.state.interviews["I-1"].starts_at == FIRST_AT
