"""A company of any size, straight in the read model: requisitions, candidates and promises that nobody had to live
through.

What the ops board and the pages read is measured on it. No journal stands behind these rows: `tandem rebuild` would
take them away. The same `Crowd` always gives the same rows, apart from when they are.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from workflows.contract import stream_of

OF_A_REQUISITION = (
    "intake_held",
    "rubric_signed",
    "slate_shared",
    "applications_answered",
    "offer_made",
    "pulse_answered",
)
OF_A_CANDIDATE = ("profile_answered", "summary_sent", "scorecard_in", "debrief_held", "candidate_updated")
PHASES = ("intake", "rubric", "calibration", "sourcing", "interviewing", "debrief", "offer")
ZONES = ("America/New_York", "America/Denver", "Europe/Berlin", "Asia/Kolkata")

_CLOCKS = (
    "stream", "id", "requisition", "name", "about", "owner", "started_at", "due_at", "breached_at", "causes",
    "stands_since", "pauses", "extended", "ended_at", "ended_as", "stuck_at",
)  # fmt: skip


@dataclass(frozen=True)
class Crowd:
    """How large the company is. Of `running` promises, `late` are broken, a fifth of those stuck; `ended` are over."""

    requisitions: int = 2_000
    running: int = 10_000
    ended: int = 50_000
    late: float = 0.06
    people: int = 300
    teams: int = 40
    tasks: int = 30

    def recruiter(self, requisition: int) -> str:
        """Whoever recruits for the n-th search: each for ten or so."""
        return _person(requisition % (self.people // 3))

    def manager(self, requisition: int) -> str:
        """Whose requisition the n-th is."""
        return _person(self.people // 3 + requisition % (self.people - self.people // 3))


async def fill(pool: asyncpg.Pool, crowd: Crowd, now: datetime | None = None) -> None:
    """Writes a crowd into a database with every table, as it stands at `now` (UTC), and lets the planner know of it."""
    now, chance = now or datetime.now(UTC), random.Random(crowd.requisitions)
    requisitions = list(_requisitions(crowd))
    clocks = [*_running(crowd, now, chance), *_ended(crowd, now, chance)]
    async with pool.acquire() as connection, connection.transaction():
        await _copy(connection, "teams", [{"name": f"Team {n}", "lead": _person(n)} for n in range(crowd.teams)])
        await _copy(connection, "people", [_user(crowd, n) for n in range(crowd.people)])
        await _copy(connection, "requisitions", requisitions)
        await _copy(connection, "clocks", [dict(zip(_CLOCKS, clock, strict=True)) for clock in clocks])
        await _copy(connection, "tasks", [_task(crowd, n, now) for n in range(crowd.tasks)])
    for table in ("people", "requisitions", "clocks", "tasks"):
        await pool.execute(f"VACUUM ANALYZE {table}")


async def _copy(connection: asyncpg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    await connection.copy_records_to_table(table, columns=columns, records=[tuple(row.values()) for row in rows])


def _person(number: int) -> str:
    return f"P-CROWD{number:04}"


def requisition_id(number: int) -> str:
    """The id of the n-th search."""
    return f"R-CROWD{number:05}"


def _user(crowd: Crowd, number: int) -> dict[str, Any]:
    return {
        "id": _person(number),
        "name": f"Person {number}",
        "email": f"person{number}@example.org",
        "team": f"Team {number % crowd.teams}",
        "zone": ZONES[number % len(ZONES)],
        "standing": ["R"] if number < crowd.people // 3 else [],
        "active": True,
    }


def _requisitions(crowd: Crowd) -> Iterator[dict[str, Any]]:
    for number in range(crowd.requisitions):
        recruiter, manager = crowd.recruiter(number), crowd.manager(number)
        yield {
            "id": requisition_id(number),
            "title": f"Search {number}",
            "team_name": f"Team {number % crowd.teams}",
            "phase": PHASES[number % len(PHASES)],
            "standing": "open",
            "recruiter": recruiter,
            "hiring_manager": manager,
            "people": sorted({recruiter, manager}),
            "openings": 1,
            "confidential": False,
            "version": 1,
            "view": "{}",
        }


def _place(crowd: Crowd, number: int) -> tuple[str, str, str, str]:
    """Where the n-th promise stands: its stream, its requisition, what it is, and whose."""
    requisition = number % crowd.requisitions
    owner = crowd.manager(requisition) if number % 3 == 0 else crowd.recruiter(requisition)
    turn = number // crowd.requisitions
    if turn % 3 == 0:
        return (
            stream_of("requisition", requisition_id(requisition)),
            requisition_id(requisition),
            OF_A_REQUISITION[number % 6],
            owner,
        )
    candidate = f"C-CROWD{requisition:05}{turn:03}"
    return stream_of("candidate", candidate), requisition_id(requisition), OF_A_CANDIDATE[number % 5], owner


def _running(crowd: Crowd, now: datetime, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    for number in range(crowd.running):
        stream, requisition, name, owner = _place(crowd, number)
        late = number < crowd.running * crowd.late
        due = now + timedelta(hours=chance.uniform(-200, -1) if late else chance.uniform(1, 240))
        stuck = due + timedelta(hours=12) if late and number % 5 == 0 else None
        yield (
            *(stream, f"{name}:{number}", requisition, name, "", owner, due - timedelta(days=3), due),
            *(due if late else None, [], now if not late and number % 20 == 0 else None, "[]", False, None, None),
            stuck if stuck and stuck < now else None,
        )


def _ended(crowd: Crowd, now: datetime, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    for number in range(crowd.running, crowd.running + crowd.ended):
        stream, requisition, name, owner = _place(crowd, number)
        due = now - timedelta(days=chance.uniform(1, 365))
        late = number % 9 == 0
        ended = min(due + timedelta(hours=chance.uniform(1, 40) if late else chance.uniform(-40, 0)), now)
        yield (
            *(stream, f"{name}:{number}", requisition, name, "", owner, due - timedelta(days=3), due),
            *(
                due if late else None,
                [],
                None,
                "[]",
                False,
                ended,
                ("kept", "kept", "kept", "void", "waived")[number % 5],
            ),
            None,
        )


def _task(crowd: Crowd, number: int, now: datetime) -> dict[str, Any]:
    requisition = requisition_id(number % crowd.requisitions)
    return {
        "stream": stream_of("requisition", requisition),
        "id": f"T-{number}",
        "requisition": requisition,
        "kind": "notify",
        "reason": "refused",
        "raised_at": now - timedelta(hours=number),
    }
