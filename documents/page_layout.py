"""The reading order of a page: words with boxes → lines, column by column.

Columns are found by the white between them, however the page was drawn: a stretch of the page in which no word stands
in a strip from top to bottom, with lines on both sides. Dates and towns at the right (or left) of what they belong to
look like that too; they stay in their lines. Hebrew and Arabic are read from the right, words and columns alike.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from documents.section_headings import section_of

_LEAST_GAP = 0.7
"""Of a letter's height: white that may part two columns, and does part two pieces of a line."""
_SURE_GAP = 1.6
_FEWEST_LINES = 3
_NEXT_PARAGRAPH = 1.5
"""Of the usual distance of two lines: from here on there is a blank line between them."""
_MOST_SEGMENTS = 1_200
_ASIDE_WORDS = 4
_ONE_LINE = 0.4
"""Of a letter's height: so far may the feet of words in one line be apart."""
_SCATTERED = 1.5
"""Lines of a column follow each other; those at the side of another are further apart than its lines."""
_HAIR = 0.01
_TOUCHING = 0.1
"""Of a letter's height: nearer than that no space stands between two words."""
_LEFTWARDS = frozenset({"R", "AL"})
"""The bidirectional classes of letters that are read from the right."""
_BRACKETS = re.compile(r"^[)\]]+|[(\[]+$")
"""Brackets as they look where the right comes first: one that closes begins a word, one that opens ends it."""
_OTHER_BRACKETS = str.maketrans("()[]", ")(][")
_SIGNED = re.compile(r"^(\d(?:[\d.,/:-]*\d)?)([-+\u2013\u2014])$")
"""A number with the sign, or the dash after a prefix, that is read before it."""
_YEAR = re.compile(r"\d{4}|\d{2}[./]\d{2}")


class Word(NamedTuple):
    """Letters that stand together, in points from the upper left corner of a page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """How high its line is."""
        return self.bottom - self.top


class Row(NamedTuple):
    """A line of words; what is `apart` does not go on with what was above it."""

    words: tuple[Word, ...]
    apart: bool


class _Segment(NamedTuple):
    """Words of one line with no wide gap between them."""

    words: tuple[Word, ...]
    left: float
    top: float
    right: float
    bottom: float


def rows(words: Sequence[Word]) -> list[Row]:
    """Return the words of a page in reading order."""
    segments = sorted(_segments(words), key=lambda segment: (segment.top, segment.left))
    if not segments:
        return []
    height = median(word.height for word in words)
    leftwards = _are_read_leftwards(words)
    found: list[Row] = []
    for region in _regions(segments, height, leftwards):
        lines = parted([_as_read(line, leftwards) for line in _lines(region)])
        apart = bool(found) and not _goes_on(found[-1].words, lines[0].words)
        found += (lines[0]._replace(apart=apart), *lines[1:])
    return found


def is_read_leftwards(text: str) -> bool:
    """Whether a letter of this is read from the right to the left, as Hebrew and Arabic are."""
    return any(unicodedata.bidirectional(letter) in _LEFTWARDS for letter in text)


def _are_read_leftwards(words: Sequence[Word]) -> bool:
    ways = Counter(map(_way, words))
    return ways["left"] > ways["right"]


def _way(word: Word) -> str:
    """To which side a word is read; nothing where it has no letters, as numbers and marks."""
    if is_read_leftwards(word.text):
        return "left"
    return "right" if any(letter.isalpha() for letter in word.text) else ""


def _as_read(line: Sequence[Word], leftwards: bool) -> list[Word]:
    """Order the words of a line, which come from left to right, as they are read on a page that is read `leftwards`.

    What is written in the other direction keeps its own order, with the numbers in it.
    """
    ways = [_way(word) for word in line]
    if "left" not in ways:
        return list(line)
    main = "left" if leftwards or _are_read_leftwards(line) else "right"
    runs: list[Sequence[Word]] = []
    end = 0
    while end < len(line):
        first, end = end, end + 1
        if ways[first] not in ("", main):
            for n in range(end, len(line)):
                if ways[n] == main:
                    break
                # A number goes with the Latin word before it, unless the line begins with it, as with a date.
                numbered = main == "left" and n == end < len(line) - 1 and line[n].text[-1].isdigit()
                end = n + 1 if ways[n] or numbered else end
        run = line[first:end]
        runs.append(run[::-1] if main == "right" and ways[first] == "left" else run)
    if main == "right":
        return _joined(word for run in runs for word in run)
    return _joined(word._replace(text=_turned(word.text)) for run in reversed(runs) for word in run)


def _turned(text: str) -> str:
    """A word as it is read from the right, of what its letters look like from the left."""
    return _SIGNED.sub(r"\2\1", _BRACKETS.sub(lambda found: found.group().translate(_OTHER_BRACKETS), text))


def _joined(words: Iterable[Word]) -> list[Word]:
    """Put together what touches: a full stop, or a number behind a prefix, that was drawn apart from its word."""
    joined: list[Word] = []
    for word in words:
        last = joined[-1] if joined else None
        if last is not None and max(word.left - last.right, last.left - word.right) < _TOUCHING * word.height:
            left, top = min(last.left, word.left), min(last.top, word.top)
            right, bottom = max(last.right, word.right), max(last.bottom, word.bottom)
            joined[-1] = Word(last.text + word.text, left, top, right, bottom)
        else:
            joined.append(word)
    return joined


def parted(lines: Sequence[Sequence[Word]]) -> list[Row]:
    """Return lines that are read one after another, each apart that is further away from the last than usual."""
    down = [below[0].bottom - above[0].bottom for above, below in pairwise(lines)]
    usual = median([distance for distance in down if distance > 0] or [0.0])
    apart = [False, *(distance <= 0 or distance > _NEXT_PARAGRAPH * usual for distance in down)]
    return [Row(tuple(line), wide) for line, wide in zip(lines, apart, strict=True)]


def _goes_on(above: Sequence[Word], below: Sequence[Word]) -> bool:
    """Whether a sentence that one region ends with goes on in the next."""
    return above[-1].text[-1] not in ".!?:;" and below[0].text[0].islower()


def _segments(words: Iterable[Word]) -> Iterator[_Segment]:
    for line in _in_lines(words):
        first = 0
        for n in range(1, len(line) + 1):
            if n < len(line):
                white = line[n].left - line[n - 1].right
                if white <= _LEAST_GAP * min(line[n].height, line[n - 1].height):
                    continue
            part = tuple(line[first:n])
            yield _Segment(
                part,
                part[0].left,
                min(word.top for word in part),
                max(word.right for word in part),
                max(word.bottom for word in part),
            )
            first = n


def _in_lines(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Yield the words of each line from left to right, whatever their sizes; lines from top to bottom."""
    line: list[Word] = []
    for word in sorted(words, key=lambda word: word.bottom):
        if line and word.bottom - line[0].bottom > _ONE_LINE * min(word.height, line[0].height):
            yield sorted(line, key=lambda word: word.left)
            line = []
        line.append(word)
    if line:
        yield sorted(line, key=lambda word: word.left)


