"""Transcripts as meeting tools export them → what was said, by whom and when.

WebVTT (Zoom's "Name:" prefixes, Teams' voice tags), SubRip, and plain text, told apart by what is in the file.
Pure and bound to the CPU: a file of the largest size takes seconds, so call it off the event loop.
"""

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from documents.decoding import Unreadable, decoded, shown
from documents.dialogue import utterances
from documents.speakers import labelled, names, someone_else
from domain.evidence.transcript import UNKNOWN_SPEAKER, Transcript, Utterance

# Each of these looks at a character a few times and no more, whatever it is given: what is possessive (`++`) is never
# tried again at another length.
_SUBRIP = re.compile(r"^[^\S\n]*+(?:\d++[^\S\n]*+\n\s*+)?+\d++:\d{1,2}:\d{1,2}[,.]\d{1,3}\s*+-->", re.M)
_BETWEEN = r"[,.:\uff0c\uff0e\u3002\uff1a]"
_TIME = rf"[0-9]++{_BETWEEN}[0-9]++{_BETWEEN}[0-9]++{_BETWEEN}?[0-9]*+"
_NUMBER = r"-?[0-9]++\.?[0-9]*+\s*\n"
_SUBTITLE = re.compile(
    # Its number, if any, its times, and whatever follows them in their line.
    rf"\s*+(?:{_NUMBER})?(?P<start>{_TIME}) *+-[ -] *+> *+(?P<end>{_TIME})[^\n]*+(?:\n|\Z)"
    # Its words, blank lines among them too, until the next number and time; or a time without a number, or the end.
    rf"(?P<words>.*?)(?:\n|\Z)(?:\n|\Z|(?={_NUMBER}{_TIME}))(?=(?:{_NUMBER})?{_TIME}|\Z)",
    re.S,
)
_PARTS_OF_A_TIME = re.compile(r"[0-9]+")
_LONGEST_PART_OF_A_TIME = 9
"""Digits: of hours, a hundred thousand years. A number of any length takes long to read."""
_NOT_A_CUE = ("NOTE", "STYLE", "REGION")
_ONLY_NUMBERS = re.compile(r"[\d:,.\s>-]*+")
_CUT_OFF_CUE = re.compile(r"\n\n\d++(?:\n|\Z)")
_CUT_OFF_TAG = re.compile(r"</?(?:v[^<>]*)?\Z")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?(?:\s++([^<>]*+))?>|(</v>)")
_LONG_REFERENCE = re.compile(r"&#[0-9]{20,};?")  # to no character there is, and too long to be read as a number
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>|<\d[\d:.]*>")


class _Cue(NamedTuple):
    start_ms: int
    end_ms: int
    text: str


class _Said(NamedTuple):
    cue: int
    speaker: str | None
    words: str


def read_transcript(data: bytes, name: str) -> Transcript:
    """Read an uploaded transcript; `name` is the file's, used only in sentences.

    Raises Unreadable for what is larger than 5 MB, empty, cut off, damaged, not text, or names no speaker.
    """
    text = decoded(data, name).lstrip()
    if text.startswith("WEBVTT"):
        said = _spoken(_webvtt_cues(text, name))
    elif _SUBRIP.search(text[:2_000]):
        said = _spoken(_subrip_cues(text, name))
    elif "-->" in text[:2_000]:
        raise Unreadable(f"{shown(name)} looks like WebVTT without its first line. Export it again.")
    else:
        said = utterances(text)
    if all(utterance.speaker == UNKNOWN_SPEAKER for utterance in said):
        raise Unreadable(f"{shown(name)} {_why_speakerless(text)}")
    return Transcript.of(said)


def _why_speakerless(text: str) -> str:
    if text[0] in "{<":
        return "is not a transcript. Upload WebVTT, SubRip (.srt), or text with a “Name:” before what each person says."
    return "does not say who speaks. Export it with speaker names, or put “Name:” before what each person says."


def _webvtt_cues(text: str, name: str) -> list[_Cue]:
    file = shown(name)
    try:
        captions = webvtt.from_string(text).captions
    except (MalformedFileError, MalformedCaptionError):
        raise Unreadable(f"{file} is damaged: a cue's times cannot be read. Export it again.") from None
    cues = [
        _Cue(caption.start_time.in_milliseconds(), caption.end_time.in_milliseconds(), caption.raw_text)
        for caption in captions
    ]
    # webvtt-py passes over what it cannot parse. Nothing that was said may get lost in silence.
    blocks = [block for block in re.split(r"\n{2,}", text.strip("\n")) if not block.startswith(_NOT_A_CUE)]
    stray = next((block for block in blocks[1:] if "-->" not in block), None)
    if stray is not None:
        line = text[: text.index(stray)].count("\n") + 1
        raise Unreadable(f"{file} is cut off or damaged: line {line} belongs to no cue. Export it again.")
    if text.count("-->") != len(cues):
        raise Unreadable(f"{file} is cut off or damaged: a cue's times cannot be read. Export it again.")
    return _complete(cues, file)


