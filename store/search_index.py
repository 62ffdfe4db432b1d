"""The index that is searched: keyed tokens of who applies, and of the words of documents, over what is sealed.

A token is the beginning of an HMAC of a word. The key is not the installation's but that of a shard, which `MEMBERS`
subjects share at most: when one of them is erased it is destroyed, and what copies of the index hold of that shard can
be asked nothing any more. The others are indexed again under another key.

Whatever changes a contact or a document marks whose it is (the triggers of `0048-search.sql`); `catch_up` makes their
entries anew from what is stored now. Nothing here is a record: it may be lost, and `begin_anew` makes it again.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
import structlog

from domain.core.search_words import (
    Term,
    beginnings_of_a_name,
    ends_of_a_number,
    plain_address,
    words_in,
)
from privacy.keys import KeyDestroyed, KeyMissing
from privacy.sealing import CannotOpen, Sealer, Tombstone
from store.applicants import IN_NO_REQUISITION, Contact
from store.documents import Documents
from store.random_ids import random_id

# Any number will do, as long as nothing else in this database takes the same advisory lock.
_LOCK = 0x736561726368

FEW = 5_000
"""Subjects that are gone through one by one where somebody may find no more."""

MOST_FOUND = 200
"""Things that are found at a time."""

_FIRST_SHARDS = 64
"""Shards that are asked first, where somebody may find many: most that is common is found in them."""

_SOUGHT = """
    WITH sought AS (
        SELECT shard, string_to_array(words, ' ')::bigint[] AS tokens
        FROM unnest($1::text[], $2::text[]) t (shard, words)
    ), hit AS MATERIALIZED ("""
# `OFFSET 0` has each part looked up by itself: joined as a whole, the planner reads all entries there are.
_HITS = f"""{_SOUGHT}
        SELECT e.source, e.subject, e.stored_at FROM sought CROSS JOIN LATERAL (
            SELECT source, subject, stored_at FROM search_entries WHERE tokens @> sought.tokens OFFSET 0
        ) e WHERE cardinality($3::text[]) = 0
    )"""
_HITS_OF_FEW = f"""{_SOUGHT}
        SELECT e.source, e.subject, e.stored_at FROM unnest($3::text[]) few (subject)
        JOIN search_subjects s USING (subject) JOIN sought USING (shard) CROSS JOIN LATERAL (
            SELECT source, subject, stored_at, tokens FROM search_entries WHERE subject = s.subject OFFSET 0
        ) e WHERE e.tokens @> sought.tokens
    )"""

MEMBERS = 128
"""Subjects that share a key at most: as many are indexed again when one of them is erased."""

_AT_ONCE = 20
"""Subjects that are indexed in one transaction."""


log = structlog.get_logger("search")

_MET_BY = """
    jsonb_path_query_array(view, '$.interviews.* ? (@.status != "cancelled").interviewers[*].person')
