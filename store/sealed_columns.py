"""Sealed words in a column of text: as JSON. What an older build wrote there, words as they are, is read as well."""

from __future__ import annotations

from pydantic import ValidationError

from domain.core.personal_text import PersonalText, Sealed


def to_column(words: PersonalText | None) -> str | None:
    """How `words` are written."""
    return words.model_dump_json() if isinstance(words, Sealed) else words


def from_column(written: str | None) -> PersonalText | None:
    """What is written, which stays sealed. None where nothing is."""
    if written is None or not written.startswith("{"):
        return written
    try:
        return Sealed.model_validate_json(written)
    except ValidationError:
        return written
