"""Letter templates as the company wrote them: versions of each, and which of them somebody approved.

The latest that was approved is in use; what was never written is as shipped.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import asyncpg

from domain.core.messages import Value
from domain.notifications.letter_templates import LetterKind, LetterText, TemplateName


class LetterVersion(Value):
    """One version of a template. Times in UTC; nobody approved what waits."""

    kind: LetterKind
    stage: str
    language: str
    version: int
    subject: str
    text: str
    written_by: str
    written_at: datetime
    approved_by: str | None
    approved_at: datetime | None

    @property
    def words(self) -> LetterText:
        """What it says."""
        return LetterText(self.subject, self.text)


class LetterSettings(Value):
    """The language in which Tandem writes by itself, and whether applicants are told that their application arrived."""

    language: Literal["en", "de"] = "en"
    receipts: bool = True


class LetterInUse(Value):
    """A template as it is used now; version 0 is as shipped."""

    subject: str
    text: str
    version: int


class NotTheLatest(Exception):
    """Somebody wrote another version meanwhile, or it was approved before."""


class LetterTemplates:
    """Keeps the versions of every template; `shipped` has those with which Tandem comes."""

    def __init__(self, pool: asyncpg.Pool, shipped: Callable[[TemplateName], LetterText]) -> None:
        self._pool, self._shipped = pool, shipped

    async def versions(self, name: TemplateName) -> list[LetterVersion]:
        """What the company wrote of one letter, the latest first."""
        rows = await self._pool.fetch(
            """
            SELECT * FROM letter_templates WHERE kind = $1 AND stage = $2 AND language = $3 ORDER BY version DESC
            """,
            *(name.kind.value, name.stage, name.language),
        )
        return [LetterVersion(**row) for row in rows]

    async def waiting(self) -> frozenset[TemplateName]:
        """The letters whose latest version waits for somebody to approve it."""
        rows = await self._pool.fetch(
            """
            SELECT DISTINCT ON (kind, stage, language) kind, stage, language, approved_at FROM letter_templates
            ORDER BY kind, stage, language, version DESC
            """
        )
        return frozenset(
            TemplateName(LetterKind(row["kind"]), row["stage"], row["language"])
            for row in rows
            if row["approved_at"] is None
        )

    async def in_use(self, name: TemplateName) -> LetterInUse:
        """A letter as it is used now."""
        row = await self._pool.fetchrow(
            """
            SELECT subject, text, version FROM letter_templates
            WHERE kind = $1 AND stage = $2 AND language = $3 AND approved_at IS NOT NULL
            ORDER BY version DESC LIMIT 1
            """,
            *(name.kind.value, name.stage, name.language),
        )
        return LetterInUse(**row) if row else LetterInUse(**self._shipped(name)._asdict(), version=0)

    async def write(self, name: TemplateName, words: LetterText, after: int, by: str) -> LetterVersion:
        """Keeps a version that follows `after` (0: none) and waits to be approved. Raises NotTheLatest."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"letter {name}")
            latest = await connection.fetchval(
                """
                SELECT coalesce(max(version), 0) FROM letter_templates
                WHERE kind = $1 AND stage = $2 AND language = $3
                """,
                *(name.kind.value, name.stage, name.language),
            )
            if latest != after:
                raise NotTheLatest
            row = await connection.fetchrow(
                """
                INSERT INTO letter_templates (kind, stage, language, version, subject, text, written_by)
                VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *
                """,
                *(name.kind.value, name.stage, name.language, latest + 1, words.subject, words.text, by),
            )
        return LetterVersion(**row)

    async def approve(self, name: TemplateName, version: int, by: str) -> None:
        """Puts the latest version in use. Raises NotTheLatest."""
        done = await self._pool.fetchval(
            """
            UPDATE letter_templates t SET approved_by = $5, approved_at = now()
            WHERE kind = $1 AND stage = $2 AND language = $3 AND version = $4 AND approved_at IS NULL
                AND version = (
                    SELECT max(version) FROM letter_templates
                    WHERE kind = t.kind AND stage = t.stage AND language = t.language
                )
            RETURNING version
            """,
            *(name.kind.value, name.stage, name.language, version, by),
        )
        if done is None:
            raise NotTheLatest

    async def settings(self) -> LetterSettings:
        """How Tandem writes by itself."""
        row = await self._pool.fetchrow("SELECT language, receipts FROM letter_settings")
        return LetterSettings(**row) if row else LetterSettings()

    async def put_settings(self, wanted: LetterSettings) -> None:
        """Says how Tandem writes by itself from now on."""
        await self._pool.execute(
            """
            INSERT INTO letter_settings (language, receipts) VALUES ($1, $2)
            ON CONFLICT (one) DO UPDATE SET language = EXCLUDED.language, receipts = EXCLUDED.receipts
            """,
            *(wanted.language, wanted.receipts),
        )
