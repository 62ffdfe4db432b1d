"""Passages of a source, and which of them bear on which topic.

BM25 over stems, of what a passage says and of the question it answers: people answer in other words than they are
asked in, and a core question says what the next minutes are about. Among the answers to a question those count more
that keep to the story told around them, that say what was done and who said what, and that count something. What bears
more on another topic counts less on this one, and no passage is found for two of them. In a résumé, what stands beside
a line that was found is about the same work; what was found in one breath, or in lines that follow each other, is one
passage.

Where there are embeddings, what lies clearly nearer to a topic than the rest of the source does counts as well,
whatever its words, and a question that means much the same as a core question is one.
"""

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any, NamedTuple

import bm25s
import numpy as np
import Stemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS

from domain.evidence.drafts import Topic
from domain.evidence.resume import Resume
from domain.evidence.transcript import Transcript
from language.embeddings import MOST, Embeddings, Vectors
from language.injection_filter import Place, readable

Numbers = np.ndarray[Any, np.dtype[np.float64]]

_WINDOW_WORDS = 75
_FEWEST_WORDS, _FEWEST_WORDS_OF_A_LINE = 7, 3
_SENTENCE_END = re.compile(
    r"(?<![.!?\u3002\uff01\uff1f])[.!?\u3002\uff01\uff1f]+[\"'\u201d\u2019)]*(?:\s+|(?<=[\u3002\uff01\uff1f]))"
)
_WALL = re.compile(r"\n\n")
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
_DONE = re.compile(
    r"\bI(?:'ve| have|'d| had)? (?!think\b|mean\b|guess\b|don't\b|know\b|would\b|like\b|can\b|am\b|suppose\b|remember\b"
    r"|want\b|hope\b)[a-z]+"
)
_TOLD = re.compile(r"\b(?:said|says|told|asked|wrote|called|answered)\b", re.I)
FEWEST_ASKING_CLEARLY = 3
"""Words of a question, fillers aside, that tell it from others."""

# Found by trying them on one job of the evaluation corpus (`make eval` reports the other one beside it).
_ANSWERED = 3.0
_FURTHER_WORDS = 1.0
_CLEARLY_ASKED = 0.5
_KEPT_BY_THE_NEXT_QUESTION = 0.99
_LOOSE, _KEPT_LOOSE = 0.9, 0.85
_KEPT_BY_A_QUESTION_ON_ANOTHER_TOPIC = 0.05
_TELLING_WORDS, _TELLING_WORDS_OF_A_RESUME = 35, 15
_COUNTING, _DOING, _TELLING, _AT_MOST = 0.2, 0.1, 0.1, 3
_STORY, _STORY_WINDOWS = 2.0, 20
_BESIDE = 0.5
_MEANT, _MEANT_IN_A_RESUME = 0.3, 0.7
_ASKED_IN_OTHER_WORDS, _BY_FAR, _AS_IF_SHARED = 0.5, 0.1, 0.8


class Window(NamedTuple):
    """A few sentences that belong together.

    `part` numbers the turn or paragraph they are in, `question` is the place of the last one asked before, -1 if none
    was.
    """

    start: int
    end: int
    part: int
    question: int = -1


class Found(NamedTuple):
    """A passage that bears on a topic, and how much: comparable within one source, over its topics."""

    start: int
    end: int
    score: float


class _Meant(NamedTuple):
    """By meaning: how much each window bears on each topic, and how near each question is to one of its wordings."""

    said: Numbers
    asked: Numbers


class _Gathered:
    """Windows that follow each other and are found for one topic."""

    def __init__(self, n: int, score: float) -> None:
        self._first = self._last = n
        self._score = score

    def take(self, n: int, windows: Sequence[Window], text: str) -> bool:
        """Take the window too, if it is the next on either side, nothing is between, and all stays short enough."""
        if n not in (self._first - 1, self._last + 1):
            return False
        first, last = min(self._first, n), max(self._last, n)
        before, after = (n, self._first) if n < self._first else (self._last, n)
        if windows[first].part != windows[last].part or text[windows[before].end : windows[after].start].strip():
            return False
        if len(text[windows[first].start : windows[last].end].split()) > _WINDOW_WORDS:
            return False
        self._first, self._last = first, last
        return True

    def found(self, windows: Sequence[Window]) -> Found:
        """The passage."""
        return Found(windows[self._first].start, windows[self._last].end, self._score)


