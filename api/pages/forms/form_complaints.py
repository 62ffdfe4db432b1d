"""What is wrong with what somebody typed, for whoever has the form before them, and not the API's own page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.pages.layout.fields import Field
from api.validation_messages import complaint_in_words

_TIME = "This is not a time that is understood here. For example: tomorrow 15:00, or 4 March 2027 14:00"
_DAY = "This is not a day that is understood here. For example: 4 March 2027"
_CLOCK = "This is not a time of day that is understood here. For example: 15:00"
_NUMBER = "This is not a number that is understood here. For example: 170,000 or 85k"
_ELSE = {"moment": _TIME, "moments": _TIME, "date": _DAY, "clock": _CLOCK, "number": _NUMBER}
_PARSED = (
    "datetime_",
    "finite_number",
    "date_",
    "time_",
    "int_parsing",
    "int_type",
    "decimal_parsing",
    "decimal_type",
    "float_",
)


def complaint_for(field: Field | None, error: Mapping[str, Any]) -> str:
    """An error of pydantic at `field` as a sentence without its full stop; `field` is None for what is on no form."""
    kind = str(error["type"])
    if kind in ("literal_error", "enum", "string_pattern_mismatch") and field is not None:
        if field.kind in ("choice", "many", "either"):
            return "Choose one of those here" if field.choices else "There is nothing to choose from yet"
        if field.kind == "clock":
            return _CLOCK
    if kind == "string_pattern_mismatch" and "the id of" in complaint_in_words(error):
        return "This is not one of those that can be meant here"
    if kind.startswith(_PARSED) and field is not None and field.kind in _ELSE:
        return _ELSE[field.kind]
    if kind in ("literal_error", "enum"):
        return "This is not one of those that can be chosen here"
    if kind == "too_short" and error["ctx"]["min_length"] == 1:
        return "At least one is needed"
    return complaint_in_words(error)
