"""Whose turn it was while a requisition stood still."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reporting.delay_attribution import CAUSES, Wait, side_of, time_lost
from domain.sla.catalogue import CLOCKS
from domain.sla.clocks import Pause
from testing.people import MONDAY, OFFICE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAY_EVENING = MONDAY + 4 * DAY + 8 * HOUR


def late(name: str, start: timedelta, end: timedelta | None = None, **more: Any) -> Wait:
    until = None if end is None else MONDAY + end
    return Wait(name=name, about=more.pop("about", ""), late_from=MONDAY + start, until=until, **more)


def lost(*waits: Wait, holds: Any = ()) -> dict[str, timedelta]:
    found = time_lost(waits, holds, OFFICE, MONDAY, FRIDAY_EVENING)
    return {cause: time for cause, time in found.items() if time}


def test_lateness_counts_in_the_recruiters_working_time() -> None:
    assert lost(late("profile_answered", 6 * HOUR, DAY + 2 * HOUR)) == {"hiring_manager": 4 * HOUR}


def test_five_profiles_late_on_one_day_are_one_day() -> None:
    assert lost(*[late("profile_answered", 0 * HOUR, DAY)] * 5) == {"hiring_manager": 8 * HOUR}


def test_where_both_are_late_each_has_half() -> None:
    both = late("profile_answered", 0 * HOUR, 4 * HOUR), late("summary_sent", 2 * HOUR, 6 * HOUR)
    assert lost(*both) == {"hiring_manager": 3 * HOUR, "recruiter": 3 * HOUR}


def test_what_keeps_no_step_of_the_search_waiting_does_not_count() -> None:
    assert lost(late("candidate_told", 0 * HOUR), late("retro_answered", 0 * HOUR, about="H")) == {}


def test_a_hold_goes_before_lateness_and_lateness_before_a_candidates_turn() -> None:
    waits = Pause(cause="candidate", start=MONDAY, end=MONDAY + 6 * HOUR)
    answered = Wait(name="debrief_held", about="", late_from=None, until=MONDAY + DAY, pauses=(waits,))
    holds = [(MONDAY + 3 * HOUR, MONDAY + 4 * HOUR)]
    assert lost(answered, late("scorecard_in", 2 * HOUR, 5 * HOUR), holds=holds) == {
        "candidates": 3 * HOUR, "hold": HOUR, "others": 2 * HOUR,
    }  # fmt: skip


def test_a_promise_that_stands_still_is_not_late_meanwhile() -> None:
    still = late("debrief_held", 0 * HOUR, still=("candidate",), still_since=MONDAY + 2 * HOUR)
    assert lost(still) == {"recruiter": 2 * HOUR, "candidates": 38 * HOUR}


def test_what_still_runs_is_late_until_now() -> None:
    assert lost(late("decision_made", 4 * DAY)) == {"hiring_manager": 8 * HOUR}


SPANS = st.tuples(st.integers(-48, 200), st.integers(0, 100))


@given(st.lists(st.tuples(st.sampled_from(sorted(CLOCKS)), SPANS), max_size=8), st.lists(SPANS, max_size=3))
def test_no_hour_counts_twice(found: list[Any], held: list[Any]) -> None:
    waits = [late(name, start * HOUR, (start + length) * HOUR) for name, (start, length) in found]
    holds = [(MONDAY + start * HOUR, MONDAY + (start + length) * HOUR) for start, length in held]
    times = time_lost(waits, holds, OFFICE, MONDAY, FRIDAY_EVENING)
    assert set(times) == set(CAUSES)
    assert sum(times.values(), timedelta()) <= 40 * HOUR


@pytest.mark.parametrize("clock", sorted(CLOCKS))
def test_every_clock_is_somebodys(clock: str) -> None:
    sides = {side_of(clock, about) for about in ("R", "H")}
    owner = CLOCKS[clock].owner_role
    if owner is not None:
        assert sides == {owner if owner in ("recruiter", "hiring_manager") else "others"}
    else:
        assert sides == {"recruiter", "hiring_manager"}
