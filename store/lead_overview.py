"""What a lead is shown first, in four figures: what is stuck, who keeps candidates waiting, what is late, and whether
both sides see the same; each now and four weeks ago.

How long one or two people kept others waiting is told to nobody but themselves, as in the reports (`store/reports.py`).
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Literal

import asyncpg

from domain.sla.catalogue import CLOCKS
from store.reports import COMPARED, GROUP, SELECTED, PlannedAnew, ReportScope, among
from store.views import View

FOUR_WEEKS = timedelta(weeks=4)
"""What the figures look back on, and how far before that lies what they are compared with."""

Side = Literal["recruiter", "hiring_manager"]
SIDES: tuple[Side, ...] = ("recruiter", "hiring_manager")


class StuckCount(View):
    """Requisitions in which something is stuck: every escalation step is over, and it is still not done."""

    now: int
    before: int


class WaitingTime(View):
    """How many hours the overdue tasks of one side let candidates wait in four weeks, and in the four before.

    Hours elapse; two tasks that are overdue together count twice. None where too few people were late for it
    to be told.
    """

    side: Side
    hours: float | None
    hours_before: float | None


class LateCount(View):
    """Requisitions that go on after the day by which they were to be filled, of those that have such a day."""

    dated: int
    late: int
    late_before: int


class AgreementCount(View):
    """On how many of the hiring manager's answers the recruiter's verdict was the same, in four weeks and before."""

    answers: int
    agreed: int
    answers_before: int
    agreed_before: int


class LeadOverview(View):
    """The four figures over so many requisitions, `open_now` of them, as they stand `at` (UTC)."""

    at: datetime
    requisitions: int
    open_now: int
    stuck: StuckCount
    waiting: tuple[WaitingTime, ...]
    late: LateCount
    agreement: AgreementCount


class LeadOverviews:
    """Counts over one database."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool, self._anew = pool, PlannedAnew(pool)

    async def leads(self, person: str) -> bool:
        """Whether somebody is the recruiting lead or the manager's lead of a requisition that is not over."""
        return bool(
            await self._pool.fetchval(
                """
                SELECT EXISTS (
                    SELECT FROM requisitions WHERE $1 = ANY(people) AND standing <> 'ended'
                    AND $1 IN (view #>> '{team,recruiting_lead}', view #>> '{team,manager_lead}'))
                """,
                person,
            )
        )

    async def of(self, asked: ReportScope) -> LeadOverview:
        """The figures of the requisitions of `asked.person` (None: of all), as they stand at `asked.now`."""
        stood, stuck, waiting, agreement = await asyncio.gather(
            self._stood(asked), self._stuck(asked), self._waiting(asked), self._agreement(asked)
        )
        return LeadOverview(
            at=asked.now,
            requisitions=stood["requisitions"],
            open_now=stood["open_now"],
            stuck=stuck,
            waiting=waiting,
            late=LateCount(dated=stood["dated"], late=stood["late"], late_before=stood["late_before"]),
            agreement=agreement,
        )

    async def _stood(self, asked: ReportScope) -> asyncpg.Record:
        """How many there are, how many open, and how many of those late. A day is UTC's."""
        then = asked.now - FOUR_WEEKS
        [row] = await self._anew.fetch(
            f"""
            WITH {SELECTED},
            stood AS (
                SELECT id, standing, target_date,
                       target_date < $4 AND EXISTS (
                           SELECT FROM events WHERE stream = 'requisition/' || id AND seq = 1 AND at <= $3
                       ) AND coalesce((
                           SELECT type = 'search_reopened' FROM events WHERE stream = 'requisition/' || id
                           AND type IN ('search_filled', 'search_cancelled', 'search_reopened') AND at <= $3
                           ORDER BY seq DESC LIMIT 1
                       ), true) AS late_then
                FROM selected
            )
            SELECT count(*) AS requisitions, count(*) FILTER (WHERE standing <> 'ended') AS open_now,
                   count(target_date) FILTER (WHERE standing <> 'ended') AS dated,
                   count(*) FILTER (WHERE standing <> 'ended' AND target_date < $5) AS late,
                   count(*) FILTER (WHERE late_then) AS late_before
            FROM stood
            """,
            *(asked.person, asked.team, then, then.date(), asked.now.date()),
        )
        return row

    async def _stuck(self, asked: ReportScope) -> StuckCount:
        """As the board calls a requisition stuck."""
        # nosemgrep: sql-from-values  # `among` says one of two conditions
        [row] = await self._anew.fetch(
            f"""
            WITH {SELECTED}
            SELECT
                (SELECT count(DISTINCT requisition) FROM clocks
                 WHERE stuck_at IS NOT NULL AND ended_at IS NULL AND 'end' <> ALL(causes) AND {among(asked)}) AS now,
                (SELECT count(DISTINCT requisition) FROM (
                    SELECT requisition, causes FROM clocks WHERE stuck_at <= $3 AND ended_at IS NULL
                    UNION ALL
                    SELECT requisition, causes FROM clocks
                    WHERE ended_at > $3 AND breached_at <= $3 AND stuck_at <= $3
                ) then_stuck WHERE 'end' <> ALL(causes) AND {among(asked)}) AS before
            """,
            *(asked.person, asked.team, asked.now - FOUR_WEEKS),
        )
        return StuckCount(**row)

    async def _waiting(self, asked: ReportScope) -> tuple[WaitingTime, ...]:
        """Told where three people or more were late: of those who were in time nothing is added up."""
        owned = {
            side: [row.name for row in CLOCKS.values() if row.entity == "candidate" and row.owner_role == side]
            for side in SIDES
        }
        # nosemgrep: sql-from-values  # `among` says one of two conditions
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED},
            span (nr, begins, ends) AS (
                VALUES (0, $3::timestamptz, $4::timestamptz), (1, $3::timestamptz - $5::interval, $3::timestamptz)
            ),
            ran AS (
                SELECT name, owner, requisition, breached_at, ended_at FROM clocks
                WHERE ended_at IS NULL AND breached_at <= $4
                UNION ALL
                SELECT name, owner, requisition, breached_at, ended_at FROM clocks
                WHERE ended_at >= $3::timestamptz - $5::interval AND breached_at IS NOT NULL AND ended_as <> 'void'
            )
            SELECT nr, CASE WHEN name = ANY($6) THEN 'recruiter' ELSE 'hiring_manager' END AS side,
                   round(extract(epoch FROM sum(
                       least(coalesce(ended_at, ends), ends) - greatest(breached_at, begins)
                   )) / 3600, 1)::float AS hours,
                   count(DISTINCT owner) >= {GROUP} OR bool_and(owner = $8) AS told
            FROM ran JOIN span ON breached_at < ends AND (ended_at IS NULL OR ended_at > begins)
            WHERE (name = ANY($6) OR name = ANY($7)) AND {among(asked)}
            GROUP BY 1, 2
            """,
            *(asked.person, asked.team, asked.now - FOUR_WEEKS, asked.now, FOUR_WEEKS),
            *(owned["recruiter"], owned["hiring_manager"], asked.reader),
        )
        told = {(row["side"], row["nr"]): row["hours"] if row["told"] else None for row in rows}
        return tuple(
            WaitingTime(side=side, hours=told.get((side, 0), 0.0), hours_before=told.get((side, 1), 0.0))
            for side in SIDES
        )

    async def _agreement(self, asked: ReportScope) -> AgreementCount:
        [row] = await self._anew.fetch(
            f"""
            WITH {SELECTED}, {COMPARED}
            SELECT count(*) FILTER (WHERE answered_at >= $4) AS answers,
                   count(*) FILTER (WHERE agreed AND answered_at >= $4) AS agreed,
                   count(*) FILTER (WHERE answered_at < $4) AS answers_before,
                   count(*) FILTER (WHERE agreed AND answered_at < $4) AS agreed_before
            FROM compared
            """,
            *(asked.person, asked.team, asked.now - 2 * FOUR_WEEKS, asked.now - FOUR_WEEKS),
        )
        return AgreementCount(**row)
