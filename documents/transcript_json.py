"""Transcripts in JSON, as services for speech recognition and meeting tools give them → stretches of speech.

Segments or utterances with a speaker each (WhisperX, Deepgram, AssemblyAI, Fireflies, Fathom, Grain, Microsoft, any
`{"segments": […]}`), and words one by one with a speaker each (AWS Transcribe, Deepgram, Rev).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

from documents.attribution import Account, Stretch, written
from documents.clock_times import milliseconds
from documents.decoding import Unreadable
from documents.speakers import Head
from domain.core.source_text import normalised

_Object: TypeAlias = Mapping[str, Any]

_WORDS_OF_ONE = (
    "punctuated_word", "text", "transcript", "sentence", "spokenText", "raw_text", "content", "displayText", "display",
    "caption", "word", "value",
)  # fmt: skip
_NAMES = (
    "speaker_name", "speakerName", "speakerDisplayName", "display_name", "displayName", "name", "label", "participant",
    "speaker", "speaker_label", "speakerLabel", "speaker_id", "speakerId", "speakerTag", "speaker_tag", "channel",
    "matched_calendar_invitee_email", "email", "id",
)  # fmt: skip
_SPEAKERS = tuple(
    name for name in _NAMES if name not in ("name", "label", "id", "email", "display_name", "displayName")
)
_STARTS = (
    "start", "start_time", "startTime", "startOffset", "start_timestamp", "startDateTime", "ts", "timestamp", "begin",
    "from", "offset", "relative", "startMs", "start_ms",
)  # fmt: skip
_ENDS = ("end", "end_time", "endTime", "endOffset", "end_timestamp", "endDateTime", "end_ts", "to", "endMs", "end_ms")
_LISTS_OF_WORDS = ("words", "elements", "tokens")
_MOST_DEPTH = 60
_HALF = re.compile("[\ud800-\udfff]")


class _Piece(NamedTuple):
    speaker: str
    words: str
    start: float | None
    end: float | None


def stretches(text: str, file: str, account: Account) -> tuple[list[Stretch], str] | None:
    """Return what is said in a transcript in JSON, and how it was read; None if it is not JSON.

    Raises Unreadable for JSON that is damaged, or that says nothing of who spoke.
    """
    content = _content(text, file)
    if content is None:
        return None
    pieces, tool = _amazon(content) or _best(content)
    if not pieces:
        return None
    scale = _scale(pieces)
    found = []
    for piece in pieces:
        head = Head(piece.speaker, sure=True) if piece.speaker else None
        start = None if piece.start is None else round(piece.start * scale)
        end = None if piece.end is None else round(piece.end * scale)
        found.append(Stretch(head, piece.words, piece.speaker + piece.words, start, end, goes_on=False))
    rest = written(text) - sum(written(one.whole) for one in found)
    account.leaves_out("furniture", rest)
    return found, tool


def _content(text: str, file: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise Unreadable(f"{file} is nested too deeply to be a transcript.") from None
    except ValueError:
        pass
    try:
        # One object a line.
        return [json.loads(line) for line in text.split("\n") if line] if "\n" in text and "}\n{" in text else None
    except (ValueError, RecursionError):
        return None


def _amazon(content: Any) -> tuple[list[_Piece], str] | None:
    """Words of AWS Transcribe, joined into turns; their speakers stand beside them, or in segments by the time."""
    results = content.get("results") if isinstance(content, dict) else None
    if not isinstance(results, dict) or not isinstance(results.get("items"), list):
        return None
    speakers: dict[str, str] = {}
    labels = results.get("speaker_labels") or {}
    for segment in labels.get("segments") or []:
        for item in segment.get("items") or []:
            speakers[str(item.get("start_time"))] = str(item.get("speaker_label") or segment.get("speaker_label") or "")
    channels = (results.get("channel_labels") or {}).get("channels") or []
    for channel in channels:
        for item in channel.get("items") or []:
            speakers.setdefault(str(item.get("start_time")), str(channel.get("channel_label") or ""))
    said: list[_Piece] = []
    for item in results["items"]:
        word = next((str(one.get("content") or "") for one in item.get("alternatives") or [] if one), "")
        if item.get("type") == "punctuation" and said:
            said[-1] = said[-1]._replace(words=said[-1].words + word)
            continue
        start = item.get("start_time")
        speaker = str(item.get("speaker_label") or speakers.get(str(start)) or "")
        said.append(_Piece(speaker, word, _number(start), _number(item.get("end_time"))))
    return _joined(said), "AWS Transcribe, JSON"


def _joined(said: Sequence[_Piece]) -> list[_Piece]:
    turns = []
    for speaker, spoken in groupby(said, key=lambda piece: piece.speaker):
        words = list(spoken)
        turns.append(_Piece(speaker, " ".join(piece.words for piece in words), words[0].start, words[-1].end))
    return turns


def _best(content: Any) -> tuple[list[_Piece], str]:
    """The list of the file that gives most words a speaker, and how its tool is called."""
    best: list[_Piece] = []
    most = (0, 0)
    for path, rows in _lists(content):
        pieces = list(_pieces(rows))
        if path.rsplit(".", 1)[-1] in _LISTS_OF_WORDS:
            pieces = _joined(pieces)
        named = sum(written(piece.words) for piece in pieces if piece.speaker)
        # Of two lists with the same words, that with fewer and longer pieces.
        if named and (named, -len(pieces)) > most:
            best, most = pieces, (named, -len(pieces))
    return best, _tool(content)


def _tool(content: Any) -> str:
    keys = set(content) if isinstance(content, dict) else set()
    if {"metadata", "results"} <= keys:
        return "Deepgram, JSON"
    if {"utterances", "audio_url"} <= keys or {"utterances", "language_model"} <= keys:
        return "AssemblyAI, JSON"
    if "monologues" in keys:
        return "Rev, JSON"
    if "sentences" in keys:
        return "Fireflies, JSON"
    return "JSON"


def _lists(content: Any) -> Iterator[tuple[str, list[_Object]]]:
    waiting: list[tuple[str, Any, int]] = [("", content, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > _MOST_DEPTH:
            continue
        if isinstance(value, dict):
            waiting.extend((f"{path}.{name}"[-80:], inner, depth + 1) for name, inner in value.items())
        elif isinstance(value, list):
            rows: list[_Object] = [row for row in value if isinstance(row, dict)]
            if rows:
                yield path, rows
            waiting.extend((path, inner, depth + 1) for inner in value if isinstance(inner, dict | list))


def _pieces(rows: Sequence[_Object]) -> Iterator[_Piece]:
    for row in rows:
        inner: list[Any] = next((row[name] for name in _LISTS_OF_WORDS if isinstance(row.get(name), list)), [])
        words = [word for word in inner if isinstance(word, dict)]
        speaker = _speaker(row)
        text = _said(row) or "".join(_spaced(words))
        by_word = _by_word(words, text, speaker)
        if by_word is not None:
            yield from by_word
        elif text.strip():
            start = _first(row, _STARTS)
            end = _first(row, _ENDS)
            if start is None and words:
                start, end = _first(words[0], _STARTS), _first(words[-1], _ENDS)
            yield _Piece(speaker, text, start, end)


def _by_word(words: Sequence[_Object], text: str, speaker: str) -> list[_Piece] | None:
    """A segment's words by speaker, where they were said by several and are all the words that it has."""
    spoken = [_Piece(_speaker(word), _said(word), _first(word, _STARTS), _first(word, _ENDS)) for word in words]
    if len({piece.speaker for piece in spoken if piece.speaker}) < 2:
        return None
    if "".join("".join(piece.words for piece in spoken).split()) != "".join(text.split()):
        return None
    return _joined([piece if piece.speaker else piece._replace(speaker=speaker) for piece in spoken])


