"""The journal: every event of every entity, and the read model that is projected from it in the same transaction."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from domain.core.messages import Event, Record
from domain.core.upcasting import EVENTS
from domain.entity.state import Entity
from store.pending_effects import note
from store.projector import FoldedRows, Projection, advance, start, steps
from store.read_model import difference, write
from workflows.contract import JOURNAL_CONFLICT


class JournalConflict(Exception):
    """What is to be written contradicts what is written: trying again cannot help, a person has to look."""

    def __init__(self, stream: str, seq: int, sentence: str) -> None:
        super().__init__(f"{stream}, event {seq}: {sentence}")
        self.stream, self.seq = stream, seq


class StaleRun(Exception):
    """Another run of the entity writes this stream now."""


@dataclass(frozen=True)
class _Entry:
    """A record as it is stored."""

    seq: int
    type: str
    schema: int
    at: datetime
    by: str
    payload: str
    hash: bytes

    @classmethod
    def of(cls, stream: str, record: Record) -> _Entry:
        kind, schema, payload = record.event.stored
        content = {
            "stream": stream,
            "seq": record.seq,
            "type": kind,
            "schema": schema,
            "at": record.at.isoformat(),
            "by": record.by,
            "payload": payload,
        }
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
        return cls(
            seq=record.seq,
            type=kind,
            schema=schema,
            at=record.at,
            by=record.by,
            payload=json.dumps(payload),
            hash=hashlib.sha256(canonical).digest(),
        )


class Journal:
    """Appends and reads. `projections` says how each kind of entity folds and shows; states stay in a small memory."""

    def __init__(self, pool: asyncpg.Pool, projections: Mapping[str, Projection], remembered: int = 256) -> None:
        self._pool = pool
        self._projections = projections
        self._remembered = remembered
        self._shown: OrderedDict[str, FoldedRows] = OrderedDict()

    async def append(self, stream: str, records: Sequence[Record], epoch: int = 0) -> int:
        """Writes `records`, which follow each other, and the rows they change; returns the stream's version after it.

        What was written before is left alone. Raises StaleRun where a run of a later `epoch` was let write,
        JournalConflict for a different event under a number that is taken and for a gap, having written nothing;
        asyncpg's errors when the database cannot. An event that cannot be read here is written all the same: the
        journal keeps it, and what is shown says so.
        """
        projection = self._projection(stream)
        async with self._pool.acquire() as connection, connection.transaction():
            version, writer = await _lock(connection, stream)
            if epoch < writer:
                raise StaleRun(f"{stream}: written by a run of epoch {writer}, not {epoch}")
            fresh = await _not_yet_written(connection, stream, version, records)
            if not fresh:
                return version
            before = await self._shown_at(connection, projection, stream, version)
            way = list(steps(projection.decider, before.state, fresh))
            after, lasting = advance(projection, stream, before, way)
            await _insert(connection, stream, projection.requisition_of(after.state) or None, fresh)
            await note(connection, projection.decider, way)
            written, gone = difference(before.rows, after.rows)
            await write(connection, [*lasting, *written], gone)
        self._remember(stream, after)
        return after.state.version

    async def fence(self, stream: str) -> int:
        """Refuses whatever a run of the stream would write from now on, and returns the epoch of the next run.

        What is being written is waited for. Raises KeyError for a stream there is not.
        """
        epoch: int | None = await self._pool.fetchval(
            "UPDATE streams SET epoch = epoch + 1 WHERE stream = $1 RETURNING epoch", stream
        )
        if epoch is None:
            raise KeyError(stream)
        return epoch

    async def stands(self, stream: str) -> tuple[int, int]:
        """The stream's version and the epoch of the run that writes it; zeros where nothing is written."""
        row = await self._pool.fetchrow("SELECT version, epoch FROM streams WHERE stream = $1", stream)
        return (row["version"], row["epoch"]) if row else (0, 0)

    async def is_no_longer_contradicted(self, stream: str) -> None:
        """Strikes off the task that says so."""
        await self._pool.execute("DELETE FROM tasks WHERE stream = $1 AND id = $2", stream, JOURNAL_CONFLICT)

    async def read(self, stream: str, after: int = 0) -> list[Record]:
        """The records of a stream with a number above `after`, in order."""
        async with self._pool.acquire() as connection:
            return await read(connection, stream, after)

    async def fold(self, stream: str) -> Entity:
        """The entity as the journal has it; its decider's initial state, version 0, if nothing is written."""
        state: Entity = self._projection(stream).decider.fold(await self.read(stream)).state
        return state

    def _projection(self, stream: str) -> Projection:
        return self._projections[stream.partition("/")[0]]

    async def _shown_at(
        self, connection: asyncpg.Connection, projection: Projection, stream: str, version: int
    ) -> FoldedRows:
        shown = self._shown.get(stream)
        if shown is None or shown.state.version > version:
            shown = start(projection)
        if shown.state.version < version:
            records = await read(connection, stream, shown.state.version)
            shown, _ = advance(projection, stream, shown, steps(projection.decider, shown.state, records))
        return shown

    def _remember(self, stream: str, shown: FoldedRows) -> None:
        self._shown[stream] = shown
        self._shown.move_to_end(stream)
        if len(self._shown) > self._remembered:
            self._shown.popitem(last=False)


