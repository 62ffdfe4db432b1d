"""Connected calendars: where a user's own calendar is, and what opens it, sealed under their key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from privacy.sealing import Sealer, Tombstone

_CONTEXT = "connected calendar"


@dataclass(frozen=True)
class CalendarAccess:
    """Where somebody's calendars are, and how they are opened: by name and password, or by a token without a name."""

    address: str
    user: str
    secret: str = field(repr=False)
    calendars: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConnectedCalendar:
    """What may be shown of it: where it is, how many calendars count, and since when (UTC)."""

    address: str
    calendars: int
    connected_at: datetime


class ConnectedCalendars:
    """Keeps them. Raises what `privacy.keys` raises."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self._pool, self._sealer = pool, sealer

    async def connect(self, person: str, access: CalendarAccess) -> None:
        """Keeps this one, in place of any they had."""
        words = json.dumps({"user": access.user, "secret": access.secret}).encode()
        sealed = await asyncio.to_thread(self._sealer.seal_bytes, person, words, _CONTEXT)
        await self._pool.execute(
            """
            INSERT INTO connected_calendars (person, address, credentials, calendars) VALUES ($1, $2, $3, $4)
            ON CONFLICT (person) DO UPDATE SET address = EXCLUDED.address, credentials = EXCLUDED.credentials,
                calendars = EXCLUDED.calendars, connected_at = now()
            """,
            *(person, access.address, sealed, list(access.calendars)),
        )

    async def disconnect(self, person: str) -> None:
        """Forgets theirs."""
        await self._pool.execute("DELETE FROM connected_calendars WHERE person = $1", person)

    async def of(self, person: str) -> ConnectedCalendar | None:
        """What may be shown of theirs; None without one."""
        row = await self._pool.fetchrow(
            """
            SELECT address, cardinality(calendars) AS calendars, connected_at FROM connected_calendars
            WHERE person = $1
            """,
            person,
        )
        return ConnectedCalendar(**row) if row else None

    async def opened(self, people: Iterable[str]) -> dict[str, CalendarAccess]:
        """What opens the calendars of those of these people who connected one."""
        rows = await self._pool.fetch(
            "SELECT person, address, credentials, calendars FROM connected_calendars WHERE person = ANY($1)",
            list(people),
        )
        found: dict[str, CalendarAccess] = {}
        for row in rows:
            words = await asyncio.to_thread(self._sealer.open_bytes, row["person"], row["credentials"], _CONTEXT)
            if not isinstance(words, Tombstone):
                said = json.loads(words)
                access = CalendarAccess(row["address"], said["user"], said["secret"], tuple(row["calendars"]))
                found[row["person"]] = access
        return found
