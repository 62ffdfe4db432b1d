"""Saved views: what a user asks a list for, under a name, and the columns they chose last on each list.

A view is its user's alone, and goes when they leave (`store/users.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from pydantic import BaseModel

from store.random_ids import random_id

MOST = 20
"""Views that somebody may have of one list."""


class SavedView(BaseModel):
    """A view of a list: what it asks for, and the columns it shows. `opens_first`: the list begins with it."""

    id: str
    page: str
    name: str
    asks: dict[str, str]
    columns: list[str]
    opens_first: bool


class TooManyViews(Exception):
    """Somebody has as many views of a list as they may."""


class ViewNameTaken(Exception):
    """Another view of the same list has this name."""


class SavedViews:
    """Keeps them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of(self, person: str, page: str | None = None) -> list[SavedView]:
        """Somebody's views, of one list or of all, by name."""
        rows = await self._pool.fetch(
            f"SELECT {_PARTS} FROM saved_views WHERE person = $1 AND ($2::text IS NULL OR page = $2)"
            " ORDER BY page, lower(name)",
            *(person, page),
        )
        return [_view(row) for row in rows]

    async def save(
        self, person: str, page: str, name: str, asks: Mapping[str, str], columns: Sequence[str]
    ) -> SavedView:
        """Keeps a view, in place of one of this name. Raises TooManyViews."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"views {person}")
            others = await connection.fetchval(
                "SELECT count(*) FROM saved_views WHERE person = $1 AND page = $2 AND lower(name) <> lower($3)",
                *(person, page, name),
            )
            if others >= MOST:
                raise TooManyViews
            row = await connection.fetchrow(
                f"""
                INSERT INTO saved_views (id, person, page, name, asks, columns) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (person, page, lower(name)) DO UPDATE SET
                    name = EXCLUDED.name, asks = EXCLUDED.asks, columns = EXCLUDED.columns, saved_at = now()
                RETURNING {_PARTS}
                """,
                *(random_id("V"), person, page, name, json.dumps(dict(asks), sort_keys=True), [*columns]),
            )
        return _view(row)

    async def change(self, person: str, id: str, name: str, opens_first: bool) -> SavedView | None:
        """Calls a view of somebody's so, and says whether its list begins with it; None where they have none.

        Raises ViewNameTaken.
        """
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"views {person}")
                await connection.execute(
                    """
                    UPDATE saved_views SET opens_first = false WHERE person = $1 AND opens_first AND id <> $2 AND $3
                        AND page = (SELECT page FROM saved_views WHERE person = $1 AND id = $2)
                    """,
                    *(person, id, opens_first),
                )
                row = await connection.fetchrow(
                    f"UPDATE saved_views SET name = $3, opens_first = $4 WHERE person = $1 AND id = $2"
                    f" RETURNING {_PARTS}",
                    *(person, id, name, opens_first),
                )
        except asyncpg.UniqueViolationError:
            raise ViewNameTaken(name) from None
        return _view(row) if row else None

    async def remove(self, person: str, id: str) -> bool:
        """Forgets a view of somebody's; False where they have none of this id."""
        found = await self._pool.fetchval(
            "DELETE FROM saved_views WHERE person = $1 AND id = $2 RETURNING true", person, id
        )
        return bool(found)

    async def columns(self, person: str, page: str) -> list[str] | None:
        """The columns that somebody chose last on a list; None where they never did."""
        found: list[str] | None = await self._pool.fetchval(
            "SELECT columns FROM chosen_columns WHERE person = $1 AND page = $2", person, page
        )
        return found

    async def choose_columns(self, person: str, page: str, columns: Sequence[str]) -> None:
        """Remembers the columns that somebody chose on a list."""
        await self._pool.execute(
            """
            INSERT INTO chosen_columns (person, page, columns) VALUES ($1, $2, $3)
            ON CONFLICT (person, page) DO UPDATE SET columns = EXCLUDED.columns
            """,
            *(person, page, [*columns]),
        )


_PARTS = "id, page, name, asks, columns, opens_first"


def _view(row: Any) -> SavedView:
    return SavedView(**{**row, "asks": json.loads(row["asks"])})
