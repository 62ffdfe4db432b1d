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
        if leaf.kind not in ("moment", "moments", "date"):
            continue
        words = leaf.value if leaf.kind == "moments" else (str(leaf.value).strip(),)
        lines = [_read(word, leaf, now) for word in words if word]
        if not any(found for _, found in lines):
            continue
        typed[leaf.path] = [written for written, _ in lines]
        meant = "; ".join(in_full(found) for _, found in lines if found)
        says[leaf.path] = f"This was read as {meant}. Send it again if that is right."
    return ReadBack(typed, says)


def _read(words: str, leaf: Field, now: datetime) -> tuple[str, TypedTime | TypedDay | None]:
    """What stands for words, and how it was read, where it could have meant another time on another day."""
    if leaf.kind == "date":
        day = day_of(words, now.date())
        return (f"{day.day:%Y-%m-%d}", day) if day and not day.whole else (words, None)
    at = time_of(words, now)
    if at is None:
        return words, None
    return f"{at.wall:%Y-%m-%dT%H:%M}", None if at.whole else at


def in_full(found: TypedTime | TypedDay) -> str:
    """A time or a day written out, as it is read again without a question."""
    said: date = found.wall if isinstance(found, TypedTime) else found.day
    return f"{said:%A %-d %B %Y, %H:%M}" if isinstance(found, TypedTime) else f"{said:%A %-d %B %Y}"
