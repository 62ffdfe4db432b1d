"""Whose words in a call are evidence."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

from domain.core.source_text import in_form
from domain.evidence.transcript import UNKNOWN_SPEAKER, Transcript

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W_]+")
_MISHEARD_FROM, _MISHEARD = 5, 0.85
"""From how many letters on a word of a name may be misspelt, and how much of it must be right (difflib's ratio).

A tool that types a call spells "Pettway" as "Petway" now and then; "Maria" and "Mario" stay two people.
"""


class Speaking(NamedTuple):
    """Names as the transcript has them; `note` says so if they had to be guessed."""

    names: frozenset[str]
    note: str = ""


def the_candidate(transcript: Transcript, candidates: Iterable[str], others: Iterable[str]) -> Speaking:
    """Return who in a call speaks as the candidate.

    Who a person said it is; else whoever bears one of the names of `candidates`, in a spelling near enough; else
    everyone who bears none of `others`; else whoever says most, as candidates do. Words of a speaker whom the
    transcript does not know are nobody's.
    """
    if transcript.applicant is not None:
        return Speaking(frozenset({transcript.applicant}))
    known = [speaker for speaker in transcript.speakers if speaker != UNKNOWN_SPEAKER]
    named = _bearing(known, candidates)
    if named:
        return Speaking(named)
    askers = _bearing(known, others)
    if askers or not known:
        return Speaking(frozenset(known) - askers)
    said: Counter[str] = Counter()
    for turn in transcript.turns:
        said[turn.speaker] += turn.end - turn.start
    most = max(known, key=lambda speaker: said[speaker])
    note = f" The transcript does not say who the candidate is: {most} speaks most and was taken for them."
    return Speaking(frozenset({most}), note)


def everyone_but(transcript: Transcript, askers: Iterable[str]) -> frozenset[str]:
    """Return everyone in a call who bears none of the names of `askers`; all of them if no one would be left."""
    everyone = frozenset(transcript.speakers)
    return everyone - _bearing(everyone, askers) or everyone


def bears(speaker: str, name: str) -> bool:
    """Whether a speaker is called by this name, in a spelling near enough."""
    return bool(_bearing([speaker], [name]))


def _bearing(speakers: Iterable[str], names: Iterable[str]) -> frozenset[str]:
    wanted = [words for name in names if (words := _words(name))]
    return frozenset(speaker for speaker in speakers if any(_same(_words(speaker), words) for words in wanted))


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


def _words(name: str) -> frozenset[str]:
    plain = in_form("NFD", _BRACKETED.sub(" ", name).casefold())
    return frozenset(_WORD.findall("".join(each for each in plain if not unicodedata.combining(each))))
