"""What a body may hold at all: text, numbers and times that the journal can keep and a calendar can reckon with.

One event that PostgreSQL refuses would keep all that follow it in its entity from being written, so it is refused here.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from domain.core.names import WRITTEN
from domain.core.walk import walk

LARGEST = 2**31 - 1
"""Of a PostgreSQL `integer`."""

YEARS = range(1900, 2201)


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("This is before or after all calendars") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time as an address says it, in UTC."""

_NOT_KEPT = re.compile("[\0\ud800-\udfff]")
_A_CHARACTER = "There is a character in this that cannot be kept"


def within_bounds(body: type[BaseModel]) -> Any:
    """`body` as an endpoint takes it: invalid where a character, a number or a year in it is out of bounds.

    So is a field that there is not, anywhere in it.
    """
    return Annotated[body, bounds(body)]


def bounds(kind: type[BaseModel], unknown: Literal["forbid", "ignore"] = "forbid") -> WrapValidator:
    """The same, for the annotation of a body that is a `kind`; fields that there are not may be ignored."""
    return WrapValidator(partial(_checked, kind, unknown))


def as_given(kind: type[BaseModel]) -> WrapValidator:
    """For a part of a body that is a `kind`: invalid where it has a field that there is not."""
    return WrapValidator(lambda value, _handler: kind.model_validate(value, extra="forbid"))


def storable(text: str) -> bool:
    """Whether PostgreSQL and UTF-8 can keep this: no NUL character, and no half of a pair of surrogates."""
    return _NOT_KEPT.search(text) is None


def _checked(
    kind: type[BaseModel], unknown: Literal["forbid", "ignore"], value: Any, _handler: ValidatorFunctionWrapHandler
) -> Any:
    try:
        body = kind.model_validate(value, extra=unknown, context=WRITTEN)
    except OverflowError:  # of a time whose zone takes it out of the calendar
        raise _complaint("A time in this is out of reach") from None
    except UnicodeError:  # of half a character that was looked up
        raise _complaint(_A_CHARACTER) from None
    for leaf in walk(body):
        if isinstance(leaf, str) and not storable(leaf):
            raise _complaint(_A_CHARACTER)
        if isinstance(leaf, int) and abs(leaf) > LARGEST:
            raise _complaint("A number in this is too large")
        if isinstance(leaf, date) and leaf.year not in YEARS:
            raise _complaint(f"A time in this is not between {YEARS[0]} and {YEARS[-1]}")
    return body


def _complaint(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("out_of_bounds", "{sentence}", {"sentence": sentence})
