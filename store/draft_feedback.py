"""What became of drafts: who read them, what was decided after them, and how far that is from what they said.

Who read what, and the distances, are kept beside the journal: a reading changes nothing in an entity, and a distance is
reckoned from words that may be gone tomorrow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import asyncpg

from domain.core.messages import Record, Value
from store.journal import record_of

_WHICH = re.compile(r"\.(?:[0-9]+|K[0-9]+)(?=\.|$)")


class DraftReader(Value):
    """Somebody read a draft, for the first time `at` (UTC)."""

    person: str
    at: datetime


class DraftDecision(Value):
    """What a named person decided after a draft, `at` (UTC): the event, its outcome where it has one, and why.

    `why` is as it is kept: words, or sealed ones; `looked_seconds` how long they had it in sight, where that was
    counted. `distances` say a field how far it is from the draft, 0 to 1; they
    are empty where the decision has no words of its own.
    """

    event: str
    outcome: str | None
    by: str
    at: datetime
    why: Any = None
    looked_seconds: int | None = None
    distances: dict[str, float] = {}


class ToMeasure(Value):
    """A decision whose distances nobody reckoned yet."""

    stream: str
    draft: str
    record: Record


class DraftFeedback:
    """Keeps and answers what became of drafts."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def read(self, draft: str, person: str, at: datetime) -> None:
        """Keep that `person` reads a draft; of many times the first one counts."""
        await self._pool.execute(
            "INSERT INTO draft_readers VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", *(draft, person, at)
        )

    async def readers(self, drafts: Iterable[str]) -> dict[str, tuple[DraftReader, ...]]:
        """Who read each of these drafts, the first one first."""
        rows = await self._pool.fetch(
            "SELECT * FROM draft_readers WHERE draft = ANY($1) ORDER BY at, person", list(drafts)
        )
        found: dict[str, tuple[DraftReader, ...]] = {}
        for row in rows:
            found[row["draft"]] = (*found.get(row["draft"], ()), DraftReader(person=row["person"], at=row["at"]))
        return found

    async def decisions(self, drafts: Iterable[str]) -> dict[str, tuple[DraftDecision, ...]]:
        """What was decided after each of these drafts, in order."""
        rows = await self._pool.fetch(
            """
            SELECT d.draft, d.event, d.outcome, d.by, d.at, d.why, d.looked_seconds, coalesce(
                (SELECT jsonb_object_agg(x.field, x.distance) FROM draft_distances x
                 WHERE (x.stream, x.seq, x.draft) = (d.stream, d.seq, d.draft)), '{}') AS distances
            FROM draft_decisions d WHERE d.draft = ANY($1) ORDER BY d.at, d.seq
            """,
            list(drafts),
        )
        found: dict[str, tuple[DraftDecision, ...]] = {}
        for row in rows:
            one = DraftDecision(
                event=row["event"],
                outcome=row["outcome"],
                by=row["by"],
                at=row["at"],
                why=json.loads(row["why"]) if row["why"] else None,
                looked_seconds=row["looked_seconds"],
                distances=json.loads(row["distances"]),
            )
            found[row["draft"]] = (*found.get(row["draft"], ()), one)
        return found

    async def unmeasured(self, stream: str, kinds: Iterable[str]) -> list[ToMeasure]:
        """The decisions of these kinds in a stream that have no distances yet."""
        rows = await self._pool.fetch(
            """
            SELECT d.draft, e.seq, e.type, e.schema, e.at, e.by, e.payload
            FROM draft_decisions d JOIN events e USING (stream, seq)
            WHERE d.stream = $1 AND d.event = ANY($2) AND NOT EXISTS (
                SELECT FROM draft_distances x WHERE (x.stream, x.seq, x.draft) = (d.stream, d.seq, d.draft))
            """,
            *(stream, list(kinds)),
        )
        return [ToMeasure(stream=stream, draft=row["draft"], record=record_of(row)) for row in rows]

    async def measured(self, decision: ToMeasure, distances: Mapping[str, float]) -> None:
        """Keep the distances of a decision; those that are there already stay."""
        await self._pool.executemany(
            "INSERT INTO draft_distances VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            [
                (decision.stream, decision.record.seq, decision.draft, field, _kind(field), distance)
                for field, distance in distances.items()
            ],
        )


def _kind(field: str) -> str:
    """A field without which line or criterion it is: `bullets.3` is one of the `bullets`."""
    return _WHICH.sub("", field)
