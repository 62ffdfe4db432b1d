"""One input of a form, or several that belong together; and where on it a complaint belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from domain.evidence.drafts import Rewording

Kind = Literal[
    "text", "area", "lines", "number", "choice", "many", "flag", "yes_no", "moment", "moments", "date", "clock",
    "document", "group", "either", "map", "rows",
]  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One of several values, in the words people choose it by."""

    value: str
    words: str


class Suggestion(NamedTuple):
    """What a draft puts into a row: its words, and what somebody decided of them; `decided` is empty until they did."""

    words: str
    decided: str = ""

    @property
    def taken(self) -> bool:
        """Whether the row counts as theirs, as it was drafted or as they edited it."""
        return self.decided in ("accept", "edit")


class Complaint(NamedTuple):
    """What is wrong with a field: where it is on the page, what it is called there, and the sentence."""

    id: str
    label: str
    sentence: str


@dataclass(frozen=True)
class VagueMark:
    """What in a field says too little: its text in pieces, each with whether it is vague, and what would mend it.

    `may_ask` is whether there is somebody to ask for a rewrite; what came of it is `reworded`, None before.
    """

    pieces: tuple[tuple[str, bool], ...]
    question: str
    may_ask: bool
    reworded: Rewording | None = None


@dataclass(frozen=True)
class Field:
    """One input, or several that belong together (`parts`). `value` is a text, or those that were
    given of `many` and `moments`.

    A group that `needs` one of its parts is not there without it: a quote without words is none. `insists` is what a
    browser may ask for by itself: a part of something that may be left out is required only once that is filled in.
    `later` is asked less often and folded away; a `text` with `choices` suggests them. A row that is an `offer` is not
    there before somebody took it, a group that was laid `aside` not before it is put back.
    `needed` says of one that may be empty by itself when it may not. Of `lines` that are `short`, several may stand in
    one, with commas between.
    """

    path: str
    kind: Kind
    label: str
    help: str = ""
    required: bool = False
    insists: bool = False
    value: Any = ""
    choices: tuple[Choice, ...] = ()
    parts: tuple[Field, ...] = ()
    longest: int | None = None
    error: str | None = None
    whole: bool = False
    hidden: bool = False
    later: bool = False
    needs: str = ""
    vague: VagueMark | None = None
    offer: Suggestion | None = None
    needed: str = ""
    aside: bool = False
    short: bool = False

    @property
    def id(self) -> str:
        """The element's id, for labels and error messages to point at."""
        return "f-" + self.path.replace(".", "-")

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition(".")[2]

    @property
    def filled(self) -> bool:
        """Whether anything stands in it."""
        if self.parts:
            return any(part.filled for part in self.parts) or bool(self.kind == "either" and self.value)
        if self.kind == "document":
            return any(self.value.values())
        return bool(self.value) and self.value != "false"

    def with_errors(self, errors: Mapping[str, str], marks: Mapping[str, VagueMark]) -> Field:
        """This field and its parts, each with the complaint at its own path, and with what is vague in it."""
        parts = tuple(part.with_errors(errors, marks) for part in self.parts)
        return replace(self, parts=parts, error=errors.get(self.path), vague=marks.get(self.path))

    def leaves(self) -> Iterator[Field]:
        """It, or the inputs it is made of."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def relaxed(self) -> Field:
        """This field as part of something that may be left out."""
        return replace(self, insists=False, parts=tuple(part.relaxed() for part in self.parts))

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with it and its parts, in their order on the page."""
        if self.error:
            yield Complaint(self.id, self.label, self.error)
        for part in self.parts:
            for said in part.complaints():
                within = self.kind == "rows" and said.label != part.label
                yield said._replace(label=f"{part.label}, {said.label}" if within else said.label or self.label)


def whole_number(text: str) -> int | None:
    """The number that somebody typed, or an address has; None for what is none, or longer than any of ours."""
    return int(text) if text.isdecimal() and len(text) <= 9 else None


Choices = Mapping[str, Sequence[Choice]]
"""What may be chosen: by the field's own name, or by the letter its ids begin with (`P`, `C`, `R`, `K`, `Q`, `D`).

Under a name after a question mark: what is suggested for a text.
"""


def located(fields: Iterable[Field], path: str, kept: Mapping[str, Sequence[int]]) -> str:
    """The path on the form of what the domain calls `path`; empty for what is not on it.

    The domain counts only the rows it was given (`kept` says which these are by the rows' path), or names a row by
    what it is about: `ratings.K2`. A row that was not sent is named by its place on the form: `ratings.#0`.
    """
    head, *rest = path.split(".")
    found = next((one for one in fields if one.path == head and not one.hidden), None)
    while found is not None and rest:
        inner = _inner(found, rest.pop(0), kept)
        if inner is None or inner.hidden:
            break
        found = inner
    return found.path if found else ""


def _inner(field: Field, name: str, kept: Mapping[str, Sequence[int]]) -> Field | None:
    if field.kind == "rows" and not field.whole:
        if name.startswith("#"):
            return next((row for row in field.parts if row.name == name[1:]), None)
        if whole_number(name) is None:
            return next((row for row in field.parts if any(part.value == name for part in row.parts)), None)
        rows, number = kept.get(field.path, ()), int(name)
        name = str(rows[number] if number < len(rows) else number)
    return next((part for part in field.parts if part.name == name), None)
