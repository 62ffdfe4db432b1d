"""What is done about the blob store while a worker runs: once a day, what should not lie there any more goes.

Files that waited for a day to be somebody's go every hour, and mail that nobody laid to a candidate.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from ops.recording_retention import delete_recordings
from privacy.keys import KeysUnreachable
from store.blob_sweep import sweep
from store.blobs import BlobsAway
from store.database import DATABASE_ERRORS
from wiring import Stores

EVERY = timedelta(days=1)
WAITING_EVERY = timedelta(hours=1)

log = structlog.get_logger("worker")


async def swept_daily(at: Stores) -> None:
    """Sweeps at once, and every day from then on, until it is cancelled; of several workers one at a time."""
    while True:
        try:
            done = await sweep(at.pool, at.blobs.kept_in, at.keys, datetime.now(UTC))
            if done is not None and any(done):
                log.info("blobs swept", unnamed=done.unnamed, erased=done.erased)
            if deleted := await delete_recordings(at, datetime.now(UTC)):
                log.info("recordings deleted", number=deleted)
        except (BlobsAway, KeysUnreachable, *DATABASE_ERRORS) as away:
            log.warning("blobs not swept", kind=type(away).__name__)
        await asyncio.sleep(EVERY.total_seconds())


async def waiting_swept_hourly(at: Stores) -> None:
    """Ends files that waited for a day, at once and every hour from then on, until it is cancelled."""
    while True:
        try:
            if ended := await at.waiting_files.sweep(datetime.now(UTC)):
                log.info("waiting files swept", ended=ended)
            if ended := await at.unplaced_mail.sweep(datetime.now(UTC)):
                log.info("mail that lay aside swept", ended=ended)
        except (BlobsAway, KeysUnreachable, *DATABASE_ERRORS) as away:
            log.warning("waiting files not swept", kind=type(away).__name__)
        await asyncio.sleep(WAITING_EVERY.total_seconds())