""".strip()
"""Who interviews a candidate, as an index has it (`0049-met-by.sql`)."""


class FoundRequisition(NamedTuple):
    """What a requisition is called."""

    id: str
    title: str
    team_name: str
    alias: str | None

    @property
    def words(self) -> str:
        """All it is found by."""
        return " ".join(filter(None, (self.title, self.team_name, self.alias)))


class FoundDocument(NamedTuple):
    """A document with the words that were sought, whose it is (`H-…`, or `R-…` of an intake), and of which kind."""

    id: str
    subject: str
    kind: str
    stored_at: datetime


class Scope(NamedTuple):
    """Where somebody may find anything: in these requisitions, and among the candidates whom they meet.

    `subjects` are all whom they may find, with the shard of each; None where there are too many to go through.
    """

    person: str
    requisitions: Sequence[str]
    met: Sequence[str] = ()
    subjects: Mapping[str, str] | None = None


class SearchIndex:
    """Writes and asks the index. Raises what `privacy.keys` raises, and asyncpg's errors."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer, documents: Documents) -> None:
        self._pool, self._sealer, self._documents = pool, sealer, documents
        self._keys: dict[str, bytes] = {}

    async def catch_up(self) -> int:
        """Makes some of the entries anew that no longer say what is kept; how many subjects they were of.

        Of several processes one does it at a time: the others are told that nothing is left to do.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
                return 0
            if not await connection.fetchval("SELECT EXISTS (SELECT FROM search_begun)"):
                await self._empty(connection)
            rows = await connection.fetch("SELECT subject, mark FROM search_stale ORDER BY mark LIMIT $1", _AT_ONCE)
            for row in rows:
                await self._index(connection, row["subject"])
            await connection.executemany(
                "DELETE FROM search_stale WHERE subject = $1 AND mark = $2", [(r["subject"], r["mark"]) for r in rows]
            )
            return len(rows)

    async def forget(self, subject: str) -> None:
        """Ends all that leads from a word to somebody who is erased, in copies too; twice is as once."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await self._dissolve(connection, subject)

    async def begin_anew(self) -> None:
        """Empties the index, and marks everybody: it fills again while it is searched."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await self._empty(connection)

    async def applicants(self, terms: Sequence[Term], within: Scope) -> AsyncIterator[list[str]]:
        """Candidates whose applicant may be called or reached so, some at a time: of the shards that were begun last
        first, and of those who moved last first.

        Who is merged with somebody is found by what was said of either. What was said by others than those a reader
        believes is indexed too: whoever asks compares with what they may read.
        """
        async for rows in self._found(
            """
            person AS (SELECT subject FROM hit UNION SELECT s.other FROM hit JOIN same_applicants s ON s.one = subject)
            SELECT c.id FROM candidates c JOIN person p ON p.subject = c.human
            WHERE c.standing <> 'erased' AND (c.requisition = ANY($4) OR c.id = ANY($5))
            ORDER BY c.stage_since DESC, c.id LIMIT $6
            """,
            *(terms, _of_a_contact, within.subjects, within.requisitions, within.met, MOST_FOUND),
        ):
            yield [row["id"] for row in rows]

    async def introduced(self, terms: Sequence[Term], within: Scope) -> list[str]:
        """Applicants who may be called or reached so, whom somebody introduced and who are a candidate nowhere."""
        rows = await self._pool.fetch(
            f"""
            SELECT i.human, s.shard FROM introductions i JOIN search_subjects s ON s.subject = i.human
            WHERE i.by = $1 AND {IN_NO_REQUISITION}
            ORDER BY i.at DESC, i.human LIMIT $2
            """,
            *(within.person, FEW),
        )
        subjects = {row["human"]: row["shard"] for row in rows}
        found: set[str] = set()
        async for hits in self._found("so AS (SELECT) SELECT subject FROM hit", terms, _of_a_contact, subjects):
            found |= {row["subject"] for row in hits}
        return [human for human in subjects if human in found]

    async def documents(self, terms: Sequence[Term], within: Scope) -> AsyncIterator[list[FoundDocument]]:
        """Documents of those whom somebody may find, in which all these words stand, some at a time; see
        `applicants`."""
        if any(not term.word for term in terms):
            return
        async for rows in self._found(
            """
            whose AS (
                SELECT h.subject FROM hit h JOIN candidates c ON c.human = h.subject
                WHERE c.requisition = ANY($4) AND c.standing <> 'erased'
                UNION SELECT h.subject FROM hit h JOIN same_applicants s ON s.one = h.subject
                    JOIN candidates c ON c.human = s.other WHERE c.requisition = ANY($4) AND c.standing <> 'erased'
                UNION SELECT subject FROM hit WHERE subject = ANY($4)
            ),
            latest AS (
                SELECT source, subject, stored_at FROM hit WHERE subject IN (SELECT subject FROM whose)
                ORDER BY stored_at DESC, source LIMIT $5
            )
            SELECT d.id, l.subject, d.kind, l.stored_at FROM latest l JOIN documents d ON d.id = l.source
            ORDER BY l.stored_at DESC, d.id
            """,
            *(terms, _of_a_document, within.subjects, within.requisitions, MOST_FOUND),
        ):
            yield [FoundDocument(**row) for row in rows]

    async def _found(
        self,
        of_hits: str,
        terms: Sequence[Term],
        spelt: Callable[[Term], str],
        subjects: Mapping[str, str] | None,
        *arguments: object,
    ) -> AsyncIterator[list[asyncpg.Record]]:
        """The rows of a query over the entries that have a token for each term (`hit`), some shards at a time.

        Of few `subjects` each is looked at; else each shard is asked for its own tokens: an array of all of them at
        once would be compared with every entry.
        """
        if not terms or subjects == {}:
            return
        keys = await self._shards()
        parts: Iterable[list[str]] = _growing(list(keys))
        hits = _HITS
        if subjects is not None:
            theirs = set(subjects.values())
            parts, hits = [[shard for shard in keys if shard in theirs]], _HITS_OF_FEW
        for shards in parts:
            wanted = await asyncio.to_thread(_tokens, [keys[shard] for shard in shards], [spelt(one) for one in terms])
            # nosemgrep: sql-from-values  # this class's own queries
            yield await self._pool.fetch(f"{hits}, {of_hits}", shards, wanted, list(subjects or ()), *arguments)

    async def requisitions(self, within: Scope | None) -> list[FoundRequisition]:
        """What those requisitions are called that somebody may find, those they interview for included; None: all.

        It is nothing personal, and compared where it is read.
        """
        rows = await self._pool.fetch(
            f"""
            SELECT id, title, team_name, view ->> 'alias' AS alias FROM requisitions
            WHERE $1::text IS NULL OR id = ANY($2) OR id IN (SELECT requisition FROM candidates WHERE {_MET_BY} ? $1)
            ORDER BY standing = 'ended', id
            """,
            *((within.person, within.requisitions) if within else (None, [])),
        )
        return [FoundRequisition(**row) for row in rows]

    async def scope_of(self, person: str) -> Scope:
        """Where somebody may find applicants and documents, looked up now: what each shows is asked of each."""
        rows = await self._pool.fetch(
            "SELECT id FROM requisitions WHERE $1 = ANY(people) OR view #>> '{team,delegate,person}' = $1", person
        )
        requisitions = [row["id"] for row in rows]
        rows = await self._pool.fetch(f"SELECT id FROM candidates WHERE {_MET_BY} ? $1", person)
        met = [row["id"] for row in rows]
        rows = await self._pool.fetch(
            """
            WITH theirs AS (
                SELECT human FROM candidates WHERE requisition = ANY($1) AND standing <> 'erased'
                UNION ALL SELECT human FROM candidates WHERE id = ANY($2) AND standing <> 'erased'
                UNION ALL SELECT unnest($1)
                LIMIT $3
            ),
            known AS (SELECT human FROM theirs UNION SELECT s.other FROM theirs JOIN same_applicants s ON s.one = human)
            SELECT s.subject, s.shard, (SELECT count(*) FROM theirs) AS all FROM known
            JOIN search_subjects s ON s.subject = human
            """,
            *(requisitions, met, FEW + 1),
        )
        many = bool(rows) and rows[0]["all"] > FEW
        return Scope(person, requisitions, met, None if many else {row["subject"]: row["shard"] for row in rows})

    async def _shards(self) -> dict[str, bytes]:
        """The keys of every shard there is now, the one that was begun last first.

        They are read once: a shard that goes has no row any more.
        """
        rows = await self._pool.fetch("SELECT id FROM index_keys ORDER BY number DESC")
        there = [row["id"] for row in rows]
        known = set(there)
        self._keys = {id: key for id, key in self._keys.items() if id in known}
        if missing := known - self._keys.keys():
            self._keys |= await asyncio.to_thread(self._read, missing)
        return {id: self._keys[id] for id in there if id in self._keys}

    def _read(self, shards: Iterable[str]) -> dict[str, bytes]:
        found = {}
        for shard in shards:
            try:
                found[shard] = self._sealer.keys.find(shard)
            except KeyDestroyed:
                continue  # whoever destroyed it is about to say so here as well
            except KeyMissing:  # the others are found all the same
                log.warning("a key of the search is lost: tandem rebuild makes it again", shard=shard)
        return found

    async def _empty(self, connection: asyncpg.Connection) -> None:
        """Ends every shard there was, also where the index itself is lost, and marks everybody."""
        for row in await connection.fetch("SELECT id FROM index_keys"):
            await asyncio.to_thread(self._sealer.keys.destroy, row["id"])
        await connection.execute("DELETE FROM index_keys")
        await connection.execute(
            """
            INSERT INTO search_stale (subject)
            SELECT id FROM humans UNION SELECT key FROM documents WHERE text IS NOT NULL ON CONFLICT DO NOTHING
            """
        )
        await connection.execute("INSERT INTO search_begun VALUES (true) ON CONFLICT DO NOTHING")

    async def _index(self, connection: asyncpg.Connection, subject: str) -> None:
        try:
            sources = await self._sources(connection, subject)
        except (CannotOpen, KeyMissing) as lost:  # whom the doctor tells of; nobody else is to wait for it
            log.warning("not indexed", subject=subject, kind=type(lost).__name__)
            return
        if not sources:  # nothing is left of them, or nothing can be read any more
            await self._dissolve(connection, subject)
            return
        key = await self._key_for(connection, subject)
        entries = await asyncio.to_thread(
            lambda: [
                (source, subject, stored_at, sorted({token(key, one) for one in spelt}))
                for source, (stored_at, spelt) in sources.items()
            ]
        )
        await connection.execute(
            "DELETE FROM search_entries WHERE subject = $1 AND source <> ALL($2)", subject, list(sources)
        )
        await connection.executemany(
            """
            INSERT INTO search_entries (source, subject, stored_at, tokens) VALUES ($1, $2, $3, $4)
            ON CONFLICT (source) DO UPDATE SET tokens = EXCLUDED.tokens, subject = EXCLUDED.subject
            WHERE search_entries.tokens <> EXCLUDED.tokens OR search_entries.subject <> EXCLUDED.subject
            """,
            entries,
        )

    async def _sources(
        self, connection: asyncpg.Connection, subject: str
    ) -> Mapping[str, tuple[datetime | None, set[str]]]:
        """By what each thing that is kept of a subject is found; of a document also when it was stored.

        Not by letters: each says the name of whom it is to, and hides whatever else is found by it.
        """
        contacts = await connection.fetch(
            "SELECT contact FROM humans WHERE id = $1 UNION ALL SELECT contact FROM introductions WHERE human = $1",
            subject,
        )

        def said() -> set[str]:
            found: set[str] = set()
            for row in contacts:
                words = self._sealer.open_bytes(subject, row["contact"], subject)
                if not isinstance(words, Tombstone):
                    found |= set(_by_contact(Contact.model_validate_json(words)))
            return found

        sources: dict[str, tuple[datetime | None, set[str]]] = {}
        if found := await asyncio.to_thread(said):
            sources[subject] = None, found
        for row in await connection.fetch(
            "SELECT id, stored_at FROM documents WHERE key = $1 AND text IS NOT NULL AND kind <> 'letter'", subject
        ):
            text = await self._documents.text(row["id"])
            if not isinstance(text, Tombstone):
                sources[row["id"]] = row["stored_at"], await asyncio.to_thread(_by_text, text.text)
        return sources

    async def _key_for(self, connection: asyncpg.Connection, subject: str) -> bytes:
        """The key of the shard that a subject is in, or comes into."""
        shard = await connection.fetchval("SELECT shard FROM search_subjects WHERE subject = $1", subject)
        while True:
            if shard is None:
                shard = await connection.fetchval(
                    "SELECT id FROM index_keys WHERE members < $1 ORDER BY members DESC, id LIMIT 1", MEMBERS
                )
                shard = shard or random_id("W")
                await connection.execute(
                    """
                    INSERT INTO index_keys AS s (id, members) VALUES ($1, 1)
                    ON CONFLICT (id) DO UPDATE SET members = s.members + 1
                    """,
                    shard,
                )
                await connection.execute("INSERT INTO search_subjects (subject, shard) VALUES ($1, $2)", subject, shard)
            try:
                return await asyncio.to_thread(self._sealer.keys.make, shard)
            except KeyDestroyed:  # whoever destroyed it was killed before they could say so here
                await self._dissolve(connection, subject)
                shard = None

    async def _dissolve(self, connection: asyncpg.Connection, subject: str) -> None:
        """Ends the shard of a subject, and marks all others in it."""
        shard = await connection.fetchval("SELECT shard FROM search_subjects WHERE subject = $1", subject)
        if shard is None:
            return
        await asyncio.to_thread(self._sealer.keys.destroy, shard)
        await connection.execute(
            """
            INSERT INTO search_stale (subject)
            SELECT subject FROM search_subjects WHERE shard = $1 AND subject <> $2
            ON CONFLICT (subject) DO UPDATE SET mark = nextval('search_marks')
            """,
            *(shard, subject),
        )
        await connection.execute("DELETE FROM index_keys WHERE id = $1", shard)


def token(key: bytes, spelt: str) -> int:
    """The first eight bytes of the HMAC-SHA-256 of what is sought, as PostgreSQL's `bigint`."""
    return int.from_bytes(hmac.digest(key, spelt.encode(), "sha256")[:8], signed=True)


def _growing(shards: list[str]) -> Iterator[list[str]]:
    """All shards in parts, each twice as long as the one before."""
    size = _FIRST_SHARDS
    while shards:
        yield shards[:size]
        shards, size = shards[size:], size * 2


def _tokens(keys: Iterable[bytes], spelt: Sequence[str]) -> list[str]:
    return [" ".join(str(token(key, one)) for one in spelt) for key in keys]


def _by_contact(contact: Contact) -> Iterator[str]:
    """By what somebody is found, as it is hashed: another kind of thing never meets it."""
    yield from (f"name {one}" for one in beginnings_of_a_name(contact.name))
    if contact.email:
        yield f"address {plain_address(contact.email)}"
        yield from (f"name {one}" for one in beginnings_of_a_name(contact.email))
    for number in filter(None, (contact.phone, contact.telephone)):
        yield from (f"number {one}" for one in ends_of_a_number(number))


def _of_a_contact(term: Term) -> str:
    if term.digits:
        return f"number {term.digits}"
    return f"address {term.address}" if term.address else f"name {term.beginning}"


def _by_text(text: str) -> set[str]:
    return {f"word {each.word}" for each in words_in(text)}


def _of_a_document(term: Term) -> str:
    return f"word {term.word}"
