"""Sealing what is personal in a command, at the edge, before the engine sees it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from domain.core.personal_text import Sealed
from domain.core.walk import changed, walk


def sealed(value: Any, seal: Callable[[str], Sealed]) -> Any:
    """`value` with every `PersonalText` in it, at whatever depth, given to `seal`."""
    if isinstance(value, BaseModel):
        personal = _personal_fields(type(value))
        changes = {
            name: _seal_all(old, seal) if name in personal else sealed(old, seal)
            for name, old in ((name, getattr(value, name)) for name in type(value).model_fields)
            if old is not None
        }
        return value.model_copy(update=changes)
    return changed(value, lambda part: sealed(part, seal))


def has_sealed(value: Any) -> bool:
    """Whether anything in `value` is sealed already; nobody outside may send such a thing."""
    return any(isinstance(part, Sealed) for part in walk(value))


def _seal_all(value: Any, seal: Callable[[str], Sealed]) -> Any:
    if isinstance(value, str):
        return seal(value) if value else value  # rules ask whether something was said, and nothing has no words
    return changed(value, lambda part: _seal_all(part, seal))


@cache
def _personal_fields(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if _mentions_sealed(field.annotation))


def _mentions_sealed(annotation: Any) -> bool:
    return annotation is Sealed or any(_mentions_sealed(part) for part in get_args(annotation))
