"""Whose names a draft must not carry on: the colleague who failed and the star, as an intake speaks of them."""

import re
from collections.abc import Iterable

from domain.evidence.resume import Resume
from domain.evidence.transcript import Transcript

FAILED, STAR = "Former colleague", "Colleague"

_NAME = re.compile(r"(?<![.!?]\s)(?<!^)(?<=\s)[A-Z][a-z\u00c0-\u024f]+(?:[A-Z][a-z]+)?(?!\w)")
_OF_A_PERSON = re.compile(r"\b(?:s?he|they|him|her|his|hers|their|them|hired|fired|left|guy|woman|person)\b", re.I)
_AFTER_A_PLACE_WORD = re.compile(r"\b(?:at|from|in|for|on|to|into|use|used|using|via|of|near|around)\s$", re.I)
_LONGEST_PLACE_WORD = 12
"""Characters before a name that tell whether a place word stands there; from the beginning is the square."""
_NEVER = frozenset(
    {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"}
    | {"December", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Christmas", "Easter"}
    | {"English", "German", "French", "Spanish", "Excel", "Slack", "Google"}
)
_HEADING = re.compile(r"[^\W\d_][\w.'\u2019-]*(?: [^\W\d_][\w.'\u2019-]*){1,3}")


def named_in(transcript: Transcript, places: Iterable[tuple[int, int]], speakers: Iterable[str]) -> list[str]:
    """Return the names of people, the speakers aside, in these places of a call, in the order they are met.

    A name is a word with a capital inside a sentence that the call never says in lower case, nor only after "at" or
    "from", near words about a person. To take a product for a person costs nothing: it only has an alias then.
    """
    said = " ".join(speakers).casefold().split()
    lower = set(re.findall(r"\b[a-z\u00e0-\u024f]+\b", transcript.text))
    found: dict[str, None] = {}
    for start, end in places:
        words = transcript.text[start:end]
        if not _OF_A_PERSON.search(words):
            continue
        for match in _NAME.finditer(words):
            name = match.group()
            known = name in _NEVER or name.lower() in lower or name.casefold() in said
            if not known and not _AFTER_A_PLACE_WORD.search(
                words, max(match.start() - _LONGEST_PLACE_WORD, 0), match.start()
            ):
                found[name] = None
    return list(found)


def heading(resume: Resume) -> tuple[str, ...]:
    """Return the name at the head of a résumé: its first line, if that is two to four words and nothing else."""
    first = resume.text.partition("\n")[0].strip()
    return (first,) if _HEADING.fullmatch(first) else ()
