"""Documents: uploads and drafts, stored once for each subject and sealed under that subject's key.

The engine and the journal know a document by its id and the hash of its text; its words are read here. Text and drafts
lie in PostgreSQL, what was uploaded and the images of its pages in the blob store: those come first and their rows
after, so that what a crash leaves behind is an object that nobody knows (`store/blob_sweep.py`), and never a row for
nothing. Uploads of 0.4.0 and before lie in `documents.body`, until they are moved.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

import asyncpg

from domain.core.messages import Value, refuse
from domain.core.source_text import SourceText, normalised
from domain.evidence.documents import Doc
from domain.evidence.drafts import Draft
from domain.evidence.resume import PagedText, Resume
from domain.evidence.transcript import Transcript
from privacy.keys import KeyDestroyed
from privacy.sealing import Sealer, Tombstone
from store.blobs import BlobsAway, NoSuchBlob, SealedBlobs
from store.media_types import UNKNOWN_TYPE, known_type, type_of
from store.random_ids import random_id
from store.speaker_names import SpeakerNames

DocumentKind = Literal["transcript", "resume", "notes", "work_sample", "reference", "draft", "letter", "recording"]

TEXTS: dict[str, type[SourceText]] = {
    "transcript": Transcript,
    "resume": Resume,
    "notes": PagedText,
    "work_sample": PagedText,
    "reference": PagedText,
    "letter": SourceText,
}
"""What the normalised text of each kind is; a draft has none, its body is all, and a recording becomes a transcript."""

BY_TANDEM = "tandem"
"""Who stores what nobody gave."""

_AT_ONCE = 4
"""Images of a document's pages that are on their way to the store at a time."""

_OVERHEAD = 28
"""Bytes by which sealing makes a document longer: nonce and tag."""


class Stored(Value):
    """What is known of a document without opening it. `key` is the subject's (`H-…`, or `R-…` for an intake)."""

    doc: Doc
    key: str
    kind: DocumentKind
    media_type: str
    stored_by: str
    stored_at: datetime


class Original(NamedTuple):
    """A file as it was given, or the image of one of its pages."""

    media_type: str
    content: bytes


@dataclass(frozen=True)
class _Prepared:
    """A document as PostgreSQL keeps it. An upload's body lies in the blob store."""

    identity: str
    sha256: str
    body: bytes | None
    text: bytes | None


class KeptBlob(NamedTuple):
    """An object of the blob store, and what it is of a document; see the table `blobs`."""

    object: str
    role: Literal["original", "page"]
    page: int
    media_type: str
    size: int


class NoSuchDocument(KeyError):
    """No document has this id."""


class NoSuchPage(KeyError):
    """There is no image of this page, or the file itself is not where it should be."""


def content_hash(sealer: Sealer, key: str, content: bytes) -> str:
    """The hash by which the engine and the journal know what is in a document. Raises KeyDestroyed."""
    return sealer.fingerprint(key, content, "document's hash")


async def known_document(pool: asyncpg.Pool, key: str, identity: str) -> Doc | None:
    """What a subject has of this identity already."""
    row = await pool.fetchrow("SELECT id, sha256 FROM documents WHERE key = $1 AND identity = $2", key, identity)
    return Doc(id=row["id"], sha256=row["sha256"]) if row else None


async def note_blobs(
    connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy, document: str, kept: Iterable[KeptBlob]
) -> None:
    """Says which objects of the blob store are a document's."""
    await connection.executemany(
        "INSERT INTO blobs (document, object, role, page, media_type, size) VALUES ($1, $2, $3, $4, $5, $6)",
        [(document, *one) for one in kept],
    )


