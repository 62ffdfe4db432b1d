"""What a hiring manager is told of how her requisition goes, counted from a journal that was lived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from domain.candidate.exits import Reject
from domain.candidate.profile import Shortlist
from domain.candidate.screen import ConfirmSummary, SummaryBullet, SummaryVerdict
from domain.core.messages import Tick
from domain.evidence.documents import Evidence, Quote
from domain.reporting.criterion_pass_rates import PassRate
from domain.requisition.calibration import ShareSlate
from domain.requisition.lifecycle import Cancel, PutOnHold, Reopen, Resume
from domain.requisition.roster import AddCandidate
from store.journal import Journal
from store.manager_update import RequisitionUpdate, RequisitionUpdates
from store.projections import PROJECTIONS
from store.queries import Reads
from store.users import Users
from testing.journal_company import (  # fmt: skip
    ANNA,
    BERT,
    REQUISITION,
    REQUISITION_STREAM,
    SAID,
    WHOLE_LIFE,
    Company,
    advanced,
    candidates_added,
    hired,
    intake_booked,
    interview_booked,
    opened,
    rubric_amended,
    rubric_signed,
    rubric_written,
)
from testing.people import MANAGER, MONDAY, RECRUITER

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HERS, CARL = f"candidate/{ANNA}", "C-CARL0001"
UP_TO_THE_LOCK = (opened, intake_booked, rubric_written, rubric_signed)
UP_TO_THE_SLATE = (*UP_TO_THE_LOCK, candidates_added)

Step = Callable[[Company], None]
UpdateAfter = Callable[..., Any]


@pytest.fixture
def update_after(pool: asyncpg.Pool) -> UpdateAfter:
    """Lives through the steps of a company, and gives the update as it then stands, `after` some time."""

    async def update_after(
        company: Company, *steps: Step, since: datetime = MONDAY, after: timedelta = timedelta()
    ) -> RequisitionUpdate:
        journal = Journal(pool, PROJECTIONS)
        for step in steps:
            step(company)
        for stream, records in company.journal.items():
            await journal.append(stream, records)
        update = await RequisitionUpdates(pool, Reads(pool), Users(pool)).of(REQUISITION, since, company.now + after)
        assert update is not None
        return update

    return update_after


def carl_turned_down(company: Company) -> None:
    """Carl applied and was turned down for a criterion before anybody saw him."""
    applicant = "H-CARL0001"
    company.give(
        REQUISITION_STREAM, RECRUITER, AddCandidate(person=applicant, source="applied", notice_version="1"), new_id=CARL
    )
    company.give(f"candidate/{CARL}", RECRUITER, Reject(criterion="K2"))


def shown(company: Company) -> None:
    """Anna and Bert lie before the manager as a slate."""
    for candidate in (ANNA, BERT):
        verdicts = Shortlist(verdicts=dict.fromkeys(("K1", "K2", "K3"), "met"))
        company.give(f"candidate/{candidate}", RECRUITER, verdicts)
    company.give(REQUISITION_STREAM, RECRUITER, ShareSlate(candidate_ids=(ANNA, BERT), why="nobody else yet"))


def summed_up(company: Company) -> None:
    """Anna's summary says what the screen showed."""
    seen = Evidence(quote=Quote(document="D-CALL01", start=0, end=4, words=SAID))
    quoted = {"K1": "met", "K2": "partly", "K3": "not_discussed"}
    summary = ConfirmSummary(
        bullets=tuple(SummaryBullet(text=SAID, evidence=seen) for _ in range(5)),
        verdicts={k: SummaryVerdict.model_validate({"verdict": v, "evidence": seen}) for k, v in quoted.items()},
        strongest=None,
        why_no_quote=SAID,
        expectation="not_given",
    )
    company.give(HERS, RECRUITER, summary)


