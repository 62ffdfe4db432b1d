"""What a command needs to know of other entities, as the read model last had it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from pydantic import ValidationError

from domain.core.personal_text import PersonalText, from_text
from domain.evidence.interview_plan import Interview
from domain.evidence.retro_changes import InheritedChange
from domain.sla.policy import Policy
from store.views import CandidateView
from workflows.contract import JOURNAL_CONFLICT, stream_of


@dataclass(frozen=True)
class Target:
    """The requisition somebody is to be transferred to: whether it is over, and whether they are in it already."""

    closed: bool
    has_them: bool


@dataclass(frozen=True)
class AgencyClaim:
    """An agency brought somebody in, as this candidate. Its name is sealed for the applicant, `human`."""

    candidate: str
    agency: PersonalText
    human: str


@dataclass(frozen=True)
class PolicyInForce:
    """The policy a requisition, candidate or person goes by, since their event number `seq`; None if it cannot be
    read."""

    stream: str
    seq: int
    policy: Policy | None


async def policies_in_force(pool: asyncpg.Pool) -> list[PolicyInForce]:
    """The policy of every requisition and person, and of every candidate that was not erased."""
    rows = await pool.fetch(
        """
        SELECT DISTINCT ON (e.stream) e.stream, e.seq,
            coalesce(e.payload -> 'policy', e.payload -> 'opening' -> 'policy')::text AS policy
        FROM events e LEFT JOIN candidates c ON e.stream = 'candidate/' || c.id
        WHERE e.type IN ('policy_adopted', 'candidate_opened') AND c.standing IS DISTINCT FROM 'erased'
        ORDER BY e.stream, e.seq DESC
        """
    )
    return [PolicyInForce(row["stream"], row["seq"], _readable(row["policy"])) for row in rows]


def _readable(policy: str) -> Policy | None:
    try:
        return Policy.model_validate_json(policy)
    except ValidationError:  # a newer build's, say; it gives way to the one that is adopted, like any other
        return None


async def applicant_of(pool: asyncpg.Pool, candidate: str) -> str | None:
    """The human a candidate is; None for an unknown id."""
    found: str | None = await pool.fetchval("SELECT human FROM candidates WHERE id = $1", candidate)
    return found


async def applicants_of(pool: asyncpg.Pool, candidates: Iterable[str]) -> dict[str, str]:
    """The human each of these candidates is."""
    rows = await pool.fetch("SELECT id, human FROM candidates WHERE id = ANY($1)", list(candidates))
    return {row["id"]: row["human"] for row in rows}


@dataclass(frozen=True)
class StreamStanding:
    """How the journal stands to a stream. `over`: its life has ended, and it has no run any more. `contradicted`: its
    run wants to write what the journal does not take, and waits for a person."""

    journalled: bool
    over: bool
    contradicted: bool


async def stream_standing(pool: asyncpg.Pool, stream: str) -> StreamStanding:
    """How the journal stands to a stream."""
    row = await pool.fetchrow(
        """
        SELECT EXISTS (SELECT FROM streams WHERE stream = $1) AS journalled,
            EXISTS (SELECT FROM candidates WHERE id = split_part($1, '/', 2) AND standing = 'erased') AS over,
            EXISTS (SELECT FROM tasks WHERE stream = $1 AND id = $2) AS contradicted
        """,
        *(stream, JOURNAL_CONFLICT),
    )
    return StreamStanding(**row)


LIVING = """
    SELECT stream FROM streams WHERE version > 0
    EXCEPT SELECT 'candidate/' || id FROM candidates WHERE standing = 'erased'
    AND NOT EXISTS (SELECT FROM tasks WHERE stream = 'candidate/' || id)
"""
"""The streams whose life goes on: each has a run, an erased one's until nothing is left to do about it."""


async def living_streams(pool: asyncpg.Pool) -> set[str]:
    """Every stream whose life goes on, so that it has a run."""
    return {row["stream"] for row in await pool.fetch(LIVING)}


async def not_journalled(pool: asyncpg.Pool, streams: Iterable[str]) -> list[str]:
    """Those of these streams in which nothing ever happened, in order."""
    rows = await pool.fetch("SELECT unnest($1::text[]) EXCEPT SELECT stream FROM streams ORDER BY 1", list(streams))
    return [row[0] for row in rows]


async def was_journalled(pool: asyncpg.Pool, stream: str) -> bool:
    """Whether anything ever happened in this stream."""
    found: bool = await pool.fetchval("SELECT EXISTS (SELECT FROM streams WHERE stream = $1)", stream)
    return found


async def in_a_requisition(pool: asyncpg.Pool, applicant: str) -> bool:
    """Whether this human, or one who was merged with them, is in a requisition, or was and is not erased there."""
    found: bool = await pool.fetchval(
        """
        SELECT EXISTS (
            SELECT FROM candidates WHERE standing <> 'erased'
            AND (human = $1 OR human IN (SELECT other FROM same_applicants WHERE one = $1))
        )
        """,
        applicant,
    )
    return found


async def inherited_changes(pool: asyncpg.Pool, hiring_manager: str, team_name: str) -> tuple[InheritedChange, ...]:
    """What the last retro with this hiring manager, or with this team, said to change."""
    rows = await pool.fetch(
        """
        WITH ours AS (SELECT * FROM retro_changes WHERE hiring_manager = $1 OR team_name = $2),
        last AS (SELECT requisition, concluded_at FROM ours ORDER BY concluded_at DESC, requisition LIMIT 1)
        SELECT id, text, requisition FROM ours JOIN last USING (requisition, concluded_at) ORDER BY id
        """,
        *(hiring_manager, team_name),
    )
    return tuple(InheritedChange(**row) for row in rows)


