"""Applicants: one id each over all requisitions, and how to reach them, sealed under their own key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import asyncpg
from pydantic import BaseModel

from privacy.keys import KeyDestroyed
from privacy.sealing import Sealer, Tombstone
from store.audit import Act, Entry, Kind, append


class Contact(BaseModel):
    """Who somebody is and how to write to them."""

    name: str
    email: str
    phone: str | None = None


class Applicants:
    """Finds and keeps humans. `match` is the keyed hash of an address that tells two of them apart."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self._pool, self._sealer = pool, sealer

    async def recognise(self, match: str, contact: Contact, new_id: str, before: str | None = None) -> str:
        """The id of the human with this `match`; a new one is kept as `new_id`. Two at once get the same answer.

        Who is known by `before`, as addresses were hashed in older builds, is known by `match` from now on. `new_id`
        says nothing of who they are: it stays when they are erased. Who comes back after that is somebody new.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            while True:
                found: str | None = await connection.fetchval(
                    "SELECT id FROM humans WHERE match = ANY($1)", [match, before]
                )
                if found is not None:
                    if not await asyncio.to_thread(self._erased, found):
                        await connection.execute(
                            "UPDATE humans SET match = $2 WHERE id = $1 AND match <> $2", found, match
                        )
                        return found
                    await connection.execute("DELETE FROM humans WHERE id = $1", found)
                # Whoever asks for the same at the same time waits here until this is over.
                taken = await connection.fetchval(
                    "INSERT INTO humans (id, match, contact) VALUES ($1, $2, '')"
                    " ON CONFLICT (match) DO NOTHING RETURNING true",
                    *(new_id, match),
                )
                if taken:
                    words = contact.model_dump_json().encode()
                    sealed = await asyncio.to_thread(self._sealer.seal_bytes, new_id, words, new_id)
                    await connection.execute("UPDATE humans SET contact = $2 WHERE id = $1", new_id, sealed)
                    return new_id

    def _erased(self, applicant: str) -> bool:
        try:
            self._sealer.keys.find(applicant)
        except KeyDestroyed:
            return True
        return False

    async def introduce(self, applicant: str, by: str, contact: Contact) -> None:
        """Keeps what `by` says of an applicant, in place of what they said before; nobody else reads it by the address.

        Raises KeyDestroyed.
        """
        words = contact.model_dump_json().encode()
        sealed = await asyncio.to_thread(self._sealer.seal_bytes, applicant, words, applicant)
        await self._pool.execute(
            """
            INSERT INTO introductions (human, by, contact) VALUES ($1, $2, $3)
            ON CONFLICT (human, by) DO UPDATE SET contact = EXCLUDED.contact, at = now()
            """,
            *(applicant, by, sealed),
        )

    async def introduced_by(self, applicant: str, by: str) -> bool:
        """Whether `by` said who this applicant is."""
        found: bool = await self._pool.fetchval(
            "SELECT EXISTS (SELECT FROM introductions WHERE human = $1 AND by = $2)", applicant, by
        )
        return found

    async def becomes(self, candidate: str, applicant: str, by: str) -> None:
        """Says that a candidacy rests on the word of `by`, who introduced the applicant."""
        await self._pool.execute(
            "INSERT INTO candidacies (candidate, human, introduced_by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            *(candidate, applicant, by),
        )

    async def moves(self, candidate: str, other: str) -> None:
        """Says that the candidacy `other` rests on the same word as `candidate`."""
        await self._pool.execute(
            """
            INSERT INTO candidacies (candidate, human, introduced_by)
            SELECT $2, human, introduced_by FROM candidacies WHERE candidate = $1 ON CONFLICT DO NOTHING
            """,
            *(candidate, other),
        )

    async def said_of(self, applicant: str) -> list[Contact]:
        """All that anybody said of who this applicant is; nothing once they were erased."""
        rows = await self._pool.fetch(
            "SELECT contact FROM humans WHERE id = $1 UNION ALL SELECT contact FROM introductions WHERE human = $1",
            applicant,
        )
        opened = await asyncio.to_thread(
            lambda: [self._sealer.open_bytes(applicant, row["contact"], applicant) for row in rows]
        )
        return [Contact.model_validate_json(words) for words in opened if not isinstance(words, Tombstone)]

    async def match(self, applicant: str) -> str | None:
        """The keyed hash of an applicant's address; None if there is no such applicant."""
        found: str | None = await self._pool.fetchval("SELECT match FROM humans WHERE id = $1", applicant)
        return found

    async def of_colleague(self, person: str, matches: Iterable[str]) -> frozenset[str]:
        """The applicants that a colleague is: by what may be the keyed hash of their address, or as HR said."""
        rows = await self._pool.fetch(
            "SELECT id FROM humans WHERE match = ANY($1) OR colleague = $2", list(matches), person
        )
        return frozenset(row["id"] for row in rows)

    async def stays_colleague(self, person: str, matches: Iterable[str]) -> None:
        """Keeps a colleague whose address until now may be any of these hashes known as who applied under it."""
        async with self._pool.acquire() as connection, connection.transaction():
            kept = await connection.fetch(
                "UPDATE humans SET colleague = $1 WHERE match = ANY($2) AND colleague IS NULL RETURNING id",
                *(person, list(matches)),
            )
            await append(connection, [Entry(Act.COLLEAGUE_LINKED, Kind.APPLICANT, row["id"]) for row in kept])

    async def is_colleague(self, applicant: str, person: str | None) -> bool:
        """Says which colleague an applicant is, or that they are none; False if there is no such applicant."""
        async with self._pool.acquire() as connection, connection.transaction():
            known = await connection.fetchval(
                "UPDATE humans SET colleague = $2 WHERE id = $1 RETURNING true", applicant, person
            )
            if known:  # not who they are: that goes when they are erased
                await append(connection, [Entry(Act.COLLEAGUE_LINKED, Kind.APPLICANT, applicant)])
        return bool(known)

    async def contact(self, candidate: str, applicant: str) -> Contact | None:
        """How to reach one candidate; see `contacts`."""
        return (await self.contacts({candidate: applicant})).get(candidate)

    async def contacts(self, candidates: Mapping[str, str]) -> dict[str, Contact]:
        """How to reach these candidates, each with their applicant; see `contacts_of`."""
        return await contacts_of(self._pool, self._sealer, candidates)

    async def forget(self, applicant: str) -> None:
        """Deletes what could tie this id to anyone."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval("DELETE FROM humans WHERE id = $1 RETURNING true", applicant):
                await append(connection, [Entry(Act.ERASED, Kind.APPLICANT, applicant)])


async def contacts_of(pool: asyncpg.Pool, sealer: Sealer, candidates: Mapping[str, str]) -> dict[str, Contact]:
    """How to reach these candidates, each with their applicant, as whoever brought them into that requisition said.

    None of who was erased. Who became a candidate before it was kept who said so is who they were first said to be.
    """
    if not candidates:
        return {}
    rows = await pool.fetch(
        """
        SELECT wanted.candidate, h.id, coalesce(i.contact, h.contact) AS contact
        FROM unnest($1::text[], $2::text[]) AS wanted (candidate, human) JOIN humans h ON h.id = wanted.human
        LEFT JOIN candidacies c ON c.candidate = wanted.candidate AND c.human = h.id
        LEFT JOIN introductions i ON i.human = c.human AND i.by = c.introduced_by
        """,
        *(list(candidates), list(candidates.values())),
    )
    # Each key is a file, and a requisition may have hundreds of applicants: the loop does not wait for them.
    return await asyncio.to_thread(_opened, rows, sealer)


def _opened(rows: Iterable[asyncpg.Record], sealer: Sealer) -> dict[str, Contact]:
    opened = ((row["candidate"], sealer.open_bytes(row["id"], row["contact"], row["id"])) for row in rows)
    return {
        candidate: Contact.model_validate_json(words) for candidate, words in opened if not isinstance(words, Tombstone)
    }
