"""What a deadline means in the working time of its owner: how much of that is left, or how much it is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.time.calendars import Calendar

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
_SEVERAL = 2
"""From so many working days on nobody counts hours."""


def in_working_time(calendar: Calendar, due_at: datetime, now: datetime, whose: str) -> str:
    """How `due_at` stands at `now` (UTC) by `calendar`, which is `whose` ("your", "Dana's"), in a sentence's end."""
    late = due_at <= now
    amount = calendar.working_minutes_between(due_at, now) if late else calendar.working_minutes_between(now, due_at)
    said = _amount(amount, calendar) if amount >= _MINUTE else "no working time"
    return f"{said} {'over' if late else 'left'} in {whose} working time ({calendar.in_words})"


def _amount(amount: timedelta, calendar: Calendar) -> str:
    hours, minutes = amount // _HOUR, amount % _HOUR // _MINUTE
    if (days := amount // calendar.usual_day) >= _SEVERAL:
        return f"about {days} working days"
    if not hours:
        return _counted(minutes, "working minute")
    return _counted(hours, "working hour") + (f" and {_counted(minutes, 'minute')}" if minutes else "")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
