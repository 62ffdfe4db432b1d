import asyncio
import os
import sys
from pathlib import Path

import asyncpg

from store.migrate import MIGRATIONS, migrate

EVERY = sorted(path.stem for path in MIGRATIONS.glob("*.sql"))


async def tables(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    found = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    return {row["tablename"] for row in found}


async def test_what_is_missing_is_applied_once(empty_database: str) -> None:
    assert await asyncio.to_thread(migrate, empty_database) == EVERY
    assert {"streams", "events"} <= await tables(empty_database)
    assert await asyncio.to_thread(migrate, empty_database) == []


async def test_processes_that_migrate_at_once_all_succeed(empty_database: str) -> None:
    environment = os.environ | {"TANDEM_DATABASE_URL": empty_database}
    root = Path(__file__).parents[2]
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "store.migrate"), cwd=root, env=environment, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [(await process.communicate())[0].decode().strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert f"applied: {', '.join(EVERY)}" in said
    assert any(words.startswith("the database is up to date") for words in said)


async def test_a_lock_row_left_by_a_killed_process_holds_nobody_up(empty_database: str) -> None:
    await asyncio.to_thread(migrate, empty_database)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 4242)")
    await connection.execute("DELETE FROM _yoyo_migration")
    await connection.close()
    assert await asyncio.to_thread(migrate, empty_database) == EVERY
