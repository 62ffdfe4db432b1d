"""What was said in a call, by whom and when, as one normalised text that offsets point into.

A normalised text is NFC, with LF line ends, single spaces, no space at the ends of a line, at most one blank line in
a row, and no control or invisible format characters. A transcript's text holds what was said and nothing else: one
line a turn, the speaker's name in the turn and not in the text, so that no quote can begin in a name.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.core.source_text import SourceText, Span, normalised

UNKNOWN_SPEAKER = "Unknown speaker"
"""Stands for whoever a file gives words of, but no name."""


class TimeMark(NamedTuple):
    """The recording stood at `ms` milliseconds when the character at `at` was said."""

    at: int
    ms: int


class Turn(BaseModel):
    """What one speaker said until another spoke: characters `start` up to, not including, `end` of the text.

    Milliseconds are from the start of the recording and None where the file gives none. `marks` are the further
    times inside a long turn, in order. A file that notes the time only now and then gives each turn the last time
    noted before it. `label` is what the file calls the speaker, where a person named them otherwise; it is not stored.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})

    speaker: str = Field(min_length=1)
    start: int
    end: int
    start_ms: int | None = None
    end_ms: int | None = None
    marks: tuple[TimeMark, ...] = ()
    label: str | None = Field(default=None, exclude=True)

    def ms_at(self, at: int) -> int | None:
        """Return the last time known at or before the character `at`."""
        following = bisect_right(self.marks, at, key=lambda mark: mark.at)
        return self.marks[following - 1].ms if following else self.start_ms


class Utterance(NamedTuple):
    """A stretch of speech as a file gives it: one cue, or one line. Milliseconds as in `Turn`."""

    speaker: str
    words: str
    start_ms: int | None = None
    end_ms: int | None = None


class SpokenWords(NamedTuple):
    """Words from a transcript, with who said them and when (milliseconds, if the file says)."""

    words: str
    speaker: str
    start_ms: int | None


