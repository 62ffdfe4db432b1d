"""What was asked in a call: by the words of a question, and by its meaning, since few people read a question out.

What is clear counts as asked, what is likely as perhaps asked, with the words that make it so. Only what is neither may
be told as not asked.
"""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import Stemmer

from domain.evidence.drafts import Topic
from language.embeddings import MOST, Embeddings
from language.passages import FEWEST_ASKING_CLEARLY, Numbers, Window, cosines, sentences, stems

_AT_ONCE = 3
"""Sentences that are one question at most: "And on the day you hired her, what did she look like? On paper." """

_FEWEST_WORDS = 3
_SHARED_WORDS = 2
_A_SHARED_WORD = 0.1
# Found by trying them on one job of the evaluation corpus, as those of `language.passages`.
_POINT_ASKED, _POINT_PERHAPS = 0.65, 0.56
_QUESTION_ASKED, _QUESTION_PERHAPS = 0.75, 0.67


class Put(NamedTuple):
    """Where something is asked, and whether that is sure."""

    start: int
    end: int
    sure: bool


class Asking:
    """All that is said by those who ask, to be asked what of it puts which question."""

    def __init__(self, text: str, windows: Sequence[Window], embeddings: Embeddings | None = None) -> None:
        """Cut the windows into sentences, and each few that follow each other. Without embeddings words alone tell."""
        self._windows = windows
        self._stemmer = Stemmer.Stemmer("english")
        self._whole = [self._stems(text[each.start : each.end]) for each in windows]
        self._embeddings = embeddings
        self._spans = list(chain.from_iterable(_spans(text, each) for each in windows)) if embeddings else []
        if embeddings is None or not 0 < len(self._spans) <= MOST:
            self._embeddings, self._spans = None, []
        self._words = [text[start:end] for start, end in self._spans]
        self._said = [self._stems(words) for words in self._words]

    def points(self, topics: Sequence[Topic]) -> list[Put | None]:
        """Where each point of an agenda is asked, if it is. What is said counts for the point it is nearest to."""
        wordings = [(topic.text, *topic.also) for topic in topics]
        if self._embeddings is None:
            return [self._by_words(self._stems(" ".join(each)), _SHARED_WORDS) for each in wordings]
        near = self._near(wordings) + self._shared(wordings)
        near = np.where(near == near.max(axis=0), near, 0)
        return [self._nearest(each, _POINT_ASKED) or self._nearest(each, _POINT_PERHAPS, sure=False) for each in near]

    def questions(self, questions: Sequence[str]) -> list[Put | None]:
        """Where each question of a kit is put, if it is.

        It surely is where half its words are said at once, or what means the same; perhaps where something is said that
        is near to one of its sentences.
        """
        put = [self._by_half_the_words(self._stems(each)) for each in questions]
        if self._embeddings is None or not questions:
            return put
        whole = [(each,) for each in questions]
        parts = [(each, *(each[slice(*place)] for place in sentences(each, 0, len(each)))) for each in questions]
        near, nearly = self._near(whole), self._near(parts) + self._shared(parts)
        return [
            (by_words if by_words and by_words.sure else None)
            or self._nearest(means, _QUESTION_ASKED)
            or self._nearest(likely, _QUESTION_PERHAPS, sure=False)
            or by_words
            for by_words, means, likely in zip(put, near, nearly, strict=True)
        ]

    def _by_half_the_words(self, wanted: frozenset[str]) -> Put | None:
        """Where half of them are said. Few words make no question sure, and one none likely that meaning can tell."""
        half = (len(wanted) + 1) // 2
        if half < (_SHARED_WORDS if self._embeddings else 1):
            return None
        put = self._by_words(wanted, half)
        return put and put._replace(sure=half >= FEWEST_ASKING_CLEARLY)

    def _by_words(self, wanted: frozenset[str], fewest: int) -> Put | None:
        shared = [len(wanted & each) for each in self._whole]
        most = max(shared, default=0)
        if most < fewest:
            return None
        window = self._windows[shared.index(most)]
        return Put(window.start, window.end, sure=True)

    def _near(self, wordings: Sequence[Sequence[str]]) -> Numbers:
        """For each question, in one or several wordings, how near each span is to the nearest of them."""
        assert self._embeddings is not None
        rows = self._embeddings.embed([*self._words, *chain.from_iterable(wordings)])
        meanings = np.split(rows[len(self._words) :], np.cumsum([len(each) for each in wordings])[:-1])
        return np.array([cosines(rows[: len(self._words)], each).max(axis=1) for each in meanings])

    def _shared(self, wordings: Sequence[Sequence[str]]) -> Numbers:
        """For each question, what the words count that each span has of it."""
        wanted = [self._stems(" ".join(each)) for each in wordings]
        return np.array(
            [[_A_SHARED_WORD * min(_SHARED_WORDS, len(words & each)) for each in self._said] for words in wanted]
        )

    def _nearest(self, near: Numbers, enough: float, sure: bool = True) -> Put | None:
        n = int(near.argmax())
        return Put(*self._spans[n], sure) if near[n] >= enough else None

    def _stems(self, text: str) -> frozenset[str]:
        return frozenset(stems(text, self._stemmer))


def _spans(text: str, window: Window) -> list[tuple[int, int]]:
    """Every sentence of a window, and each few that follow each other, but what is too short to ask anything."""
    said = list(sentences(text, window.start, window.end))
    spans = {
        (first[0], last[1]): None for many in range(_AT_ONCE) for first, last in zip(said, said[many:], strict=False)
    }
    return [(start, end) for start, end in spans if len(text[start:end].split()) >= _FEWEST_WORDS]
