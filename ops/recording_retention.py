"""How long recordings are kept: until so many days after their transcript was there, and then deleted, on record."""

from __future__ import annotations

from datetime import datetime, timedelta

from store.audit import Act, Entry, Kind
from wiring import Stores


async def delete_recordings(at: Stores, now: datetime) -> int:
    """Deletes the recordings whose time is over; how many. None is over where no time is set. Raises BlobsAway."""
    days = at.settings.recordings_kept_days
    if days is None:
        return 0
    deleted = await at.recordings.delete(now - timedelta(days=days))
    if deleted:
        await at.audit.record(*(Entry(Act.RECORDING_DELETED, Kind.DOCUMENT, document) for document in deleted))
    return len(deleted)
