import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from domain.candidate.profile import AnswerProfile, Shortlist
from domain.entity.clock_commands import OverrideGate
from domain.requisition.calibration import ShareSlate
from domain.requisition.lifecycle import PutOnHold
from domain.requisition.opening import ResolveInheritedChange
from domain.requisition.roster import AddCandidate
from store.command_lookups import inherited_changes
from store.read_model import ClockRow, write
from store.reports import PRIVATE_GROUP, PlannedAnew, Reports, ReportScope
from testing.journal_company import (  # fmt: skip
    ANNA,
    REQUISITION,
    REQUISITION_STREAM,
    SAID,
    SECOND,
    WHOLE_LIFE,
    Company,
    candidates_added,
    intake_booked,
    opened,
    rubric_signed,
    rubric_written,
)
from testing.people import MANAGER, PARTNER, RECRUITER, RECRUITING_LEAD, STRANGER
from tests.store.test_reads import Archive, until

DAY = timedelta(days=1)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def archive(pool: asyncpg.Pool) -> Archive:
    return Archive(pool)


@pytest.fixture
def reports(pool: asyncpg.Pool) -> Reports:
    return Reports(pool)


def asked(archive: Archive, **more: Any) -> ReportScope:
    return ReportScope(**{"reader": STRANGER, "now": archive.company.now + DAY} | more)


def shared_after(*days: float) -> list[Any]:
    """The steps to a shared slate of as many candidates; each comes so many days after the one before."""

    def lived(company: Company) -> None:
        for number, wait in enumerate(days):
            add = AddCandidate(person=f"H-NUMBER0{number}", source="applied", notice_version="1")
            company.give(REQUISITION_STREAM, RECRUITER, add, after=wait * DAY, new_id=f"C-NUMBER0{number}")
            verdicts = Shortlist(verdicts={"K1": "met", "K2": "partly", "K3": "not_discussed"})
            company.give(f"candidate/C-NUMBER0{number}", RECRUITER, verdicts, after=2 * DAY)
        slate = ShareSlate(candidate_ids=tuple(f"C-NUMBER0{n}" for n in range(len(days))), why="nobody else yet")
        company.give(REQUISITION_STREAM, RECRUITER, slate, after=timedelta())

    return [opened, intake_booked, rubric_written, rubric_signed, lived]


def answered(archive: Archive, number: int, after: timedelta = DAY, **answer: Any) -> None:
    archive.company.give(f"candidate/C-NUMBER0{number}", MANAGER, AnswerProfile(**answer), after=after)


async def test_the_funnel_tells_how_far_those_came_who_were_added(archive: Archive, reports: Reports) -> None:
    await archive.live(*WHOLE_LIFE)
    steps = {step.stage: step for step in await reports.funnel(asked(archive))}
    assert [step.reached for step in steps.values()] == [2, 2, 2, 1, 1, 1, 1, 1, 1, 1]
    assert (steps["submitted"].went_on, steps["submitted"].stopped, steps["submitted"].passed) == (1, 1, 0.5)
    assert (steps["advanced"].passed, steps["accepted"].went_on, steps["accepted"].passed) == (1.0, 0, None)


async def test_nobody_added_is_no_funnel(archive: Archive, reports: Reports) -> None:
    await archive.live(opened)
    assert await reports.funnel(asked(archive)) == []


async def test_time_in_stage_is_the_median_of_those_who_went_on(archive: Archive, reports: Reports) -> None:
    await archive.live(*shared_after(0, 0, 0))
    answered(archive, 0, after=DAY, verdict="advance", criterion="K1")
    answered(archive, 1, after=2 * DAY, verdict="reject", criterion="K2")
    await archive.keep()
    stages = {row.stage: row for row in await reports.time_in_stage(asked(archive, reader=MANAGER))}
    assert (stages["added"].passed, stages["added"].still, stages["added"].median_days) == (3, 0, 2.0)
    assert (stages["submitted"].passed, stages["submitted"].still, stages["submitted"].median_days) == (2, 1, 2.0)
    assert (stages["advanced"].passed, stages["advanced"].still, stages["advanced"].median_days) == (0, 1, None)
    assert "rejected" not in stages


