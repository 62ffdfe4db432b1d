"""The policy an administrator edits (`deploy/sla/*.yaml`), read into data, with refusals that name the line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import structlog
import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from domain.sla.catalogue import CLOCKS
from domain.sla.notification_policy import MessagePolicy, Share
from domain.sla.policy import Policy
from domain.sla.retention import undercut

log = structlog.get_logger("policy")

SHIPPED = Policy(name="shipped")
"""What holds wherever a company's file says nothing."""


class BadPolicy(ValueError):
    """A policy file that cannot be used. `problems` are sentences, each after its file and line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Mistake(NamedTuple):
    """What is wrong with a policy file on one of its lines."""

    line: int
    sentence: str


def load_policy(path: Path, clocks: Iterable[str] = CLOCKS.keys()) -> Policy:
    """The policy in the file at `path`, over the shipped one: it need only say what differs. Raises BadPolicy.

    In it only `clocks` may be given a time.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as refused:
        raise BadPolicy([f"{path}: it cannot be read: {refused.strerror}."]) from None
    except UnicodeDecodeError:
        raise BadPolicy([f"{path}: it is not UTF-8 text."]) from None
    policy, mistakes = read_policy(text, clocks)
    if policy is None:
        raise BadPolicy([f"{path}:{line}: {sentence}" for line, sentence in mistakes])
    return policy


def read_policy(text: str, clocks: Iterable[str] = CLOCKS.keys()) -> tuple[Policy | None, list[Mistake]]:
    """The policy that `text` is, over the shipped one; or None and what is wrong with it, in the order of its lines."""
    try:
        root, given = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except yaml.MarkedYAMLError as malformed:
        line = malformed.problem_mark.line + 1 if malformed.problem_mark else 1
        return None, [Mistake(line, f"this is not YAML: {malformed.problem}.")]
    except yaml.reader.ReaderError as odd:
        line = text.count("\n", 0, odd.position) + 1
        return None, [Mistake(line, "there is a character here that YAML does not know.")]
    except RecursionError:
        return None, [Mistake(1, "this is nested too deeply.")]
    except ValueError:  # of what looks like a date or a number, and is none
        return None, [Mistake(1, "a date or a number in this is none.")]
    if not isinstance(root, yaml.MappingNode):
        return None, [Mistake(1, "a policy is a list of names with their values.")]
    mistakes = [Mistake(line, sentence) for line, sentence in _twice(root)]
    policy: Policy | None = None
    try:
        policy = Policy.model_validate(_over_the_shipped(given), extra="forbid")
    except ValidationError as invalid:
        mistakes += [Mistake(*_located(root, error)) for error in invalid.errors()]
    mistakes += [Mistake(line, sentence) for line, sentence in _wrong_clocks(root, set(clocks))]
    mistakes += [Mistake(line, sentence) for line, sentence in _wrong_retention(root, policy)]
    return (None, sorted(mistakes)) if mistakes else (policy, [])


def differences(policy: Policy, than: Policy = SHIPPED, called: str = "shipped") -> list[str]:
    """What a policy says otherwise than the shipped one, or another that is `called` something; a line each."""
    return list(_differing("", policy.but(name=than.name), than, called))


def _differing(path: str, ours: Any, theirs: Any, called: str) -> Iterator[str]:
    if ours == theirs:
        return
    tables = tuple(dict(each) if isinstance(each, Policy | MessagePolicy | Share) else each for each in (ours, theirs))
    if all(isinstance(each, dict) for each in tables):
        own, others = tables
        for name in own | others:
            yield from _differing(f"{path}.{name}".lstrip("."), own.get(name), others.get(name), called)
    elif isinstance(ours, tuple):
        yield f"{path}: its own"
    else:
        says, said = ("not said" if each is None else each for each in (ours, theirs))
        yield f"{path}: {says} ({called}: {said})"


