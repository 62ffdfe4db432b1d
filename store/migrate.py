"""Brings the database's tables up to date: `python -m store.migrate`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

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


if __name__ == "__main__":
    try:
        applied = migrate(settings.load().database_dsn)
    except (settings.BadSettings, psycopg.OperationalError) as trouble:
        sys.exit(str(trouble))
    print(f"applied: {', '.join(applied)}" if applied else "the database is up to date")
