"""Mail addresses as people type them: taken in one form, or refused with what is wrong with them."""

from __future__ import annotations

import re

import pytest

from mail.addresses import on_the_wire, read_address, spellings


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ada@example.com", "ada@example.com"),
        (" Ada.Lin@Example.COM ", "ada.lin@example.com"),
        ("Ada Lin <ada@example.com>", "ada@example.com"),
        ('"Lin, Ada" <Ada@Example.com>', "ada@example.com"),
        ("mailto:ada@example.com", "ada@example.com"),
        ("o'brien+jobs@example.co.uk", "o'brien+jobs@example.co.uk"),
        ("ada@bücher.example", "ada@bücher.example"),
        ("ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("ädä@example.com", "ädä@example.com"),
        ("ada@mail.corp.internal", "ada@mail.corp.internal"),
        ("ada@example.com\u00a0", "ada@example.com"),
    ],
)
def test_an_address_is_read(typed: str, read: str) -> None:
    assert read_address(typed) == read


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("ada@example.com.", "ends with a full stop"),
        ("ada@example.com,", "ends with a comma"),
        ("ada@example.com;", "ends with a semicolon"),
        ("ada,lin@example.com", "a comma"),
        ("ada@example,com", "a comma"),
        ("ada\u200b@example.com", "invisible character in this mail address (zero width space)"),
        ("ada@example.com\u200b", "zero width space"),
        ("ada@exam\u00adple.com", "soft hyphen"),
        ("\u2066ada@example.com\u2069", "invisible character"),
        ("ada lin@example.com", "a space"),
        ("ada@example.com\nBcc: ben@example.com", "invisible character"),
        ("ada@example.com, ben@example.com", "a space"),
        ("ada@ben@example.com", "more than one @"),
        ("ada", "no @"),
        ("ada@", "nothing after"),
        ("@example.com", "nothing before"),
        ("ada..lin@example.com", "two full stops"),
        ("ada.@example.com", "beside the @"),
        ("ada@localhost", "not whole"),
        ("ada@-example.com", "not a mail address"),
        ("ada@" + "a" * 300 + ".com", "too long"),
        ("<" * 100_000, "too long"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(typed: str, names: str) -> None:
    with pytest.raises(ValueError, match=re.escape(names)):
        read_address(typed)


def test_an_international_domain_goes_out_in_ascii_and_is_known_in_both_spellings() -> None:
    assert on_the_wire("ada@bücher.example") == "ada@xn--bcher-kva.example"
    assert on_the_wire("ada@straße.example") == "ada@xn--strae-oqa.example"
    assert spellings("ada@bücher.example") == {"ada@bücher.example", "ada@xn--bcher-kva.example"}
    assert spellings("ada@example.com") == {"ada@example.com"}
