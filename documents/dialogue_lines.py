"""Dialogue in plain text, line by line: what each is by itself, a label, a time, words, or what a tool wrote."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from documents.attribution import Stretch
from documents.clock_times import Moment, first_time, last_time
from documents.speakers import LONGEST_LABEL, Head, bare, is_sentence, labelled, may_be_label

SIGNS_BETWEEN = " -\u2013\u2014|,:<>"
"""What may stand between a name and a time."""
_CHAT = re.compile(r"From\s+(?P<label>.{1,80}?)\s+(?:to\s+.{1,80}?)?\s?:\s*(?P<words>.*)", re.I)
BRACKETED = re.compile(r"(?P<opening>[\[(])(?P<label>[^\[\]():]{1,80})[\])]\s*(?P<words>\S.*)")
SENTENCE_ENDS = (".", "?", "!", ",", ";", "\u2026", "\u3002", "\uff1f", "\uff01")
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
EMPHASIS = re.compile(r"(?<!\S)[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?!\S)")
_MARKS_BEFORE_A_TIME = re.compile(r"^[*_#]+\s?(?=[\[(]?\d)")
_LONGEST_FURNITURE = 500
_ABOUT_A_MESSAGE = re.compile(
    r"(?:Reacted to|Replying to|Removed an? .{1,60} reaction from) [\"\u201c].{1,400}[\"\u201d](?: with .{1,60})?"
)
"""What Zoom's chat says of a message, in whose words somebody else speaks."""
_KEYWORDS = "SUMMARY KEYWORDS"
AROUND = "#*_> "
"""What Markdown puts before and behind whole lines."""

Kind = Literal["furniture", "time", "timed", "label", "text"]


class Line(NamedTuple):
    """A line as it is by itself: `words` without the `head` that says whose they are, at a `moment`, if it has them."""

    text: str
    kind: Kind
    apart: bool
    """Whether a blank line stands before it."""
    head: Head | None = None
    words: str = ""
    moment: Moment | None = None
    whole: str = ""
    """The line without a time in brackets before it."""
    alone: bool = False
    """Name and time, and nothing besides."""


def lines_of(text: str) -> list[tuple[str, bool]]:
    """The lines that are not blank, each with whether a blank one stands before it."""
    found: list[tuple[str, bool]] = []
    apart = True
    for line in text.split("\n"):
        if line:
            found.append((line, apart))
        apart = not line
    return found


def _is_furniture(line: str) -> bool:
    plain = line.strip(AROUND)
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


def parsed(line: str, apart: bool) -> Line:
    """What a line is by itself; `apart` from the one before it, or not."""
    if _is_furniture(line):
        return Line(line, "furniture", apart)
    if _TITLE_WITH_DASH.fullmatch(line.strip(AROUND)[:LONGEST_LABEL]):
        return Line(line, "text", apart, whole=line)
    inner = bare(line) if line.startswith(("*", "_", "#")) and len(line) <= LONGEST_LABEL else line
    if (emphasised := EMPHASIS.sub("", line)) != line and len(line) <= LONGEST_LABEL and last_time(emphasised):
        inner = emphasised
    inner = _MARKS_BEFORE_A_TIME.sub("", inner, count=1)
    first = first_time(inner)
    if first is not None:
        moment, rest = first
        rest = rest.lstrip(SIGNS_BETWEEN)
        if not rest.strip():
            return Line(line, "time", apart, moment=moment, whole=line)
        rest = rest.strip()
        whole = rest if moment.marked else line
        if chat := _CHAT.match(rest):
            if _ABOUT_A_MESSAGE.fullmatch(chat["words"].strip()[:_LONGEST_FURNITURE]):
                return Line(line, "furniture", apart)
            return Line(line, "timed", apart, Head(bare(chat["label"])), chat["words"], moment, whole)
        if (found := labelled(rest)) is not None and not found[0].tight:
            return Line(line, "timed", apart, found[0], found[1], moment, whole)
        if (bracketed := BRACKETED.match(rest)) and may_be_label(bracketed["label"]):
            return Line(line, "timed", apart, Head(bracketed["label"].strip()), bracketed["words"], moment, whole)
        if (label := as_name(rest)) is not None:
            return Line(line, "timed", apart, Head(label), "", moment, whole, alone=True)
        return Line(line, "text", apart, moment=moment if moment.marked else None, whole=whole)
    if len(inner) <= LONGEST_LABEL and (last := last_time(inner)) is not None:
        name = as_name(_without_signs(last[0]))
        if name is not None:
            colon = last[0].rstrip().endswith((":", "\uff1a"))
            return Line(line, "timed", apart, Head(name, tight=colon), "", last[1], line, alone=True)
    return by_label(line, apart)


def by_label(line: str, apart: bool) -> Line:
    """The same of a line that begins with no time."""
    found = labelled(line)
    if found is None:
        return Line(line, "text", apart, whole=line)
    head, words = found
    if (
        (inside := last_time(head.label)) is not None
        and (name := bare(_without_signs(inside[0])))
        and may_be_label(name)
    ):
        return Line(line, "timed", apart, Head(name), words, inside[1], line, alone=not words)
    if (following := first_time(words)) is not None and following[0].marked:
        return Line(line, "timed", apart, head, following[1].lstrip(SIGNS_BETWEEN), following[0], line)
    return Line(line, "label", apart, head, words, whole=line)


def _without_signs(name: str) -> str:
    """A name without what stands between it and a time; the bracket that closes its address stays."""
    stripped = name.strip(SIGNS_BETWEEN)
    return f"{stripped}>" if "<" in stripped else stripped


def as_name(words: str) -> str | None:
    """These words as a name on a line of its own, or beside a time; None if nobody is called so."""
    label = bare(words.removesuffix(":").strip())
    if not may_be_label(label) or is_sentence(label) or labelled(label + " ") is not None:
        return None
    return None if label.endswith(SENTENCE_ENDS) and not _TITLES_THAT_END_SO.search(label) else label


def without_keywords(lines: list[Line]) -> list[Line]:
    """Without the line of keywords that Otter finds in what was said."""
    return [
        Line(line.text, "furniture", line.apart) if above and above.text == _KEYWORDS else line
        for above, line in pairwise([None, *lines])
        if line
    ]


def is_header(line: Line) -> bool:
    """Whether a time stands there without words."""
    return line.alone or line.kind == "time"


def spoken_time(line: Line) -> Line:
    """The line as words: its time was said."""
    return line._replace(kind="text", head=None, moment=None, whole=line.text, alone=False)


def is_same_time(one: Line, other: Line) -> bool:
    """Whether both say the same time."""
    return one.moment is not None and other.moment is not None and one.moment.start_ms == other.moment.start_ms


def drafted(lines: Sequence[Line]) -> list[Stretch]:
    """The stretches as the lines stand, to judge their labels by."""
    return [Stretch(placed(line), line.words, line.whole) for line in lines if line.kind not in ("furniture", "time")]


def placed(line: Line) -> Head | None:
    """The head of a line, which knows whether it stands inside a block."""
    return line.head and line.head._replace(inside=not line.apart)
