"""Plain text in which every speech begins with who speaks, as Google Meet, Otter and people write it.

Understood, alone or mixed: "Name: text"; "[00:01:02] Name: text" and "Name (00:01:02): text"; a line "Name  00:01:02"
with the text below it; a line with nothing but a time, as Meet puts one every few minutes.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from documents.speakers import labelled, names
from domain.evidence.transcript import Utterance

_TIME = r"[\[(]?(?P<time>\d{1,2}(?::\d{2}){1,2})(?:[.,]\d{1,3})?[\])]?"
_TIME_ALONE = re.compile(rf"{_TIME}$")
_TIME_FIRST = re.compile(rf"{_TIME}\s*[-\u2013\u2014]?\s*(?=\D)")
_NAME_AND_TIME = re.compile(
    rf"(?P<name>[^\W\d_][^:\uff1a\n]{{0,59}}?)\s*[-\u2013\u2014,]?\s+{_TIME}\s*(?P<colon>:?)(?P<words>.*)$"
)
_MEET_SAYS = re.compile(r"Transcription ended after \d|This editable transcript was computer generated")


class _Line(NamedTuple):
    time_ms: int | None
    name: str | None
    words: str
    whole: str


def utterances(text: str) -> list[Utterance]:
    """Return what is said in a plain transcript, in order; nothing if no speaker is named.

    What stands before the first speech (title, date, who was invited) is left out; a line without a name goes on
    with the speech above it.
    """
    lines = [_parsed(" ".join(line.split())) for line in text.split("\n") if line.strip()]
    beginning = next((n for n, line in enumerate(lines) if line.time_ms == 0 and not line.whole), 0)
    lines = lines[beginning:]
    known = names(line.name for line in lines if line.name)
    return list(_speeches(lines, known))


def _speeches(lines: list[_Line], known: frozenset[str]) -> Iterator[Utterance]:
    speaker: str | None = None
    noted_ms: int | None = None
    for line in lines:
        if line.name in known:
            speaker = line.name
            noted_ms = noted_ms if line.time_ms is None else line.time_ms
            words = line.words
        elif not line.whole:
            noted_ms = line.time_ms
            continue
        else:
            words = line.whole
        if speaker is not None and words and not _MEET_SAYS.match(line.whole):
            yield Utterance(speaker, words, noted_ms)


def _parsed(line: str) -> _Line:
    if alone := _TIME_ALONE.match(line):
        return _Line(_milliseconds(alone["time"]), None, "", "")
    both = _NAME_AND_TIME.match(line)
    if both and (both["colon"] or not both["words"]):
        return _Line(_milliseconds(both["time"]), both["name"], both["words"].strip(), line)
    first = _TIME_FIRST.match(line)
    found = labelled(line[first.end() :] if first else line)
    if found is None:
        return _Line(None, None, "", line)
    return _Line(_milliseconds(first["time"]) if first else None, found[0], found[1], line)


def _milliseconds(time: str) -> int:
    seconds = 0
    for part in time.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds * 1000
