"""Free time: when several people could meet, from their working hours and what they have on already.

Spans are in UTC, from the first instant until before the second. What is given back is in order, and no two touch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta

from domain.time.calendars import Calendar
from domain.time.working_spans import Span
from domain.time.zones import in_utc, instant_of, zone_named

OPENS, CLOSES = time(8), time(19)
"""The hours at which a candidate may be asked to come, on their own clock."""

HALF_HOUR = timedelta(minutes=30)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in as few spans as there can be; empty ones are left out."""
    whole: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return tuple(whole)


def without(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of `spans` once the time of `taken` is gone."""
    left = list(joined(spans))
    for gone, back in joined(taken):
        left = [part for start, end in left for part in ((start, min(end, gone)), (max(start, back), end))]
        left = [(start, end) for start, end in left if start < end]
    return tuple(left)


def in_common(several: Iterable[Iterable[Span]]) -> tuple[Span, ...]:
    """The time that lies in each of `several`; none of nobody's."""
    first, *others = [joined(spans) for spans in several] or [()]
    for other in others:
        first = joined(
            (max(start, begins), min(end, ends)) for start, end in first for begins, ends in other if begins < end
        )
    return first


def working(calendar: Calendar, start: datetime, end: datetime) -> tuple[Span, ...]:
    """When somebody works between `start` and `end`."""
    return in_common((calendar.working_time(start, end), [(in_utc(start), in_utc(end))]))


def daytime(zone: str, start: datetime, end: datetime) -> tuple[Span, ...]:
    """The sociable hours of `zone` between `start` and `end`, on every day of the week."""
    clock = zone_named(zone)
    first, last = (at.astimezone(clock).date() for at in (start, end))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    hours = [[instant_of(datetime.combine(day, at), clock) for at in (OPENS, CLOSES)] for day in days]
    return in_common(([(opens, closes) for opens, closes in hours], [(in_utc(start), in_utc(end))]))


def starts(
    free: Iterable[Span], length: timedelta, zone: str, most: int = 3, step: timedelta = HALF_HOUR
) -> tuple[datetime, ...]:
    """The first `most` times at which something of this `length` fits into `free`, none of which overlaps another.

    They fall on full steps of the clock of `zone`: at ten or half past, not at 10:07.
    """
    found: list[datetime] = []
    for at in _steps(free, length, zone, step):
        if len(found) == most:
            break
        if not found or at >= found[-1] + length:
            found.append(at)
    return tuple(found)


def _steps(free: Iterable[Span], length: timedelta, zone: str, step: timedelta) -> Iterator[datetime]:
    clock = zone_named(zone)
    for start, end in joined(free):
        wall = start.astimezone(clock).replace(tzinfo=None)
        over = (wall - datetime.combine(wall.date(), time())) % step
        at = start + (step - over if over else timedelta())
        while at + length <= end:
            yield at
            at += step


def suiting(
    people: Sequence[Iterable[Span]], busy: Iterable[Span], hours: Iterable[Span] | None, earliest: datetime
) -> tuple[Span, ...]:
    """When everybody could meet: all of `people` work, nobody is `busy`, it is in `hours`, where somebody comes whose
    daytime counts, and not before `earliest`."""
    common = in_common([*people, *([hours] if hours is not None else [])])
    past = (datetime.min.replace(tzinfo=earliest.tzinfo), earliest)
    return without(common, [*busy, past])
