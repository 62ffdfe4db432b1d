"""Which times in a dialogue tell when something was said, and which are themselves what was said."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from documents.dialogue_lines import Line, by_label, is_header, is_same_time, spoken_time

_ENOUGH_TIMES, _FEW = 3, 4
"""So many times of one form tell how a file writes them; one line in so many is few."""


def without_said_times(lines: list[Line]) -> list[Line]:
    """Without the times behind a name and a colon, where few of the labelled lines have one: somebody said them."""
    behind = [n for n, line in enumerate(lines) if line.alone and line.head and line.head.tight]
    others = sum(line.kind in ("label", "timed") for line in lines) - len(behind)
    if not behind or len(behind) >= 4 * others:
        return lines
    kept = list(lines)
    for n in behind:
        kept[n] = by_label(lines[n].text, lines[n].apart)
    return kept


def timed_alike(lines: list[Line]) -> list[Line]:
    """Without the times on lines of their own that are written otherwise than most are: those are speech."""
    styles = Counter(line.moment.in_words for line in lines if line.moment is not None and is_header(line))
    usual = styles[True] > styles[False]
    if styles[usual] < _ENOUGH_TIMES:
        return lines

    def spoken(line: Line, above: Line | None) -> bool:
        if line.kind != "time" or line.moment is None or line.moment.in_words == usual:
            return False
        return above is None or not is_same_time(above, line)

    return [spoken_time(line) if spoken(line, above) else line for above, line in pairwise([None, *lines]) if line]


def without_times_below_words(lines: list[Line]) -> list[Line]:
    """Without the times that stand right below words, where few lines are such times: somebody said them."""
    first = next((n for n, line in enumerate(lines) if line.head), len(lines))
    below = [n for n, line in enumerate(lines) if line.kind == "time" and not line.apart and n > first]
    if len(below) * _FEW > len(lines):
        return lines
    return [spoken_time(line) if n in below else line for n, line in enumerate(lines)]


def in_order(lines: list[Line]) -> list[Line]:
    """Without the times that do not lie between those before and after them: those are speech."""
    at = [n for n, line in enumerate(lines) if line.moment is not None and is_header(line)]
    kept = list(lines)
    running = _most_that_rise([moment.start_ms for n in at if (moment := lines[n].moment) is not None])
    for place, n in enumerate(at):
        if place not in running:
            kept[n] = spoken_time(lines[n])
    if len(at) == 1 and at[0] and lines[at[0]].kind == "time":
        above = lines[at[0] - 1]
        if above.kind == "label" and not above.words:
            kept[at[0]] = lines[at[0]]._replace(kind="text", moment=None, whole=lines[at[0]].text)
    return kept


def _most_that_rise(values: Sequence[int]) -> set[int]:
    """The places of the most values, gaps between them or not, of which none is less than the one before.

    By patience sorting: https://en.wikipedia.org/wiki/Longest_increasing_subsequence
    """
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for place, value in enumerate(values):
        at = bisect_right(tails, value)
        previous.append(ends[at - 1] if at else None)
        tails[at : at + 1], ends[at : at + 1] = [value], [place]
    found: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        found.add(last)
        last = previous[last]
    return found