def of_speakers(
    transcript: Transcript, speakers: frozenset[str], withheld: Sequence[Place]
) -> tuple[list[Window], list[str]]:
    """Cut what `speakers` say into windows, and gather what they are asked by anyone else.

    What is `withheld` (`language.injection_filter.prompt_injections`) is in neither.
    """
    windows: list[Window] = []
    questions: list[str] = []
    for part, turn in enumerate(transcript.turns):
        for first, last in readable(turn.start, turn.end, withheld):
            words = transcript.text[first:last]
            if turn.speaker in speakers:
                asked = len(questions) - 1
                windows += [Window(*piece, part, asked) for piece in cut(transcript.text, first, last)]
            elif "?" in words or len(words.split()) >= _FEWEST_WORDS:
                questions.append(words)
    return windows, questions


def of_resume(resume: Resume, withheld: Sequence[Place]) -> list[Window]:
    """Cut a résumé into its items: lines, with those that only go on with the line above.

    Contact details are none, nor headings, nor what is `withheld` (`language.injection_filter.prompt_injections`).
    """
    windows = []
    walls = [wall.end() for wall in _WALL.finditer(resume.text)]
    for section in resume.sections:
        for first, last in readable(section.start, section.end, withheld):
            ends = [match.start() for match in _ITEM_END.finditer(resume.text, first, last)]
            for start, end in pairwise([first, *ends, last]):
                if _CONTACT.search(resume.text, start, end) is None:
                    windows += [
                        Window(*piece, bisect_right(walls, piece[0]))
                        for piece in cut(resume.text, start, end)
                        if len(resume.text[slice(*piece)].split()) >= _FEWEST_WORDS_OF_A_LINE
                    ]
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

    def __init__(
        self,
        text: str,
        windows: Sequence[Window],
        questions: Sequence[str] = (),
        by_kit: bool = True,
        embeddings: Embeddings | None = None,
    ) -> None:
        """Index the windows by what they say and by the questions they may answer.

        `by_kit` says that core questions are read out, one after the other, each followed up for minutes.
        """
        self._embeddings = embeddings if len(windows) <= MOST else None
        self._by_kit, self._kept = by_kit, _KEPT_BY_THE_NEXT_QUESTION if by_kit else _KEPT_LOOSE
        self._text = text
        self._windows, self._questions = windows, questions
        self._stemmer = Stemmer.Stemmer("english")
        words = [text[window.start : window.end] for window in windows]
        first = {each.casefold(): n for n, each in reversed(list(enumerate(words)))}
        self._alike = [first[each.casefold()] for each in words]
        said = [self._stems(each) for each in words]
        asked = [frozenset(self._stems(each)) for each in questions]
        self._said = _Bm25(said)
        self._asked = asked
        self._rarity = _rarity([*map(frozenset, said), *asked])
        self._asked_before = np.array([window.question for window in windows], dtype=int)
        enough = _TELLING_WORDS if questions else _TELLING_WORDS_OF_A_RESUME
        self._telling = np.array([_long(each, enough) for each in words])
        if questions:
            concrete = np.array([_concrete(each) for each in words])
            self._telling *= 1 + concrete + _STORY * self._keeping_to_the_story(said)
        self._beside = [] if questions else list(_beside(windows))

    def best(self, topics: Sequence[Topic], limit: int, apart: bool = True) -> list[list[Found]]:
        """Return for each topic the passages that bear on it most, likeliest first; none that do not bear on it.

        If `apart`, none is found for two topics, nor its words at another place: it goes to the one it bears on most
        that has room for it.
        """
        if not self._windows or not topics:
            return [[] for _ in topics]
        meant = self._meant(topics)
        asked = self._threads(topics, meant.asked if meant else None)
        bears = np.array([self._says(topic) for topic in topics]) + _ANSWERED * asked
        if meant:
            bears += meant.said
        bears *= self._telling
        most = bears.max(axis=0)
        return self._shared_out(bears * np.divide(bears, most, out=np.zeros_like(bears), where=most > 0), limit, apart)

    def _shared_out(self, scores: Numbers, limit: int, apart: bool) -> list[list[Found]]:
        """Give each window to a topic, the surest first.

        In a call what is sure is told by the best window of the same topic: one topic is asked about for longer and
        more clearly than another. In a résumé it is told over all topics.
        """
        found: list[list[_Gathered]] = [[] for _ in scores]
        taken: list[set[int]] = [set()] * len(scores) if apart else [set() for _ in scores]
        best = scores.max(axis=1, keepdims=True)
        sure = np.divide(scores, best, out=np.zeros_like(scores), where=best > 0) if self._questions else scores
        for place in np.argsort(-sure, axis=None, kind="stable").tolist():
            topic, n = divmod(place, len(self._windows))
            if scores[topic, n] <= 0:
                break
            if self._alike[n] in taken[topic]:
                continue
            if any(gathered.take(n, self._windows, self._text) for gathered in found[topic]):
                taken[topic].add(self._alike[n])
            elif len(found[topic]) < limit:
                found[topic].append(_Gathered(n, float(scores[topic, n])))
                taken[topic].add(self._alike[n])
        return [[each.found(self._windows) for each in gathered] for gathered in found]

    def _says(self, topic: Topic) -> Numbers:
        further = [stem for words in topic.also for stem in self._stems(words)]
        says = _to_one(self._said.scores(self._stems(topic.text)) + _FURTHER_WORDS * self._said.scores(further))
        beside = [max((says[m] for m in near), default=0.0) for near in self._beside]
        return np.maximum(says, _BESIDE * np.array(beside)) if beside else says

    def _meant(self, topics: Sequence[Topic]) -> _Meant | None:
        """How near windows and questions lie to the topics; None without embeddings.

        In a call near is what lies near a topic's wordings on the whole, in a résumé near all of them as one text.
        """
        if self._embeddings is None:
            return None
        wordings = [(topic.text, *topic.also) for topic in topics]
        if not self._questions:
            wordings = [(" ".join(each),) for each in wordings]
        words = [self._text[window.start : window.end] for window in self._windows]
        sought = [text for each in wordings for text in each]
        rows = self._embeddings.embed([*words, *self._questions, *sought])
        said, asked, rows = np.split(rows, [len(words), len(words) + len(self._questions)])
        meanings = np.split(rows, np.cumsum([len(each) for each in wordings])[:-1])
        enough = np.array([len(each.split()) >= _FEWEST_WORDS for each in self._questions])
        weight = _MEANT if self._questions else _MEANT_IN_A_RESUME
        return _Meant(
            weight * np.array([_nearer(cosines(said, each).mean(axis=1)) for each in meanings]),
            np.array([enough * cosines(asked, each).max(axis=1) for each in meanings]).T,
        )

    def _keeping_to_the_story(self, said: Sequence[Sequence[str]]) -> Numbers:
        """How much each window has in common with those around it, weighed by how rare a word is; 1 is the most."""
        counts = [Counter(each) for each in said]
        shared = np.zeros(len(said))
        for n, own in enumerate(counts):
            around: Counter[str] = Counter()
            for other in chain(counts[max(0, n - _STORY_WINDOWS) : n], counts[n + 1 : n + 1 + _STORY_WINDOWS]):
                around.update(other)
            shared[n] = sum(self._rarity[stem] * min(_AT_MOST, around[stem]) for stem in own) / (1 + len(own)) ** 0.5
        return _to_one(shared)

    def _threads(self, topics: Sequence[Topic], meant: Numbers | None) -> Numbers:
        """For each topic, how far each window still answers a question on it.

        A question that has most of a topic's own words, as a core question has, opens a thread that holds until such
        a question opens another. One that has some of them opens a loose thread, which each further question weakens.
        """
        wordings = [
            [stems for words in (topic.text, *topic.also) if len(stems := frozenset(self._stems(words))) >= 2]
            for topic in topics
        ]
        threads = np.zeros((len(self._asked) + 1, len(topics)))
        clear = loose = threads[-1]
        for n, question in enumerate(self._asked):
            asks, clearly = (
                np.array(
                    [
                        max((self._share(each, question) for each in known if len(each) >= fewest), default=0.0)
                        for known in wordings
                    ]
                )
                for fewest in (2, FEWEST_ASKING_CLEARLY)
            )
            if clearly.max(initial=0.0) >= _CLEARLY_ASKED:
                clear = np.where(clearly == clearly.max(), clearly, _KEPT_BY_A_QUESTION_ON_ANOTHER_TOPIC * clear)
            elif meant is not None and self._by_kit and _is_by_far_the_nearest(meant[n]):
                first = meant[n] == meant[n].max()
                clear = np.where(first, np.maximum(clear, _AS_IF_SHARED), _KEPT_BY_A_QUESTION_ON_ANOTHER_TOPIC * clear)
            else:
                clear = self._kept * clear
            loose = np.maximum(asks, _KEPT_LOOSE * loose)
            threads[n] = np.maximum(clear, _LOOSE * loose)
        # The row for "nothing was asked before" is the last one, which -1 points to, and stays zero.
        return np.asarray(threads[self._asked_before].T)

    def _share(self, wording: frozenset[str], question: frozenset[str]) -> float:
        """How much of a wording a question has, by words, the rare ones counting more."""
        return sum(self._rarity[stem] for stem in wording & question) / sum(self._rarity[stem] for stem in wording)

    def _stems(self, text: str) -> list[str]:
        return stems(text, self._stemmer)


