"""Meetings keep the hour that was agreed when a country changes the rules of its clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.candidate.debrief import RebookDebrief
from domain.core.decider import Outcome
from domain.entity.effects import Invite
from domain.time.wall_clock import WallClock
from testing.decider_cases import Story
from testing.hire_stories import DEBRIEF_AT, FIRST_AT, HOUR, both_booked
from testing.people import RECRUITER, TICK
from tests.domain.candidate.cases import KEEP


def invited(story: Story) -> list[Invite]:
    assert isinstance(story.outcome, Outcome), story.outcome
    return [effect for _, effect in story.outcome.effects if isinstance(effect, Invite)]


def test_what_clocks_show_is_kept_with_a_meeting_and_read_by_the_rules_of_today() -> None:
    summer = datetime(2026, 7, 1, 8, tzinfo=UTC)
    agreed = WallClock.at(summer, "Europe/Berlin")
    assert (str(agreed.shows), agreed.instant) == ("2026-07-01 10:00:00", summer)
    assert agreed.model_dump(mode="json") == {"zone": "Europe/Berlin", "shows": "2026-07-01T10:00:00"}


def test_an_interview_is_moved_with_a_new_invitation_and_nobody_answers_twice() -> None:
    before = both_booked().state.interviews["I-1"]
    assert before.wall == WallClock(zone=before.zone, shows=FIRST_AT.replace(tzinfo=None))
    story = both_booked().when(TICK, KEEP).then()
    after = story.state.interviews["I-1"]
    assert (after.starts_at, after.wall, after.answers) == (FIRST_AT + HOUR, before.wall, before.answers)
    [invitation] = invited(story)
    assert (invitation.starts_at, invitation.sequence) == (FIRST_AT + HOUR, before.sequence + 1)


def test_a_debrief_that_kept_its_hour_may_be_moved_as_often_as_before() -> None:
    keep = KEEP.but(meeting="debrief", stood_at=DEBRIEF_AT, starts_at=DEBRIEF_AT + HOUR)
    story = both_booked().when(TICK, keep).then()
    assert story.state.debrief.starts_at == DEBRIEF_AT + HOUR
    sequences = [one.sequence for one in invited(story)]
    story = story.when(RECRUITER, RebookDebrief(starts_at=DEBRIEF_AT + timedelta(days=1), cause="A clash")).then()
    sequences += [one.sequence for one in invited(story)]
    assert sequences == [1, 2], "calendars take the later one"
    assert (story.state.debrief.moved, story.state.debrief.hours_kept) == (1, 1)
