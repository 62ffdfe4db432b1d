"""Applicants: one id each over all requisitions, and how to reach them, sealed under their own key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import asyncpg
from pydantic import BaseModel

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
        """The id of the human with this `match`; a new one is kept as `new_id`. Two at once get the same answer."""
        sealed = self._sealer.seal_bytes(new_id, contact.model_dump_json().encode(), new_id)
        await self._pool.execute(
            "INSERT INTO humans (id, match, contact) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", new_id, match, sealed
        )
        found: str = await self._pool.fetchval("SELECT id FROM humans WHERE match = $1", match)
        return found

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
