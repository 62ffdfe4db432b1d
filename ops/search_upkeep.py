"""The index that is searched is kept up while a worker runs: what was written is found some moments later."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from privacy.keys import KeyMissing, KeysUnreachable
from store.database import DATABASE_ERRORS
from wiring import Stores

LOOKS_EVERY = timedelta(seconds=1)
AGAIN_AFTER = timedelta(seconds=30)
"""How long nothing is tried after something was away."""

log = structlog.get_logger("worker")


async def search_kept_up(at: Stores) -> None:
    """Indexes what was written since, until it is cancelled; of several workers one at a time."""
    while True:
        pause = LOOKS_EVERY
        try:
            while await at.search_index.catch_up():
                pass
        except (KeysUnreachable, KeyMissing, *DATABASE_ERRORS) as away:
            log.warning("search not kept up", kind=type(away).__name__)
            pause = AGAIN_AFTER
        await asyncio.sleep(pause.total_seconds())
