"""Every command of every entity has a case that is taken, one for each refusal, and one for somebody it is not for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from domain.access.team import Actor
from domain.core.decider import Decider
from domain.core.messages import ALWAYS_POSSIBLE, Command, Event, Rejection
from domain.registry import COMMANDS, DECIDERS
from domain.sla.catalogue import clock_row
from testing.people import POLICY, person
from tests.domain.availability import check
from tests.domain.candidate.cases import CASES as CANDIDATE_CASES
from tests.domain.case_table import Case
from tests.domain.person.cases import CASES as PERSON_CASES
from tests.domain.requisition.cases import CASES as REQUISITION_CASES

CASES: dict[str, list[Case]] = {
    "requisition": REQUISITION_CASES,
    "candidate": CANDIDATE_CASES,
    "person": PERSON_CASES,
}
ALL = [
    pytest.param(case, id=f"{entity}-{case}-{number}")
    for entity, cases in CASES.items()
    for number, case in enumerate(cases)
]
FOR_STRANGERS = [
    pytest.param(case, id=f"{entity}-{case.command.name}-{number}")
    for entity, cases in CASES.items()
    for number, case in enumerate(cases)
    if case.outcome == "accepted" and case.command.who
]
CLOCK_TABLES = {
    entity: [rule for rules in decider._clock_rules.values() for rule in rules] for entity, decider in DECIDERS.items()
}


@pytest.mark.parametrize("case", ALL)
def test_case(case: Case) -> None:
    case.run()


@pytest.mark.parametrize("case", ALL)
def test_what_is_said_beforehand_of_a_case_is_what_comes_of_it(case: Case) -> None:
    story = case.given()
    now = case.at or story.now + case.after
    actor = case.by if isinstance(case.by, Actor) else person(case.by)
    try:
        command = case.command.grounded(story.library)
    except Rejection:
        return  # its words are refused before anybody is asked
    check(story.decider, story.state, actor, command, now, case.facts)


@pytest.mark.parametrize("case", FOR_STRANGERS)
def test_stranger_is_refused(case: Case) -> None:
    case.run_as_stranger()


@pytest.mark.parametrize("entity", DECIDERS)
def test_every_command_has_an_accepted_case(entity: str) -> None:
    accepted = {type(case.command) for case in CASES[entity] if case.outcome == "accepted"}
    missing = {name for name, command in _commands(entity) if command not in accepted and name != "tick"}
    assert not missing, f"no accepted case for {sorted(missing)}"


@pytest.mark.parametrize("entity", DECIDERS)
def test_every_refusal_has_a_case(entity: str) -> None:
    shown = {(type(case.command), case.outcome) for case in CASES[entity]}
    missing = {
        f"{name}: {code}"
        for name, command in _commands(entity)
        for code in command.refusals.keys() - ALWAYS_POSSIBLE.keys()
        if (command, code) not in shown and (name, code) not in NOT_HERE[entity]
    }
    assert not missing, f"no case for {sorted(missing)}"


NOT_HERE: dict[str, set[tuple[str, str]]] = {
    "requisition": {("waive_clock", "statutory"), ("extend_clock", "statutory")},
    "candidate": set(),
    "person": set(),
}
"""Refusals of a shared command that this entity can never meet: a requisition has no statutory clock."""


@pytest.mark.parametrize("entity", DECIDERS)
def test_exempt_refusals_can_really_not_happen(entity: str) -> None:
    statutory = any(clock_row(rule.name).statutory for rule in CLOCK_TABLES[entity])
    assert bool(NOT_HERE[entity]) <= (not statutory)


def test_public_commands_are_those_with_an_actor() -> None:
    for entity, decider in DECIDERS.items():
        public = {name for name, command in decider.commands.items() if command.who}
        assert COMMANDS[entity].keys() == public
    assert not {"tick", "relay", "attach_draft", "delivery_failed"} & {
        name for names in COMMANDS.values() for name in names
    }


def test_every_public_command_says_what_it_does() -> None:
    for commands in COMMANDS.values():
        for name, command in commands.items():
            assert command.__doc__, f"{name} has no sentence for its help"
            assert command.__doc__ != Command.__doc__, f"{name} has no sentence of its own"


def test_every_clock_has_its_time_in_the_policy() -> None:
    declared = {rule.name for rules in CLOCK_TABLES.values() for rule in rules}
    assert declared == POLICY.clocks.keys()


def test_every_event_can_be_told_from_every_other() -> None:
    seen: dict[str, type[Event]] = {}
    ours = (event for event in _kinds(Event) if event.__module__.startswith("domain."))
    for event in ours:
        assert seen.setdefault(event.type, event) is event, f"{event} and {seen[event.type]} are stored under one name"


@pytest.mark.parametrize("decider", DECIDERS.values(), ids=DECIDERS.keys())
def test_every_event_an_entity_speaks_of_can_be_folded(decider: Decider[Any]) -> None:
    reacted = set(decider._reacting) | set(decider._clock_rules)
    assert reacted <= set(decider._evolving)


def _commands(entity: str) -> Iterator[tuple[str, type[Command]]]:
    yield from DECIDERS[entity].commands.items()


def _kinds(kind: type[Event]) -> Iterator[type[Event]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _kinds(subclass)
