"""Dialogue in plain text, as meeting tools and people write it → stretches of speech.

Understood: "Name: words", with a time before, in or behind the name; a line of name and time with the words below;
name, time and words on lines of their own, in either order; a name on a line of its own; "[Name] words"; names in
Markdown's bold; lines with nothing but a time. Which of these a file has is told by how often it has them.
"""

import re
from collections.abc import Iterable

from documents.attribution import Account, Stretch, heads, written
from documents.clock_times import Moment
from documents.dialogue_layouts import with_heads
from documents.dialogue_lines import AROUND, SENTENCE_ENDS, Line, drafted, lines_of, parsed, placed, without_keywords
from documents.dialogue_times import timed_alike
from documents.speakers import judged, key

_TOOLS = (("otter.ai", "Otter"), ("fathom.video", "Fathom"), ("rev.com", "Rev"), ("fireflies", "Fireflies"))
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
_MOST_TITLE_LINES = 4
_MOST_TITLE_WORDS = 10


def stretches(text: str, participants: Iterable[str], account: Account) -> tuple[list[Stretch], str]:
    """Return what is said in a plain transcript, in order, and how the file was read."""
    people = tuple(participants)
    lines = timed_alike(without_keywords([parsed(line, apart) for line, apart in lines_of(text)]))
    lines, heading = with_heads(lines, people)
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


def _spoken(lines: list[Line], people: tuple[str, ...], account: Account) -> list[Stretch]:
    verdicts = judged(heads(drafted(lines)), people)
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
        found.append(Stretch(placed(line), line.words, line.whole, start, noted.end_ms if noted else None, time))
    return found


def _time_characters(line: Line) -> int:
    assert line.head is not None
    return max(0, written(line.text) - written(line.words) - written(line.head.label) - line.text.count(":", -1))


def _is_fact(line: Line, spoken: set[str]) -> bool:
    """Whether a line above the first speech tells of the call: its date, who was there."""
    if line.head is None or line.kind != "label" or not _FACT.fullmatch(line.head.label):
        return False
    names = [part.strip() for part in re.split(r"[,;]|\band\b", line.words)]
    role = line.head.label.casefold() in ("candidate", "interviewer", "interviewers", "host", "organizer", "organiser")
    return not role or all(key(name) in spoken for name in names if name)


def _preamble(all_lines: list[Line], begins: int, spoken: set[str]) -> set[int]:
    """Which of the lines before the first speech are the file's own: title, date, who was there."""
    lines = all_lines[:begins]
    rest = all_lines[begins:]
    timed = bool(rest) and all(line.moment for line in rest if line.head and not line.head.tight)
    title = next((n for n, line in enumerate(lines) if n and line.apart), begins if rest and rest[0].apart else 0)
    # Where every speech has its time, a block without one above them is the file's title.
    titled = timed and title <= _MOST_TITLE_LINES and all(_is_title(line.text) for line in lines[:title])
    return set(range(title)) if titled else set()


def _ends_the_preamble(lines: list[Line], at: int, speaks: int) -> bool:
    """Whether all above this line is the tool's: notes, title, date, who was there. At `speaks` speech begins."""
    line = lines[at]
    if not (_HEADING.fullmatch(line.text[:60]) or _STARTED.fullmatch(line.text[:120])):
        return False
    begun = any(
        following.kind == "time" and not following.moment[0] for following in lines[at + 1 : at + 3] if following.moment
    )
    return at < speaks or begun


def _is_title(text: str) -> bool:
    return len(text.split()) <= _MOST_TITLE_WORDS and not text.endswith(SENTENCE_ENDS)


def _is_known(line: Line, spoken: set[str]) -> bool:
    text = line.text[:300].strip(AROUND)
    if _is_fact(line, spoken) or _DATE_LINE.fullmatch(text):
        return True
    if line.text.startswith("# ") or (_TITLE.fullmatch(line.text[:200]) and not text.endswith(SENTENCE_ENDS)):
        return True
    names = [name for part in text.split(",") if (name := part.strip())]
    return len(text) < 300 and bool(names) and all(key(name) in spoken for name in names) and line.head is None
