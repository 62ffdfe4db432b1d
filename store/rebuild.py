"""Makes the read model again from the journal: for `tandem rebuild`, and when a new build reads other rows."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import asyncpg

from domain.core.messages import Record
from domain.entity.state import Entity
from store.journal import read
from store.projector import UNREAD, FoldedRows, Projection, advance, start, steps
from store.read_model import ROWS, Row, write
from store.views import CandidateView, PersonView, RequisitionView


def shape() -> str:
    """A hash of the columns and views this build reads: rows made for another shape cannot be relied on."""
    columns = {kind.table: [f"{field.name}: {field.type}" for field in fields(kind)] for kind in ROWS}
    views = [
        _bare(view.model_json_schema(mode="serialization")) for view in (RequisitionView, CandidateView, PersonView)
    ]
    return hashlib.sha256(json.dumps([columns, views], sort_keys=True).encode()).hexdigest()


def _bare(schema: Any, of_names: bool = False) -> Any:
    """A JSON schema without the words people read in it: another label is no other shape."""
    if isinstance(schema, list):
        return [_bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _bare(value, name in ("properties", "$defs"))
        for name, value in schema.items()
        if of_names or name not in ("title", "description")
    }


@dataclass(frozen=True)
class Rebuilt:
    """How many streams there are, and the first event of each that this build could not take in."""

    streams: int
    unread: dict[str, Record]


async def rebuild(pool: asyncpg.Pool, projections: Mapping[str, Projection]) -> Rebuilt:
    """Empties the read model and fills it from every event that can be read.

    In one transaction: readers see the old rows until it ends, and appends wait for it. Raises asyncpg's errors.
    """
    async with _alone(pool) as connection:
        return await _fill(connection, projections)


async def refresh(pool: asyncpg.Pool, projections: Mapping[str, Projection]) -> bool:
    """Rebuilds a read model that was last made for another build's tables or views; says whether it did.

    So it does where the build before left something out that this one can take in.
    """
    async with _alone(pool) as connection:
        outdated: bool = await connection.fetchval("SELECT shape FROM read_model") != shape()
        for (stream,) in await connection.fetch("SELECT stream FROM tasks WHERE id = $1", UNREAD):
            outdated = outdated or (await _shown(connection, projections, stream))[0].unread is None
        if outdated:
            await _fill(connection, projections)
        return outdated


@contextlib.asynccontextmanager
async def _alone(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    async with pool.acquire() as connection, connection.transaction():
        # Appends hold it in a mode that conflicts with this one.
        await connection.execute("LOCK TABLE streams IN EXCLUSIVE MODE")
        yield connection


async def _fill(connection: asyncpg.Connection, projections: Mapping[str, Projection]) -> Rebuilt:
    for kind in ROWS:
        # nosemgrep: sql-from-values  # a projection's table, by its class
        await connection.execute(f"DELETE FROM {kind.table}")
    names = await connection.fetch("SELECT stream FROM streams ORDER BY stream")
    unread: dict[str, Record] = {}
    for (stream,) in names:
        shown, lasting = await _shown(connection, projections, stream)
        await write(connection, [*lasting, *shown.rows.values()])
        if shown.unread is not None:
            unread[stream] = shown.unread
    await connection.execute("DELETE FROM read_model")
    await connection.execute("INSERT INTO read_model VALUES ($1)", shape())
    return Rebuilt(len(names), unread)


async def _shown(
    connection: asyncpg.Connection, projections: Mapping[str, Projection], stream: str
) -> tuple[FoldedRows, list[Row]]:
    projection, records = projections.get(stream.partition("/")[0]), await read(connection, stream)
    if projection is None:  # a newer build knows other entities
        return FoldedRows(Entity(), {}, records[0]), []
    nothing = start(projection)
    return advance(projection, stream, nothing, steps(projection.decider, nothing.state, records))
