"""The read model of a running stack, row by row, and how far its streams have come."""

from __future__ import annotations

from store.database import connect
from store.read_model import ROWS


async def versions(dsn: str) -> list[str]:
    """How far every stream has come."""
    async with await connect(dsn, size=1) as pool:
        return [str(row) for row in await pool.fetch("SELECT stream, version FROM streams ORDER BY stream")]


async def rows(dsn: str) -> dict[str, list[str]]:
    """What the read model says, by its tables."""
    async with await connect(dsn, size=1) as pool:
        return {
            kind.table: [str(row) for row in await pool.fetch(f"SELECT t::text FROM {kind.table} t ORDER BY 1")]
            for kind in ROWS
        }
