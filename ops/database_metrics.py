"""What PostgreSQL knows about how requisitions and the machine stand, counted when Prometheus asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import asyncpg
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from domain.entity.entity_facts import ENDS
from store.command_lookups import LIVING
from store.rebuild import shape

# Each of AGES is counted on its own, so that they add up to all there are.
_AGE = """CASE
    WHEN now() - {since} < interval '1 day' THEN 'under a day'
    WHEN now() - {since} < interval '3 days' THEN '1 to 3 days'
    WHEN now() - {since} < interval '7 days' THEN '3 to 7 days'
    WHEN now() - {since} < interval '28 days' THEN '1 to 4 weeks'
    ELSE 'over 4 weeks' END"""
_SECONDS = "coalesce(max(extract(epoch FROM now() - {since})), 0)::float8"


def _aged(since: str) -> str:
    return _AGE.format(since=since)


def _oldest(since: str) -> str:
    return _SECONDS.format(since=since)


_FIGURES: Sequence[tuple[str, str, tuple[str, ...], str]] = (
    (
        "tandem_clocks",
        "Running clocks; the age of an overdue one counts from its deadline",
        ("clock", "state", "age"),
        f"""SELECT name, CASE WHEN breached_at IS NOT NULL THEN 'breached' WHEN stands_since IS NOT NULL THEN 'paused'
                ELSE 'running' END, {_aged("coalesce(breached_at, started_at)")}, count(*)
            FROM clocks WHERE ended_at IS NULL GROUP BY 1, 2, 3""",
    ),
    (
        "tandem_clock_breached_oldest_seconds",
        "How long the clock of this kind that is overdue longest is overdue",
        ("clock",),
        f"""SELECT name, {_oldest("breached_at")} FROM clocks
            WHERE ended_at IS NULL AND breached_at IS NOT NULL AND stands_since IS NULL GROUP BY 1""",
    ),
    (
        "tandem_requisitions",
        "Requisitions that are not over; their age counts from their opening",
        ("phase", "standing", "age"),
        f"""SELECT r.phase, r.standing, {_aged("e.at")}, count(*)
            FROM requisitions r JOIN events e ON e.stream = 'requisition/' || r.id AND e.seq = 1
            WHERE r.standing IN ('open', 'on_hold') GROUP BY 1, 2, 3""",
    ),
    (
        "tandem_requisitions_stuck",
        "Requisitions in which an overdue task has escalated to the ops board",
        (),
        """SELECT count(DISTINCT c.requisition) FROM clocks c JOIN requisitions r ON r.id = c.requisition
            WHERE c.ended_at IS NULL AND r.standing = 'open' AND c.stuck_at IS NOT NULL""",
    ),
    (
        "tandem_candidates",
        "Candidates of requisitions that are not over; their age counts from when they came to this stage",
        ("stage", "age"),
        f"""SELECT c.stage, {_aged("c.stage_since")}, count(*)
            FROM candidates c JOIN requisitions r ON r.id = c.requisition
            WHERE r.standing IN ('open', 'on_hold') AND c.standing <> 'erased' AND c.stage <> ALL($1::text[])
            GROUP BY 1, 2""",
    ),
    ("tandem_tasks", "Manual tasks that are open", ("kind",), "SELECT kind, count(*) FROM tasks GROUP BY 1"),
    (
        "tandem_tasks_oldest_seconds",
        "How long the oldest manual task waits",
        ("kind",),
        f"SELECT kind, {_oldest('raised_at')} FROM tasks GROUP BY 1",
    ),
    (
        "tandem_effects_undone",
        "Pending effects: decided, and still to be carried out",
        ("kind",),
        "SELECT kind, count(*) FROM effects_undone GROUP BY 1",
    ),
    (
        "tandem_effects_undone_oldest_seconds",
        "How long the oldest of them waits",
        ("kind",),
        f"SELECT kind, {_oldest('since')} FROM effects_undone GROUP BY 1",
    ),
    (
        "tandem_deliveries_in_doubt",
        "Messages of which nobody knows whether they arrived",
        (),
        "SELECT count(*) FROM deliveries WHERE done_at IS NULL AND claimed_at < now() - interval '1 minute'",
    ),
    (
        "tandem_read_model_behind",
        "Streams that are shown at an older version than the journal has",
        ("entity",),
        """SELECT entity, count(*) FILTER (WHERE s.version <> shown.version) FROM (
                SELECT 'requisition' AS entity, id, version FROM requisitions
                UNION ALL SELECT 'candidate', id, version FROM candidates
                UNION ALL SELECT 'person', person, version FROM person_views
            ) shown JOIN streams s ON s.stream = shown.entity || '/' || shown.id GROUP BY 1""",
    ),
    (
        "tandem_read_model_outdated",
        "Whether the read model was made for another build",
        (),
        "SELECT (count(*) FILTER (WHERE shape <> $1))::int FROM read_model",
    ),
    (
        "tandem_streams",
        "Requisitions, candidates and users of the journal whose life goes on: each has a run",
        (),
        f"SELECT count(*) FROM ({LIVING}) AS living",
    ),
)

_ARGUMENTS: dict[str, object] = {"tandem_candidates": sorted(ENDS), "tandem_read_model_outdated": shape()}


async def census(pool: asyncpg.Pool) -> Iterable[Metric]:
    """Every figure, all as of one moment. Raises asyncpg's errors, OSError or TimeoutError when it is away."""
    families: list[Metric] = []
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        for name, meaning, labels, query in _FIGURES:
            arguments = [_ARGUMENTS[name]] if name in _ARGUMENTS else []
            family = GaugeMetricFamily(name, meaning, labels=labels)
            for row in await connection.fetch(query, *arguments):
                *values, figure = row.values()
                family.add_metric(values, figure)
            families.append(family)
    return families
