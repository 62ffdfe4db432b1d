"""Applicants: one id each over all requisitions, and how to reach them, sealed under their own key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import asyncpg
from pydantic import BaseModel

from domain.core.messages import Value
from domain.core.name_matching import same_name
from privacy.keys import KeyDestroyed
from privacy.sealing import Sealer, Tombstone
from store.audit import Act, Entry, Kind, append


class Contact(BaseModel):
    """Who somebody is and how to reach them: by mail, by telephone, or as `through` says.

    `telephone` is `phone` in one form (E.164, with its extension), where it is known which country's it is.
    """

    name: str
    email: str | None = None
    phone: str | None = None
    telephone: str | None = None
    through: str | None = None


class Hashes(NamedTuple):
    """What tells applicants apart: the keyed hash of an address, or of a telephone number; None of what is not known.

    `before`: what the address may have been kept as by older builds, or in another spelling.
    """

    address: str | None = None
    telephone: str | None = None
    before: frozenset[str] = frozenset()


class Merge(Value):
    """That an applicant is the same person as `stays`: by whom, when and why, and until when it can be undone (UTC)."""

    applicant: str
    stays: str
    by: str
    at: datetime
    until: datetime
    why: str


IN_NO_REQUISITION = """
    NOT EXISTS (SELECT FROM candidates c
        WHERE c.human = i.human OR c.human IN (SELECT other FROM same_applicants WHERE one = i.human))
