"""Recordings: documents of which only the file is kept, in the blob store, until a while after their transcript."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import asyncpg

from domain.evidence.documents import Doc
from privacy.keys import KeyDestroyed
from privacy.sealing import Sealer, Tombstone
from store.blobs import NoSuchBlob, SealedBlobs
from store.documents import KeptBlob, content_hash, known_document, note_blobs
from store.media_types import known_type
from store.random_ids import random_id


class KeptRecording(NamedTuple):
    """What is known of a recording: whose it is, where it lies (None once it was deleted), and its transcript."""

    key: str
    media_type: str
    object: str | None
    size: int
    transcript: Doc | None


class Recordings:
    """Keeps recordings, and what became of them. Raises BlobsAway where a file itself is read or deleted."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer, blobs: SealedBlobs) -> None:
        self._pool, self._sealer, self._blobs = pool, sealer, blobs

    async def put(self, key: str, media_type: str, object: str, size: int, digest: bytes, by: str) -> Doc:
        """Stores a recording, which lies in the blob store already. The same again gives the same document.

        `digest` is a hash of the whole file. Raises KeyDestroyed; then its file is deleted.
        """
        new_id = random_id("D", 15)
        try:
            identity = await asyncio.to_thread(self._sealer.fingerprint, key, digest, "recording's identity")
            hashed = await asyncio.to_thread(content_hash, self._sealer, key, digest)
        except KeyDestroyed:
            await self._blobs.delete([object])
            raise
        kept = KeptBlob(object, "original", 0, known_type(media_type), size)
        async with self._pool.acquire() as connection, connection.transaction():
            stored = await connection.fetchval(
                """
                INSERT INTO documents (id, key, kind, media_type, sha256, identity, stored_by)
                VALUES ($1, $2, 'recording', $3, $4, $5, $6) ON CONFLICT (key, identity) DO NOTHING RETURNING id
                """,
                *(new_id, key, kept.media_type, hashed, identity, by),
            )
            if stored is not None:
                await note_blobs(connection, new_id, [kept])
                await connection.execute("INSERT INTO recordings (document) VALUES ($1)", new_id)
        if stored is not None:
            return Doc(id=new_id, sha256=hashed)
        known = await known_document(self._pool, key, identity)
        assert known is not None, "documents are never deleted"
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(
                """
                UPDATE recordings SET deleted_at = NULL
                WHERE document = $1 AND deleted_at IS NOT NULL AND transcript IS NULL RETURNING document
                """,
                known.id,
            ):
                await note_blobs(connection, known.id, [kept])
                return known
        await self._blobs.delete([object])
        return known

    async def of(self, document_id: str) -> KeptRecording | None:
        """What is known of a recording; None of what is none."""
        row = await self._pool.fetchrow(
            """
            SELECT d.key, d.media_type, b.object, b.size, t.id, t.sha256
            FROM recordings r JOIN documents d ON d.id = r.document
            LEFT JOIN blobs b ON b.document = d.id AND b.role = 'original'
            LEFT JOIN documents t ON t.id = r.transcript
            WHERE r.document = $1
            """,
            document_id,
        )
        if row is None:
            return None
        transcript = Doc(id=row["id"], sha256=row["sha256"]) if row["id"] else None
        return KeptRecording(row["key"], row["media_type"], row["object"], row["size"] or 0, transcript)

    def parts(self, kept: KeptRecording) -> Iterator[bytes] | Tombstone:
        """A recording in parts of a megabyte. Whoever goes through them waits for the store. Raises NoSuchBlob."""
        if kept.object is None:
            raise NoSuchBlob(kept.key)
        return self._blobs.parts(kept.object)

    async def transcribed(self, recording: str, transcript: str) -> None:
        """Says which document is the transcript of a recording; from now on its time counts."""
        await self._pool.execute(
            "UPDATE recordings SET transcript = $2, transcribed_at = now() WHERE document = $1 AND transcript IS NULL",
            *(recording, transcript),
        )

    async def delete(self, transcribed_before: datetime) -> list[str]:
        """Deletes the recordings whose transcript was there by then; the documents that they were. Raises BlobsAway."""
        rows = await self._pool.fetch(
            """
            SELECT r.document, b.object FROM recordings r JOIN blobs b ON b.document = r.document
            WHERE r.transcribed_at <= $1 AND r.deleted_at IS NULL ORDER BY r.transcribed_at LIMIT 1000
            """,
            transcribed_before,
        )
        await self._blobs.delete(row["object"] for row in rows)
        documents = [row["document"] for row in rows]
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("UPDATE recordings SET deleted_at = now() WHERE document = ANY($1)", documents)
            await connection.execute("DELETE FROM blobs WHERE document = ANY($1)", documents)
        return documents
