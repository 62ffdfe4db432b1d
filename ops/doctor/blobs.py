"""The blob store: whether it can be used, and whether what the database refers to is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import wiring
from ops.doctor.findings import Finding, broken, ok, some
from privacy.keys import KeysUnreachable
from settings import Settings
from store.blob_sweep import missing
from store.blobs import BlobsAway
from store.database import DATABASE_ERRORS

LOOKED_FOR = 40
"""Of what the database refers to: the latest, and others by chance."""


async def blobs(settings: Settings) -> AsyncIterator[Finding]:
    """A finding about it; none where the database, or the keys, do not let it be looked at, which is said elsewhere."""
    try:
        async with wiring.stores_to_look_at(settings, size=1, answers_within=5) as at:
            store = at.blobs.kept_in
            await asyncio.to_thread(store.check)
            looked, gone = await missing(at.pool, store, at.keys, LOOKED_FOR)
    except BlobsAway as away:
        yield broken(
            "blobs",
            f"{away} Nothing can be uploaded, and no file or page is shown; what was read of them is.",
            "Bring it back, or mend TANDEM_BLOBS; what should have been deleted meanwhile is tried again by itself.",
        )
        return
    except (KeysUnreachable, *DATABASE_ERRORS):
        return
    if gone:
        yield broken(
            "blobs",
            f"Of {looked} files that were looked for in {store.place}, those of {some(gone)} are not there.",
            "Put them back from the copy that belongs to this database's backup, or say where they are (TANDEM_BLOBS).",
        )
    else:
        yield ok("blobs", f"{store.place} can be used, and all of {looked} files that were looked for are there.")