async def test_how_long_one_manager_takes_is_told_to_them_alone(archive: Archive, reports: Reports) -> None:
    await archive.live(*shared_after(0))
    answered(archive, 0, verdict="advance", criterion="K1")
    await archive.keep()
    for reader, told in ((MANAGER, 1.0), (RECRUITER, None)):
        stages = {row.stage: row for row in await reports.time_in_stage(asked(archive, reader=reader))}
        assert (stages["submitted"].passed, stages["submitted"].median_days) == (1, told)


async def test_what_happened_before_the_period_is_left_out(archive: Archive, reports: Reports) -> None:
    await archive.live(*WHOLE_LIFE)
    later = asked(archive, since=archive.company.now)
    assert await reports.funnel(later) == []
    assert await reports.time_in_stage(later) == []
    assert await reports.calibration(later) == []
    assert await reports.promised(later) == []


@pytest.mark.parametrize(
    ("person", "team", "seen"),
    [(None, None, True), (MANAGER, None, True), (STRANGER, None, False), (None, "Platform", True), (None, "x", False)],
)
async def test_reports_are_of_the_searches_asked_for(
    archive: Archive, reports: Reports, person: str | None, team: str | None, seen: bool
) -> None:
    await archive.live(*WHOLE_LIFE)
    mine = asked(archive, reader=RECRUITER, person=person, team=team)
    for read in (
        reports.funnel, reports.time_in_stage, reports.sla, reports.calibration, reports.retro_changes,
        reports.promised,
    ):  # fmt: skip
        assert bool(await read(mine)) == seen, read.__name__


async def test_an_answer_agrees_when_it_is_what_the_recruiter_saw(archive: Archive, reports: Reports) -> None:
    await archive.live(*shared_after(0, 0, 0, 0, 0))
    answered(archive, 0, verdict="advance", criterion="K1")
    answered(archive, 1, verdict="reject", criterion="K1")
    answered(archive, 2, verdict="reject", criterion="K2")
    answered(archive, 3, verdict="reject", criterion="K3")
    answered(archive, 4, verdict="reject", why=SAID)
    await archive.keep()
    rows = await reports.calibration(asked(archive))
    assert [(row.criterion, row.behaviour, row.answers, row.agreed, row.agreement) for row in rows] == [
        ("K1", "does thing 1 monthly", 2, 1, 0.5),
        ("K2", "does thing 2 monthly", 1, 1, 1.0),
    ]
    assert {row.month for row in rows} == {"2026-03"}


async def test_what_was_promised_stands_beside_what_came(archive: Archive, reports: Reports) -> None:
    await archive.live(*shared_after(0, 21))
    [row] = await reports.promised(asked(archive))
    twenty_working_days_on = datetime(2026, 3, 31, tzinfo=UTC).date()
    assert (row.candidates_promised, row.shown_by.date(), row.time_is_up) == (5, twenty_working_days_on, False)
    assert (row.shown_in_time, row.shown) == (2, 2)
    [row] = await reports.promised(asked(archive, now=archive.company.now + 9 * DAY))
    assert row.time_is_up
    assert (row.target_date, row.filled_on, row.days_late) == (None, None, None)


async def test_meetings_promised_stand_beside_those_that_were_held(archive: Archive, reports: Reports) -> None:
    await archive.live(*WHOLE_LIFE)
    debrief = next(
        record for record in archive.company.journal[f"candidate/{ANNA}"] if record.event.type == "debrief_held"
    )
    before, after = debrief.at - timedelta(hours=1), debrief.at + timedelta(minutes=1)
    for now, held in ((before, 0), (after, 1)):
        [row] = await reports.promised(asked(archive, now=now))
        assert row.meetings_held == held
    ended = next(r for r in archive.company.journal[REQUISITION_STREAM] if r.event.type == "search_filled")
    [row] = await reports.promised(asked(archive, now=ended.at + 70 * DAY))
    agreed = next(r for r in archive.company.journal[REQUISITION_STREAM] if r.event.type == "rubric_locked")
    assert row.meetings_promised == (ended.at - agreed.at) // (7 * DAY), "none was promised for after the end"


