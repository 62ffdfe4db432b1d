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
    "punctuatedword", "text", "transcript", "sentence", "spokentext", "rawtext", "content", "displaytext", "display",
    "caption", "word", "value", "message", "body",
)  # fmt: skip
_NAMES = (
    "speakername", "speakerdisplayname", "displayname", "fullname", "name", "username", "label", "participant",
    "speaker", "speakerinfo", "speakerlabel", "speakerid", "speakertag", "channel", "matchedcalendarinviteeemail",
    "email", "id",
)  # fmt: skip
_SPEAKERS = (
    "speakername", "speakerdisplayname", "participant", "speakerinfo", "speaker", "speakerlabel", "speakerid",
    "speakertag", "matchedcalendarinviteeemail",
)  # fmt: skip
_PERHAPS_SPEAKERS = (
    "name", "displayname", "username", "user", "users", "author", "sender", "participantrole", "role", "from", "who",
    "channel",
)  # fmt: skip
"""Where nothing else says who speaks, these may."""
_STARTS = (
    "start", "starttime", "startoffset", "starttimestamp", "startdatetime", "ts", "timestamp", "begin", "from",
    "offset", "relative", "startms", "beginoffsetmillis", "offsetmilliseconds",
)  # fmt: skip
_ENDS = ("end", "endtime", "endoffset", "endtimestamp", "enddatetime", "endts", "to", "endms", "endoffsetmillis")
_LISTS_OF_WORDS = ("words", "elements", "tokens")
_ATTEMPTS = ("alternatives", "nbest")
"""Lists of what may have been said, the likeliest first."""
_PUNCTUATION = ("punct", "punctuation")
_TYPES_OF_WORDS = frozenset({"word", "pronunciation", *_PUNCTUATION})
_BESIDE = frozenset(
    {"chat", "comments", "notes", "summary", "summaries", "highlights", "actionitems", "topics", "chapters", "moments"}
)
"""Lists that say something of a call, and are not what was said in it."""
_FULL_NAMES = ("name", "displayname", "fullname")
_IDS = ("id", "speakerid", "speaker", "speakerlabel", "label", "key", "index")
_MOST_DEPTH = 60
_LATEST = 1e15
"""What is no number, or past all time, is no time."""
_HALF = re.compile("[\ud800-\udfff]")
_DURATION = re.compile(r"PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?")
_IN_MILLISECONDS = ("ms", "millis", "milliseconds")
_BETWEEN_WORDS = re.compile(r"[_\-\s]+")


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
    called = _names_of(content, {piece.speaker for piece in pieces if piece.speaker})
    found = []
    for piece in pieces:
        head = Head(called.get(piece.speaker, piece.speaker), sure=True) if piece.speaker else None
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
    most: tuple[bool, bool, bool, int, int, int] | None = None
    for path, rows in _lists(content):
        for sure, names in ((True, _SPEAKERS), (False, _PERHAPS_SPEAKERS)):
            pieces = list(_pieces(rows, names))
            if (path and path[-1] in _LISTS_OF_WORDS) or _are_words(rows):
                pieces = _joined(pieces)
            named = sum(written(piece.words) for piece in pieces if piece.speaker)
            several = len({piece.speaker for piece in pieces if piece.speaker}) > 1
            # Of two lists with the same words, that with fewer and longer pieces.
            all_ = sum(written(piece.words) for piece in pieces)
            rank = (_BESIDE.isdisjoint(path), sure, several, named, all_, -len(pieces))
            if named and (most is None or rank > most):
                best, most = pieces, rank
            if named:
                break
    return _without_copy(best), _tool(content)


def _without_copy(pieces: list[_Piece]) -> list[_Piece]:
    """Without the words of nobody, where they are the words of all once more, as Google's first results are."""
    spoken = [piece for piece in pieces if piece.speaker]
    others = "".join("".join(piece.words.split()) for piece in pieces if not piece.speaker)
    return spoken if others == "".join("".join(piece.words.split()) for piece in spoken) else pieces


def _names_of(content: Any, speakers: set[str]) -> dict[str, str]:
    """What the file says its speakers are called, where it says so of all of them."""
    listed = content if isinstance(content, dict) else {}
    for key, value in listed.items():
        by_number = "speaker" in _plain(key)
        if not (by_number or _plain(key) in ("participants", "attendees", "users", "parties")):
            continue
        names: dict[str, str] = {}
        if isinstance(value, dict):
            names = {str(id): _label(named) for id, named in value.items()}
        elif isinstance(value, list):
            for row in (_with_plain_keys(row) for row in value if isinstance(row, dict)):
                id = next((row[each] for each in _IDS if isinstance(row.get(each), str | int)), "")
                names[str(id)] = next(
                    (_label(row[each]) for each in ("name", "displayname", "fullname") if row.get(each)), ""
                )
        called = {
            speaker: names.get(speaker) or names.get(speaker.removeprefix("Speaker "), "") for speaker in speakers
        }
        # Numbers of people who were there need not be the numbers of voices.
        if all(called.values()) and (by_number or not any(each.isdigit() for each in names)):
            return called
    return {}


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


def _plain(key: str) -> str:
    """A key in the way we look for it: services write "speakerName", "speaker_name" and "Speaker Name"."""
    return _BETWEEN_WORDS.sub("", key).lower()


def _with_plain_keys(row: _Object) -> _Object:
    return {_plain(key): value for key, value in row.items()}


