"""What should not lie in the blob store any more is taken out of it, and what should be there is looked for.

An upload that broke off leaves objects that no row names, and an erasure while the store was away leaves a subject's
behind, which nobody can open. The first go after a day, so that none goes that is just being stored. What lies under
a key that is not here is another installation's, and stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import asyncpg

from privacy.keys import KeyDestroyed, KeyMissing, KeyStore
from store.blobs import Blobs, Found

KEPT_UNNAMED = timedelta(days=1)

# Any number will do, as long as nothing else in this database takes the same advisory lock.
_LOCK = 0x626C6F6273

_AT_A_TIME = 1_000


class Swept(NamedTuple):
    """How many objects went: that no row named, and that were an erased subject's."""

    unnamed: int
    erased: int


async def sweep(pool: asyncpg.Pool, blobs: Blobs, keys: KeyStore, now: datetime) -> Swept | None:
    """Deletes what should not be there; None where another process is at it. Raises BlobsAway, KeysUnreachable."""
    async with pool.acquire() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            return None
        try:
            found = await asyncio.to_thread(lambda: list(blobs.list()))
            ours, erased = await asyncio.to_thread(_known, keys, {one.subject for one in found})
            theirs = [one.name for one in found if one.subject in erased]
            await asyncio.to_thread(blobs.delete, theirs)
            await connection.execute(
                "DELETE FROM blobs b USING documents d WHERE d.id = b.document AND d.key = ANY($1)", list(erased)
            )
            old = [one for one in found if one.subject in ours and now - one.written_at > KEPT_UNNAMED]
            unnamed = await _unnamed(connection, old)
            await asyncio.to_thread(blobs.delete, unnamed)
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
            return Swept(len(unnamed), len(theirs))
        except BaseException:
            connection.terminate()  # and with it goes the lock
            raise


async def missing(pool: asyncpg.Pool, blobs: Blobs, keys: KeyStore, sample: int) -> tuple[int, list[str]]:
    """How many of a `sample` of what is referred to was looked for, and the documents of which something is not there.

    The latest of it, and others by chance. Raises BlobsAway, KeysUnreachable.
    """
    rows = await pool.fetch(
        """
        (SELECT object, document FROM blobs ORDER BY stored_at DESC LIMIT $1)
        UNION (SELECT object, document FROM blobs ORDER BY random() LIMIT $1)
        """,
        sample // 2,
    )

    def looked() -> list[str]:
        gone = [row for row in rows if not blobs.has(row["object"])]
        _, erased = _known(keys, {row["object"].partition("/")[0] for row in gone})
        return sorted({row["document"] for row in gone if row["object"].partition("/")[0] not in erased})

    return len(rows), await asyncio.to_thread(looked)


async def _unnamed(connection: asyncpg.Connection, found: list[Found]) -> list[str]:
    unnamed: list[str] = []
    for first in range(0, len(found), _AT_A_TIME):
        names = [one.name for one in found[first : first + _AT_A_TIME]]
        rows = await connection.fetch(
            """
            SELECT object FROM blobs WHERE object = ANY($1)
            UNION ALL SELECT object FROM unplaced_mail WHERE object = ANY($1)
            """,
            names,
        )
        unnamed += sorted(set(names) - {row["object"] for row in rows})
    return unnamed


def _known(keys: KeyStore, subjects: Iterable[str]) -> tuple[set[str], set[str]]:
    """Those of these subjects whose key is here, and those whose key was destroyed."""
    here, erased = set(), set()
    for subject in subjects:
        try:
            keys.find(subject)
            here.add(subject)
        except KeyDestroyed:
            erased.add(subject)
        except KeyMissing:
            continue
    return here, erased
