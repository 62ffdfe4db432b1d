"""Retention: which candidates' data go by when, what keeps others', and whose dates another policy would move."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import asyncpg

from domain.candidate.retention import Cause, RetentionDates
from domain.sla.policy import Policy
from domain.time.calendars import ROUND_THE_CLOCK, Calendar
from store.users import Users
from store.views import View

KeptBy = Literal["legal_hold", "offer_open", "law"]
"""What keeps data beyond the company's own time: a legal hold, an offer they may yet answer, the place's law."""

_LINES = """
    SELECT r.*, r.due_at <= $1 AND NOT r.legal_hold AND NOT r.offer_open AS goes,
        (SELECT count(*) FROM candidates c
         WHERE (c.human = r.human OR c.human IN (SELECT other FROM same_applicants WHERE one = r.human))
            AND c.id <> r.candidate AND c.standing <> 'erased') AS elsewhere,
        coalesce((q.view ->> 'legal_hold')::boolean, false) AS requisition_held
    FROM retention r LEFT JOIN requisitions q ON q.id = r.requisition
"""
"""The lines, with whether they go by $1."""

_ANY = Calendar(zone="UTC", week=ROUND_THE_CLOCK)


class RetentionLine(View):
    """A candidate whose data are due by some time, or would be but for what keeps them. Times in UTC.

    `goes`: whether they are erased by then, at `due_at`, with nobody doing anything. `cause`: at their own request, or
    by the rule of retention. `elsewhere`: other candidacies of the same applicant: what is under their key stays
    readable until the last of them goes. `requisition_held`: a legal hold is on the requisition, which keeps nothing of
    its candidates: each has their own.
    """

    candidate: str
    requisition: str
    jurisdiction: str
    due_at: datetime
    cause: Cause
    goes: bool
    kept_by: tuple[KeptBy, ...]
    by_policy_at: datetime | None
    by_law_at: datetime | None
    by_request_at: datetime | None
    elsewhere: int
    requisition_held: bool


class MovedDates(NamedTuple):
    """Of how many candidates' dates another policy would move which, once it is adopted: `at_once`, to the past."""

    counted: int
    earlier: int
    later: int
    at_once: int

    @property
    def in_words(self) -> str:
        """The same in a sentence."""
        if not self.earlier + self.later:
            return f"Of {self.counted} candidates with a date none would have another."
        at_once = f"; the data of {self.at_once} would go at once" if self.at_once else ""
        return (
            f"Once it is adopted, of {self.counted} candidates with a date {self.earlier} would have an earlier one "
            f"and {self.later} a later one{at_once}."
        )


class RetentionReads:
    """Answers from the read model."""

    def __init__(self, pool: asyncpg.Pool, people: Users) -> None:
        self._pool, self._people = pool, people

    async def due(
        self, until: datetime, limit: int = 100, offset: int = 0, without: Iterable[str] = ()
    ) -> list[RetentionLine]:
        """Whose data are due by `until`, or would be without what keeps them, by time; those applicants `without`."""
        rows = await self._pool.fetch(
            f"""
            {_LINES}
            WHERE least(r.by_policy_at, r.by_request_at) <= $1 AND r.human <> ALL($4)
            ORDER BY r.due_at, r.candidate LIMIT $2 OFFSET $3
            """,
            *(until, limit, offset, list(without)),
        )
        return [RetentionLine(**row, kept_by=_kept_by(row)) for row in rows]

    async def of(self, candidate: str) -> RetentionLine | None:
        """When a candidate's data are due, and what keeps them; None while nothing says when."""
        row = await self._pool.fetchrow(f"{_LINES} WHERE r.candidate = $2", datetime.max.replace(tzinfo=UTC), candidate)
        return RetentionLine(**row, kept_by=_kept_by(row)) if row else None

    async def moved(self, policy: Policy, now: datetime) -> MovedDates:
        """Whose dates this policy would move."""
        rows = await self._pool.fetch("SELECT * FROM retention WHERE over_since IS NOT NULL")
        calendars = await self._people.calendars({row["recruiter"] for row in rows})
        return await asyncio.to_thread(_moved, rows, calendars, policy, now)


def _kept_by(row: asyncpg.Record) -> tuple[KeptBy, ...]:
    by_law = row["by_law_at"] is not None and row["by_law_at"] > row["by_policy_at"] and row["by_request_at"] is None
    said: tuple[tuple[KeptBy, bool], ...] = (
        ("legal_hold", row["legal_hold"]), ("offer_open", row["offer_open"]), ("law", by_law),
    )  # fmt: skip
    return tuple(what for what, true in said if true)


def _moved(rows: list[asyncpg.Record], calendars: Mapping[str, Calendar], policy: Policy, now: datetime) -> MovedDates:
    earlier = later = at_once = 0
    for row in rows:
        calendar = calendars.get(row["recruiter"], _ANY)
        dates = RetentionDates(*(row[name] for name in RetentionDates._fields))
        due_at = dates.under(policy, row["jurisdiction"], calendar).due_at
        if due_at is None or due_at == row["due_at"]:
            continue
        earlier += due_at < row["due_at"]
        later += due_at > row["due_at"]
        at_once += due_at <= now < row["due_at"] and not row["legal_hold"] and not row["offer_open"]
    return MovedDates(len(rows), earlier, later, at_once)
