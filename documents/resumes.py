"""Résumés as candidates send them, JSON Resume or text → one normalised text with named sections.

JSON Resume: https://jsonresume.org/schema, version 1.0.0. Every word of it is kept, one line a fact, but what only
machines read (links to pictures and schemas, dates of the file).
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from operator import itemgetter

from documents.decoding import Unreadable, decoded, shown
from documents.extracts import Extract, composed
from documents.section_headings import SECTIONS, headed_by, section_of, section_of_key
from domain.core.source_text import normalised, word_count
from domain.evidence.resume import Resume, Section

_FEWEST_WORDS = 20
_FOR_MACHINES = frozenset({"$schema", "image", "meta"})
_GUTTER = re.compile(r"(?<=\S) {3,}(?=\S)")
_FEWEST_LINES_OF_A_COLUMN = 5
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
_BEGINS_AS_JSON = re.compile(r'[\[{]\s*(?:["\[{}\]]|-?\d[\d.]*\s*,|\Z)')
_SUBTITLE_TIME = re.compile(r"^[\d:.,]+ +--> +[\d:.,]+", re.M)


def read_resume(data: bytes, name: str) -> Resume:
    """Read an uploaded résumé that is JSON Resume or text; `name` is the file's, used only in sentences.

    Raises Unreadable for what is larger than 5 MB, empty, cut off, damaged, not text, or no résumé.
    """
    file = shown(name)
    text = decoded(data, name).strip()
    if _BEGINS_AS_JSON.match(text):
        resume = _from_json(text, file)
    elif text.startswith("<?xml"):
        raise Unreadable(f"{file} is XML, which programs read and people do not. Save it as PDF or Word.")
    elif text.startswith(("WEBVTT", "<")) or _SUBTITLE_TIME.search(text[:500]):
        raise Unreadable(f"{file} is not a résumé. Upload it as PDF, Word, text or JSON Resume.")
    else:
        resume = _from_text(text, file)
    return _long_enough(resume, file)


def resume_of(extract: Extract, file: str) -> Resume:
    """Return the résumé that the lines of a document are, in sections by its headings."""
    text, sections, places = composed(extract.lines, headed_by)
    if not sections:
        raise _too_short(file)
    resume = Resume(text=text, sections=sections, pages=extract.pages, places=places, remarks=extract.remarks)
    return _long_enough(resume, file)


def _long_enough(resume: Resume, file: str) -> Resume:
    if word_count(resume.text) < _FEWEST_WORDS:
        raise _too_short(file)
    return resume


def _too_short(file: str) -> Unreadable:
    return Unreadable(f"{file} has too few words for a résumé: fewer than {_FEWEST_WORDS}.")


def _from_json(text: str, file: str) -> Resume:
    try:
        content = _unwrapped(json.loads(text, object_pairs_hook=_with_every_value))
    except (ValueError, RecursionError):
        raise Unreadable(f"{file} is cut off or damaged: its JSON cannot be read. Export it again.") from None
    if not isinstance(content, dict) or not any(section_of_key(key) and part for key, part in content.items()):
        raise Unreadable(f"{file} is JSON but not JSON Resume: it has none of its sections, such as “work”.")
    try:
        parts = [(name, "\n".join(_facts(content[key], []))) for name, key in _sections_of(content)]
    except RecursionError:
        raise Unreadable(f"{file} is JSON but not JSON Resume: it is nested too deeply.") from None
    if any(_HALF_A_CHARACTER.search(words) for part in parts for words in part):
        raise Unreadable(f"{file} is damaged: there is half a character in it. Export it again.")
    return _joined(parts, file)


def _with_every_value(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object; what stands under one key several times is a list, so that nothing of it is lost."""
    values: dict[str, list[object]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    return {key: several[0] if len(several) == 1 else several for key, several in values.items()}


def _unwrapped(content: object) -> object:
    """A résumé that stands alone in a list, or under a key of an object that has no sections itself."""
    if isinstance(content, list) and len(content) == 1:
        content = content[0]
    if isinstance(content, dict) and not any(map(section_of_key, content)):
        inside = [key for key, part in content.items() if isinstance(part, dict) and any(map(section_of_key, part))]
        if len(inside) == 1:
            inner = content.pop(inside[0])
            content = {**inner, **{key: part for key, part in content.items() if key not in inner}}
    return content


def _sections_of(content: dict[str, object]) -> list[tuple[str, str]]:
    """The names of a file's sections with their keys, those of JSON Resume first; a key of its own names a section."""
    keys = [key for key in content if key not in _FOR_MACHINES]
    known = [(name, name) for name in SECTIONS if name in content]
    return known + [(section_of_key(key) or key.casefold(), key) for key in keys if key not in SECTIONS]


def _facts(value: object, lines: list[str]) -> list[str]:
    """`lines` and one more for each fact; the short facts of one entry (position, name, dates) share its first line.

    One list for all: lines that are handed on from depth to depth take the depth's time each.
    """
    if isinstance(value, dict):
        kept = {key: part for key, part in value.items() if key not in _FOR_MACHINES}
        short = [str(part) for part in kept.values() if _is_short(part)]
        if short:
            lines.append(", ".join(part for part in short if part.strip()))
        for part in kept.values():
            if not _is_short(part):
                _facts(part, lines)
    elif isinstance(value, list):
        short = [str(part) for part in value if _is_short(part)]
        if short and len(short) == len(value):
            lines.append(", ".join(short))
        else:
            for part in value:
                _facts(part, lines)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        lines.append(str(value))
    return lines


def _is_short(part: object) -> bool:
    if isinstance(part, str):
        return len(part.split()) <= 6 and "\n" not in part
    return isinstance(part, int | float) and not isinstance(part, bool)


def _from_text(text: str, file: str) -> Resume:
    parts: list[tuple[str, list[str]]] = [("basics", [])]
    before = "the name"
    for line in normalised(_in_one_column(text)).split("\n"):
        if (section := headed_by(line, alone=not before)) is not None:
            parts.append((section, []))
        parts[-1][1].append(line)
        before = line
    return _joined(((name, "\n".join(lines)) for name, lines in parts), file)


def _in_one_column(text: str) -> str:
    """Put what stands in a right-hand column below the left one: read across, they make sentences that nobody wrote.

    A column begins at one place in several lines, beside other words, and has a heading of its own; dates at the right
    of what they belong to have none. A line that runs over the column's edge is a line of the left one.
    """
    lines = text.expandtabs().split("\n")
    begins = Counter(gap.end() for line in lines for gap in _GUTTER.finditer(line))
    at, count = max(begins.items(), key=itemgetter(1), default=(0, 0))
    right = [line[at:] if line[:at].endswith("  ") else "" for line in lines]
    if count < _FEWEST_LINES_OF_A_COLUMN or not any(section_of(line) is not None for line in right):
        return text
    left = (line.removesuffix(beside) for line, beside in zip(lines, right, strict=True))
    return "\n".join((*left, "", *right))


def _joined(parts: Iterable[tuple[str, str]], file: str) -> Resume:
    kept = [(name, words) for name, part in parts if (words := normalised(part))]
    if not kept:
        raise _too_short(file)
    starts = [0]
    for _, words in kept:
        starts.append(starts[-1] + len(words) + 2)
    sections = (
        Section(name, start, following - 2)
        for (name, _), (start, following) in zip(kept, pairwise(starts), strict=True)
    )
    return Resume(text="\n\n".join(words for _, words in kept), sections=tuple(sections))
