"""Every public command as a verb of the command line, made from the registry."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import click
import yaml

from domain.access.roles import words_for
from domain.core.messages import Command, label_of

Give = Callable[[str, dict[str, Any], str | None, int | None], None]
"""Takes a command to the API: its path, its body, the idempotency key and the version that is expected."""

_PLACES = {"requisition": ("R", "requisitions"), "candidate": ("C", "candidates"), "person": ("P", "people")}


class _PlainLoader(yaml.SafeLoader):
    """YAML in which only what JSON calls a number, true or false is one; a date, a time, `on` and `NO` stay text."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for kind, looks, begins in (
    ("bool", r"true|false", "tf"),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
):
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(f"(?:{looks})$"), list(begins))


class Structured(click.ParamType[Any]):
    """A list or an object: JSON (or YAML) as it stands, or `@FILE` that holds it."""

    name = "json or @file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value as data; fails with the reason why it cannot be read."""
        if not isinstance(value, str):
            return value
        try:
            return _read(Path(value[1:]).read_text() if value.startswith("@") else value)
        except OSError as missing:
            self.fail(f"{value[1:]} cannot be read: {missing.strerror}.", param, ctx)
        except ValueError as unreadable:
            self.fail(str(unreadable), param, ctx)


def _read(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_PlainLoader)  # nosec B506  # a SafeLoader
    except yaml.YAMLError:
        raise ValueError("this is neither JSON nor YAML.") from None


def verbs(commands: Mapping[str, Mapping[str, type[Command]]], give: Give) -> Iterator[click.Command]:
    """A verb for each of `commands`, the public ones of every entity by name.

    A command of several entities is one verb; whose it is, the id's first letter says.
    """
    named: dict[str, dict[str, type[Command]]] = {}
    for entity, of_one in commands.items():
        for name, command in of_one.items():
            named.setdefault(name, {})[entity] = command
    for name, kinds in sorted(named.items()):
        yield _verb(name, kinds, give)


def _verb(name: str, kinds: Mapping[str, type[Command]], give: Give) -> click.Command:
    begins = next((entity for entity, kind in kinds.items() if kind.begins == "itself"), None)
    verb = name.replace("_", "-")

    def callback(
        body_file: TextIO | None,
        key: str | None,
        expected_version: int | None,
        entity_id: str | None = None,
        **fields: Any,
    ) -> None:
        body = _whole(body_file) | {field: value for field, value in fields.items() if value is not None}
        path = f"/v1/{_PLACES[begins][1]}" if begins else f"{_path(kinds, entity_id or '')}/{verb}"
        give(path, body, key, expected_version)

    return click.Command(
        verb,
        callback=callback,
        params=[*(() if begins else (_whose(kinds),)), *_fields(kinds.values()), *_envelope()],
        help=_help(kinds.values()),
        short_help=inspect.cleandoc(next(iter(kinds.values())).__doc__ or "").splitlines()[0],
    )


def _whose(kinds: Mapping[str, type[Command]]) -> click.Argument:
    # Only people say something of themselves, and "me" is who the token says.
    alone = set(kinds) == {"person"}
    ids = "|".join(f"{_PLACES[entity][0]}-…" for entity in kinds)
    return click.Argument(
        ["entity_id"], metavar=f"[{ids}]" if alone else ids, required=not alone, default="me" if alone else None
    )


def _whole(body_file: TextIO | None) -> dict[str, Any]:
    try:
        body = _read(body_file.read()) if body_file else {}
    except ValueError as unreadable:
        raise click.BadParameter(str(unreadable), param_hint="--body") from None
    if not isinstance(body, dict):
        raise click.BadParameter("it holds no object.", param_hint="--body")
    return body


def _path(kinds: Mapping[str, type[Command]], entity_id: str) -> str:
    for entity in kinds:
        letter, plural = _PLACES[entity]
        if entity_id.startswith(f"{letter}-") or (entity == "person" and entity_id == "me"):
            return f"/v1/{plural}/{entity_id}"
    ids = " or ".join(f"{_PLACES[entity][0]}-…" for entity in kinds)
    raise click.BadParameter(f"this takes {ids}, not {entity_id}.", param_hint="the id")


def _help(commands: Iterable[type[Command]]) -> str:
    said = dict.fromkeys(
        f"{inspect.cleandoc(command.__doc__ or '')}\n\nFor {words_for(command.who)}." for command in commands
    )
    return "\n\n".join(said)


def _envelope() -> Iterator[click.Option]:
    yield click.Option(
        ["--body", "body_file"],
        type=click.File(encoding="utf-8"),
        metavar="FILE",
        help="The whole command, as JSON or YAML; single options replace its parts.",
    )
    yield click.Option(["--key"], help="An idempotency key: the same again is done once.")
    yield click.Option(["--expected-version"], type=click.IntRange(0), help="Refuse if it is at another version.")


def _fields(commands: Iterable[type[Command]]) -> Iterator[click.Option]:
    seen: set[str] = set()
    for command in commands:
        schema = command.model_json_schema()
        for field, said in schema["properties"].items():
            if field not in seen:
                seen.add(field)
                needed = field in schema.get("required", ())
                yield _option(field, said, schema.get("$defs", {}), needed)


def _option(field: str, said: dict[str, Any], definitions: Mapping[str, Any], needed: bool) -> click.Option:
    alternatives = [_resolved(one, definitions) for one in said.get("anyOf", [said])]
    alternatives = [one for one in alternatives if one.get("type") != "null"]
    option = f"--{field.replace('_', '-')}"
    title = said.get("title", "")
    called = (
        f"{title.rstrip('.?')}{'?' if title.endswith('?') else '.'}" if title not in ("", label_of(field)) else None
    )
    help = " ".join(part for part in (called, said.get("description"), "[needed]" if needed else None) if part)
    types = {one.get("type") for one in alternatives}
    if types == {"boolean"}:
        return click.Option([f"{option}/--no-{option[2:]}", field], default=None, help=help)
    return click.Option([option, field], type=_type(alternatives, types), help=help, metavar=_metavar(alternatives))


def _type(alternatives: list[dict[str, Any]], types: set[str | None]) -> click.ParamType[Any]:
    if types == {"integer"}:
        return click.INT
    if all(one.keys() & {"enum", "const"} for one in alternatives):
        return click.Choice([word for one in alternatives for word in one.get("enum", [one.get("const")])])
    if types <= {"string", "number", "integer"}:
        return click.STRING
    return Structured()


def _metavar(alternatives: list[dict[str, Any]]) -> str | None:
    return next((one["format"].upper() for one in alternatives if "format" in one), None)


def _resolved(said: dict[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    reference: str | None = said.get("$ref")
    return definitions[reference.rpartition("/")[2]] if reference else said
