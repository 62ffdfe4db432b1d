"""Waiting files: what somebody gave about people who are not applicants yet, until each is added or left out.

Nobody's key can seal them, so each file has a key of its own (`F-…`), under which lie its content, in the blob store,
and what is known of it, in PostgreSQL. The key is destroyed as soon as the file waits no longer, and after a day at the
latest: then it is unreadable wherever a copy lies. The row comes first and goes last, so that nothing is forgotten that
a crash left behind.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import asyncpg
from pydantic import BaseModel

from domain.core.source_text import SourceText
from privacy.sealing import Sealer, Tombstone
from store.blobs import NoSuchBlob, SealedBlobs
from store.documents import TEXTS
from store.random_ids import random_id

KEPT_WAITING = timedelta(days=1)

MOST_FILES, MOST_BYTES = 200, 200 * 1024**2
"""What one user may have waiting in one requisition."""


class FileDetails(BaseModel):
    """What is known of a file, and of whom it is about; `asks` is what a person has to look at before it counts.

    `says` is why it cannot be taken. `digest` tells the same file given twice. `apart` is whether somebody said that
    it is of another person than the files that seem to be of the same.
    """

    name: str
    kind: Literal["resume", "transcript", "recording", "unreadable"]
    read_as: str = ""
    remarks: tuple[str, ...] = ()
    says: str = ""
    person: str = ""
    email: str = ""
    phone: str = ""
    speakers: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    digest: str = ""
    apart: bool = False


class FileContent(NamedTuple):
    """A file as it was given, with what was read of it: its text, true media type and images of its pages."""

    body: bytes
    text: SourceText
    media_type: str
    pages: Sequence[bytes] = ()


@dataclass(frozen=True)
class WaitingFile:
    """A file that waits, or that was added as a `candidate`: then nothing else is known of it any more."""

    id: str
    size: int
    details: FileDetails | None
    candidate: str | None


class WaitingFiles:
    """Keeps files sealed until they are somebody's. Raises what `privacy.keys` raises, and BlobsAway."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer, blobs: SealedBlobs) -> None:
        self._pool, self._sealer, self._blobs = pool, sealer, blobs

    async def put(
        self, requisition: str, by: str, details: FileDetails, content: FileContent | None, size: int
    ) -> str | None:
        """Keeps a file, or only that there was one; its id. None where that would be more than may wait."""
        id = random_id("F")
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{requisition} {by}")
            row = await connection.fetchrow(
                "SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes FROM waiting_files"
                " WHERE requisition = $1 AND given_by = $2 AND candidate IS NULL",
                *(requisition, by),
            )
            if row["files"] >= MOST_FILES or row["bytes"] + size > MOST_BYTES:
                return None
            await connection.execute(
                "INSERT INTO waiting_files (id, requisition, given_by, size) VALUES ($1, $2, $3, $4)",
                *(id, requisition, by, size),
            )
        await self.put_again(id, details, content)
        return id

    async def put_again(self, id: str, details: FileDetails, content: FileContent | None) -> None:
        """Keeps a file that was read otherwise, in place of what was kept of it. Raises KeyDestroyed."""
        object = None if content is None else await self._blobs.put(id, await asyncio.to_thread(_packed, content))
        sealed = await asyncio.to_thread(self._sealed, id, details)
        before = await self._pool.fetchval("SELECT object FROM waiting_files WHERE id = $1", id)
        await self._pool.execute("UPDATE waiting_files SET details = $2, object = $3 WHERE id = $1", id, sealed, object)
        if before is not None:
            await self._blobs.delete([before])

    async def of(self, requisition: str, by: str, now: datetime) -> list[WaitingFile]:
        """What somebody gave in a requisition within a day, in the order in which it came."""
        rows = await self._pool.fetch(
            """
            SELECT id, size, details, candidate FROM waiting_files
            WHERE requisition = $1 AND given_by = $2 AND given_at > $3
                AND (details IS NOT NULL OR candidate IS NOT NULL)
            ORDER BY given_at, id
            """,
            *(requisition, by, now - KEPT_WAITING),
        )
        found = await asyncio.to_thread(lambda: [self._opened(row) for row in rows])
        return [one for one in found if one.details or one.candidate]

    async def note(self, id: str, details: FileDetails) -> None:
        """Keeps what is known of a file now. Raises KeyDestroyed."""
        sealed = await asyncio.to_thread(self._sealed, id, details)
        await self._pool.execute(
            "UPDATE waiting_files SET details = $2 WHERE id = $1 AND candidate IS NULL", id, sealed
        )

    async def content(self, id: str, kind: Literal["resume", "transcript"]) -> FileContent | None:
        """What was kept of a file; None where nothing is, or not any more."""
        object = await self._pool.fetchval("SELECT object FROM waiting_files WHERE id = $1", id)
        if object is None:
            return None
        try:
            packed = await self._blobs.get(object)
        except NoSuchBlob:
            return None
        return None if isinstance(packed, Tombstone) else await asyncio.to_thread(_unpacked, packed, kind)

    async def added(self, id: str, candidate: str) -> None:
        """Ends a file that is somebody's now: under their own key. Which candidate it became stays for a day."""
        await self._pool.execute(
            "UPDATE waiting_files SET candidate = $2, details = NULL, object = NULL WHERE id = $1", id, candidate
        )
        await self._ended(id)

    async def drop(self, id: str) -> None:
        """Ends a file that is not wanted; twice is as once."""
        await self._ended(id)
        await self._pool.execute("DELETE FROM waiting_files WHERE id = $1", id)

    async def sweep(self, now: datetime) -> int:
        """Ends what waited for a day; how many files that were."""
        rows = await self._pool.fetch("SELECT id FROM waiting_files WHERE given_at <= $1", now - KEPT_WAITING)
        for row in rows:
            await self.drop(row["id"])
        return len(rows)

    async def _ended(self, id: str) -> None:
        await asyncio.to_thread(self._sealer.keys.destroy, id)
        await self._blobs.forget(id)

    def _sealed(self, id: str, details: FileDetails) -> bytes:
        return self._sealer.seal_bytes(id, details.model_dump_json().encode(), id)

    def _opened(self, row: asyncpg.Record) -> WaitingFile:
        details = None
        if row["details"] is not None:
            words = self._sealer.open_bytes(row["id"], row["details"], row["id"])
            details = None if isinstance(words, Tombstone) else FileDetails.model_validate_json(words)
        return WaitingFile(row["id"], row["size"], details, row["candidate"])


def _packed(content: FileContent) -> bytes:
    """One object: a line that says what is in it, and then that."""
    text = content.text.model_dump_json().encode()
    parts = [text, content.body, *content.pages]
    head = {"media_type": content.media_type, "sizes": [len(part) for part in parts]}
    return b"".join((json.dumps(head).encode(), b"\n", *parts))


def _unpacked(packed: bytes, kind: Literal["resume", "transcript"]) -> FileContent:
    line, _, rest = packed.partition(b"\n")
    head, at, parts = json.loads(line), 0, []
    for size in head["sizes"]:
        parts.append(rest[at : at + size])
        at += size
    text, body, *pages = parts
    return FileContent(body, TEXTS[kind].model_validate_json(text), head["media_type"], pages)
