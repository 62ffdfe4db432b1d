"""Words for a time that hang on when they are written, `tomorrow 3pm`: shown as they were read, and sent once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from api.pages.forms.typed_values import TypedDay, TypedTime, day_of, time_of
from api.pages.layout.fields import Field


@dataclass(frozen=True)
class ReadBack:
    """What stands in the fields instead of such words, and what is said there, both by path."""

    typed: Mapping[str, list[str]]
    says: Mapping[str, str]


def read_back(fields: Iterable[Field], now: datetime) -> ReadBack:
    """How the times in `fields` were read that somebody wrote in such words at `now`, on their clocks."""
    typed: dict[str, list[str]] = {}
    says: dict[str, str] = {}
    for leaf in (leaf for field in fields for leaf in field.leaves()):
        text = str(leaf.value).strip() if leaf.kind in ("moment", "date", "times") else ""
        if not text:
            continue
        lines = [_read(line, leaf, now) for line in text.splitlines() if line.strip()]
        if not any(found for _, found in lines):
            continue
        typed[leaf.path] = ["\n".join(written for written, _ in lines)]
        meant = "; ".join(in_full(found) for _, found in lines if found)
        says[leaf.path] = f"This was read as {meant}. Send it again if that is right."
    return ReadBack(typed, says)


def _read(line: str, leaf: Field, now: datetime) -> tuple[str, TypedTime | TypedDay | None]:
    """What stands for a line, and how it was read, where it could have meant another time on another day."""
    if leaf.kind == "date":
        day = day_of(line, now.date())
        return (f"{day.day:%Y-%m-%d}", day) if day and not day.whole else (line, None)
    at = time_of(line, now)
    if at is None or at.whole:
        return line, None
    return in_full(at) if leaf.kind == "times" else f"{at.wall:%Y-%m-%dT%H:%M}", at


def in_full(found: TypedTime | TypedDay) -> str:
    """A time or a day written out, as it is read again without a question."""
    said: date = found.wall if isinstance(found, TypedTime) else found.day
    return f"{said:%A %-d %B %Y, %H:%M}" if isinstance(found, TypedTime) else f"{said:%A %-d %B %Y}"
