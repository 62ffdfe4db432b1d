"""What the ops board reads, over all searches. `now` is when it is read (UTC)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import asyncpg

from store.ops_views import (
    BreachWeek,
    ClockCount,
    HitRate,
    LateClock,
    PendingEffect,
    StuckEntity,
    Totals,
    Workload,
)


class OpsReads:
    """Answers from one database."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def totals(self) -> Totals:
        """The company in numbers."""
        row = await self._pool.fetchrow(
            """
            SELECT (SELECT count(*) FROM requisitions WHERE standing <> 'ended') AS open_searches,
                   (SELECT count(*) FROM tasks) AS tasks,
                   count(*) FILTER (WHERE stands_since IS NULL) AS running,
                   count(breached_at) AS breached, count(stuck_at) AS stuck
            FROM clocks WHERE ended_at IS NULL
            """
        )
        return Totals(**row)

    async def by_clock(self) -> list[ClockCount]:
        """How many promises of each kind run, late and stuck ones among them, the most broken kind first."""
        rows = await self._pool.fetch(
            """
            SELECT name, count(*) FILTER (WHERE stands_since IS NULL) AS running,
                   count(breached_at) AS breached, count(stuck_at) AS stuck
            FROM clocks WHERE ended_at IS NULL GROUP BY name ORDER BY breached DESC, name
            """
        )
        return [ClockCount(**row) for row in rows]

    async def breaches(
        self,
        now: datetime,
        clock: str | None = None,
        team: str | None = None,
        person: str | None = None,
        at_least: timedelta = timedelta(0),
        limit: int = 100,
        offset: int = 0,
    ) -> list[LateClock]:
        """Running promises that have been broken for `at_least` so long, the oldest breach first."""
        rows = await self._pool.fetch(
            """
            SELECT k.*, r.title, r.team_name FROM clocks k LEFT JOIN requisitions r ON r.id = k.requisition
            WHERE k.ended_at IS NULL AND k.breached_at <= $1
              AND ($2::text IS NULL OR k.name = $2) AND ($3::text IS NULL OR r.team_name = $3)
              AND ($4::text IS NULL OR k.owner = $4)
            ORDER BY k.breached_at, k.stream, k.id LIMIT $5 OFFSET $6
            """,
            *(now - at_least, clock, team, person, limit, offset),
        )
        return [LateClock(**row) for row in rows]

    async def breach_weeks(self, since: datetime, until: datetime) -> list[BreachWeek]:
        """How each kind of promise went, week by week, between `since` and `until`, the newest week first."""
        rows = await self._pool.fetch(
            """
            SELECT to_char(date_trunc('week', at, 'UTC') AT TIME ZONE 'UTC', 'IYYY-"W"IW') AS week, name,
                   sum(breached)::int AS breached, sum(kept)::int AS kept
            FROM (
                SELECT breached_at AS at, name, 1 AS breached, 0 AS kept FROM clocks
                WHERE breached_at >= $1 AND breached_at < $2
                UNION ALL
                SELECT ended_at, name, 0, 1 FROM clocks
                WHERE ended_at >= $1 AND ended_at < $2 AND ended_as = 'kept' AND breached_at IS NULL
            ) happened
            GROUP BY 1, 2 ORDER BY 1 DESC, 2
            """,
            *(since, until),
        )
        return [BreachWeek(**row) for row in rows]

    async def stuck(self, limit: int = 100, offset: int = 0) -> list[StuckEntity]:
        """Searches and candidates that are stuck, those stuck longest first."""
        rows = await self._pool.fetch(
            """
            SELECT k.stream, k.requisition, r.title, r.team_name, array_agg(DISTINCT k.name) AS clocks,
                   array_agg(DISTINCT k.owner) AS waiting_on, min(k.stuck_at) AS stuck_since
            FROM clocks k LEFT JOIN requisitions r ON r.id = k.requisition
            WHERE k.ended_at IS NULL AND k.stuck_at IS NOT NULL AND 'end' <> ALL(k.causes)
            GROUP BY k.stream, k.requisition, r.title, r.team_name
            ORDER BY stuck_since, k.stream LIMIT $1 OFFSET $2
            """,
            *(limit, offset),
        )
        return [StuckEntity(**row) for row in rows]

    async def workload(self, now: datetime) -> list[Workload]:
        """How much each person has to do, whoever has the most first. A day ends where they live; else in UTC."""
        rows = await self._pool.fetch(
            """
            WITH by_kind AS (
                SELECT k.owner, k.name, count(*) AS open, count(k.breached_at) AS breached, count(k.stuck_at) AS stuck,
                       count(*) FILTER (WHERE k.due_at < ends.today) AS today,
                       count(*) FILTER (WHERE k.due_at < ends.this_week) AS this_week
                FROM (SELECT DISTINCT owner FROM clocks WHERE ended_at IS NULL) owing
                LEFT JOIN people p ON p.id = owing.owner
                CROSS JOIN LATERAL (SELECT coalesce(p.zone, 'UTC') AS zone) at
                CROSS JOIN LATERAL (
                    SELECT (date_trunc('day', $1::timestamptz AT TIME ZONE at.zone) + interval '1 day')
                               AT TIME ZONE at.zone AS today,
                           (date_trunc('week', $1::timestamptz AT TIME ZONE at.zone) + interval '1 week')
                               AT TIME ZONE at.zone AS this_week
                ) ends
                JOIN clocks k ON k.owner = owing.owner AND k.ended_at IS NULL AND k.stands_since IS NULL
                GROUP BY k.owner, k.name
            )
            SELECT owner AS person, sum(open)::int AS open, sum(breached)::int AS breached, sum(stuck)::int AS stuck,
                   sum(today)::int AS due_today, sum(this_week)::int AS due_this_week,
                   json_object_agg(name, open ORDER BY name) AS by_kind
            FROM by_kind GROUP BY owner ORDER BY open DESC, owner
            """,
            now,
        )
        return [Workload(**dict(row) | {"by_kind": json.loads(row["by_kind"])}) for row in rows]

    async def hit_rates(self, since: datetime, until: datetime) -> list[HitRate]:
        """How each kind of promise went in each team: those that ended from `since` to `until`, and those late now."""
        rows = await self._pool.fetch(
            """
            WITH went AS (
                SELECT requisition, name,
                       count(*) FILTER (WHERE ended_as = 'kept' AND breached_at IS NULL) AS kept_in_time,
                       count(*) FILTER (WHERE ended_as = 'kept' AND breached_at IS NOT NULL) AS kept_late,
                       count(*) FILTER (WHERE ended_as = 'waived') AS waived, 0::bigint AS breached_open
                FROM clocks WHERE ended_at >= $1 AND ended_at < $2 GROUP BY requisition, name
                UNION ALL
                SELECT requisition, name, 0, 0, 0, count(*) FROM clocks
                WHERE ended_at IS NULL AND breached_at < $2 GROUP BY requisition, name
            )
            SELECT name, r.team_name, sum(kept_in_time)::int AS kept_in_time, sum(kept_late)::int AS kept_late,
                   sum(breached_open)::int AS breached_open, sum(waived)::int AS waived,
                   (sum(kept_in_time) / nullif(sum(kept_in_time + kept_late + breached_open), 0))::float AS in_time
            FROM went LEFT JOIN requisitions r ON r.id = went.requisition
            GROUP BY name, r.team_name ORDER BY name, r.team_name
            """,
            *(since, until),
        )
        return [HitRate(**row) for row in rows]

    async def pending_effects(self, limit: int = 100, offset: int = 0) -> list[PendingEffect]:
        """What was decided and is not carried out yet, the oldest first."""
        rows = await self._pool.fetch(
            """
            SELECT *, regexp_replace(effect, '/[^/]+/[^/]+$', '') AS stream FROM effects_undone
            ORDER BY since, effect LIMIT $1 OFFSET $2
            """,
            *(limit, offset),
        )
        return [PendingEffect(**row) for row in rows]
