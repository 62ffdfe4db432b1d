"""What pages, the API and reports read. Never from the engine: only from the journal and the read model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import asyncpg

from domain.core.messages import Event, Record
from domain.core.personal_text import from_text
from domain.core.upcasting import EVENTS
from domain.entity.entity_facts import ENDS, STAGES, Stage
from domain.evidence.interview_plan import Assignment
from domain.evidence.rubric import Rubric
from domain.person.inbox import MessageOrdered
from domain.requisition import Phase
from store.journal import record_of, records_of, stored_as
from store.views import (
    BoardLine,
    CandidateLine,
    CandidateView,
    ClockView,
    MessageView,
    PersonView,
    RequisitionView,
    RetroChange,
    RubricVersion,
    StageCount,
    TaskView,
    WeekOfMessages,
)
from workflows.contract import stream_of

_FIRST_LOOK, _LONGEST_PAUSE = 0.005, 0.1  # seconds between two looks at a version

PRIVATE = ("partnership_rated",)
"""Events whose author is promised that nobody sees them but in sum."""

_WAITING = """
    coalesce(bool_or(k.breached_at IS NOT NULL AND 'end' <> ALL(k.causes)), false) AS breached,
    coalesce(bool_or(k.stuck_at IS NOT NULL AND 'end' <> ALL(k.causes)), false) AS stuck,
    coalesce(array_agg(DISTINCT k.owner ORDER BY k.owner) FILTER (WHERE k.stands_since IS NULL), '{}') AS waiting_on,
    min(k.due_at) FILTER (WHERE k.stands_since IS NULL AND k.breached_at IS NULL) AS nearest_due,
    (array_agg(k.owner ORDER BY k.due_at) FILTER (WHERE k.stands_since IS NULL AND k.breached_at IS NULL))[1]
        AS nearest_owner,
    min(k.due_at) FILTER (WHERE k.stands_since IS NULL AND k.breached_at IS NOT NULL) AS late_due,
    (array_agg(k.owner ORDER BY k.due_at) FILTER (WHERE k.stands_since IS NULL AND k.breached_at IS NOT NULL))[1]
        AS late_owner
"""

BoardSort = Literal["first", "title", "phase", "candidates", "target", "opened"]
"""What wants doing first, by title, the earliest phase first, the most candidates in the running first, what is to be
filled soonest, or what was opened first."""

_FIRST = "late.breached DESC, late.nearest_due NULLS LAST, r.id"

# Python writes a list of plain words as SQL does.
_BOARD_BY: dict[BoardSort, str] = {
    "first": _FIRST,
    "title": f"lower(r.title), {_FIRST}",
    "phase": f"array_position(ARRAY{[str(phase) for phase in Phase]}, r.phase), {_FIRST}",
    "candidates": f"""(
        SELECT count(*) FROM candidates c WHERE c.requisition = r.id AND c.standing <> 'erased'
            AND c.stage <> ALL(ARRAY{[str(stage) for stage in ENDS]})
    ) DESC, {_FIRST}""",
    "target": f"r.target_date NULLS LAST, {_FIRST}",
    "opened": "(SELECT at FROM events WHERE stream = 'requisition/' || r.id AND seq = 1), r.id",
}

_MET_BY = '$.interviews.* ? (@.status != "cancelled").interviewers[*] ? (@.person == $person)'

_CLOCKS = """
    SELECT k.*, r.title FROM clocks k LEFT JOIN requisitions r ON r.id = k.requisition