def _spaced(words: Sequence[_Object]) -> Iterator[str]:
    spaced = any(isinstance(word.get("value"), str) and word["value"].isspace() for word in words)
    for n, word in enumerate(words):
        said = _said(word)
        if n and not spaced and not (word.get("type") in ("punct", "punctuation") and said[:1] not in ("(", "[")):
            yield " "
        yield said


def _said(row: _Object) -> str:
    said = next((row[name] for name in _WORDS_OF_ONE if isinstance(row.get(name), str)), "")
    return _HALF.sub("\ufffd", said)


def _speaker(row: _Object) -> str:
    for name in _SPEAKERS:
        label = _label(row.get(name))
        if label:
            return label
    return ""


def _label(value: Any) -> str:
    if isinstance(value, dict):
        return next(
            (label for name in _NAMES if not isinstance(value.get(name), dict) and (label := _label(value.get(name)))),
            "",
        )
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return f"Speaker {value:g}"
    return " ".join(normalised(_HALF.sub("\ufffd", value)).split()) if isinstance(value, str) else ""


def _first(row: _Object, names: Sequence[str]) -> float | None:
    return next((number for name in names if (number := _number(row.get(name))) is not None), None)


def _number(value: Any) -> float | None:
    if isinstance(value, dict):
        return _first(value, ("relative", "seconds"))
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value.removesuffix("s"))
        except ValueError:
            return None if (found := milliseconds(value[:60])) is None else found / 1000
    return None


def _scale(pieces: Sequence[_Piece]) -> int:
    """1000 where times are seconds, 1 where they are milliseconds: people say some three words a second."""
    timed = [piece for piece in pieces if piece.start is not None and piece.end is not None and piece.end > piece.start]
    if not timed or any(not float(piece.start or 0).is_integer() for piece in timed):
        return 1000
    seconds = sum((piece.end or 0) - (piece.start or 0) for piece in timed)
    return 1 if seconds > 20 * sum(len(piece.words.split()) for piece in timed) else 1000
