"""The letters to a candidate and their answers, in order: what was sent, by whom, and whether it arrived.

Here stand identifiers and times; the words are documents of the kind `letter`, sealed under the applicant's key. Each
candidate has a thread with a token, which stands in the address that answers go to (`mail/threads.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import asyncpg

from domain.core.messages import Value


class KeptLetter(Value):
    """A letter, sent or received, at `at` (UTC). `by`: in whose name it went. `offer` is the one that it makes."""

    id: str
    candidate: str
    stream: str
    direction: Literal["outbound", "inbound"]
    matter: str
    offer: str | None = None
    by: str | None = None
    at: datetime
    document: str
    message_id: str | None = None
    undelivered_at: datetime | None = None


class SentLetter(NamedTuple):
    """A letter that went out, and the effect that sent it: by which entity, and what would be tried again."""

    id: str
    candidate: str
    stream: str
    document: str
    effect: dict[str, Any]


class Letters:
    """Keeps threads."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def thread(self, candidate: str, token: str) -> str:
        """The token of a candidate's thread: `token`, unless it has one."""
        await self._pool.execute(
            "INSERT INTO letter_threads (token, candidate) VALUES ($1, $2) ON CONFLICT DO NOTHING", token, candidate
        )
        found: str = await self._pool.fetchval("SELECT token FROM letter_threads WHERE candidate = $1", candidate)
        return found

    async def candidate_of(self, token: str) -> str | None:
        """Whose thread has this token."""
        found: str | None = await self._pool.fetchval("SELECT candidate FROM letter_threads WHERE token = $1", token)
        return found

    async def keep(self, letter: KeptLetter, effect: Mapping[str, Any] | None = None) -> bool:
        """Keeps a letter, with the effect that sent it; False where it is kept already."""
        done = await self._pool.fetchval(
            """
            INSERT INTO letters (id, candidate, stream, direction, matter, offer, by, at, document, message_id, effect)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING true
            """,
            *(letter.id, letter.candidate, letter.stream, letter.direction, letter.matter, letter.offer),
            *(letter.by, letter.at, letter.document, letter.message_id, json.dumps(effect) if effect else None),
        )
        return bool(done)

    async def of(self, candidate: str) -> list[KeptLetter]:
        """A candidate's thread, in order."""
        rows = await self._pool.fetch(
            """
            SELECT id, candidate, stream, direction, matter, offer, by, at, document, message_id, undelivered_at
            FROM letters WHERE candidate = $1 ORDER BY at, id
            """,
            candidate,
        )
        return [KeptLetter(**row) for row in rows]

    async def sent_documents(self, documents: Iterable[str]) -> frozenset[str]:
        """Those of these documents that are letters which went out."""
        rows = await self._pool.fetch(
            "SELECT DISTINCT document FROM letters WHERE direction = 'outbound' AND document = ANY($1)", list(documents)
        )
        return frozenset(row["document"] for row in rows)

    async def kept(self, id: str) -> bool:
        """Whether a letter with this id is kept."""
        found: bool = await self._pool.fetchval("SELECT EXISTS (SELECT FROM letters WHERE id = $1)", id)
        return found

    async def sent_as(self, message_ids: Sequence[str]) -> SentLetter | None:
        """The letter that went out under one of these Message-IDs, the first that did."""
        row = await self._pool.fetchrow(
            """
            SELECT id, candidate, stream, document, effect FROM letters
            WHERE direction = 'outbound' AND message_id = ANY($1::text[])
            ORDER BY array_position($1::text[], message_id) LIMIT 1
            """,
            list(message_ids),
        )
        return _sent(row)

    async def last_sent(self, candidate: str) -> SentLetter | None:
        """The letter that went out to a candidate last."""
        row = await self._pool.fetchrow(
            """
            SELECT id, candidate, stream, document, effect FROM letters
            WHERE direction = 'outbound' AND candidate = $1 ORDER BY at DESC, id DESC LIMIT 1
            """,
            candidate,
        )
        return _sent(row)

    async def undelivered(self, id: str, at: datetime) -> bool:
        """Marks a letter that came back; False where it was marked before."""
        done = await self._pool.fetchval(
            "UPDATE letters SET undelivered_at = $2 WHERE id = $1 AND undelivered_at IS NULL RETURNING true", id, at
        )
        return bool(done)


def _sent(row: asyncpg.Record | None) -> SentLetter | None:
    return SentLetter(**{**row, "effect": json.loads(row["effect"] or "{}")}) if row else None