"""


class Happened(NamedTuple):
    """A record, and the stream it stands in."""

    stream: str
    record: Record


class CandidateStanding(NamedTuple):
    """Who somebody is as an applicant, whether their data is restricted, and who interviews them."""

    applicant: str
    restricted: bool
    interviewers: frozenset[str]


class Reads:
    """Answers from one database."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def wait_for_version(self, stream: str, version: int, timeout: float = 2.0) -> bool:
        """Waits until what is read shows this version of a stream; False if it does not within `timeout` seconds."""
        pause = _FIRST_LOOK
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            shown = await self._pool.fetchval("SELECT version FROM streams WHERE stream = $1", stream)
            if shown is not None and shown >= version:
                return True
            if asyncio.get_running_loop().time() + pause > deadline:
                return False
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def board(
        self,
        person: str | None = None,
        phase: str | None = None,
        standing: str | None = None,
        breached: bool | None = None,
        closed: bool | None = None,
        waiting_on: str | None = None,
        team_name: str | None = None,
        stuck: bool | None = None,
        target_before: date | None = None,
        limit: int = 50,
        offset: int = 0,
        sort: BoardSort = "first",
    ) -> list[BoardLine]:
        """Searches, the late ones first and then by what is due next, unless another order is asked for.

        `person` is in the team or owes something in it; `waiting_on` owes something that runs now. With `target_before`
        those alone that go on and were to be filled before that day. Whose move it is is worked out for the
        requisitions that are given back alone: it takes longer than to put all in order.
        """
        # nosemgrep: sql-from-values  # one of this module's own orders
        rows = await self._pool.fetch(
            f"""
            WITH asked AS (
                SELECT r.id, row_number() OVER (ORDER BY {_BOARD_BY[sort]}) AS place FROM requisitions r
                CROSS JOIN LATERAL (
                    SELECT coalesce(bool_or(breached_at IS NOT NULL AND 'end' <> ALL(causes)), false) AS breached,
                           coalesce(bool_or(stuck_at IS NOT NULL AND 'end' <> ALL(causes)), false) AS stuck,
                           min(due_at) FILTER (WHERE stands_since IS NULL AND breached_at IS NULL) AS nearest_due
                    FROM clocks WHERE requisition = r.id AND ended_at IS NULL
                ) late
                WHERE ($1::text IS NULL OR $1 = ANY(r.people) OR EXISTS (
                          SELECT FROM clocks k WHERE k.requisition = r.id AND k.ended_at IS NULL AND k.owner = $1))
                  AND ($2::text IS NULL OR r.phase = $2)
                  AND ($3::text IS NULL OR r.standing = $3)
                  AND ($4::boolean IS NULL OR late.breached = $4)
                  AND ($5::text IS NULL OR EXISTS (
                          SELECT FROM clocks k WHERE k.requisition = r.id AND k.ended_at IS NULL AND k.owner = $5
                          AND k.stands_since IS NULL))
                  AND ($6::text IS NULL OR r.team_name = $6)
                  AND ($9::boolean IS NULL OR (r.phase = 'closed') = $9)
                  AND ($10::boolean IS NULL OR late.stuck = $10)
                  AND ($11::date IS NULL OR (r.standing <> 'ended' AND r.target_date < $11))
                ORDER BY place LIMIT $7 OFFSET $8
            )
            SELECT r.id, r.title, r.team_name, r.phase, r.standing, r.recruiter, r.hiring_manager, r.openings,
                   r.target_date, r.confidential, r.version, w.*
            FROM asked JOIN requisitions r USING (id)
            CROSS JOIN LATERAL (
                SELECT {_WAITING} FROM clocks k WHERE k.requisition = r.id AND k.ended_at IS NULL
            ) w
            ORDER BY asked.place
            """,
            *(person, phase, standing, breached, waiting_on, team_name, limit, offset, closed, stuck, target_before),
        )
        return [BoardLine(**row) for row in rows]

    async def changes(self, person: str | None = None) -> str:
        """What is another text once anything happened in the requisitions of `person` (None: in all), as `board` has
        it.

        Streams only ever grow, so that the sum of their versions is another after each event.
        """
        row = await self._pool.fetchrow(
            """
            SELECT count(*) AS streams, sum(version) AS events FROM streams
            WHERE requisition IS NOT NULL AND ($1::text IS NULL OR requisition IN (
                SELECT id FROM requisitions WHERE $1 = ANY(people)
                UNION SELECT requisition FROM clocks WHERE owner = $1 AND ended_at IS NULL))
            """,
            person,
        )
        return f"{row['streams']}.{row['events']}"

    async def stages(self, requisitions: Sequence[str]) -> dict[str, list[StageCount]]:
        """How many live candidates of each of these requisitions stand at which stage, and since when the longest
        (UTC)."""
        rows = await self._pool.fetch(
            """
            SELECT requisition, stage, count(*) AS candidates, min(stage_since) AS oldest FROM candidates
            WHERE requisition = ANY($1) AND stage <> ALL($2) AND standing <> 'erased'
            GROUP BY requisition, stage
            """,
            *(requisitions, list(ENDS)),
        )
        found: dict[str, list[StageCount]] = {}
        for row in sorted(rows, key=lambda row: STAGES.index(row["stage"])):
            found.setdefault(row["requisition"], []).append(StageCount(**row))
        return found

    async def team_names(self) -> list[str]:
        """The teams that requisition or searched, by name."""
        return [
            row["team_name"] for row in await self._pool.fetch("SELECT DISTINCT team_name FROM requisitions ORDER BY 1")
        ]

    async def requisition(self, requisition: str) -> RequisitionView | None:
        """One requisition."""
        view = await self._pool.fetchval("SELECT view FROM requisitions WHERE id = $1", requisition)
        return RequisitionView.model_validate_json(view) if view else None

    async def candidate(self, candidate: str) -> CandidateView | None:
        """One candidate."""
        view = await self._pool.fetchval("SELECT view FROM candidates WHERE id = $1", candidate)
        return CandidateView.model_validate_json(view) if view else None

    async def several(self, candidates: Iterable[str]) -> dict[str, CandidateView]:
        """Those of these candidates that there are, by their id."""
        rows = await self._pool.fetch("SELECT id, view FROM candidates WHERE id = ANY($1)", list(candidates))
        return {row["id"]: CandidateView.model_validate_json(row["view"]) for row in rows}

    async def person(self, person: str) -> PersonView | None:
        """How somebody works, once their own entity said so."""
        view = await self._pool.fetchval("SELECT view FROM person_views WHERE person = $1", person)
        return PersonView.model_validate_json(view) if view else None

    async def candidates(
        self,
        requisition: str | None = None,
        applicant: str | None = None,
        stage: str | None = None,
        limit: int = 100,
        offset: int = 0,
        without: Iterable[str] = (),
        interviewer: str | None = None,
    ) -> list[CandidateLine]:
        """Candidates of a requisition, or of a human over all requisitions, in the order in which they came to their
        stage; those applicants `without`, and only those whom `interviewer` meets, where one is named."""
        rows = await self._pool.fetch(
            f"""
            SELECT c.id, c.requisition, c.human, c.stage, c.stage_since, c.standing, c.source, c.version, w.*
            FROM candidates c
            CROSS JOIN LATERAL (
                SELECT {_WAITING} FROM clocks k WHERE k.stream = 'candidate/' || c.id AND k.ended_at IS NULL
            ) w
            WHERE ($1::text IS NULL OR c.requisition = $1) AND ($2::text IS NULL OR c.human = $2)
              AND ($3::text IS NULL OR c.stage = $3) AND c.human <> ALL($6)
              AND ($7::text IS NULL OR jsonb_path_exists(c.view, '{_MET_BY}', jsonb_build_object('person', $7)))
            ORDER BY c.stage_since, c.id LIMIT $4 OFFSET $5
            """,
            *(requisition, applicant, stage, limit, offset, list(without), interviewer),
        )
        return [CandidateLine(**row) for row in rows]

    async def latest_notice(self, requisition: str) -> str | None:
        """The privacy notice that was given last to somebody of this requisition, else of any of its recruiter's."""
        found: str | None = await self._pool.fetchval(
            """
            SELECT c.view ->> 'notice_version' FROM candidates c JOIN requisitions r ON r.id = c.requisition
            WHERE r.recruiter = (SELECT recruiter FROM requisitions WHERE id = $1)
                AND c.view ->> 'notice_version' IS NOT NULL
            ORDER BY (r.id = $1) DESC, c.view ->> 'opened_at' DESC LIMIT 1
            """,
            requisition,
        )
        return found

    async def round_held_by(self, requisition: str, round: int) -> list[Assignment]:
        """Who held this round of interviews last with a candidate of this requisition, and on what; nobody at first."""
        found = await self._pool.fetchval(
            """
            SELECT i.value -> 'interviewers' FROM candidates c, jsonb_each(c.view -> 'interviews') i
            WHERE c.requisition = $1 AND (i.value ->> 'round')::int = $2 AND i.value ->> 'status' <> 'cancelled'
            ORDER BY i.value ->> 'starts_at' DESC NULLS LAST LIMIT 1
            """,
            *(requisition, round),
        )
        return [Assignment.model_validate(one) for one in json.loads(found)] if found else []

    async def tagged(self, candidates: Iterable[str]) -> list[str]:
        """Those of these candidates who have tags."""
        rows = await self._pool.fetch(
            "SELECT id FROM candidates WHERE id = ANY($1) AND view -> 'tags' <> '{}'::jsonb", list(candidates)
        )
        return [row["id"] for row in rows]

    async def tagged_in(self, requisitions: Iterable[str], limit: int) -> list[str]:
        """The candidates of these requisitions who have tags, at most `limit`, those who moved last."""
        rows = await self._pool.fetch(
            """
            SELECT id FROM candidates WHERE requisition = ANY($1) AND standing <> 'erased'
                AND view -> 'tags' <> '{}'::jsonb
            ORDER BY stage_since DESC, id LIMIT $2
            """,
            *(list(requisitions), limit),
        )
        return [row["id"] for row in rows]

    async def pipeline(
        self,
        requisition: str,
        stages: Iterable[Stage],
        each: int,
        without: Iterable[str] = (),
    ) -> list[CandidateLine]:
        """The candidates of a requisition at these stages, the first `each` of every one, in the order in which they
        came to it; those applicants `without`."""
        rows = await self._pool.fetch(
            f"""
            SELECT c.id, c.requisition, c.human, c.stage, c.stage_since, c.standing, c.source, c.version, w.*
            FROM (
                SELECT *, row_number() OVER (PARTITION BY stage ORDER BY stage_since, id) AS place FROM candidates
                WHERE requisition = $1 AND stage = ANY($2) AND standing <> 'erased' AND human <> ALL($4)
            ) c
            CROSS JOIN LATERAL (
                SELECT {_WAITING} FROM clocks k WHERE k.stream = 'candidate/' || c.id AND k.ended_at IS NULL
            ) w
            WHERE c.place <= $3 ORDER BY c.stage_since, c.id
            """,
            *(requisition, list(stages), each, list(without)),
        )
        return [CandidateLine(**row) for row in rows]

    async def interviewed(self, requisition: str) -> list[CandidateView]:
        """The candidates of a requisition who have or had an interview, in the order in which they came."""
        rows = await self._pool.fetch(
            """
            SELECT view FROM candidates
            WHERE requisition = $1 AND standing <> 'erased' AND view -> 'interviews' <> '{}' ORDER BY id
            """,
            requisition,
        )
        return [CandidateView.model_validate_json(row["view"]) for row in rows]

    async def debriefed(self, requisition: str) -> list[CandidateView]:
        """The candidates of a requisition whose debrief is booked or was held, in the order in which they came."""
        rows = await self._pool.fetch(
            """
            SELECT view FROM candidates
            WHERE requisition = $1 AND standing <> 'erased' AND jsonb_typeof(view -> 'debrief') = 'object'
            ORDER BY id
            """,
            requisition,
        )
        return [CandidateView.model_validate_json(row["view"]) for row in rows]

    async def clocks(
        self, requisition: str | None = None, stream: str | None = None, ended: bool | None = None
    ) -> list[ClockView]:
        """Clocks of a requisition with its candidates, or of one stream; the running ones by due time, then the
        ended."""
        rows = await self._pool.fetch(
            f"""
            {_CLOCKS} WHERE ($1::text IS NULL OR k.requisition = $1) AND ($2::text IS NULL OR k.stream = $2)
                AND ($3::boolean IS NULL OR (k.ended_at IS NOT NULL) = $3)
            ORDER BY k.ended_at NULLS FIRST, k.due_at, k.stream, k.id
            """,
            *(requisition, stream, ended),
        )
        return [_clock(row) for row in rows]

    async def clocks_owned_by(self, person: str) -> list[ClockView]:
        """What somebody owes in all requisitions, by due time: their running clocks, those that stand still
        included. What a cancelled requisition keeps for a reopening is nobody's task."""
        rows = await self._pool.fetch(
            f"""
            {_CLOCKS} WHERE k.owner = $1 AND k.ended_at IS NULL AND 'end' <> ALL(k.causes)
            ORDER BY k.due_at, k.stream, k.id
            """,
            person,
        )
        return [_clock(row) for row in rows]

    async def messages(self, person: str, limit: int = 100, offset: int = 0) -> list[MessageView]:
        """The messages of somebody's inbox, the latest first."""
        rows = await self._pool.fetch(
            "SELECT * FROM messages WHERE person = $1 ORDER BY number DESC LIMIT $2 OFFSET $3", person, limit, offset
        )
        return [MessageView(**row) for row in rows]

    async def ordered(self, stream: str, numbers: Sequence[int]) -> list[tuple[datetime, MessageOrdered]]:
        """When messages with these numbers were ordered from an inbox (UTC), and with what in them, the latest first.

        Whatever was settled when one went out was left out of it.
        """
        rows = await self._pool.fetch(
            """
            SELECT seq, type, schema, at, by, payload FROM events
            WHERE stream = $1 AND type = ANY($3) AND (payload->>'number')::int = ANY($2) ORDER BY seq DESC
            """,
            *(stream, list(numbers), stored_as([MessageOrdered])),
        )
        records = records_of(rows, (MessageOrdered,))
        return [(record.at, record.event) for record in records if isinstance(record.event, MessageOrdered)]

    async def titles(self, requisitions: Iterable[str]) -> dict[str, str]:
        """What these requisitions are called."""
        rows = await self._pool.fetch("SELECT id, title FROM requisitions WHERE id = ANY($1)", list(requisitions))
        return {row["id"]: row["title"] for row in rows}

    async def weeks_of_messages(self, person: str) -> list[WeekOfMessages]:
        """How many messages went out to somebody in each week of the calendar that had any, the latest first."""
        rows = await self._pool.fetch(
            """
            SELECT date_trunc('week', ordered_at AT TIME ZONE 'UTC')::date AS since,
                count(*) FILTER (WHERE kind = 'digest') AS digests,
                count(*) FILTER (WHERE kind = 'interruption') AS interruptions,
                count(*) FILTER (WHERE kind = 'letter') AS letters
            FROM messages WHERE person = $1 AND NOT withheld GROUP BY since ORDER BY since DESC
            """,
            person,
        )
        return [WeekOfMessages(**row) for row in rows]

    async def tasks(self, requisition: str | None = None) -> list[TaskView]:
        """Open tasks, the oldest first; of one requisition and its candidates, or of all."""
        rows = await self._pool.fetch(
            """
            SELECT * FROM tasks WHERE $1::text IS NULL OR requisition = $1 ORDER BY raised_at, stream, id
            """,
            requisition,
        )
        return [TaskView(**row) for row in rows]

    async def letters_to_tell(self, recruiter: str) -> list[TaskView]:
        """Letters to candidates that could not be sent, which their recruiter reads to them; the oldest first."""
        rows = await self._pool.fetch(
            """
            SELECT t.* FROM tasks t JOIN candidates c ON t.stream = 'candidate/' || c.id
            WHERE t.document IS NOT NULL AND c.view #>> '{team,recruiter}' = $1 ORDER BY t.raised_at, t.stream, t.id
            """,
            recruiter,
        )
        return [TaskView(**row) for row in rows]

    async def timeline(
        self,
        requisition: str | None = None,
        stream: str | None = None,
        types: Sequence[str] | None = None,
        limit: int = 200,
        offset: int = 0,
        latest: bool = False,
        without: Iterable[str] = (),
    ) -> list[Happened]:
        """What happened in a requisition and to its candidates, those `without` apart, or in one stream, by time, or
        the `latest` first."""
        order = "at DESC, stream DESC, seq DESC" if latest else "at, stream, seq"
        # nosemgrep: sql-from-values  # one of two orders, both written here
        rows = await self._pool.fetch(
            f"""
            SELECT stream, seq, type, schema, at, by, payload FROM events
            WHERE ($1::text IS NULL OR requisition = $1) AND ($2::text IS NULL OR stream = $2)
              AND ($3::text[] IS NULL OR type = ANY($3)) AND type <> ALL($4) AND stream <> ALL($5)
            ORDER BY {order} LIMIT $6 OFFSET $7
            """,
            *(requisition, stream, types and sorted(EVENTS.stored_as(types)), PRIVATE),
            *([stream_of("candidate", one) for one in without], limit, offset),
        )
        return [Happened(row["stream"], part) for row in rows for part in record_of(row).parts]

    async def standings_of(self, candidates: Iterable[str]) -> dict[str, CandidateStanding]:
        """What decides who may read of each of these candidates."""
        rows = await self._pool.fetch(
            """
            SELECT id, human, coalesce((view ->> 'restricted')::boolean, false) AS restricted,
                array(SELECT jsonb_array_elements_text(jsonb_path_query_array(
                    view, '$.interviews.* ? (@.status != "cancelled").interviewers[*].person'
                ))) AS interviewers
            FROM candidates WHERE id = ANY($1)
            """,
            list(candidates),
        )
        return {
            row["id"]: CandidateStanding(row["human"], row["restricted"], frozenset(row["interviewers"]))
            for row in rows
        }

    async def candidates_of(self, requisition: str, applicants: Iterable[str]) -> list[str]:
        """The candidates of a requisition that these applicants are."""
        wanted = list(applicants)
        if not wanted:
            return []
        rows = await self._pool.fetch(
            "SELECT id FROM candidates WHERE requisition = $1 AND human = ANY($2)", requisition, wanted
        )
        return [row["id"] for row in rows]

    async def candidates_who_are(self, applicants: Iterable[str]) -> list[str]:
        """The candidates that these applicants are, in whichever requisition."""
        wanted = list(applicants)
        rows = await self._pool.fetch("SELECT id FROM candidates WHERE human = ANY($1)", wanted) if wanted else []
        return [row["id"] for row in rows]

    async def candidacies(self, applicant: str) -> list[CandidateView]:
        """All that an applicant, or one who was merged with them, is a candidate in."""
        rows = await self._pool.fetch(
            """
            SELECT view FROM candidates
            WHERE human = $1 OR human IN (SELECT other FROM same_applicants WHERE one = $1) ORDER BY id
            """,
            applicant,
        )
        return [CandidateView.model_validate_json(row["view"]) for row in rows]

    async def interviews_in(self, requisition: str, person: str) -> bool:
        """Whether somebody interviews any candidate of a requisition."""
        found: bool = await self._pool.fetchval(
            f"""
            SELECT EXISTS (SELECT FROM candidates WHERE requisition = $1
                AND jsonb_path_exists(view, '{_MET_BY}', jsonb_build_object('person', $2::text)))
            """,
            *(requisition, person),
        )
        return found

    async def happened(self, stream: str, *kinds: type[Event]) -> list[Record]:
        """The records of these kinds in a stream, in order; sealed words of cards, summaries and reasons are there."""
        rows = await self._pool.fetch(
            """
            SELECT seq, type, schema, at, by, payload FROM events WHERE stream = $1 AND type = ANY($2) ORDER BY seq
            """,
            *(stream, stored_as(kinds)),
        )
        return records_of(rows, kinds)

    async def rubric(self, requisition: str) -> list[RubricVersion]:
        """Every locked version of a requisition's rubric and what waits for signatures, the newest first."""
        rows = await self._pool.fetch("SELECT * FROM rubrics WHERE requisition = $1 ORDER BY version", requisition)
        versions: list[RubricVersion] = []
        before: Rubric | None = None
        for row in rows:
            rubric = Rubric.model_validate_json(row["body"])
            versions.append(
                RubricVersion(
                    **dict(row) | {"signatures": json.loads(row["signatures"]), "why": from_text(row["why"])},
                    rubric=rubric,
                    diff=rubric.changes_from(before) if before else None,
                )
            )
            before = rubric
        return versions[::-1]

    async def retro_changes(self, hiring_manager: str | None = None, team_name: str | None = None) -> list[RetroChange]:
        """What retros said to change, the newest first, and what became of it in later searches."""
        rows = await self._pool.fetch(
            """
            SELECT c.*, (SELECT json_object_agg(i.requisition, i.resolution ORDER BY i.requisition)
                         FROM inherited_changes i WHERE i.change = c.id) AS inherited_by
            FROM retro_changes c
            WHERE ($1::text IS NULL OR c.hiring_manager = $1) AND ($2::text IS NULL OR c.team_name = $2)
            ORDER BY c.concluded_at DESC, c.id
            """,
            *(hiring_manager, team_name),
        )
        return [
            RetroChange(
                **dict(row) | {"text": from_text(row["text"]), "inherited_by": json.loads(row["inherited_by"] or "{}")}
            )
            for row in rows
        ]


def _clock(row: Any) -> ClockView:
    return ClockView(**dict(row) | {"pauses": json.loads(row["pauses"])})
