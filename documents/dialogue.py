"""Dialogue in plain text, as meeting tools and people write it → stretches of speech.

Understood: "Name: words", with a time before, in or behind the name; a line of name and time with the words below;
name, time and words on lines of their own, in either order; a name on a line of its own; "[Name] words"; names in
Markdown's bold; lines with nothing but a time. Which of these a file has is told by how often it has them.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from documents.attribution import Account, Stretch, heads, written
from documents.clock_times import Moment, first_time, last_time
from documents.speakers import (
    LONGEST_LABEL,
    Head,
    bare,
    is_seldom_a_name,
    is_sentence,
    judged,
    key,
    labelled,
    may_be_label,
)
from domain.core.name_matching import bears

_SIGNS_BETWEEN = " -\u2013\u2014|,:<>"
"""What may stand between a name and a time."""

_CHAT = re.compile(r"From\s+(?P<label>.{1,80}?)\s+(?:to\s+.{1,80}?)?\s?:\s*(?P<words>.*)", re.I)
_BRACKETED = re.compile(r"(?P<opening>[\[(])(?P<label>[^\[\]():]{1,80})[\])]\s*(?P<words>\S.*)")
_BY_SIGN = re.compile(r"(?P<label>\S[^|<>\u2013\u2014]{0,79}?)(?P<sign>\s[-\u2013\u2014|]\s|>\s)(?P<words>.+)")
_TOOLS = (("otter.ai", "Otter"), ("fathom.video", "Fathom"), ("rev.com", "Rev"), ("fireflies", "Fireflies"))
_SENTENCE_ENDS = (".", "?", "!", ",", ";", "\u2026", "\u3002", "\uff1f", "\uff01")
_TITLES_THAT_END_SO = re.compile(r"\b(?:jr|sr|phd|ph\.d|md|m\.d|esq|inc|ltd|co|corp)\.$", re.I)

# What tools write around what was said: whole lines, known word for word.
_FURNITURE = re.compile(
    r"Transcription ended after \d.*|This editable transcript was computer generated.*|Attendees|Teilnehmer"
    r"|.{1,80} (?:started|stopped) transcription"
    r"|Transcribed by https?://otter\.ai.*|Transcribed by .{0,40}otter\.ai.*"
    r"|(?:This )?transcript(?:ion)? was (?:exported|generated|created|provided) .*"
    r"|Transcri(?:pt|bed) by Rev(?:\.com)?.*"
    r"|VIEW RECORDING\b.*|\[?View (?:latest version|recording|original)\b.*"
    r"|(?:Audio|Recording|Meeting) (?:file|link|id|url)\s?:.*"
    r"|\(?(?:recording|transcript(?:ion)?) (?:started|ended|starts|ends)\)?\.?|https?://\S+|[-=_*~#\u2500\u2014]{3,}"
    r"|\[(?:END|START)(?: OF [\w ]{1,30})?\]|(?-i:NOTE)(?:\s.*)?"
    r"|(?-i:SUMMARY KEYWORDS|SPEAKERS)|END OF TRANSCRIPT"
    r"|.{1,400} - WATCH: https?://\S+"
    r"|(?:(?:time(?:stamp)?|start|end) ){0,3}(?:speaker|name) (?:(?:time(?:stamp)?|start|end) ){0,3}"
    r"(?:text|transcript|words|content)",
    re.I,
)
_CAME_OR_WENT = re.compile(r"(?P<name>.{1,80}?) (?:joined|left) the (?:meeting|call)(?: \(.{1,40}\))?\.?", re.I)
_ANYBODY = re.compile("(?:every|some|any|no)(?:body| ?one)|people|half|most|all|many", re.I)
_TITLE_WITH_DASH = re.compile(r".+ [-\u2013\u2014] (?:transcript(?:ion)?|transkript(?:ion)?|transcripción)", re.I)
_EMPHASIS = re.compile(r"(?<!\S)[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?!\S)")
_MARKS_BEFORE_A_TIME = re.compile(r"^[*_#]+\s?(?=[\[(]?\d)")
_LONGEST_FURNITURE = 500
_ABOUT_A_MESSAGE = re.compile(
    r"(?:Reacted to|Replying to|Removed an? .{1,60} reaction from) [\"\u201c].{1,400}[\"\u201d](?: with .{1,60})?"
)
"""What Zoom's chat says of a message, in whose words somebody else speaks."""
_KEYWORDS = "SUMMARY KEYWORDS"
_AROUND = "#*_> "
"""What Markdown puts before and behind whole lines."""
_HEADING = re.compile(r"[\W_]*(?:transcript(?:ion)?|transkript(?:ion)?|transcripción|full transcript)[\W_]*", re.I)
_STARTED = re.compile(r".{1,80} started transcription", re.I)
_TITLE = re.compile(r"(?=.{1,120}$).*\b(?:transcript(?:ion)?|transkript)\b.*", re.I)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|janv|févr|mars|avr|juin|juil|août|ene|abr|ago|dic)"
    r"[a-zäöüéû]{0,8}\.?"
)
_DATE_LINE = re.compile(
    rf"(?:\w{{2,10}},?\s)?(?:{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}|\d{{1,2}}\.?\s{_MONTH}\s?\d{{4}}"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})(?:[\s,\u00b7\u2022T|-]+(?:at\s)?[\d:.]*\s?(?:[ap]\.?m\.?)?"
    r"(?:\s?\(?[A-Z]{2,5}(?:[+-]\d{1,2})?\)?)?)*",
    re.I,
)
_FACT = re.compile(
    r"(?:date|time|duration|length|attendees|participants|invitees|present|meeting(?: title| id)?|topic|subject|title|"
    r"location|recorded(?: on| by)?|recording|host|organi[sz]er|position|role|candidate|interviewer|interviewers|job|"
    r"speakers|datum|dauer|teilnehmer|language|created|start(?: time)?|end(?: time)?|summary keywords|keywords)",
    re.I,
)