async def test_no_meeting_is_promised_while_the_search_stands_still(archive: Archive, reports: Reports) -> None:
    await archive.live(*until(candidates_added))
    [row] = await reports.promised(asked(archive, now=archive.company.now + 15 * DAY))
    assert (row.meetings_promised, row.meetings_held) == (2, 0)
    hold = PutOnHold(why="a reorganisation", review_at=archive.company.now + 7 * DAY)
    archive.company.give(REQUISITION_STREAM, RECRUITER, hold)
    await archive.keep()
    [row] = await reports.promised(asked(archive, now=archive.company.now + 15 * DAY))
    assert row.meetings_promised == 0


async def test_words_that_were_stood_by_are_counted_and_told_of_a_group_alone(
    archive: Archive, reports: Reports, pool: asyncpg.Pool
) -> None:
    await archive.live(*shared_after(0, 0, 0, 0))
    for number in range(3):
        answered(archive, number, verdict="reject", why=SAID, stand_by=number == 0)
    await archive.keep()
    [row] = await reports.concrete(asked(archive, reader=MANAGER))
    assert (row.month, row.feedback, row.people) == ("2026-03", "answers", 1)
    assert (row.given, row.stood_by, row.concrete) == (3, 1, 0.6667)
    assert await reports.concrete(asked(archive, reader=RECRUITER)) == []
    assert await reports.concrete(asked(archive, reader=MANAGER, team="another")) == []
    assert await reports.concrete(asked(archive, reader=MANAGER, since=archive.company.now + DAY)) == []
    for number in range(2):
        await pool.execute(
            """
            INSERT INTO events (stream, seq, type, schema, at, by, payload, hash, requisition)
            VALUES ($1, 1000 + $2, 'scorecard_submitted', 1, $3, $4, '{"flagged": false}', '', $5)
            """,
            *(REQUISITION_STREAM, number, archive.company.now, f"P-WRITER{number}", REQUISITION),
        )
    cards = [row for row in await reports.concrete(asked(archive)) if row.feedback == "cards"]
    assert cards == [], "two could be told apart by either of them"


async def test_a_hire_after_the_target_date_is_late(archive: Archive, reports: Reports, pool: asyncpg.Pool) -> None:
    await archive.live(*WHOLE_LIFE)
    [row] = await reports.promised(asked(archive))
    assert (row.time_is_up, row.shown_in_time, row.filled_on) == (False, 2, date(2026, 3, 5))
    await pool.execute("UPDATE requisitions SET target_date = $1", date(2026, 3, 2))
    [row] = await reports.promised(asked(archive, now=archive.company.now + 30 * DAY))
    assert row.days_late == 3


async def test_a_retros_change_is_reported_with_what_became_of_it(
    archive: Archive, reports: Reports, pool: asyncpg.Pool
) -> None:
    await archive.live(*WHOLE_LIFE)
    inherited = await inherited_changes(pool, MANAGER, "Platform")
    opened(archive.company, SECOND, inherited=inherited)
    by_manager = next(change for change in inherited if change.id.endswith("H"))
    adopts = ResolveInheritedChange(change_id=by_manager.id, adopt=True)
    archive.company.give(f"requisition/{SECOND}", MANAGER, adopts)
    await archive.keep()
    rows = {row.side: row for row in await reports.retro_changes(asked(archive))}
    assert (rows["H"].change, rows["H"].adopted, rows["H"].open) == ("I answer by 10:00 each day", 1, 0)
    assert (rows["R"].adopted, rows["R"].declined, rows["R"].open) == (0, 0, 1)


async def test_an_opened_gate_is_counted(archive: Archive, reports: Reports) -> None:
    await archive.live(*until(candidates_added))
    grant = OverrideGate(
        gate="not_screened", subject=ANNA, asked_by=RECRUITER, why=SAID, until=archive.company.now + DAY
    )
    archive.company.give(f"candidate/{ANNA}", RECRUITING_LEAD, grant)
    await archive.keep()
    [row] = await reports.gates(asked(archive))
    assert (row.gate, row.team_name, row.times) == ("not_screened", "Platform", 1)


async def test_expectations_stand_beside_the_band(archive: Archive, reports: Reports, pool: asyncpg.Pool) -> None:
    await archive.live(opened)
    assert await reports.expectations(asked(archive)) == []
    market = {"n": 4, "median": "85000", "share_above": 0.75, "above_by": "5000", "not_comparable": 0}
    await pool.execute(
        "UPDATE requisitions SET view = view || jsonb_build_object('market', $1::jsonb, 'signals', $2::jsonb)",
        *(json.dumps(market), json.dumps({"S-1": "hold_course", "S-2": None})),
    )
    [row] = await reports.expectations(asked(archive))
    assert (row.currency, int(row.band_minimum), int(row.band_maximum)) == ("EUR", 60_000, 80_000)
    assert (row.told, int(row.median), row.share_above, row.way) == (4, 85_000, 0.75, "hold_course")


