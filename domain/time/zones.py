"""Time zones: their names, and what their wall clocks show.

A wall-clock time that comes twice (clocks go back) means its first coming, and one that never comes (clocks go forward)
the instant at which the gap ends; so hours that adjoin on paper adjoin on every day of the year.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime

from domain.core.plain_words import Plain

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)

_WALL = "%-d %B %Y, %H:%M"
_IN_WORDS, _READ = f"{_WALL} UTC", "%d %B %Y, %H:%M UTC"
_TIME = re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC\b")


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@lru_cache(maxsize=1_024)
def zone_named(name: str) -> ZoneInfo:
    """The zone of that IANA name, from the `tzdata` wheel. Raises `ValueError` when there is none."""
    if name not in _zone_names():
        raise ValueError(f"There is no time zone called “{name}”. A large city in it is understood: Berlin, New York.")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def city_of(name: str) -> str:
    """What people call the zone of that IANA name: `New York` for `America/New_York`."""
    return name.rpartition("/")[2].replace("_", " ")


CITIES: dict[str, str] = {
    "America/New_York": "boston, washington, washington dc, philadelphia, miami, atlanta, nyc, eastern, et, est, edt",
    "America/Chicago": "austin, dallas, houston, minneapolis, nashville, central, ct, cdt",
    "America/Denver": "salt lake city, boulder, mountain, mst, mdt",
    "America/Los_Angeles": "portland, san francisco, seattle, san diego, oakland, la, pacific, pt, pst, pdt",
    "America/Toronto": "ottawa, montreal",
    "America/Vancouver": "vancouver",
    "Europe/London": "uk, england, manchester, edinburgh, glasgow, bristol, oxford",
    "Europe/Berlin": "germany, munich, munchen, hamburg, frankfurt, cologne, koln, stuttgart, dusseldorf, leipzig, cet",
    "Europe/Paris": "france, lyon, toulouse, marseille, nantes",
    "Europe/Madrid": "spain, barcelona, seville",
    "Europe/Rome": "italy, milan, milano, roma, turin, naples",
    "Europe/Zurich": "switzerland, geneva, basel, bern, lausanne",
    "Europe/Amsterdam": "netherlands, rotterdam, utrecht, eindhoven, the hague",
    "Europe/Vienna": "austria, graz, linz, salzburg, wien",
    "Europe/Warsaw": "poland, krakow, gdansk, wroclaw",
    "Europe/Lisbon": "portugal, porto",
    "Europe/Kyiv": "ukraine, lviv",
    "Asia/Kolkata": "india, mumbai, delhi, new delhi, bangalore, bengaluru, hyderabad, chennai, pune",
    "Asia/Jerusalem": "israel, haifa",
    "Asia/Tokyo": "japan, osaka, kyoto, jst",
    "Asia/Shanghai": "china, beijing, shenzhen, hangzhou",
    "America/Sao_Paulo": "rio de janeiro, rio",
    "Australia/Sydney": "canberra",
    "UTC": "utc, gmt",
}
"""Large cities, countries of one zone and zones by their letters, as people write them, by the zone they mean."""


@lru_cache(maxsize=1)
def zones_of_cities() -> dict[str, str]:
    """The zone that is meant by a city's name, in small letters: its own name where it has one, else of `CITIES`."""
    named = {city_of(zone).lower(): zone for zone in sorted(_zone_names()) if zone.partition("/")[0] in _CONTINENTS}
    return named | {city: zone for zone, cities in CITIES.items() for city in cities.split(", ")}


_CONTINENTS = frozenset({"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})


def in_utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises `ValueError` for a time that does not say its zone."""
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError("This time does not say which time zone it is in.")
    return at.astimezone(UTC)


def time_in_words(at: datetime, *, or_later: bool = False) -> str:
    """A time for a reader whose zone is not known: `4 March 2026, 14:00 UTC`.

    It names the minute `at` falls into or, where the reader has to name this time `or_later`, the first not before it.
    """
    minute = (at + _MINUTE - timedelta.resolution if or_later else at).astimezone(UTC)
    return f"{minute:{_IN_WORDS}}"


def on_clock_of(zone: str, sentence: str) -> str:
    """`sentence` with every time of `time_in_words` in it as the clocks of `zone` show it, for a reader there."""

    def told(found: re.Match[str]) -> str:
        at = datetime.strptime(found[0], _READ).replace(tzinfo=UTC)
        return f"{at.astimezone(zone_named(zone)):{_WALL}}"

    return _TIME.sub(told, sentence)


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clocks of `zone` show `wall`, which names no zone itself; in UTC."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first <= second:
        return first
    # In a gap the two readings lie on either side of its end, which falls on a whole second.
    before, after = second.replace(microsecond=0), first.replace(microsecond=0)
    offset = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2 // _SECOND * _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def _known_zone(name: str) -> str:
    zone_named(name)
    return name


Zone = Annotated[str, AfterValidator(_known_zone), Plain("a time zone by its name; any other is refused")]
"""The IANA name of a time zone; refused when there is none of that name."""

Instant = Annotated[AwareDatetime, AfterValidator(in_utc)]
"""A point in time, kept in UTC."""
