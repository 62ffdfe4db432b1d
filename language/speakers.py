"""Whose words in a call are evidence."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from domain.core.same_name import name_words, same_words
from domain.evidence.transcript import UNKNOWN_SPEAKER, Transcript


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
    wanted = [words for name in names if (words := name_words(name))]
    return frozenset(speaker for speaker in speakers if any(same_words(name_words(speaker), words) for words in wanted))
