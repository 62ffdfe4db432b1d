"""Transcripts as tables, values parted by tabs, commas or semicolons → stretches of speech.

Whisper and WhisperX write such files, and sheets in which somebody wrote down a call are saved so. The first row says
what each column is.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable

from documents.attribution import Account, Stretch, heads, written
from documents.clock_times import milliseconds
from documents.speakers import Head, is_diarised, judged, labelled
from domain.core.source_text import normalised

_SEPARATORS = "\t,;"
_WORDS = frozenset({"text", "transcript", "transcription", "words", "content", "utterance", "sentence", "message"})
_SPEAKERS = frozenset({"speaker", "speaker name", "speakername", "name", "who", "participant", "speaker label"})
_STARTS = frozenset({"start", "start time", "starttime", "begin", "time", "timestamp", "from"})
_ENDS = frozenset({"end", "end time", "endtime", "to"})
_KNOWN = frozenset(
    {"words", "speaker", "start", "end", "", "#", "no", "id", "index", "line", "number", "duration", "confidence"}
    | {"channel", "language", "type", "segment", "speaker id", "email", "speaker email"}
)
"""What tools write beside the words."""
_LONGEST_ROW = 100_000


def stretches(text: str, people: Iterable[str], account: Account) -> tuple[list[Stretch], str] | None:
    """Return what is said in each row of a table, and how it was read; None if the text is no such table.

    Where there is no column of speakers, a label before the words of a row names them. Two columns parted by tabs need
    no first row: one is of speakers if those come again.
    """
    lines = [f"{line}\n" for line in text.strip("\ufeff\n").split("\n")]
    found = _columns(lines[0].strip())
    separator, columns = found or ("\t", ["speaker", "words"])
    if found is None and any(line.count("\t") != 1 for line in lines if line.strip()):
        return None
    try:
        body = lines[1:] if found else lines
        rows = [row for row in csv.reader(body, delimiter=separator, strict=bool(found)) if row]
    except csv.Error:
        return None
    if any(len(row) != len(columns) for row in rows):
        return None
    at: dict[str, int] = {kind: columns.index(kind) for kind in ("words", "speaker", "start", "end") if kind in columns}
    scale = _scale([row[at["start"]] for row in rows if "start" in at])
    spoken = [row for row in rows if row[at["words"]].strip()]
    said = [_said(row, at, scale, sure=found is not None) for row in spoken]
    if "speaker" not in judged(heads(said), tuple(people)).values():
        return None
    said = [one for row, words in zip(spoken, said, strict=True) for one in (words, *_beside(row, columns))]
    account.leaves_out("furniture", written(normalised(text)) - sum(written(one.whole) for one in said))
    return said, "table"


def _columns(line: str) -> tuple[str, list[str]] | None:
    """What each column is, and what parts them, if a line says so: one is of words, another of speakers or times."""
    separator, count = Counter({one: line.count(one) for one in _SEPARATORS}).most_common(1)[0]
    if not count or len(line) > _LONGEST_ROW:
        return None
    kinds = {"words": _WORDS, "speaker": _SPEAKERS, "start": _STARTS, "end": _ENDS}
    names = [name.strip().strip('"').replace("_", " ").casefold() for name in line.split(separator)]
    columns = [next((kind for kind, called in kinds.items() if name in called), name) for name in names]
    if columns.count("words") != 1 or columns.count("speaker") > 1 or not {"speaker", "start"} & set(columns):
        return None
    return separator, columns


def _said(row: list[str], at: dict[str, int], scale: float, sure: bool) -> Stretch:
    words = " ".join(normalised(row[at["words"]]).split())
    start, end = (_time(row[at[kind]], scale) if kind in at else None for kind in ("start", "end"))
    if "speaker" in at:
        label = " ".join(normalised(row[at["speaker"]]).split()).rstrip(" :\uff1a")
        return Stretch(Head(label, sure=sure) if label else None, words, label + words, start, end, goes_on=False)
    found = labelled(words)
    if found is None:
        return Stretch(None, words, words, start, end, goes_on=False)
    return Stretch(found[0]._replace(sure=is_diarised(found[0].label)), found[1], words, start, end)


def _beside(row: list[str], columns: list[str]) -> list[Stretch]:
    """What stands in a row in columns of which we do not know what they are: perhaps it was said, so it is shown."""
    cells = (" ".join(normalised(cell).split()) for cell, kind in zip(row, columns, strict=True) if kind not in _KNOWN)
    return [Stretch(None, cell, cell, goes_on=False, odd=True) for cell in cells if re.search(r"[^\W\d_]", cell)]


def _scale(starts: list[str]) -> float:
    """Whisper writes whole milliseconds; others write seconds, or times with colons."""
    whole = [int(start) for start in starts if start.strip().isdigit() and len(start) < 12]
    return 1 if len(whole) == len(starts) and max(whole, default=0) >= 1000 else 1000


def _time(value: str, scale: float) -> int | None:
    value = value.strip()
    if value.replace(".", "", 1).isdigit() and len(value) < 15:
        return round(float(value) * scale)
    return milliseconds(value[:60])
