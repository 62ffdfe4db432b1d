"""What people type is read as they mean it; what may mean two things is not read."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from api.pages.forms.form_schema import Form
from api.pages.forms.read_back import read_back
from api.pages.forms.typed_values import clock_of, currency_of, day_of, number_of, time_of, zone_of
from domain.candidate.interviews import RespondInterview
from domain.candidate.screen import ScheduleScreen
from domain.candidate.tags import TagCandidate
from domain.requisition.job_posting import PublishJob
from domain.requisition.offers import AnswerOffer, MakeOffer
from domain.requisition.terms import ChangeTerms

NOW = datetime(2026, 11, 30, 13, 0)  # a Monday, on the clocks of whoever types
BAND = {"band.minimum": ["70k"], "band.maximum": ["85,000"], "band.period": ["year"], "why": ["The market moved."]}


@pytest.mark.parametrize(
    ("typed", "number", "currency"),
    [
        ("170,000", "170000", ""), ("170 000", "170000", ""), ("170k", "170000", ""), ("€85k", "85000", "EUR"),
        ("85.000 €", "85000", "EUR"), ("85.000,50 €", "85000.50", "EUR"), ("1,250,000.75", "1250000.75", ""),
        ("US$ 90,000", "90000", "USD"), ("CHF 120'000", "120000", "CHF"), ("0.5m", "500000", ""), ("1,5", "1.5", ""),
        ("85000 EUR a year", "85000", "EUR"), ("170\u00a0000", "170000", ""), ("45 min", "45", ""), ("7", "7", ""),
    ],
)  # fmt: skip
def test_numbers(typed: str, number: str, currency: str) -> None:
    assert number_of(typed) == (number, currency)


@pytest.mark.parametrize(
    "typed", ["", "zzz", "$", "1,23,4", "12.3.4", "-1", "1e400", "nan", "kr 5", "80 to 90k", "0x10"]
)
def test_what_is_no_number_or_may_be_two(typed: str) -> None:
    assert number_of(typed) is None


def test_currencies_and_zones_and_hours_of_the_day() -> None:
    assert [currency_of(one) for one in ("usd", "US$", "€", "Euro", "CHF", "xyz")] == [
        "USD", "USD", "EUR", "EUR", "CHF", "XYZ",
    ]  # fmt: skip
    assert currency_of("kr") is None, "of three countries"
    found = [zone_of(one) for one in ("Portland", "berlin", "New York", "Europe/Berlin", "PST", "München", "utc")]
    assert found == [
        "America/Los_Angeles", "Europe/Berlin", "America/New_York", "Europe/Berlin", "America/Los_Angeles",
        "Europe/Berlin", "UTC",
    ]  # fmt: skip
    assert zone_of("nowhere") is None
    assert [clock_of(one) for one in ("3pm", "15:30", "noon", "9h")] == ["15:00", "15:30", "12:00", "09:00"]
    assert clock_of("9") is None


@pytest.mark.parametrize(
    ("typed", "wall", "whole"),
    [
        ("tomorrow 3pm", datetime(2026, 12, 1, 15), False),
        ("next Tuesday 14:00", datetime(2026, 12, 8, 14), False),
        ("Tuesday at 2 pm", datetime(2026, 12, 1, 14), False),
        ("4 March 14:00", datetime(2027, 3, 4, 14), False),
        ("4.3. 9:30", datetime(2027, 3, 4, 9, 30), False),
        ("in 2 days 10am", datetime(2026, 12, 2, 10), False),
        ("in 3 hours", datetime(2026, 11, 30, 16), False),
        ("March 4, 2027 at 2 pm", datetime(2027, 3, 4, 14), True),
        ("13/4/2027 14:00", datetime(2027, 4, 13, 14), True),
        ("Tuesday 8 December 2026, 14:00", datetime(2026, 12, 8, 14), True),
    ],
)
def test_times(typed: str, wall: datetime, whole: bool) -> None:
    assert time_of(typed, NOW) == (wall, whole)


@pytest.mark.parametrize(
    "typed", ["tomorrow", "3pm", "Monday 15", "soonish", "tomorrow 25:00", "3/4/2027 14:00", "31 February 9:00"]
)
def test_what_is_no_time_or_may_be_two(typed: str) -> None:
    assert time_of(typed, NOW) is None


def test_days() -> None:
    assert day_of("next Friday", NOW.date()) == (date(2026, 12, 11), False)
    assert day_of("1.2.2027", NOW.date()) == (date(2027, 2, 1), True)
    assert day_of("3/4/2027", NOW.date()) is None


def test_words_for_a_time_are_read_back_before_they_count() -> None:
    typed = {
        "starts_at": ["tomorrow 3pm"],
        "minutes": ["30"],
        "candidate_zone": ["Portland"],
        "pay_range_shown": ["true"],
    }
    back = read_back(Form(ScheduleScreen, "UTC", {}, typed=typed).fields, NOW)
    assert back.typed == {"starts_at": ["2026-12-01T15:00"]}
    assert back.says == {
        "starts_at": "This was read as Tuesday 1 December 2026, 15:00. Send it again if that is right."
    }
    form = Form(ScheduleScreen, "UTC", {}, typed=typed | back.typed)
    assert not read_back(form.fields, NOW).says
    command, wrong = form.read()
    assert not wrong
    assert (command.candidate_zone, command.starts_at.hour) == ("America/Los_Angeles", 15)


def test_several_times_are_read_back_together() -> None:
    typed = {"interview_id": ["I-1"], "answer": ["propose"], "times": ["tomorrow 3pm", "4 March 2027 14:00"]}
    back = read_back(Form(RespondInterview, "Europe/Berlin", {}, typed=typed).fields, NOW)
    assert back.typed == {"times": ["2026-12-01T15:00", "2027-03-04T14:00"]}
    form = Form(RespondInterview, "Europe/Berlin", {}, typed=typed | back.typed)
    assert not read_back(form.fields, NOW).says
    command, wrong = form.read()
    assert not wrong
    assert [f"{at:%d %H:%M}" for at in command.times] == ["01 14:00", "04 13:00"], "in UTC, from Berlin's clocks"


def test_a_currency_beside_a_number_is_taken_or_asked_about() -> None:
    command, wrong = Form(ChangeTerms, "UTC", {}, typed=BAND | {"band.maximum": ["€85k"]}).read()
    assert not wrong
    assert (command.band.minimum, command.band.maximum, command.band.currency) == (70_000, 85_000, "EUR")
    _, wrong = Form(ChangeTerms, "UTC", {}, typed=BAND | {"band.maximum": ["€85k"], "band.currency": ["us$"]}).read()
    assert wrong == {"band.maximum": "This says EUR, and the currency beside it USD. Which is it?"}
    offer = {
        "candidate_id": ["C-AAAAAAAAAAAA"],
        "amount": ["$95k"],
        "start_on": ["4 March 2027"],
        "answer_by": ["2027-01-04T09:00"],
    }
    command, wrong = Form(MakeOffer, "UTC", {}, typed=offer).read()
    assert not wrong
    assert (command.amount, command.currency, command.start_on) == (95_000, "USD", date(2027, 3, 4))
    counter = {"offer_id": ["O-1"], "answer": ["countered"], "amount": ["€99k"]}
    _, wrong = Form(AnswerOffer, "UTC", {}, typed=counter).read()
    assert wrong == {"amount": "No currency is asked for here. Write 99000 alone."}


def test_tags_are_told_apart_by_commas_as_by_lines() -> None:
    form = Form(TagCandidate, "Europe/Berlin", {}, typed={"on": ["python, Oslo;\r\nrelocates "]})
    command, errors = form.read()
    assert errors == {}
    assert isinstance(command, TagCandidate)
    assert command.on == ("python", "Oslo", "relocates")


def test_a_place_where_a_job_stands_keeps_its_comma() -> None:
    typed = {"action": ["open"], "rubric_version": ["1"], "channels": ["The Gazette, Bristol\r\ncompany site"]}
    command, errors = Form(PublishJob, "Europe/Berlin", {}, typed=typed).read()
    assert errors == {}
    assert isinstance(command, PublishJob)
    assert command.channels == ("The Gazette, Bristol", "company site")
