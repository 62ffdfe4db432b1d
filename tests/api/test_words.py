"""What people read says the trade's words: pages, letters, refusals, the API's own page, help, alarms and docs."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import yaml

from api.app import create_app
from cli import tandem
from domain.registry import DECIDERS
from local.stack import on_free_ports

ROOT = Path(__file__).parents[2]
FOLDERS = ("activities", "api", "domain", "language", "local", "ops", "workflows")

SAY_INSTEAD = {
    r"(your|this|another|an open|a new|whole) search|(the|all|open|other) searches": "requisition",
    r"promis(e|es|ed)": "SLA, clock, task or deadline",
    r"ow(e|es|ed|ing)|debts?": "task",
    r"rungs?|ladders?": "escalation, escalation step",
    r"humans?": "applicant or candidate",
    r"undone": "pending",
    r"look(s|ed|ing)? back": "retro",
    r"of one mind": "calibration agreement",
}
"""Words that used to stand for the trade's, and what is said. To search is what one does for words and people."""

MEANT = re.compile(r"search agreement|search.attribute|human review|\{\w+\}", re.I)
"""What these words may still be part of, because the trade or Temporal says so; and placeholders."""

WRONG = re.compile(rf"\b({'|'.join(SAY_INSTEAD)})\b", re.I)

REFUSING = {"refuse": 1, "Rejection": 1, "Refused": 2}
"""What refuses, and the place of the sentence among its arguments; what would be accepted follows it."""

REFUSES = re.compile(rf"\b({'|'.join(REFUSING)})\(")

ISO_TIME = re.compile(r"isoformat|%Y-%m-%d")
SQL = re.compile(r"\b(SELECT|FROM|WHERE)\b")
FIELD_NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def wrong_in(said: Iterable[tuple[str, str]]) -> list[str]:
    """Each wrong word in pairs of a place and what is said there, with the right one."""
    found = []
    for place, words in said:
        for wrong in WRONG.finditer(MEANT.sub("", " ".join(words.split()))):
            right = next(right for words, right in SAY_INSTEAD.items() if re.fullmatch(words, wrong[0], re.I))
            found.append(f"{place}: say {right} in “{wrong.string[max(wrong.start() - 60, 0) : wrong.end() + 60]}”")
    return found


def test_pages_and_letters() -> None:
    files = [*(ROOT / "api/pages/templates").rglob("*.html"), *(ROOT / "activities/letters").rglob("*.txt")]
    assert wrong_in((file.name, words) for file in files for words in _of_a_template(file.read_text())) == []


def _of_a_template(text: str) -> Iterator[str]:
    """What a template says: its text, what its tags say aloud, and the words among what it reckons."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
    for reckoned in re.findall(r"\{[{%].*?[}%]\}", text, flags=re.S):
        yield from (words for words in re.findall(r'"([^"]*)"', reckoned) if re.search(r"[A-Z ]", words))
    text = re.sub(r"\{[{%].*?[}%]\}", "", text, flags=re.S)
    yield from re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', text)
    yield re.sub(r"<[^>]*>", " ", text)


def test_what_happened() -> None:
    events = {event for decider in DECIDERS.values() for chapter in decider.chapters for event in chapter.evolving}
    assert wrong_in((event.type, event.heading) for event in sorted(events, key=lambda event: event.type)) == []


def test_what_is_written_in_the_code_for_people() -> None:
    assert wrong_in(pair for place, tree in _modules() for pair in _written(place, tree)) == []


def test_a_refusal_names_no_field_and_no_time_of_programs() -> None:
    wrong = []
    for place, tree in _modules():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in REFUSING:
                first = REFUSING[call.func.id]
                for part in call.args[first : first + 2]:
                    said = [one.value for one in ast.walk(part) if isinstance(one, ast.Constant)]
                    fields = [word for one in said for word in FIELD_NAME.findall(str(one))]
                    if fields or ISO_TIME.search(ast.unparse(part)):
                        wrong.append(f"{place}:{call.lineno}: {ast.unparse(part)}")
    assert wrong == []


@cache
def _modules() -> tuple[tuple[str, ast.Module], ...]:
    """The modules that may say something wrong, by their paths; word lists of rules aside."""
    files = [
        ROOT / "cli.py",
        ROOT / "settings.py",
        *(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")),
    ]
    told = ((str(file.relative_to(ROOT)), file.read_text()) for file in files if file.name != "text_rules.py")
    return tuple((place, ast.parse(text)) for place, text in told if WRONG.search(text) or REFUSES.search(text))


def _written(place: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Every text that is more than a name, but what only programmers read: docstrings, SQL, why something cannot be."""
    told = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert | ast.Expr) and not isinstance(getattr(node, "value", None), ast.Call):
            told |= {id(inner) for inner in ast.walk(node)}
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in told
            and (" " in node.value.strip() or node.value[:1].isupper())
            and not SQL.search(node.value)
        ):
            yield f"{place}:{node.lineno}", node.value


def test_the_apis_own_page() -> None:
    schema = create_app(on_free_ports(Path("unused"))).openapi()
    assert wrong_in(_described(schema, "")) == []


def _described(node: Any, place: str) -> Iterator[tuple[str, str]]:
    """What a schema says of its parts, names in backticks aside."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("summary", "description") and isinstance(value, str):
                yield place, re.sub(r"`[^`]*`|Refused as: .*", "", value)
            yield from _described(value, f"{place}/{key}")
    elif isinstance(node, list):
        for one in node:
            yield from _described(one, place)


def test_the_help_of_the_command_line() -> None:
    assert wrong_in(_helped(tandem, "tandem")) == []


def _helped(command: click.Command, place: str) -> Iterator[tuple[str, str]]:
    yield place, re.sub(r"`[^`]*`", "", command.help or "")
    yield from ((place, option.help or "") for option in command.params if isinstance(option, click.Option))
    for name, verb in (command.commands if isinstance(command, click.Group) else {}).items():
        yield from _helped(verb, f"{place} {name}")


def test_alarms_and_boards() -> None:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/tandem.rules.yml").read_text())
    alarms = [(rule["alert"], rule["annotations"]["summary"]) for group in rules["groups"] for rule in group["rules"]]
    boards = [json.loads(file.read_text()) for file in (ROOT / "deploy/grafana").glob("*.json")]
    panels = [panel for board in boards for panel in (board, *board["panels"])]
    told = [(panel["title"], f"{panel['title']} {panel.get('description', '')}") for panel in panels]
    assert wrong_in([*alarms, *told]) == []


def test_docs() -> None:
    """Code, diagrams and pictures aside."""
    files = [ROOT / "README.md", *(file for file in (ROOT / "docs").glob("*.md") if file.name != "chapters.md")]
    said = [(file.name, re.sub(r"```.*?```|`[^`]*`", "", file.read_text(), flags=re.S)) for file in files]
    lines = ((name, line) for name, text in said for line in re.split(r"\n\n|\n(?=[-|])", text))
    assert wrong_in(lines) == []
