"""What is wrong with a value is said in the words of whoever gave it, whatever it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from api.validation_messages import complaint_in_words
from domain.core.messages import Command
from domain.registry import COMMANDS

WRONG: tuple[Any, ...] = (None, "", " ", "x" * 9_999, "é", "NaN", "2026-13-40", "P-1", -1, 0, 10**20, 1.5, [], {}, [[]])
OF_A_LIBRARY = re.compile(r"input|string|should|valid|pattern|instance|dictionary|\^|None|[a-z]_[a-z]", re.I)


def errors(command: type[Command]) -> list[Any]:
    """What is said of every field of it, with each wrong value in it and with it left out."""
    found = []
    for field in command.model_fields:
        for wrong in ({}, {"nonsense": 1}, *({field: value} for value in WRONG)):
            with pytest.raises(ValidationError) as raised:
                command.model_validate(wrong | {"no such field": 1}, extra="forbid")
            found += raised.value.errors()
    return found


@pytest.mark.parametrize("command", {c.name: c for of in COMMANDS.values() for c in of.values()}.values())
def test_no_word_is_a_librarys(command: type[Command]) -> None:
    said = {complaint_in_words(error) for error in errors(command) if error["type"] not in ("literal_error", "enum")}
    assert [words for words in said if OF_A_LIBRARY.search(words)] == []
    assert all(words[0].isupper() for words in said)


def told(kind: str, **context: Any) -> str:
    """What is said of an error of this kind."""
    return complaint_in_words({"type": kind, "msg": "Value error, Nobody is their own lead.", "ctx": context})


def test_what_is_said() -> None:
    assert told("value_error") == "Nobody is their own lead"
    assert told("string_pattern_mismatch", pattern="^P-[0-9A-Z]{6,26}$") == "This is not the id of a user (P-…)"
    assert told("string_pattern_mismatch", pattern="^x$") == "This is not what is asked for here"
    assert told("string_too_short", min_length=1) == "This is empty"
    assert told("string_too_short", min_length=3) == "This is too short: at least 3 characters"
    assert told("literal_error", expected="'call', 'chat' or 'mail'") == "This is not one of call, chat or mail"
    assert told("greater_than_equal", ge=15) == "This is too small: at least 15"
    assert told("datetime_from_date_parsing", error="x") == "This is not a time"
