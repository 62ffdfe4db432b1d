"""The folded form of a text laid out on pages, in which quotes are looked for, and the way back to what stands there.

Folded, a ligature is its letters, a line end is a space, and the hyphen that a word was broken with at a line end is
gone. Each such place is remembered, so that what is found is told in characters of the text as it is shown.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from typing import Literal, NamedTuple, Self

from domain.core.source_text import TYPOGRAPHIC, UNSPACED, fold, places, splits_word

Breaks = Literal["joined", "kept"]
"""What becomes of the hyphen of a word that is broken over a line end: a broken word has none ("manage-ment"), a
compound has one ("well-known"), and which of them it is nobody can see."""

_HYPHENS = "-\u2010\u2011"
_BROKEN = rf"(?<=[^\W\d_])[{_HYPHENS}][ \n](?=[^\W\d_])"
_BETWEEN_UNSPACED = rf"(?<={UNSPACED})\n(?={UNSPACED})"


class _Change(NamedTuple):
    """What stands at `start` up to `end` of the text stands at `folded_start` up to `folded_end` of the folded one."""

    start: int
    end: int
    folded_start: int
    folded_end: int


class FoldedText:
    """A text as `folded` for comparing; `shown` has the same length, in the letters and signs of the text itself."""

    def __init__(self, folded: str, shown: str, changes: list[_Change]) -> None:
        self._folded, self._shown, self._changes = folded, shown, changes
        self._starts = [change.folded_start for change in changes]

    @classmethod
    def of(cls, text: str, breaks: Breaks) -> Self:
        """Fold `text`, in time that grows with it and no faster."""
        compatible = {character: plain for character in set(text) if (plain := _compatible(character)) != character}
        several = "".join(re.escape(character) for character in compatible)
        pieces: list[str] = []
        changes: list[_Change] = []
        done, length = 0, 0
        pattern = "|".join((_BROKEN, _BETWEEN_UNSPACED, *([f"[{several}]"] if several else [])))
        for found in re.finditer(pattern, text):
            was = found.group()
            if was == "\n":
                becomes = ""
            elif was in compatible:
                becomes = compatible[was]
            else:
                becomes = "" if breaks == "joined" and text[found.end()].islower() else was[0]
            before = text[done : found.start()]
            length += len(before)
            changes.append(_Change(found.start(), found.end(), length, length + len(becomes)))
            pieces += (before, becomes)
            length += len(becomes)
            done = found.end()
        shown = "".join((*pieces, text[done:]))
        return cls(fold(shown).replace("\n", " "), shown, changes)

    def locate(self, sought: Self) -> tuple[int, int] | None:
        """Return where a folded quote first stands, as characters of the text itself, or None."""
        words = " ".join(sought._folded.split())
        if not words:
            return None
        for at in places(words, self._folded):
            start, end = self._start(at), self._end(at + len(words))
            whole = not splits_word(self._shown, at) and not splits_word(self._shown, at + len(words))
            if start is not None and end is not None and whole:
                return start, end
        return None

    def _start(self, at: int) -> int | None:
        """Where in the text the folded character `at` begins; None if that is inside of one."""
        n = bisect_right(self._starts, at) - 1
        if n < 0:
            return at
        change = self._changes[n]
        if at == change.folded_start < change.folded_end:
            return change.start
        return None if at < change.folded_end else change.end + at - change.folded_end

    def _end(self, at: int) -> int | None:
        """Where in the text the folded characters before `at` end; None if that is inside of one."""
        n = bisect_left(self._starts, at) - 1
        if n < 0:
            return at
        change = self._changes[n]
        return None if at < change.folded_end else change.end + at - change.folded_end


def _compatible(character: str) -> str:
    """The letters that a ligature, or another way to write a letter, stands for; else the character itself."""
    if character.isascii() or ord(character) in TYPOGRAPHIC:
        return character
    plain = unicodedata.normalize("NFKC", character)
    return plain if not any(letter.isspace() for letter in plain) else character
