"""What the company says of itself: its name, where most of it works, and the days on which it is closed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time

import asyncpg

from domain.core.messages import Value
from domain.time.calendars import Calendar, HalfDay, LocalTime
from domain.time.zones import Zone
from store.audit import Act, Entry, Kind, append


class CompanyDetails(Value):
    """Its name, and where most of it works: what a new user's form begins with. Country and part by ISO 3166."""

    name: str
    zone: Zone
    country: str
    subdivision: str | None = None


class ClosingDay(Value):
    """A day on which nothing is due from anybody here, or only until the time it `closes_at`, and why."""

    day: date
    name: str
    closes_at: LocalTime | None = None


@dataclass(frozen=True)
class ClosingDays:
    """The days that are wanted, those that are being taken back, and in whose calendars each stands for that reason.

    On `half` of those that are wanted it closes early, at that time.
    """

    wanted: frozenset[date]
    half: dict[date, time]
    ended: frozenset[date]
    standing: dict[str, frozenset[date]]

    def in_calendar(self, person: str, calendar: Calendar) -> Calendar:
        """The calendar as it is to be: with the days that are wanted, without those that were taken back."""
        entered = self.standing.get(person, frozenset())
        holidays = (calendar.holidays - (entered & (self.ended | self.half.keys()))) | (self.wanted - self.half.keys())
        kept = [half for half in calendar.half_days if half.day not in entered]
        closed = [HalfDay(day=day, until=until) for day, until in sorted(self.half.items())]
        half_days = (*kept, *(half for half in closed if half not in kept))
        if holidays == calendar.holidays and set(half_days) == set(calendar.half_days):
            return calendar
        return calendar.but(holidays=holidays, half_days=half_days)

    def entering(self, before: Calendar, after: Calendar) -> frozenset[date]:
        """The days by which one calendar is to differ from another because of these."""
        half_days = {half.day for half in after.half_days} - {half.day for half in before.half_days}
        return (after.holidays - before.holidays) | (half_days & self.half.keys())


class CompanyRecords:
    """The company's details and closing days."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def details(self) -> CompanyDetails | None:
        """What an administrator said of it, if anything yet."""
        row = await self._pool.fetchrow("SELECT name, zone, country, subdivision FROM company")
        return CompanyDetails(**row) if row else None

    async def put(self, details: CompanyDetails) -> None:
        """Replaces what is said of it."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                """
                INSERT INTO company (name, zone, country, subdivision) VALUES ($1, $2, $3, $4)
                ON CONFLICT (only_one) DO UPDATE SET name = EXCLUDED.name, zone = EXCLUDED.zone,
                    country = EXCLUDED.country, subdivision = EXCLUDED.subdivision
                """,
                *(details.name, details.zone, details.country, details.subdivision),
            )
            await append(connection, [Entry(Act.COMPANY_CHANGED, Kind.COMPANY)])

    async def closing_days(self) -> list[ClosingDay]:
        """Those that are wanted, by date."""
        rows = await self._pool.fetch("SELECT day, name, closes_at FROM closing_days WHERE wanted ORDER BY day")
        return [ClosingDay(**row) for row in rows]

    async def close_on(self, closing: ClosingDay) -> None:
        """Has a day wanted; the calendars are still to follow."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                """
                INSERT INTO closing_days (day, name, closes_at) VALUES ($1, $2, $3)
                ON CONFLICT (day) DO UPDATE SET name = EXCLUDED.name, closes_at = EXCLUDED.closes_at, wanted = true
                """,
                *(closing.day, closing.name, closing.closes_at),
            )
            await append(connection, [Entry(Act.COMPANY_CHANGED, Kind.COMPANY, closing.day.isoformat())])

    async def open_on(self, day: date) -> bool:
        """Has a day no longer wanted; the calendars are still to follow. False where it was not."""
        async with self._pool.acquire() as connection, connection.transaction():
            found = await connection.fetchval(
                "UPDATE closing_days SET wanted = false WHERE day = $1 AND wanted RETURNING day", day
            )
            if found is not None:
                await append(connection, [Entry(Act.COMPANY_CHANGED, Kind.COMPANY, day.isoformat())])
        return found is not None

    async def standing(self, person: str | None = None) -> ClosingDays:
        """All of them, and in whose calendars they stand: of everybody, or of one person."""
        rows = await self._pool.fetch(
            """
            SELECT d.day, d.wanted, d.closes_at, array_remove(array_agg(c.person), NULL) AS people
            FROM closing_days d LEFT JOIN closed_for c ON c.day = d.day AND ($1::text IS NULL OR c.person = $1)
            GROUP BY d.day
            """,
            person,
        )
        standing: dict[str, set[date]] = {}
        for row in rows:
            for person in row["people"]:
                standing.setdefault(person, set()).add(row["day"])
        return ClosingDays(
            frozenset(row["day"] for row in rows if row["wanted"]),
            {row["day"]: row["closes_at"] for row in rows if row["wanted"] and row["closes_at"] is not None},
            frozenset(row["day"] for row in rows if not row["wanted"]),
            {person: frozenset(days) for person, days in standing.items()},
        )

    async def stands(self, person: str, days: Collection[date]) -> None:
        """Somebody's calendar has these days because the company is closed, and no others."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "DELETE FROM closed_for WHERE person = $1 AND NOT day = ANY($2)", person, list(days)
            )
            await connection.executemany(
                "INSERT INTO closed_for (day, person) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                [(day, person) for day in sorted(days)],
            )

    async def enters(self, person: str, days: Collection[date]) -> None:
        """These days are about to enter somebody's calendar because the company is closed."""
        await self._pool.execute(
            """
            INSERT INTO closed_for (day, person) SELECT day, $2 FROM closing_days WHERE day = ANY($1)
            ON CONFLICT DO NOTHING
            """,
            *(list(days), person),
        )

    async def left(self, person: str, days: Collection[date]) -> None:
        """These days, which were taken back, are out of somebody's calendar, unless they are wanted again."""
        await self._pool.execute(
            """
            DELETE FROM closed_for c USING closing_days d
            WHERE c.person = $2 AND c.day = ANY($1) AND d.day = c.day AND NOT d.wanted
            """,
            *(list(days), person),
        )

    async def forget_ended(self) -> None:
        """Drops the days that were taken back and stand in nobody's calendar any more."""
        await self._pool.execute(
            """
            DELETE FROM closing_days d
            WHERE NOT wanted AND NOT EXISTS (SELECT FROM closed_for c WHERE c.day = d.day)
            """
        )
