"""How far candidates came, and how many moved since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.reporting.funnel import PassThrough, StageMove, first_came, moved, passing
from testing.people import MONDAY

HOUR = timedelta(hours=1)


def went(candidate: str, *stages: Any) -> list[StageMove]:
    return [
        StageMove(candidate=f"C-{candidate}01", stage=stage, at=MONDAY + n * HOUR) for n, stage in enumerate(stages)
    ]


MOVES = [
    *went("ANNA", "added", "shortlisted", "submitted", "held", "submitted", "advanced", "screened"),
    *went("BERT", "added", "shortlisted", "submitted", "rejected"),
    *went("CARL", "added", "withdrawn"),
    *went("DORA", "added", "shortlisted", "submitted", "rejected", "submitted", "advanced"),
]


def test_who_went_on_and_who_stopped_at_a_stage() -> None:
    passed = passing(MOVES)
    assert passed["added"] == PassThrough(went_on=3, stopped=1)
    assert passed["submitted"] == PassThrough(went_on=2, stopped=1)
    assert passed["advanced"] == PassThrough(went_on=1, stopped=0)
    assert passed["screened"] == PassThrough()
    assert passing(MOVES[::-1]) == passed


def test_movement_since_a_time_counts_people_and_not_their_detours() -> None:
    assert moved(MOVES, MONDAY + 3 * HOUR) == {"submitted": 2, "advanced": 2, "screened": 1}
    assert moved(MOVES, MONDAY + 9 * HOUR) == {}


def test_when_each_was_first_shown() -> None:
    assert first_came(MOVES, "submitted") == [MONDAY + 2 * HOUR] * 3