def clock(number: int, owner: str, **more: Any) -> ClockRow:
    """An answer that was due at noon and given in time, unless `more` says otherwise."""
    known = {
        "stream": f"candidate/C-CLOCK{number:04}",
        "id": f"c:{number}",
        "requisition": REQUISITION,
        "name": "profile_answered",
        "about": "",
        "owner": owner,
        "started_at": NOON - 2 * DAY,
        "due_at": NOON,
        "breached_at": None,
        "causes": (),
        "stands_since": None,
        "pauses": "[]",
        "extended": False,
        "ended_at": NOON - DAY,
        "ended_as": "kept",
        "rung": None,
        "next_rung_at": None,
        "stuck_at": None,
    }
    return ClockRow(**known | more)


async def with_clocks(archive: Archive, pool: asyncpg.Pool, clocks: Iterable[ClockRow]) -> None:
    """A requisition in whose read model these clocks stand, and no others."""
    await archive.live(opened)
    async with pool.acquire() as connection:
        await connection.execute("DELETE FROM clocks")
        await write(connection, clocks)


async def test_promises_are_counted_by_kind_and_side(archive: Archive, reports: Reports, pool: asyncpg.Pool) -> None:
    late = {"breached_at": NOON}
    await with_clocks(
        archive,
        pool,
        [
            clock(1, "P-MANAGER1"),
            clock(2, "P-MANAGER2", ended_at=NOON + timedelta(hours=6), **late),
            clock(3, "P-MANAGER3", ended_at=None, ended_as=None, **late),
            clock(4, "P-MANAGER1", ended_as="waived"),
            clock(5, "P-MANAGER1", ended_as="void"),
            clock(6, "P-MANAGER1", ended_at=None, ended_as=None),
            *(clock(7 + n, f"P-SIGNER{n}", name="rubric_signed", about="R") for n in range(3)),
            *(clock(10 + n, f"P-SIGNER{n}", name="rubric_signed", about="H") for n in range(3)),
        ],
    )
    rows = {(row.clock, row.side): row for row in await reports.sla(asked(archive, now=NOON + timedelta(hours=10)))}
    answers = rows["profile_answered", "hiring_manager"]
    assert (answers.kept_in_time, answers.kept_late, answers.breached_open, answers.waived) == (1, 1, 1, 1)
    assert (answers.people, answers.in_time, answers.hours_late) == (3, 0.3333, 16.0)
    assert rows.keys() - {("profile_answered", "hiring_manager")} == {
        ("rubric_signed", "recruiter"),
        ("rubric_signed", "hiring_manager"),
    }


async def test_a_breach_that_was_none_counts_for_nobody_and_is_told_as_corrected(
    archive: Archive, reports: Reports, pool: asyncpg.Pool
) -> None:
    was_none = {"name": "scorecard_in", "corrected_breach": NOON}
    await with_clocks(
        archive,
        pool,
        [
            *(clock(n, f"P-INTERVIEW{n}", name="scorecard_in") for n in range(3)),
            clock(3, "P-INTERVIEW0", **was_none),
            clock(4, "P-INTERVIEW1", ended_as="void", **was_none),
            clock(5, "P-INTERVIEW2", name="scorecard_in", breached_at=NOON, ended_at=NOON + timedelta(hours=2)),
        ],
    )

    [cards] = await reports.sla(asked(archive, now=NOON + timedelta(hours=10)))

    assert (cards.kept_in_time, cards.kept_late, cards.breached_open, cards.corrected) == (4, 1, 0, 2)
    assert (cards.people, cards.in_time, cards.hours_late) == (3, 0.8, 2.0)


async def test_a_corrected_breach_makes_no_group_of_two_whose_waiting_is_told(
    archive: Archive, reports: Reports, pool: asyncpg.Pool
) -> None:
    of_two = [clock(n, f"P-INTERVIEW{n}", name="scorecard_in") for n in range(2)]
    third = clock(2, "P-INTERVIEW2", name="scorecard_in", ended_as="void", corrected_breach=NOON)
    await with_clocks(archive, pool, [*of_two, third])

    assert await reports.sla(asked(archive, now=NOON)) == []


