"""The map of every entity's life, read off its chapters: which command leads to which events, who reacts, which clocks.

`python -m ops.chapter_map` (or `make map`) writes `docs/chapters.md`. Events and effects are found in the source of the
branches and of what they call within `domain`, so the map says what may come of a command, not what must.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import FunctionType
from typing import Any

from domain.core.decider import Chapter, Decider
from domain.core.messages import Command, Effect, Event
from domain.registry import DECIDERS
from settings import ROOT

PAGE = ROOT / "docs" / "chapters.md"


@cache
def makes(function: Callable[..., Any], kind: type[Event] | type[Effect]) -> frozenset[type]:
    """The kinds of event or effect that `function` may make, itself or through what it calls within `domain`."""
    return frozenset(_made(function, kind, set()))


def _made(function: Callable[..., Any], kind: type, seen: set[object]) -> Iterator[type]:
    function = inspect.unwrap(getattr(function, "func", function))
    if not isinstance(function, FunctionType) or not function.__module__.startswith("domain.") or function in seen:
        return
    seen.add(function)
    closure = inspect.getclosurevars(function)
    known = {**closure.globals, **closure.nonlocals}
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if not isinstance(node, ast.Name | ast.Attribute):
            continue
        found = known.get(node.id) if isinstance(node, ast.Name) else _attribute(node, known)
        if isinstance(found, type) and issubclass(found, kind) and found is not kind:
            yield found
        elif callable(found) and not isinstance(found, type):
            yield from _made(found, kind, seen)


def _attribute(node: ast.Attribute, known: dict[str, Any]) -> object:
    base = known.get(node.value.id) if isinstance(node.value, ast.Name) else None
    return getattr(base, node.attr, None) if inspect.ismodule(base) or isinstance(base, type) else None


def page() -> str:
    """The whole page, in Markdown."""
    parts = [
        "# What may happen, chapter by chapter",
        "",
        "Made by `make map` from the deciders themselves; a test keeps it true. A rounded box is a command, a plain",
        "one an event, a hexagon a clock: solid arrows lead from a command to what may come of it, dotted ones from an",
        "event to the clock it starts, thick ones to the clock it stops. Commands in *italics* have no endpoint.",
        "",
    ]
    for decider in DECIDERS.values():
        parts += _entity(decider)
    return "\n".join(parts).rstrip() + "\n"


def _entity(decider: Decider[Any]) -> Iterator[str]:
    yield from (f"## {decider.name.capitalize()}", "")
    for chapter in decider.chapters:
        yield from (f"### {_name(chapter)}", "")
        yield from _picture(decider, chapter)
        yield from _tables(decider, chapter)
    yield from _clocks(decider)


def _name(chapter: Chapter[Any]) -> str:
    """The module that most of the chapter's branches stand in."""
    branches = [*chapter.deciding.values(), *chapter.evolving.values(), *itertools.chain(*chapter.reacting.values())]
    modules = Counter(branch.__module__.rsplit(".", 1)[1] for branch in branches)
    return modules.most_common(1)[0][0].replace("_", " ").capitalize()


def _picture(decider: Decider[Any], chapter: Chapter[Any]) -> Iterator[str]:
    arrows = []
    for command, branch in chapter.deciding.items():
        arrows += [
            f"  c_{command.name}([{_plain(command.name)}]) --> e_{event.type}[{_plain(event.type)}]"
            for event in _by_name(makes(branch, Event))
        ]
    events = {*chapter.evolving, *(event for branch in chapter.deciding.values() for event in makes(branch, Event))}
    for rule in decider.clocks:
        for event in _by_name(events & rule.events):
            if event in rule.starts:
                arrows.append(f"  e_{event.type}[{_plain(event.type)}] -.-> k_{rule.name}{{{{{_plain(rule.name)}}}}}")
            if event in rule.kept or event in rule.void:
                arrows.append(f"  e_{event.type}[{_plain(event.type)}] ==> k_{rule.name}{{{{{_plain(rule.name)}}}}}")
    if arrows:
        yield from ("```mermaid", "flowchart LR", *dict.fromkeys(arrows), "```", "")


def _tables(decider: Decider[Any], chapter: Chapter[Any]) -> Iterator[str]:
    if chapter.deciding:
        yield from ("| command | who | may lead to |", "| --- | --- | --- |")
        for command, branch in chapter.deciding.items():
            yield f"| {_command(command)} | {' '.join(command.who) or 'inside'} | {_list(makes(branch, Event))} |"
        yield ""
    if chapter.awaiting:
        coming = {event for branch in chapter.awaiting for event in makes(branch, Event)}
        yield from (f"By itself, when its time comes: {_list(coming)}.", "")
    if chapter.evolving:
        yield from ("| event | who reacts, and with what |", "| --- | --- |")
        for event in chapter.evolving:
            reactions = [
                f"`{branch.__module__.removeprefix('domain.')}.{branch.__name__}`: {_list(makes(branch, Effect))}"
                for each in decider.chapters
                for branch in each.reacting.get(event, ())
            ]
            yield f"| `{event.type}` | {'; '.join(reactions) or '-'} |"
        yield ""


def _clocks(decider: Decider[Any]) -> Iterator[str]:
    if not decider.clocks:
        return
    yield from (f"### Clocks of the {decider.name}", "")
    yield from (
        "| clock | starts with | kept by | void by | paused by | resumed by |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    for rule in decider.clocks:
        columns = (rule.starts, rule.kept, rule.void, rule.pauses, rule.resumes)
        yield f"| `{rule.name}` | {' | '.join(_list(column) for column in columns)} |"
    yield ""


def _by_name(kinds: Iterable[type]) -> list[Any]:
    return sorted(kinds, key=lambda kind: str(getattr(kind, "type", kind.__name__)))


def _list(kinds: Iterable[Any]) -> str:
    return ", ".join(f"`{kind.type}`" for kind in _by_name(kinds)) or "-"


def _command(command: type[Command]) -> str:
    name = command.name.replace("_", "-")
    return f"`{name}`" if command.who else f"*{name}*"


def _plain(name: str) -> str:
    return name.replace("_", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
