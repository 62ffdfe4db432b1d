"""What waits for somebody, in numbers for the frame of every page: tasks, and what they were told since they looked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

from domain.sla.catalogue import BY_LETTER


@dataclass(frozen=True)
class WaitingCounts:
    """How many tasks somebody has that run, how many of them are late, and how many messages they have not seen."""

    tasks: int = 0
    late: int = 0
    unseen: int = 0


class NotificationsSeen:
    """Counts what waits, and remembers what was seen."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def waiting(self, person: str, apart_from: Iterable[str] = ()) -> WaitingCounts:
        """What waits for somebody now, their tasks in the streams `apart_from` left out.

        What one letter does for several candidates of a requisition is one task, as on the page that lists them.
        """
        row = await self._pool.fetchrow(
            """
            SELECT count(DISTINCT task) AS tasks, count(DISTINCT task) FILTER (WHERE breached_at IS NOT NULL) AS late, (
                SELECT count(*) FROM messages WHERE person = $1 AND NOT withheld
                AND number > coalesce((SELECT number FROM notifications_seen WHERE person = $1), 0)
            ) AS unseen
            FROM clocks CROSS JOIN LATERAL (
                SELECT CASE WHEN name = ANY($3) THEN name || ' ' || coalesce(requisition, '')
                            ELSE stream || ' ' || id END AS task
            ) of
            WHERE owner = $1 AND ended_at IS NULL AND stands_since IS NULL AND stream <> ALL($2)
            """,
            *(person, list(apart_from), list(BY_LETTER)),
        )
        return WaitingCounts(row["tasks"], row["late"], row["unseen"])

    async def look(self, person: str) -> None:
        """Somebody looks at all they were told so far."""
        await self._pool.execute(
            """
            INSERT INTO notifications_seen SELECT $1, coalesce(max(number), 0) FROM messages WHERE person = $1
            ON CONFLICT (person) DO UPDATE SET number = greatest(notifications_seen.number, excluded.number)
            """,
            person,
        )
