"""Members that an enumeration of a catalogue does not have, for tests that add a row to it."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar, cast

import pytest

E = TypeVar("E", bound=StrEnum)


def member(monkeypatch: pytest.MonkeyPatch, kind: type[E], value: str) -> E:
    """One member more, known to `kind` by its value as long as the test lasts."""
    made = str.__new__(kind, value)
    made._name_, made._value_ = value.upper(), value
    monkeypatch.setitem(cast("dict[str, object]", kind._value2member_map_), value, made)
    return made
