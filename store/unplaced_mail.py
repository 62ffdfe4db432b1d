"""Mail that could not be laid to a candidate: kept aside, sealed, until somebody lays it or thirty days have passed.

Nobody's key can seal it, so each has a key of its own (`M-…`), as files have that wait to be somebody's
(`store/waiting_files.py`): the key goes with the mail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import asyncpg
from pydantic import BaseModel

from domain.core.messages import Value
from privacy.keys import KeyDestroyed
from privacy.sealing import Sealer, Tombstone
from store.blobs import NoSuchBlob, SealedBlobs

KEPT_ASIDE = timedelta(days=30)

MOST_MAILS, MOST_BYTES = 2_000, 500 * 1024**2
"""What may lie aside at once."""

Reason = Literal["nobody", "several", "erased", "too_large", "unreadable"]

REASONS: Mapping[Reason, str] = {
    "nobody": "nobody is known whom it is from",
    "several": "it may be from several candidates",
    "erased": "whoever it is from was erased, or takes no mail any more",
    "too_large": "it is too large to be read",
    "unreadable": "it cannot be read",
}
"""Why a mail could not be laid to a candidate, in words."""


class MailDetails(BaseModel):
    """What is shown of a mail that lies aside."""

    sender: str = ""
    subject: str = ""
    text: str = ""


class UnplacedMail(Value):
    """A mail that lies aside since `came_at` (UTC)."""

    id: str
    came_at: datetime
    reason: Reason
    size: int


class TooMuchAside(Exception):
    """As much mail lies aside as may: nothing more is taken in until some is laid or dropped."""


class UnplacedMails:
    """Keeps such mail. Raises what `privacy.keys` raises, and BlobsAway."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer, blobs: SealedBlobs) -> None:
        self._pool, self._sealer, self._blobs = pool, sealer, blobs

    async def put(self, id: str, reason: Reason, details: MailDetails, body: bytes, now: datetime) -> None:
        """Keeps a mail; one that was kept, or ended, before is not kept again. Raises TooMuchAside."""
        row = await self._pool.fetchrow("SELECT count(*) AS mails, coalesce(sum(size), 0) AS bytes FROM unplaced_mail")
        if row["mails"] >= MOST_MAILS or row["bytes"] + len(body) > MOST_BYTES:
            raise TooMuchAside
        begun = await self._pool.fetchval(
            """
            INSERT INTO unplaced_mail (id, came_at, reason, size) VALUES ($1, $2, $3, $4)
            ON CONFLICT (id) DO UPDATE SET size = EXCLUDED.size WHERE unplaced_mail.details IS NULL RETURNING true
            """,
            *(id, now, reason, len(body)),
        )
        if not begun:
            return
        try:
            object = await self._blobs.put(id, body) if body else None
            words = details.model_dump_json().encode()
            sealed = await asyncio.to_thread(self._sealer.seal_bytes, id, words, id)
        except KeyDestroyed:  # somebody laid or dropped it before, and it came once more
            await self._pool.execute("DELETE FROM unplaced_mail WHERE id = $1", id)
            return
        await self._pool.execute("UPDATE unplaced_mail SET details = $2, object = $3 WHERE id = $1", id, sealed, object)

    async def all(self) -> list[UnplacedMail]:
        """What lies aside, the latest first."""
        rows = await self._pool.fetch(
            "SELECT id, came_at, reason, size FROM unplaced_mail WHERE details IS NOT NULL ORDER BY came_at DESC, id"
        )
        return [UnplacedMail(**row) for row in rows]

    async def details(self, id: str) -> MailDetails | None:
        """What one of them says; None of one that does not lie here any more."""
        sealed = await self._pool.fetchval("SELECT details FROM unplaced_mail WHERE id = $1", id)
        if sealed is None:
            return None
        words = await asyncio.to_thread(self._sealer.open_bytes, id, sealed, id)
        return None if isinstance(words, Tombstone) else MailDetails.model_validate_json(words)

    async def body(self, id: str) -> bytes | None:
        """The mail as it came; None where nothing of it was kept."""
        object = await self._pool.fetchval("SELECT object FROM unplaced_mail WHERE id = $1", id)
        if object is None:
            return None
        try:
            found = await self._blobs.get(object)
        except NoSuchBlob:
            return None
        return None if isinstance(found, Tombstone) else found

    async def end(self, id: str) -> None:
        """Ends a mail that was laid, or is not wanted; twice is as once."""
        await asyncio.to_thread(self._sealer.keys.destroy, id)
        await self._blobs.forget(id)
        await self._pool.execute("DELETE FROM unplaced_mail WHERE id = $1", id)

    async def sweep(self, now: datetime) -> int:
        """Ends what lay aside for as long as it may; how many mails that were."""
        rows = await self._pool.fetch("SELECT id FROM unplaced_mail WHERE came_at <= $1", now - KEPT_ASIDE)
        for row in rows:
            await self.end(row["id"])
        return len(rows)

    async def position(self, mailbox: str) -> tuple[int, int] | None:
        """How far a mailbox was read: its UIDVALIDITY and the last UID; None before it was."""
        row = await self._pool.fetchrow("SELECT uidvalidity, uid FROM mailbox_position WHERE mailbox = $1", mailbox)
        return (row["uidvalidity"], row["uid"]) if row else None

    async def read_to(self, mailbox: str, uidvalidity: int, uid: int) -> None:
        """Says so."""
        await self._pool.execute(
            """
            INSERT INTO mailbox_position (mailbox, uidvalidity, uid) VALUES ($1, $2, $3)
            ON CONFLICT (mailbox) DO UPDATE SET uidvalidity = EXCLUDED.uidvalidity, uid = EXCLUDED.uid
            """,
            *(mailbox, uidvalidity, uid),
        )
