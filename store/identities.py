"""Users as the company's sign-in provider knows them: by issuer and subject, which stay when a mail address changes.

One user has one identity at an issuer, and one identity is one user: an address that is given to somebody else there
opens nobody's account here.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

import asyncpg

from store.audit import Act, Entry, Kind, append


class Identities:
    """Who is who at the provider, and which sign-ins there were used."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def user_of(self, issuer: str, subject: str) -> str | None:
        """The user whom this issuer calls so."""
        found: str | None = await self._pool.fetchval(
            "SELECT person FROM identities WHERE issuer = $1 AND subject = $2", issuer, subject
        )
        return found

    async def link(self, issuer: str, subject: str, person: str) -> bool:
        """Says that this issuer calls a user so; False where it calls them otherwise, or somebody else so, already."""
        async with self._pool.acquire() as connection, connection.transaction():
            linked = await connection.fetchval(
                """
                INSERT INTO identities (issuer, subject, person) VALUES ($1, $2, $3)
                ON CONFLICT DO NOTHING RETURNING true
                """,
                *(issuer, subject, person),
            )
            if linked:
                await append(connection, [Entry(Act.IDENTITY_LINKED, Kind.USER, person)])
        return linked or await self.user_of(issuer, subject) == person

    async def finish(self, sign_in: str, within: timedelta) -> bool:
        """Uses up a sign-in that came back, which holds for so long; False if it came back before."""
        await self._pool.execute("DELETE FROM finished_sign_ins WHERE expires_at < now()")
        return bool(
            await self._pool.fetchval(
                """
                INSERT INTO finished_sign_ins (sha256, expires_at) VALUES ($1, now() + $2::interval)
                ON CONFLICT DO NOTHING RETURNING true
                """,
                *(hashlib.sha256(sign_in.encode()).digest(), within),
            )
        )
