"""How many show what the rubric asks for, of how many who were read against it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.evidence.rubric import Rubric
from domain.reporting.criterion_pass_rates import CriterionReading, PassRate, scarcity
from testing.people import MONDAY
from testing.small_rubric import CRITERIA, PLAN

FIRST = Rubric(version=1, criteria=CRITERIA, plan=PLAN)
HOUR = timedelta(hours=1)


def read(candidate: int, criterion: str, verdict: Any, version: int = 1, after: int = 0) -> CriterionReading:
    person, at = f"C-PERSON{candidate}", MONDAY + after * HOUR
    return CriterionReading(candidate=person, criterion=criterion, verdict=verdict, rubric_version=version, at=at)


def test_nine_of_212_show_the_must_have() -> None:
    readings = [read(n, "K1", "met" if n < 9 else "partly" if n < 20 else "not_met") for n in range(212)]
    first, second, third = scarcity(FIRST, {1: FIRST}, readings, MONDAY)
    assert (first.criterion, first.now) == ("K1", PassRate(read=212, met=9, partly=11, not_met=192))
    assert second.now == third.now == PassRate()


def test_somebody_who_was_not_asked_about_it_was_not_read_on_it() -> None:
    counted = scarcity(FIRST, {1: FIRST}, [read(1, "K1", "met"), read(2, "K1", "not_discussed")], MONDAY)
    assert counted[0].now == PassRate(read=1, met=1)


def test_a_later_verdict_takes_the_earlier_ones_place_and_shows_as_movement() -> None:
    readings = [
        read(1, "K1", "met"),
        read(2, "K1", "met"),
        read(2, "K1", "partly", after=5),
        read(3, "K1", "met", after=6),
    ]
    counted = scarcity(FIRST, {1: FIRST}, readings, since=MONDAY + HOUR)[0]
    assert counted.now == PassRate(read=3, met=2, partly=1)
    assert counted.moved == PassRate(read=1, met=0, partly=1)


def test_what_was_read_against_another_meaning_is_counted_apart() -> None:
    harder = CRITERIA[0].but(behaviour="does thing 1 weekly")
    second = Rubric(version=2, criteria=(harder, *CRITERIA[1:]), plan=PLAN)
    readings = [read(1, "K1", "met"), read(1, "K2", "met"), read(2, "K1", "met", version=2)]
    first, other, _ = scarcity(second, {1: FIRST, 2: second}, readings, MONDAY)
    assert (first.now, first.not_comparable) == (PassRate(read=1, met=1), 1)
    assert (other.now, other.not_comparable) == (PassRate(read=1, met=1), 0)


def test_whoever_was_read_again_is_comparable() -> None:
    harder = CRITERIA[0].but(behaviour="does thing 1 weekly")
    second = Rubric(version=2, criteria=(harder, *CRITERIA[1:]), plan=PLAN)
    readings = [read(1, "K1", "met"), read(1, "K1", "partly", version=2, after=3)]
    first = scarcity(second, {1: FIRST, 2: second}, readings, MONDAY)[0]
    assert (first.now, first.not_comparable) == (PassRate(read=1, partly=1), 0)
