"""The read model's tables, and how a change of rows is written.

Every row comes from one stream alone and can be made again from the journal; nothing here is a record of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import ClassVar

import asyncpg

Key = tuple[str, tuple[object, ...]]
"""A table and the values of its primary key."""


@dataclass(frozen=True)
class Row:
    """One row; fields are columns in order. Times in UTC; a text that holds JSON goes into a `jsonb` column."""

    table: ClassVar[str]
    primary: ClassVar[tuple[str, ...]]

    @property
    def key(self) -> Key:
        """Which row of the read model this is."""
        return self.table, tuple(getattr(self, name) for name in self.primary)


@dataclass(frozen=True)
class ClockRow(Row):
    """A promise, running or ended. `ended_as` is kept, void or waived; `stands_since` is None unless it is paused."""

    table: ClassVar[str] = "clocks"
    primary: ClassVar[tuple[str, ...]] = ("stream", "id")

    stream: str
    id: str
    requisition: str | None
    name: str
    about: str
    owner: str
    started_at: datetime
    due_at: datetime
    breached_at: datetime | None
    causes: tuple[str, ...]
    stands_since: datetime | None
    pauses: str
    extended: bool
    ended_at: datetime | None
    ended_as: str | None
    why: str | None


@dataclass(frozen=True)
class TaskRow(Row):
    """An open task: something a machine could not do."""

    table: ClassVar[str] = "tasks"
    primary: ClassVar[tuple[str, ...]] = ("stream", "id")

    stream: str
    id: str
    requisition: str | None
    kind: str
    reason: str
    raised_at: datetime


def difference(before: Mapping[Key, Row], after: Mapping[Key, Row]) -> tuple[list[Row], list[Row]]:
    """What is to be written, and what is to go, to make of the rows `before` the rows `after`."""
    written = [row for key, row in after.items() if before.get(key) != row]
    gone = [row for key, row in before.items() if key not in after]
    return written, gone


async def write(connection: asyncpg.Connection, written: Iterable[Row], gone: Iterable[Row] = ()) -> None:
    """Inserts or replaces rows, and removes others."""
    for kind, rows in _by_kind(gone):
        await connection.executemany(_deletion(kind), [row.key[1] for row in rows])
    for kind, rows in _by_kind(written):
        await connection.executemany(_upsert(kind), [astuple(row) for row in rows])


def _by_kind(rows: Iterable[Row]) -> list[tuple[type[Row], list[Row]]]:
    ordered = sorted(rows, key=attrgetter("table"))
    return [(kind, list(same)) for kind, same in groupby(ordered, key=type)]


def _upsert(kind: type[Row]) -> str:
    names = [field.name for field in fields(kind)]
    others = [f"{name} = EXCLUDED.{name}" for name in names if name not in kind.primary]
    places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    return (
        f"INSERT INTO {kind.table} ({', '.join(names)}) VALUES ({places}) "
        f"ON CONFLICT ({', '.join(kind.primary)}) DO UPDATE SET {', '.join(others)}"
    )


def _deletion(kind: type[Row]) -> str:
    return f"DELETE FROM {kind.table} WHERE " + " AND ".join(f"{name} = ${n}" for n, name in enumerate(kind.primary, 1))
