"""Makes the read model again from the journal: for `tandem rebuild`, and when a new build reads other rows."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import fields
from typing import Any

import asyncpg

from store.journal import read
from store.projector import Projection, advance, start, steps
from store.read_model import ROWS, write
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


async def rebuild(pool: asyncpg.Pool, projections: Mapping[str, Projection]) -> int:
    """Empties the read model and fills it from every event; returns how many streams there are.

    In one transaction: readers see the old rows until it ends, and appends wait for it. Raises asyncpg's errors.
    """
    async with _alone(pool) as connection:
        return await _fill(connection, projections)


async def refresh(pool: asyncpg.Pool, projections: Mapping[str, Projection]) -> bool:
    """Rebuilds a read model that was last made for another build's tables or views; says whether it did."""
    async with _alone(pool) as connection:
        outdated: bool = await connection.fetchval("SELECT shape FROM read_model") != shape()
        if outdated:
            await _fill(connection, projections)
        return outdated


@contextlib.asynccontextmanager
async def _alone(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    async with pool.acquire() as connection, connection.transaction():
        # Appends hold it in a mode that conflicts with this one.
        await connection.execute("LOCK TABLE streams IN EXCLUSIVE MODE")
        yield connection


async def _fill(connection: asyncpg.Connection, projections: Mapping[str, Projection]) -> int:
    for kind in ROWS:
        await connection.execute(f"DELETE FROM {kind.table}")
    names = await connection.fetch("SELECT stream FROM streams ORDER BY stream")
    for (stream,) in names:
        projection = projections[stream.partition("/")[0]]
        nothing = start(projection)
        way = steps(projection.decider, nothing.state, await read(connection, stream))
        shown, lasting = advance(projection, stream, nothing, way)
        await write(connection, [*lasting, *shown.rows.values()])
    await connection.execute("DELETE FROM read_model")
    await connection.execute("INSERT INTO read_model VALUES ($1)", shape())
    return len(names)
