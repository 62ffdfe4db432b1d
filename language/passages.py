"""Passages of a source, and which of them bear on which topic.

BM25 over stems, of what a passage says and of the question it answers: people answer in other words than they are
asked in, and a core question says what the next minutes are about.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import bm25s
import numpy as np
import Stemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS

from domain.drafts import Topic
from domain.transcript import Resume, Transcript
from language.withheld import readable, withheld

Numbers = np.ndarray[Any, np.dtype[np.float64]]

_WINDOW_WORDS = 45
_FEWEST_WORDS = 7
_SENTENCE_END = re.compile(r"[.!?\u3002\uff01\uff1f]+[\"'\u201d\u2019)]*(?:\s+|(?<=[\u3002\uff01\uff1f]))")
_ITEM_END = re.compile(r"\n(?!\s*[a-z(])")
_CONTACT = re.compile(r"\S@\S|https?://|www\.|\(?\d{3}\)?[ -]\d{3}[ -]\d{4}")
_WORD = re.compile(r"[^\W_]+")
_COUNTED = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|half|days?|weeks?|months?"
    r"|years?|(?:mon|tues|wednes|thurs|fri)day|january|february|march|april|june|july|august|\w+(?:em|o)ber)\b",
    re.I,
)
_STOP_WORDS = frozenset(STOPWORDS_EN_PLUS) | frozenset(
    {"actually", "also", "basically", "could", "er", "get", "go", "going", "got", "hm", "hmm", "kind", "know", "let"}
    | {"like", "lot", "maybe", "mean", "mm", "oh", "ok", "okay", "one", "really", "right", "said", "say", "see"}
    | {
        "sorry",
        "sort",
        "stuff",
        "tell",
        "thanks",
        "thing",
        "things",
        "think",
        "uh",
        "um",
        "well",
        "would",
        "yeah",
        "yes",
    }
)
# Found by trying them on the sample search's calls, where 16 of 19 quotes that people chose are among the first five.
_ANSWERED = 2.0
_FURTHER_WORDS = 0.5
_KEPT_BY_THE_NEXT_QUESTION = 0.85
_KEPT_BY_A_QUESTION_ON_ANOTHER_TOPIC = 0.25
_CLEARLY_ASKED = 0.6
_TELLING_WORDS = 25
_COUNTING = 0.15


class Window(NamedTuple):
    """A few sentences that belong together; `question` is the place of the last one asked before, -1 if none was."""

    start: int
    end: int
    question: int = -1


class Found(NamedTuple):
    """A window that bears on a topic, and how much: comparable within one source, over its topics."""

    start: int
    end: int
    score: float


def of_speakers(transcript: Transcript, speakers: frozenset[str]) -> tuple[list[Window], list[str]]:
    """Cut what `speakers` say into windows, and gather what they are asked by anyone else.

    What is withheld (`language.withheld`) is in neither.
    """
    windows: list[Window] = []
    questions: list[str] = []
    places = withheld(transcript)
    for turn in transcript.turns:
        for first, last in readable(turn.start, turn.end, places):
            words = transcript.text[first:last]
            if turn.speaker in speakers:
                windows += [Window(start, end, len(questions) - 1) for start, end in cut(transcript.text, first, last)]
            elif "?" in words or len(words.split()) >= _FEWEST_WORDS:
                questions.append(words)
    return windows, questions


def of_resume(resume: Resume) -> list[Window]:
    """Cut a résumé into its items: lines, with those that only go on with the line above.

    Contact details are none, nor is what is withheld (`language.withheld`).
    """
    windows = []
    places = withheld(resume)
    for section in resume.sections:
        for first, last in readable(section.start, section.end, places):
            ends = [match.start() for match in _ITEM_END.finditer(resume.text, first, last)]
            for start, end in pairwise([first, *ends, last]):
                if _CONTACT.search(resume.text, start, end) is None:
                    windows += [Window(*piece) for piece in cut(resume.text, start, end)]
    return windows


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the sentences between `start` and `end` stand, as (start, end) without the space around them."""
    for first, last in pairwise([start, *(match.end() for match in _SENTENCE_END.finditer(text, start, end)), end]):
        if words := text[first:last].strip():
            begins = text.index(words, first)
            yield begins, begins + len(words)


def cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Gather sentences until a window is full. A sentence longer than two windows is cut between words."""
    first, last, count = start, start, 0
    for begins, ends in (piece for sentence in sentences(text, start, end) for piece in _pieces(text, *sentence)):
        words = len(text[begins:ends].split())
        if count >= _FEWEST_WORDS and count + words > _WINDOW_WORDS:
            yield first, last
            count = 0
        first, last, count = begins if count == 0 else first, ends, count + words
    if count:
        yield first, last


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    words = [match.span() for match in re.compile(r"\S+").finditer(text, start, end)]
    if len(words) <= 2 * _WINDOW_WORDS:
        yield start, end
        return
    for n in range(0, len(words), _WINDOW_WORDS):
        yield words[n][0], words[n : n + _WINDOW_WORDS][-1][1]


class Index:
    """Windows of one source, to be asked which of them bear on its topics."""

    def __init__(self, text: str, windows: Sequence[Window], questions: Sequence[str] = ()) -> None:
        """Index the windows by what they say and by the questions they may answer."""
        self._windows = windows
        self._stemmer = Stemmer.Stemmer("english")
        said = [text[window.start : window.end] for window in windows]
        self._said = _Bm25([self._stems(words) for words in said])
        self._asked = _Bm25([self._stems(words) for words in questions])
        self._asked_before = np.array([window.question for window in windows], dtype=int)
        self._telling = np.array(
            [
                min(1.0, len(words.split()) / _TELLING_WORDS) * (1 + _COUNTING * min(2, len(_COUNTED.findall(words))))
                for words in said
            ]
        )

    def best(self, topics: Sequence[Topic], limit: int) -> list[list[Found]]:
        """Return for each topic the windows that bear on it most, likeliest first; none that do not bear on it."""
        if not self._windows:
            return [[] for _ in topics]
        return [
            self._first(self._telling * (self._says(topic) + _ANSWERED * asked), limit)
            for topic, asked in zip(topics, self._threads(topics), strict=True)
        ]

    def _first(self, scores: Numbers, limit: int) -> list[Found]:
        order = np.argsort(-scores, kind="stable")[:limit]
        return [Found(self._windows[n].start, self._windows[n].end, float(scores[n])) for n in order if scores[n] > 0]

    def _says(self, topic: Topic) -> Numbers:
        further = [stem for words in topic.also for stem in self._stems(words)]
        return _to_one(self._said.scores(self._stems(topic.text)) + _FURTHER_WORDS * self._said.scores(further))

    def _threads(self, topics: Sequence[Topic]) -> list[Numbers]:
        """For each topic, how far each window still answers a question on it.

        A question on a topic opens a thread. Each further question weakens it, one that clearly asks for another
        topic nearly ends it.
        """
        asked = np.array([self._asks(topic) for topic in topics]).T
        threads = np.zeros((len(asked) + 1, len(topics)))
        for n, relevance in enumerate(asked):
            kept = np.full(len(topics), _KEPT_BY_THE_NEXT_QUESTION)
            if relevance.max(initial=0) > _CLEARLY_ASKED:
                kept[relevance < relevance.max()] = _KEPT_BY_A_QUESTION_ON_ANOTHER_TOPIC
            threads[n] = np.maximum(relevance, kept * threads[n - 1])
        # The row for "nothing was asked before" is the last one, which -1 points to, and stays zero.
        return list(threads[self._asked_before].T)

    def _asks(self, topic: Topic) -> Numbers:
        wordings = [stems for words in (topic.text, *topic.also) if (stems := self._stems(words))]
        return _to_one(
            np.max([self._asked.scores(stems) / len(stems) ** 0.5 for stems in wordings], axis=0, initial=0.0)
            if wordings
            else self._asked.scores([])
        )

    def _stems(self, text: str) -> list[str]:
        return stems(text, self._stemmer)


def stems(text: str, stemmer: Stemmer.Stemmer | None = None) -> list[str]:
    """Return the stems of the words in `text` that say something, in order."""
    words = [word for word in _WORD.findall(text.casefold()) if len(word) > 1 and word not in _STOP_WORDS]
    return list((stemmer or Stemmer.Stemmer("english")).stemWords(words))


class _Bm25:
    """The library's index, which cannot be made of nothing nor asked nothing."""

    def __init__(self, texts: list[list[str]]) -> None:
        self._count = len(texts)
        self._index = bm25s.BM25() if any(texts) else None
        if self._index is not None:
            self._index.index(texts, show_progress=False)

    def scores(self, stems: list[str]) -> Numbers:
        if self._index is None or not stems:
            return np.zeros(self._count)
        return np.asarray(self._index.get_scores(stems), dtype=np.float64)


def _to_one(scores: Numbers) -> Numbers:
    highest = scores.max(initial=0.0)
    return scores / highest if highest > 0 else scores
