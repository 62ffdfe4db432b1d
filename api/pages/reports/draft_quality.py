"""How good drafts are: what people made of them, how far they went from them, why there was none, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from api.access import With, needs
from api.drafts import drafts_quality
from api.pages.layout.labels import BY_RULES
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page, plain
from api.pages.reports.report_charts import became_of_drafts, edited_fields, failures, spent
from api.pages.reports.reports import as_csv
from domain.access.permissions import Permission
from domain.evidence.draft_jobs import draft_job
from store.audit import Act, Entry, Kind
from store.draft_quality import Quality

routes = APIRouter()

PICTURES = (
    ("became", "What became of them", became_of_drafts),
    ("edited", "How far people went from them", edited_fields),
    ("failures", "Where a model was to draft and did not", failures),
    ("spent", "What they cost", spent),
)
"""Each figure's address on the page, its heading, and what makes it."""


@routes.get("/reports/quality")
@needs(Permission.DRAFT_QUALITY_READ)
async def drafts(request: Request, by: AsReader, at: With) -> Response:
    """The page; for those who may read the report."""
    rows = await drafts_quality(by.caller, at)
    words = {
        "pictures": [(name, heading, figure(rows)) for name, heading, figure in PICTURES],
        "rows": [_plain(row) for row in rows],
        "made": sum(row.made for row in rows),
        "seen": sum(row.seen for row in rows),
        "decided": sum(row.decided for row in rows),
        "cost": sum(row.cost for row in rows),
        "tokens": sum(row.tokens_in + row.tokens_out for row in rows),
    }
    return page(request, "quality.html", by, words)


@routes.get("/reports/quality.csv")
@needs(Permission.DRAFT_QUALITY_READ)
async def file(by: AsReader, at: With) -> Response:
    """The same as CSV, one line a job, drafter, model and prompts, under the names the API gives them."""
    rows = await drafts_quality(by.caller, at)
    await at.audit.record(Entry(Act.EXPORTED_REPORT, Kind.REPORT, "quality", permission=Permission.DRAFT_QUALITY_READ))
    lines = ([_cell(value) for value in dict(row).values()] for row in rows)
    return as_csv("quality", list(Quality.model_fields), lines)


def _plain(row: Quality) -> dict[str, Any]:
    return {
        "job": draft_job(row.job).words,
        "drafted by": row.model or BY_RULES,
        "made": row.made,
        "read": row.seen,
        "decided after": row.decided,
        "as drafted": None if row.unchanged_share is None else f"{row.unchanged_share:.0%}".replace("%", " %"),
        "seconds": row.seconds,
        "tokens": row.tokens_in + row.tokens_out,
        "cost": f"{row.cost:.2f}",
        "distances": "; ".join(f"{plain(kind).replace('.', ' ')} {far:.2f}" for kind, far in row.distances.items()),
        "failures": "; ".join(f"{plain(why)} {times}" for why, times in row.failed.items()),
    }


def _cell(value: Any) -> Any:
    """A cell for a value that has parts: `verdict=0.25; bullets=0.1`."""
    if isinstance(value, Mapping):
        return "; ".join(f"{key}={part:g}" for key, part in value.items())
    return "; ".join(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
