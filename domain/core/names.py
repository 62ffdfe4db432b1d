"""Names and titles as people write them: one line, with something in it to see.

What is stored is read as it is, whatever an earlier build let through: the rule holds for commands alone, which are
read with the context `WRITTEN`.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Final

from pydantic import AfterValidator, StringConstraints, ValidationInfo

from domain.core.plain_words import Plain

WRITTEN: Final[dict[str, Any]] = {"written": True}
"""The validation context of what people and programs send."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Zs", "Zl", "Zp"})
_BREAKS = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that are drawn as nothing."""

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of the text that follows, so that it reads as something else."""


def one_line(words: str) -> str:
    """`words`, which name something. Raises ValueError where they are more than a line, or nothing to see."""
    kinds = [unicodedata.category(character) for character in words]
    if not _BREAKS.isdisjoint(kinds):
        raise ValueError("This is more than one line, or has control characters in it")
    if not _TURNS.isdisjoint(words):
        raise ValueError("There are invisible marks in this that turn the direction of the text")
    if all(kind in _UNSEEN or character in _BLANKS for character, kind in zip(words, kinds, strict=True)):
        raise ValueError("There is nothing to see in this")
    return words


def _one_line_if_written(words: str, info: ValidationInfo) -> str:
    return one_line(words) if info.context == WRITTEN else words


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_one_line_if_written),
    Plain("what a job, a team, a place or a company is called, which everybody reads"),
]
"""What a job, a team, a place or a company is called."""
