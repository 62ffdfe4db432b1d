"""Every effect that the deciders' own cases bring about, with the entity as it stood and what had happened."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from domain.core.decider import Decider, Outcome
from domain.core.messages import Command, Effect, Event
from domain.entity.call import Call
from testing import hire_stories, requisition_stories
from tests.domain.candidate import cases as of_candidates
from tests.domain.requisition import cases as of_requisitions


@dataclass(frozen=True)
class Happening:
    """An effect under its id, the event that brought it about, and the entity as that event left it."""

    id: str
    effect: Effect
    state: Any
    event: Event

    def __str__(self) -> str:
        return f"{self.effect.type}-{getattr(self.effect, 'matter', getattr(self.effect, 'job', ''))}"


@functools.cache
def happenings() -> tuple[Happening, ...]:
    """The effects of every case of a requisition and of a candidate, the way there included."""
    seen: list[Happening] = []
    perform = Decider.perform

    def recorded(self: Decider[Any], state: Any, command: Command, call: Call, *more: Any) -> Outcome[Any]:
        outcome = perform(self, state, command, call, *more)
        for record in outcome.records:
            state = self.evolve(state, record)
            seen.extend(Happening(key, effect, state, record.event) for key, effect in self.react(state, record))
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Decider, "perform", recorded)
        _forget_shared_stories()
        for case in (*of_candidates.CASES, *of_requisitions.CASES):
            case.given().when(case.by, case.command, after=case.after, at=case.at, facts=case.facts)
    return tuple(seen)


def one_each(*kinds: type[Effect]) -> Iterator[Happening]:
    """The first of each matter or job of these kinds of effect."""
    met: set[str] = set()
    for happening in happenings():
        if isinstance(happening.effect, kinds) and str(happening) not in met:
            met.add(str(happening))
            yield happening


def _forget_shared_stories() -> None:
    for told in (hire_stories, requisition_stories):
        for story in vars(told).values():
            if hasattr(story, "cache_clear"):
                story.cache_clear()
