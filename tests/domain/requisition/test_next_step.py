"""Who owes the next step: after the intake, after a no to the rubric, and where nobody is left in the running."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.core.messages import Tick
from domain.requisition.calibration import ShareSlate, SubmitCandidate
from domain.requisition.lifecycle import Cancel, Reopen
from domain.requisition.offers import AnswerOffer
from domain.requisition.rubric import EditRubric
from testing.decider_cases import Story, step
from testing.people import MANAGER, RECRUITER, TICK
from testing.requisition_stories import (
    EDIT,
    added,
    answer,
    candidate_id,
    drafted,
    hire_decided,
    intake_held,
    locked,
    offered,
    opened,
    reports,
    signature,
    signed,
)
from tests.domain.requisition.cases import cancelled, filled
from tests.domain.requisition.story_reader import clocks, owes

WHY = "Because it is so."
UNSIGNABLE: EditRubric = EDIT.but(agreement=None)


def nobody_left(story: Story) -> Story:
    """Everybody who applied was turned down."""
    return story.after(added(1), reports(1, 1, "rejected"))


def test_after_the_intake_the_recruiter_owes_a_rubric_that_can_be_signed() -> None:
    story = intake_held()
    [clock] = clocks(story, "rubric_ready")
    assert clock.owner == RECRUITER
    assert clock.due_at - story.now == timedelta(days=3)
    story.after(step(RECRUITER, UNSIGNABLE))
    assert [one.id for one in clocks(story, "rubric_ready")] == [clock.id], "nobody can sign it without the agreement"
    story.after(step(RECRUITER, EDIT.but(base_version=1)))
    assert owes(story) == {RECRUITER: ["rubric_signed"], MANAGER: ["rubric_signed"]}


def test_a_late_rubric_goes_up_the_escalation_as_every_task() -> None:
    story = intake_held().when(TICK, Tick(), after=timedelta(days=8)).then()
    [clock] = clocks(story, "rubric_ready")
    assert clock.breached_at is not None


def test_a_no_to_the_first_rubric_asks_for_another() -> None:
    story = drafted()
    story.after(step(MANAGER, signature(story, sign=False, why=WHY)))
    assert owes(story) == {RECRUITER: ["rubric_ready"]}
    story.after(step(RECRUITER, EDIT.but(base_version=1, job_text="Another")))
    assert clocks(story, "rubric_ready") == []


def test_where_nobody_is_left_the_search_begins_again_with_profiles() -> None:
    story = nobody_left(locked().after(added(2), reports(2, 1, "shortlisted")))
    assert "slate_shared" in owes(story)[RECRUITER]
    [first] = clocks(story, "slate_shared")
    story.after(step(RECRUITER, ShareSlate(candidate_ids=(candidate_id(2),), why=WHY)))
    assert clocks(story, "slate_shared") == []
    story.after(reports(2, 2, "rejected", answer=answer("reject", "K1")))
    [later] = clocks(story, "slate_shared")
    assert later.id != first.id
    story.after(added(3), reports(3, 1, "shortlisted"))
    story.after(step(RECRUITER, SubmitCandidate(candidate_id=candidate_id(3))))
    assert clocks(story, "slate_shared") == [], "a profile lies before the manager"


def test_a_filled_requisition_owes_nothing_and_reopened_a_slate() -> None:
    story = filled()
    assert set(owes(story)) <= {RECRUITER, MANAGER}
    assert not clocks(story, "slate_shared")
    story.after(step(RECRUITER, Reopen(openings=1, cause=WHY)))
    assert clocks(story, "slate_shared")


@pytest.mark.parametrize(
    ("story", "owed"),
    [
        (opened(), {RECRUITER: ["intake_held"]}),
        (intake_held(), {RECRUITER: ["rubric_ready"]}),
        (drafted(edit=UNSIGNABLE), {RECRUITER: ["rubric_ready"]}),
        (drafted(), {RECRUITER: ["rubric_signed"], MANAGER: ["rubric_signed"]}),
        (signed(drafted(), RECRUITER), {MANAGER: ["rubric_signed"]}),
    ],
    ids=["before the intake", "after it", "written in part", "to be signed", "signed by one"],
)
def test_what_was_filled_before_its_rubric_was_locked_goes_on_there(story: Story, owed: dict[str, list[str]]) -> None:
    offered(hire_decided(story))
    story.after(step(RECRUITER, AnswerOffer(offer_id="O-1", answer="accepted")))
    assert owes(story) == {}
    story.after(step(RECRUITER, Reopen(openings=1, cause=WHY)))
    assert owes(story) == owed
    story.after(step(RECRUITER, Cancel(why=WHY)), step(RECRUITER, Reopen(openings=1, cause=WHY)))
    assert owes(story) == owed, "each once"


def test_what_is_cancelled_runs_no_clock() -> None:
    for story in (cancelled(), cancelled(intake_held()), cancelled(drafted())):
        assert all(clock.paused for clock in story.state.clocks.values())
        assert story.state.waiting_on == ()
