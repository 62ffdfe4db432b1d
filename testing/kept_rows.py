"""Rows of what is read that stay as a test put them: a worker beside it writes a row anew with every event."""

from __future__ import annotations

import itertools

import asyncpg

NUMBERS = itertools.count()


async def stays(pool: asyncpg.Pool, table: str, row: str, become: str) -> None:
    """Changes the rows of a table for which `row` (SQL over `NEW`) is true by `become` (an assignment to a column of
    `NEW`, in PL/pgSQL), now and whenever anybody writes them."""
    name = f"stays_{next(NUMBERS)}"
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {become}; RETURN NEW; END $$"
        )
        await connection.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} "
            f"FOR EACH ROW WHEN ({row}) EXECUTE FUNCTION {name}()"
        )
        await connection.execute(f"UPDATE {table} AS new SET id = id WHERE {row}")
