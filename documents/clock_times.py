"""Times of a recording, as tools and people write them → milliseconds.

"00:01:02.345", "1:02", ":01:02", "[0:02 - 0:05]", "10:02 AM", "2 minutes 13 seconds", "0 Stunden 2 Minuten", "1h 2m".
"""

import re
from typing import NamedTuple

_LONGEST = 70
"""Characters that a time may have, brackets and all."""

_HOUR = "hours?|hrs?|h|stunden?|std|heures?|horas?|or[ae]|uur|uren|godzin[ay]?|hodin[ya]?|saat|時間|小时|小時|시간"
_MINUTE = "minutes?|mins?|m|minuten?|minutos?|minut[oiay]?|minuut|min|dakika|分钟|分鐘|分|분"
_SECOND = "seconds?|secs?|s|sekunden?|sek|secondes?|segundos?|second[oi]|seconden?|sekund[ay]?|saniye|秒|초"
_PART = rf"(?:\d{{1,3}}\s?(?:{_HOUR}|{_MINUTE}|{_SECOND})(?![^\W\d_])\.?)"
_WORDS = rf"{_PART}(?:,?\s?(?:and\s|und\s|et\s|y\s|e\s|en\s)?{_PART}){{0,2}}"
_CLOCK = (
    r"(?:(?<!\d)\d{1,3}:\d{1,2}:\d{1,2}|(?<![\d:])\d{1,3}:\d{2}|(?<![\d\w]):\d{2}:\d{2})(?:[.,]\d{1,9})?(?![:\d])"
    r"(?:\s?[ap]\.?\s?m(?![^\W\d_])\.?)?"
)
_DATE = r"(?:\d{4}-\d{2}-\d{2}[T ]|\d{1,2}[./]\d{1,2}[./]\d{2,4},?\s)"
_ONE = rf"(?:{_WORDS}|{_DATE}?{_CLOCK}(?:Z|\+\d\d:?\d\d)?)"
_BETWEEN = r"\s?(?:--?>|-|\u2013|\u2014|\u2192|to)\s?"


def _range(n: int) -> str:
    return rf"(?P<start{n}>{_ONE})(?:{_BETWEEN}(?P<end{n}>{_ONE})|\s?{_ONE})?"


_MOMENT = rf"(?:\[\s?{_range(1)}\s?\]|\(\s?{_range(2)}\s?\)|@?{_range(3)})"
_FIRST = re.compile(_MOMENT, re.I)
_LAST = re.compile(rf"(?P<before>^|[\s,|\u2013\u2014-]|(?=[\[(])){_MOMENT}$", re.I)
_BY_NUMBERS = re.compile(r"(?P<clock>[\d:]*:[\d:]*\d)(?:[.,](?P<part>\d+))?\s?(?P<half>[ap]\.?\s?m)?", re.I)
_NUMBER_AND_UNIT = re.compile(rf"(\d{{1,3}})\s?(?:({_HOUR})|({_MINUTE})|({_SECOND}))(?![^\W\d_])", re.I)
_DAY_MS = 24 * 3_600_000
_A_DATE = re.compile(_DATE)
_DIGIT = re.compile(r"\d")


class Moment(NamedTuple):
    """From when, until when (if the file says), and whether by the clock on the wall."""

    start_ms: int
    end_ms: int | None = None
    by_the_wall: bool = False
    marked: bool = False
    """Whether brackets say that it is no speech."""
    in_words: bool = False
    """Whether its parts have their units, as in "2 minutes 13 seconds"."""


def first_time(line: str) -> tuple[Moment, str] | None:
    """Split a line that begins with a time into the time and what follows it."""
    head = line[:_LONGEST]
    if not _DIGIT.search(head[:4]):
        return None
    found = _FIRST.match(head)
    if found is None or (found.end() < len(line) and line[found.end()].isalnum()):
        return None
    return _moment(found), line[found.end() :]


def last_time(line: str) -> tuple[str, Moment] | None:
    """Split a line that ends with a time into what stands before it and the time."""
    if not _DIGIT.search(line[-12:]):
        return None
    at = max(0, len(line) - _LONGEST)
    found = _LAST.search(line, at)
    return (line[: found.start()], _moment(found)) if found and (found.start() > at or not at) else None


def milliseconds(time: str) -> int | None:
    """Return what one time is; None if it is none."""
    if found := _BY_NUMBERS.search(_A_DATE.sub("", time)):
        seconds = 0
        parts = [int(part or 0) for part in found["clock"].split(":")]
        if found["half"]:
            hour = parts[0] % 12 + (12 if found["half"][0] in "pP" else 0)
            parts = [hour, *parts[1:], *([0] if len(parts) == 2 else [])]
        for part in parts:
            seconds = seconds * 60 + part
        return seconds * 1000 + int((found["part"] or "0").ljust(3, "0")[:3])
    units = _NUMBER_AND_UNIT.findall(time)
    if not units:
        return None
    return 1000 * sum(int(number) * (3600 if hour else 60 if minute else 1) for number, hour, minute, _second in units)


def _moment(found: re.Match[str]) -> Moment:
    start = found["start1"] or found["start2"] or found["start3"]
    end = found["end1"] or found["end2"] or found["end3"]
    half = re.search(r"[ap]\.?\s?m", start, re.I) is not None and ":" in start
    return Moment(
        milliseconds(start) or 0,
        milliseconds(end) if end else None,
        half or _A_DATE.match(start) is not None,
        found["start3"] is None,
        ":" not in start,
    )