@pytest.mark.parametrize(
    ("owners", "reader", "told"),
    [
        (("P-MANAGER1", "P-MANAGER2", "P-MANAGER3"), STRANGER, True),
        (("P-MANAGER1", "P-MANAGER2", "P-MANAGER2"), STRANGER, False),
        (("P-MANAGER1", "P-MANAGER1", "P-MANAGER1"), "P-MANAGER1", True),
        (("P-MANAGER1", "P-MANAGER1", "P-MANAGER2"), "P-MANAGER1", False),
    ],
)
@pytest.mark.parametrize("name", ["profile_answered", "scorecard_in"])
async def test_waiting_is_told_of_a_group_or_to_oneself(
    archive: Archive, reports: Reports, pool: asyncpg.Pool, name: str, owners: list[str], reader: str, told: bool
) -> None:
    await with_clocks(archive, pool, [clock(n, owner, name=name) for n, owner in enumerate(owners)])
    mine = asked(archive, reader=reader, now=NOON)
    assert bool(await reports.sla(mine)) == told
    if name == "scorecard_in":
        assert bool(await reports.feedback(mine)) == told


async def test_feedback_is_told_by_month(archive: Archive, reports: Reports, pool: asyncpg.Pool) -> None:
    hours = {1: 2, 2: 20, 3: 30}
    cards = [
        clock(n, f"P-PERSON{n}", name="scorecard_in", ended_at=NOON - 2 * DAY + timedelta(hours=h))
        for n, h in hours.items()
    ]
    await with_clocks(archive, pool, cards)
    [row] = await reports.feedback(asked(archive, now=NOON + DAY))
    assert (row.month, row.people, row.cards) == ("2026-03", 3, 3)
    assert (row.median_hours, row.nine_of_ten_hours, row.within_a_day) == (20.0, 28.0, 0.6667)


async def rated(pool: asyncpg.Pool, at: datetime, *wished: bool) -> None:
    """As many people looked back, each in a requisition of their own."""
    for number, wish in enumerate(wished):
        stream = f"requisition/R-RATED{at:%m%d}{number:02}"
        await pool.execute("INSERT INTO streams VALUES ($1, 1)", stream)
        await pool.execute(
            """
            INSERT INTO events (stream, seq, type, schema, at, by, payload, hash)
            VALUES ($1, 1, 'partnership_rated', 1, $2, $3, $4, '')
            """,
            *(stream, at, f"P-RATER{number:03}", json.dumps({"wished_to_work_around": wish})),
        )


async def test_who_wished_to_work_around_is_told_in_sum_of_quarters_that_are_over(
    reports: Reports, pool: asyncpg.Pool
) -> None:
    enough = (True,) + (False,) * (PRIVATE_GROUP - 1)
    await rated(pool, datetime(2026, 2, 1, tzinfo=UTC), *enough)
    await rated(pool, datetime(2026, 5, 1, tzinfo=UTC), *enough[:-1])
    await rated(pool, datetime(2026, 8, 1, tzinfo=UTC), *enough)
    within = ReportScope(reader=PARTNER, now=datetime(2026, 9, 1, tzinfo=UTC), person=PARTNER, team="nobody's")
    [row] = await reports.work_around(within)
    assert (row.quarter, row.people, row.answers, row.wished) == ("2026-Q1", 5, 5, 0.2)


async def test_the_same_person_many_times_is_no_group(reports: Reports, pool: asyncpg.Pool) -> None:
    for month in range(1, 4):
        for day in (1, 2):
            await rated(pool, datetime(2026, month, day, tzinfo=UTC), True)
    assert await reports.work_around(ReportScope(reader=PARTNER, now=datetime(2026, 9, 1, tzinfo=UTC))) == []


async def test_a_report_is_planned_for_its_own_period_and_leaves_other_queries_alone(pool: asyncpg.Pool) -> None:
    [row] = await PlannedAnew(pool).fetch("SELECT current_setting('plan_cache_mode') AS mode")
    assert row["mode"] == "force_custom_plan"
    assert await pool.fetchval("SELECT current_setting('plan_cache_mode')") == "auto"
