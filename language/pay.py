"""The words in which a candidate says what pay they expect."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from domain.evidence.text_rules import pay_history
from domain.evidence.transcript import Transcript
from language.passages import Window, sentences

_TENS = "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_TEENS = r"(?:ten|eleven|twelve|\w+teen)"
_AMOUNT = re.compile(
    rf"[$\u20ac\u00a3]\s?\d|\b\d{{2,3}}(?:[.,]\d{{3}})*\s?k?\b|\b{_TENS}\b"
    rf"|\b(?:one|two|three)[- ](?:{_TENS}|{_TEENS}|hundred)\b|\b(?:hundred|thousand|grand)\b|\bsix figures\b",
    re.I,
)
_WANTS = re.compile(
    r"\b(?:expect\w*|look(?:ing)? for|hop(?:e|ing) for|aiming|want\w*|need|asking|happy (?:with|at|around|to)|target\w*"
    r"|ideal\w*|at least|no less|minimum|accept|settle|say yes|would do it|enough for me|come for)\b",
    re.I,
)
_PAY = re.compile(
    r"\b(?:pay|salary|base|compensation|comp|money|bonus|package|a year|grand|thousand|range|band|k)\b", re.I
)
_ASKED = re.compile(r"\b(?:pay|salary|compensation|comp|money|expectations?|range|band|number|looking for)\b", re.I)
_CLAUSE_END = re.compile(r"[,;:\u2013\u2014]\s+(?:so|and|but)?\s*|\s(?=(?:so|and|but)\s+(?:i|we|that)\b)", re.I)


class _Candidate(NamedTuple):
    weight: int
    start: int
    end: int


def expectation(transcript: Transcript, windows: list[Window], questions: list[str]) -> tuple[int, int] | None:
    """Return where the candidate last says most plainly what they expect, as (start, end), or None.

    Never words that say what they earn or earned: of a sentence with both, only the clauses without.
    """
    found = [stated for window in windows for stated in _stated(transcript.text, window, questions)]
    best = max(found, key=lambda stated: (stated.weight, stated.start), default=None)
    return (best.start, best.end) if best else None


def _stated(text: str, window: Window, questions: list[str]) -> Iterator[_Candidate]:
    asked = window.question >= 0 and bool(_ASKED.search(questions[window.question]))
    for start, end in sentences(text, window.start, window.end):
        for first, last in [(start, end)] if pay_history(text[start:end]) is None else _clauses(text, start, end):
            words = text[first:last]
            if not _AMOUNT.search(words) or pay_history(words) is not None:
                continue
            weight = 2 * bool(_WANTS.search(words)) + bool(_PAY.search(words)) + asked
            # An amount that somebody needs or wants is pay only if pay was asked for, or is named beside it.
            if weight > 2 or (weight == 2 and not _WANTS.search(words)):
                yield _Candidate(weight, first, last)


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    first = start
    for match in _CLAUSE_END.finditer(text, start, end):
        yield first, match.start()
        first = match.end()
    yield first, end
