from datetime import UTC, datetime

import pytest

from domain.sla.retention import STATUTORY, keep_until, raised, undercut
from domain.time.durations import ElapsedTime, WorkingDays
from testing.people import POLICY


def days(count: float) -> ElapsedTime:
    return ElapsedTime(days=count, elapsed=True)


@pytest.mark.parametrize(
    ("place", "until"),
    [("US", 2025), ("us-NY", 2025), ("US-CA", 2028), ("DE", 2024), ("", 2024)],
)
def test_the_law_of_the_place_says_how_long(place: str, until: int) -> None:
    ended = datetime(2024, 3, 4, 9, tzinfo=UTC)

    assert keep_until(place, ended) == ended.replace(year=until)


def test_a_year_from_a_leap_day_is_the_first_of_march() -> None:
    assert keep_until("US", datetime(2024, 2, 29, tzinfo=UTC)) == datetime(2025, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("place", "its_own"),
    [("DE", 180), ("DE-BY", 180), ("US", 700), ("US-NY", 700), ("US-CA", 1500), ("FR", 365)],
)
def test_a_state_s_own_time_comes_before_its_country_s_and_that_before_the_one_for_all(
    place: str, its_own: int
) -> None:
    ours = POLICY.but(retention_by_jurisdiction={"DE": days(180), "US": days(700), "US-CA": days(1500)})

    assert ours.retention_in(place) == days(its_own)


def test_a_line_that_says_less_than_the_law_is_named() -> None:
    lines = {"US": days(364), "US-NY": days(30), "US-CA": days(1460), "DE": days(1), "FR": WorkingDays(days=9)}

    said = dict(undercut(POLICY.but(retention_by_jurisdiction=lines)))

    assert said.keys() == {"US", "US-NY", "FR"}
    assert "for a year (29 CFR 1602.14): say 365 days elapsed or more" in said["US-NY"]


def test_where_the_law_makes_the_time_for_all_longer_is_said() -> None:
    [california] = raised(POLICY)
    assert california == "US-CA: kept for 4 years (California Government Code § 12946) by law, not 365 days elapsed"
    assert len(raised(POLICY.but(retention=days(30)))) == len(STATUTORY)
    assert raised(POLICY.but(retention=days(1461))) == []
