"""The way to PostgreSQL: one pool of connections for a process."""

from __future__ import annotations

from typing import Any

import asyncpg

DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""How it shows that the database, or the way to it, is not as it should be. The last is what asyncpg says when a
connection breaks in the middle of an answer."""


async def connect(dsn: str, size: int = 10, answers_within: float = 60.0) -> asyncpg.Pool:
    """A pool of at most `size` connections, which is to be closed. JSON travels as text, times come back in UTC.

    Connecting, and each query, may take `answers_within` seconds. Raises ConnectionError, TimeoutError or
    asyncpg.PostgresError when the database does not answer.
    """
    return await asyncpg.create_pool(
        dsn,
        connect=_reached,
        reset=_as_it_was,
        min_size=1,
        max_size=size,
        timeout=answers_within,
        command_timeout=answers_within,
        server_settings={"application_name": "tandem", "timezone": "UTC"},
    )


async def _as_it_was(connection: asyncpg.Connection) -> None:
    """A connection goes back without being asked to forget: what is set here holds for a transaction, and one that was
    left open is rolled back before. What is asked by itself costs one way to the server and back, and not two."""


async def _reached(*args: Any, **more: Any) -> asyncpg.Connection:
    """A connection. However the way to it fails, it is a ConnectionError or a TimeoutError: a name that nobody knows, a
    network that is down and a socket that is not there come as other kinds of OSError."""
    try:
        return await asyncpg.connect(*args, **more)
    except (ConnectionError, TimeoutError):
        raise
    except OSError as away:
        raise ConnectionError(f"the database is not to be reached: {type(away).__name__}") from away
