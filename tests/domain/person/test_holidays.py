"""Public holidays do not end three years on: the entity asks for the next year's in time, and again after them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from domain.core.decider import Outcome
from domain.core.messages import Tick
from domain.entity.effects import RenewHolidays
from domain.person import PERSON
from domain.person.holidays import LearnHolidays
from domain.time.durations import WorkingDays
from store.holiday_calendars import holidays_of
from testing.decider_cases import Story
from testing.people import TICK
from tests.domain.person.cases import bavarian, known


def ticked(story: Story, at: datetime) -> Story:
    return story.when(TICK, Tick(), at=at).then()


def asked_for(story: Story) -> list[RenewHolidays]:
    assert isinstance(story.outcome, Outcome), story.outcome
    return [effect for _, effect in story.outcome.effects if isinstance(effect, RenewHolidays)]


def answered(story: Story, asked: RenewHolidays, at: datetime) -> Story:
    """What was asked for comes back, as the activity gives it."""
    learnt = LearnHolidays(
        after=date(asked.year - 1, 12, 31),
        until=date(asked.year, 12, 31),
        days=tuple(sorted(holidays_of(asked.country, asked.subdivision, [asked.year]))),
    )
    return story.when(TICK, learnt, at=at).then()


def test_a_clock_that_starts_years_after_the_calendar_was_set_still_stops_for_holidays() -> None:
    story = bavarian()
    assert PERSON.next_deadline(story.state) == datetime(2027, 12, 1, tzinfo=UTC)
    for year in range(2027, 2033):
        at = datetime(year, 12, 1, tzinfo=UTC)
        story = ticked(story, at)
        [asked] = asked_for(story)
        assert asked.year == year + 2
        story = answered(story, asked, at + timedelta(minutes=1))
    works = story.state.works
    assert works.holidays_kept.until == date(2034, 12, 31)
    eve = datetime(2033, 1, 5, 10, tzinfo=UTC)
    assert works.due(eve, WorkingDays(days=1)) == datetime(2033, 1, 7, 10, tzinfo=UTC), "Epiphany is one in Bavaria"


def test_a_year_is_asked_for_once_and_whoever_keeps_none_asks_for_none() -> None:
    story = ticked(bavarian(), datetime(2028, 2, 1, tzinfo=UTC))
    assert len(asked_for(story)) == 1
    assert PERSON.next_deadline(story.state) is None
    assert asked_for(ticked(story, datetime(2029, 2, 1, tzinfo=UTC))) == []
    assert PERSON.next_deadline(known().state) is None
