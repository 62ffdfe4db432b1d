"""How good drafts were: what people made of them, counted by job, drafter, model and prompts."""

from __future__ import annotations

from decimal import Decimal

import asyncpg

from domain.core.messages import Value


class Quality(Value):
    """The drafts of one job by one drafter, with one model and one set of prompts.

    `decided` are drafts that somebody decided after, `measured` those of them whose words were held against the
    draft's, `unchanged` those in which nothing differs; where a draft was followed by several decisions the latest
    counts. `distances` are medians a kind of field, 0 (the same) to 1. `failed` counts why a model's draft was wanted
    and the extractive one came; `seconds` is the median time from the order to the draft, `cost` is in the currency of
    the prices.
    """

    job: str
    drafter: str
    model: str | None
    prompts: tuple[str, ...]
    made: int
    seen: int
    decided: int
    measured: int
    unchanged: int
    unchanged_share: float | None
    distances: dict[str, float]
    failed: dict[str, int]
    tokens_in: int
    tokens_out: int
    cost: Decimal
    seconds: float | None


_LATEST = """
WITH latest AS (
    SELECT DISTINCT ON (x.draft) x.draft, x.stream, x.seq FROM draft_distances x ORDER BY x.draft, x.seq DESC
), distances AS (
    SELECT x.draft, x.kind, x.distance
    FROM draft_distances x JOIN latest USING (draft, stream, seq)
)
"""

_COUNTS = f"""
{_LATEST}, changed AS (
    SELECT draft, max(distance) > 0 AS changed FROM distances GROUP BY draft
)
SELECT o.job, o.drafter, o.model, o.prompts,
    count(*) AS made,
    count(*) FILTER (WHERE EXISTS (SELECT FROM draft_readers r WHERE r.draft = o.draft)) AS seen,
    count(*) FILTER (WHERE EXISTS (SELECT FROM draft_decisions d WHERE d.draft = o.draft)) AS decided,
    count(changed.changed) AS measured,
    count(*) FILTER (WHERE NOT changed.changed) AS unchanged,
    coalesce(sum(o.tokens_in), 0)::bigint AS tokens_in,
    coalesce(sum(o.tokens_out), 0)::bigint AS tokens_out,
    sum(o.cost) AS cost,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY o.seconds) AS seconds
FROM language_outputs o LEFT JOIN changed ON changed.draft = o.draft
GROUP BY o.job, o.drafter, o.model, o.prompts ORDER BY o.job, o.drafter, o.model, o.prompts
"""

_MEDIANS = f"""
{_LATEST}
SELECT o.job, o.drafter, o.model, o.prompts, d.kind, percentile_cont(0.5) WITHIN GROUP (ORDER BY d.distance) AS median
FROM language_outputs o JOIN distances d ON d.draft = o.draft
GROUP BY o.job, o.drafter, o.model, o.prompts, d.kind ORDER BY d.kind
"""

_FAILED = """
SELECT o.job, o.drafter, o.model, o.prompts, o.failed, count(*) AS times FROM language_outputs o
WHERE o.failed IS NOT NULL GROUP BY o.job, o.drafter, o.model, o.prompts, o.failed ORDER BY o.failed
"""


async def quality(pool: asyncpg.Pool) -> list[Quality]:
    """The quality of every kind of draft, over all searches."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        counts = await connection.fetch(_COUNTS)
        medians = await connection.fetch(_MEDIANS)
        failures = await connection.fetch(_FAILED)
    return [
        Quality(
            **row,
            unchanged_share=row["unchanged"] / row["measured"] if row["measured"] else None,
            distances={each["kind"]: each["median"] for each in medians if _key(each) == _key(row)},
            failed={each["failed"]: each["times"] for each in failures if _key(each) == _key(row)},
        )
        for row in counts
    ]


def _key(row: asyncpg.Record) -> tuple[str, str, str | None, tuple[str, ...]]:
    return row["job"], row["drafter"], row["model"], tuple(row["prompts"])
