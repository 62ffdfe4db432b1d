"""What people type, read as they mean it: `170,000`, `€85k`, `US$`, `Portland`, `tomorrow 3pm`.

Nothing is guessed: what may mean two things is not read, and the form says what would be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from domain.core.search_words import plain_word
from domain.time.zones import zone_named, zones_of_cities


class TypedNumber(NamedTuple):
    """A number as the API takes it, with the currency that was written beside it, if one was."""

    number: str
    currency: str = ""


CURRENCY_NAMES: Mapping[str, str] = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "eur": "EUR", "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD",
    "dollars": "USD", "us dollars": "USD", "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "chf": "CHF",
    "fr": "CHF", "fr.": "CHF", "sfr": "CHF", "francs": "CHF", "franken": "CHF", "ca$": "CAD", "c$": "CAD", "cad": "CAD",
    "a$": "AUD", "aud": "AUD", "kr": "", "¥": "", "zł": "PLN", "pln": "PLN", "kč": "CZK", "czk": "CZK", "₹": "INR",
    "inr": "INR", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "jpy": "JPY",
}  # fmt: skip
"""What a currency is called besides its three letters; "" for what several are called."""

_THOUSANDS = {
    "": 1,
    "k": 1_000,
    "tsd": 1_000,
    "thousand": 1_000,
    "m": 1_000_000,
    "mio": 1_000_000,
    "million": 1_000_000,
}
_NUMBER = re.compile(
    r"(?P<before>[^\d\s.,+-]*?)\s*(?P<digits>\d[\d.,]*)\s*(?P<scale>(?:k|tsd|thousand|mio|million|m)(?![a-z]))?\.?\s*(?P<after>[^\d]*)",
    re.I,
)
_UNITS = frozenset({"min", "min.", "mins", "minute", "minutes", "day", "days", "working days", "people", "openings"})
_PERIODS = re.compile(r"\s*(?:/|per|a|an)\s*(?:year|yr|annum|month|day|hour|h)\s*$|\s*p\.?\s?a\.?\s*$", re.I)


def currency_of(text: str) -> str | None:
    """The three letters of a currency that somebody wrote; None for what is none, or may be several."""
    word = text.strip().casefold()
    if re.fullmatch(r"[a-z]{3}", word) and word not in CURRENCY_NAMES:
        return word.upper()
    return CURRENCY_NAMES.get(word) or None


def number_of(text: str) -> TypedNumber | None:
    """The number that somebody wrote, with or without a currency; None for what is none, or may be two."""
    folded = re.sub(r"(?<=\d)[\s'\u2019\u00a0\u202f\u2009](?=\d{3}\b)", "", unicodedata.normalize("NFKC", text.strip()))
    found = _NUMBER.fullmatch(_PERIODS.sub("", folded))
    if found is None or (digits := _digits(found["digits"])) is None:
        return None
    beside = [part for part in (found["before"].strip(), found["after"].strip()) if part]
    if len(beside) > 1 or (beside and beside[0].casefold() not in _UNITS and currency_of(beside[0]) is None):
        return None
    currency = currency_of(beside[0]) or "" if beside and beside[0].casefold() not in _UNITS else ""
    return TypedNumber(_scaled(digits, _THOUSANDS[(found["scale"] or "").casefold()]), currency)


def _digits(text: str) -> str | None:
    """Digits with at most one point, from either way of writing them."""
    text = text.rstrip(".,")
    marks = [mark for mark in text if mark in ".,"]
    if not marks:
        return text
    whole, last = text[: max(text.rfind("."), text.rfind(","))], re.split(r"[.,]", text)[-1]
    groups = re.split(r"[.,]", whole)
    if len(set(marks)) == 2 and marks.count(marks[-1]) > 1:
        return None
    if len(set(marks)) == 2 or len(last) != 3:
        grouped = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3
        return f"{''.join(groups)}.{last}" if len(groups) == 1 or grouped else None
    return "".join((*groups, last)) if all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3 else None


def _scaled(digits: str, times: int) -> str:
    if times == 1:
        return digits
    whole, _, part = digits.partition(".")
    places = len(str(times)) - 1
    scaled = f"{whole}{part[:places].ljust(places, '0')}".lstrip("0") or "0"
    return f"{scaled}.{part[places:]}" if part[places:] else scaled


def zone_of(text: str) -> str | None:
    """The time zone that somebody means by its name or by a large city in it; None for what is none that is known."""
    wanted = text.strip().replace(" ", "_")
    try:
        return zone_named(wanted).key
    except (ValueError, OSError):
        return zones_of_cities().get(" ".join(plain_word(text.replace("_", " ")).split()))


# Times

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = "|".join(f"{one}[a-z]*\\.?" for one in _MONTHS)
_WEEKDAY = "|".join(f"{one}[a-z]*\\.?" for one in _DAYS)
_AT = re.compile(
    r"(?:^|\bat\s+|[\s,@]+)(?:(?P<word>noon|midnight)|(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d)|\s?h)?\s*(?P<half>[ap]\.?m\.?)?"
    r"(?:\s*o'?clock)?)\s*$",
    re.I,
)
_OF_DAY = (
    (re.compile(r"(?:in\s+)?(\d{1,2})\s+(day|week)s?", re.I), "ahead"),
    (re.compile(rf"(?:(?P<which>next|this|on)\s+)?(?P<weekday>{_WEEKDAY})", re.I), "weekday"),
    (
        re.compile(
            rf"(?:(?:{_WEEKDAY}),?\s+)?(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<month>{_MONTH})"
            rf"|(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?),?(?:\s+(?P<year>\d{{4}}))?",
            re.I,
        ),
        "month",
    ),
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), "iso"),
    (re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})?"), "dotted"),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})"), "slashed"),
)


class TypedTime(NamedTuple):
    """A time on the clocks of whoever typed it; `whole` where day and year are written out: it means no other."""

    wall: datetime
    whole: bool


class TypedDay(NamedTuple):
    """A day, and whether it was written out."""

    day: date
    whole: bool


def time_of(text: str, now: datetime) -> TypedTime | None:
    """The time that somebody means who writes at `now`, both on their clocks; None for what is none, or may be two."""
    said = " ".join(text.replace("\u202f", " ").split())
    if soon := re.fullmatch(r"in\s+(\d{1,3})\s+(minute|hour)s?", said, re.I):
        length = timedelta(**{f"{soon[2].lower()}s": int(soon[1])})
        return TypedTime((now + length).replace(second=0, microsecond=0), whole=False)
    at = _AT.search(said)
    if at is None or (clock := _clock(at)) is None:
        return None
    written = re.sub(r"[\s,@]+(at)?$", "", said[: at.start()], flags=re.I).strip()
    if not written or written.casefold() == "at":
        return None
    day = day_of(written, now.date())
    if day is None:
        return None
    return TypedTime(datetime.combine(day.day, clock), day.whole)


def clock_of(text: str) -> str | None:
    """A time of day as `15:00`, from any way of writing it."""
    at = _AT.fullmatch(text.strip())
    clock = _clock(at) if at else None
    return f"{clock:%H:%M}" if clock else None


def _clock(at: re.Match[str]) -> time | None:
    if at["word"]:
        return time(12) if at["word"].lower() == "noon" else time(0)
    if at["minute"] is None and at["half"] is None and not at[0].strip().lower().endswith(("h", "clock")):
        return None  # a number alone is an hour only to whoever wrote it
    hour, minute = int(at["hour"]), int(at["minute"] or 0)
    if at["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if at["half"].lower().startswith("p") else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def day_of(text: str, today: date) -> TypedDay | None:
    """The day that somebody means who writes on `today`; None for what is none, or may be two."""
    said = text.strip()
    near = {"today": 0, "tomorrow": 1, "day after tomorrow": 2, "the day after tomorrow": 2, "yesterday": -1}
    if (days := near.get(said.casefold())) is not None:
        return TypedDay(today + timedelta(days=days), whole=False)
    for shape, kind in _OF_DAY:
        if found := shape.fullmatch(said):
            try:
                return _day(kind, found, today)
            except ValueError:
                return None
    return None


def _day(kind: str, found: re.Match[str], today: date) -> TypedDay | None:
    if kind == "ahead":
        return TypedDay(today + timedelta(days=int(found[1]) * (7 if found[2].lower() == "week" else 1)), whole=False)
    if kind == "weekday":
        ahead = (_DAYS.index(found["weekday"][:3].lower()) - today.weekday()) % 7 or 7
        if (found["which"] or "").lower() == "next":  # of the week that begins on the next Monday
            ahead = 7 - today.weekday() + _DAYS.index(found["weekday"][:3].lower())
        return TypedDay(today + timedelta(days=ahead), whole=False)
    if kind == "month":
        month = _MONTHS.index((found["month"] or found["month2"])[:3].lower()) + 1
        return _of_year(found["year"], month, int(found["day"] or found["day2"]), today)
    first, second, third = found.groups()
    if kind == "iso":
        return TypedDay(date(int(first), int(second), int(third)), whole=True)
    if kind == "dotted":
        return _of_year(third, int(second), int(first), today)
    if int(first) > 12 or int(first) == int(second):
        return TypedDay(date(int(third), int(second), int(first)), whole=True)
    return TypedDay(date(int(third), int(first), int(second)), whole=True) if int(second) > 12 else None


def _of_year(year: str | None, month: int, day: int, today: date) -> TypedDay:
    if year:
        return TypedDay(date(int(year), month, day), whole=True)
    this = date(today.year, month, day)
    return TypedDay(this if this >= today else date(today.year + 1, month, day), whole=False)
