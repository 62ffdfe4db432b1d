"""Verbs as somebody at a keyboard meets them: made from command classes, typed, and taken to the API."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Literal

import click
import pytest
from click.testing import CliRunner, Result
from pydantic import Field

from domain.core.messages import Command, Value
from domain.registry import COMMANDS
from local.cli_commands import verbs


class Detail(Value):
    """Something with parts."""

    size: int


class PaintBikeshed(Command, who="R"):
    """Paint the shed. The colour is a matter of taste."""

    colour: Literal["red", "green"]
    coats: int = Field(default=1, description="How thick.")
    gloss: bool = False
    on: date | None = None
    details: tuple[Detail, ...] = ()
    paid: Detail | Literal["not_given"] | None = None


class PaintBench(Command, who="H"):
    """Paint a bench."""

    colour: Literal["red", "green"]
    name = "paint_bikeshed"


class Given(list[tuple[str, dict[str, Any], str | None, int | None]]):
    """What reached the API."""

    def __call__(self, path: str, body: dict[str, Any], key: str | None, expected_version: int | None) -> None:
        self.append((path, body, key, expected_version))


@pytest.fixture
def given() -> Given:
    return Given()


def run(given: Given, *words: str, commands: dict[str, dict[str, type[Command]]] | None = None) -> Result:
    shed: dict[str, dict[str, type[Command]]] = {"requisition": {"paint_bikeshed": PaintBikeshed}}
    group = click.Group("tandem", commands={verb.name or "": verb for verb in verbs(commands or shed, given)})
    return CliRunner().invoke(group, list(words))


def test_a_new_command_class_is_a_verb_with_an_option_for_each_field(given: Given) -> None:
    answer = run(
        given, "paint-bikeshed", "R-ABC123", "--colour", "red", "--coats", "2", "--gloss", "--on", "2026-03-02",
        "--details", '[{"size": 3}]', "--paid", "not_given", "--key", "k1", "--expected-version", "7",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    body = {
        "colour": "red",
        "coats": 2,
        "gloss": True,
        "on": "2026-03-02",
        "details": [{"size": 3}],
        "paid": "not_given",
    }
    assert given == [("/v1/requisitions/R-ABC123/paint-bikeshed", body, "k1", 7)]


def test_what_is_left_out_is_not_sent(given: Given) -> None:
    assert run(given, "paint-bikeshed", "R-ABC123", "--colour", "green").exit_code == 0
    assert given[0][1] == {"colour": "green"}


def test_lists_come_from_files_and_a_whole_body_is_overridden_by_its_options(given: Given, tmp_path: Path) -> None:
    details, body = tmp_path / "details.json", tmp_path / "body.yaml"
    details.write_text(json.dumps([{"size": 1}]))
    body.write_text("colour: red\non: 2026-03-02\ncoats: 3\ngloss: true\npaid: 20:30\n")
    words = ["paint-bikeshed", "R-ABC123", "--body", str(body), "--coats", "4", "--details", f"@{details}"]
    assert run(given, *words).exit_code == 0
    whole = {"colour": "red", "on": "2026-03-02", "coats": 4, "gloss": True, "paid": "20:30"}
    assert given[0][1] == whole | {"details": [{"size": 1}]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["R-ABC123", "--colour", "blue"], "'red', 'green'"),
        (["R-ABC123", "--coats", "many"], "not a valid integer"),
        (["R-ABC123", "--details", "{"], "neither JSON nor YAML"),
        (["R-ABC123", "--details", "@nowhere.json"], "nowhere.json cannot be read"),
        (["C-ABC123", "--colour", "red"], "this takes R-…, not C-ABC123"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_sent(given: Given, words: list[str], said: str) -> None:
    answer = run(given, "paint-bikeshed", *words)
    assert answer.exit_code == 2
    assert said in answer.output
    assert not given


def test_the_id_says_whose_command_it_is(given: Given) -> None:
    both: dict[str, dict[str, type[Command]]] = {
        "requisition": {"paint_bikeshed": PaintBikeshed},
        "candidate": {"paint_bikeshed": PaintBench},
        "person": {"paint_bikeshed": PaintBench},
    }
    for whose in ("R-ABC123", "C-ABC123", "me"):
        assert run(given, "paint-bikeshed", whose, "--colour", "red", commands=both).exit_code == 0
    assert [path for path, *_ in given] == [
        "/v1/requisitions/R-ABC123/paint-bikeshed",
        "/v1/candidates/C-ABC123/paint-bikeshed",
        "/v1/people/me/paint-bikeshed",
    ]


def test_help_says_who_may_and_what_is_needed(given: Given) -> None:
    said = " ".join(run(given, "paint-bikeshed", "--help").output.split())
    assert "Paint the shed. The colour is a matter of taste. For the recruiter." in said
    assert "--colour [red|green] [needed]" in said
    assert "--coats INTEGER How thick." in said


def test_every_command_of_the_registry_is_a_verb_that_explains_itself(given: Given) -> None:
    made = {verb.name: verb for verb in verbs(COMMANDS, given)}
    assert {name.replace("_", "-") for of_one in COMMANDS.values() for name in of_one} == set(made)
    for name, verb in made.items():
        with click.Context(verb, info_name=name) as context:
            assert "For " in verb.get_help(context)


def test_a_search_is_opened_without_an_id(given: Given) -> None:
    answer = run(given, "open", "--title", "Baker", "--openings", "2", commands=COMMANDS)
    assert answer.exit_code == 0, answer.output
    assert given == [("/v1/requisitions", {"title": "Baker", "openings": 2}, None, None)]