_ENOUGH_TIMES, _FEW = 3, 4
"""So many times of one form tell how a file writes them; one line in so many is few."""
_MOST_TITLE_LINES = 4
_MOST_TITLE_WORDS = 10

_Kind = Literal["furniture", "time", "timed", "label", "text"]


class _Line(NamedTuple):
    text: str
    kind: _Kind
    apart: bool
    """Whether a blank line stands before it."""
    head: Head | None = None
    words: str = ""
    moment: Moment | None = None
    whole: str = ""
    """The line without a time in brackets before it."""
    alone: bool = False
    """Name and time, and nothing besides."""


def stretches(text: str, participants: Iterable[str], account: Account) -> tuple[list[Stretch], str]:
    """Return what is said in a plain transcript, in order, and how the file was read."""
    people = tuple(participants)
    lines = _timed_alike(_without_keywords([_parsed(line, apart) for line, apart in _lines(text)]))
    lines, heading = _with_heads(lines, people)
    return _spoken(lines, people, account), _tool(text, heading)


def _tool(text: str, heading: str) -> str:
    ends = text[-400:].casefold()
    begins = text[:600].casefold()
    for sign, tool in _TOOLS:
        if sign in ends or sign in begins:
            return f"{tool}, text"
    if "started transcription" in begins:
        return "Teams, text"
    if "transcription ended after" in ends or "computer generated" in ends + begins:
        return "Google Meet, text"
    return heading


