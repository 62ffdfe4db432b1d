"""Commands that were given by a tap and may be taken back for some seconds, until a worker gives them.

What is held outlives every process. A command is claimed before it is given, so that it is not taken back meanwhile; a
claim whose holder died holds for `CLAIMED_FOR`, and the command is then given again under the same id, which its entity
takes once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from store.random_ids import random_id

CLAIMED_FOR = timedelta(seconds=30)
"""How long one worker alone may give a command that it claimed."""

KEPT_UNDONE = timedelta(hours=1)
KEPT_REFUSED = timedelta(days=7)
"""How long what was taken back, or was not taken, is kept for whoever gave it."""


@dataclass(frozen=True)
class ReadyToGive:
    """A command as its entity gets it: `body` sealed, `envelope` with who gave it, the id by which it counts once."""

    stream: str
    command: str
    body: dict[str, Any]
    envelope: dict[str, Any]
    update_id: str


@dataclass(frozen=True)
class HeldCommand:
    """What somebody gave a moment ago. It counts from `give_at` (UTC), or `refused` says why it does not.

    `open` is whether it can still be taken back.
    """

    id: str
    stream: str
    command: str
    give_at: datetime
    refused: str | None
    open: bool


@dataclass(frozen=True)
class UndoneForm:
    """A form whose command was taken back: what it was to do in which entity, and what was `typed`, sealed."""

    stream: str
    command: str
    place: str
    typed: str


class HeldCommands:
    """Holds commands, gives them out once when they are due, and lets go what is taken back."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def hold(self, person: str, ready: ReadyToGive, place: str, typed: str, seconds: int) -> None:
        """Holds a command for as many seconds. The same one sent twice is held once, and again where it was undone."""
        await self._pool.execute(
            """
            INSERT INTO held_commands (id, person, stream, command, place, typed, body, envelope, update_id, give_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10))
            ON CONFLICT (update_id) DO UPDATE SET place = excluded.place, typed = excluded.typed, body = excluded.body,
                envelope = excluded.envelope, give_at = excluded.give_at, claimed_at = NULL, undone_at = NULL,
                refused = NULL
            WHERE held_commands.undone_at IS NOT NULL OR held_commands.refused IS NOT NULL
            """,
            *(random_id("U"), person, ready.stream, ready.command, place, typed),
            *(json.dumps(ready.body), json.dumps(ready.envelope)),
            *(ready.update_id, float(seconds)),
        )

    async def of(self, person: str) -> list[HeldCommand]:
        """What somebody gave that does not count yet, or was not taken; the oldest first."""
        rows = await self._pool.fetch(
            """
            SELECT id, stream, command, give_at, refused, claimed_at IS NULL AND refused IS NULL AS open
            FROM held_commands WHERE person = $1 AND undone_at IS NULL ORDER BY give_at, id
            """,
            person,
        )
        return [HeldCommand(**row) for row in rows]

    async def undo(self, person: str, id: str) -> UndoneForm | None:
        """Takes back what somebody gave; None once it counts, or where there is no such thing of theirs."""
        row = await self._pool.fetchrow(
            """
            UPDATE held_commands SET undone_at = now()
            WHERE person = $1 AND id = $2 AND claimed_at IS NULL AND undone_at IS NULL AND refused IS NULL
            RETURNING stream, command, place, typed
            """,
            *(person, id),
        )
        return UndoneForm(**row) if row else None

    async def undone(self, person: str, id: str) -> UndoneForm | None:
        """The form of what somebody took back."""
        row = await self._pool.fetchrow(
            """
            SELECT stream, command, place, typed FROM held_commands
            WHERE person = $1 AND id = $2 AND undone_at IS NOT NULL
            """,
            *(person, id),
        )
        return UndoneForm(**row) if row else None

    async def dismiss(self, person: str, id: str) -> None:
        """Somebody has read that their command was not taken."""
        await self._pool.execute(
            "DELETE FROM held_commands WHERE person = $1 AND id = $2 AND refused IS NOT NULL", person, id
        )

    async def claim(self, at_most: int = 50) -> dict[str, ReadyToGive]:
        """What is to be given now, by its id, the oldest first; nobody else is given it meanwhile."""
        return _by_id(
            await self._pool.fetch(
                f"""
                UPDATE held_commands SET claimed_at = now() WHERE id IN (
                    SELECT id FROM held_commands WHERE give_at <= now() AND {_TO_GIVE}
                    ORDER BY give_at LIMIT $1 FOR UPDATE SKIP LOCKED
                ) RETURNING id, stream, command, body, envelope, update_id, give_at
                """,
                at_most,
            )
        )

    async def claim_of(self, person: str, stream: str) -> dict[str, ReadyToGive]:
        """The same of what somebody holds in one entity, whether or not its time has come."""
        return _by_id(
            await self._pool.fetch(
                f"""
                UPDATE held_commands SET claimed_at = now() WHERE person = $1 AND stream = $2 AND {_TO_GIVE}
                RETURNING id, stream, command, body, envelope, update_id, give_at
                """,
                *(person, stream),
            )
        )

    async def given(self, id: str) -> None:
        """It counts: nothing is kept of it here."""
        await self._pool.execute("DELETE FROM held_commands WHERE id = $1", id)

    async def refused(self, id: str, sentence: str) -> None:
        """Its entity does not take it, and says why: nothing is kept of it but that."""
        await self._pool.execute(
            "UPDATE held_commands SET refused = $2, body = '{}', typed = '' WHERE id = $1", id, sentence
        )

    async def later(self, id: str) -> None:
        """Nobody tried to give it after all: it is claimed anew, and may be taken back until then."""
        await self._pool.execute("UPDATE held_commands SET claimed_at = NULL WHERE id = $1", id)

    async def forget(self) -> None:
        """Removes what nobody looks at any more."""
        await self._pool.execute(
            """
            DELETE FROM held_commands WHERE undone_at < now() - $1::interval
            OR (refused IS NOT NULL AND give_at < now() - $2::interval)
            """,
            *(KEPT_UNDONE, KEPT_REFUSED),
        )


_TO_GIVE = f"""undone_at IS NULL AND refused IS NULL
    AND (claimed_at IS NULL OR claimed_at < now() - interval '{CLAIMED_FOR.total_seconds()} seconds')"""


def _by_id(rows: Sequence[asyncpg.Record]) -> dict[str, ReadyToGive]:
    ordered = sorted(rows, key=lambda row: (row["give_at"], row["id"]))
    return {
        row["id"]: ReadyToGive(
            stream=row["stream"],
            command=row["command"],
            body=json.loads(row["body"]),
            envelope=json.loads(row["envelope"]),
            update_id=row["update_id"],
        )
        for row in ordered
    }
