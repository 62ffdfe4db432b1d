"""Telephone numbers: kept as they were typed, compared in one form, refused where they can be none."""

from __future__ import annotations

import re

import pytest

from mail.telephones import normal_form, read_telephone


@pytest.mark.parametrize(
    ("typed", "country", "normal"),
    [
        ("+1 555 010 4477", None, "+15550104477"),
        ("+1 555 010 4477 ext. 12", None, "+15550104477;ext=12"),
        ("+1 (555) 010-4477x12", None, "+15550104477;ext=12"),
        ("+1 555 010 4477, ext 9", None, "+15550104477;ext=9"),
        ("+49 30 901820", None, "+4930901820"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("030 901820", "DE", "+4930901820"),
        ("(555) 010-4477", "US", "+15550104477"),
        ("030 901820", None, None),
    ],
)
def test_a_number_is_kept_as_typed_and_compared_in_one_form(
    typed: str, country: str | None, normal: str | None
) -> None:
    assert read_telephone(f" {typed} ") == typed
    assert normal_form(typed, country) == normal


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("call me", "not a telephone number"),
        ("ada@example.com", "not a telephone number"),
        ("12", "too short"),
        ("+1 555 010 4477 ext. twelve", "not a telephone number"),
        ("1" * 20, "too many digits"),
        ("1" * 61, "too long"),
        ("+99 123 4567", "no such telephone number"),
        ("+49 3", "no such telephone number"),
        ("+1 555 010 4477\n+1 555 010 4478", "not a telephone number"),
    ],
)
def test_what_can_be_no_number_is_refused(typed: str, names: str) -> None:
    with pytest.raises(ValueError, match=re.escape(names)):
        read_telephone(typed)
