"""What the reports count, from the read model and the journal.

Somebody who kept others waiting, or stood by vague words, is shown that alone. To everybody else it is told only in
sum, of at least `GROUP` people: a sum of two can be taken apart by either of them. Whether somebody wished to work
around the other was promised to be shown only in sum over many searches: it is counted over the whole company whatever
is asked for, since sums that overlap can be taken apart, and for quarters that are over, since a sum that grows by one
tells that one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from domain.core.personal_text import from_text
from domain.entity.entity_facts import ENDS, Stage
from domain.evidence.rubric import Agreement
from domain.reporting.agreement_tracking import both_met, kept, stood_still
from domain.reporting.delay_attribution import Span
from domain.reporting.funnel import STAGES, passing_along
from domain.sla.catalogue import CLOCKS, SIDES, owner_role
from store.report_views import (
    Calibration,
    Expectation,
    FeedbackMonth,
    FeedbackWords,
    FunnelStep,
    GateUse,
    Promised,
    PromiseKept,
    RetroOutcome,
    StageTime,
    WorkAround,
)
from store.users import calendar_in

GROUP = 3
"""The fewest people whose waiting, or whose words, are told of to others, in sum."""

PRIVATE_GROUP = 5
"""The fewest people of whose private answers a share is told."""

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

SELECTED = """
    selected AS (
        SELECT * FROM requisitions
        WHERE ($1::text IS NULL OR $1 = ANY(people)) AND ($2::text IS NULL OR team_name = $2)
    )
"""
"""The requisitions of a person (`$1`) and of a team (`$2`); of all where they are NULL."""

COMPARED = """
    answers AS (
        SELECT DISTINCT ON (candidate, answered_at) e.requisition, answer->>'verdict' AS verdict,
               answer->>'criterion' AS criterion, answered_at,
               e.payload->'facts'->'recruiter_verdicts'->>(answer->>'criterion') AS before
        FROM (
            SELECT requisition, seq, payload FROM events WHERE type = 'candidate_reported' AND at >= $3 OFFSET 0
        ) e JOIN selected s ON s.id = e.requisition
        CROSS JOIN LATERAL (SELECT e.payload->'facts'->>'candidate' AS candidate,
                                   e.payload->'facts'->'answer' AS answer) said
        CROSS JOIN LATERAL (SELECT (answer->>'at')::timestamptz AS answered_at) at
        WHERE answer <> 'null' AND answered_at >= $3
        ORDER BY candidate, answered_at, e.seq
    ),
    compared AS (
        SELECT requisition, criterion, answered_at, (before = 'met') = (verdict = 'advance') AS agreed
        FROM answers WHERE verdict <> 'hold' AND before IN ('met', 'partly', 'not_met')
    )
"""
"""The hiring manager's answers since `$3` in the `selected` requisitions, each with whether the recruiter agreed.

`OFFSET 0` has the few events of that kind read by their own index, whatever is known of `$3`: a plan made for any
period reads all events of each requisition, which took eight seconds of a million.
"""


@dataclass(frozen=True)
class ReportScope:
    """What a report is asked about: the requisitions of `person` (None: all) and of a `team`, from `since` to `now`
    (UTC).

    `reader` is who asks, who may see how long they themselves kept others waiting.
    """

    reader: str
    now: datetime
    person: str | None = None
    team: str | None = None
    since: datetime = BEGINNING


def among(asked: ReportScope) -> str:
    """The condition that a row is of the `selected` requisitions; of all of them it asks for no look at each."""
    return "requisition IN (SELECT id FROM selected)" if asked.person or asked.team else "requisition IS NOT NULL"


class PlannedAnew:
    """Asks queries that are planned for the very arguments they are asked with.

    After a few times a connection keeps a plan for any arguments, and what it then expects of a person's requisitions
    and of a period is wrong by a factor of hundreds: one that took a fifth of a second took half a minute.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Its rows."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            rows: list[asyncpg.Record] = await connection.fetch(query, *arguments)
        return rows


