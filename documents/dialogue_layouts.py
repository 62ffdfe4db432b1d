"""Where a dialogue has its names: before, behind or above the words, told by how often a file has them there."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from documents.attribution import heads
from documents.clock_times import first_time
from documents.dialogue_lines import (
    BRACKETED,
    EMPHASIS,
    SIGNS_BETWEEN,
    Line,
    as_name,
    drafted,
    is_same_time,
    spoken_time,
)
from documents.dialogue_times import in_order, without_said_times, without_times_below_words
from documents.speakers import LONGEST_LABEL, Head, bare, is_seldom_a_name, judged, key, may_be_label
from domain.core.name_matching import bears

_BY_SIGN = re.compile(r"(?P<label>\S[^|<>\u2013\u2014]{0,79}?)(?P<sign>\s[-\u2013\u2014|]\s|>\s)(?P<words>.+)")


def with_heads(lines: list[Line], people: tuple[str, ...]) -> tuple[list[Line], str]:
    """Decide where the file has its labels, and take from all other lines what only looks like one."""
    for find in (_names_before_times, _names_after_times):
        if (found := find(lines)) is not None:
            known = {key(line.head.label) for line in found if line.head and line.head.sure}
            return [_known_only(line, known) for line in found], "text: name, time, words"
    lines = in_order(without_said_times(without_times_below_words(lines)))
    timed = Counter(key(line.head.label) for line in lines if line.kind == "timed" and line.head)
    by_colon = Counter(
        key(line.head.label)
        for above, line in pairwise([None, *lines])
        # What stands right below a name and a time are that one's words.
        if line and line.kind == "label" and line.head and not is_seldom_a_name(line.head.label)
        if not (above and above.alone)
    )
    others = sum(count for label, count in by_colon.items() if count > 1 and label not in timed)
    many = sum(timed.values())
    often = others * 3 <= many and (max(timed.values(), default=0) > 1 or many * 2 > sum(by_colon.values()))
    if many > 1 and (often or _each_block_is_headed(lines)):
        return [_known_only(_sure(line), set(timed)) for line in lines], "text: name and time"
    kept = [
        line._replace(head=None, kind="text", moment=None, whole=line.text)
        if line.alone and line.head and not (timed[key(line.head.label)] > 1 or key(line.head.label) in by_colon)
        else line
        for line in lines
    ]
    heard = heads(drafted(kept))
    if any(verdict == "speaker" for verdict in judged(heard, people).values()):
        return kept, "text: name and words"
    for other in (_names_in_brackets, _names_alone, _names_before_signs, _names_before_marks):
        if (found := other(kept, people)) is not None:
            return found, "text: name and words"
    return kept, "text: name and words"


def _each_block_is_headed(lines: list[Line]) -> bool:
    """Whether a name and a time stand above each block between blank lines, and nowhere else."""
    heads_of_blocks = [line.alone and line.kind == "timed" for line in lines if line.apart]
    return all(heads_of_blocks) and len(heads_of_blocks) == sum(line.alone and line.kind == "timed" for line in lines)


def _sure(line: Line) -> Line:
    if line.kind != "timed" or line.head is None:
        return line
    return line._replace(head=line.head._replace(sure=True, tight=False))


def _known_only(line: Line, known: set[str]) -> Line:
    """A line as it is in a file that has its labels elsewhere: a label of these, or no label."""
    if line.head is None or line.head.sure or key(line.head.label) in known:
        return line
    return line._replace(head=None, kind="text", moment=None if line.whole == line.text else line.moment)


def _names_before_times(lines: list[Line]) -> list[Line] | None:
    """Name, time and words on lines of their own, in this order; None if the file is not written so."""
    times = [n for n, line in enumerate(lines) if line.kind == "time" and n]
    firsts = [n for n in times if lines[n - 1].kind != "time"]
    names = {n - 1: name for n in firsts if (name := _name_above(lines[n - 1])) is not None}
    spoken = [n for n in names if n + 2 < len(lines)]
    often = _recurring(names)
    if len(spoken) < 2 or len(names) * 5 < len(firsts) * 4 or not (often * 2 > len(names) or len(names) == len(firsts)):
        return None
    if not often and (min(names) > 1 or len(names) > 4):
        return None
    found = list(lines)
    for n, name in names.items():
        found[n] = _named(lines[n], name, lines[n + 1])
        if n + 2 < len(lines) and lines[n + 2].kind == "time" and not is_same_time(lines[n + 1], lines[n + 2]):
            found[n + 2] = spoken_time(lines[n + 2])
        if n and lines[n - 1].text == _initials(name):
            found[n - 1] = Line(lines[n - 1].text, "furniture", lines[n - 1].apart)
    return found


def _initials(name: str) -> str:
    """What stands in the circle beside a name that has no picture."""
    words = name.split()
    return (words[0][:1] + words[-1][:1]).upper() if len(words) > 1 else ""


def _names_after_times(lines: list[Line]) -> list[Line] | None:
    """Time, name and words on lines of their own, in this order."""
    times = [n for n, line in enumerate(lines) if line.kind == "time" and n + 2 < len(lines)]
    names = {n + 1: name for n in times if (name := _name_above(lines[n + 1])) is not None}
    often = _recurring(names)
    spoken = sum(lines[n + 1].kind not in ("time", "furniture") for n in names)
    if len(names) < 2 or spoken * 5 < len(times) * 4 or len(names) < len(times) or not (often or len(names) == 2):
        return None
    found = list(lines)
    for n, name in names.items():
        found[n] = _named(lines[n], name, lines[n - 1])
    return found


def _recurring(names: Mapping[int, str]) -> int:
    """How many of the names stand more than once."""
    return sum(count for count in Counter(map(key, names.values())).values() if count > 1)


def _named(line: Line, name: str, time: Line) -> Line:
    """A line that is a name and nothing else, at the time that stands on a line of its own."""
    return line._replace(
        kind="timed", head=Head(name, sure=True), words="", moment=time.moment, whole=line.text, alone=True
    )


def _name_above(line: Line) -> str | None:
    if line.kind == "text" or (line.kind == "label" and not line.words):
        return as_name(line.text)
    return None


def _names_in_brackets(lines: list[Line], people: tuple[str, ...]) -> list[Line] | None:
    found = [
        line._replace(kind="label", head=Head(match["label"].strip()), words=match["words"])
        if line.kind in ("text", "label") and (match := BRACKETED.match(line.whole)) and may_be_label(match["label"])
        else line._replace(kind="text", head=None)
        if line.kind == "label"
        else line
        for line in lines
    ]
    return _if_spoken(found, people)


def _names_before_signs(lines: list[Line], people: tuple[str, ...]) -> list[Line] | None:
    """ "Name - words", "Name | words", "Name> words": whichever sign most lines have."""
    matches = [_BY_SIGN.match(line.whole[:400]) if line.kind in ("text", "label") else None for line in lines]
    signs = Counter(match["sign"].strip() for match in matches if match)
    if not signs:
        return None
    sign, times = signs.most_common(1)[0]
    if times * 2 < len(lines):
        return None
    found = [
        line._replace(kind="label", head=Head(bare(match["label"])), words=line.whole[match.end("sign") :].strip())
        if match and match["sign"].strip() == sign and may_be_label(bare(match["label"]))
        else line._replace(kind="text", head=None)
        if line.kind == "label"
        else line
        for line, match in zip(lines, matches, strict=True)
    ]
    return _if_spoken(found, people)


def _names_before_marks(lines: list[Line], people: tuple[str, ...]) -> list[Line] | None:
    """ "Name [00:00:02] words" in most lines."""
    found = list(lines)
    for n, line in enumerate(lines):
        plain = EMPHASIS.sub("", line.whole[:LONGEST_LABEL])
        at = min((place for sign in "[(" if (place := plain.find(sign)) > 0), default=0)
        name = as_name(plain[:at].strip(SIGNS_BETWEEN)) if line.kind in ("text", "label") and at else None
        first = first_time(plain[at:]) if name is not None else None
        if name is not None and first is not None and first[0].marked and first[1].strip():
            after = len(plain) - len(first[1])
            words = first[1].strip() if len(line.whole) <= LONGEST_LABEL else line.whole[after:].strip()
            found[n] = line._replace(kind="timed", head=Head(name), words=words, moment=first[0], whole=line.text)
    if sum(line.kind == "timed" for line in found) * 2 < len(lines):
        return None
    return _if_spoken(found, people)


def _names_alone(lines: list[Line], people: tuple[str, ...]) -> list[Line] | None:
    """A name on a line of its own, words below it."""
    names = {
        n: name
        for n, line in enumerate(lines[:-1])
        if line.kind in ("text", "label")
        and not line.words
        and (name := as_name(line.whole)) is not None
        and not name.isdigit()
    }
    recurring = Counter(key(name) for name in names.values())
    known = {label: any(bears(label, person) for person in people) for label in recurring}
    marked = {key(name) for n, name in names.items() if lines[n].text.startswith(("**", "__", "#"))}
    heads_ = {
        n: name for n, name in names.items() if recurring[key(name)] > 1 or known[key(name)] or key(name) in marked
    }
    if len({key(name) for name in heads_.values()}) < 2 or min(heads_) > 3 or any(n + 1 in heads_ for n in heads_):
        return None
    return [
        line._replace(kind="label", head=Head(heads_[n], sure=known[key(heads_[n])]), words="", whole=line.text)
        if n in heads_
        else line._replace(kind="text", head=None)
        if line.kind == "label"
        else line
        for n, line in enumerate(lines)
    ]


def _if_spoken(lines: list[Line], people: tuple[str, ...]) -> list[Line] | None:
    verdicts = judged(heads(drafted(lines)), people)
    speaking = {name for name, verdict in verdicts.items() if verdict == "speaker"}
    return lines if len(speaking) > 1 or (speaking and people) else None
