"""How long someone has: what a policy file may say, and what it may not."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.time.durations import DayLength, Duration

DURATION: TypeAdapter[Duration] = TypeAdapter(Duration)
DAY_LENGTH: TypeAdapter[timedelta] = TypeAdapter(DayLength)


@pytest.mark.parametrize(
    ("said", "words", "round_the_clock"),
    [
        ({"days": 3}, "3 days", False),
        ({"days": 1}, "1 day", False),
        ({"hours": 1}, "1 hour", False),
        ({"minutes": 90}, "90 minutes", False),
        ({"hours": 1.5, "minutes": 1}, "1.5 hours 1 minute", False),
        ({"hours": 48, "elapsed": True}, "48 hours elapsed", True),
        ({"days": 30, "elapsed": True}, "30 days elapsed", True),
        (
            {"hours": 24, "elapsed": True, "else_working_hours": 2},
            "24 hours elapsed, else 2 working hours",
            True,
        ),
        ({"end_of_day": True, "at_least_hours": 2}, "end of day, at least 2 hours", False),
        ({"end_of_day": True}, "end of day", False),
    ],
)
def test_a_duration_is_a_mapping_or_words(said: dict[str, Any], words: str, round_the_clock: bool) -> None:
    duration = DURATION.validate_python(said)
    assert str(duration) == words
    assert duration.round_the_clock is round_the_clock
    assert DURATION.validate_python(words) == duration
    assert DURATION.validate_python(f"  {words.upper()} ") == duration
    assert DURATION.validate_json(DURATION.dump_json(duration)) == duration
    assert DURATION.validate_python(duration) is duration


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("soon", "'soon' is not a duration"),
        ("", "is not a duration"),
        ("-3 days", "is not a duration"),
        ("3 days 2 hours", "hours"),
        ({"days": -1}, "greater than or equal to 1"),
        ({"days": 0}, "greater than or equal to 1"),
        ({"days": 1.5}, "integer"),
        ({"hours": -1}, "greater than or equal to 0"),
        ({"hours": 0}, "longer than nothing"),
        ({"elapsed": True}, "longer than nothing"),
        ({"hours": "inf"}, "finite"),
        ({"hours": 2, "elapsed": False}, "elapsed"),
        ({"weeks": 2}, "weeks"),
        ({}, "longer than nothing"),
        (3, "hours"),
    ],
)
def test_what_is_no_duration_is_refused(said: Any, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        DURATION.validate_python(said)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("6s", 6), ("0.5 seconds", 0.5), ("10 minutes", 600), ("1 day", 86_400), ("24h", 86_400), ("PT6S", 6), (6, 6)],
)
def test_the_length_of_a_day(said: Any, seconds: float) -> None:
    length = DAY_LENGTH.validate_python(said)
    assert length == timedelta(seconds=seconds)
    assert DAY_LENGTH.validate_json(DAY_LENGTH.dump_json(length)) == length


@pytest.mark.parametrize("said", ["0s", "25h", "2 days", "-6s", "often"])
def test_a_day_lasts_between_nothing_and_a_day(said: str) -> None:
    with pytest.raises(ValidationError):
        DAY_LENGTH.validate_python(said)