async def read(connection: asyncpg.Connection, stream: str, after: int = 0) -> list[Record]:
    """The records of a stream with a number above `after`, in order."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM events WHERE stream = $1 AND seq > $2 ORDER BY seq", stream, after
    )
    return [record_of(row) for row in rows]


_COLUMNS = "seq, type, schema, at, by, payload"


def record_of(row: asyncpg.Record) -> Record:
    """The record in a row of `events` (seq, type, schema, at, by, payload)."""
    event = Event.revive(row["type"], json.loads(row["payload"]), row["schema"])
    return Record(seq=row["seq"], at=row["at"], by=row["by"], event=event)


def records_of(rows: Iterable[asyncpg.Record], kinds: tuple[type[Event], ...]) -> list[Record]:
    """Those in such rows that are of these kinds today."""
    return [part for row in rows for part in record_of(row).parts if isinstance(part.event, kinds)]


def stored_as(kinds: Iterable[type[Event]]) -> list[str]:
    """What these kinds are called in `events`, today and by older builds."""
    return sorted(EVENTS.stored_as(kind.type for kind in kinds))


async def _lock(connection: asyncpg.Connection, stream: str) -> tuple[int, int]:
    """The stream's version and epoch; nobody else appends to it until this transaction ends."""
    held = "SELECT version, epoch FROM streams WHERE stream = $1 FOR UPDATE"
    row = await connection.fetchrow(held, stream)
    if row is None:
        await connection.execute("INSERT INTO streams (stream, version) VALUES ($1, 0) ON CONFLICT DO NOTHING", stream)
        row = await connection.fetchrow(held, stream)
    return row["version"], row["epoch"]


async def _not_yet_written(
    connection: asyncpg.Connection, stream: str, version: int, records: Sequence[Record]
) -> list[Record]:
    again = [record for record in records if record.seq <= version]
    if again:
        rows = await connection.fetch(
            f"SELECT {_COLUMNS}, hash FROM events WHERE stream = $1 AND seq = ANY($2)",
            stream,
            [record.seq for record in again],
        )
        written: dict[int, Any] = {row["seq"]: row for row in rows}
        for record in again:
            row = written[record.seq]
            # Another build may write the same event otherwise: what is read alike is the same.
            if row["hash"] != _Entry.of(stream, record).hash and record_of(row) != record:
                raise JournalConflict(stream, record.seq, "another event is written under this number.")
    fresh = [record for record in records if record.seq > version]
    for expected, record in enumerate(fresh, version + 1):
        if record.seq != expected:
            raise JournalConflict(stream, record.seq, f"event {expected} should come first.")
    return fresh


async def _insert(
    connection: asyncpg.Connection, stream: str, requisition: str | None, records: Sequence[Record]
) -> None:
    entries = [_Entry.of(stream, record) for record in records]
    await connection.execute(
        """
        WITH grown AS (UPDATE streams SET version = $2, requisition = $3 WHERE stream = $1)
        INSERT INTO events (stream, requisition, seq, type, schema, at, by, payload, hash)
        SELECT $1, $3, * FROM unnest(
            $4::int[], $5::text[], $6::smallint[], $7::timestamptz[], $8::text[], $9::jsonb[], $10::bytea[]
        )
        """,
        stream,
        entries[-1].seq,
        requisition,
        [entry.seq for entry in entries],
        [entry.type for entry in entries],
        [entry.schema for entry in entries],
        [entry.at for entry in entries],
        [entry.by for entry in entries],
        [entry.payload for entry in entries],
        [entry.hash for entry in entries],
    )
