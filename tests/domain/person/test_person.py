"""What a person's requisitions hear of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from domain.core.decider import Outcome
from domain.entity.effects import SpreadPerson
from domain.entity.entity_facts import PersonFacts
from domain.person import SetUpdatePreferences, TakeLeave, describe
from domain.time.calendars import Leave
from testing.decider_cases import Story
from testing.people import MANAGER, RECRUITER
from tests.domain.person.cases import AWAY, DELEGATE, PREFER, known


def spread(story: Story) -> PersonFacts:
    """What their requisitions are told after the last command."""
    assert isinstance(story.outcome, Outcome), story.outcome
    [(_, effect)] = story.outcome.effects
    assert isinstance(effect, SpreadPerson)
    assert effect.person == MANAGER
    return PersonFacts.model_validate(effect.fact)


def test_leave_is_told_to_every_search_as_a_calendar() -> None:
    fact = spread(known().when(MANAGER, TakeLeave(leave=AWAY)).then())
    assert fact.calendar is not None
    assert fact.calendar.leave == (AWAY,)
    assert not fact.calendar.is_working(datetime(2026, 3, 10, 10, tzinfo=UTC))


def test_a_delegate_is_told_with_their_powers_and_taken_back_by_leaving_them_out() -> None:
    story = known().when(MANAGER, PREFER).then()
    named = spread(story)
    assert (named.delegate, named.powers, named.delegate_until) == (RECRUITER, DELEGATE.powers, DELEGATE.until)
    gone = spread(story.when(MANAGER, SetUpdatePreferences(cadence="weekly", channel="chat")).then())
    assert gone.delegate is None
    assert gone.number > named.number


def test_what_is_shown_of_a_person_names_nobody() -> None:
    story = known().when(MANAGER, PREFER).then()
    assert describe(story.state).startswith("Works by a calendar in UTC; updates daily.")
    assert "P-" not in describe(story.state)


def test_leave_adds_to_leave() -> None:
    later = Leave(start=date(2026, 8, 3), until=date(2026, 8, 14))
    story = known().when(MANAGER, TakeLeave(leave=AWAY)).then().when(MANAGER, TakeLeave(leave=later)).then()
    assert story.state.calendar.leave == (AWAY, later)
