"""Amounts in words: counts with their noun, lengths of time, months and quarters, as people say them."""

from __future__ import annotations

import calendar

_MINUTES, _HOURS, _DAY = 90, 48, 24
"""From so many minutes on people say hours, from so many hours on days; a day has so many hours."""
_WHOLE_DAYS = 10
"""From so many days on nobody says half ones."""


def counted(count: float, one: str, several: str = "") -> str:
    """`1 candidate`, `2 candidates`, `no candidates`; `several` is the plural where it takes more than an s."""
    noun = one if count == 1 else several or f"{one}s"
    return f"{count:,.0f} {noun}" if count else f"no {noun}"


def lasting(hours: float) -> str:
    """A length of time in the unit people use for it: `20 minutes`, `1 hour`, `36 hours`, `2½ days`, `12 days`."""
    minutes = round(hours * 60)
    if minutes < 1:
        return "under a minute"
    if minutes < _MINUTES and minutes != 60:
        return counted(minutes, "minute")
    if round(hours) < _HOURS:
        return counted(round(hours), "hour")
    halves = round(hours / _DAY * 2)
    if halves % 2 and halves < 2 * _WHOLE_DAYS:
        return f"{halves // 2}½ days"
    return f"{round(hours / _DAY):,} days"


def in_percent(share: float) -> int:
    """A share of 1 in whole percent. Neither all nor nothing is said of what only comes near it."""
    rounded = round(share * 100)
    return rounded if share in (0, 1) else min(max(rounded, 1), 99)


def month_of(month: str) -> str:
    """`2026-03` → `March 2026`."""
    year, _, number = month.partition("-")
    return f"{calendar.month_name[int(number)]} {year}"


def quarter_of(quarter: str) -> str:
    """`2026-Q1` → `the first quarter of 2026`."""
    year, _, number = quarter.partition("-Q")
    return f"the {('first', 'second', 'third', 'fourth')[int(number) - 1]} quarter of {year}"


def week_of(week: str) -> str:
    """`2026-W09` → `week 9 of 2026`."""
    year, _, number = week.partition("-W")
    return f"week {int(number)} of {year}"
