"""What a deadline means to whoever owes it, said in their working time."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from api.pages.layout.deadline_text import in_working_time
from domain.time.calendars import OFFICE_WEEK, Calendar, Leave

NEW_YORK = Calendar(zone="America/New_York", week=OFFICE_WEEK)
HOURS = "(Mon to Fri 09:00 to 17:00, New York)"


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in New York; the second of March 2026 is a Monday."""
    return NEW_YORK.instant(date(2026, 3, day), time(hour, minute))


@pytest.mark.parametrize(
    ("now", "due", "said"),
    [
        (_at(2, 13, 40), _at(2, 17), "3 working hours and 20 minutes left"),
        (_at(2, 16), _at(3, 10), "2 working hours left"),
        (_at(2, 16, 59), _at(2, 17), "1 working minute left"),
        (_at(2, 15, 59), _at(2, 17), "1 working hour and 1 minute left"),
        (_at(2, 18), _at(3, 9), "no working time left"),
        (_at(6, 12), _at(9, 12), "8 working hours left"),
        (_at(2, 9), _at(6, 12), "about 4 working days left"),
        (_at(3, 9, 30), _at(2, 16), "1 working hour and 30 minutes over"),
        (_at(7, 12), _at(6, 17), "no working time over"),
        (_at(16, 9), _at(2, 9), "about 10 working days over"),
    ],
)
def test_how_much_working_time_is_left_or_over(now: datetime, due: datetime, said: str) -> None:
    assert in_working_time(NEW_YORK, due, now, "Dana's") == f"{said} in Dana's working time {HOURS}"


def test_leave_and_holidays_are_no_working_time() -> None:
    away = NEW_YORK.but(
        leave=(Leave(start=date(2026, 3, 4), until=date(2026, 3, 5)),), holidays=frozenset({date(2026, 3, 3)})
    )
    assert in_working_time(away, _at(6, 11), _at(2, 15), "your").startswith("4 working hours left in your")
