"""Makes the read model again from the journal, for `tandem rebuild`."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

from store.journal import read
from store.projection import Projection, advance, start
from store.tables import ROWS, write


async def rebuild(pool: asyncpg.Pool, projections: Mapping[str, Projection]) -> int:
    """Empties the read model and fills it from every event; returns how many streams there are.

    In one transaction: readers see the old rows until it ends, and appends wait for it. Raises asyncpg's errors.
    """
    async with pool.acquire() as connection, connection.transaction():
        # Held by appends in a weaker mode that conflicts with this one.
        await connection.execute("LOCK TABLE streams IN EXCLUSIVE MODE")
        for kind in ROWS:
            await connection.execute(f"DELETE FROM {kind.table}")
        names = await connection.fetch("SELECT stream FROM streams ORDER BY stream")
        for (stream,) in names:
            projection = projections[stream.partition("/")[0]]
            shown, lasting = advance(projection, stream, start(projection), await read(connection, stream))
            await write(connection, [*lasting, *shown.rows.values()])
    return len(names)
