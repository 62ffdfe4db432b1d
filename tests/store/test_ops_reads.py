"""What the ops board reads, on promises written straight into the read model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from domain.access.roles import Role
from store.ops_queries import OpsReads
from store.users import User, Users
from testing.crowd import Crowd, fill

NOW = datetime(2026, 3, 4, 18, tzinfo=UTC)
"""A Wednesday evening in Europe, and still noon in Denver."""

MARA, DANA, OLEG = "P-MARA00", "P-DANA00", "P-OLEG00"
FIRST, SECOND = "R-FIRST0", "R-SECOND"


class Board:
    """Searches and promises, and what is read of them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool, self.reads, self._clocks = pool, OpsReads(pool), 0

    async def requisition(self, id: str, team: str) -> None:
        """A requisition of this team."""
        await self.pool.execute(
            """
            INSERT INTO requisitions VALUES ($1, 'Title of ' || $1, $2, 'sourcing', 'open', 'P-MARA00', 'P-DANA00',
                                             '{}', 1, NULL, false, 1, '{}')
            """,
            *(id, team),
        )

    async def owes(self, owner: str, name: str, due: float, requisition: str = FIRST, **more: Any) -> str:
        """A promise that falls due `due` hours from now; `late`, `stuck`, `ended`, `paused` in hours from now too."""
        self._clocks += 1
        at = {key: NOW + timedelta(hours=more[key]) for key in ("late", "stuck", "ended", "paused") if key in more}
        await self.pool.execute(
            """
            INSERT INTO clocks (stream, id, requisition, name, about, owner, started_at, due_at, breached_at, stuck_at,
                                ended_at, ended_as, stands_since, causes, pauses, extended)
            VALUES ('requisition/' || $1, $2, $1, $3, '', $4, $5, $6, $7, $8, $9, $10, $11, '{}', '[]', false)
            """,
            *(requisition, f"{name}:{self._clocks}", name, owner, NOW - timedelta(days=9), NOW + timedelta(hours=due)),
            *(at.get("late"), at.get("stuck"), at.get("ended"), more.get("as_"), at.get("paused")),
        )
        return f"{name}:{self._clocks}"


async def founded(pool: asyncpg.Pool) -> Board:
    """Two requisitions of two teams, and two people in two zones; a third is unknown here."""
    board = Board(pool)
    for id, zone in ((MARA, "Europe/Berlin"), (DANA, "America/Denver")):
        await Users(pool).put(User(id=id, name=id, email=f"{id}@example.org", zone=zone, standing=frozenset[Role]()))
    await board.requisition(FIRST, "Grants")
    await board.requisition(SECOND, "Permits")
    return board


async def test_broken_promises_are_found_by_what_whose_and_how_old_they_are(pool: asyncpg.Pool) -> None:
    board = await founded(pool)
    old = await board.owes(DANA, "profile_answered", -50, late=-50)
    new = await board.owes(MARA, "slate_shared", -2, SECOND, late=-2)
    await board.owes(DANA, "profile_answered", 5)
    await board.owes(DANA, "profile_answered", -60, late=-60, ended=-1, as_="kept")

    async def found(**narrowed: Any) -> list[str]:
        return [breach.id for breach in await board.reads.breaches(NOW, **narrowed)]

    assert await found() == [old, new]
    assert await found(clock="slate_shared") == [new]
    assert await found(team="Grants") == [old]
    assert await found(person=MARA) == [new]
    assert await found(at_least=timedelta(hours=50)) == [old]
    assert await found(at_least=timedelta(hours=51)) == []
    assert await found(limit=1, offset=1) == [new]
    breach = (await board.reads.breaches(NOW))[0]
    assert (breach.title, breach.team_name, breach.owner) == (f"Title of {FIRST}", "Grants", DANA)


async def test_an_entity_is_stuck_once_however_many_promises_are(pool: asyncpg.Pool) -> None:
    board = await founded(pool)
    await board.owes(MARA, "slate_shared", -40, late=-40, stuck=-1)
    await board.owes(DANA, "rubric_signed", -50, late=-50, stuck=-9)
    await board.owes(MARA, "slate_shared", -40, SECOND, late=-40, stuck=-30, ended=-3, as_="kept")
    await board.owes(MARA, "slate_shared", -40, SECOND, late=-40)
    (stuck,) = await board.reads.stuck()
    assert (stuck.stream, stuck.title) == (f"requisition/{FIRST}", f"Title of {FIRST}")
    assert (stuck.clocks, stuck.waiting_on) == (("rubric_signed", "slate_shared"), (DANA, MARA))
    assert stuck.stuck_since == NOW - timedelta(hours=9)


