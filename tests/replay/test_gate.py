"""The gate sees what Temporal's own replay does not: faults planted into today's rules are found, and named."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import workflows.entity as shell
from domain.candidate import CANDIDATE
from domain.candidate.profile import AnswerProfile, ProfileAnswered
from domain.core.decider import Decider
from domain.core.messages import Effect, Event, Rejection
from domain.entity import clock_table
from domain.entity.clock_commands import LegalHoldSet
from domain.entity.effects import Notify, Tell
from domain.registry import DECIDERS
from testing.people import MANAGER, RECRUITER, STRANGER
from tests.replay.gate import differences, play_again
from tests.replay.recording import Recording, recorded, releases
from worker import SANDBOX, WORKFLOWS
from workflows import policies
from workflows.contract import entity_of

NEWEST = recorded(releases()[-1])


def the_run(entity: str, *commands: str) -> Recording:
    """The shortest recorded run in which an entity takes these commands."""
    runs = [
        run
        for name in sorted(NEWEST)
        for run in NEWEST[name]
        if entity_of(run.stream)[0] == entity and run.commands.issuperset(commands)
    ]
    assert runs, f"no recorded {entity} of {releases()[-1]} takes {commands}: record this build (tests.replay.record)"
    return min(runs, key=lambda run: len(run.parts["events"]))


ANSWERED = the_run("candidate", "shortlist", "answer_profile")
"""From the short list to the manager's answer to a profile: a clock that is kept, a line to the recruiter, letters to
the search."""


async def found(run: Recording) -> str:
    """What the gate finds in a run; the worker's own sandbox, so that a fault planted into the shell is run too."""
    now = await play_again(WORKFLOWS, run.history, SANDBOX)
    return "\n".join(differences(run.stream, run.decided, now))


async def test_a_run_of_the_same_rules_shows_no_difference() -> None:
    assert await found(ANSWERED) == ""


RULES = [(entity, command) for entity, decider in DECIDERS.items() for command in decider.commands if command != "tick"]


@pytest.mark.parametrize(("entity", "command"), RULES)
async def test_a_tightened_rule_of_any_command(entity: str, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Iterator[Event]:
        raise Rejection("tightened", "This is no longer taken.", "Something else.")

    decider = DECIDERS[entity]
    monkeypatch.setitem(decider._deciding, decider.commands[command], refuse)

    assert f"/{command}/" in (seen := await found(the_run(entity, command)))
    assert "would now be refused: tightened" in seen


async def test_a_changed_clock_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_table, "warnings", lambda *_: ())

    assert "event.clock.rungs was " in await found(ANSWERED)


async def test_another_state_of_the_same_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CANDIDATE._evolving, LegalHoldSet, lambda state, event, record: state)

    assert "the state at the end: legal_hold was true" in await found(the_run("candidate", "set_legal_hold"))


async def test_another_event_of_the_same_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def decide(state: Any, command: Any, call: Any) -> Iterator[Event]:
        for event in answer(state, command, call):
            yield event.but(rubric_version=7) if isinstance(event, ProfileAnswered) else event

    answer = CANDIDATE._deciding[AnswerProfile]
    monkeypatch.setitem(CANDIDATE._deciding, AnswerProfile, decide)

    assert "event.rubric_version was 1, and is 7" in await found(ANSWERED)


async def test_activities_in_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def start_effects(entity: Any) -> None:
        entity._pending = dict(reversed(entity._pending.items()))
        start(entity)

    start = shell.EntityWorkflow._start_effects
    monkeypatch.setattr(shell.EntityWorkflow, "_start_effects", start_effects)

    assert "Nondeterminism" in await found(ANSWERED)


async def test_a_renamed_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tell, "type", "tell_it")
    monkeypatch.setitem(Effect.kinds, "tell_it", Tell)

    assert "Nondeterminism" in await found(ANSWERED)


async def test_letters_to_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def misdirected(decider: Any, state: Any, record: Any) -> Iterator[tuple[str, Effect]]:
        for effect_id, effect in react(decider, state, record):
            yield effect_id, effect.but(person=STRANGER) if isinstance(effect, Notify) else effect

    react = Decider.react
    monkeypatch.setattr(Decider, "react", misdirected)

    assert f'payload.person was "{RECRUITER}", and is "{STRANGER}"' in await found(ANSWERED)


async def test_a_shorter_memory_of_receipts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "REMEMBERED_FOR", timedelta(hours=24))

    assert f"the receipt that is remembered of {MANAGER}/answer_profile/" in await found(ANSWERED)


async def test_a_smaller_memory_of_receipts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "MOST_REMEMBERED", 2)

    assert "receipts that are forgotten, so that a repeated command is taken twice" in await found(ANSWERED)


async def test_a_journal_that_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "JOURNAL_FOREVER", dataclasses.replace(policies.JOURNAL_FOREVER, maximum_attempts=3))

    assert 'attempts was "any number", and is 3' in await found(ANSWERED)


async def test_an_effect_that_is_tried_for_less_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Notify, "carriage", dataclasses.replace(Notify.carriage, tried_for=timedelta(hours=1)))

    assert 'is tried for was "2 days, 0:00:00", and is "1:00:00"' in await found(ANSWERED)


async def test_a_renamed_field_of_a_recorded_event(monkeypatch: pytest.MonkeyPatch) -> None:
    renamed(ProfileAnswered, "verdict", "word", monkeypatch)

    assert 'event.verdict was "advance", and is gone' in await found(ANSWERED)


def renamed(kind: type[Event], old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets today's build write and read this kind of event with a field of another name."""
    write = kind.model_dump
    monkeypatch.setattr(kind, "model_dump", lambda event, **how: _with_name(write(event, **how), old, new))
    read = kind.model_validate

    def read_the_new(payload: dict[str, Any]) -> Any:
        return read(_with_name({name: value for name, value in payload.items() if name != old}, new, old))

    monkeypatch.setattr(kind, "model_validate", read_the_new)


def _with_name(payload: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if name == old else name: value for name, value in payload.items()}
