"""Words as they are searched for: in lower case, without accents, in any script; and where in a text they stand.

A script that has no spaces between its words is searched by pairs of its characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from domain.core.source_text import UNSPACED, in_form

SHORTEST = 2
"""Letters of a word, or of its beginning, that can be searched for."""

LONGEST_BEGINNING = 10
"""Letters up to which every beginning of a name can be searched for; a longer one is its first ones."""

FEWEST_DIGITS = 6
"""Digits of a telephone number, from its end, by which it can be searched for."""

MOST_TERMS = 6
"""Words of a query that count."""

_LONGEST_WORD = 64
_APART = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h", "ŧ": "t"}
)
"""Letters with a stroke, and pairs in one: no accents that could be taken off."""

_WRITTEN_OUT = re.compile("[aou]\u0308")
_UNSPACED = re.compile(f"({UNSPACED}+)")
_NUMBER = re.compile(r"[+(]?\d[\d\s()./-]{4,}\d")


class Place(NamedTuple):
    """A word of a text, as it is searched for, and the characters at which it stands."""

    word: str
    start: int
    end: int


@lru_cache(maxsize=50_000)
def plain_word(word: str) -> str:
    """A word in lower case, without accents."""
    apart = in_form("NFD", in_form("NFKC", word).casefold())
    bare = "".join(each for each in apart if not unicodedata.combining(each))
    return in_form("NFC", bare.translate(_APART))


def words_in(text: str) -> Iterator[Place]:
    """Every word of a text that can be searched for, in order; of a script without spaces every pair of characters."""
    for run in _runs().finditer(text):
        at = run.start()
        for part in _UNSPACED.split(run.group()):
            if _UNSPACED.match(part):
                yield from _pairs(part, at)
            elif len(word := plain_word(part[:_LONGEST_WORD])) >= SHORTEST:
                yield Place(word, at, at + len(part))
            at += len(part)


def _pairs(run: str, at: int) -> Iterator[Place]:
    if len(run) == 1:
        yield Place(plain_word(run), at, at + 1)
    for n, (one, other) in enumerate(pairwise(run)):
        yield Place(plain_word(one + other), at + n, at + n + 2)


@cache
def _runs() -> re.Pattern[str]:
    """A letter or digit, and what follows of the same word, marks that belong to letters included; `C++`, `C#`."""
    marks = "".join(chr(n) for n in range(0x300, 0xFFFF) if unicodedata.category(chr(n))[0] == "M")
    return re.compile(rf"(?<!\w)[A-Za-z](?:\+\+|#)|[^\W_][^\W_{re.escape(marks)}]*(?:[{re.escape(marks)}]+[^\W_]*)*")


def beginnings_of_a_name(name: str) -> frozenset[str]:
    """All by which a name is found: the beginnings of each of its words, also as German writes them out (`Müller`,
    `Mueller`) and without an apostrophe (`O'Brien`, `obrien`)."""
    found: set[str] = set()
    for words in _spelt(name):
        found |= {one for word in words for one in _beginnings(word)}
    return frozenset(found)


def _spelt(name: str) -> Iterator[Iterable[str]]:
    yield (place.word for place in words_in(name))
    apart = in_form("NFD", name.casefold())
    if _WRITTEN_OUT.search(apart):
        yield (place.word for place in words_in(in_form("NFC", _WRITTEN_OUT.sub(lambda one: f"{one[0][0]}e", apart))))
    if "'" in name or "\u2019" in name:
        yield (place.word for place in words_in(name.replace("'", "").replace("\u2019", "")))


def _beginnings(word: str) -> Iterator[str]:
    if len(word) <= SHORTEST:
        yield word
    for length in range(SHORTEST, min(len(word), LONGEST_BEGINNING) + 1):
        yield word[:length]


def plain_address(address: str) -> str:
    """A mail address as it is searched for."""
    return in_form("NFC", address.casefold())


def ends_of_a_number(number: str) -> frozenset[str]:
    """All by which a telephone number is found: its last six digits and more, up to all of them."""
    digits = digits_of(number)
    return frozenset(digits[-length:] for length in range(FEWEST_DIGITS, len(digits) + 1))


def digits_of(number: str) -> str:
    """The digits of a number, in the figures of any script, without those with which a country or an area begins."""
    return "".join(str(unicodedata.decimal(each)) for each in number if each.isdecimal()).lstrip("0")


class Term(NamedTuple):
    """Something of a query that must be found: a `word`, an `address` or the `digits` of a number."""

    word: str = ""
    address: str = ""
    digits: str = ""

    @property
    def beginning(self) -> str:
        """As much of the word as a name is found by."""
        return self.word[:LONGEST_BEGINNING]


def terms_of(query: str) -> tuple[Term, ...]:
    """What a query asks for, each of which must be found; none where nothing in it can be searched for."""
    terms: dict[Term, None] = {}
    left = query
    for number in _NUMBER.findall(query):
        if len(digits := digits_of(number)) >= FEWEST_DIGITS:
            terms[Term(digits=digits)] = None
            left = left.replace(number, " ")
    for part in left.split():
        if "@" in part.strip("@"):
            terms[Term(address=plain_address(part.strip("<>,;")))] = None
        else:
            terms |= dict.fromkeys(Term(word=place.word) for place in words_in(part))
    return tuple(terms)[:MOST_TERMS]


def bears(name: str, terms: Iterable[Term]) -> bool:
    """Whether every term that is a word begins a word of this name."""
    found = [word for words in _spelt(name) for word in words]
    return all(any(word.startswith(term.word) for word in found) for term in terms)