def _lines(region: Iterable[_Segment]) -> Iterator[list[Word]]:
    return _in_lines(word for segment in region for word in segment.words)


def _regions(segments: list[_Segment], height: float, leftwards: bool) -> Iterator[list[_Segment]]:
    """Yield the parts of a page that are read one after another; `segments` are in order of their upper edges.

    Of columns the left one is read first, or the right one on a page that is read `leftwards`.
    """
    found = _columns(segments, height) if len(segments) <= _MOST_SEGMENTS else None
    if found is None:
        yield segments
        return
    first, last, at = found
    if first:
        yield from _regions(segments[:first], height, leftwards)
    band = segments[first:last]
    columns = [segment for segment in band if segment.right <= at], [segment for segment in band if segment.left >= at]
    for column in columns[::-1] if leftwards else columns:
        yield from _regions(column, height, leftwards)
    if last < len(segments):
        yield from _regions(segments[last:], height, leftwards)


def _columns(segments: list[_Segment], height: float) -> tuple[int, int, float] | None:
    """Find the longest stretch of segments that a white strip parts, and where the strip is."""
    if not _any_side_by_side(segments):
        return None
    best: tuple[int, int, float] | None = None
    right_edge = max(segment.right for segment in segments)
    for first in range(len(segments)):
        if best is not None and len(segments) - first <= best[1] - best[0]:
            break
        free = [(min(segment.left for segment in segments[first:]), right_edge)]
        for last in range(first, len(segments) + 1):
            following = segments[last] if last < len(segments) else None
            kept: list[tuple[float, float]] = []
            for start, end in free:
                if following is not None and (following.right <= start or following.left >= end):
                    kept.append((start, end))
                    continue
                # Here the strip ends, or gets narrower: as it was, no longer stretch has it.
                longer = best is None or last - first > best[1] - best[0]
                if longer and _are_columns(segments, segments[first:last], start, end, height):
                    best = (first, last, (start + end) / 2)
                if following is not None:
                    parts = ((start, min(end, following.left)), (max(start, following.right), end))
                    kept += [part for part in parts if part[1] - part[0] >= _LEAST_GAP * height]
            free = kept
            if not free:
                break
    return best


def _any_side_by_side(segments: list[_Segment]) -> bool:
    return any(
        other.left >= segment.right or other.right <= segment.left
        for n, segment in enumerate(segments)
        for other in segments[n + 1 : n + 8]
        if other.top < segment.bottom
    )


def _are_columns(page: Sequence[_Segment], band: Sequence[_Segment], start: float, end: float, height: float) -> bool:
    left = [segment for segment in band if segment.right <= start + _HAIR]
    right = [segment for segment in band if segment.left >= end - _HAIR]
    few = min(len(left), len(right))
    if few < (2 if end - start >= _SURE_GAP * height else _FEWEST_LINES):
        return False
    before = [segment for segment in page if segment.right <= end + _HAIR]
    after = [segment for segment in page if segment.left >= start - _HAIR]
    return not (_is_aside(right, before) or _is_aside(left, after))


def _is_aside(side: Sequence[_Segment], other: Sequence[_Segment]) -> bool:
    """Whether the lines of one side only belong to those beside them: dates and towns of what was done there."""
    if any(section_of(_text(line)) for line in side):
        return False
    feet = sorted(line.bottom for line in other)
    if not all(_stands_among(feet, line.bottom, _ONE_LINE * (line.bottom - line.top)) for line in side):
        return False
    short = sum(len(line.words) for line in side) <= _ASIDE_WORDS * len(side)
    dated = sum(bool(_YEAR.search(_text(line))) for line in side)
    among = bisect_right(feet, max(line.bottom for line in side)) - bisect_left(feet, min(line.bottom for line in side))
    return short and (2 * dated > len(side) or among > _SCATTERED * len(side))


def _stands_among(feet: Sequence[float], foot: float, about: float) -> bool:
    n = bisect_left(feet, foot - about)
    return n < len(feet) and feet[n] < foot + about


def _text(line: _Segment) -> str:
    return " ".join(word.text for word in _as_read(line.words, leftwards=False))
