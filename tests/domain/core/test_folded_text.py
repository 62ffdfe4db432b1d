"""Quotes are found in what pages make of words, and shown as it stands there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.source_text import normalised, word_count
from domain.evidence.resume import PagedText

PAGE = PagedText(
    text="I am con\ufb01dent in o\ufb03ce work\ufb02ows, and led the manage-\nment of a depart-\nment of well-\nknown"
    " people.\n\nOther words, o\ufb00 and on; 5\u00bd years, \uff21\uff22 tests."
    "\n\u6211\u4eec\u5f00\n\u59cb\u4e86\u8fd9\u4e2a"
)


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("confident", "con\ufb01dent"),
        ("con\ufb01dent", "con\ufb01dent"),
        ("CONFIDENT in office workflows", "con\ufb01dent in o\ufb03ce work\ufb02ows"),
        ("management of a department", "manage-\nment of a depart-\nment"),
        ("manage-\nment of a", "manage-\nment of a"),
        ("manage- ment of a", "manage-\nment of a"),
        ("of well-known people", "of well-\nknown people"),
        ("off and on", "o\ufb00 and on"),
        ("AB tests", "\uff21\uff22 tests"),
        ("\u5f00\u59cb\u4e86", "\u5f00\n\u59cb\u4e86"),
    ],
)
def test_a_quote_is_found_and_what_stands_there_is_shown(quote: str, stands: str) -> None:
    found = PAGE.locate(quote)
    assert found is not None
    assert PAGE.text[slice(*found)] == stands


@pytest.mark.parametrize(
    "quote", ["of and", "o", "con", "dent", "manage", "ment of", "fice", "people Other", "years AB", ""]
)
def test_parts_of_words_and_words_on_both_sides_of_a_blank_line_are_not_found(quote: str) -> None:
    assert PAGE.locate(quote) is None


LETTERS = st.text("ab-\n\ufb01\ufb03\u00df\u6211. ", max_size=40)


@given(LETTERS, st.integers(0, 40), st.integers(1, 40))
def test_whatever_stands_there_is_found_as_it_stands(letters: str, start: int, length: int) -> None:
    page = PagedText(text=normalised(f"word {letters} word"))
    start = min(start, len(page.text) - 1)
    words = page.text[start : start + length]
    alone = (start == 0 or page.text[start - 1] == " ") and page.text[start + length : start + length + 1] in ("", " ")
    if not alone or "\n\n" in words or not words.split():
        return
    found = page.locate(words)
    assert found is not None
    assert page.text[slice(*found)].split()[0][:1] == words.split()[0][:1]


def test_characters_count_where_there_are_no_spaces_between_words() -> None:
    assert word_count("three words here") == 3
    assert word_count("\u6211\u4eec\u5f00\u59cb\u4e86\u8fd9\u4e2a and two") == 5