def _lists(content: Any) -> Iterator[tuple[tuple[str, ...], list[_Object]]]:
    """Every list of objects by where it stands; lists that stand at one place of several objects are one."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), content)]
    found: dict[tuple[str, ...], list[_Object]] = {}
    while waiting:
        path, value = waiting.pop()
        if len(path) > _MOST_DEPTH:
            continue
        if isinstance(value, dict):
            waiting.extend(((*path, _plain(name)), inner) for name, inner in reversed(value.items()))
        elif isinstance(value, list):
            if path and path[-1] in _ATTEMPTS:
                value = value[:1]
            rows = [_with_plain_keys(row) for row in value if isinstance(row, dict)]
            if rows:
                found.setdefault(path, []).extend(rows)
            waiting.extend((path, inner) for inner in reversed(value) if isinstance(inner, dict | list))
    yield from found.items()


def _are_words(rows: Sequence[_Object]) -> bool:
    return all(row.get("type") in _TYPES_OF_WORDS for row in rows)


def _pieces(rows: Sequence[_Object], names: Sequence[str]) -> Iterator[_Piece]:
    before: _Piece | None = None
    for row in rows:
        first = _likeliest(row)
        words = _inner(row, _LISTS_OF_WORDS) or _inner(first, _LISTS_OF_WORDS)
        text = _said(row) or _said(first) or "".join(_spaced(words))
        text = text or " ".join(_said(each) for each in _inner(row, ("sentences",)))
        speaker = _speaker(row, names) or _speaker(first, names) or _only_speaker(words)
        by_word = _by_word(words, text, speaker)
        start, end = _first(row, _STARTS), _first(row, _ENDS)
        if start is None and (inside := words or _inner(row, ("sentences",))):
            start, end = _first(inside[0], _STARTS), _first(inside[-1], _ENDS)
        if before is not None and row.get("type") in _PUNCTUATION:
            before = before._replace(words=before.words + text.strip())
            continue
        if before is not None:
            yield before
            before = None
        if by_word is not None:
            yield from by_word
        elif text.strip():
            before = _Piece(speaker, text, start, end)
    if before is not None:
        yield before


def _likeliest(row: _Object) -> _Object:
    """Of several attempts at what was said, the first."""
    return next((attempts[0] for attempts in (_inner(row, (name,)) for name in _ATTEMPTS) if attempts), {})


def _inner(row: _Object, names: Sequence[str]) -> list[_Object]:
    inner: list[Any] = next((row[name] for name in names if isinstance(row.get(name), list)), [])
    return [_with_plain_keys(each) for each in inner if isinstance(each, dict)]


def _only_speaker(words: Sequence[_Object]) -> str:
    """Who says all words of a segment that names nobody itself."""
    speakers = {_speaker(word, _SPEAKERS) for word in words}
    return speakers.pop() if len(speakers) == 1 else ""


def _by_word(words: Sequence[_Object], text: str, speaker: str) -> list[_Piece] | None:
    """A segment's words by speaker, where they were said by several and are all the words that it has."""
    spoken = [
        _Piece(_speaker(word, _SPEAKERS), _said(word), _first(word, _STARTS), _first(word, _ENDS)) for word in words
    ]
    if len({piece.speaker for piece in spoken if piece.speaker}) < 2:
        return None
    if "".join("".join(piece.words for piece in spoken).split()) != "".join(text.split()):
        return None
    return _joined([piece if piece.speaker else piece._replace(speaker=speaker) for piece in spoken])


def _spaced(words: Sequence[_Object]) -> Iterator[str]:
    spaced = any(isinstance(word.get("value"), str) and word["value"].isspace() for word in words)
    for n, word in enumerate(words):
        said = _said(word)
        if n and not spaced and not (word.get("type") in _PUNCTUATION and said[:1] not in ("(", "[")):
            yield " "
        yield said


def _said(row: _Object) -> str:
    said = next((row[name] for name in _WORDS_OF_ONE if isinstance(row.get(name), str)), "")
    return _HALF.sub("\ufffd", said)


def _speaker(row: _Object, names: Sequence[str]) -> str:
    return next((label for name in names if (label := _label(row.get(name)))), "")


def _label(value: Any) -> str:
    if isinstance(value, list):
        return _label(value[0]) if len(value) == 1 else ""
    if isinstance(value, dict):
        plain = _with_plain_keys(value)
        return next(
            (label for name in _NAMES if not isinstance(plain.get(name), dict) and (label := _label(plain.get(name)))),
            "",
        )
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return f"Speaker {value:g}"
    return " ".join(normalised(_HALF.sub("\ufffd", value)).split()) if isinstance(value, str) else ""


def _first(row: _Object, names: Sequence[str]) -> float | None:
    for name in names:
        if (number := _number(row.get(name))) is not None:
            return number / 1000 if name.endswith(_IN_MILLISECONDS) else number
    return None


def _number(value: Any) -> float | None:
    if isinstance(value, dict):
        return _first(value, ("relative", "seconds"))
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        number = float(value)
    elif isinstance(value, str):
        if duration := _DURATION.fullmatch(value[:60]):
            hours, minutes, seconds = (float(part or 0) for part in duration.groups())
            return (hours * 60 + minutes) * 60 + seconds
        try:
            number = float(value.removesuffix("s"))
        except ValueError:
            return None if (found := milliseconds(value[:60])) is None else found / 1000
    else:
        return None
    return number if abs(number) < _LATEST else None


def _scale(pieces: Sequence[_Piece]) -> int:
    """1000 where times are seconds, 1 where they are milliseconds: people say some three words a second."""
    timed = [piece for piece in pieces if piece.start is not None and piece.end is not None and piece.end > piece.start]
    if not timed or any(not float(piece.start or 0).is_integer() for piece in timed):
        return 1000
    seconds = sum((piece.end or 0) - (piece.start or 0) for piece in timed)
    return 1 if seconds > 20 * sum(len(piece.words.split()) for piece in timed) else 1000
