"""Forms made from command classes: the schema that makes the endpoint and the verb makes the form as well.

A form is a tree of fields. It is drawn from the command's JSON Schema, filled from what the page knows (`given`) or
from what somebody typed, and read back into the body the API takes. Names of inputs are paths: `ratings.0.rating`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from api.pages.forms.form_complaints import complaint_for
from api.pages.forms.typed_values import clock_of, currency_of, day_of, number_of, time_of, zone_of
from api.pages.layout.fields import (
    Choice,
    Choices,
    Complaint,
    Field,
    Kind,
    Suggestion,
    VagueMark,
    located,
    whole_number,
)
from api.pages.layout.labels import CHOICES, FIRST, ITEMS, LATER, NEEDED, NEEDS
from api.payload_limits import within_bounds
from domain.core.messages import label_of, snake_case
from domain.core.walk import walk
from domain.time.zones import instant_of, zone_named

Typed = Mapping[str, Sequence[str]]
"""What a browser sent: each input's name with its values, in order.

A row that a draft offers has two names besides its fields': `drafted`, its words, and what was `decided` of them.
"""

ASIDE = ".aside"
"""What the name ends in that says of a group that it is kept on the form and not sent."""

Schema = Mapping[str, Any]


def typed_in(typed: Typed, name: str) -> str:
    """What was typed into an input; "" where it was empty, or was not sent."""
    return str(next(iter(typed.get(name, ())), ""))


LONG_TEXT = 300
"""Characters from which a text gets more than one line."""

ONE_LINE = frozenset({"address", "telephone", "subject", "letter_subject"})
"""Texts of one line, however long they may be."""

_MISSING = object()
_CLOCK = "[0-2][0-9]:[0-5][0-9]"
"""What stands in the pattern of a local time."""

_PREFIX = re.compile(r"\^([A-Z])-?")


class Form:
    """A command's form, filled in."""

    def __init__(
        self,
        command: type[BaseModel],
        zone: str,
        choices: Choices,
        given: Mapping[str, Any] | None = None,
        typed: Typed | None = None,
        rows: Mapping[str, int] | None = None,
        fixed: Iterable[str] = (),
    ) -> None:
        """`zone` is the reader's; `given` a body to begin with; `typed` replaces it; `fixed` fields are not shown.

        `rows` asks for further empty rows of a list.
        """
        self.command = command
        self.name = snake_case(command.__name__)
        schema = command.model_json_schema()
        self._drawing = _Drawing(self.name, schema, zone, choices, typed, rows or {}, frozenset(fixed))
        self.fields = self._drawing.fields(given or {})

    @property
    def words(self) -> str:
        """What the command does, in a sentence or two."""
        says = (self.command.__doc__ or "").partition("\n\n")[0]
        return re.sub(r"\b[a-z]+(_[a-z]+)+\b", lambda name: name[0].replace("_", " "), says)

    def body(self) -> dict[str, Any]:
        """What the API is sent: only what somebody gave."""
        self._drawing.unlike.clear()
        read = {f.path: self._drawing.read(f) for f in self.fields}
        self._drawing.in_one_currency(self.fields, read)
        return {path: value for path, value in read.items() if value is not _MISSING}

    def read(self) -> tuple[Any, dict[str, str]]:
        """The command, or None and what is wrong with it by path."""
        body, unlike = self.body(), dict(self._drawing.unlike)
        try:
            command = TypeAdapter(within_bounds(self.command)).validate_json(json.dumps(body))
        except ValidationError as invalid:
            return None, self._meant(dict(map(self._complaint, reversed(invalid.errors()))) | unlike)
        return (None, unlike) if unlike else (command, {})

    def _meant(self, errors: dict[str, str]) -> dict[str, str]:
        """Without the complaint that what was written is none of the choices beside it, where it is itself wrong."""
        either = {one.path for one in walk_fields(self.fields) if one.kind == "either"}
        inside = {place for place in either if any(other.startswith(f"{place}.") for other in errors)}
        return {place: said for place, said in errors.items() if place not in inside}

    def _complaint(self, error: Any) -> tuple[str, str]:
        place = _place(error["loc"])
        on_form = located(self.fields, place, self._drawing.kept)
        field = next((one for one in walk_fields(self.fields) if one.path == on_form), None)
        return place, f"{complaint_for(field, error)}."

    def with_errors(
        self, errors: Mapping[str, str], vague: bool = False, marks: Mapping[str, VagueMark] = MappingProxyType({})
    ) -> tuple[tuple[Field, ...], tuple[Complaint, ...]]:
        """The fields with their errors, and every error in the order of the page: first those of no field.

        Standing by one's words is offered only to somebody whose words were called `vague`, or who did so before.
        `marks` says what is vague in the fields, by path; where a row was called so, the error goes to its vague words.
        """
        self.body()  # which rows were given
        placed: dict[str, str] = {}
        for path, said in errors.items():
            place = located(self.fields, path, self._drawing.kept)
            if vague:
                place = next((mark for mark in marks if f"{mark}.".startswith(f"{place}.")), place)
            placed.setdefault(place, said)
        offered = (
            replace(one, hidden=True) if one.name == "stand_by" and not (vague or one.filled) else one
            for one in self.fields
        )
        fields = tuple(one.with_errors(placed, marks) for one in offered)
        nowhere = (Complaint("", "", placed[""]),) if "" in placed else ()
        return fields, (*nowhere, *(said for one in fields for said in one.complaints()))