class Question(BaseModel):
    """What a file does not say, so that a person has to before the transcript counts.

    `who_is`: a label that names nobody one could know ("SPEAKER_00", a telephone number). `is_a_speaker`: what stands
    before a colon, too seldom to tell; its words stay in the text, in a turn of their own. `who_spoke`: speech without
    a label (`speaker` is None then). `not_understood`: lines that are neither speech nor anything a tool writes; they
    are turns of nobody. `lines` are some of them as the file has them, `count` how many there are.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})

    kind: Literal["who_is", "is_a_speaker", "who_spoke", "not_understood"]
    speaker: str | None = None
    lines: tuple[str, ...] = ()
    count: int = 1


class LeftOut(NamedTuple):
    """Characters of a file that are no speech: of what kind, in how many pieces."""

    kind: Literal["label", "time", "furniture", "repeated"]
    pieces: int
    characters: int


class Transcript(SourceText):
    """A call's turns in order; line n of the text is turn n.

    `tool` is how the file was read ("Zoom, WebVTT"), `left_out` what of it is in no turn, `questions` what has to be
    answered before anybody's words count. Once a person said who speaks, `named` gives it with their names;
    `applicant` is then the one under which the applicant speaks, where they said so. That is not stored with it.
    """

    turns: tuple[Turn, ...] = Field(min_length=1)
    tool: str = ""
    left_out: tuple[LeftOut, ...] = ()
    questions: tuple[Question, ...] = ()
    applicant: str | None = Field(default=None, exclude=True)

    @classmethod
    def of(cls, utterances: Iterable[Utterance]) -> Self:
        """Build a transcript from speech in the order it was spoken.

        Utterances without words are passed over, and neighbours by the same speaker joined into one turn. Raises
        pydantic's ValidationError if nothing was said or a speaker has no name.
        """
        said = (heard._replace(words=" ".join(normalised(heard.words).split())) for heard in utterances)
        lines: list[str] = []
        turns: list[Turn] = []
        start = 0
        for speaker, heard in groupby((one for one in said if one.words), key=attrgetter("speaker")):
            stretch = list(heard)
            marks: list[TimeMark] = []
            at, last_ms = start, stretch[0].start_ms
            for one in stretch:
                if one.start_ms is not None and one.start_ms != last_ms:
                    marks.append(TimeMark(at, one.start_ms))
                    last_ms = one.start_ms
                at += len(one.words) + 1
            ends_ms = [one.end_ms for one in stretch if one.end_ms is not None]
            turns.append(
                Turn(
                    speaker=speaker,
                    start=start,
                    end=at - 1,
                    start_ms=stretch[0].start_ms,
                    end_ms=max(ends_ms, default=None),
                    marks=tuple(marks),
                )
            )
            lines.append(" ".join(one.words for one in stretch))
            start = at
        return cls(text="\n".join(lines), turns=tuple(turns))

    @model_validator(mode="after")
    def _one_line_a_turn(self) -> Self:
        ends = [turn.end for turn in self.turns]
        if self.turns[0].start != 0 or ends[-1] != len(self.text):
            raise ValueError("the turns do not cover the text")
        if any(following.start != turn.end + 1 for turn, following in pairwise(self.turns)):
            raise ValueError("the turns do not follow each other")
        if [at for at, character in enumerate(self.text) if character == "\n"] != ends[:-1]:
            raise ValueError("a turn is not one line")
        return self

    @cached_property
    def _starts(self) -> list[int]:
        return [turn.start for turn in self.turns]

    @property
    def speakers(self) -> tuple[str, ...]:
        """Everyone who speaks, in the order they first do."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns))

    @property
    def labels(self) -> tuple[str, ...]:
        """What the file calls those who speak, in the order they first do; a speaker's number is their place here."""
        return tuple(dict.fromkeys(turn.label or turn.speaker for turn in self.turns))

    @property
    def unanswered(self) -> tuple[int, ...]:
        """The numbers of the speakers that questions are asked about."""
        asked = {question.speaker or UNKNOWN_SPEAKER for question in self.questions}
        return tuple(number for number, label in enumerate(self.labels) if label in asked)

    def named(self, names: Mapping[int, str | None], applicant: str | None = None) -> Self:
        """The same words with the speakers of these numbers called by these names; what was asked of them is answered.

        Without a name it is whoever spoke before. Offsets stay.
        """
        labels = self.labels
        known = {labels[number]: name for number, name in names.items() if number < len(labels)}
        turns: list[Turn] = []
        for turn in self.turns:
            label = turn.label or turn.speaker
            if label in known:
                before = turns[-1].speaker if turns else UNKNOWN_SPEAKER
                turn = turn.model_copy(update={"speaker": known[label] or before, "label": label})
            turns.append(turn)
        asked = tuple(one for one in self.questions if (one.speaker or UNKNOWN_SPEAKER) not in known)
        return self.model_copy(update={"turns": tuple(turns), "questions": asked, "applicant": applicant})

    def turn_at(self, at: int) -> Turn:
        """Return the turn that the character `at` belongs to. Raises ValueError outside the text."""
        if not 0 <= at < len(self.text):
            raise ValueError("the offset lies outside the text")
        return self.turns[bisect_right(self._starts, at) - 1]

    def speaker_at(self, at: int) -> str:
        """Return who says the character `at`. Raises ValueError outside the text."""
        return self.turn_at(at).speaker

    def quote(self, span: Span) -> SpokenWords:
        """Return the words of `span` with their speaker and time.

        Raises ValueError if the span reaches past the text or over the end of a turn: no one said such words.
        """
        words = self.words(span)
        turn = self.turn_at(span.start)
        if span.end > turn.end:
            raise ValueError("the span runs over the end of a turn")
        return SpokenWords(words, turn.speaker, turn.ms_at(span.start))
