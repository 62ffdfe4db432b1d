"""How fast a search is over 100,000 applicants with a résumé each.

`python -m bench.search_speed` starts PostgreSQL on a free port in a temporary home and fills the index itself: tokens
as they are made of names and words, under one key for 128 applicants each, and rows of candidates without a history.
What answers is the index as the API asks it, without HTTP: for a recruiter of ten requisitions, an HR partner of all,
somebody of none; by a name's beginning, a whole name, and words that are rare and that are in every other résumé.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import asyncpg
import click
from rich.console import Console

from bench.harness import percentile
from bench.process_usage import load
from bench.report import Line, Spread, show
from domain.core.search_words import beginnings_of_a_name, terms_of
from local import postgres
from local.stack import on_free_ports
from local.supervisor import Supervisor
from store.database import connect
from store.migrate import migrate
from store.search_index import MEMBERS, Scope, token
from wiring import Stores

MILLISECONDS = 150.0
"""What 95 of 100 searches may take."""

FIRST, LAST, VOCABULARY = 600, 4_000, 20_000
"""Different first names, family names, and words of résumés."""

ENOUGH = 9
"""Hits of a kind after which nothing further is asked for."""

NOW = datetime(2026, 11, 30, tzinfo=UTC)

SYLLABLES = ("ka", "lo", "mi", "ra", "ten", "vor", "esh", "dal", "ny", "bru", "cio", "fer", "gal", "hun", "jes", "pol")


@dataclass(frozen=True)
class Size:
    """Applicants, words of a résumé that differ, and requisitions that share the applicants out."""

    applicants: int = 100_000
    words: int = 150
    requisitions: int = 500


@asynccontextmanager
async def filled(home: Path, size: Size) -> AsyncIterator[Stores]:
    """A database with an index of this size."""
    settings = on_free_ports(home)
    settings.logs_folder.mkdir(parents=True)
    server = Supervisor(settings, [postgres.child(settings)], say=lambda _: None)
    await server.start()
    try:
        await asyncio.to_thread(migrate, settings.database_dsn)
        async with await connect(settings.database_dsn, answers_within=600) as pool:
            kept = Stores(pool, settings)
            kept.keys.found("I-BENCH")
            await fill(kept, size)
            yield kept
    finally:
        await server.stop()


async def fill(kept: Stores, size: Size) -> None:
    """Writes the index, and as much of the read model as a search joins it with."""
    chance = random.Random(1)
    names, vocabulary = _words(chance, FIRST + LAST), _words(chance, VOCABULARY)
    pool = kept.pool
    # What is written here needs no indexing.
    for table in ("humans", "documents"):
        await pool.execute(f"ALTER TABLE {table} DISABLE TRIGGER search_is_stale")
    await pool.execute("INSERT INTO search_begun VALUES (true)")
    await pool.execute(
        """
        INSERT INTO requisitions (id, title, team_name, phase, standing, recruiter, hiring_manager, people, openings,
            target_date, confidential, version, view)
        SELECT 'R-' || lpad(n::text, 6, '0'), 'Requisition ' || n, 'Team ' || n % 40, 'sourcing', 'open',
            'P-REC' || n / 10, 'P-MAN' || n, ARRAY['P-REC' || n / 10, 'P-MAN' || n, 'P-PARTNER'],
            1, NULL, false, 1, '{"team": {}}'
        FROM generate_series(0, $1 - 1) n
        """,
        size.requisitions,
    )
    for begins in range(0, size.applicants, MEMBERS):
        await _fill_shard(kept, begins, min(begins + MEMBERS, size.applicants), size, (names, vocabulary), chance)
    for table in ("requisitions", "candidates", "documents", "search_entries", "search_subjects"):
        await pool.execute(f"VACUUM ANALYZE {table}")


async def _fill_shard(
    kept: Stores,
    begins: int,
    ends: int,
    size: Size,
    drawn_from: tuple[Sequence[str], Sequence[str]],
    chance: random.Random,
) -> None:
    names, vocabulary = drawn_from
    shard = f"W-{begins:08}"
    key = await asyncio.to_thread(kept.keys.make, shard)
    hashed: dict[str, int] = {}

    def of(spelt: str) -> int:
        if spelt not in hashed:
            hashed[spelt] = token(key, spelt)
        return hashed[spelt]

    entries: list[tuple[str, str, datetime | None, list[int]]] = []
    numbers = range(begins, ends)
    for n in numbers:
        name = f"{names[chance.randrange(FIRST)]} {names[FIRST + chance.randrange(LAST)]}"
        entries.append(
            (f"H-{n:08}", f"H-{n:08}", None, sorted({of(f"name {one}") for one in beginnings_of_a_name(name)}))
        )
        # Some words are in every other résumé, most in few (Zipf).
        drawn = {vocabulary[int(len(vocabulary) ** chance.random()) - 1] for _ in range(size.words * 2)}
        entries.append((f"D-{n:08}", f"H-{n:08}", NOW, sorted({of(f"word {one}") for one in drawn})))
    pool = kept.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("INSERT INTO index_keys (id, members) VALUES ($1, $2)", shard, ends - begins)
        await connection.copy_records_to_table("search_subjects", records=[(f"H-{n:08}", shard) for n in numbers])
        await connection.copy_records_to_table("search_entries", records=entries)
        await connection.copy_records_to_table(
            "documents",
            columns=("id", "key", "kind", "media_type", "sha256", "identity", "stored_by"),
            records=[(f"D-{n:08}", f"H-{n:08}", "resume", "text/plain", "", f"D-{n:08}", "P-REC0") for n in numbers],
        )
        await connection.executemany(
            "INSERT INTO candidates (id, requisition, human, stage, stage_since, standing, source, version, view)"
            " VALUES ($1, $2, $3, 'added', now(), 'open', 'applied', 1, '{}')",
            [(f"C-{n:08}", f"R-{n % size.requisitions:06}", f"H-{n:08}") for n in numbers],
        )


def _words(chance: random.Random, number: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < number:
        found["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))] = None
    return list(found)


def _queries(chance: random.Random, number: int) -> Iterator[tuple[str, str]]:
    """What is typed, and what kind of thing that is."""
    again = random.Random(1)
    names, vocabulary = _words(again, FIRST + LAST), _words(again, VOCABULARY)
    for _ in range(number):
        first, last = names[chance.randrange(FIRST)], names[FIRST + chance.randrange(LAST)]
        yield "two letters of a name", first[:2]
        yield "a name, half typed", f"{first} {last[:3]}"
        yield "a word of every other résumé", vocabulary[chance.randrange(4)]
        yield "two words", f"{vocabulary[chance.randrange(100)]} {vocabulary[chance.randrange(2000)]}"


async def measured(kept: Stores, size: Size, number: int) -> list[Line]:
    """Searches by those who may look in few requisitions, in all, and in none."""
    scopes = {
        "a recruiter of ten requisitions": "P-REC3",
        "an HR partner of all": "P-PARTNER",
        "somebody of none": "P-NOBODY",
    }
    lines = []
    for who, person in scopes.items():
        waits: dict[str, list[float]] = {}
        loads = [load()]
        for warm in (False, True):
            for kind, query in _queries(random.Random(2), number if warm else 2):
                began = time.perf_counter()
                await _asked(kept, person, query)
                if warm:
                    waits.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
        loads.append(load())
        for kind, each in waits.items():
            figure = Spread(percentile(each, 95), median(each), max(each))
            lines.append(
                Line(f"{who}: {kind}, p95 (p50 to the slowest)", "ms", figure, Spread.of(loads), goal=MILLISECONDS)
            )
    return lines


async def _asked(kept: Stores, person: str, query: str) -> None:
    """All the index is asked for one answer, as `api/search.py` does."""
    terms, index = terms_of(query), kept.search_index
    scope: Scope = await index.scope_of(person)
    await index.requisitions(scope)
    await index.introduced(terms, scope)
    for found in (index.applicants(terms, scope), index.documents(terms, scope)):
        number = 0
        async for some in found:
            number += len(some)
            if number >= ENOUGH:
                break


async def sizes(pool: asyncpg.Pool) -> list[str]:
    """How large the index is."""
    rows = await pool.fetch(
        """
        SELECT c.relname, pg_size_pretty(pg_total_relation_size(c.oid)) AS size FROM pg_class c
        WHERE c.relname IN ('search_entries', 'search_entries_by_token', 'search_subjects') ORDER BY 1
        """
    )
    return [f"{row['relname']}: {row['size']}" for row in rows]


async def ran(size: Size, number: int, console: Console) -> list[Line]:
    """Everything, on a database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        began = time.monotonic()
        async with filled(Path(home), size) as kept:
            console.print(f"filled in {time.monotonic() - began:.0f} s; {'; '.join(await sizes(kept.pool))}")
            began = time.perf_counter()
            await _asked(kept, "P-REC3", "ka")
            console.print(f"the first search of a process, which reads all keys: {time.perf_counter() - began:.2f} s")
            return await measured(kept, size, number)


@click.command()
@click.option("--applicants", default=100_000, show_default=True)
@click.option("--words", default=150, show_default=True, help="Of each résumé.")
@click.option("--searches", "number", default=50, show_default=True, help="Of each kind, by each reader.")
def main(applicants: int, words: int, number: int) -> None:
    """Measures a database of its own, prints a table, and ends."""
    console = Console(width=150, highlight=False)
    show(asyncio.run(ran(Size(applicants, words), number, console)), console)


if __name__ == "__main__":
    main()
