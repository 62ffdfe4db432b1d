"""The four figures of a lead in words: right for none, one, two and many, and for what may not be told."""

from __future__ import annotations

import pytest

from api.pages.reports.lead_overview import agreement, figures, late, stuck, waiting
from store.lead_overview import AgreementCount, LateCount, LeadOverview, StuckCount, WaitingTime
from tests.store.test_lead_overview import NOON


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        (0, 0, "none four weeks ago either"),
        (2, 2, "as many as four weeks ago"),
        (1, 0, "1 more than four weeks ago"),
        (2, 1, "1 more than four weeks ago"),
        (0, 2, "2 fewer than four weeks ago"),
        (1_200, 12, "1,188 more than four weeks ago"),
    ],
)
def test_stuck_says_how_many_more(now: int, before: int, change: str) -> None:
    figure = stuck(StuckCount(now=now, before=before), "/board?stuck=true")
    assert [(part.amount, part.change) for part in figure.parts] == [(f"{now:,}", change)]
    assert figure.late == bool(now)


@pytest.mark.parametrize(
    ("hours", "before", "amount", "change"),
    [
        (0.0, 0.0, "none", "as in the four weeks before"),
        (1.0, 0.0, "1 hour", "1 hour more than in the four weeks before"),
        (2.0, 5.0, "2 hours", "3 hours less than in the four weeks before"),
        (240.0, None, "10 days", "nothing told of the four weeks before"),
        (None, 5.0, "not told", ""),
    ],
)
def test_waiting_says_how_much_longer(hours: float | None, before: float | None, amount: str, change: str) -> None:
    times = (WaitingTime(side="hiring_manager", hours=hours, hours_before=before),)
    figure = waiting(times, "/reports#sla")
    assert [(part.whose, part.amount, part.change) for part in figure.parts] == [("Hiring managers", amount, change)]
    assert ("3 people or more were late" in figure.says) == (hours is None)


@pytest.mark.parametrize(
    ("dated", "over", "amount"),
    [(0, 0, "–"), (1, 1, "1 of 1"), (2, 0, "0 of 2"), (40, 17, "17 of 40")],  # noqa: RUF001
)
def test_late_is_told_of_those_with_a_date(dated: int, over: int, amount: str) -> None:
    [part] = late(LateCount(dated=dated, late=over, late_before=0), "").parts
    assert part.amount == amount
    assert ("has a target date" in part.change) == (not dated)


@pytest.mark.parametrize(
    ("agreed", "answers", "before", "amount", "change", "says"),
    [
        (0, 0, (0, 0), "–", "No answer of the last four weeks can be compared.", "how many answers"),  # noqa: RUF001
        (1, 1, (0, 0), "100 %", "nothing to compare with in the four weeks before", "1 of 1 answer of"),
        (1, 2, (1, 2), "50 %", "as in the four weeks before", "1 of 2 answers of"),
        (51, 100, (1, 2), "51 %", "1 point more than in the four weeks before", "51 of 100 answers of"),
        (0, 2, (2, 2), "0 %", "100 points less than in the four weeks before", "0 of 2 answers of"),
    ],
)
def test_agreement_says_what_its_share_is_of(
    agreed: int, answers: int, before: tuple[int, int], amount: str, change: str, says: str
) -> None:
    count = AgreementCount(answers=answers, agreed=agreed, agreed_before=before[0], answers_before=before[1])
    figure = agreement(count, "")
    assert [(part.amount, part.change) for part in figure.parts] == [(amount, change)]
    assert says in figure.says


def counts() -> LeadOverview:
    return LeadOverview(
        at=NOON,
        requisitions=1,
        open_now=1,
        stuck=StuckCount(now=0, before=0),
        waiting=(WaitingTime(side="recruiter", hours=0, hours_before=0),),
        late=LateCount(dated=0, late=0, late_before=0),
        agreement=AgreementCount(answers=0, agreed=0, answers_before=0, agreed_before=0),
    )


def test_each_figure_leads_to_what_it_is_made_of() -> None:
    assert [figure.leads_to[0] for figure in figures(counts(), "P-LEAD0001", oversees=False)] == [
        "/board?stuck=true&closed=true",
        "/reports?days=28#sla",
        "/board?late=true&closed=true",
        "/reports?days=28#calibration",
    ]
    assert [figure.leads_to[0] for figure in figures(counts(), "P-LEAD0001", oversees=True)] == [
        "/board?stuck=true&closed=true&person=P-LEAD0001",
        "/reports?days=28&own=true#sla",
        "/board?late=true&closed=true&person=P-LEAD0001",
        "/reports?days=28&own=true#calibration",
    ]
    everything = figures(counts(), None, oversees=True)
    assert not any("person" in figure.leads_to[0] or "own" in figure.leads_to[0] for figure in everything)