class Documents:
    """Stores and opens documents. Raises what `privacy.keys` raises; an erased subject's document is a Tombstone.

    What reads or writes a file itself raises BlobsAway as well; reading text and drafts never does.
    """

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer, blobs: SealedBlobs) -> None:
        self._pool, self._sealer, self._blobs = pool, sealer, blobs
        self._speakers = SpeakerNames(pool, sealer)

    async def put(
        self,
        key: str,
        kind: DocumentKind,
        media_type: str,
        body: bytes,
        text: SourceText | None,
        stored_by: str,
        pages: Sequence[bytes] = (),
    ) -> Doc:
        """Stores an upload with its normalised text and the images of its pages, or a draft without text.

        The same again gives the same document: the same file, of which the same words were read. The hash is that of
        the text, or of the body where there is no text, keyed under the subject's key: with that gone it confirms
        nobody's guess. Raises KeyDestroyed for an erased subject, BlobsAway; then nothing is stored.
        """
        new_id = random_id("D", 15)
        new = await asyncio.to_thread(self._prepared, new_id, key, kind, body, text)
        known = await known_document(self._pool, key, new.identity) or await self._known_before(
            key, kind, body, text, new.identity
        )
        if known is not None:
            return known
        kept = [] if text is None else await self._put_blobs(key, known_type(media_type), body, pages)
        async with self._pool.acquire() as connection, connection.transaction():
            stored = await connection.fetchval(
                """
                INSERT INTO documents (id, key, kind, media_type, sha256, identity, body, text, stored_by)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (key, identity) DO NOTHING RETURNING id
                """,
                *(new_id, key, kind, known_type(media_type), new.sha256, new.identity, new.body, new.text, stored_by),
            )
            if stored is not None:
                await note_blobs(connection, new_id, kept)
        if stored is not None:
            return Doc(id=new_id, sha256=new.sha256)
        await self._blobs.delete(one.object for one in kept)  # somebody else stored it meanwhile
        known = await known_document(self._pool, key, new.identity)
        assert known is not None, "documents are never deleted"
        return known

    async def move_originals(self) -> int:
        """Moves what older releases stored in PostgreSQL into the blob store; how many documents it moved.

        It may be broken off, and begun again; whoever reads meanwhile finds each in one place or the other.
        """
        moved, after = 0, ""
        while rows := await self._pool.fetch(
            """
            SELECT id, key, kind, media_type, body FROM documents
            WHERE body IS NOT NULL AND text IS NOT NULL AND id > $1 ORDER BY id LIMIT 10
            """,
            after,
        ):
            for row in rows:
                moved += await self._moved(row)
            after = rows[-1]["id"]
        return moved

    async def _moved(self, row: asyncpg.Record) -> bool:
        body = await asyncio.to_thread(self._sealer.open_bytes, row["key"], row["body"], row["id"])
        text = await self._stored_text(row["id"])
        if isinstance(body, Tombstone) or isinstance(text, Tombstone):
            return False
        try:
            kept = await self._put_blobs(row["key"], row["media_type"], body, ())
        except KeyDestroyed:
            return False
        identity = await asyncio.to_thread(self._identity, row["key"], row["kind"], body, text)
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(
                "UPDATE documents SET body = NULL WHERE id = $1 AND body IS NOT NULL RETURNING id", row["id"]
            ):
                await note_blobs(connection, row["id"], kept)
                await connection.execute(
                    """
                    UPDATE documents SET identity = $3
                    WHERE id = $1 AND NOT EXISTS (SELECT FROM documents WHERE key = $2 AND identity = $3)
                    """,
                    *(row["id"], row["key"], identity),
                )
                return True
        await self._blobs.delete(one.object for one in kept)  # somebody else moved it meanwhile
        return False

    async def put_letter(self, key: str, candidate: str, subject: str, text: str) -> str:
        """Keeps a letter that did not go out with the candidate it is for; the id of the document.

        Raises KeyDestroyed.
        """
        words = normalised(f"{subject}\n\n{text}")
        doc = await self.put(key, "letter", "text/plain", words.encode(), SourceText(text=words), BY_TANDEM)
        await self.give(doc.id, candidate, BY_TANDEM)
        return doc.id

    async def forget(self, key: str) -> None:
        """Ends what is left of an erased subject's documents: files, and what could confirm a guess.

        That is plain hashes, which 0.3.0 stored. Twice is as once. Raises BlobsAway; the hashes are gone then.
        """
        await self._pool.execute("UPDATE documents SET identity = id, sha256 = repeat('0', 64) WHERE key = $1", key)
        await self._blobs.forget(key)
        await self._pool.execute("DELETE FROM blobs b USING documents d WHERE d.id = b.document AND d.key = $1", key)

    async def give(self, document_id: str, about: str, by: str) -> None:
        """Says for whom `by` gave a document: a candidate, an applicant, or a requisition for its intake."""
        await self._pool.execute(
            "INSERT INTO document_subjects (document, about, by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            *(document_id, about, by),
        )

    async def tie(self, document_ids: Iterable[str], candidate: str, by: str) -> None:
        """Says of those of these documents that `by` gave for an applicant that they are for this candidacy."""
        await self._pool.execute(
            """
            INSERT INTO document_subjects (document, about, by)
            SELECT document, $2, by FROM document_subjects
            WHERE document = ANY($1) AND by = $3 AND about LIKE 'H-%' ON CONFLICT DO NOTHING
            """,
            *(list(document_ids), candidate, by),
        )

    async def given(self, document_id: str) -> list[tuple[str, str]]:
        """For whom a document was given, and by whom; nothing of one that came before that was kept."""
        rows = await self._pool.fetch("SELECT about, by FROM document_subjects WHERE document = $1", document_id)
        return [(row["about"], row["by"]) for row in rows]

    async def given_for_no_candidacy(self, applicant: str) -> frozenset[str]:
        """Ids of what was given about an applicant and rests on none of their candidacies."""
        rows = await self._pool.fetch(
            """
            SELECT id FROM documents d WHERE key = $1 AND kind <> 'draft'
                AND EXISTS (SELECT FROM document_subjects s WHERE s.document = d.id)
                AND NOT EXISTS (SELECT FROM document_subjects s WHERE s.document = d.id AND s.about LIKE 'C-%')
            """,
            applicant,
        )
        return frozenset(row["id"] for row in rows)

    async def about(self, document_id: str) -> Stored:
        """What is known of a document. Raises NoSuchDocument."""
        row = await self._row(document_id, "id, sha256, key, kind, media_type, stored_by, stored_at")
        return _known(row)

    async def uploads_of(self, key: str) -> list[Stored]:
        """What is known of every document that was given about a subject, in the order in which they came."""
        rows = await self._pool.fetch(
            """
            SELECT id, sha256, key, kind, media_type, stored_by, stored_at FROM documents
            WHERE key = $1 AND kind <> 'draft' ORDER BY stored_at, id
            """,
            key,
        )
        return [_known(row) for row in rows]

    async def original(self, document_id: str) -> Original | Tombstone:
        """What was uploaded, byte for byte. Raises NoSuchDocument; NoSuchPage where the file is lost."""
        row = await self._row(document_id, "key, media_type, body")
        if row["body"] is None:
            return await self._opened(document_id, row["key"], "original", 0)
        body = await asyncio.to_thread(self._sealer.open_bytes, row["key"], row["body"], document_id)
        return body if isinstance(body, Tombstone) else Original(row["media_type"], body)

    async def pages(self, document_id: str) -> frozenset[int]:
        """The numbers of the pages of which there is an image, from 1."""
        rows = await self._pool.fetch("SELECT page FROM blobs WHERE document = $1 AND role = 'page'", document_id)
        return frozenset(row["page"] for row in rows)

    async def page(self, document_id: str, number: int) -> Original | Tombstone:
        """The image of a page. Raises NoSuchDocument, NoSuchPage."""
        row = await self._row(document_id, "key")
        return await self._opened(document_id, row["key"], "page", number)

    async def draft(self, document_id: str) -> Draft | Tombstone:
        """What the language room drafted. Raises NoSuchDocument."""
        found = await self.original(document_id)
        return found if isinstance(found, Tombstone) else Draft.model_validate_json(found.content)

    async def text(self, document_id: str) -> SourceText | Tombstone:
        """The normalised text: a Transcript with who was said to speak, a Resume, or notes.

        Raises NoSuchDocument, also for a draft.
        """
        text = await self._stored_text(document_id)
        return await self._speakers.given_to(document_id, text) if isinstance(text, Transcript) else text

    async def _stored_text(self, document_id: str) -> SourceText | Tombstone:
        row = await self._row(document_id, "key, kind, text")
        if row["text"] is None:
            raise NoSuchDocument(document_id)

        def opened() -> SourceText | Tombstone:
            found = self._sealer.open_bytes(row["key"], row["text"], document_id)
            return found if isinstance(found, Tombstone) else TEXTS[row["kind"]].model_validate_json(found)

        return await asyncio.to_thread(opened)

    async def spoken(self, document_ids: Iterable[str]) -> dict[str, Transcript]:
        """Those of these documents that are transcripts in which somebody said who speaks."""
        texts = [(each, await self.text(each)) for each in await self._speakers.named_in(document_ids)]
        return {each: text for each, text in texts if isinstance(text, Transcript)}

    async def sources(self, document_ids: Iterable[str]) -> LoadedSources:
        """The texts of these documents, for rules over words; those unknown, erased or without a text are left out."""
        texts: dict[str, SourceText] = {}
        for document_id in document_ids:
            try:
                text = await self.text(document_id)
            except NoSuchDocument:
                continue
            if not isinstance(text, Tombstone):
                texts[document_id] = text
        return LoadedSources(texts)

    def _prepared(self, new_id: str, key: str, kind: str, body: bytes, text: SourceText | None) -> _Prepared:
        return _Prepared(
            identity=self._identity(key, kind, body, text),
            sha256=content_hash(self._sealer, key, body if text is None else text.text.encode()),
            body=self._sealer.seal_bytes(key, body, new_id) if text is None else None,
            text=None if text is None else self._sealer.seal_bytes(key, text.model_dump_json().encode(), new_id),
        )

    def _identity(self, key: str, kind: str, body: bytes, text: SourceText | None) -> str:
        if text is None:
            return self._sealer.fingerprint(key, f"{kind}\n".encode() + body, "document's identity")
        # Not by the text as it is stored, whose fields grow from release to release.
        whole = f"{kind}\n{len(body)}\n".encode() + body + json.dumps(_as_read(text)).encode()
        return self._sealer.fingerprint(key, whole, "upload's identity")

    async def _known_before(
        self, key: str, kind: str, body: bytes, text: SourceText | None, identity: str
    ) -> Doc | None:
        """The same, as 0.4.0 or 0.3.0 stored it. It is found by its content once, and then by its identity."""
        rows = await self._pool.fetch(
            "SELECT id, body, text FROM documents WHERE key = $1 AND kind = $2 AND octet_length(body) = $3",
            *(key, kind, len(body) + _OVERHEAD),
        )
        for row in rows:
            if await asyncio.to_thread(self._sealer.open_bytes, key, row["body"], row["id"]) != body:
                continue
            read = None if row["text"] is None else await self._stored_text(row["id"])
            if isinstance(read, Tombstone) or _as_read(read) != _as_read(text):
                continue
            # 0.3.0 knew it by plain hashes, which go now.
            hashed = await asyncio.to_thread(
                content_hash, self._sealer, key, body if read is None else read.text.encode()
            )
            await self._pool.execute(
                "UPDATE documents SET identity = $2, sha256 = $3 WHERE id = $1", row["id"], identity, hashed
            )
            return Doc(id=row["id"], sha256=hashed)
        return None

    async def _put_blobs(self, key: str, media_type: str, body: bytes, pages: Sequence[bytes]) -> list[KeptBlob]:
        room = asyncio.Semaphore(_AT_ONCE)

        async def put(role: Literal["original", "page"], number: int, kind: str, content: bytes) -> KeptBlob:
            async with room:
                return KeptBlob(await self._blobs.put(key, content), role, number, kind, len(content))

        done = await asyncio.gather(
            put("original", 0, media_type, body),
            *(put("page", number, type_of(page) or UNKNOWN_TYPE, page) for number, page in enumerate(pages, 1)),
            return_exceptions=True,
        )
        kept = [one for one in done if isinstance(one, KeptBlob)]
        if failed := next((one for one in done if isinstance(one, BaseException)), None):
            with suppress(BlobsAway):
                await self._blobs.delete(one.object for one in kept)
            raise failed
        return kept

    async def _opened(self, document_id: str, key: str, role: str, page: int) -> Original | Tombstone:
        row = await self._pool.fetchrow(
            "SELECT object, media_type FROM blobs WHERE document = $1 AND role = $2 AND page = $3",
            *(document_id, role, page),
        )
        if row is None:
            return await self._lost(document_id, key)
        try:
            content = await self._blobs.get(row["object"])
        except NoSuchBlob:
            return await self._lost(document_id, key)
        return content if isinstance(content, Tombstone) else Original(row["media_type"], content)

    async def _lost(self, document_id: str, key: str) -> Tombstone:
        try:
            await asyncio.to_thread(self._sealer.keys.find, key)
        except KeyDestroyed:
            return Tombstone(key)
        raise NoSuchPage(document_id)

    async def _row(self, document_id: str, columns: str) -> asyncpg.Record:
        # nosemgrep: sql-from-values  # this class's own columns
        row = await self._pool.fetchrow(f"SELECT {columns} FROM documents WHERE id = $1", document_id)
        if row is None:
            raise NoSuchDocument(document_id)
        return row


def _known(row: asyncpg.Record) -> Stored:
    known = dict(row)
    return Stored(doc=Doc(id=known.pop("id"), sha256=known.pop("sha256")), **known)


def _as_read(text: SourceText | None) -> list[object]:
    """What was read out of a file, for telling whether it is the same: every word, and who said it."""
    turns = text.turns if isinstance(text, Transcript) else ()
    return [] if text is None else [text.text, [[turn.speaker, turn.start, turn.start_ms] for turn in turns]]


class LoadedSources:
    """Documents' texts at hand; see `domain.core.messages.Sources`."""

    def __init__(self, texts: dict[str, SourceText]) -> None:
        self._texts = texts

    def source(self, document_id: str) -> SourceText:
        """See `domain.core.messages.Sources`."""
        if document_id not in self._texts:
            refuse("unknown_reference", f"There is no text {document_id}.", "The id of an uploaded document.")
        return self._texts[document_id]