async def test_workload_counts_and_a_day_ends_where_somebody_lives(pool: asyncpg.Pool) -> None:
    board = await founded(pool)
    for owner in (MARA, DANA, OLEG):
        await board.owes(owner, "rubric_signed", 7)  # 01:00 UTC: tomorrow in Berlin and in UTC, today in Denver
        await board.owes(owner, "pulse_answered", 100)  # Sunday 22:00 UTC: this week in all three
        await board.owes(owner, "pulse_answered", 101.5)  # Sunday 23:30 UTC: next week in Berlin alone
    await board.owes(DANA, "rubric_signed", -3, late=-3, stuck=-1)
    await board.owes(DANA, "rubric_signed", -3, late=-3, paused=-1)
    await board.owes(DANA, "rubric_signed", -3, late=-3, ended=-1, as_="kept")
    dana, mara, oleg = await board.reads.workload(NOW)
    assert [one.person for one in (dana, mara, oleg)] == [DANA, MARA, OLEG]
    assert (dana.open, dana.breached, dana.stuck) == (4, 1, 1)
    assert dana.by_kind == {"pulse_answered": 2, "rubric_signed": 2}
    assert (dana.due_today, mara.due_today, oleg.due_today) == (2, 0, 0)
    assert (dana.due_this_week, mara.due_this_week, oleg.due_this_week) == (4, 2, 3)


async def test_hit_rates_tell_kept_late_waived_and_what_is_late_still(pool: asyncpg.Pool) -> None:
    board = await founded(pool)
    since = NOW - timedelta(days=7)
    for _ in range(3):
        await board.owes(DANA, "rubric_signed", -10, ended=-20, as_="kept")
    await board.owes(DANA, "rubric_signed", -10, late=-10, ended=-5, as_="kept")
    await board.owes(DANA, "rubric_signed", -10, ended=-20, as_="waived")
    await board.owes(DANA, "rubric_signed", -10, ended=-20, as_="void")
    await board.owes(DANA, "rubric_signed", -10, late=-10)
    await board.owes(DANA, "rubric_signed", -300, ended=-200, as_="kept")  # before the period
    await board.owes(MARA, "rubric_signed", 10, SECOND)  # still in time
    await board.owes(MARA, "slate_shared", 10, SECOND, ended=-1, as_="waived")
    grants, permits = await board.reads.hit_rates(since, NOW)
    assert (grants.name, grants.team_name) == ("rubric_signed", "Grants")
    assert (grants.kept_in_time, grants.kept_late, grants.breached_open, grants.waived) == (3, 1, 1, 1)
    assert grants.in_time == 0.6
    assert (permits.name, permits.team_name, permits.waived, permits.in_time) == ("slate_shared", "Permits", 1, None)


async def test_history_counts_by_iso_week(pool: asyncpg.Pool) -> None:
    board = await founded(pool)
    monday = (datetime(2026, 3, 2, tzinfo=UTC) - NOW).total_seconds() / 3600
    await board.owes(DANA, "rubric_signed", 0, late=monday - 0.01)
    await board.owes(DANA, "rubric_signed", 0, late=monday, ended=-1, as_="kept")
    await board.owes(DANA, "rubric_signed", 0, ended=monday + 1, as_="kept")
    await board.owes(DANA, "slate_shared", 0, ended=monday + 1, as_="void")
    weeks = await board.reads.breach_weeks(NOW - timedelta(days=91), NOW)
    assert [(one.week, one.name, one.breached, one.kept) for one in weeks] == [
        ("2026-W10", "rubric_signed", 1, 1),
        ("2026-W09", "rubric_signed", 1, 0),
    ]


async def test_what_is_not_carried_out_is_told_with_its_stream(pool: asyncpg.Pool) -> None:
    for effect, hours in (("candidate/C-ANNA0001/12/0", 2), ("requisition/R-FIRST0/3/1", 5)):
        await pool.execute(
            "INSERT INTO effects_undone VALUES ($1, 'invite', $2, 7, 'SMTPConnectError', $3)",
            *(effect, NOW - timedelta(hours=hours), NOW),
        )
    first, second = await OpsReads(pool).pending_effects()
    assert (first.stream, second.stream) == ("requisition/R-FIRST0", "candidate/C-ANNA0001")
    assert (first.kind, first.attempts, first.last_reason) == ("invite", 7, "SMTPConnectError")
    assert [one.effect for one in await OpsReads(pool).pending_effects(limit=1, offset=1)] == [
        "candidate/C-ANNA0001/12/0"
    ]


async def test_all_parts_of_the_board_agree_on_a_whole_company(pool: asyncpg.Pool) -> None:
    crowd = Crowd(requisitions=60, running=400, ended=600, people=30, teams=5)
    await fill(pool, crowd, NOW)
    reads = OpsReads(pool)
    totals, kinds, load = await reads.totals(), await reads.by_clock(), await reads.workload(NOW)
    breaches, stuck = await reads.breaches(NOW, limit=500), await reads.stuck(500)
    assert totals.open_searches == 60
    assert totals.tasks == crowd.tasks
    assert sum(kind.running for kind in kinds) == sum(one.open for one in load) == totals.running
    assert 0 < totals.running < crowd.running, "some of them stand still"
    assert totals.breached == len(breaches) == sum(kind.breached for kind in kinds) == 24
    assert totals.stuck == sum(breach.stuck_at is not None for breach in breaches) > 0
    assert {one.stream for one in stuck} == {one.stream for one in breaches if one.stuck_at}