async def test_a_search_that_was_just_opened(update_after: UpdateAfter) -> None:
    update = await update_after(Company(), opened)
    assert (update.phase, update.rubric_version, update.criteria, update.candidates) == ("intake", None, (), ())
    assert (update.kept, update.forecast.no_forecast, update.forecast.promised_at) == (None, "not_locked", None)
    [clock] = update.debts
    assert (clock.side, clock.name, clock.candidate, clock.late) == ("recruiter", "intake_held", None, False)


async def test_who_stands_where_for_how_long_and_whose_turn_it_is(update_after: UpdateAfter) -> None:
    company = Company()
    update = await update_after(company, *UP_TO_THE_SLATE, advanced, after=2 * DAY)
    [anna] = update.candidates
    assert (anna.id, anna.stage, anna.days, anna.waits_on) == (ANNA, "advanced", 2.0, ("recruiter",))
    assert update.moved == {"added": 2, "shortlisted": 2, "submitted": 2, "advanced": 1, "rejected": 1}
    assert update.stages["rejected"] == 1
    later = await update_after(company, since=company.now)
    assert later.moved == {}


async def test_what_both_sides_owe_and_what_is_late(update_after: UpdateAfter) -> None:
    company = Company()

    update = await update_after(company, *UP_TO_THE_SLATE, shown)
    hers = [clock for clock in update.debts if clock.side == "hiring_manager"]
    assert [(clock.name, clock.candidate, clock.late) for clock in hers] == [
        ("profile_answered", ANNA, False), ("profile_answered", BERT, False),
    ]  # fmt: skip
    assert {clock.name for clock in update.debts if clock.side == "recruiter"} == {"candidate_updated"}

    def four_days_on(company: Company) -> None:
        for candidate in (ANNA, BERT):
            company.give(f"candidate/{candidate}", "tick", Tick(), after=2 * DAY)

    late = await update_after(company, four_days_on)
    assert {clock.late for clock in late.debts if clock.side == "hiring_manager"} == {True}
    assert late.forecast.slip is not None
    assert late.forecast.slip.hiring_manager == 1.8, "from Thursday morning until Friday evening"
    assert late.forecast.slip.recruiter == 0


async def test_scarcity_is_counted_from_what_named_people_read(update_after: UpdateAfter) -> None:
    company = Company()
    update = await update_after(company, *UP_TO_THE_SLATE, carl_turned_down, advanced)
    first, second, _ = update.criteria
    assert (first.rank, first.behaviour, first.weight) == (1, "does thing 1 monthly", "must")
    assert first.counted.now == PassRate(read=2, met=2)
    assert second.counted.now == PassRate(read=3, met=2, not_met=1)

    before = company.now
    update = await update_after(company, interview_booked, summed_up, since=before)
    first, second, third = update.criteria
    assert second.counted.now == PassRate(read=3, met=1, partly=1, not_met=1)
    assert second.counted.moved == PassRate(met=-1, partly=1)
    assert third.counted.now == PassRate(read=1, met=1), "Anna's was not discussed, Bert's stands"
    assert first.counted.moved == PassRate()


async def test_what_was_read_against_an_older_meaning_is_told_apart(update_after: UpdateAfter) -> None:
    update = await update_after(Company(), *UP_TO_THE_SLATE, advanced, rubric_amended, rubric_signed)
    first, second, _ = update.criteria
    assert (update.rubric_version, first.counted.now, first.counted.not_comparable) == (2, PassRate(), 2)
    assert (second.counted.now, second.counted.not_comparable) == (PassRate(read=2, met=2), 0)


async def test_nothing_in_it_comes_from_a_card(update_after: UpdateAfter) -> None:
    company = Company()
    before = await update_after(company, *UP_TO_THE_SLATE, advanced, interview_booked)
    after = await update_after(company, hired)
    assert [one.counted.now for one in after.criteria] == [one.counted.now for one in before.criteria]
    text = after.model_dump_json()
    assert not any(word in text for word in ("overall", "rating", "card", SAID.ciphertext))