def _subrip_cues(text: str, name: str) -> list[_Cue]:
    file = shown(name)
    cues: list[_Cue] = []
    at = 0
    while at < len(text):
        found = _SUBTITLE.match(text, at)
        if found is None:
            raise Unreadable(f"{file} is cut off or damaged: a subtitle cannot be read. Export it again.")
        cues.append(_Cue(_milliseconds(found["start"], file), _milliseconds(found["end"], file), found["words"]))
        at = found.end()
    if any("-->" in cue.text for cue in cues) or (cues and _is_cut_off(cues[-1].text)):
        raise Unreadable(f"{file} is cut off or damaged: a subtitle's times cannot be read. Export it again.")
    return _complete(cues, file)


def _is_cut_off(words: str) -> bool:
    """Whether the last words end with the beginning of a further subtitle: its number, perhaps part of its times."""
    end = _ONLY_NUMBERS.match(words[::-1])
    return end is not None and _CUT_OFF_CUE.search(words, len(words) - end.end()) is not None


def _complete(cues: list[_Cue], file: str) -> list[_Cue]:
    if not cues:
        raise Unreadable(f"{file} holds no words: it has no cue.")
    last = cues[-1].text
    closes_tags = any("</v>" in cue.text for cue in cues[:-1])
    left_open = closes_tags and last.count("<v") > last.count("</v>")
    if not last.strip() or _CUT_OFF_TAG.search(last) or left_open:
        raise Unreadable(f"{file} is cut off inside its last cue. Export it again.")
    return sorted(cues, key=lambda cue: cue.start_ms)


def _spoken(cues: list[_Cue]) -> list[Utterance]:
    """Give each stretch of each cue its speaker.

    A cue that names nobody goes on with the last speaker, unless the file is one that names the speaker of every
    cue: there it is someone the tool did not know.
    """
    known = names(label for cue in cues for label in _labels(cue.text))
    said = [_Said(n, speaker, words) for n, cue in enumerate(cues) for speaker, words in _stretches(cue.text, known)]
    always_named = any(
        before.speaker == after.speaker and before.speaker is not None and before.cue != after.cue
        for before, after in pairwise(said)
    )
    spoken: list[Utterance] = []
    current = UNKNOWN_SPEAKER
    for stretch in said:
        if stretch.speaker is not None:
            current = stretch.speaker
        elif always_named or someone_else(stretch.words):
            current = UNKNOWN_SPEAKER
        cue = cues[stretch.cue]
        spoken.append(Utterance(current, stretch.words, cue.start_ms, cue.end_ms))
    return spoken


def _labels(text: str) -> Iterator[str]:
    if _VOICE.search(text):
        return
    for n, line in enumerate(_plain(text).split("\n")):
        if (n == 0 or someone_else(line)) and (found := labelled(line)):
            yield found[0]


def _stretches(text: str, known: frozenset[str]) -> Iterator[tuple[str | None, str]]:
    if _VOICE.search(text):
        yield from _by_voice_tag(text)
        return
    speaker: str | None = None
    lines: list[str] = []
    for line in _plain(text).split("\n"):
        found = labelled(line)
        named = found is not None and found[0] in known
        if (named or someone_else(line)) and lines:
            yield speaker, " ".join(lines)
            speaker, lines = None, []
        if found is not None and named:
            speaker, line = found
        lines.append(line)
    yield speaker, " ".join(lines)


def _by_voice_tag(text: str) -> Iterator[tuple[str | None, str]]:
    # One cue may hold several voices; text outside any tag is nobody's.
    speaker: str | None = None
    at = 0
    for tag in _VOICE.finditer(text):
        if words := _plain(text[at : tag.start()]).strip():
            yield speaker, words
        speaker = " ".join(_plain(tag[1] or "").split()) or None
        at = tag.end()
    if words := _plain(text[at:]).strip():
        yield speaker, words


def _plain(text: str) -> str:
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", _TAG.sub("", text)))


def _milliseconds(time: str, file: str) -> int:
    """What "01:02:03,004" is, in milliseconds; the last part may be left out."""
    parts = _PARTS_OF_A_TIME.findall(time)
    if max(map(len, parts)) > _LONGEST_PART_OF_A_TIME:
        raise Unreadable(f"{file} has times that no recording has. Export it again.")
    hours, minutes, seconds, thousandths = (*map(int, parts), 0)[:4]
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
