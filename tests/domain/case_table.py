"""One case per line: what was given, who asks what, and what comes of it. The registry's test counts them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.access.team import Actor
from domain.core.messages import Command, Event
from domain.entity.call import Facts
from testing.decider_cases import Story
from testing.people import FACTS, STRANGER


@dataclass(frozen=True)
class Case:
    """`given()` makes the story so far; `by` gives `command`; `then` is a refusal code, or the events that follow."""

    given: Callable[[], Story]
    by: str | Actor
    command: Command
    then: str | tuple[type[Event], ...]
    after: timedelta = timedelta(minutes=5)
    at: datetime | None = None
    facts: Facts = field(default=FACTS)

    @property
    def outcome(self) -> str:
        """The refusal code, or `accepted`."""
        return self.then if isinstance(self.then, str) else "accepted"

    def __str__(self) -> str:
        return f"{self.command.name}-{self.outcome}"

    def run(self) -> None:
        """Asks, and compares what came of it."""
        expected: Iterable[Any] = (self.then,) if isinstance(self.then, str) else self.then
        self._asked(self.by).then(*expected)

    def run_as_stranger(self) -> None:
        """The same from somebody with no part in it, who must be told so."""
        self._asked(STRANGER).then("not_permitted")

    def _asked(self, by: str | Actor) -> Story:
        return self.given().when(by, self.command, after=self.after, at=self.at, facts=self.facts)
