"""What a body may hold at all: text, numbers and times that the journal can keep and a calendar can reckon with.

One event that PostgreSQL refuses would keep all that follow it in its entity from being written, so it is refused here.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from domain.core.names import WRITTEN
from domain.core.walk import walk

LARGEST = 2**31 - 1
"""Of a PostgreSQL `integer`."""

YEARS = range(1900, 2201)


def within_bounds(body: type[BaseModel]) -> Any:
    """`body` as an endpoint takes it: invalid where a NUL character, a number or a year in it is out of bounds.

    So is a field that there is not, anywhere in it.
    """
    return Annotated[body, WrapValidator(partial(_checked, body))]


def as_given(kind: type[BaseModel]) -> WrapValidator:
    """For a part of a body that is a `kind`: invalid where it has a field that there is not."""
    return WrapValidator(lambda value, _handler: kind.model_validate(value, extra="forbid"))


def _checked(kind: type[BaseModel], value: Any, _handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        body = kind.model_validate(value, extra="forbid", context=WRITTEN)
    except OverflowError:  # of a time whose zone takes it out of the calendar
        raise _complaint("A time in this is out of reach") from None
    for leaf in walk(body):
        if isinstance(leaf, str) and "\0" in leaf:
            raise _complaint("There is a NUL character in this")
        if isinstance(leaf, int) and abs(leaf) > LARGEST:
            raise _complaint("A number in this is too large")
        if isinstance(leaf, date) and leaf.year not in YEARS:
            raise _complaint(f"A time in this is not between {YEARS[0]} and {YEARS[-1]}")
    return body


def _complaint(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("out_of_bounds", "{sentence}", {"sentence": sentence})