@cache
def asks_for(command: type[BaseModel]) -> frozenset[str]:
    """The names under which a form of `command` may ask for choices: nothing else has to be looked up for it."""
    asked: set[str] = set()
    for part in walk(command.model_json_schema()):
        if isinstance(part, dict):
            names, patterns = part.get("properties"), part.get("patternProperties")
            if isinstance(names, dict):
                asked |= {wanted for name in names for wanted in (name, f"?{name}")}
            pattern = part.get("pattern")
            letters = (*((pattern,) if isinstance(pattern, str) else ()), *(patterns or ()))
            asked |= {_letter(letter) for letter in letters}
    return frozenset(asked)


@dataclass(frozen=True)
class _Drawing:
    """Draws fields from a schema, and reads them back."""

    command: str
    schema: Schema
    zone: str
    choices: Choices
    typed: Typed | None
    rows: Mapping[str, int]
    fixed: frozenset[str]
    kept: dict[str, list[int]] = field(default_factory=dict)
    unlike: dict[str, str] = field(default_factory=dict)
    _kinds: dict[str, Schema] = field(default_factory=dict)

    def fields(self, given: Mapping[str, Any]) -> tuple[Field, ...]:
        first, later = FIRST.get(self.command, ()), LATER.get(self.command, frozenset())
        drawn = self._of_object("", self.schema, given)
        ordered = sorted(drawn, key=lambda one: first.index(one.path) if one.path in first else len(first))
        needed = NEEDED.get(self.command, {})
        return tuple(replace(one, later=one.path in later, needed=needed.get(one.path, "")) for one in ordered)

    def _of_object(self, path: str, schema: Schema, given: Any) -> tuple[Field, ...]:
        required = schema.get("required", ())
        known = given if isinstance(given, Mapping) else {}
        return tuple(
            self._draw(f"{path}.{name}" if path else name, name, one, name in required, known.get(name, _MISSING))
            for name, one in schema["properties"].items()
        )

    def _draw(self, path: str, name: str, schema: Schema, required: bool, given: Any) -> Field:
        shapes = [shape for shape in self._shapes(schema) if shape.get("type") != "null"]
        default = schema.get("default")
        value = default if given is _MISSING and default is not None else given
        drawn = Field(
            path=path, kind="text", label=_label(name, schema), required=required, insists=required,
            help=schema.get("description", ""), hidden=path in self.fixed,
        )  # fmt: skip
        consts = [str(word) for shape in shapes for word in _limited_to(shape)]
        objects = [shape for shape in shapes if shape.get("type") == "object"]
        self._kinds[path] = shapes[0]
        if objects and consts:
            return self._either(drawn, objects[0], consts, value).relaxed()
        if objects:
            whole = self._compound(drawn, objects[0], value)
            return whole if required else whole.relaxed()
        if shapes[0].get("type") == "array":
            return self._list(drawn, name, shapes[0], value)
        return self._scalar(drawn, name, shapes, consts, value)

    def _scalar(self, drawn: Field, name: str, shapes: Sequence[Schema], consts: Sequence[str], given: Any) -> Field:
        shape, kinds = shapes[0], {one.get("type") for one in shapes}
        self._kinds[drawn.path] = {"type": "number"} if kinds & {"integer", "number"} and not consts else shape
        if kinds == {"boolean"}:
            kind: Kind = "yes_no" if drawn.required else "flag"
            chosen = self._text(drawn.path, "" if given is _MISSING else str(bool(given)).lower())
            return replace(drawn, kind=kind, value=chosen)
        offered = self._offered(name, shape)
        if consts or offered is not None:
            options = offered if offered is not None else tuple(map(_worded, consts))
            return replace(drawn, kind="choice", choices=options, value=self._text(drawn.path, given))
        formats = {one.get("format") for one in shapes}
        if formats == {"date-time"}:
            return replace(drawn, kind="moment", value=self._text(drawn.path, self._local(given)))
        longest = shape.get("maxLength")
        if kinds & {"integer", "number"}:
            kind = "number"
        elif "date" in formats:
            kind = "date"
        elif "time" in formats or _CLOCK in str(shape.get("pattern", "")):
            kind, given = "clock", str(given)[:5] if isinstance(given, str) else given
        else:
            kind = "area" if longest and longest >= LONG_TEXT and name not in ONE_LINE else "text"
        suggested = tuple(self.choices.get(f"?{name}", ()))
        return replace(drawn, kind=kind, choices=suggested, longest=longest, value=self._text(drawn.path, given))

    def _list(self, drawn: Field, name: str, shape: Schema, given: Any) -> Field:
        values = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
        if prefix := shape.get("prefixItems"):
            parts = [
                self._draw(f"{drawn.path}.{n}", str(n), one, True, values[n] if n < len(values) else _MISSING)
                for n, one in enumerate(prefix)
            ]
            return replace(drawn, kind="rows", whole=True, parts=tuple(parts))
        item = self._shapes(shape["items"])[0]
        self._kinds[f"{drawn.path}.*"] = item
        if item.get("type") == "object":
            return self._rows(drawn, name, item, values, shape)
        if (options := self._offered(name, item)) is not None:
            chosen = self.typed.get(drawn.path, ()) if self.typed is not None else values
            return replace(drawn, kind="many", choices=options, value=tuple(map(str, chosen)))
        if item.get("format") == "date-time":
            times = self.typed.get(drawn.path, ()) if self.typed is not None else map(self._local, values)
            return replace(drawn, kind="moments", value=tuple(time for time in times if time))
        short = item.get("maxLength", SHORT + 1) <= SHORT
        return replace(drawn, kind="lines", short=short, value=self._text(drawn.path, "\n".join(map(str, values))))

    def _rows(self, drawn: Field, name: str, item: Schema, values: Sequence[Any], shape: Schema) -> Field:
        if self.typed is None:
            count = max(len(values), shape.get("minItems", 1 if drawn.required else 0))
        else:
            begins = f"{drawn.path}."
            count = 1 + max((int(n) for key in self.typed if (n := _row(key, begins)) is not None), default=-1)
        count += self.rows.get(drawn.path, 0)
        parts = [
            replace(
                self._compound(
                    Field(path=f"{drawn.path}.{n}", kind="group", label=f"{ITEMS.get(name, drawn.label)} {n + 1}"),
                    item,
                    values[n] if n < len(values) else _MISSING,
                ).relaxed(),
                required=False,
                offer=self._offer(f"{drawn.path}.{n}", values[n] if n < len(values) else {}),
            )
            for n in range(count)
        ]
        return replace(drawn, kind="rows", parts=tuple(parts))

    def _offer(self, path: str, given: Any) -> Suggestion | None:
        drafted = given.get("drafted") if isinstance(given, Mapping) else None
        words = self._text(f"{path}.drafted", drafted)
        return Suggestion(words, self._text(f"{path}.decided", "")) if words else None

    def _compound(self, drawn: Field, shape: Schema, given: Any) -> Field:
        if shape.get("title") == "Doc":
            known = given if isinstance(given, Mapping) else {}
            id_ = self._text(f"{drawn.path}.id", known.get("id", ""))
            sha = self._text(f"{drawn.path}.sha256", known.get("sha256", ""))
            pasted = self._text(f"{drawn.path}.pasted", "")
            return replace(drawn, kind="document", value={"id": id_, "sha256": sha, "pasted": pasted})
        if "properties" in shape:
            needs = NEEDS.get(shape.get("title", ""), "")
            inner, aside = self._of_object(drawn.path, shape, given), bool(self._text(f"{drawn.path}{ASIDE}", ""))
            return replace(drawn, kind="group", needs=needs, parts=inner, aside=aside)
        pattern, of = next(iter(shape.get("patternProperties", {"": shape.get("additionalProperties", {})}).items()))
        words = shape.get("propertyNames", {}).get("enum")
        keys = (
            tuple(Choice(word, f"What a {word} looks like") for word in words)
            if words
            else self.choices.get(_letter(pattern), ())
        )
        known = given if isinstance(given, Mapping) else {}
        parts = [
            replace(
                self._draw(f"{drawn.path}.{key.value}", key.value, of, drawn.required, known.get(key.value, _MISSING)),
                label=key.words,
            )
            for key in keys
        ]
        return replace(drawn, kind="map", parts=tuple(parts))

    def _either(self, drawn: Field, shape: Schema, consts: Sequence[str], given: Any) -> Field:
        scalar = given if isinstance(given, str) else ""
        options = tuple(map(_worded, consts))
        parts = self._of_object(drawn.path, shape, given)
        return replace(drawn, kind="either", choices=options, value=self._text(drawn.path, scalar), parts=parts)

    def _offered(self, name: str, shape: Schema) -> tuple[Choice, ...] | None:
        """What may be chosen, if only nothing; None where anything may be typed."""
        own = self.choices.get(name, self.choices.get(_letter(shape.get("pattern", ""))))
        return None if own is None else tuple(own)

    def _shapes(self, schema: Schema) -> list[Schema]:
        return [self._resolved(one) for one in schema.get("anyOf", [schema])]

    def _resolved(self, schema: Schema) -> Schema:
        reference: str | None = schema.get("$ref")
        return self.schema["$defs"][reference.rpartition("/")[2]] if reference else schema

    def _text(self, path: str, given: Any) -> str:
        if self.typed is not None:
            return typed_in(self.typed, path)
        return "" if given is _MISSING or given is None else str(given)

    def _local(self, given: Any) -> str:
        if isinstance(given, str) and given:
            given = datetime.fromisoformat(given)
        if not isinstance(given, datetime):
            return ""
        return given.astimezone(zone_named(self.zone)).strftime("%Y-%m-%dT%H:%M")

    # Reading back

    def read(self, drawn: Field) -> Any:
        """What a field holds, as JSON; `_MISSING` where nothing was given."""
        match drawn.kind:
            case "group" if drawn.aside or (drawn.offer and not drawn.offer.taken):
                return _MISSING
            case "group" if (
                drawn.needs
                and not drawn.required
                and all(self.read(part) is _MISSING for part in drawn.parts if part.name == drawn.needs)
            ):
                return _MISSING
            case "group":
                read = {part.name: self.read(part) for part in drawn.parts}
                self.in_one_currency(drawn.parts, read)
                return self._some(read, drawn.required)
            case "map":
                given = self._some({part.name: self.read(part) for part in drawn.parts}, True)
                return {} if given is _MISSING and drawn.required else given
            case "either":
                return drawn.value or self.read(replace(drawn, kind="group"))
            case "rows":
                rows = {n: self.read(part) for n, part in enumerate(drawn.parts)}
                filled = {
                    n: "" if one is _MISSING else one for n, one in rows.items() if drawn.whole or one is not _MISSING
                }
                self.kept[drawn.path] = list(filled)
                return list(filled.values()) if filled or drawn.required else _MISSING
            case "document":
                known = {key: drawn.value[key] for key in ("id", "sha256")}
                return known if all(known.values()) else _MISSING
            case "many":
                return list(drawn.value)
            case "moments":
                return [self._instant(time) for time in drawn.value] or ([] if drawn.required else _MISSING)
            case "lines":
                written = _BETWEEN.split(drawn.value) if drawn.short else drawn.value.splitlines()
                lines = [line.strip() for line in written if line.strip()]
                return lines if lines or drawn.required else _MISSING
            case "flag":
                return drawn.value == "true"
            case _:
                return self._scalar_of(drawn)

    def _scalar_of(self, drawn: Field) -> Any:
        text = str(drawn.value).strip()
        if not text:
            return _MISSING
        if drawn.kind == "yes_no":
            return text == "true"
        if drawn.kind == "moment":
            return self._instant(text)
        if (meant := _MEANT.get(drawn.kind) or _CALLED.get(drawn.name)) is not None:
            return meant(text) or text
        number = whole_number(text)
        return number if drawn.kind == "choice" and number is not None and "enum" in self._kinds[drawn.path] else text

    def _instant(self, text: str) -> str:
        try:
            wall = datetime.fromisoformat(text)
        except ValueError:
            meant = time_of(text, datetime.now(zone_named(self.zone)).replace(tzinfo=None))
            if meant is None or not meant.whole:
                return text
            wall = meant.wall
        return (wall if wall.tzinfo else instant_of(wall, zone_named(self.zone))).isoformat()

    def in_one_currency(self, parts: Iterable[Field], read: dict[str, Any]) -> None:
        """Takes a currency that was written beside a number into the field for it, and notes where the two differ."""
        named = {part.name: part for part in parts}
        for part in named.values():
            wrote = number_of(str(part.value)) if part.kind == "number" else None
            if wrote is None or not wrote.currency:
                continue
            if "currency" not in named:
                self.unlike[part.path] = f"No currency is asked for here. Write {wrote.number} alone."
            elif read.get("currency", _MISSING) is _MISSING:
                read["currency"] = wrote.currency
            elif read["currency"] != wrote.currency:
                beside = read["currency"]
                self.unlike[part.path] = (
                    f"This says {wrote.currency}, and the currency beside it {beside}. Which is it?"
                )

    def _some(self, read: Mapping[str, Any], required: bool) -> Any:
        given = {key: value for key, value in read.items() if value is not _MISSING}
        # A box that is not ticked says nothing: a group of which only that is left was not filled in.
        said = [value for value in given.values() if value is not False and value != []]
        return given if said or (required and given) else _MISSING