def _is_by_far_the_nearest(near: Numbers) -> bool:
    """Whether a question lies near a wording of one topic, and not nearly as near one of another."""
    first, second = np.sort(np.append(near, 0.0))[-2:][::-1]
    return bool(first >= _ASKED_IN_OTHER_WORDS and first - second >= _BY_FAR)


def _long(words: str, enough: int) -> float:
    """How much a window can say at all, by its length: 1 is enough."""
    return min(1.0, len(words.split()) / enough)


def _concrete(words: str) -> float:
    """How much of it is something that was counted, dated, done by the speaker, or said to somebody."""
    counted, done, told = (min(_AT_MOST, len(found.findall(words))) for found in (_COUNTED, _DONE, _TOLD))
    return _COUNTING * counted + _DOING * done + _TELLING * told


class _Rarity(dict[str, float]):
    """Inverse document frequency, as BM25 has it; a word that was never said is as rare as can be."""

    def __init__(self, count: int, holding: Counter[str]) -> None:
        super().__init__({stem: _idf(count, n) for stem, n in holding.items()})
        self._never = _idf(count, 0)

    def __missing__(self, stem: str) -> float:
        return self._never


def _rarity(texts: Sequence[frozenset[str]]) -> _Rarity:
    return _Rarity(len(texts), Counter(chain.from_iterable(texts)))


def _idf(count: int, holding: int) -> float:
    return math.log(1 + (count - holding + 0.5) / (holding + 0.5))


def _beside(windows: Sequence[Window]) -> Iterator[list[int]]:
    """For each window the ones before and after it in the same part."""
    for n, window in enumerate(windows):
        yield [m for m in (n - 1, n + 1) if 0 <= m < len(windows) and windows[m].part == window.part]


def stems(text: str, stemmer: Stemmer.Stemmer | None = None) -> list[str]:
    """Return the stems of the words in `text` that say something, in order."""
    words = [word for word in _WORD.findall(text.casefold()) if len(word) > 1 and word not in _STOP_WORDS]
    return list((stemmer or Stemmer.Stemmer("english")).stemWords(words))


def cosines(texts: Vectors, others: Vectors) -> Numbers:
    """How near each text lies to each of the others, to three digits: the last ones depend on the machine."""
    near: Numbers = (texts @ others.T).astype(np.float64)
    return near.round(3)


def _nearer(near: Numbers) -> Numbers:
    """How much nearer each lies than one standard deviation above the median one, in standard deviations; else 0."""
    spread = near.std()
    return np.maximum(0.0, (near - np.median(near)) / spread - 1) if spread > 0 else np.zeros(len(near))


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