"""
"""Of who was introduced (`i`): that they, and whoever they are the same as, are a candidate nowhere."""


class SamePerson(ValueError):
    """The two are one person already."""


class CannotPart(ValueError):
    """They were not merged, or too long ago."""


class Applicants:
    """Finds and keeps humans."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self._pool, self._sealer = pool, sealer

    async def recognise(self, hashes: Hashes, contact: Contact, new_id: str) -> str:
        """The id of the human of this address and a name like this one; a new one is kept as `new_id`.

        Two at once get the same answer. Who bears another name is another human with the same mailbox. One without an
        address is known by telephone number and name, and is new without either. Who is known by what older builds
        made of an address is known by today's from now on. `new_id` says nothing of who they are: it stays when they
        are erased. Who comes back after that is somebody new. Of those who were merged see `stays`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            for hash in sorted(filter(None, (hashes.address, hashes.telephone))):
                # Whoever asks for the same at the same time waits here until this is over.
                await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", hash)
            rows = await connection.fetch(
                """
                SELECT h.id, ARRAY(SELECT i.contact FROM introductions i WHERE i.human = h.id) || h.contact AS said
                FROM humans h
                WHERE h.id = $3 OR CASE WHEN $1::text[] = '{}' THEN h.telephone = $2 ELSE h.mailbox = ANY($1) END
                ORDER BY h.known_since, h.id
                """,
                *([*filter(None, (hashes.address,)), *hashes.before], hashes.telephone, new_id),
            )
            for row in rows:
                said = await asyncio.to_thread(self._said, row["id"], row["said"])
                if said is None:
                    await connection.execute("DELETE FROM humans WHERE id = $1", row["id"])
                elif any(same_name(one.name, contact.name) for one in said):
                    await connection.execute(
                        """
                        UPDATE humans SET mailbox = coalesce($2, mailbox), telephone = coalesce(telephone, $3)
                        WHERE id = $1
                        """,
                        *(row["id"], hashes.address, hashes.telephone),
                    )
                    found: str = row["id"]
                    return found
            words = contact.model_dump_json(exclude_none=True).encode()
            sealed = await asyncio.to_thread(self._sealer.seal_bytes, new_id, words, new_id)
            await connection.execute(
                "INSERT INTO humans (id, mailbox, telephone, contact) VALUES ($1, $2, $3, $4)",
                *(new_id, hashes.address, hashes.telephone, sealed),
            )
            return new_id

    def _said(self, applicant: str, sealed: Iterable[bytes]) -> list[Contact] | None:
        """What was said of an applicant; None once they were erased."""
        opened = [self._sealer.open_bytes(applicant, one, applicant) for one in sealed if one]
        if any(isinstance(one, Tombstone) for one in opened) or self._erased(applicant):
            return None
        return [Contact.model_validate_json(one) for one in opened if not isinstance(one, Tombstone)]

    def _erased(self, applicant: str) -> bool:
        try:
            self._sealer.keys.find(applicant)
        except KeyDestroyed:
            return True
        return False

    async def who_have(self, hashes: Hashes, apart_from: str) -> list[str]:
        """The applicants of an address who are not the person whom `apart_from` is, in the order they became known."""
        rows = await self._pool.fetch(
            """
            SELECT id FROM humans WHERE mailbox = ANY($1) AND id <> $2
                AND id NOT IN (SELECT other FROM same_applicants WHERE one = $2)
            ORDER BY known_since, id
            """,
            *([*filter(None, (hashes.address,)), *hashes.before], apart_from),
        )
        return [row["id"] for row in rows]

    async def same_as(self, applicant: str) -> frozenset[str]:
        """An applicant, and all who were merged with them."""
        rows = await self._pool.fetch("SELECT other FROM same_applicants WHERE one = $1", applicant)
        return frozenset({applicant, *(row["other"] for row in rows)})

    async def stays(self, applicant: str) -> str:
        """Whose id stays of the person whom an applicant is."""
        return await _who_stays(self._pool, applicant)

    async def merge(self, applicant: str, stays: str, by: str, why: str, until: datetime) -> None:
        """Says that an applicant and `stays`, whose id and contact stay, are one person. Raises SamePerson.

        Nothing is sealed anew: each keeps their key, and `until` then (UTC) they can be parted as they were. Raises
        KeyDestroyed for one who was erased.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE merged_applicants IN SHARE ROW EXCLUSIVE MODE")
            one, other = await _who_stays(connection, applicant), await _who_stays(connection, stays)
            if one == other:
                raise SamePerson
            sealed = await asyncio.to_thread(self._sealer.seal_bytes, one, why.encode(), one)
            await connection.execute(
                "INSERT INTO merged_applicants (applicant, stays, by, until, why) VALUES ($1, $2, $3, $4, $5)",
                *(one, other, by, until, sealed),
            )
            await append(connection, _both(Act.APPLICANTS_MERGED, one, other))

    async def part(self, applicant: str, now: datetime) -> str:
        """Undoes what merged an applicant into another, whose id is returned. Raises CannotPart."""
        async with self._pool.acquire() as connection, connection.transaction():
            stayed: str | None = await connection.fetchval(
                "DELETE FROM merged_applicants WHERE applicant = $1 AND until > $2 RETURNING stays", applicant, now
            )
            if stayed is None:
                raise CannotPart
            await append(connection, _both(Act.APPLICANTS_PARTED, applicant, stayed))
            return stayed

    async def merges(self, applicant: str) -> list[Merge]:
        """How the person whom an applicant is came to be one, the latest first."""
        rows = await self._pool.fetch(
            """
            SELECT applicant, stays, by, at, until, why FROM merged_applicants
            WHERE applicant = $1 OR applicant IN (SELECT other FROM same_applicants WHERE one = $1)
            ORDER BY at DESC, applicant
            """,
            applicant,
        )
        whys = await asyncio.to_thread(
            lambda: [self._sealer.open_bytes(row["applicant"], row["why"], row["applicant"]) for row in rows]
        )
        return [
            Merge(**{**row, "why": "" if isinstance(why, Tombstone) else why.decode()})
            for row, why in zip(rows, whys, strict=True)
        ]

    async def correct(self, applicant: str, changes: Mapping[str, str | None], hashes: Hashes) -> None:
        """Puts what is given in place of what anybody said of an applicant's name, address or telephone.

        They are known by the address and the number of `hashes` from now on, where there are any. Raises KeyDestroyed.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(
                """
                SELECT '' AS by, contact FROM humans WHERE id = $1
                UNION ALL SELECT by, contact FROM introductions WHERE human = $1
                """,
                applicant,
            )

            def corrected() -> list[tuple[str, str, bytes]]:
                said = ((row["by"], self._sealer.open_bytes(applicant, row["contact"], applicant)) for row in rows)
                return [
                    (applicant, by, self._sealer.seal_bytes(applicant, _corrected(words, changes), applicant))
                    for by, words in said
                    if not isinstance(words, Tombstone)
                ]

            for human, by, sealed in await asyncio.to_thread(corrected):
                if by:
                    await connection.execute(
                        "UPDATE introductions SET contact = $3 WHERE human = $1 AND by = $2", human, by, sealed
                    )
                else:
                    await connection.execute(
                        """
                        UPDATE humans SET contact = $2, mailbox = coalesce($3, mailbox),
                            telephone = coalesce($4, telephone)
                        WHERE id = $1
                        """,
                        *(human, sealed, hashes.address, hashes.telephone),
                    )

    async def introduce(self, applicant: str, by: str, contact: Contact) -> None:
        """Keeps what `by` says of an applicant, in place of what they said before; nobody else reads it by the address.

        Raises KeyDestroyed.
        """
        words = contact.model_dump_json(exclude_none=True).encode()
        sealed = await asyncio.to_thread(self._sealer.seal_bytes, applicant, words, applicant)
        await self._pool.execute(
            """
            INSERT INTO introductions (human, by, contact) VALUES ($1, $2, $3)
            ON CONFLICT (human, by) DO UPDATE SET contact = EXCLUDED.contact, at = now()
            """,
            *(applicant, by, sealed),
        )

    async def introduced_by(self, applicant: str, by: str) -> bool:
        """Whether `by` said who this applicant is, or who one is that was merged with them."""
        found: bool = await self._pool.fetchval(
            """
            SELECT EXISTS (
                SELECT FROM introductions WHERE by = $2
                AND (human = $1 OR human IN (SELECT other FROM same_applicants WHERE one = $1))
            )
            """,
            *(applicant, by),
        )
        return found

    async def as_introduced(self, applicant: str, by: str) -> Contact | None:
        """What `by` said of an applicant; None where they said nothing, or who it was is erased."""
        sealed = await self._pool.fetchval(
            "SELECT contact FROM introductions WHERE human = $1 AND by = $2", applicant, by
        )
        if sealed is None:
            return None
        words = await asyncio.to_thread(self._sealer.open_bytes, applicant, sealed, applicant)
        return None if isinstance(words, Tombstone) else Contact.model_validate_json(words)

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
        """The keyed hash of an applicant's address; None if there is no such applicant, or no address."""
        return (await self.hashes(applicant)).address

    async def hashes(self, applicant: str) -> Hashes:
        """The keyed hashes by which an applicant is known."""
        row = await self._pool.fetchrow("SELECT mailbox, telephone FROM humans WHERE id = $1", applicant)
        return Hashes(row["mailbox"], row["telephone"]) if row else Hashes()

    async def known_to_others(self, hash: str, apart_from: Iterable[str]) -> bool:
        """Whether anybody apart from these applicants is known by a keyed hash."""
        found: bool = await self._pool.fetchval(
            "SELECT EXISTS (SELECT FROM humans WHERE id <> ALL($1) AND (mailbox = $2 OR telephone = $2))",
            *(list(apart_from), hash),
        )
        return found

    async def of_colleague(self, person: str, matches: Iterable[str]) -> frozenset[str]:
        """The applicants that a colleague is: by what may be the keyed hash of their address, or as HR said.

        Whoever has the same mailbox is taken for them as well.
        """
        rows = await self._pool.fetch(
            """
            WITH own AS (SELECT id FROM humans WHERE mailbox = ANY($1) OR colleague = $2)
            SELECT id FROM own UNION SELECT s.other FROM same_applicants s JOIN own ON own.id = s.one
            """,
            *(list(matches), person),
        )
        return frozenset(row["id"] for row in rows)

    async def stays_colleague(self, person: str, matches: Iterable[str]) -> None:
        """Keeps a colleague whose address until now may be any of these hashes known as who applied under it."""
        async with self._pool.acquire() as connection, connection.transaction():
            kept = await connection.fetch(
                "UPDATE humans SET colleague = $1 WHERE mailbox = ANY($2) AND colleague IS NULL RETURNING id",
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


async def _who_stays(database: asyncpg.Pool | asyncpg.Connection, applicant: str) -> str:
    found: str | None = await database.fetchval(
        """
        SELECT other FROM same_applicants WHERE one = $1
        AND $1 IN (SELECT applicant FROM merged_applicants) AND other NOT IN (SELECT applicant FROM merged_applicants)
        """,
        applicant,
    )
    return found or applicant


def _both(act: Act, one: str, stays: str) -> list[Entry]:
    return [Entry(act, Kind.APPLICANT, one, about=stays), Entry(act, Kind.APPLICANT, stays, about=one)]


def _corrected(words: bytes, changes: Mapping[str, str | None]) -> bytes:
    contact = Contact.model_validate_json(words).model_copy(update=dict(changes))
    return contact.model_dump_json(exclude_none=True).encode()


async def contacts_of(pool: asyncpg.Pool, sealer: Sealer, candidates: Mapping[str, str]) -> dict[str, Contact]:
    """How to reach these candidates, each with their applicant, as whoever brought them into that requisition said.

    None of who was erased. Who became a candidate before it was kept who said so is who they were first said to be.
    Of who was merged into another it is what was last said of the one who stays.
    """
    if not candidates:
        return {}
    rows = await pool.fetch(
        """
        SELECT wanted.candidate, coalesce(root.id, h.id) AS id,
            coalesce(root.contact, i.contact, h.contact) AS contact
        FROM unnest($1::text[], $2::text[]) AS wanted (candidate, human) JOIN humans h ON h.id = wanted.human
        LEFT JOIN candidacies c ON c.candidate = wanted.candidate AND c.human = h.id
        LEFT JOIN introductions i ON i.human = c.human AND i.by = c.introduced_by
        LEFT JOIN (
            SELECT s.one, r.id, coalesce(last.contact, r.contact) AS contact
            FROM same_applicants s JOIN humans r ON r.id = s.other
            LEFT JOIN LATERAL (
                SELECT contact FROM introductions WHERE human = r.id ORDER BY at DESC, by LIMIT 1
            ) last ON true
            WHERE s.one IN (SELECT applicant FROM merged_applicants)
                AND s.other NOT IN (SELECT applicant FROM merged_applicants)
        ) root ON root.one = h.id
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