_LAID_OVER = ("clocks", "counterparts", "messages", "messages.ceilings")
"""Tables of which a file may give some lines only; so it may of each ceiling."""


def _over_the_shipped(given: dict[str, Any]) -> dict[str, Any]:
    return _laid_over(given, SHIPPED.model_dump(mode="json", exclude={"name"}), "")


def _laid_over(given: dict[str, Any], shipped: dict[str, Any], path: str) -> dict[str, Any]:
    laid = shipped | given
    for name, value in given.items():
        place = f"{path}.{name}".lstrip(".")
        below = place in _LAID_OVER or place.startswith("messages.ceilings.")
        if below and isinstance(value, dict) and isinstance(shipped.get(name), dict):
            laid[name] = _laid_over(value, shipped[name], place)
    return laid


class PolicyFile:
    """The policy in the file at `path` as it stands: read again when it changes, the last good one if it is bad.

    Raises BadPolicy at the start, where there is no good one yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._changed()
        self._policy = load_policy(path)

    def current(self) -> Policy:
        """The policy that holds now."""
        stamp = self._changed()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._policy = load_policy(self._path)
            except BadPolicy as bad:
                log.error("the policy file cannot be used, the one before stays", problems=bad.problems)
        return self._policy

    def _changed(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def _wrong_clocks(root: yaml.MappingNode, clocks: set[str]) -> Iterator[tuple[int, str]]:
    table = _child(root, "clocks")
    if not isinstance(table, yaml.MappingNode):
        return
    given = {key.value: _line(key) for key, _ in table.value}
    for name in given.keys() - clocks:
        yield given[name], f"there is no clock called `{name}`; there are {', '.join(sorted(clocks))}."


def _wrong_retention(root: yaml.MappingNode, policy: Policy | None) -> Iterator[tuple[int, str]]:
    for place, sentence in undercut(policy) if policy else ():
        key = _key(root, ("retention_by_jurisdiction", place))
        yield _line(key or root), f"`retention_by_jurisdiction.{place}`: {sentence}"


def _located(root: yaml.Node, error: ErrorDetails) -> tuple[int, str]:
    kind, place, complaint = error["type"], error["loc"], error["msg"]
    if kind == "ladder":  # the rung that is meant
        place = (*place, error["ctx"]["place"])
    if place[-1] == "[key]":
        node = _key(root, place[:-1]) or _nearest(root, place[:-2])
        if kind == "string_type":  # `NO:` is "no" to YAML, and `1:` a number
            return _line(node), f"`{place[-2]}` is no name in `{place[-3]}`; put quotes around it, as in 'NO'."
        return _line(node), f"nobody is called `{place[-2]}` in `{place[-3]}`; there are {error['ctx']['expected']}."
    node, names = root, []
    for part in place:
        child = _child(node, part)
        if child is None:
            break
        node = child
        names.append(str(part))
    if kind == "missing":
        return _line(node), f"`{place[-1]}` is missing."
    if kind == "extra_forbidden":
        return _line(_key(root, place) or node), f"there is no setting called `{place[-1]}`."
    return _line(node), f"`{'.'.join(names)}`: {complaint.removeprefix('Value error, ')}"


def _nearest(node: yaml.Node, place: tuple[int | str, ...]) -> yaml.Node:
    for part in place:
        node = _child(node, part) or node
    return node


def _child(node: yaml.Node, name: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == name), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(name, int) and name < len(node.value):
        found: yaml.Node = node.value[name]
        return found
    return None


def _key(node: yaml.Node, place: tuple[int | str, ...]) -> yaml.Node | None:
    node = _nearest(node, place[:-1])
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((key for key, _ in pairs if key.value == place[-1]), None)


def _twice(node: yaml.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _twice(item)
    if not isinstance(node, yaml.MappingNode):
        return
    seen = set()
    for key, value in node.value:
        if key.value in seen:
            yield _line(key), f"`{key.value}` stands here twice."
        seen.add(key.value)
        yield from _twice(value)


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1
