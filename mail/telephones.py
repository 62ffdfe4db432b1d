"""Telephone numbers as people type them, with extensions; and in one form, by which two can be compared."""

from __future__ import annotations

import re

import phonenumbers

LONGEST = 60
"""Characters a number may be typed in."""

_EXTENSION = r"(?:\s*(?:;\s*ext\s*=|,?\s*(?:ext(?:ension)?|x|#)\.?)\s*\d{1,7})?"
_TYPED = re.compile(rf"[+(]?[\d+() ./\u2010-\u2013\u00a0-]+{_EXTENSION}", re.IGNORECASE)
_FEWEST, _MOST = 3, 15
"""Digits a number has without its extension (E.164)."""


def read_telephone(typed: str) -> str:
    """The number as it was typed. Raises ValueError with a sentence, without its full stop, where it can be none.

    Of one that does not begin with its country, only what it is written in is checked.
    """
    number = typed.strip()
    if len(number) > LONGEST:
        raise ValueError(f"This telephone number is too long: at most {LONGEST} characters")
    if not _TYPED.fullmatch(number):
        raise ValueError(
            "This is not a telephone number: digits are asked for, as in +1 555 010 4477, with an extension as in x12"
        )
    digits = sum(character.isdigit() for character in re.sub(rf"{_EXTENSION}$", "", number, flags=re.IGNORECASE))
    if digits < _FEWEST:
        raise ValueError(f"This telephone number is too short: at least {_FEWEST} digits")
    if digits > _MOST:
        raise ValueError(f"This telephone number has too many digits: at most {_MOST}, and its extension")
    if number.startswith("+") and normal_form(number) is None:
        raise ValueError("There is no such telephone number: its country, or how long it is there, is wrong")
    return number


def normal_form(typed: str, country: str | None = None) -> str | None:
    """The number in one form: E.164, and `;ext=12` where it has an extension.

    None for one that does not begin with its country, where `country` (ISO 3166-1) is not known either or has none
    like it.
    """
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    plain: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


def of_telephone(normal: str) -> str:
    """What a number in its one form is kept as where it is hashed beside addresses: the two are never the same."""
    return f"tel:{normal}"