def _lines(text: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    apart = True
    for line in text.split("\n"):
        if line:
            found.append((line, apart))
        apart = not line
    return found


def _is_furniture(line: str) -> bool:
    plain = line.strip(_AROUND)
    if not plain:
        return line.startswith(">") or _FURNITURE.fullmatch(line) is not None
    if len(line) <= _LONGEST_FURNITURE and (
        _FURNITURE.fullmatch(line) or _FURNITURE.fullmatch(plain) or _ABOUT_A_MESSAGE.fullmatch(line)
    ):
        return True
    moved = _CAME_OR_WENT.fullmatch(plain[:LONGEST_LABEL])
    if moved is None or is_sentence(moved.group()) or _ANYBODY.match(moved["name"]):
        return False
    return not any(word[0].islower() for word in moved["name"].split() if "@" not in word)


def _parsed(line: str, apart: bool) -> _Line:
    if _is_furniture(line):
        return _Line(line, "furniture", apart)
    if _TITLE_WITH_DASH.fullmatch(line.strip(_AROUND)[:LONGEST_LABEL]):
        return _Line(line, "text", apart, whole=line)
    inner = bare(line) if line.startswith(("*", "_", "#")) and len(line) <= LONGEST_LABEL else line
    if (emphasised := _EMPHASIS.sub("", line)) != line and len(line) <= LONGEST_LABEL and last_time(emphasised):
        inner = emphasised
    inner = _MARKS_BEFORE_A_TIME.sub("", inner, count=1)
    first = first_time(inner)
    if first is not None:
        moment, rest = first
        rest = rest.lstrip(_SIGNS_BETWEEN)
        if not rest.strip():
            return _Line(line, "time", apart, moment=moment, whole=line)
        rest = rest.strip()
        whole = rest if moment.marked else line
        if chat := _CHAT.match(rest):
            if _ABOUT_A_MESSAGE.fullmatch(chat["words"].strip()[:_LONGEST_FURNITURE]):
                return _Line(line, "furniture", apart)
            return _Line(line, "timed", apart, Head(bare(chat["label"])), chat["words"], moment, whole)
        if (found := labelled(rest)) is not None and not found[0].tight:
            return _Line(line, "timed", apart, found[0], found[1], moment, whole)
        if (bracketed := _BRACKETED.match(rest)) and may_be_label(bracketed["label"]):
            return _Line(line, "timed", apart, Head(bracketed["label"].strip()), bracketed["words"], moment, whole)
        if (label := _as_name(rest)) is not None:
            return _Line(line, "timed", apart, Head(label), "", moment, whole, alone=True)
        return _Line(line, "text", apart, moment=moment if moment.marked else None, whole=whole)
    if len(inner) <= LONGEST_LABEL and (last := last_time(inner)) is not None:
        name = _as_name(_without_signs(last[0]))
        if name is not None:
            colon = last[0].rstrip().endswith((":", "\uff1a"))
            return _Line(line, "timed", apart, Head(name, tight=colon), "", last[1], line, alone=True)
    return _by_label(line, apart)


def _by_label(line: str, apart: bool) -> _Line:
    found = labelled(line)
    if found is None:
        return _Line(line, "text", apart, whole=line)
    head, words = found
    if (
        (inside := last_time(head.label)) is not None
        and (name := bare(_without_signs(inside[0])))
        and may_be_label(name)
    ):
        return _Line(line, "timed", apart, Head(name), words, inside[1], line, alone=not words)
    if (following := first_time(words)) is not None and following[0].marked:
        return _Line(line, "timed", apart, head, following[1].lstrip(_SIGNS_BETWEEN), following[0], line)
    return _Line(line, "label", apart, head, words, whole=line)


def _without_signs(name: str) -> str:
    """A name without what stands between it and a time; the bracket that closes its address stays."""
    stripped = name.strip(_SIGNS_BETWEEN)
    return f"{stripped}>" if "<" in stripped else stripped


def _as_name(words: str) -> str | None:
    """These words as a name on a line of its own, or beside a time; None if nobody is called so."""
    label = bare(words.removesuffix(":").strip())
    if not may_be_label(label) or is_sentence(label) or labelled(label + " ") is not None:
        return None
    return None if label.endswith(_SENTENCE_ENDS) and not _TITLES_THAT_END_SO.search(label) else label


def _with_heads(lines: list[_Line], people: tuple[str, ...]) -> tuple[list[_Line], str]:
    """Decide where the file has its labels, and take from all other lines what only looks like one."""
    for find in (_names_before_times, _names_after_times):
        if (found := find(lines)) is not None:
            known = {key(line.head.label) for line in found if line.head and line.head.sure}
            return [_known_only(line, known) for line in found], "text: name, time, words"
    lines = _in_order(_said_times(_below_words(lines)))
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
    heard = heads(_draft(kept))
    if any(verdict == "speaker" for verdict in judged(heard, people).values()):
        return kept, "text: name and words"
    for other in (_names_in_brackets, _names_alone, _names_before_signs, _names_before_marks):
        if (found := other(kept, people)) is not None:
            return found, "text: name and words"
    return kept, "text: name and words"


def _each_block_is_headed(lines: list[_Line]) -> bool:
    """Whether a name and a time stand above each block between blank lines, and nowhere else."""
    heads_of_blocks = [line.alone and line.kind == "timed" for line in lines if line.apart]
    return all(heads_of_blocks) and len(heads_of_blocks) == sum(line.alone and line.kind == "timed" for line in lines)


def _sure(line: _Line) -> _Line:
    if line.kind != "timed" or line.head is None:
        return line
    return line._replace(head=line.head._replace(sure=True, tight=False))


def _known_only(line: _Line, known: set[str]) -> _Line:
    """A line as it is in a file that has its labels elsewhere: a label of these, or no label."""
    if line.head is None or line.head.sure or key(line.head.label) in known:
        return line
    return line._replace(head=None, kind="text", moment=None if line.whole == line.text else line.moment)


def _said_times(lines: list[_Line]) -> list[_Line]:
    """Without the times behind a name and a colon, where few of the labelled lines have one: somebody said them."""
    behind = [n for n, line in enumerate(lines) if line.alone and line.head and line.head.tight]
    others = sum(line.kind in ("label", "timed") for line in lines) - len(behind)
    if not behind or len(behind) >= 4 * others:
        return lines
    kept = list(lines)
    for n in behind:
        kept[n] = _by_label(lines[n].text, lines[n].apart)
    return kept


def _timed_alike(lines: list[_Line]) -> list[_Line]:
    """Without the times on lines of their own that are written otherwise than most are: those are speech."""
    styles = Counter(line.moment.in_words for line in lines if line.moment is not None and _is_header(line))
    usual = styles[True] > styles[False]
    if styles[usual] < _ENOUGH_TIMES:
        return lines

    def spoken(line: _Line, above: _Line | None) -> bool:
        if line.kind != "time" or line.moment is None or line.moment.in_words == usual:
            return False
        return above is None or not _is_same_time(above, line)

    return [_spoken_time(line) if spoken(line, above) else line for above, line in pairwise([None, *lines]) if line]


def _without_keywords(lines: list[_Line]) -> list[_Line]:
    """Without the line of keywords that Otter finds in what was said."""
    return [
        _Line(line.text, "furniture", line.apart) if above and above.text == _KEYWORDS else line
        for above, line in pairwise([None, *lines])
        if line
    ]


def _below_words(lines: list[_Line]) -> list[_Line]:
    """Without the times that stand right below words, where few lines are such times: somebody said them."""
    first = next((n for n, line in enumerate(lines) if line.head), len(lines))
    below = [n for n, line in enumerate(lines) if line.kind == "time" and not line.apart and n > first]
    if len(below) * _FEW > len(lines):
        return lines
    return [_spoken_time(line) if n in below else line for n, line in enumerate(lines)]


def _is_header(line: _Line) -> bool:
    return line.alone or line.kind == "time"


def _spoken_time(line: _Line) -> _Line:
    return line._replace(kind="text", head=None, moment=None, whole=line.text, alone=False)


def _in_order(lines: list[_Line]) -> list[_Line]:
    """Without the times that do not lie between those before and after them: those are speech."""
    at = [n for n, line in enumerate(lines) if line.moment is not None and _is_header(line)]
    kept = list(lines)
    running = _most_that_rise([moment.start_ms for n in at if (moment := lines[n].moment) is not None])
    for place, n in enumerate(at):
        if place not in running:
            kept[n] = _spoken_time(lines[n])
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


def _names_before_times(lines: list[_Line]) -> list[_Line] | None:
    """Name, time and words on lines of their own, in this order; None if the file is not written so."""
    times = [n for n, line in enumerate(lines) if line.kind == "time" and n]
    firsts = [n for n in times if lines[n - 1].kind != "time"]
    names = {n - 1: name for n in firsts if (name := _name_above(lines[n - 1])) is not None}
    spoken = [n for n in names if n + 2 < len(lines)]
    recurring = Counter(key(name) for name in names.values())
    often = sum(count for count in recurring.values() if count > 1)
    if len(spoken) < 2 or len(names) * 5 < len(firsts) * 4 or not (often * 2 > len(names) or len(names) == len(firsts)):
        return None
    if not often and (min(names) > 1 or len(names) > 4):
        return None
    found = list(lines)
    for n, name in names.items():
        found[n] = lines[n]._replace(
            kind="timed",
            head=Head(name, sure=True),
            words="",
            moment=lines[n + 1].moment,
            whole=lines[n].text,
            alone=True,
        )
        if n + 2 < len(lines) and lines[n + 2].kind == "time" and not _is_same_time(lines[n + 1], lines[n + 2]):
            found[n + 2] = _spoken_time(lines[n + 2])
        if n and lines[n - 1].text == _initials(name):
            found[n - 1] = _Line(lines[n - 1].text, "furniture", lines[n - 1].apart)
    return found


def _is_same_time(one: _Line, other: _Line) -> bool:
    return one.moment is not None and other.moment is not None and one.moment.start_ms == other.moment.start_ms


def _initials(name: str) -> str:
    """What stands in the circle beside a name that has no picture."""
    words = name.split()
    return (words[0][:1] + words[-1][:1]).upper() if len(words) > 1 else ""


def _names_after_times(lines: list[_Line]) -> list[_Line] | None:
    """Time, name and words on lines of their own, in this order."""
    times = [n for n, line in enumerate(lines) if line.kind == "time" and n + 2 < len(lines)]
    names = {n + 1: name for n in times if (name := _name_above(lines[n + 1])) is not None}
    recurring = Counter(key(name) for name in names.values())
    often = sum(count for count in recurring.values() if count > 1)
    spoken = sum(lines[n + 1].kind not in ("time", "furniture") for n in names)
    if len(names) < 2 or spoken * 5 < len(times) * 4 or len(names) < len(times) or not (often or len(names) == 2):
        return None
    found = list(lines)
    for n, name in names.items():
        found[n] = lines[n]._replace(
            kind="timed",
            head=Head(name, sure=True),
            words="",
            moment=lines[n - 1].moment,
            whole=lines[n].text,
            alone=True,
        )
    return found


def _name_above(line: _Line) -> str | None:
    if line.kind == "text" or (line.kind == "label" and not line.words):
        return _as_name(line.text)
    return None


def _names_in_brackets(lines: list[_Line], people: tuple[str, ...]) -> list[_Line] | None:
    found = [
        line._replace(kind="label", head=Head(match["label"].strip()), words=match["words"])
        if line.kind in ("text", "label") and (match := _BRACKETED.match(line.whole)) and may_be_label(match["label"])
        else line._replace(kind="text", head=None)
        if line.kind == "label"
        else line
        for line in lines
    ]
    return _if_spoken(found, people)


def _names_before_signs(lines: list[_Line], people: tuple[str, ...]) -> list[_Line] | None:
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


def _names_before_marks(lines: list[_Line], people: tuple[str, ...]) -> list[_Line] | None:
    """ "Name [00:00:02] words" in most lines."""
    found = list(lines)
    for n, line in enumerate(lines):
        plain = _EMPHASIS.sub("", line.whole[:LONGEST_LABEL])
        at = min((place for sign in "[(" if (place := plain.find(sign)) > 0), default=0)
        name = _as_name(plain[:at].strip(_SIGNS_BETWEEN)) if line.kind in ("text", "label") and at else None
        first = first_time(plain[at:]) if name is not None else None
        if name is not None and first is not None and first[0].marked and first[1].strip():
            after = len(plain) - len(first[1])
            words = first[1].strip() if len(line.whole) <= LONGEST_LABEL else line.whole[after:].strip()
            found[n] = line._replace(kind="timed", head=Head(name), words=words, moment=first[0], whole=line.text)
    if sum(line.kind == "timed" for line in found) * 2 < len(lines):
        return None
    return _if_spoken(found, people)


def _names_alone(lines: list[_Line], people: tuple[str, ...]) -> list[_Line] | None:
    """A name on a line of its own, words below it."""
    names = {
        n: name
        for n, line in enumerate(lines[:-1])
        if line.kind in ("text", "label")
        and not line.words
        and (name := _as_name(line.whole)) is not None
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


def _if_spoken(lines: list[_Line], people: tuple[str, ...]) -> list[_Line] | None:
    verdicts = judged(heads(_draft(lines)), people)
    speaking = {name for name, verdict in verdicts.items() if verdict == "speaker"}
    return lines if len(speaking) > 1 or (speaking and people) else None


def _draft(lines: Sequence[_Line]) -> list[Stretch]:
    return [Stretch(_placed(line), line.words, line.whole) for line in lines if line.kind not in ("furniture", "time")]


def _placed(line: _Line) -> Head | None:
    return line.head and line.head._replace(inside=not line.apart)


def _spoken(lines: list[_Line], people: tuple[str, ...], account: Account) -> list[Stretch]:
    verdicts = judged(heads(_draft(lines)), people)
    spoken = {name for name, verdict in verdicts.items() if verdict != "words"}
    begins = next(
        (
            n
            for n, line in enumerate(lines)
            if line.head and key(line.head.label) in spoken and not _is_fact(line, spoken)
        ),
        len(lines),
    )
    speaks = next(
        (n for n, line in enumerate(lines) if line.head and verdicts.get(key(line.head.label)) == "speaker"), len(lines)
    )
    headed = max((n + 1 for n in range(len(lines)) if _ends_the_preamble(lines, n, speaks)), default=0)
    preamble = set(range(headed)) if headed else _preamble(lines, begins, spoken)
    preamble |= {n for n in range(headed, begins) if lines[n].kind != "time" and _is_known(lines[n], spoken)}
    found: list[Stretch] = []
    noted: Moment | None = None
    first_wall: int | None = None
    for n, line in enumerate(lines):
        if line.kind == "furniture" or n in preamble:
            account.leaves_out("furniture", written(line.text))
            continue
        moment = line.moment
        if moment is not None and moment.by_the_wall:
            first_wall = moment.start_ms if first_wall is None else first_wall
            moment = moment._replace(start_ms=max(0, moment.start_ms - first_wall))
        if line.kind == "time":
            noted = moment
            account.leaves_out("time", written(line.text))
            continue
        if moment is not None:
            noted = moment
        outside = written(line.text) - written(line.whole)
        if line.kind == "timed" and line.head is not None and line.whole == line.text:
            time = _time_characters(line)
        else:
            account.leaves_out("time", outside)
            time = 0
        start = noted.start_ms if noted else None
        found.append(Stretch(_placed(line), line.words, line.whole, start, noted.end_ms if noted else None, time))
    return found


def _time_characters(line: _Line) -> int:
    assert line.head is not None
    return max(0, written(line.text) - written(line.words) - written(line.head.label) - line.text.count(":", -1))


def _is_fact(line: _Line, spoken: set[str]) -> bool:
    """Whether a line above the first speech tells of the call: its date, who was there."""
    if line.head is None or line.kind != "label" or not _FACT.fullmatch(line.head.label):
        return False
    names = [part.strip() for part in re.split(r"[,;]|\band\b", line.words)]
    role = line.head.label.casefold() in ("candidate", "interviewer", "interviewers", "host", "organizer", "organiser")
    return not role or all(key(name) in spoken for name in names if name)


def _preamble(all_lines: list[_Line], begins: int, spoken: set[str]) -> set[int]:
    """Which of the lines before the first speech are the file's own: title, date, who was there."""
    lines = all_lines[:begins]
    rest = all_lines[begins:]
    timed = bool(rest) and all(line.moment for line in rest if line.head and not line.head.tight)
    title = next((n for n, line in enumerate(lines) if n and line.apart), begins if rest and rest[0].apart else 0)
    # Where every speech has its time, a block without one above them is the file's title.
    titled = timed and title <= _MOST_TITLE_LINES and all(_is_title(line.text) for line in lines[:title])
    return set(range(title)) if titled else set()


def _ends_the_preamble(lines: list[_Line], at: int, speaks: int) -> bool:
    """Whether all above this line is the tool's: notes, title, date, who was there. At `speaks` speech begins."""
    line = lines[at]
    if not (_HEADING.fullmatch(line.text[:60]) or _STARTED.fullmatch(line.text[:120])):
        return False
    begun = any(
        following.kind == "time" and not following.moment[0] for following in lines[at + 1 : at + 3] if following.moment
    )
    return at < speaks or begun


def _is_title(text: str) -> bool:
    return len(text.split()) <= _MOST_TITLE_WORDS and not text.endswith(_SENTENCE_ENDS)


def _is_known(line: _Line, spoken: set[str]) -> bool:
    text = line.text[:300].strip(_AROUND)
    if _is_fact(line, spoken) or _DATE_LINE.fullmatch(text):
        return True
    if line.text.startswith("# ") or (_TITLE.fullmatch(line.text[:200]) and not text.endswith(_SENTENCE_ENDS)):
        return True
    names = [name for part in text.split(",") if (name := part.strip())]
    return len(text) < 300 and bool(names) and all(key(name) in spoken for name in names) and line.head is None
