"""Whether two names are one person's, in a spelling near enough.

Case, accents, the order of the words, titles and what stands in brackets do not count; an initial stands for a word,
and a long word may be misspelt. Fewer words may stand for more: "Ada" is "Ada Lin" where nobody else is meant.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from domain.core.source_text import in_form

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W_]+")
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "mme", "sr", "sra"})
_MISHEARD_FROM, _MISHEARD = 5, 0.85
"""From how many letters on a word of a name may be misspelt, and how much of it must be right (difflib's ratio).

A tool that types a call spells "Pettway" as "Petway" now and then; "Maria" and "Mario" stay two people.
"""


def same_name(one: str, other: str) -> bool:
    """Whether the two may be the same person's names; of what has no letters, whether they are the same."""
    mine, theirs = words_of_a_name(one), words_of_a_name(other)
    if not mine or not theirs:
        return one.strip() == other.strip()
    return _same(mine, theirs)


def bearing(speakers: Iterable[str], names: Iterable[str]) -> frozenset[str]:
    """Return those of `speakers` who bear one of `names`: every word of the shorter stands in the longer."""
    wanted = [words for name in names if (words := words_of_a_name(name))]
    return frozenset(speaker for speaker in speakers if any(_same(words_of_a_name(speaker), words) for words in wanted))


def bears(label: str, name: str) -> bool:
    """Whether `label` bears `name` by a whole word at least: an initial alone may be anybody's."""
    one, other = words_of_a_name(label), words_of_a_name(name)
    return _same(one, other) and any(
        len(word) > 1 and len(against) > 1 and _agree(word, against) for word in one for against in other
    )


def words_of_a_name(name: str) -> frozenset[str]:
    """The words of a name in their plain form, without titles and what is in brackets; none where it has no letters.

    Two spellings with the same words are the same name: what is looked up by them needs no comparing.
    """
    plain = in_form("NFD", _BRACKETED.sub(" ", name).casefold())
    words = frozenset(_WORD.findall("".join(each for each in plain if not unicodedata.combining(each))))
    return words - _TITLES or words


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    fewer, more = sorted((one, other), key=len)
    return bool(fewer) and all(any(_agree(word, against) for against in more) for word in fewer)


def _agree(word: str, against: str) -> bool:
    if word == against or (1 in (len(word), len(against)) and word[0] == against[0]):
        return True
    return min(len(word), len(against)) >= _MISHEARD_FROM and _alike(word, against) >= _MISHEARD


def _alike(word: str, against: str) -> float:
    matcher = SequenceMatcher(None, word, against, autojunk=False)
    # What lengths alone rule out is not compared letter by letter: a name in a file may be of any length.
    return matcher.ratio() if matcher.real_quick_ratio() >= _MISHEARD else 0.0
