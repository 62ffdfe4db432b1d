"""Everywhere that something of a running stack lies, or passes by: what is there, as bytes."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
from temporalio.client import Client, WorkflowHistory

from local import postgres
from settings import Settings
from tests.e2e.canary_search import as_each_place_may_write_it

QUEUE = "nobody-asks-here"

BLOBS = "blobs"
"""The folder of a home in which files lie."""

TEMPORARY = "tmp"
"""The folder of a home into which processes were told to write what need not last."""


def supervisor_dsn(settings: Settings, database: str = "tandem") -> str:
    """The embedded server's address for the role that may read everything."""
    return settings.embedded_dsn(database, postgres.SUPERVISOR)


async def plant_control(settings: Settings, temporal: Client, word: str) -> None:
    """Puts `word`, in every encoding, into each place: where it is not found, nobody looked."""
    written = as_each_place_may_write_it(word)
    connection = await asyncpg.connect(supervisor_dsn(settings))
    try:
        await connection.execute("CREATE TABLE control (name text, told text, bytes bytea)")
        await connection.execute("ALTER TABLE control OWNER TO tandem")
        long = f"So he said {word} of it, and nobody else. " * 200  # PostgreSQL compresses it
        for name, content in (*written.items(), ("compressed by PostgreSQL", long.encode())):
            told = None if b"\0" in content or not content.isascii() else content.decode()
            await connection.execute("INSERT INTO control VALUES ($1, $2, $3)", name, told, content)
    finally:
        await connection.close()
    for name, content in written.items():
        await temporal.start_workflow(
            "Control", content, id=f"control/{name}", task_queue=QUEUE, execution_timeout=timedelta(hours=1)
        )
    for folder in (settings.logs_folder, settings.mailbox_folder, settings.home / BLOBS, settings.home / TEMPORARY):
        for name, content in written.items():
            (folder / f"control {name}").write_bytes(content)


async def clear_control(settings: Settings, temporal: Client) -> None:
    """Takes away what would be in the way of others."""
    connection = await asyncpg.connect(supervisor_dsn(settings))
    await connection.execute("DROP TABLE control")
    await connection.close()
    async for run in temporal.list_workflows("WorkflowType = 'Control'"):
        await temporal.get_workflow_handle(run.id).terminate()


async def everywhere(settings: Settings, temporal: Client, dump: Path) -> AsyncIterator[tuple[str, bytes]]:
    """Each place by its name; of a folder, each file. `dump` is where a dump of the database may be written."""
    connection = await asyncpg.connect(supervisor_dsn(settings))
    try:
        async for place in _tables(settings, connection):
            yield place
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
    await asyncio.to_thread(dumped, settings, dump)
    yield "dump of the database", await asyncio.to_thread(dump.read_bytes)
    for name, history in [found async for found in histories(temporal)]:
        yield f"history of {name}", b"\n".join(event.SerializeToString() for event in history.events)
    for name, port in (("api", settings.api_metrics_port), ("worker", settings.worker_port)):
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"http://127.0.0.1:{port}/metrics")
            yield f"metrics of the {name}", answer.raise_for_status().content
    for name, content in await asyncio.to_thread(lambda: list(_files(settings.home))):
        yield name, content


async def _tables(settings: Settings, connection: asyncpg.Connection) -> AsyncIterator[tuple[str, bytes]]:
    """What PostgreSQL makes of its own files: compressed values are unpacked here, deleted ones are gone."""
    for row in await connection.fetch(
        "SELECT c.oid, c.oid::regclass::text AS name FROM pg_class c WHERE relkind IN ('r', 'm')"
    ):
        content = await connection.fetch(f"SELECT t::text AS told FROM {row['name']} t")
        yield f"table {row['name']}", b"\n".join(line["told"].encode() for line in content)
        columns = await connection.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1 AND atttypid = 'bytea'::regtype AND attnum > 0",
            row["oid"],
        )
        for (column,) in columns:
            stored = await connection.fetch(f'SELECT "{column}" AS bytes FROM {row["name"]}')
            yield f"table {row['name']}, {column}", b"\n".join(line["bytes"] or b"" for line in stored)


async def histories(temporal: Client) -> AsyncIterator[tuple[str, WorkflowHistory]]:
    """All that the engine remembers of every run, by the run's entity and id."""
    async for run in temporal.list_workflows():
        handle = temporal.get_workflow_handle(run.id, run_id=run.run_id)
        yield f"{run.id} ({run.run_id})", await handle.fetch_history()


def dumped(settings: Settings, to: Path) -> None:
    """Writes a dump of the database, as a backup is made."""
    run_program(settings, "pg_dump", "--no-owner", "--file", str(to), settings.database_dsn)


def run_program(settings: Settings, name: str, *words: str) -> None:
    """Runs one of PostgreSQL's programs."""
    made = postgres.child(settings).command
    server = next(Path(word) for word in made if Path(word).name == "postgres")
    subprocess.run([server.with_name(name), *words], check=True, capture_output=True, text=True)


def restored(settings: Settings, dump: Path) -> None:
    """Fills the empty database of another server from a dump."""
    run_program(settings, "psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", str(dump), settings.database_dsn)


def _files(home: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(home.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"file {path.relative_to(home)}", path.read_bytes()
