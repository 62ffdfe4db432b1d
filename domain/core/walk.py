"""The parts of a value, at whatever depth: those of models, lists, tuples, sets and mappings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel


def walk(value: Any) -> Iterator[Any]:
    """`value` and everything in it, keys of mappings included, each before its own parts and in their order."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, str):
            continue
        if isinstance(one, BaseModel):
            waiting += [getattr(one, name) for name in reversed(type(one).model_fields)]
        elif isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()][::-1]
        elif isinstance(one, list | tuple):
            waiting += reversed(one)
        elif isinstance(one, set | frozenset):
            waiting += one


def changed(value: Any, change: Callable[[Any], Any]) -> Any:
    """A list, tuple or dictionary of the same kind whose parts went through `change`; anything else as it is."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(change(part) for part in value))
    if isinstance(value, list | tuple):
        return type(value)(change(part) for part in value)
    if isinstance(value, dict):
        return {key: change(part) for key, part in value.items()}
    return value