def walk_fields(fields: Iterable[Field]) -> Iterator[Field]:
    """Every field of a form, those within others included."""
    for one in fields:
        yield one
        yield from walk_fields(one.parts)


def _number(text: str) -> str | None:
    found = number_of(text)
    return found.number if found else None


def _day(text: str) -> str | None:
    found = day_of(text, date.min)
    return f"{found.day:%Y-%m-%d}" if found and found.whole else None


SHORT = 40
"""Characters up to which one of a list is a word or two, so that a comma ends it as well as a line does."""

_BETWEEN = re.compile(r"[\r\n,;]")


_MEANT: Mapping[Kind, Callable[[str], str | None]] = {"number": _number, "clock": clock_of, "date": _day}
_CALLED: Mapping[str, Callable[[str], str | None]] = {
    "currency": currency_of, "zone": zone_of, "candidate_zone": zone_of,
}  # fmt: skip
"""How what was typed is read as it is meant: by a field's kind, or by its name."""


def _label(name: str, schema: Schema) -> str:
    """What a field is called; one of a list that is called nothing itself has its list's name."""
    called: str = schema.get("title") or ("" if name.isdigit() else label_of(name))
    return called


def _worded(word: str) -> Choice:
    return Choice(word, CHOICES.get(word, word.replace("_", " ")))


def _limited_to(shape: Schema) -> Sequence[Any]:
    limited: Sequence[Any] = shape.get("enum", [shape["const"]] if "const" in shape else [])
    return limited


def _row(key: str, begins: str) -> int | None:
    number = key.removeprefix(begins).partition(".")[0] if key.startswith(begins) else ""
    return whole_number(number) if len(number) < 4 else None


def _letter(pattern: str) -> str:
    found = _PREFIX.match(pattern)
    return found[1] if found else ""


def _place(location: Iterable[int | str]) -> str:
    """The path of a complaint, without the names pydantic gives to alternatives."""
    return ".".join(part for one in location if re.fullmatch(r"[a-z_0-9]+|[KQ]\d+", part := str(one)))
