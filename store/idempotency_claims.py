"""Which effects were carried out, so that one that is tried again is not done again.

An activity claims its effect's id, acts, and says that it is done. If it dies in between nobody here can know whether
it acted: the next attempt is told that it is in doubt, and whoever carries out such effects says what then.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg


@dataclass(frozen=True)
class ClaimFresh:
    """Nobody acted on it yet."""


@dataclass(frozen=True)
class ClaimDone:
    """It was carried out, with this result."""

    result: Any


@dataclass(frozen=True)
class ClaimInDoubt:
    """An attempt began at `since` (UTC) and never said how it ended."""

    since: datetime


class IdempotencyClaims:
    """Claims on effects, by their ids."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def claim(self, effect_id: str) -> ClaimFresh | ClaimDone | ClaimInDoubt:
        """Claims an effect before acting on it; of two who claim at once only one finds it fresh."""
        if await self._pool.fetchval(
            "INSERT INTO deliveries (effect) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true", effect_id
        ):
            return ClaimFresh()
        row = await self._pool.fetchrow(
            "SELECT claimed_at, done_at, result FROM deliveries WHERE effect = $1", effect_id
        )
        if row is None:  # released between the two statements
            return await self.claim(effect_id)
        return ClaimInDoubt(row["claimed_at"]) if row["done_at"] is None else ClaimDone(json.loads(row["result"]))

    async def done(self, effect_id: str, result: Any = None) -> None:
        """Says that a claimed effect was carried out; `result` is JSON."""
        await self._pool.execute(
            "UPDATE deliveries SET done_at = now(), result = $2 WHERE effect = $1", effect_id, json.dumps(result)
        )

    async def release(self, effect_id: str) -> None:
        """Says that a claimed effect certainly did not happen, so that the next attempt finds it fresh."""
        await self._pool.execute("DELETE FROM deliveries WHERE effect = $1 AND done_at IS NULL", effect_id)
