"""Everybody who ever applied: a line for each person, with what they are a candidate in, by what moved last.

Of whom somebody is told is decided where it is read; here it is only narrowed to the requisitions they judge in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

import asyncpg

from domain.entity.entity_facts import ENDS, Stage
from store.applicants import IN_NO_REQUISITION

ApplicantSort = Literal["moved", "quiet", "kept"]
"""What moved last first, what has not moved for the longest first, or whose data go soonest first."""

_BY = {
    "moved": ("max(c.stage_since)", "DESC", "<"),
    "quiet": ("max(c.stage_since)", "ASC", ">"),
    "kept": ("min(coalesce(r.due_at, '9999-12-31T00:00:00Z'))", "ASC", ">"),
}
"""What each goes by, in which direction, and how what comes later compares."""


class ApplicantFilter(NamedTuple):
    """Whose candidacies count: of a requisition, at a stage, who came so, in the running or not, whose data go by then,
    or those of `candidates` alone."""

    requisition: str | None = None
    stage: Stage | None = None
    source: str | None = None
    running: bool | None = None
    kept_until: datetime | None = None
    candidates: list[str] | None = None


class After(NamedTuple):
    """The last line of a page: what it was ordered by (UTC), and whose it was."""

    at: datetime
    person: str


class PersonLine(NamedTuple):
    """A person, by the applicant whose id stays, with what they are a candidate in of what was asked for."""

    person: str
    at: datetime
    candidates: tuple[str, ...]


class Kept(NamedTuple):
    """How long a candidacy's data may be kept: until when (UTC), and what keeps them longer; see `RetentionRow`."""

    until: datetime
    by_law_until: datetime | None
    legal_hold: bool
    offer_open: bool


class ApplicantList:
    """Answers from the read model."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def judged_by(self, person: str) -> list[str]:
        """The requisitions in which somebody is recruiter, hiring manager, their delegate, or HR partner, by title."""
        rows = await self._pool.fetch(
            """
            SELECT id FROM requisitions
            WHERE $1 IN (recruiter, hiring_manager, view #>> '{team,hr_partner}', view #>> '{team,delegate,person}')
            ORDER BY title, id
            """,
            person,
        )
        return [row["id"] for row in rows]

    async def page(
        self,
        requisitions: Iterable[str],
        which: ApplicantFilter,
        sort: ApplicantSort,
        after: After | None,
        limit: int,
        without: Iterable[str] = (),
    ) -> list[PersonLine]:
        """The next `limit` people of these requisitions, those applicants `without`."""
        value, direction, comes_after = _BY[sort]
        # nosemgrep: sql-from-values  # one of this module's own orders
        rows = await self._pool.fetch(
            f"""
            WITH root AS (
                SELECT s.one, s.other FROM same_applicants s
                WHERE s.one IN (SELECT applicant FROM merged_applicants)
                    AND s.other NOT IN (SELECT applicant FROM merged_applicants)
            )
            SELECT coalesce(root.other, c.human) AS person, {value} AS at,
                array_agg(c.id ORDER BY c.stage_since DESC, c.id) AS candidates
            FROM candidates c LEFT JOIN root ON root.one = c.human LEFT JOIN retention r ON r.candidate = c.id
            WHERE c.requisition = ANY($1) AND c.standing <> 'erased' AND c.human <> ALL($2)
                AND ($3::text IS NULL OR c.requisition = $3) AND ($4::text IS NULL OR c.stage = $4)
                AND ($5::text IS NULL OR c.source = $5) AND ($6::boolean IS NULL OR (c.stage <> ALL($7)) = $6)
                AND ($8::timestamptz IS NULL OR r.due_at < $8) AND ($9::text[] IS NULL OR c.id = ANY($9))
            GROUP BY 1
            HAVING $10::timestamptz IS NULL OR ({value}, coalesce(root.other, c.human)) {comes_after} ($10, $11)
            ORDER BY 2 {direction}, 1 {direction} LIMIT $12
            """,
            *(list(requisitions), list(without), which.requisition, which.stage, which.source, which.running),
            *(list(ENDS), which.kept_until, which.candidates, after.at if after else None),
            *(after.person if after else None, limit),
        )
        return [PersonLine(row["person"], row["at"], tuple(row["candidates"])) for row in rows]

    async def kept(self, candidates: Iterable[str]) -> dict[str, Kept]:
        """How long the data of those of these candidates may be kept of whom anything says so yet."""
        rows = await self._pool.fetch(
            "SELECT candidate, due_at, by_law_at, legal_hold, offer_open FROM retention WHERE candidate = ANY($1)",
            list(candidates),
        )
        return {
            row["candidate"]: Kept(row["due_at"], row["by_law_at"], row["legal_hold"], row["offer_open"])
            for row in rows
        }

    async def in_no_requisition(self, person: str, limit: int) -> list[str]:
        """Applicants whom somebody introduced and who are a candidate nowhere, the latest first."""
        rows = await self._pool.fetch(
            f"""
            SELECT i.human FROM introductions i WHERE i.by = $1 AND {IN_NO_REQUISITION}
            ORDER BY i.at DESC, i.human LIMIT $2
            """,
            *(person, limit),
        )
        return [row["human"] for row in rows]
