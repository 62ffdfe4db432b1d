"""Each report's picture and its sentence: the same numbers in both, for nobody, for one, for two and for many."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from api.pages.reports.amounts import counted, in_percent, lasting, month_of, quarter_of
from api.pages.reports.charts import LASTING, PERCENT, Bar, bars, counting
from api.pages.reports.report_charts import (  # fmt: skip
    FIGURES,
    Figure,
    became_of_drafts,
    calibration,
    concrete,
    edited_fields,
    failures,
    feedback,
    funnel,
    gates,
    promised,
    retro_changes,
    sla,
    spent,
    time_in_stage,
)
from api.reports import REPORTS
from domain.entity.entity_facts import Stage
from store.report_views import (  # fmt: skip
    Calibration,
    FeedbackMonth,
    FeedbackWords,
    FunnelStep,
    GateUse,
    Promised,
    PromiseKept,
    RetroOutcome,
    StageTime,
)

MANY = [1, 2, 17]


def amounts(figure: Figure) -> list[str]:
    """What is said beside each bar, read from the drawn picture."""
    lines = re.findall(r"<span>([^<]*)</span><svg>.*?</svg><span>([^<]*)</span>", str(figure.picture))
    return [amount for _, amount in lines]


def numbers(says: str) -> list[int]:
    """The numbers of a sentence; `none` is a number too."""
    found = re.findall(r"\bnone\b|\d[\d,]*", says.replace("None", "none"))
    return [0 if one == "none" else int(one.replace(",", "")) for one in found]


def step(stage: str, reached: int, went_on: int = 0, stopped: int = 0) -> FunnelStep:
    left = went_on + stopped
    passed = went_on / left if left else None
    return FunnelStep(stage=Stage(stage), reached=reached, went_on=went_on, stopped=stopped, passed=passed)


@pytest.mark.parametrize("report", [report.name for report in REPORTS])
def test_what_has_nothing_to_show_says_why_and_is_not_drawn(report: str) -> None:
    figure = FIGURES[report]([])
    assert figure.picture is None
    assert re.fullmatch(r"[A-Z].{25,}\.", figure.says)


@pytest.mark.parametrize("figure", [became_of_drafts, edited_fields, failures, spent])
def test_no_draft_is_no_picture(figure: Any) -> None:
    assert figure([]).picture is None
    assert figure([]).says.endswith(".")


@pytest.mark.parametrize("added", MANY)
@pytest.mark.parametrize("hired", [0, 1, 2])
def test_the_funnel_says_whom_it_draws(added: int, hired: int) -> None:
    hired = min(hired, added)
    figure = funnel([step("added", added, went_on=hired), step("accepted", hired)])
    assert amounts(figure) == [str(added), str(hired)]
    if added > 1 and hired:
        assert numbers(figure.says)[:2] == [added, hired]
    assert figure.says.startswith(
        {
            (1, 0): "1 candidate was added, and is not hired so far.",
            (1, 1): "1 candidate was added, and was hired.",
            (2, 1): "Of 2 candidates who were added, 1 was hired.",
            (17, 0): "Of 17 candidates who were added, nobody was hired so far.",
            (17, 2): "Of 17 candidates who were added, 2 were hired.",
        }.get((added, hired), "Of 2 candidates" if added == 2 else "Of 17 candidates")
    )


def test_nobody_is_said_to_be_lost_where_everybody_went_on() -> None:
    steps = [step("added", 3, went_on=2), step("shortlisted", 2, went_on=2), step("accepted", 2)]
    assert "lost" not in funnel(steps).says
    lost = [step("added", 3, went_on=2, stopped=1), step("accepted", 2)]
    assert "Most are lost at “applied”: 2 of 3 went on from there." in funnel(lost).says


@pytest.mark.parametrize("most", [1, 2, 3, 7, 40, 1_234])
def test_people_are_whole_on_every_scale(most: int) -> None:
    chart = bars([Bar("added", most)], counting("candidates"))
    ticks = [float(number.replace(",", "")) for _, number in chart.scale]
    assert ticks[0] == 0
    assert len(ticks) in range(2, 5)
    assert all(tick == int(tick) and tick <= most for tick in ticks)
    assert [round(at * most / 100, 6) for at, _ in chart.scale] == ticks
    assert chart.unit == "candidates"


@pytest.mark.parametrize(
    ("hours", "unit", "last"), [(0.5, "minutes", "30"), (5, "hours", "4"), (40, "hours", "40"), (24 * 9, "days", "5")]
)
def test_the_scale_of_a_time_is_in_the_unit_people_use_for_it(hours: float, unit: str, last: str) -> None:
    chart = bars([Bar("submitted", hours)], LASTING)
    assert (chart.unit, chart.scale[-1][1]) == (unit, last)


def test_shares_stand_on_a_scale_to_a_hundred() -> None:
    chart = bars([Bar("May", 30)], PERCENT, most=100)
    assert [number for _, number in chart.scale] == ["0", "50", "100"]


@pytest.mark.parametrize("passed", MANY)
def test_time_in_stage_says_the_longest_bar(passed: int) -> None:
    rows = [
        StageTime(stage=Stage.ADDED, passed=passed, still=0, median_days=0.25, nine_of_ten_days=1),
        StageTime(stage=Stage.ADVANCED, passed=passed, still=1, median_days=3.5, nine_of_ten_days=9),
    ]
    figure = time_in_stage(rows)
    assert amounts(figure) == ["6 hours", "3½ days"]
    who = "the one who moved on stayed" if passed == 1 else "half of those who moved on stayed at most"
    assert figure.says == f"Longest at advanced: {who} 3½ days."


@pytest.mark.parametrize(("still", "said"), [(1, "1 candidate"), (2, "2 candidates"), (17, "17 candidates")])
def test_who_has_not_moved_on_is_counted_and_not_drawn(still: int, said: str) -> None:
    row = StageTime(stage=Stage.ADDED, passed=0, still=still, median_days=None, nine_of_ten_days=None)
    figure = time_in_stage([row])
    assert figure.picture is None
    assert figure.says == f"Nobody moved on from a stage yet; {said} came to one in this period."


def test_how_long_managers_take_is_not_called_nobody_moving_on() -> None:
    row = StageTime(stage=Stage.SUBMITTED, passed=2, still=0, median_days=None, nine_of_ten_days=None)
    figure = time_in_stage([row])
    assert figure.picture is None
    assert "3 hiring managers or more" in figure.says


@pytest.mark.parametrize("whole", MANY)
def test_tasks_done_in_time_are_the_sum_of_what_is_drawn(whole: int) -> None:
    def kept(clock: str, side: Any, in_time: int) -> PromiseKept:
        return PromiseKept(
            clock=clock, side=side, people=3, kept_in_time=in_time, kept_late=whole - in_time, breached_open=0,
            waived=0, in_time=in_time / whole, hours_late=0,
        )  # fmt: skip

    figure = sla([kept("profile_answered", "hiring_manager", 0), kept("summary_sent", "recruiter", whole)])
    assert amounts(figure) == ["0 %", "100 %"]
    assert figure.says == f"Tasks done in time: hiring manager none of {whole}, recruiter {whole} of {whole}."


@pytest.mark.parametrize(
    ("cards", "within", "says"),
    [
        (1, 1.0, "In May 2026 1 scorecard came, 5 hours after the interview."),
        (2, 0.5, "In May 2026 half of 2 scorecards came within 5 hours of the interview; 1 of 2 within a day."),
        (17, 0.0, "In May 2026 half of 17 scorecards came within 5 hours of the interview; none of 17 within a day."),
    ],
)
def test_the_last_month_of_feedback_is_the_last_bar(cards: int, within: float, says: str) -> None:
    months = [
        FeedbackMonth(month=month, people=3, cards=cards, median_hours=hours, nine_of_ten_hours=30, within_a_day=within)
        for month, hours in (("2026-04", 50.0), ("2026-05", 5.0))
    ]
    figure = feedback(months)
    assert amounts(figure) == ["2 days", "5 hours"]
    assert figure.says == says


@pytest.mark.parametrize(("stood_by", "vague"), [(0, "nobody stood by vague words"), (1, "1 was"), (2, "2 were")])
def test_concrete_feedback_adds_up_what_is_drawn(stood_by: int, vague: str) -> None:
    row = FeedbackWords(month="2026-05", feedback="answers", people=3, given=4, stood_by=stood_by, concrete=0)
    figure = concrete([row])
    assert amounts(figure) == [f"{25 * (4 - stood_by)} %"]
    assert figure.says.startswith(f"Concrete: {4 - stood_by} of 4 answers to profiles; {vague}")


@pytest.mark.parametrize(
    ("agreed", "answers", "says"),
    [
        (0, 1, "agreed on none of 1 answer."),
        (1, 1, "agreed on 1 of 1 answer."),
        (1, 2, "agreed on 1 of 2 answers."),
        (16, 17, "agreed on 16 of 17 answers."),
    ],
)
def test_agreement_in_words_is_that_of_the_bar(agreed: int, answers: int, says: str) -> None:
    row = Calibration(
        month="2026-05", requisition="R-1", title="Clerk", team_name="Permits", criterion="K1", behaviour=None,
        answers=answers, agreed=agreed, agreement=agreed / answers,
    )  # fmt: skip
    figure = calibration([row])
    assert amounts(figure) == [f"{in_percent(agreed / answers)} %"]
    assert figure.says.endswith(says)


@pytest.mark.parametrize("number", [1, 2, 21])
def test_what_was_agreed_on_is_told_of_as_many_requisitions_as_are_drawn(number: int) -> None:
    row = Promised(
        requisition="R-1", title="Clerk", team_name="Permits", agreed_on=date(2026, 5, 1), candidates_promised=5,
        shown_by=datetime(2026, 5, 9, tzinfo=UTC), time_is_up=True, shown_in_time=5, shown=5, meetings_promised=1,
        meetings_held=0, target_date=date(2026, 5, 2), filled_on=None, days_late=1,
    )  # fmt: skip
    figure = promised([row] * number)
    assert len(amounts(figure)) == 2 * min(number, 20)
    up = "1 of 1 requisition" if number == 1 else f"{number} of {number} requisitions"
    late = "1 of 1 with a target date is late" if number == 1 else f"{number} of {number} with a target date are late"
    met = "none of the 1 time" if number == 1 else f"none of the {number} times"
    assert figure.says.startswith(f"{up} whose time is up had")
    assert late in figure.says
    assert met in figure.says
    assert ("The first 20 of" in figure.says) == (number > 20)


@pytest.mark.parametrize(
    ("times", "says"),
    [
        ([1], "Gates were opened by hand 1 time."),
        ([2], "Gates were opened by hand 2 times."),
        ([16, 1], "Gates were opened by hand 17 times, most often “not locked”: 16 times."),
    ],
)
def test_opened_gates_are_the_sum_of_the_bars(times: list[int], says: str) -> None:
    names = ("not_locked", "no_debrief")
    rows = [GateUse(gate=gate, team_name="Permits", times=n) for gate, n in zip(names, times, strict=False)]
    figure = gates(rows)
    assert amounts(figure) == [str(n) for n in times]
    assert figure.says == says


@pytest.mark.parametrize(("adopted", "says"), [(0, "no later requisition has answered"), (1, "1 of 1"), (2, "2 of 2")])
def test_changes_adopted_are_those_drawn(adopted: int, says: str) -> None:
    row = RetroOutcome(
        change="Meet.", team_name="Permits", side="R", concluded_at=datetime(2026, 5, 1, tzinfo=UTC), adopted=adopted,
        declined=0, open=0,
    )  # fmt: skip
    figure = retro_changes([row])
    assert amounts(figure)[0] == str(adopted)
    assert figure.says.startswith("1 change was asked for")
    assert says in figure.says


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0, "under a minute"), (0.02, "1 minute"), (0.5, "30 minutes"), (1, "1 hour"), (1.4, "84 minutes"),
        (1.6, "2 hours"), (47, "47 hours"), (48, "2 days"), (60, "2½ days"), (24 * 9.4, "9½ days"),
        (24 * 12.4, "12 days"), (24 * 1200, "1,200 days"),
    ],
)  # fmt: skip
def test_times_are_told_as_people_tell_them(hours: float, said: str) -> None:
    assert lasting(hours) == said


def test_nothing_is_called_all_that_is_not() -> None:
    assert [in_percent(share) for share in (0, 0.001, 0.5, 0.999, 1)] == [0, 1, 50, 99, 100]


def test_months_quarters_and_counts_are_words() -> None:
    assert (month_of("2026-03"), quarter_of("2026-Q4")) == ("March 2026", "the fourth quarter of 2026")
    assert [counted(n, "person", "people") for n in (0, 1, 1_200)] == ["no people", "1 person", "1,200 people"]
