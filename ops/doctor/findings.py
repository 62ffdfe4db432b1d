"""What the doctor says: one thing looked at, how it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "broken"]
NEWER_BUILD = "Put back the build that wrote it, or a newer one: it is kept, and counts again then."
"""What to do about an event that this build cannot take in."""

_WORSE: tuple[Level, ...] = ("ok", "warning", "broken")


@dataclass(frozen=True)
class Finding:
    """`about` names what was looked at; `next_step` is what to do, and empty where all is well."""

    about: str
    level: Level
    sentence: str
    next_step: str = ""


def ok(about: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(about, "ok", sentence)


def warning(about: str, sentence: str, next_step: str) -> Finding:
    """It works, and somebody should look."""
    return Finding(about, "warning", sentence, next_step)


def broken(about: str, sentence: str, next_step: str) -> Finding:
    """It does not work."""
    return Finding(about, "broken", sentence, next_step)


def worst(findings: Sequence[Finding]) -> Level:
    """How bad the worst of them is."""
    return max((finding.level for finding in findings), key=_WORSE.index, default="ok")


def some(things: Sequence[str], most: int = 3) -> str:
    """`a, b, c and 4 more`."""
    more = f" and {len(things) - most} more" if len(things) > most else ""
    return ", ".join(things[:most]) + more
