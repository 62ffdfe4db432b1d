"""`given(decider, life).when(by, command).then(…)`: how a rule is tested in three lines.

A life is a series of steps, each a command with who gives it and how long after the step before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.access.team import Actor
from domain.core.decider import Decider, Outcome
from domain.core.messages import Command, Event, Rejection
from domain.core.source_text import SourceText
from domain.entity.call import Call, Facts
from testing.people import FACTS, MONDAY, person


@dataclass(frozen=True)
class Step:
    """One command of a life. `by` is a person's id or an actor; `after` counts from the step before, `at` is exact."""

    command: Command
    by: str | Actor
    after: timedelta = timedelta(minutes=5)
    at: datetime | None = None
    facts: Facts = FACTS


def step(by: str | Actor, command: Command, **more: Any) -> Step:
    """`by` gives `command`, five minutes after the step before unless `after` or `at` says otherwise."""
    return Step(command, by, **more)


class Library:
    """The documents a test's commands may quote."""

    def __init__(self, **documents: SourceText) -> None:
        self.documents = {key.replace("_", "-"): text for key, text in documents.items()}

    def source(self, document_id: str) -> SourceText:
        """The document, or the refusal an unknown one meets."""
        if document_id not in self.documents:
            raise Rejection("unknown_reference", "There is no such document.", "The id of an uploaded document.")
        return self.documents[document_id]


class Story:
    """An entity after what was given; `when` adds the command that is tested."""

    def __init__(self, decider: Decider[Any], library: Library | None = None) -> None:
        self.decider, self.state, self.now = decider, decider.initial, MONDAY
        self.library = library or Library()
        self.outcome: Outcome[Any] | Rejection | None = None

    def after(self, *steps: Step) -> Story:
        """Lives through `steps`, each of which must be accepted."""
        for one in steps:
            outcome = self._attempt(one)
            if isinstance(outcome, Rejection):
                raise AssertionError(f"{one.command.name} was refused on the way: {outcome.code}: {outcome}")
            self.state = outcome.state
        return self

    def when(self, by: str | Actor, command: Command, **more: Any) -> Story:
        """Gives the command under test."""
        self.outcome = self._attempt(Step(command, by, **more))
        return self

    def then(self, *expected: type[Event] | str) -> Story:
        """What came of it holds these events in this order (others may stand between), or is this refusal code."""
        outcome = self.outcome
        assert outcome is not None, "nothing was asked yet"
        if len(expected) == 1 and isinstance(expected[0], str):
            assert isinstance(outcome, Rejection), f"accepted, though {expected[0]} was expected"
            assert outcome.code == expected[0], f"{outcome.code}: {outcome}"
            assert str(outcome), "a refusal has a sentence"
            assert outcome.accepted, "a refusal says what would be accepted"
            return self
        assert isinstance(outcome, Outcome), f"refused: {outcome.code}: {outcome}"
        happened = iter(type(record.event) for record in outcome.records)
        for event in expected:
            assert event in happened, f"{event} did not happen in {[r.event.type for r in outcome.records]}"
        self.state = outcome.state
        return self

    def _attempt(self, one: Step) -> Outcome[Any] | Rejection:
        self.now = one.at or self.now + one.after
        actor = one.by if isinstance(one.by, Actor) else person(one.by)
        before = self.state.model_copy(deep=True)
        outcome: Outcome[Any] | Rejection
        try:
            command = one.command.grounded(self.library)
            outcome = self.decider.perform(self.state, command, Call(actor, self.now, one.facts))
        except Rejection as refusal:
            outcome = refusal
        if isinstance(outcome, Rejection):
            assert self.state == before, "a refused command changed the state"
            assert outcome.code in one.command.refusals, f"{one.command.name} does not declare {outcome.code}"
            return outcome
        folded = self.state
        for record in outcome.records:
            folded = self.decider.evolve(folded, type(record).model_validate_json(record.model_dump_json()))
        assert folded == outcome.state, "the journal does not fold to the state"
        return outcome


def given(decider: Decider[Any], *steps: Step, library: Library | None = None) -> Story:
    """The entity after `steps`."""
    return Story(decider, library).after(*steps)
