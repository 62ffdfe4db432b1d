"""Brings the database up to date: `python -m store.migrate`."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import asyncpg
import psycopg
from yoyo import get_backend, read_migrations

import settings

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number will do, as long as nothing else in this database takes the same advisory lock.
_LOCK = 0x7A6E64656D


def migrate(dsn: str) -> list[str]:
    """Applies what is missing, and returns its names. Safe to run from several processes at once, and to kill."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        # yoyo's own lock is a row, which a killed process leaves behind for ever; this one goes with its connection.
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        with get_backend(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", dsn)) as backend:
            backend.break_lock()
            missing = backend.to_apply(read_migrations(str(MIGRATIONS)))
            backend.apply_migrations(missing)
            return [migration.id for migration in missing]


def main() -> None:
    """Migrates this process's database, and makes its read model fit this build."""
    # Not above: whoever only lays tables needs none of the domain.
    from store.database import connect
    from store.projections import PROJECTIONS
    from store.rebuild import refresh

    async def refreshed(dsn: str) -> bool:
        async with await connect(dsn, size=1) as pool:
            return await refresh(pool, PROJECTIONS)

    try:
        dsn = settings.load().database_dsn
        applied = migrate(dsn)
        remade = asyncio.run(refreshed(dsn))
    except (settings.BadSettings, OSError, psycopg.OperationalError, asyncpg.PostgresError) as trouble:
        sys.exit(str(trouble))
    print(f"applied: {', '.join(applied)}" if applied else "the database is up to date")
    if remade and not applied:
        print("the read model was made again")


if __name__ == "__main__":
    main()