async def test_promised_against_actual(update_after: UpdateAfter) -> None:
    company = Company()
    update = await update_after(company, *UP_TO_THE_SLATE, advanced, interview_booked, hired)
    kept = update.kept
    assert kept is not None
    assert (kept.candidates_expected, kept.shown, kept.shown_in_time, kept.updates) == (5, 2, 2, "weekly")
    assert (kept.meetings_promised, kept.meetings_held) == (0, 1), "the debrief, in the first week"
    assert kept.agreed_at == company.states[REQUISITION_STREAM].locked_at


async def test_an_amendment_that_leaves_the_agreement_alone_does_not_start_it_anew(update_after: UpdateAfter) -> None:
    company = Company()
    first = await update_after(company, *UP_TO_THE_SLATE)
    second = await update_after(company, rubric_amended, rubric_signed)
    assert first.kept is not None
    assert second.kept is not None
    assert first.kept.agreed_at == second.kept.agreed_at
    assert first.forecast.promised_at == second.forecast.promised_at


async def test_a_hold_is_named_as_such(update_after: UpdateAfter) -> None:
    company = Company()

    def held(company: Company) -> None:
        review = company.now + 30 * DAY
        company.give(REQUISITION_STREAM, MANAGER, PutOnHold(why="budget", review_at=review), after=DAY)
        company.give(REQUISITION_STREAM, MANAGER, Resume(), after=7 * DAY)

    update = await update_after(company, *UP_TO_THE_SLATE, held)
    assert update.forecast.slip is not None
    assert update.forecast.slip.hold == 5
    assert update.forecast.slip.recruiter == 0


async def test_a_search_that_was_over_and_reopened_stood_still_meanwhile(update_after: UpdateAfter) -> None:
    company = Company()

    def reopened(company: Company) -> None:
        company.give(REQUISITION_STREAM, MANAGER, Cancel(why="the budget is gone"), after=DAY)
        company.give(REQUISITION_STREAM, RECRUITER, Reopen(openings=1, cause="it is back"), after=7 * DAY)

    update = await update_after(company, *UP_TO_THE_SLATE, reopened)
    assert update.forecast.slip is not None
    assert update.forecast.slip.hold == 5


async def test_a_cancelled_search_has_no_forecast_and_is_late_for_nobody(update_after: UpdateAfter) -> None:
    update = await update_after(
        Company(), *UP_TO_THE_SLATE, lambda c: c.give(REQUISITION_STREAM, MANAGER, Cancel(why="budget is gone"))
    )
    assert (update.standing, update.forecast.no_forecast, update.forecast.slip) == ("ended", "ended", None)


async def test_a_hire_counts_after_their_data_was_erased(update_after: UpdateAfter, pool: asyncpg.Pool) -> None:
    company = Company()
    before = await update_after(company, *WHOLE_LIFE)
    await pool.execute("UPDATE candidates SET standing = 'erased' WHERE id = $1", ANNA)
    after = await update_after(company)
    assert before.forecast.needed == after.forecast.needed == 0


async def test_a_forecast_follows_the_candidates(update_after: UpdateAfter) -> None:
    company = Company()
    locked = await update_after(company, *UP_TO_THE_SLATE)
    assert (locked.forecast.counted, locked.forecast.slip.days) == (0, 0)
    met = await update_after(company, advanced, interview_booked)
    assert met.forecast.counted == 1
    offered = await update_after(company, hired)
    assert offered.forecast.forecast_at < met.forecast.forecast_at
    done = await update_after(company, *WHOLE_LIFE[WHOLE_LIFE.index(hired) + 1 :])
    assert (done.standing, done.forecast.needed) == ("ended", 0)
    assert done.forecast.forecast_at < offered.forecast.forecast_at
    assert done.forecast.slip.days < 0


async def test_nobody_knows_an_unknown_search(pool: asyncpg.Pool) -> None:
    assert await RequisitionUpdates(pool, Reads(pool), Users(pool)).of("R-NOBODY1", MONDAY, MONDAY) is None
