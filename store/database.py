"""The way to PostgreSQL: one pool of connections for a process."""

from __future__ import annotations

import asyncpg


async def connect(dsn: str, size: int = 10, answers_within: float = 60.0) -> asyncpg.Pool:
    """A pool of at most `size` connections, which is to be closed. JSON travels as text, times come back in UTC.

    Connecting, and each query, may take `answers_within` seconds. Raises OSError or asyncpg.PostgresError when the
    database does not answer.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        timeout=answers_within,
        command_timeout=answers_within,
        server_settings={"application_name": "tandem", "timezone": "UTC"},
    )
