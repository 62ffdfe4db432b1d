"""Pseudonyms for names, mail addresses, telephone numbers and links in text that leaves the machine.

Each person is one stand-in (`[Person A]`) under every form of their name; each address, number and link is one of its
own (`[mail A]`). What comes back is laid over the true text by offsets, so that a quote is always of the true text;
only a drafter's own words have their stand-ins put back. People who must stay unnamed even then (the colleague who
failed, the star) have an alias instead, which stays.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.evidence.text_rules import ALSO_WORDS

# What may be long is sought from its beginning only, and from elsewhere no further than such a thing is long (RFC 5321,
# 1035): sought from each of its characters on, one that has no end takes the square of its length. Elsewhere is where
# something else ended that is hidden, or behind a hyphen.
_MAIL = r"(?:(?<![\w.+%-])[\w.+%-]++|[\w.+%-]{1,64})@[\w-]++(?:\.[\w-]++)+"
_DOMAIN = r"(?:(?<![\w-])(?<![\w-]\.)\b(?:[\w-]++\.)+|\b(?:[\w-]{1,63}\.){1,10})"
_LINK = rf"(?:https?://|www\.)\S*[^\s.,;:!?)\]}}>\"']|{_DOMAIN}(?:com|org|net|io|dev|de|fr|uk|eu|me|co|ai)\b(?:/\S*[^\s.,;:!?)\]}}>\"'])?"
_PHONE = r"(?<![\w.,$\u20ac\u00a3+])(?:\+|00)?\(?\d(?:[ ()/.\u2011-]{0,2}\d){7,14}(?![\w%]|[.,]\d)"
_NO_PHONE = re.compile(r"(?:19|20)\d\d\W*(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d|\d\d?[./]\d\d?[./](?:19|20)\d\d")
_PSEUDONYM = re.compile(r"\[(?:Person|mail|phone|link|Former colleague|Colleague) [A-Z]{1,3}\]")
_WRITTEN = re.compile(rf"\[?(?P<label>{_PSEUDONYM.pattern[2:-2]})\b\]?")
_DEFUSED = str.maketrans("[ ]", "(_)")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_IN_BRACKETS = re.compile(r"[(\[{<][^)\]}>]*[)\]}>]?")
_SHORTEST_PART = 2


def reaches_somebody(text: str) -> bool:
    """Whether a mail address, a link or a telephone number, or the stand-in of one, is in `text`."""
    return bool(re.search(rf"\[?\b(?:mail|phone|link) [A-Z]{{1,3}}\b|{_MAIL}|{_LINK}|{_PHONE}", text))


class _Piece(NamedTuple):
    """Characters from `sent` on in the text that is sent are those from `true` on in the true text, `same` or not."""

    sent: int
    true: int
    same: bool


class Hidden:
    """A text with stand-ins, and where each of its characters stands in the true text."""

    def __init__(self, text: str, pieces: list[_Piece], true_end: int) -> None:
        self.text = text
        self._pieces = pieces
        self._starts = [piece.sent for piece in pieces]
        self._true_end = true_end

    def true_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where characters `start` up to `end` of the text stand in the true text; stand-ins count whole."""
        first = self._pieces[bisect_right(self._starts, start) - 1]
        begins = first.true + (start - first.sent if first.same else 0)
        n = bisect_right(self._starts, max(end - 1, start)) - 1
        last = self._pieces[n]
        if last.same:
            return begins, last.true + (end - last.sent)
        return begins, self._pieces[n + 1].true if n + 1 < len(self._pieces) else self._true_end


class Pseudonyms:
    """One draft's stand-ins. `people` are names as far as known, `aliases` maps names to what stands for them for good.

    A name counts whole in any case, and each of its words alone; words of names that are ordinary words too ("Grace")
    count with their capital only. The same name is the same stand-in, in the order the names are given. What stands in
    brackets behind or within a name is no part of it.
    """

    def __init__(self, people: Iterable[str] = (), aliases: Mapping[str, str] = {}) -> None:
        self._true: dict[str, str] = {}
        self._given: dict[tuple[str, str], str] = {}
        self._count: Counter[str] = Counter()
        forms: dict[str, str] = {}
        for n, (name, alias) in enumerate(aliases.items()):
            label = f"[{alias} {_letters(n)}]"
            self._true[label] = f"{alias.lower()} {_letters(n)}"
            forms |= dict.fromkeys(_forms(name), label)
        named = dict.fromkeys(" ".join((_IN_BRACKETS.sub(" ", name).strip() or name).split()) for name in people)
        for n, name in enumerate(name for name in named if _WORD.search(name)):
            label = f"[Person {_letters(n)}]"
            self._true[label] = name
            for form in _forms(name):
                forms.setdefault(form, label)
        longest_first = sorted(forms, key=len, reverse=True)
        names = "|".join(_pattern(form) for form in longest_first)
        self._sought = re.compile(
            rf"(?P<mail>{_MAIL})|(?P<link>{_LINK})|(?P<phone>{_PHONE})" + (rf"|(?P<name>{names})" if names else "")
        )
        self._folded = {form.casefold(): label for form, label in forms.items()}

    def hide(self, text: str) -> Hidden:
        """Return `text` as it may leave: with stand-ins, and nothing in it that looks like one and is none."""
        text = _WRITTEN.sub(lambda forged: forged.group().translate(_DEFUSED), text)
        out: list[str] = []
        pieces = [_Piece(0, 0, True)]
        at = length = 0
        for match in self._sought.finditer(text):
            label = self._label(match)
            if label is None:
                continue
            out += [text[at : match.start()], label]
            length += match.start() - at
            pieces += [_Piece(length, match.start(), False), _Piece(length + len(label), match.end(), True)]
            length += len(label)
            at = match.end()
        out.append(text[at:])
        return Hidden("".join(out), pieces, len(text))

    def restore(self, text: str) -> str | None:
        """Return a drafter's words with every stand-in put back; None if there is one that stands for nobody."""
        if any(label not in self._true for label in _PSEUDONYM.findall(text)):
            return None
        return _WRITTEN.sub(lambda found: self._true.get(f"[{found['label']}]", found.group()), text)

    def _label(self, match: re.Match[str]) -> str | None:
        kind, value = match.lastgroup or "", match.group()
        if kind == "name":
            return self._folded[" ".join(value.split()).casefold()]
        if kind == "phone" and _NO_PHONE.fullmatch(value):
            return None
        key = (kind, value)
        if key not in self._given:
            self._given[key] = f"[{kind} {_letters(self._count[kind])}]"
            self._count[kind] += 1
            self._true[self._given[key]] = value
        return self._given[key]


def _letters(n: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    n += 1
    while n:
        n, digit = divmod(n - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _forms(name: str) -> list[str]:
    whole = " ".join(name.split())
    parts = [part for part in _WORD.findall(whole) if len(part) >= _SHORTEST_PART]
    return list(dict.fromkeys((whole, *parts)))


def _pattern(form: str) -> str:
    words = r"\s+".join(re.escape(word) for word in form.split())
    capital_only = form.title() in ALSO_WORDS or len(form) <= 3
    if capital_only and " " not in form:
        return rf"(?<!\w)(?:{re.escape(form.title())}|{re.escape(form.upper())})(?!\w)"
    return rf"(?<!\w)(?i:{words})(?!\w)"
