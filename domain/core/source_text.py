"""A normalised text that words are quoted from, and the spans that point into it.

A normalised text is NFC, with LF line ends, single spaces, no space at the ends of a line, at most one blank line in
a row, and no control or invisible format characters.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from itertools import groupby
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Zero-width joiner and non-joiner are not here: Persian, Hindi and emoji are spelt with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_BLANKS_AT_LINE_ENDS = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
# No letter that is written has as many marks as this (UAX #15, "Stream-Safe Text Format"). The two half-width marks
# are letters to Python.
_MANY_MARKS = re.compile(r"(?:[^\w\s\x00-\x7f]|[\uff9e\uff9f]){31,}+")

TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4\u0060", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)
_JOINING_LETTERS = frozenset("'\u2019\u02bc-\u2010\u2011")
_JOINING_DIGITS = frozenset(".,/:\u2013\u2212")
# Scripts written without spaces, where a quote may begin and end at any character.
UNSPACED = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_UNSPACED = re.compile(UNSPACED)
_CHARACTERS_A_WORD = 2


def normalised(text: str) -> str:
    """Return `text` in the form that every offset in Tandem counts in; doing it twice changes nothing more."""
    text = in_form("NFC", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))
    text = _BLANKS_AT_LINE_ENDS.sub("\n", _BLANKS.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def word_count(text: str) -> int:
    """Return how many words there are; where a script has no spaces between them, two characters count as one."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub("", text).split()) + unspaced // _CHARACTERS_A_WORD


def in_form(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """Return what `unicodedata.normalize` returns, in time that grows with the text and not with its square.

    The library puts the marks of one letter in order by insertion; so many that it matters are put in order before.
    """

    def ordered(marks: re.Match[str]) -> str:
        apart = (unicodedata.normalize("NFKD" if form == "NFKC" else "NFD", mark) for mark in marks.group())
        runs = groupby("".join(apart), key=lambda character: unicodedata.combining(character) > 0)
        return "".join(
            character
            for is_marks, run in runs
            for character in (sorted(run, key=unicodedata.combining) if is_marks else run)
        )

    return unicodedata.normalize(form, _MANY_MARKS.sub(ordered, text))


class Span(BaseModel):
    """Characters `start` up to, not including, `end` of a document's normalised text."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})

    document: str = Field(min_length=1)
    start: int = Field(ge=0)
    end: int

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if self.end <= self.start:
            raise ValueError("a span ends after it starts")
        return self


class SourceText(BaseModel):
    """A normalised text that words are quoted from."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})

    text: str

    @model_validator(mode="after")
    def _is_normalised(self) -> Self:
        if self.text != normalised(self.text):
            raise ValueError("the text is not normalised")
        return self

    @cached_property
    def _folded(self) -> str:
        return fold(self.text)

    def words(self, span: Span) -> str:
        """Return the characters of `span`. Raises ValueError if it reaches past the end of the text."""
        if span.end > len(self.text):
            raise ValueError("the span reaches past the end of the text")
        return self.text[span.start : span.end]

    def locate(self, quote: str) -> tuple[int, int] | None:
        """Return where `quote` first stands in the text, word for word, as (start, end), or None.

        Tolerated, and nothing else: how much white space stands between two words, and around the quote; upper or
        lower case, character by character; typographic for plain quotation marks, apostrophes and dashes;
        characters that normalising removes. Words may not be missing, added or changed, nor begin or end inside a
        word or a number ("can" is not in "can't", nor "5 years" in "1.5 years"). Never across two turns of a
        transcript, nor across a blank line.
        """
        sought = fold(" ".join(normalised(quote).split()))
        if not sought:
            return None
        for start in places(sought, self._folded):
            end = start + len(sought)
            if not splits_word(self.text, start) and not splits_word(self.text, end):
                return start, end
        return None


def places(sought: str, text: str) -> Iterator[int]:
    """Yield every place where `sought` begins in `text`, in order, overlapping ones too.

    `str.find` from each place to the next compares as much again as it found (17 s for one letter over and over); so
    once the first place will not do, Knuth, Morris and Pratt take over, who look at each character once or twice.
    """
    first = text.find(sought)
    if first < 0:
        return
    yield first
    borders = [0]
    held = 0
    for character in sought[1:]:
        while held and sought[held] != character:
            held = borders[held - 1]
        held += sought[held] == character
        borders.append(held)
    held = borders[-1]
    for end in range(first + len(sought), len(text)):
        character = text[end]
        while held and (held == len(sought) or sought[held] != character):
            held = borders[held - 1]
        held += sought[held] == character
        if held == len(sought):
            yield end - held + 1


def fold(text: str) -> str:
    """Return `text` in lower case, with plain quotation marks, apostrophes and dashes; as long as it was."""
    plain = text.translate(TYPOGRAPHIC)
    folded = plain.casefold()
    if len(folded) == len(plain):
        return folded
    # Offsets in the folded text must be offsets in the text, so a character that would grow ("ß") stays as it is.
    return "".join(small if len(small := character.casefold()) == 1 else character for character in plain)


def splits_word(text: str, at: int) -> bool:
    """Whether the words before and after the character `at` are one, or parts of one number."""
    if at <= 0 or at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if _in_word(before) and _in_word(after):
        return not (_UNSPACED.match(before) or _UNSPACED.match(after))
    if after.isalnum():
        outside, sign, inside = text[at - 2 : at - 1], before, after
    else:
        outside, sign, inside = text[at + 1 : at + 2], after, before
    if sign in _JOINING_LETTERS:
        return outside.isalnum() and inside.isalnum()
    return sign in _JOINING_DIGITS and outside.isdigit() and inside.isdigit()


def _in_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")
