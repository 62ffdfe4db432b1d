"""Applicants: one id each over all requisitions, and how to reach them, sealed under their own key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import asyncpg
from pydantic import BaseModel

from privacy.keys import KeyDestroyed
from privacy.sealing import Sealer, Tombstone


class Contact(BaseModel):
    """Who somebody is and how to write to them."""

    name: str
    email: str
    phone: str | None = None


class Applicants:
    """Finds and keeps humans. `match` is the keyed hash of an address that tells two of them apart."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self._pool, self._sealer = pool, sealer

    async def recognise(self, match: str, contact: Contact, new_id: str) -> str:
        """The id of the human with this `match`; a new one is kept as `new_id`. Two at once get the same answer.

        `new_id` says nothing of who they are: it stays when they are erased. Who comes back after that is somebody new.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            while True:
                found: str | None = await connection.fetchval("SELECT id FROM humans WHERE match = $1", match)
                if found is not None:
                    if not await asyncio.to_thread(self._erased, found):
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

    async def contact(self, applicant: str) -> Contact | None:
        """How to reach this human; None for one who is not known or was erased."""
        return (await self.contacts([applicant])).get(applicant)

    async def contacts(self, applicants: Iterable[str]) -> dict[str, Contact]:
        """How to reach those of these humans who are known and were not erased."""
        wanted = list(applicants)
        if not wanted:
            return {}
        rows = await self._pool.fetch("SELECT id, contact FROM humans WHERE id = ANY($1)", wanted)
        # Each key is a file, and a requisition may have hundreds of applicants: the loop does not wait for them.
        return await asyncio.to_thread(self._opened, [(row["id"], row["contact"]) for row in rows])

    def _opened(self, sealed: Iterable[tuple[str, bytes]]) -> dict[str, Contact]:
        opened = ((applicant, self._sealer.open_bytes(applicant, words, applicant)) for applicant, words in sealed)
        return {
            applicant: Contact.model_validate_json(words)
            for applicant, words in opened
            if not isinstance(words, Tombstone)
        }

    async def forget(self, applicant: str) -> None:
        """Deletes what could tie this id to anyone."""
        await self._pool.execute("DELETE FROM humans WHERE id = $1", applicant)
