"""Times in sentences: said for a reader whose zone is not known, and said again on the clocks of one who is."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.time.zones import on_clock_of, time_in_words, zone_named

AFTERNOON = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


def test_a_time_is_said_in_words_and_names_its_zone() -> None:
    assert time_in_words(AFTERNOON) == "4 March 2026, 14:00 UTC"
    assert time_in_words(AFTERNOON.astimezone(zone_named("Asia/Tokyo"))) == "4 March 2026, 14:00 UTC"


@pytest.mark.parametrize("after", [timedelta.resolution, timedelta(seconds=30), timedelta(seconds=59, microseconds=9)])
def test_a_time_that_is_taken_at_its_word_is_never_refused(after: timedelta) -> None:
    assert time_in_words(AFTERNOON + after) == "4 March 2026, 14:00 UTC"
    assert time_in_words(AFTERNOON + after, or_later=True) == "4 March 2026, 14:01 UTC"
    assert time_in_words(AFTERNOON, or_later=True) == "4 March 2026, 14:00 UTC"


def test_a_reader_sees_it_on_their_own_clock() -> None:
    later = AFTERNOON + timedelta(days=30)
    sentence = f"Not before {time_in_words(AFTERNOON)}, and at the latest {time_in_words(later)}."
    said = on_clock_of("America/New_York", sentence)
    assert said == "Not before 4 March 2026, 09:00, and at the latest 3 April 2026, 10:00."
    assert on_clock_of("UTC", "In March 2026 nothing is due.") == "In March 2026 nothing is due."
