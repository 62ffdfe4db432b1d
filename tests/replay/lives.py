"""Every life that the domain's tests tell: what a release's recordings and samples are taken from.

The tests' stories, cases and companies all come to `Decider.perform`; whoever watches that sees each command with the
state it met, and so, backwards, the whole life it belongs to. Random lives are left out: a recording is made of what
somebody meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from domain.core.decider import Decider, Outcome
from domain.core.messages import Command, Event, Tick
from domain.entity.call import Call
from domain.registry import DECIDERS
from domain.sla.clocks import ClockStarted
from workflows.contract import stream_of

STORIES = "tests/domain"


@dataclass(frozen=True)
class Moment:
    """One command of a life, as it was given, and what it came to."""

    command: Command
    call: Call
    outcome: Outcome[Any]


@dataclass(frozen=True)
class Life:
    """What was done with one entity from its beginning on."""

    entity: str
    moments: tuple[Moment, ...]

    @property
    def stream(self) -> str:
        """Where it is journalled."""
        return stream_of(self.entity, self.moments[-1].outcome.state.id)

    @cached_property
    def shows(self) -> frozenset[str]:
        """What one can see at this life: its commands, events, clocks and effects, the latter with what they say."""
        seen = set()
        for moment in self.moments:
            if not isinstance(moment.command, Tick):
                seen.add(f"{self.entity} takes {moment.command.name}")
            for record in moment.outcome.records:
                clock = record.event.clock.name if isinstance(record.event, ClockStarted) else _clock(record.event)
                seen.add(f"{self.entity}: {record.event.type} {clock}".rstrip())
            for _, effect in moment.outcome.effects:
                about = {str(getattr(effect, what, "")) for what in ("matter", "job", "command", "kind")}
                seen.add(f"{self.entity} does {' '.join([effect.type, *sorted(about)])}")
        return frozenset(seen)


def _clock(event: Event) -> str:
    """The name of the clock an event speaks of: ids are `C-7:profile_answered:12`."""
    return str(getattr(event, "clock_id", ":")).split(":")[1]


def told() -> list[Life]:
    """Every life that a test of the domain tells, whole. Raises RuntimeError when one of the tests fails."""
    given: dict[int, tuple[Any, str, Moment]] = {}
    perform = Decider.perform

    def watched(
        decider: Decider[Any], state: Any, command: Command, call: Call, expected_version: int | None = None
    ) -> Outcome[Any]:
        outcome = perform(decider, state, command, call, expected_version)
        if outcome.records and DECIDERS.get(decider.name) is decider:
            given[id(outcome.state)] = state, decider.name, Moment(command, call, outcome)
        return outcome

    Decider.perform = watched  # type: ignore[method-assign]
    try:
        if pytest.main(["-q", "--assert=plain", "-p", "no:cacheprovider", STORIES], plugins=[_Meant()]) != 0:
            raise RuntimeError("a test of the domain fails: what it tells is no life to record")
    finally:
        Decider.perform = perform  # type: ignore[method-assign]

    def whole(state: Any, moment: Moment) -> list[Moment] | None:
        """The life up to a moment; None of one that began in a state which a test put together itself."""
        if not state.version:
            return [moment]
        if id(state) not in given:
            return None
        before, _, moment_before = given[id(state)]
        earlier = whole(before, moment_before)
        return earlier and [*earlier, moment]

    lives = ((entity, whole(state, moment)) for state, entity, moment in given.values())
    return [Life(entity, tuple(moments)) for entity, moments in lives if moments]


class _Meant:
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keeps the tests that tell the same every time."""
        items[:] = [item for item in items if not getattr(item.obj, "is_hypothesis_test", False)]


def few(lives: Iterable[Life]) -> list[Life]:
    """As few lives as show, together, all that the many show."""
    left = list(lives)
    missing = frozenset().union(*(life.shows for life in left))
    chosen = []
    while missing:
        best = max(left, key=lambda life: (len(life.shows & missing), -len(life.moments)))
        chosen.append(best)
        missing -= best.shows
    return chosen
