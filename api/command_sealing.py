"""Sealing what is personal in a command, at the edge, before the engine sees it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from domain.core.personal_text import Sealed


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
    if isinstance(value, tuple | list):
        return type(value)(sealed(item, seal) for item in value)
    if isinstance(value, dict):
        return {key: sealed(item, seal) for key, item in value.items()}
    return value


def has_sealed(value: Any) -> bool:
    """Whether anything in `value` is sealed already; nobody outside may send such a thing."""
    if isinstance(value, Sealed):
        return True
    if isinstance(value, BaseModel):
        return any(has_sealed(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, tuple | list):
        return any(has_sealed(item) for item in value)
    return isinstance(value, dict) and any(has_sealed(item) for item in value.values())


def _seal_all(value: Any, seal: Callable[[str], Sealed]) -> Any:
    if isinstance(value, str):
        return seal(value)
    if isinstance(value, tuple | list):
        return type(value)(_seal_all(item, seal) for item in value)
    if isinstance(value, dict):
        return {key: _seal_all(item, seal) for key, item in value.items()}
    return value


@cache
def _personal_fields(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if _mentions_sealed(field.annotation))


def _mentions_sealed(annotation: Any) -> bool:
    return annotation is Sealed or any(_mentions_sealed(part) for part in get_args(annotation))
