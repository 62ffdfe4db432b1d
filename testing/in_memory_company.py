"""A company in memory: requisitions, candidates and people that write to each other, with nothing in between.

What one entity tells another is delivered at once, or, for a post that is slow, in an order drawn from a seed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from domain.access.team import Actor
from domain.core.decider import Outcome
from domain.core.messages import Command, Effect, Rejection, Tick
from domain.entity.call import Call, Facts
from domain.entity.effects import EntityMessage, Tell, TellAll
from domain.registry import DECIDERS
from testing.decider_cases import Library
from testing.people import FACTS, MONDAY, TICK, person

POST = Actor(id="post", kind="system")


class Company:
    """Every entity's state by stream, and the letters between them."""

    def __init__(self, library: Library, seed: int | None = None) -> None:
        self.library, self.now = library, MONDAY
        self.states: dict[str, Any] = {}
        self.effects: list[Effect] = []
        self.refused: list[tuple[str, str, str]] = []
        self._letters: list[EntityMessage] = []
        self._order = Random(seed) if seed is not None else None

    def give(
        self,
        stream: str,
        by: str | Actor,
        command: Command,
        at: datetime | None = None,
        facts: Facts = FACTS,
    ) -> Company:
        """Somebody gives a command, five minutes later unless `at` says when; its letters are delivered."""
        self.now = at or self.now + timedelta(minutes=5)
        for other in list(self.states):
            self._perform(other, TICK, Tick(), FACTS)
        actor = by if isinstance(by, Actor) else person(by)
        self._perform(stream, actor, command.grounded(self.library), facts)
        self.deliver()
        return self

    def deliver(self) -> None:
        """Delivers every letter, and those that they bring about."""
        while self._letters:
            letter = self._letters.pop(self._order.randrange(len(self._letters)) if self._order else 0)
            if letter.stream not in self.states and not letter.start:
                # In the world this is tried again until the workflow is there, or answered by "no such workflow".
                self._letters.append(letter)
                continue
            entity, _, _ = letter.stream.partition("/")
            command = DECIDERS[entity].commands[letter.command].model_validate(letter.payload)
            try:
                self._perform(letter.stream, POST, command, Facts())
            except Rejection as refusal:
                self.refused.append((letter.stream, letter.command, refusal.code))

    def _perform(self, stream: str, actor: Actor, command: Command, facts: Facts) -> None:
        decider = DECIDERS[stream.partition("/")[0]]
        state = self.states.get(stream, decider.initial)
        outcome: Outcome[Any] = decider.perform(state, command, Call(actor, self.now, facts))
        self.states[stream] = outcome.state
        for _, decided in outcome.effects:
            effect = Effect.revive(decided.type, decided.model_dump(mode="json"))
            self.effects.append(effect)
            if isinstance(effect, Tell):
                self._letters.append(effect.letter)
            elif isinstance(effect, TellAll):
                self._letters += [
                    EntityMessage(stream=told, command=effect.command, payload=effect.payload)
                    for told in effect.streams
                ]
