"""Six weeks of requisitions with people who are late: nobody hears too much, and nobody breaks a promise unheard of."""

from __future__ import annotations

import functools

import pytest

from bench.notification_load import MESSAGE_LIMITS, MessageLimit, not_notified, played, worst
from testing.people import POLICY
from testing.simulated_company import World

SEEDS = (3, 6, 21)
"""Ten requisitions at once; one alone with a manager on leave; three."""


@functools.cache
def worlds() -> tuple[World, ...]:
    return tuple(played(SEEDS, POLICY))


@pytest.mark.parametrize("limit", MESSAGE_LIMITS, ids=lambda limit: f"{limit.role}: {limit.what}")
def test_no_week_of_anybody_is_above_its_ceiling(limit: MessageLimit) -> None:
    counts = [worst(world, limit) for world in worlds()]
    assert max(counts) >= 1, "nobody was told anything: this proves nothing"
    assert limit.most is None or max(counts) <= limit.most


def test_whoever_broke_a_promise_had_been_told_of_it() -> None:
    assert sum(len(world.breached) for world in worlds()) > 100
    assert [left for world in worlds() for left in not_notified(world)] == []


def test_what_is_said_was_gathered() -> None:
    for world in worlds():
        lines = sum(len(message.lines) for message in world.messages)
        assert lines > 1.5 * len(world.messages)


def test_nobody_is_told_out_of_working_time() -> None:
    for world in worlds():
        for message in world.messages:
            assert world.calendars[message.person].is_working(message.at)


def test_searches_are_lived_to_their_end() -> None:
    standings = [state.standing for world in worlds() for state in world.states.values() if hasattr(state, "roster")]
    assert "ended" in standings


def test_the_same_seed_tells_the_same_people_the_same_things() -> None:
    again = played((6,), POLICY)[0]
    assert again.messages == worlds()[1].messages
