"""Which keys seal what travels through Temporal: their names here, the keys themselves in the key store."""

from __future__ import annotations

import asyncio

import asyncpg

from privacy.keyed_hash import keyed_hash
from privacy.keys import KeyDestroyed, KeyMissing, KeyStore, WrongKeys

_PURPOSE = "tandem: what travels through Temporal"


class PayloadKeys:
    """The keys of one namespace: `K-000001`, and so on by each rotation."""

    def __init__(self, pool: asyncpg.Pool, keys: KeyStore) -> None:
        self._pool, self._keys = pool, keys

    async def all(self, make: bool = False) -> dict[str, bytes]:
        """By their names, the last one made last; with `make`, there is one.

        Raises WrongKeys where the key store has not the one that was used, KeysUnreachable, and as the database does.
        """
        there = await self._pool.fetchval("SELECT to_regclass('payload_keys') IS NOT NULL")
        rows = await self._pool.fetch("SELECT id, matching FROM payload_keys ORDER BY id") if there else []
        if not rows and make:
            await self._make(1)
            return await self.all()
        return {row["id"]: await asyncio.to_thread(self._found, row["id"], row["matching"]) for row in rows}

    async def rotate(self) -> str:
        """Makes another one, which seals from now on; its name. The others still open. Raises as `all`."""
        last = max(await self.all(), default="K-000000")
        return await self._make(int(last.removeprefix("K-")) + 1)

    async def _make(self, number: int) -> str:
        name = f"K-{number:06}"
        key = await asyncio.to_thread(self._keys.make, name)
        await self._pool.execute(
            "INSERT INTO payload_keys (id, matching) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            *(name, keyed_hash(key, _PURPOSE)),
        )
        return name

    def _found(self, name: str, matching: str) -> bytes:
        try:
            key = self._keys.find(name)
        except (KeyMissing, KeyDestroyed):
            key = b""
        if keyed_hash(key, _PURPOSE) != matching:
            raise WrongKeys(
                f"The key {name} of what travels through Temporal is not in {self._keys.place}: put the right keys "
                "back from their copy."
            )
        return key