class Reports:
    """Counts over one database."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._anew = PlannedAnew(pool)

    async def teams(self, asked: ReportScope) -> list[str]:
        """The teams among whose requisitions one may choose, by name; whichever team was asked for."""
        rows = await self._anew.fetch(
            "SELECT DISTINCT team_name FROM requisitions WHERE $1::text IS NULL OR $1 = ANY(people) ORDER BY 1",
            asked.person,
        )
        return [row["team_name"] for row in rows]

    async def time_in_stage(self, asked: ReportScope) -> list[StageTime]:
        """How long candidates stay at each stage they came to in the period, in the order of the stages."""
        # nosemgrep: sql-from-values  # `among` says one of two conditions
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED},
            came AS (
                SELECT stage, at, requisition, lag(stage) OVER each AS came_from, lead(at) OVER each AS until
                FROM moves WHERE {among(asked)} WINDOW each AS (PARTITION BY candidate ORDER BY at)
            ),
            come AS MATERIALIZED (
                SELECT stage, at, until, requisition FROM came
                WHERE at >= $3 AND came_from IS DISTINCT FROM stage AND stage <> ALL($5)
            ),
            counted AS (
                SELECT stage, count(until) AS passed, count(*) - count(until) AS still,
                       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY until - at) AS took
                FROM come GROUP BY stage
            )
            SELECT stage, passed, still,
                   CASE WHEN told THEN round(extract(epoch FROM took[1]) / 86400, 4)::float END AS median_days,
                   CASE WHEN told THEN round(extract(epoch FROM took[2]) / 86400, 4)::float END AS nine_of_ten_days
            FROM counted CROSS JOIN LATERAL (
                SELECT stage <> 'submitted' OR count(DISTINCT hiring_manager) >= {GROUP}
                           OR bool_and(hiring_manager = $4) AS told
                FROM requisitions WHERE id IN (SELECT requisition FROM come WHERE come.stage = 'submitted')
            ) of
            """,
            *(asked.person, asked.team, asked.since, asked.reader, [*ENDS, Stage.ACCEPTED]),
        )
        return sorted((StageTime(**row) for row in rows), key=lambda row: STAGES.index(row.stage))

    async def funnel(self, asked: ReportScope) -> list[FunnelStep]:
        """How far those came who were added in the period; none where nobody was."""
        # nosemgrep: sql-from-values  # `among` says one of two conditions
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED},
            went AS (
                SELECT array_agg(stage ORDER BY at, stage = ANY($4)) AS path
                FROM moves WHERE {among(asked)} GROUP BY candidate HAVING min(at) >= $3
            )
            SELECT path, count(*) AS candidates FROM went GROUP BY path
            """,
            *(asked.person, asked.team, asked.since, list(ENDS)),
        )
        paths = {tuple(row["path"]): row["candidates"] for row in rows}
        reached, steps = sum(paths.values()), list[FunnelStep]()
        for stage, part in passing_along(paths).items() if paths else ():
            left = part.went_on + part.stopped
            share = round(part.went_on / left, 4) if left else None
            steps.append(
                FunnelStep(stage=stage, reached=reached, went_on=part.went_on, stopped=part.stopped, passed=share)
            )
            reached = part.went_on
        return steps

    async def sla(self, asked: ReportScope) -> list[PromiseKept]:
        """How each kind of promise went on each side, the worst kept first."""
        # nosemgrep: sql-from-values  # `among` says one of two conditions
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED},
            went AS (
                SELECT name, CASE WHEN about = ANY($7) THEN about ELSE '' END AS side, owner,
                       count(*) FILTER (WHERE ended_as = 'kept' AND breached_at IS NULL) AS in_time,
                       count(*) FILTER (WHERE ended_as = 'kept' AND breached_at IS NOT NULL) AS late,
                       0::bigint AS open, count(*) FILTER (WHERE ended_as = 'waived') AS waived,
                       sum(ended_at - breached_at) FILTER (WHERE ended_as = 'kept') AS overdue,
                       count(corrected_breach) AS corrected
                FROM clocks
                WHERE ended_at >= $3 AND (ended_as <> 'void' OR corrected_breach IS NOT NULL) AND {among(asked)}
                GROUP BY 1, 2, 3
                UNION ALL
                SELECT name, CASE WHEN about = ANY($7) THEN about ELSE '' END, owner,
                       0, 0, count(*), 0, sum($4 - breached_at), 0
                FROM clocks WHERE ended_at IS NULL AND breached_at <= $4 AND {among(asked)} GROUP BY 1, 2, 3
            ),
            counted AS (
                SELECT name AS clock, whose,
                       count(DISTINCT owner) FILTER (WHERE in_time + late + open + waived > 0) AS people,
                       sum(in_time)::int AS kept_in_time,
                       sum(late)::int AS kept_late, sum(open)::int AS breached_open, sum(waived)::int AS waived,
                       round(coalesce(extract(epoch FROM sum(overdue)) / 3600, 0), 1)::float AS hours_late,
                       sum(corrected)::int AS corrected
                FROM went CROSS JOIN LATERAL (SELECT CASE WHEN name <> ALL($6) THEN side ELSE '' END AS whose) at
                GROUP BY name, whose
                HAVING count(DISTINCT owner) FILTER (WHERE in_time + late + open + waived > 0) >= {GROUP}
                    OR bool_and(owner = $5)
            )
            SELECT *, round(kept_in_time::numeric / nullif(kept_in_time + kept_late + breached_open, 0), 4)::float
                          AS in_time
            FROM counted ORDER BY in_time NULLS LAST, clock, whose
            """,
            *(asked.person, asked.team, asked.since, asked.now, asked.reader),
            [name for name, row in CLOCKS.items() if row.owner_role is not None],
            list(SIDES),
        )
        return [PromiseKept(**row, side=owner_role(row["clock"], row["whose"])) for row in rows]

    async def feedback(self, asked: ReportScope) -> list[FeedbackMonth]:
        """From the interview's end to the card, month by month."""
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED},
            cards AS (
                SELECT to_char(k.ended_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, k.owner,
                       extract(epoch FROM k.ended_at - k.started_at) / 3600 AS hours
                FROM clocks k JOIN selected s ON s.id = k.requisition
                WHERE k.name = 'scorecard_in' AND k.ended_as = 'kept' AND k.ended_at >= $3
            )
            SELECT month, count(DISTINCT owner) AS people, count(*) AS cards,
                   round((percentile_cont(0.5) WITHIN GROUP (ORDER BY hours))::numeric, 1)::float AS median_hours,
                   round((percentile_cont(0.9) WITHIN GROUP (ORDER BY hours))::numeric, 1)::float AS nine_of_ten_hours,
                   round(avg((hours <= 24)::int), 4)::float AS within_a_day
            FROM cards GROUP BY month HAVING count(DISTINCT owner) >= {GROUP} OR bool_and(owner = $4) ORDER BY month
            """,
            *(asked.person, asked.team, asked.since, asked.reader),
        )
        return [FeedbackMonth(**row) for row in rows]

    async def concrete(self, asked: ReportScope) -> list[FeedbackWords]:
        """How much feedback was concrete, month by month, and how much was called vague and stood by."""
        # nosemgrep: sql-from-values  # `among` says one of two conditions
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED},
            given AS (
                SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, by, type,
                       (payload->>'flagged')::boolean AS stood_by
                FROM events
                WHERE type IN ('profile_answered', 'scorecard_submitted', 'score_reaffirmed') AND at >= $3
                  AND {among(asked)}
            )
            SELECT month, CASE type WHEN 'profile_answered' THEN 'answers' ELSE 'cards' END AS feedback,
                   count(DISTINCT by) AS people, count(*) AS given, count(*) FILTER (WHERE stood_by) AS stood_by,
                   round(1 - avg(stood_by::int), 4)::float AS concrete
            FROM given GROUP BY 1, 2 HAVING count(DISTINCT by) >= {GROUP} OR bool_and(by = $4) ORDER BY 1, 2
            """,
            *(asked.person, asked.team, asked.since, asked.reader),
        )
        return [FeedbackWords(**row) for row in rows]

    async def expectations(self, asked: ReportScope) -> list[Expectation]:
        """Expectations against the band, as they stand now, in the requisitions that go on or ended in the period."""
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED}
            SELECT id AS requisition, title, team_name, band->>'currency' AS currency, band->>'period' AS period,
                   (band->>'minimum')::numeric AS band_minimum, (band->>'maximum')::numeric AS band_maximum,
                   (market->>'n')::int AS told, (market->>'median')::numeric AS median,
                   (market->>'share_above')::float AS share_above,
                   (SELECT value #>> '{{}}' FROM jsonb_each(view->'signals') WITH ORDINALITY AS chosen (key, value, n)
                    WHERE value <> 'null' ORDER BY n DESC LIMIT 1) AS way
            FROM selected CROSS JOIN LATERAL (SELECT view->'band' AS band, view->'market' AS market) at
            WHERE market <> 'null' AND (standing <> 'ended' OR EXISTS (
                SELECT FROM events e WHERE e.requisition = id AND e.stream = 'requisition/' || id
                AND e.type IN ('search_filled', 'search_cancelled') AND e.at >= $3))
            ORDER BY (market->>'median')::numeric / nullif((band->>'maximum')::numeric, 0) DESC, id
            """,
            *(asked.person, asked.team, asked.since),
        )
        return [Expectation(**row) for row in rows]

    async def calibration(self, asked: ReportScope) -> list[Calibration]:
        """How often recruiter and hiring manager agree, by month, requisition and criterion."""
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED}, {COMPARED}
            SELECT to_char(answered_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, requisition, s.title, s.team_name,
                   criterion, r.behaviour, count(*) AS answers, count(*) FILTER (WHERE agreed) AS agreed,
                   round(avg(agreed::int), 4)::float AS agreement
            FROM compared c JOIN selected s ON s.id = c.requisition
            LEFT JOIN LATERAL (
                SELECT criteria->>'behaviour' AS behaviour
                FROM rubrics, jsonb_array_elements(body->'criteria') AS criteria
                WHERE rubrics.requisition = c.requisition AND status = 'locked' AND criteria->>'id' = c.criterion
                ORDER BY version DESC LIMIT 1
            ) r ON true
            GROUP BY month, requisition, s.title, s.team_name, criterion, r.behaviour
            ORDER BY month, s.title, requisition, criterion
            """,
            *(asked.person, asked.team, asked.since),
        )
        return [Calibration(**row) for row in rows]

    async def retro_changes(self, asked: ReportScope) -> list[RetroOutcome]:
        """What retros of the period said to change, the newest first, and what became of it."""
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED}
            SELECT c.text AS change, c.team_name, c.side, c.concluded_at,
                   count(*) FILTER (WHERE i.resolution = 'adopted') AS adopted,
                   count(*) FILTER (WHERE i.resolution = 'declined') AS declined,
                   count(*) FILTER (WHERE i.resolution = 'open') AS open
            FROM retro_changes c LEFT JOIN inherited_changes i ON i.change = c.id
            WHERE c.concluded_at >= $3 AND (c.requisition IN (SELECT id FROM selected) OR EXISTS (
                SELECT FROM inherited_changes own
                WHERE own.change = c.id AND own.requisition IN (SELECT id FROM selected)))
            GROUP BY c.id ORDER BY c.concluded_at DESC, c.id
            """,
            *(asked.person, asked.team, asked.since),
        )
        return [RetroOutcome(**dict(row) | {"change": from_text(row["change"])}) for row in rows]

    async def promised(self, asked: ReportScope) -> list[Promised]:
        """What was promised in the requisitions whose agreement was signed in the period, and what came, the latest
        first.

        The promised days are working days of the recruiter, as in `domain.reporting.agreement_tracking`.
        """
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED},
            agreed AS (
                SELECT DISTINCT ON (requisition) requisition, version, body->'agreement' AS agreement
                FROM rubrics WHERE status = 'locked' ORDER BY requisition, version DESC
            ),
            signed AS (
                SELECT a.requisition, a.agreement, min(r.locked_at) AS agreed_at
                FROM agreed a JOIN rubrics r ON r.requisition = a.requisition AND r.status = 'locked'
                WHERE a.agreement <> 'null' AND r.version > coalesce((
                    SELECT max(version) FROM rubrics other WHERE other.requisition = a.requisition
                    AND other.status = 'locked' AND other.body->'agreement' <> a.agreement), 0)
                GROUP BY a.requisition, a.agreement
            ),
            came AS (
                SELECT requisition, array_agg(at) FILTER (WHERE stage = 'submitted') AS shown,
                       max(at) FILTER (WHERE stage = 'accepted') AS accepted_at
                FROM (SELECT requisition, candidate, stage, min(at) AS at FROM moves
                      WHERE stage IN ('submitted', 'accepted') GROUP BY requisition, candidate, stage) first
                GROUP BY requisition
            )
            SELECT s.id AS requisition, s.title, s.team_name, s.target_date, s.standing, signed.agreement,
                   signed.agreed_at, coalesce(came.shown, '{{}}') AS shown, at_work.day, at_work.calendar,
                   CASE WHEN s.view->>'end_cause' = 'filled' THEN came.accepted_at END AS filled_at
            FROM signed JOIN selected s ON s.id = signed.requisition LEFT JOIN came ON came.requisition = s.id
            CROSS JOIN LATERAL (SELECT
                (SELECT payload->'policy'->>'day' FROM events WHERE stream = 'requisition/' || s.id
                 AND type = 'policy_adopted' ORDER BY seq DESC LIMIT 1) AS day,
                coalesce(
                    (SELECT view->'calendar' FROM person_views WHERE person = s.recruiter),
                    (SELECT payload->'calendars'->s.recruiter FROM events WHERE stream = 'requisition/' || s.id
                     AND type = 'calendars_learned' AND payload->'calendars' ? s.recruiter ORDER BY seq DESC LIMIT 1)
                ) AS calendar
            ) at_work
            WHERE signed.agreed_at >= $3 ORDER BY signed.agreed_at DESC, s.id
            """,
            *(asked.person, asked.team, asked.since),
        )
        met, still = await self._met(asked), await self._stood_still(asked)
        return [_promised(row, met[row["requisition"]], still[row["requisition"]], asked.now) for row in rows]

    async def _met(self, asked: ReportScope) -> defaultdict[str, list[datetime]]:
        """When recruiter and hiring manager of each requisition were in a call about it, in the period."""
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED}
            SELECT s.id, s.recruiter, s.hiring_manager,
                   ARRAY(SELECT jsonb_array_elements_text(e.payload->'attendees')) || e.by AS present,
                   coalesce(e.payload->>'held_at', e.payload->'intake'->>'held_at')::timestamptz AS at
            FROM events e JOIN selected s ON s.id = e.requisition
            WHERE e.type IN ('debrief_held', 'intake_recorded') AND e.at >= $3
            """,
            *(asked.person, asked.team, asked.since),
        )
        met: defaultdict[str, list[datetime]] = defaultdict(list)
        for row in rows:
            if both_met(row["recruiter"], row["hiring_manager"], row["present"]):
                met[row["id"]].append(row["at"])
        return met

    async def _stood_still(self, asked: ReportScope) -> defaultdict[str, list[Span]]:
        """When each requisition was on hold, or over."""
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED}
            SELECT e.requisition, array_agg(e.at ORDER BY e.seq) AS at,
                   array_agg(e.type IN ('search_put_on_hold', 'search_cancelled', 'search_filled') ORDER BY e.seq)
                       AS stopped
            FROM events e JOIN selected s ON e.stream = 'requisition/' || s.id
            WHERE e.type IN ('search_put_on_hold', 'search_cancelled', 'search_filled',
                             'search_resumed', 'search_reopened')
            GROUP BY e.requisition
            """,
            *(asked.person, asked.team),
        )
        still: defaultdict[str, list[Span]] = defaultdict(list)
        for row in rows:
            spans, began = stood_still(zip(row["at"], row["stopped"], strict=True))
            still[row["requisition"]] = [*spans, *([(began, asked.now)] if began else [])]
        return still

    async def gates(self, asked: ReportScope) -> list[GateUse]:
        """Which gates were opened by hand in the period, the most opened first."""
        rows = await self._anew.fetch(
            f"""
            WITH {SELECTED}
            SELECT e.payload->'override'->>'gate' AS gate, s.team_name, count(*) AS times
            FROM events e JOIN selected s ON s.id = e.requisition
            WHERE e.type = 'gate_overridden' AND e.at >= $3
            GROUP BY gate, s.team_name ORDER BY times DESC, gate, s.team_name
            """,
            *(asked.person, asked.team, asked.since),
        )
        return [GateUse(**row) for row in rows]

    async def work_around(self, asked: ReportScope) -> list[WorkAround]:
        """The share who had wished to work around the other side, over the company, by quarters that are over."""
        rows = await self._anew.fetch(
            f"""
            SELECT to_char(quarter, 'YYYY-"Q"Q') AS quarter, count(DISTINCT by) AS people, count(*) AS answers,
                   round(avg((payload->>'wished_to_work_around')::boolean::int), 2)::float AS wished
            FROM events CROSS JOIN LATERAL (SELECT date_trunc('quarter', at AT TIME ZONE 'UTC') AS quarter) of
            WHERE type = 'partnership_rated'
              AND quarter >= date_trunc('quarter', $1::timestamptz AT TIME ZONE 'UTC')
              AND quarter < date_trunc('quarter', $2::timestamptz AT TIME ZONE 'UTC')
            GROUP BY of.quarter HAVING count(DISTINCT by) >= {PRIVATE_GROUP} ORDER BY of.quarter
            """,
            *(asked.since, asked.now),
        )
        return [WorkAround(**row) for row in rows]


def _promised(row: asyncpg.Record, met: Sequence[datetime], still: Sequence[Span], now: datetime) -> Promised:
    agreement, day = Agreement.model_validate_json(row["agreement"]), _DAY.validate_python(row["day"])
    calendar = calendar_in(row["calendar"])
    came = kept(agreement, row["agreed_at"], row["shown"], met, still, calendar, day, now)
    target, filled = row["target_date"], row["filled_at"]
    dated = target is not None and (filled is not None or row["standing"] != "ended")
    return Promised(
        requisition=row["requisition"],
        title=row["title"],
        team_name=row["team_name"],
        agreed_on=row["agreed_at"].date(),
        candidates_promised=came.candidates_expected,
        shown_by=came.shown_by,
        time_is_up=came.shown_by <= now,
        shown_in_time=came.shown_in_time,
        shown=came.shown,
        meetings_promised=came.meetings_promised,
        meetings_held=came.meetings_held,
        target_date=target,
        filled_on=filled.date() if filled else None,
        days_late=max(((filled or now).date() - target).days, 0) if dated else None,
    )


_DAY: TypeAdapter[timedelta | None] = TypeAdapter(timedelta | None)
