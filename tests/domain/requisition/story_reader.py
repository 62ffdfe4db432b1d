"""What can be read off a story: its clocks, what happened last, and what is to be done about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from domain.core.decider import Outcome
from domain.core.messages import Effect, Event, Record
from domain.entity.effects import TellAll
from domain.sla.clocks import Clock
from testing.decider_cases import Story


def clocks(story: Story, name: str) -> list[Clock]:
    """The running clocks of this name."""
    return [clock for clock in story.state.clocks.values() if clock.name == name]


def owes(story: Story) -> dict[str, list[str]]:
    """Who owes what: clock names by owner."""
    owed: dict[str, list[str]] = {}
    for clock in story.state.clocks.values():
        owed.setdefault(clock.owner, []).append(clock.name)
    return owed


def events(story: Story, kind: type[Event]) -> list[Any]:
    """What happened of this kind in the last command."""
    assert isinstance(story.outcome, Outcome), story.outcome
    return [record.event for record in story.outcome.records if isinstance(record.event, kind)]


def last(story: Story) -> Record:
    """The last thing that happened."""
    assert isinstance(story.outcome, Outcome), story.outcome
    return story.outcome.records[-1]


def effects(story: Story, kind: type[Effect]) -> list[Any]:
    """What is to be done of this kind after the last command, as it reaches whoever does it."""
    assert isinstance(story.outcome, Outcome), story.outcome
    done = (effect for _, effect in story.outcome.effects if isinstance(effect, kind))
    return [kind.revive(effect.type, effect.model_dump(mode="json")) for effect in done]


def facts_sent(story: Story) -> dict[str, Any]:
    """The last requisition facts sent, by candidate."""
    facts: dict[str, Any] = {}
    for effect in effects(story, TellAll):
        if effect.command == "relay":
            facts |= dict.fromkeys(effect.streams, effect.payload["fact"])
    return facts


def notified_of_the_end(story: Story) -> set[str]:
    """The candidates who heard that the requisition was filled."""
    return {stream for stream, fact in facts_sent(story).items() if fact["end_cause"] == "filled"}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in March 2026, whose second is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)
