"""Slates, applications, the pulse and the market."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.core.messages import Tick
from domain.entity.call import Call
from domain.entity.clock_commands import OverrideGate
from domain.entity.effects import Notify, Tell
from domain.requisition import phase
from domain.requisition.calibration import SlateAnswered, SubmitCandidate
from domain.requisition.pulse import AnswerPulse, PulseDue, PulseTaken
from domain.requisition.roster import DriftSeen
from domain.requisition.terms import AcknowledgeCompSignal, ChangeTerms, CompSignalRaised
from domain.sla.clocks import ClockBreached, ClockStarted, ClockStopped
from testing.decider_cases import step
from testing.people import MANAGER, MANAGER_LEAD, PARTNER, RECRUITER, TICK, person
from testing.requisition_stories import (
    BAND,
    DAY,
    added,
    addition,
    answer,
    candidate_id,
    drafted,
    expects,
    locked,
    new,
    report,
    reports,
    shortlisted,
    signed,
    slate,
)
from tests.domain.requisition.story_reader import at, clocks, effects, events, owes

WHY = "Because it is so."
HOUR = timedelta(hours=1)


class TestCalibration:
    def test_nothing_further_before_the_slate_is_answered(self) -> None:
        story = shortlisted(6).after(step(RECRUITER, slate(5)))
        another = SubmitCandidate(candidate_id=candidate_id(6))
        for number in range(1, 5):
            story.after(reports(number, 2, "advanced", answer=answer("advance")))
        story.when(RECRUITER, another).then("slate_unanswered")
        assert phase(story.state) == "calibration"
        story.when(TICK, report(5, 2, "withdrawn")).then(SlateAnswered)
        assert phase(story.state) == "sourcing"
        story.when(RECRUITER, another).then()
        [letter] = effects(story, Tell)
        assert letter.letter.payload["fact"]["kind"] == "submitted"

    def test_a_lead_lets_one_profile_past_the_slate(self) -> None:
        story = shortlisted(2).after(step(RECRUITER, slate(1, why=WHY)))
        story.after(
            step(
                MANAGER_LEAD,
                OverrideGate(
                    gate="slate_unanswered", subject=candidate_id(2), asked_by=RECRUITER, why=WHY, until=at(3, 9)
                ),
            )
        )
        story.when(RECRUITER, SubmitCandidate(candidate_id=candidate_id(2))).then()

    def test_a_no_outside_the_rubric_shows_as_drift(self) -> None:
        story = shortlisted(2).after(step(RECRUITER, slate(2, why=WHY)))
        story.when(TICK, report(1, 2, "rejected", answer=answer("reject"))).then()
        assert events(story, DriftSeen) == []
        story.when(TICK, report(2, 2, "rejected", answer=answer("reject", None))).then(DriftSeen)
        [drift] = events(story, DriftSeen)
        assert (drift.drift.rejected, drift.drift.outside) == (2, 1)
        assert {n.person for n in effects(story, Notify) if n.matter == "drift_seen"} == {RECRUITER, MANAGER}
        story.when(TICK, report(2, 3, "rejected", answer=answer("reject", None), told=True)).then()
        assert story.state.drift.rejected == 2, "one no is counted once"


class TestApplications:
    def test_before_the_lock_nobody_owes_an_answer(self) -> None:
        story = drafted().after(added(1))
        assert clocks(story, "applications_answered") == []
        signed(story, RECRUITER, MANAGER)
        [clock] = clocks(story, "applications_answered")
        assert clock.started_at == story.now

    def test_the_clock_follows_the_oldest_that_is_left(self) -> None:
        story = locked().after(added(1), added(2, after=DAY), added(3, after=DAY))
        story.when(TICK, report(1, 1, "shortlisted"), after=HOUR).then(ClockStopped, ClockStarted)
        [clock] = clocks(story, "applications_answered")
        assert clock.due_at == story.state.roster[candidate_id(2)].added_at + 7 * DAY, "five working days"
        story.after(reports(3, 1, "rejected"))
        assert clocks(story, "applications_answered") == [clock], "a younger one answered changes nothing"
        story.after(reports(2, 1, "shortlisted"))
        assert clocks(story, "applications_answered") == []

    def test_a_late_queue_is_late_once_until_it_is_worked_off(self) -> None:
        story = locked()
        for number in range(1, 6):
            story.after(added(number, after=DAY))
        story.when(TICK, Tick(), after=20 * DAY).then(ClockBreached)
        breaches = 0
        for number in range(1, 6):
            story.when(TICK, report(number, 1, "shortlisted")).then()
            breaches += len(events(story, ClockBreached))
        assert breaches == 1, "the next four, overdue as well, count as one more"
        assert clocks(story, "applications_answered") == []

    def test_five_hundred_applications_are_one_clock(self) -> None:
        story = drafted()
        state, decider = story.state, story.decider
        for number in range(1, 501):
            call = _call(story.now, number)
            state = decider.perform(state, addition(number), call).state
        story.state = state
        signed(story, RECRUITER, MANAGER)
        assert len(clocks(story, "applications_answered")) == 1
        assert len(story.state.roster) == 500
        assert len(story.state.model_dump_json()) < 200_000


def _call(now: datetime, number: int) -> Any:
    return Call(person(RECRUITER), now, new(candidate_id(number)))


class TestPulseAndMarket:
    def test_the_pulse_comes_after_two_weeks_and_a_no_recalibrates(self) -> None:
        story = locked().when(TICK, Tick(), after=14 * DAY).then(PulseDue)
        assert owes(story)[MANAGER] == ["pulse_answered"]
        story.after(step(RECRUITER, AnswerPulse(rubric_right=True, candidates_right=True)))
        story.when(MANAGER, AnswerPulse(rubric_right=True, candidates_right=False, note="All auditors.")).then(
            PulseTaken
        )
        [notice, _] = [n for n in effects(story, Notify) if n.matter == "recalibration_opened"]
        assert (notice.about["R_candidates_right"], notice.about["H_candidates_right"]) == (1, 0)
        assert story.state.recalibrating
        assert clocks(story, "pulse_answered") == []
        story.when(TICK, Tick(), after=60 * DAY).then()
        assert events(story, PulseDue) == [], "one pulse a search"

    def test_three_expectations_above_the_band_raise_a_signal_at_once(self) -> None:
        story = locked()
        for number, amount in ((1, 92_000), (2, 80_000)):
            story.after(added(number), reports(number, 1, "screened", expectation=expects(amount)))
        story.after(added(3)).when(TICK, report(3, 1, "screened", expectation=expects(95_000))).then(CompSignalRaised)
        [signal] = events(story, CompSignalRaised)
        reading = signal.reading
        assert (reading.n, reading.median, reading.above_by) == (3, Decimal(92_000), Decimal(2_000))
        assert reading.share_above == pytest.approx(2 / 3, abs=0.001)
        assert {n.person for n in effects(story, Notify)} == {MANAGER, PARTNER}
        assert owes(story)[MANAGER] == ["comp_acknowledged"]
        story.after(step(PARTNER, AcknowledgeCompSignal(signal_id="S-1", way="move_band")))
        assert clocks(story, "comp_acknowledged") == []

    def test_fewer_are_told_on_day_five(self) -> None:
        story = locked().after(added(1), reports(1, 1, "screened", expectation=expects(99_000)))
        story.when(TICK, Tick(), after=6 * DAY).then()
        assert events(story, CompSignalRaised) == []
        story.when(TICK, Tick(), after=2 * DAY).then(CompSignalRaised)
        assert events(story, CompSignalRaised)[0].reading.n == 1

    def test_a_moved_band_is_measured_anew(self) -> None:
        story = locked()
        for number in (1, 2, 3):
            story.after(added(number), reports(number, 1, "screened", expectation=expects(95_000)))
        story.after(step(PARTNER, ChangeTerms(band=BAND.but(maximum=Decimal(94_000)), why=WHY)))
        story.when(TICK, Tick(), after=10 * DAY).then(CompSignalRaised)
        assert events(story, CompSignalRaised)[0].reading.above_by == Decimal(1_000)

    def test_another_currency_counts_for_nothing(self) -> None:
        story = locked().after(added(1), reports(1, 1, "screened", expectation=expects(500_000, "USD")))
        story.when(TICK, Tick(), after=10 * DAY).then()
        assert events(story, CompSignalRaised) == []
