"""What is wrong with a value, in the words of whoever gave it: what the validation library says is for programmers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

OUR_OWN = frozenset({"value_error", "out_of_bounds"})
"""The kinds of errors whose messages are our rules' own."""

LOOKS: Mapping[str, str] = {
    "^P-": "the id of a user (P-…)",
    "^H-": "the id of an applicant (H-…)",
    "^R-": "the id of a requisition (R-…)",
    "^C-": "the id of a candidate (C-…)",
    "^D-": "the id of a document (D-…)",
    "^S-": "the name of an outside system (S-…)",
    "^N-": "the id of a session (N-…)",
    "^tdm_": "the beginning of a token (tdm_…)",
    "^K[": "the id of a criterion (K1)",
    "^Q[": "the id of a requirement (Q1)",
    "^[0-9a-f]{64}$": "the fingerprint that came with the document",
    "^[A-Z]{3}$": "a currency in three letters (EUR, USD)",
    "^[A-Z]{2}$": "a country by its code (DE, US)",
    "^[A-Z]{2}(": "a country, or a state of one, by its code (DE, US-NY)",
}
"""What a text of a certain pattern is, by the pattern's beginning."""

_WHOLE, _NUMBER = "This is not a whole number", "This is not a number"
_TIME, _DAY, _YES_OR_NO = "This is not a time", "This is not a day", "This is neither yes nor no"

_SAID: Mapping[str, str] = {
    "missing": "This is needed",
    "extra_forbidden": "There is no such field",
    "string_too_long": "This is too long: at most {max_length} characters",
    "greater_than": "This is too small: more than {gt}",
    "greater_than_equal": "This is too small: at least {ge}",
    "less_than": "This is too large: less than {lt}",
    "less_than_equal": "This is too large: at most {le}",
    "too_short": "These are too few: at least {min_length}",
    "too_long": "These are too many: at most {max_length}",
    "decimal_max_digits": "This has too many digits: at most {max_digits}",
    "decimal_max_places": "This has too many digits after the point: at most {decimal_places}",
    "decimal_whole_digits": "This is too large: at most {whole_digits} digits before the point",
    "int_from_float": _WHOLE,
    "finite_number": _NUMBER,
    "timezone_aware": "This time does not say its time zone",
}
_OF_A_KIND: Mapping[str, str] = {
    "int_": _WHOLE,
    "float_": _NUMBER,
    "decimal_": _NUMBER,
    "datetime_": _TIME,
    "time_": _TIME,
    "date_": _DAY,
    "bool_": _YES_OR_NO,
}
"""By the beginning of an error's kind, for those that are not told apart."""


_MEMBER = re.compile(r"<\w+\.\w+: '?(\w+)'?>")
"""How the library writes a member of an enumeration: `<Stage.ADDED: 'added'>`."""


def complaint_in_words(error: Mapping[str, Any]) -> str:
    """An error of pydantic as a sentence without its full stop; never with what was given, but for our own rules'."""
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind in OUR_OWN:
        return str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    if kind in ("literal_error", "enum"):
        return "This is not one of " + _MEMBER.sub(r"\1", str(context["expected"])).replace("'", "")
    if kind == "string_too_short":
        least = context["min_length"]
        return "This is empty" if least == 1 else f"This is too short: at least {least} characters"
    if kind == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        looks = next((said for begins, said in LOOKS.items() if pattern.startswith(begins)), "what is asked for here")
        return f"This is not {looks}"
    of_a_kind = next((said for begins, said in _OF_A_KIND.items() if kind.startswith(begins)), "")
    return (_SAID.get(kind) or of_a_kind or "This is not what is asked for here").format(**context)
