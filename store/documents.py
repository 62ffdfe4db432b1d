"""Documents: uploads and drafts, stored once for each subject and sealed under that subject's key.

The engine and the journal know a document by its id and the hash of its text; its words are read here.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from domain.core.messages import Value, refuse
from domain.core.source_text import SourceText, normalised
from domain.evidence.documents import Doc
from domain.evidence.drafts import Draft
from domain.evidence.resume import Resume
from domain.evidence.transcript import Transcript
from privacy.sealing import Sealer, Tombstone
from store.random_ids import random_id

DocumentKind = Literal["transcript", "resume", "notes", "draft", "letter"]

TEXTS: dict[str, type[SourceText]] = {
    "transcript": Transcript,
    "resume": Resume,
    "notes": SourceText,
    "letter": SourceText,
}
"""What the normalised text of each kind is; a draft has none, its body is all."""

BY_TANDEM = "tandem"
"""Who stores what nobody gave."""

UNKNOWN_TYPE = "application/octet-stream"
MEDIA_TYPES = frozenset(
    {UNKNOWN_TYPE, "application/json", "application/x-subrip", "text/plain", "text/srt", "text/vtt"}
)
"""What is kept of what an upload says that it is. It is in the clear, and callers write names of files into it."""


class Stored(Value):
    """What is known of a document without opening it. `key` is the subject's (`H-…`, or `R-…` for an intake)."""

    doc: Doc
    key: str
    kind: DocumentKind
    media_type: str
    stored_by: str
    stored_at: datetime


@dataclass(frozen=True)
class _Sealed:
    """A document as it is stored, and the plain hash by which 0.3.0 knew it."""

    plain: str
    identity: str
    sha256: str
    body: bytes
    text: bytes | None


class NoSuchDocument(KeyError):
    """No document has this id."""


class Documents:
    """Stores and opens documents. Raises what `privacy.keys` raises; an erased subject's document is a Tombstone."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self._pool, self._sealer = pool, sealer

    async def put(
        self, key: str, kind: DocumentKind, media_type: str, body: bytes, text: SourceText | None, stored_by: str
    ) -> Doc:
        """Stores an upload with its normalised text, or a draft without one; the same again gives the same document.

        The hash is that of the text, or of the body where there is no text, keyed under the subject's key: with that
        gone it confirms nobody's guess. Raises KeyDestroyed for an erased subject.
        """
        new_id = random_id("D", 15)
        new = await asyncio.to_thread(self._sealed, new_id, key, kind, body, text)
        # A document that 0.3.0 stored is known by a plain hash, which goes now.
        await self._pool.execute(
            "UPDATE documents SET identity = $3, sha256 = $4 WHERE key = $1 AND identity = $2",
            *(key, new.plain, new.identity, new.sha256),
        )
        await self._pool.execute(
            """
            INSERT INTO documents (id, key, kind, media_type, sha256, identity, body, text, stored_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (key, identity) DO NOTHING
            """,
            *(new_id, key, kind, _known_type(media_type), new.sha256, new.identity, new.body, new.text, stored_by),
        )
        found = await self._pool.fetchval(
            "SELECT id FROM documents WHERE key = $1 AND identity = $2", key, new.identity
        )
        return Doc(id=found, sha256=new.sha256)

    async def put_letter(self, key: str, candidate: str, subject: str, text: str) -> str:
        """Keeps a letter that did not go out with the candidate it is for; the id of the document.

        Raises KeyDestroyed.
        """
        words = normalised(f"{subject}\n\n{text}")
        doc = await self.put(key, "letter", "text/plain", words.encode(), SourceText(text=words), BY_TANDEM)
        await self.give(doc.id, candidate, BY_TANDEM)
        return doc.id

    async def forget(self, key: str) -> None:
        """Ends what could confirm a guess of an erased subject's documents: plain hashes, which 0.3.0 stored."""
        await self._pool.execute("UPDATE documents SET identity = id, sha256 = repeat('0', 64) WHERE key = $1", key)

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

    async def body(self, document_id: str) -> bytes | Tombstone:
        """What was uploaded, byte for byte. Raises NoSuchDocument."""
        row = await self._row(document_id, "key, body")
        return await asyncio.to_thread(self._sealer.open_bytes, row["key"], row["body"], document_id)

    async def draft(self, document_id: str) -> Draft | Tombstone:
        """What the language room drafted. Raises NoSuchDocument."""
        body = await self.body(document_id)
        return body if isinstance(body, Tombstone) else Draft.model_validate_json(body)

    async def text(self, document_id: str) -> SourceText | Tombstone:
        """The normalised text: a Transcript, a Resume, or notes. Raises NoSuchDocument, also for a draft."""
        row = await self._row(document_id, "key, kind, text")
        if row["text"] is None:
            raise NoSuchDocument(document_id)

        def opened() -> SourceText | Tombstone:
            found = self._sealer.open_bytes(row["key"], row["text"], document_id)
            return found if isinstance(found, Tombstone) else TEXTS[row["kind"]].model_validate_json(found)

        return await asyncio.to_thread(opened)

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

    def _sealed(self, new_id: str, key: str, kind: str, body: bytes, text: SourceText | None) -> _Sealed:
        # By the whole text, speakers and times included: the same words under other names are another document.
        content = body if text is None else text.model_dump_json().encode()
        whole = f"{kind}\n".encode() + content
        return _Sealed(
            # nosemgrep: hash-without-a-key  # to find what 0.3.0 stored under it, once; never kept
            plain=hashlib.sha256(whole).hexdigest(),
            identity=self._sealer.fingerprint(key, whole, "document's identity"),
            sha256=self._sealer.fingerprint(key, body if text is None else text.text.encode(), "document's hash"),
            body=self._sealer.seal_bytes(key, body, new_id),
            text=None if text is None else self._sealer.seal_bytes(key, content, new_id),
        )

    async def _row(self, document_id: str, columns: str) -> asyncpg.Record:
        # nosemgrep: sql-from-values  # this class's own columns
        row = await self._pool.fetchrow(f"SELECT {columns} FROM documents WHERE id = $1", document_id)
        if row is None:
            raise NoSuchDocument(document_id)
        return row


def _known(row: asyncpg.Record) -> Stored:
    known = dict(row)
    return Stored(doc=Doc(id=known.pop("id"), sha256=known.pop("sha256")), **known)


def _known_type(media_type: str) -> str:
    bare = media_type.partition(";")[0].strip().lower()
    return bare if bare in MEDIA_TYPES else UNKNOWN_TYPE


class LoadedSources:
    """Documents' texts at hand; see `domain.core.messages.Sources`."""

    def __init__(self, texts: dict[str, SourceText]) -> None:
        self._texts = texts

    def source(self, document_id: str) -> SourceText:
        """See `domain.core.messages.Sources`."""
        if document_id not in self._texts:
            refuse("unknown_reference", f"There is no text {document_id}.", "The id of an uploaded document.")
        return self._texts[document_id]
