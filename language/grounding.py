"""Word for word, or not at all: what a drafter says, held against the source before anybody sees it.

**Quotes.** The words given must stand in the source, in the same order and next to each other, inside one turn of a
transcript or one paragraph of a résumé. What is shown is always the source's own characters, never those given.
Tolerated between what is given and what stands there, and nothing else:

- upper or lower case; how much white space; typographic or plain quotation marks, apostrophes and dashes; characters
  that normalising removes (zero-width, directional and control characters, soft hyphens);
- punctuation between words, but for what belongs to a number (`80.5`, `$80k`, `20 %`, `-3`) or a word (`can't`);
- sounds of hesitation that stand in the source and were left out: um, umm, uh, uhm, er, erm, eh, ah, hm, hmm, mm, mhm;
- the second of two equal words in a row ("I I led"), left out;
- "you know" and "I mean" between two commas, dashes or ends of a turn, left out.

A word left out, added or changed otherwise refuses the quote, and so does an ellipsis for words in between: words from
two places are no quote. Words that stand in several places are taken from the place that was named, else refused.

**Statements.** What is said in a drafter's own words must rest on at least one passage; every number in it, in digits
or words, must stand in one of its passages, and so must every month, day of the week and name (any word with a capital
inside a sentence); and it denies something if and only if its passages do. That a statement says the opposite in other
words cannot be seen by rule: that is why every statement is shown with its words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from domain.core.source_text import SourceText, Span, normalised
from domain.evidence.drafts import Passage
from domain.evidence.resume import Resume
from domain.evidence.transcript import Transcript
from privacy.pseudonyms import Pseudonyms

FEWEST_WORDS, MOST_WORDS = 3, 90
"""How short and how long a quote may be."""

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4\u0060", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)
_TOKEN = re.compile(r"[$\u20ac\u00a3]?\d+(?:[.,:/]\d+)*[^\W\d_]*%?|[^\W\d_]+(?:'[^\W\d_]+)*|%")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HESITATION = re.compile(r"u+m+|u+h+m*|e+r+m*|e+h+|a+h+|h+m+|m{2,}|mh+m+")
_ASIDES = (("you", "know"), ("i", "mean"))
_BREAK = re.compile(r"[,;.!?\u2026-]")
_WALL = re.compile(r"\n\n|$")


class _Token(NamedTuple):
    word: str
    start: int
    end: int


class _Region(NamedTuple):
    """Where one quote may lie: a turn or a paragraph, as its tokens `first` up to, not including, `last`."""

    first: int
    last: int


def _tokens(text: str) -> list[_Token]:
    plain = text.translate(_PLAIN)
    tokens = []
    for match in _TOKEN.finditer(plain):
        if _UNSPACED.match(match.group()):
            tokens += [_Token(text[at], at, at + 1) for at in range(*match.span())]
        else:
            tokens.append(_Token(match.group().casefold(), *match.span()))
    signed = []
    for token in tokens:
        # A minus before a number belongs to it, a dash between two words does not.
        before = plain[max(token.start - 2, 0) : token.start]
        minus = token.word[0].isdigit() and (before == "-" or (before[-1:] == "-" and before[0].isspace()))
        signed.append(_Token("-" + token.word, token.start - 1, token.end) if minus else token)
    return signed


class Grounded:
    """A source that quotes are sought in. Reading it takes a while; each quote after that takes microseconds.

    With `pseudonyms` quotes are of the text as it was sent, with its stand-ins; what is returned is of the true text.
    """

    def __init__(self, document: str, source: SourceText, pseudonyms: Pseudonyms | None = None) -> None:
        self.document, self.source = document, source
        hidden = pseudonyms.hide(source.text) if pseudonyms else None
        self._all = _tokens(source.text if hidden is None else hidden.text)
        if hidden is not None and hidden.text != source.text:
            self._all = [_Token(word, *hidden.true_span(start, end)) for word, start, end in self._all]
        self._regions = list(self._cut())
        self._places: dict[str, list[int]] = {}
        for n, token in enumerate(self._all):
            self._places.setdefault(token.word, []).append(n)
        self._region_of = [n for n, region in enumerate(self._regions) for _ in range(region.first, region.last)]
        self._left_out = [self._tolerated(n, self._regions[self._region_of[n]].last) for n in range(len(self._all))]

    def quote(self, words: str, at: tuple[int, int] | None = None) -> Passage | None:
        """Return where `words` stand, with speaker and time, or None if they do not stand there as the module says.

        `at` are the characters they were said to stand in. Words of that turn or paragraph come first; else they must
        stand in the source exactly once.
        """
        sought = [token.word for token in _tokens(normalised(words))]
        if not FEWEST_WORDS <= len(sought) <= MOST_WORDS:
            return None
        found = list(self._beginnings(sought))
        if at is not None:
            near = [first for first in found if self._same_region(first, at)]
            found = [first for first in near if self._all[first].start >= at[0]][:1] or near[:1] or found
        if len(found) != 1:
            return None
        return self.passage(self._all[found[0]].start, self._all[self._end(sought, found[0]) - 1].end)

    def passage(self, start: int, end: int) -> Passage:
        """Return the characters `start` up to `end` with their speaker and time. Raises ValueError across turns."""
        span = Span(document=self.document, start=start, end=end)
        if isinstance(self.source, Transcript):
            said = self.source.quote(span)
            return Passage(span=span, words=said.words, speaker=said.speaker, start_ms=said.start_ms)
        return Passage(span=span, words=self.source.words(span))

    def _beginnings(self, sought: Sequence[str]) -> Iterator[int]:
        """Yield the tokens from which on `sought` stands, in order.

        Only the turns or paragraphs that have its rarest word are looked at, and each of their tokens once, from the
        last to the first: bit n of `stands` says whether words n and following of `sought` stand from there on. To try
        every beginning for itself takes the square of the length of a document that says one word over and over.
        """
        bits: dict[str, int] = {}
        for n, word in enumerate(sought):
            bits[word] = bits.get(word, 0) | 1 << n
        whole = 1 << len(sought)
        rarest = min((self._places.get(word, []) for word in bits), key=len)
        for number in dict.fromkeys(self._region_of[place] for place in rarest):
            first, last = self._regions[number]
            stands = [0] * (last - first) + [whole]
            for at in range(last - 1, first - 1, -1):
                here = bits.get(self._all[at].word, 0)
                stands[at - first] = ((stands[at - first + 1] | whole) >> 1) & here
                if skipped := self._left_out[at]:
                    stands[at - first] |= stands[at - first + skipped] & ~here & ~1 & ~whole
            yield from (at for at in range(first, last) if stands[at - first] & 1)

    def _end(self, sought: Sequence[str], first: int) -> int:
        """The token after the last one of `sought`, which stands from token `first` on."""
        at = first
        for n, word in enumerate(sought):
            while n and self._all[at].word != word:
                at += self._left_out[at]
            at += 1
        return at

    def _tolerated(self, at: int, last: int) -> int:
        """How many tokens from `at` on may be left out."""
        word = self._all[at].word
        if _HESITATION.fullmatch(word) or word == self._all[at - 1].word:
            return 1
        if at + 2 <= last and (word, self._all[at + 1].word) in _ASIDES:
            before = self.source.text[self._all[at - 1].end : self._all[at].start]
            after = self.source.text[self._all[at + 1].end : self._all[at + 2].start] if at + 2 < last else "."
            if _BREAK.search(before.translate(_PLAIN)) and _BREAK.search(after.translate(_PLAIN)):
                return 2
        return 0

    def _same_region(self, token: int, at: tuple[int, int]) -> bool:
        region = self._regions[self._region_of[token]]
        return self._all[region.first].start < at[1] and self._all[region.last - 1].end > at[0]

    def _cut(self) -> Iterable[_Region]:
        if isinstance(self.source, Transcript):
            ends = [turn.end for turn in self.source.turns]
        elif isinstance(self.source, Resume):
            ends = [match.start() for match in _WALL.finditer(self.source.text)]
        else:
            ends = [match.start() for match in re.finditer(r"\n|$", self.source.text)]
        first = 0
        for end in ends:
            last = first
            while last < len(self._all) and self._all[last].end <= end:
                last += 1
            if last > first:
                yield _Region(first, last)
            first = last


_SMALL = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "dozen": 12,
    "twice": 2,
    "double": 2,
    "doubled": 2,
    "both": 2,
    "thrice": 3,
    "triple": 3,
    "tripled": 3,
    "half": 0.5,
}
_ONE_OF = re.compile(
    r"\b(?:one|1) (?:year|month|week|day|hour|minute|person|people|engineer|report|team|time|percent|quarter)s?\b",
    re.I,
)
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SCALES = {"hundred": 100, "thousand": 1_000, "grand": 1_000, "million": 1_000_000, "k": 1_000, "m": 1_000_000}
_DATES = re.compile(
    r"\b(?:january|february|march|april|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b",
    re.I,
)
_NUMBER_WORD = re.compile(r"\d[\d.,]*|[^\W\d_]+")
_DENIES = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|cant|dont|didnt|wont|isnt|wasnt|doesnt"
    r"|unable|lack(?:s|ed|ing)?|\w+n't|fail(?:s|ed|ing)? to|refus(?:e|es|ed|ing)"
    r"|nicht|kein\w*|nie|niemals|nichts|ohne|ne|pas|jamais|rien|sans|nunca|sin|nada|tampoco|non|mai|senza|niente)\b",
    re.I,
)


def numbers(text: str) -> frozenset[float]:
    """Return every number in `text`, in digits or English words ("1,200", "80k", "twenty-five", "two hundred").

    "One" counts before a unit ("one year") and otherwise not, like "a": they are articles more often. "Both" and
    "twice" are 2, "half" is 0.5. Months and days are dates, see `dates`.
    """
    found: set[float] = {1.0} if _ONE_OF.search(text) else set()
    total, part, open_ = 0.0, 0.0, False

    def close() -> None:
        nonlocal total, part, open_
        if open_ and total + part != 1:
            found.add(total + part)
        total, part, open_ = 0.0, 0.0, False

    last_end = -1
    for match in _NUMBER_WORD.finditer(text.replace("-", " ").replace("\u2011", " ").lower()):
        word = match.group()
        if word[0].isdigit():
            close()
            value = _digits(word)
            part, open_ = value, True
            if value == 1:
                found.add(1.0)
        elif word in _SCALES and open_ and (word not in "km" or match.start() == last_end):
            scale = _SCALES[word]
            if scale == 100:
                part = (part or 1) * 100
            else:
                total, part = total + (part or 1) * scale, 0.0
        elif word in _SMALL:
            if not open_ or (part % 100 in _SMALL.values() and part % 100 != 0):
                close()
            part, open_ = part + _SMALL[word], True
        elif word in _TENS:
            if open_ and part % 100:
                close()
            part, open_ = part + _TENS[word], True
        elif word == "and" and open_ and part % 100 == 0 and (part or total):
            continue
        else:
            close()
        last_end = match.end()
    close()
    return frozenset(found)


def _digits(word: str) -> float:
    word = word.rstrip(".,")
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", word):
        return float(re.sub(r"[.,]", "", word))
    try:
        return float(word.replace(",", "."))
    except ValueError:
        return float(re.sub(r"\D", "", word))


def dates(text: str) -> frozenset[str]:
    """Return the months and days of the week in `text`, in lower case and the singular; "May" is no date."""
    return frozenset(match.group().lower().removesuffix("s") for match in _DATES.finditer(text))


def denies(text: str) -> bool:
    """Whether `text` denies something, by its words (English, and the commonest of four other languages)."""
    return bool(_DENIES.search(text.replace("\u2019", "'")))


_NAME = re.compile(r"(?<![.!?:\u2022\n\"'\u201c(])(?<!^) \(?([A-Z][\w&+#-]*|[A-Z]{2,})")
_EVERYDAY = frozenset({"I", "I'm", "I'd", "I've", "I'll", "OK", "Mr", "Ms", "Mrs", "Dr"})


def names(text: str) -> frozenset[str]:
    """Return the words of `text` that are written with a capital inside a sentence, in lower case; no dates."""
    found = {match.group(1) for match in _NAME.finditer(_DATES.sub("", text))} - _EVERYDAY
    return frozenset(word.casefold() for word in found)


def founded(text: str, words: str, known: str = "") -> bool:
    """Whether every number, date and name in `text` stands in `words`, or, for names, in what is `known` anyhow."""
    spoken = frozenset(token.word for token in _tokens(f"{words} {known}"))
    return (
        numbers(text) <= numbers(words)
        and dates(text) <= dates(words)
        and all(frozenset(token.word for token in _tokens(name)) <= spoken for name in names(text))
    )


def stands(text: str, words: str, known: str = "") -> bool:
    """Whether a statement stands up to the words it rests on; see the module for what is asked of it.

    `known` are words whose names may be said of anybody: the criterion's, the candidate's name.
    """
    return bool(text.strip()) and bool(words) and founded(text, words, known) and denies(text) == denies(words)
