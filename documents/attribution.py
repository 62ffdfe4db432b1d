"""Attribution: stretches of a file → who said what, what is asked about it, and what of the file is no speech."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from documents.speakers import Head, Heard, Verdict, is_diarised, is_nameless, judged, key
from domain.core.name_matching import bears
from domain.evidence.transcript import UNKNOWN_SPEAKER, LeftOut, Question, Utterance

Kind = Literal["label", "time", "furniture", "repeated"]

_MOST_LINES = 3
_LONGEST_LINE = 200
_BLANK = re.compile(r"\s+")


def written(text: str) -> int:
    """How many characters of `text` are to be seen."""
    return len(_BLANK.sub("", text))


class Account:
    """What of a file is in no turn: pieces and characters, blanks aside, of each kind."""

    def __init__(self) -> None:
        self._pieces: Counter[Kind] = Counter()
        self._characters: Counter[Kind] = Counter()

    def leaves_out(self, kind: Kind, characters: int) -> None:
        """Notes a piece of the file that nobody said."""
        if characters:
            self._pieces[kind] += 1
            self._characters[kind] += characters

    def left_out(self) -> tuple[LeftOut, ...]:
        """All of it, by kind."""
        kinds: tuple[Kind, ...] = ("label", "time", "furniture", "repeated")
        return tuple(LeftOut(kind, self._pieces[kind], self._characters[kind]) for kind in kinds if self._pieces[kind])


class Stretch(NamedTuple):
    """A piece of speech as it stands in the file.

    `words` is what is said if `head` names a speaker, `whole` all of it if it does not. Of what lies between the two,
    `time` characters are a time, the rest the label.
    """

    head: Head | None
    words: str
    whole: str
    start_ms: int | None = None
    end_ms: int | None = None
    time: int = 0
    cue: int = 0
    goes_on: bool = True
    """Without a head: whether whoever spoke before goes on, or it is nobody's."""
    odd: bool = False
    """Neither speech nor anything that a tool writes."""


class Said(NamedTuple):
    """What came of a file."""

    utterances: list[Utterance]
    questions: tuple[Question, ...]
    verdicts: dict[str, Verdict]


class _Asking:
    def __init__(self) -> None:
        self._lines: dict[tuple[str, str | None], list[str]] = {}
        self._counts: Counter[tuple[str, str | None]] = Counter()

    def about(self, kind: str, speaker: str | None, line: str) -> None:
        lines = self._lines.setdefault((kind, speaker), [])
        self._counts[kind, speaker] += 1
        if len(lines) < _MOST_LINES:
            lines.append(line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "\u2026")

    def questions(self) -> tuple[Question, ...]:
        return tuple(
            Question.model_validate({"kind": kind, "speaker": speaker, "lines": tuple(lines), "count": count})
            for (kind, speaker), lines in self._lines.items()
            for count in (self._counts[kind, speaker],)
        )


def heads(stretches: Iterable[Stretch]) -> list[Heard]:
    """Every label of a file in its place."""
    found: list[Heard] = []
    asked = False
    for one in stretches:
        if one.head is not None:
            found.append(Heard(one.head, asked))
        said = one.words if one.head else one.whole
        asked = said.rstrip("\"'\u201d\u2019) *").endswith(("?", "\uff1f", "\u061f", "\u037e")) if said else asked
    return found


def attributed(stretches: Sequence[Stretch], participants: Iterable[str], account: Account) -> Said:
    """Give each stretch its speaker.

    One that names nobody goes on with the last speaker, unless the file is one that names the speaker of every cue:
    there it is somebody whom the tool did not know.
    """
    people = tuple(participants)
    verdicts = judged(heads(stretches), people)
    shown: dict[str, str] = {}
    named = [_named(one, verdicts) for one in stretches]
    # Diarising tools name the speaker of each segment, or leave out whom they could not tell.
    always_named = _are_codes(stretches, named) or any(
        one is not None and one == other and before.cue != after.cue
        for (one, before), (other, after) in pairwise(zip(named, stretches, strict=True))
    )
    asking = _Asking()
    utterances: list[Utterance] = []
    current: str | None = None
    cue = None
    for stretch, verdict in zip(stretches, named, strict=True):
        words = stretch.whole
        asked = False
        if stretch.odd:
            asking.about("not_understood", None, stretch.whole)
            utterances.append(Utterance(UNKNOWN_SPEAKER, words, stretch.start_ms, stretch.end_ms))
            continue
        if verdict is not None and stretch.head is not None:
            current = shown.setdefault(verdict, stretch.head.label)
            if current == UNKNOWN_SPEAKER:
                current = None
            asked = verdicts[verdict] == "asked"
            if not asked:
                words = stretch.words
                account.leaves_out("time", stretch.time)
                account.leaves_out("label", written(stretch.whole) - written(stretch.words) - stretch.time)
        elif not stretch.goes_on or (always_named and stretch.cue != cue and stretch.cue):
            current = None
        cue = stretch.cue
        if not words:
            continue
        utterances.append(Utterance(current or UNKNOWN_SPEAKER, words, stretch.start_ms, stretch.end_ms))
        if current is None:
            asking.about("who_spoke", None, words)
        elif asked:
            asking.about("is_a_speaker", current, words)
        elif is_nameless(current) and not any(bears(current, person) for person in people):
            asking.about("who_is", current, words)
    return Said(utterances, asking.questions(), verdicts)


def _are_codes(stretches: Sequence[Stretch], named: Sequence[str | None]) -> bool:
    labels = [one.head.label for one, name in zip(stretches, named, strict=True) if name is not None and one.head]
    return bool(labels) and all(map(is_diarised, labels))


def _named(stretch: Stretch, verdicts: dict[str, Verdict]) -> str | None:
    if stretch.head is None:
        return None
    name = key(stretch.head.label)
    return name if verdicts.get(name, "words") != "words" else None
