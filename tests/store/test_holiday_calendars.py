"""Holidays become data: the right days for the right place, or a sentence that says what is wrong."""

from datetime import date, time

import pytest

from domain.time.calendars import Week
from domain.time.durations import WorkingDays
from store.holiday_calendars import calendar, holidays_of


def test_a_country_and_one_of_its_parts() -> None:
    everywhere, bavaria = holidays_of("DE", None, [2026]), holidays_of("de", "BY", [2026])
    assert date(2026, 10, 3) in everywhere
    assert bavaria - everywhere == {date(2026, 1, 6), date(2026, 6, 4), date(2026, 11, 1)}
    assert holidays_of("DE", "Bayern", [2026]) == bavaria
    assert {day.year for day in holidays_of("DE", "BY", range(2026, 2029))} == {2026, 2027, 2028}


def test_a_holiday_counts_on_the_day_it_is_observed() -> None:
    assert date(2026, 7, 3) in holidays_of("US", None, [2026])


def test_a_calendar_skips_the_holiday() -> None:
    munich = calendar("DE", "BY", "Europe/Berlin", 2026)
    before = munich.instant(date(2026, 6, 3), time(10))
    assert munich.due(before, WorkingDays(days=1)) == munich.instant(date(2026, 6, 5), time(10))
    part_time = Week.model_validate({"monday": ["08:00-12:00"]})
    assert calendar("DE", "BY", "Europe/Berlin", 2026, part_time).week == part_time


@pytest.mark.parametrize(
    ("country", "subdivision", "year", "sentence"),
    [
        ("Atlantis", None, 2026, "country called 'Atlantis'"),
        ("DE", "ZZ", 2026, "DE has no part called 'ZZ'; it has"),
        ("JP", "ZZ", 2026, "JP has no part called 'ZZ'; its holidays are the same everywhere"),
        ("DE", "BY", 3000, "from 1991 to 2100, not for 3000"),
    ],
)
def test_what_is_not_on_file_is_refused(country: str, subdivision: str | None, year: int, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        holidays_of(country, subdivision, [year])


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone called “Europe/Munich”"):
        calendar("DE", "BY", "Europe/Munich", 2026)
