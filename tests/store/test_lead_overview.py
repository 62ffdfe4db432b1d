"""The four figures of a lead, counted from a journal: now, and four weeks before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from domain.requisition.lifecycle import Cancel
from store.lead_overview import FOUR_WEEKS, LeadOverview, LeadOverviews
from store.queries import Reads
from store.read_model import write
from store.reports import ReportScope
from testing.journal_company import REQUISITION, REQUISITION_STREAM, opened
from testing.people import MANAGER, MANAGER_LEAD, RECRUITER, RECRUITING_LEAD, STRANGER
from tests.store.test_reads import Archive
from tests.store.test_reports import answered, clock, shared_after

HOUR = timedelta(hours=1)
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def archive(pool: asyncpg.Pool) -> Archive:
    return Archive(pool)


async def counted(pool: asyncpg.Pool, now: datetime, **more: Any) -> LeadOverview:
    return await LeadOverviews(pool).of(ReportScope(**{"reader": STRANGER, "now": now} | more))


async def runs(pool: asyncpg.Pool, number: int, owner: str, **more: Any) -> None:
    """A clock about a candidate, overdue for an hour unless said otherwise."""
    late = {"ended_at": None, "ended_as": None, "breached_at": NOON - HOUR, "started_at": NOON - 200 * HOUR}
    known = clock(number, owner=owner, **late | more)
    async with pool.acquire() as connection:
        await write(connection, [known])


async def test_nothing_is_no_figure(pool: asyncpg.Pool) -> None:
    found = await counted(pool, NOON)
    assert (found.requisitions, found.open_now) == (0, 0)
    assert (found.stuck.now, found.late.dated, found.agreement.answers) == (0, 0, 0)
    assert [time.hours for time in found.waiting] == [0.0, 0.0]


async def test_what_is_stuck_is_counted_by_requisition_now_and_four_weeks_ago(
    archive: Archive, pool: asyncpg.Pool
) -> None:
    await archive.live(opened)
    long_ago, lately = NOON - FOUR_WEEKS - HOUR, NOON - HOUR
    await runs(pool, 1, MANAGER, stuck_at=lately)
    await runs(pool, 2, MANAGER, stuck_at=lately)
    await runs(
        pool,
        3,
        MANAGER,
        breached_at=long_ago,
        stuck_at=long_ago,
        ended_at=NOON - 2 * HOUR,
        ended_as="kept",
        requisition="R-OTHER001",
    )
    await runs(pool, 4, MANAGER, stuck_at=lately, causes=("end",), requisition="R-OVER0001")
    everything = await counted(pool, NOON)
    assert (everything.stuck.now, everything.stuck.before) == (1, 1)
    own = await counted(pool, NOON, person=RECRUITING_LEAD)
    assert (own.stuck.now, own.stuck.before) == (1, 0)
    assert (await counted(pool, NOON, person=STRANGER)).stuck.now == 0


async def test_a_requisition_that_is_stuck_is_on_the_board_of_stuck_ones(archive: Archive, pool: asyncpg.Pool) -> None:
    await archive.live(opened)
    reads = Reads(pool)
    assert await reads.board(stuck=True) == []
    await runs(pool, 1, MANAGER, stuck_at=NOON)
    assert [line.id for line in await reads.board(stuck=True)] == [REQUISITION]
    assert [line.stuck for line in await reads.board()] == [True]


async def test_hours_are_told_of_three_people_or_of_oneself(archive: Archive, pool: asyncpg.Pool) -> None:
    await archive.live(opened)
    await runs(pool, 1, "P-ONE00001", breached_at=NOON - 5 * HOUR)
    await runs(pool, 2, "P-TWO00001", breached_at=NOON - 2 * HOUR, ended_at=NOON - HOUR, ended_as="kept")
    recruiters, managers = (await counted(pool, NOON)).waiting
    assert (recruiters.side, recruiters.hours) == ("recruiter", 0.0)
    assert (managers.side, managers.hours) == ("hiring_manager", None)
    await runs(pool, 3, "P-THREE001", breached_at=None)
    assert (await counted(pool, NOON)).waiting[1].hours is None
    await runs(pool, 4, "P-THREE001", breached_at=NOON - HOUR)
    assert (await counted(pool, NOON)).waiting[1].hours == 7.0


async def test_one_sees_ones_own_hours(archive: Archive, pool: asyncpg.Pool) -> None:
    await archive.live(opened)
    await runs(pool, 1, MANAGER, breached_at=NOON - 5 * HOUR)
    assert (await counted(pool, NOON, reader=MANAGER)).waiting[1].hours == 5.0
    assert (await counted(pool, NOON, reader=RECRUITER)).waiting[1].hours is None


async def test_hours_are_parted_at_the_day_four_weeks_ago(archive: Archive, pool: asyncpg.Pool) -> None:
    await archive.live(opened)
    edge = NOON - FOUR_WEEKS
    early = {"started_at": edge - 900 * HOUR, "breached_at": edge - 30 * HOUR}
    for number, owner in enumerate(("P-ONE00001", "P-TWO00001", "P-THREE001")):
        await runs(pool, number, owner, **early, ended_at=edge + 10 * HOUR, ended_as="kept")
    managers = (await counted(pool, NOON)).waiting[1]
    assert (managers.hours, managers.hours_before) == (30.0, 90.0)


async def test_tasks_that_were_never_any_let_nobody_wait(archive: Archive, pool: asyncpg.Pool) -> None:
    await archive.live(opened)
    for number, owner in enumerate(("P-ONE00001", "P-TWO00001", "P-THREE001")):
        await runs(pool, number, owner, ended_at=NOON, ended_as="void", breached_at=NOON - 9 * HOUR)
    assert (await counted(pool, NOON)).waiting[1].hours == 0.0


async def test_late_is_what_goes_on_after_its_target_date(archive: Archive, pool: asyncpg.Pool) -> None:
    await archive.live(opened)
    opened_at = archive.company.now
    target = (opened_at + timedelta(days=10)).date()
    await pool.execute("UPDATE requisitions SET target_date = $1", target)
    before, on, after = (datetime.combine(target, NOON.time(), UTC) + timedelta(days=n) for n in (-1, 0, 1))
    assert [(await counted(pool, now)).late.late for now in (before, on, after)] == [0, 0, 1]
    month_later = after + FOUR_WEEKS
    later = await counted(pool, month_later)
    assert (later.open_now, later.late.dated, later.late.late, later.late.late_before) == (1, 1, 1, 1)
    ended = Cancel(why="The budget was taken back.")
    archive.company.now = after + timedelta(days=2)
    archive.company.give(REQUISITION_STREAM, RECRUITER, ended, after=timedelta())
    await archive.keep()
    await pool.execute("UPDATE requisitions SET target_date = $1", target)
    over = await counted(pool, month_later)
    assert (over.requisitions, over.open_now, over.late.dated, over.late.late, over.late.late_before) == (1, 0, 0, 0, 1)
    long_over = await counted(pool, month_later + timedelta(days=30))
    assert long_over.late.late_before == 0


async def test_agreement_is_of_the_answers_of_four_weeks(archive: Archive, pool: asyncpg.Pool) -> None:
    await archive.live(*shared_after(0, 0, 0))
    answered(archive, 0, verdict="advance", criterion="K1")
    answered(archive, 1, verdict="reject", criterion="K1")
    await archive.keep()
    now = archive.company.now + HOUR
    found = (await counted(pool, now)).agreement
    assert (found.answers, found.agreed, found.answers_before) == (2, 1, 0)
    found = (await counted(pool, now + FOUR_WEEKS)).agreement
    assert (found.answers, found.answers_before, found.agreed_before) == (0, 2, 1)


async def test_who_leads_is_said_by_the_team(archive: Archive, pool: asyncpg.Pool) -> None:
    await archive.live(opened)
    overviews = LeadOverviews(pool)
    leads = [person for person in (RECRUITING_LEAD, MANAGER_LEAD, MANAGER, STRANGER) if await overviews.leads(person)]
    assert leads == [RECRUITING_LEAD, MANAGER_LEAD]
