"""Speaker names: a transcript with who speaks in it, as named persons said. The one place where that takes effect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import asyncpg

from domain.core.personal_text import Sealed, from_text
from domain.evidence.transcript import UNKNOWN_SPEAKER, Transcript
from privacy.sealing import Sealer, Tombstone
from store.applicants import contacts_of
from workflows.contract import entity_of

THE_APPLICANT = "The applicant"
"""What an applicant is called of whom no name is kept."""


class SpeakerNames:
    """Finds who was said to speak. Of each speaker holds what was said last, in whichever candidacy."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self._pool, self._sealer = pool, sealer

    async def named_in(self, document_ids: Iterable[str]) -> list[str]:
        """Those of these documents in which somebody said who speaks."""
        rows = await self._pool.fetch(
            "SELECT DISTINCT document FROM speaker_names WHERE document = ANY($1)", list(document_ids)
        )
        return [row["document"] for row in rows]

    async def given_to(self, document_id: str, transcript: Transcript) -> Transcript:
        """The transcript with its speakers named; as it is where nobody named any. Raises CannotOpen."""
        rows = await self._pool.fetch(
            """
            SELECT DISTINCT ON (n.speaker) n.speaker, n.who, n.name, n.stream, p.name AS colleague, c.id, c.human
            FROM speaker_names n LEFT JOIN people p ON p.id = n.who
            LEFT JOIN candidates c ON n.who = 'applicant' AND n.stream = 'candidate/' || c.id
            WHERE n.document = $1 ORDER BY n.speaker, n.named_at DESC, n.stream
            """,
            document_id,
        )
        if not rows:
            return transcript
        candidates = {row["id"]: row["human"] for row in rows if row["id"] is not None}
        contacts = await contacts_of(self._pool, self._sealer, candidates)
        applicant = next((contact.name for contact in contacts.values()), THE_APPLICANT)
        names = await asyncio.to_thread(self._names, rows, applicant)
        speaks = any(row["who"] == "applicant" for row in rows)
        return transcript.named(names, applicant if speaks else None)

    def _names(self, rows: Iterable[asyncpg.Record], applicant: str) -> dict[int, str | None]:
        names: dict[int, str | None] = {}
        for row in rows:
            who, speaker = row["who"], row["speaker"]
            if who == "applicant":
                names[speaker] = applicant
            elif who == "spoke_before":
                names[speaker] = None
            elif who == "nobody":
                names[speaker] = UNKNOWN_SPEAKER
            else:
                name = self._opened(row) if who == "somebody_else" else row["colleague"] or who
                # Two people are two speakers, whatever they are called.
                names[speaker] = f"{name} (not the applicant)" if name == applicant else name
        return names

    def _opened(self, row: asyncpg.Record) -> str:
        name = from_text(row["name"])
        opened: str | Tombstone = (
            self._sealer.open_(name, entity_of(row["stream"])[1]) if isinstance(name, Sealed) else name
        )
        return str(opened)