async def agency_claim(pool: asyncpg.Pool, applicant: str) -> AgencyClaim | None:
    """Which agency brought this human in first, if one did."""
    row = await pool.fetchrow(
        """
        SELECT candidate, agency, human FROM agency_claims
        WHERE human = $1 OR human IN (SELECT other FROM same_applicants WHERE one = $1)
        ORDER BY brought_at, candidate LIMIT 1
        """,
        applicant,
    )
    return AgencyClaim(row["candidate"], from_text(row["agency"]), row["human"]) if row else None


async def booked(pool: asyncpg.Pool, candidate: str, interview: str) -> Interview | None:
    """A candidate's interview as it stands; None if there is none of that id."""
    view = await pool.fetchval("SELECT view FROM candidates WHERE id = $1", candidate)
    return CandidateView.model_validate_json(view).interviews.get(interview) if view else None


async def busy(
    pool: asyncpg.Pool,
    people: Iterable[str],
    starts_at: datetime,
    ends_at: datetime,
    apart_from: tuple[str, str | None] = ("", None),
) -> set[str]:
    """Those of `people` who have a call in that time, apart from one interview (candidate and its id)."""
    candidate, interview = apart_from
    rows = await pool.fetch(
        """
        SELECT DISTINCT person FROM meetings
        WHERE person = ANY($1) AND starts_at < $3 AND ends_at > $2 AND NOT (stream = $4 AND id = $5)
        """,
        *(list(people), starts_at, ends_at, stream_of("candidate", candidate), interview or ""),
    )
    return {row["person"] for row in rows}


@dataclass(frozen=True)
class Booking:
    """Somebody has something on: which stream's meeting, of what kind, from when until when (UTC)."""

    person: str
    stream: str
    id: str
    kind: str
    starts_at: datetime
    ends_at: datetime


async def bookings(
    pool: asyncpg.Pool, people: Iterable[str], starts_at: datetime, ends_at: datetime
) -> tuple[Booking, ...]:
    """What these people have on in that time, in whatever requisition."""
    rows = await pool.fetch(
        """
        SELECT person, stream, id, kind, starts_at, ends_at FROM meetings
        WHERE person = ANY($1) AND starts_at < $3 AND ends_at > $2 ORDER BY starts_at, stream, id, person
        """,
        *(list(people), starts_at, ends_at),
    )
    return tuple(Booking(**row) for row in rows)


async def offered(pool: asyncpg.Pool, requisition: str, offer: str) -> str | None:
    """The candidate to whom this offer of a requisition was made."""
    found: str | None = await pool.fetchval(
        "SELECT candidate FROM offers WHERE requisition = $1 AND offer = $2", requisition, offer
    )
    return found


async def offer_elsewhere(pool: asyncpg.Pool, candidate: str, requisition: str) -> str | None:
    """Another requisition in which the same human has a standing offer, if there is one."""
    found: str | None = await pool.fetchval(
        """
        SELECT o.requisition FROM offers o JOIN candidates c ON c.human = o.human
            OR o.human IN (SELECT s.other FROM same_applicants s WHERE s.one = c.human)
        WHERE c.id = $1 AND o.requisition <> $2 AND o.stands ORDER BY o.requisition LIMIT 1
        """,
        *(candidate, requisition),
    )
    return found


async def target(pool: asyncpg.Pool, requisition: str, candidate: str) -> Target | None:
    """The requisition a candidate is to be transferred to; None if there is none of that id."""
    row = await pool.fetchrow(
        """
        SELECT r.standing = 'ended' AS closed, EXISTS (
            SELECT FROM candidates there JOIN candidates here ON here.human = there.human
                OR there.human IN (SELECT s.other FROM same_applicants s WHERE s.one = here.human)
            WHERE here.id = $2 AND there.requisition = r.id AND there.stage <> 'transferred'
        ) AS has_them
        FROM requisitions r WHERE r.id = $1
        """,
        *(requisition, candidate),
    )
    return Target(row["closed"], row["has_them"]) if row else None


async def streams_with(pool: asyncpg.Pool, person: str) -> list[str]:
    """Where somebody's calendar matters: the requisitions they are in that go on, and candidates they owe or will
    meet."""
    rows = await pool.fetch(
        """
        SELECT 'requisition/' || id AS stream FROM requisitions WHERE $1 = ANY(people) AND standing <> 'ended'
        UNION SELECT stream FROM clocks WHERE owner = $1 AND ended_at IS NULL
        UNION SELECT stream FROM meetings WHERE person = $1
        ORDER BY stream
        """,
        person,
    )
    return [row["stream"] for row in rows]


async def streams_held_by(pool: asyncpg.Pool, person: str) -> list[str]:
    """Where somebody holds a role in a requisition that goes on, or has a task."""
    rows = await pool.fetch(
        """
        SELECT 'requisition/' || id AS stream FROM requisitions WHERE $1 = ANY(people) AND standing <> 'ended'
        UNION SELECT stream FROM clocks WHERE owner = $1 AND ended_at IS NULL
        ORDER BY stream
        """,
        person,
    )
    return [row["stream"] for row in rows]


async def without_successor(pool: asyncpg.Pool) -> list[str]:
    """Those who left, and still hold a role in a requisition that goes on, or have a task."""
    rows = await pool.fetch(
        """
        SELECT id FROM people p WHERE NOT active AND (
            EXISTS (SELECT FROM requisitions WHERE p.id = ANY(people) AND standing <> 'ended')
            OR EXISTS (SELECT FROM clocks WHERE owner = p.id AND ended_at IS NULL)
        ) ORDER BY name, id
        """
    )
    return [row["id"] for row in rows]
