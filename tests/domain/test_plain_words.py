"""Whatever people write in a command is sealed, or its type says why it need not be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel, Field

from domain.core.messages import Command
from domain.core.names import Name
from domain.core.personal_text import PersonalText, Reason, Sealed
from domain.core.plain_words import Plain
from domain.registry import COMMANDS

ALL = {f"{entity}-{name}": command for entity, commands in COMMANDS.items() for name, command in commands.items()}


@pytest.mark.parametrize("command", ALL)
def test_words_are_sealed_or_it_is_said_why_they_are_not(command: str) -> None:
    unsaid = list(without_a_reason(ALL[command]))

    assert not unsaid, (
        f"{', '.join(unsaid)}: make it a PersonalText (or Reason, PersonalName), or let its type say by Plain(…), "
        "domain/core/plain_words.py, why erasure need not reach what people write there"
    )


def test_every_reason_is_of_a_type_that_some_command_has() -> None:
    used = {reason for command in ALL.values() for reason in reasons(command)}

    assert used == KNOWN


KNOWN = {
    "a code; one that is no gate is refused",
    "a country or state by its code",
    "a currency by its three letters",
    "a hash",
    "a time zone by its name; any other is refused",
    "an id of any kind, which is held against no list",
    "an id that says nothing of whom it stands for",
    "an id that was given out; one that is not there is refused",
    "of the job and of no person: signed by its hash, and read by everybody who judges by it",
    "the hash of what is signed; another one is refused",
    "the name of a command; any other is refused",
    "what a job, a team, a place or a company is called, which everybody reads",
    "what the company calls its own notice: the proof of what they were given",
}
"""All reasons there are. Whoever adds one adds it here too, so that it is seen, and told in `docs/decisions.md`."""


class Nested(BaseModel):
    """A part of a command."""

    said: dict[str, str]
    named: tuple[Name, ...]


class Careless(Command):
    """A command whose author thought of nothing."""

    words: str | None = Field(default=None, max_length=20)
    lines: tuple[Annotated[str, Field(title="A line")], ...]
    parts: tuple[Nested, ...] | None
    anything: dict[Literal["a"], Any]
    sealed: PersonalText
    why: Reason | None
    chosen: Literal["this", "that"]


def test_a_command_whose_author_thought_of_nothing_is_found_out() -> None:
    assert list(without_a_reason(Careless)) == ["words", "lines", "parts.said", "parts.said", "anything"]


def without_a_reason(kind: type[BaseModel]) -> Iterator[str]:
    """Where in `kind`, at whatever depth, there is text that is neither sealed nor said to be plain."""
    return (place for place, said in texts(kind) if said is None)


def reasons(kind: type[BaseModel]) -> Iterator[str]:
    """Why texts of `kind` are plain."""
    return (said for _, said in texts(kind) if said is not None)


def texts(kind: type[BaseModel]) -> Iterator[tuple[str, str | None]]:
    """Every text in `kind` that is not sealed: where it stands, and why it is plain, where that is said."""
    for name, field in kind.model_fields.items():
        for place, said in _texts(field.annotation, tuple(field.metadata)):
            yield f"{name}{place}", said


def _texts(annotation: Any, marks: tuple[Any, ...]) -> Iterator[tuple[str, str | None]]:
    if get_origin(annotation) is Annotated:
        inner, *further = get_args(annotation)
        yield from _texts(inner, (*marks, *further))
    elif annotation in (str, Any):
        yield "", next((mark.why for mark in marks if isinstance(mark, Plain)), None)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from ((f".{place}", said) for place, said in texts(annotation))
    elif get_origin(annotation) is not Literal and Sealed not in get_args(annotation):
        for part in get_args(annotation):
            yield from _texts(part, ())
