"""Reports: a picture of each, what it says in a sentence, the table behind it, and the same as CSV."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.access import With, needs
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.pages.reports.amounts import in_percent, lasting, month_of, quarter_of
from api.pages.reports.report_charts import FIGURES, Figure
from api.problems import Refused
from api.relations import in_company
from api.reports import REPORTS, Own, Period, Report, Team, asked, rows_of
from domain.access.permissions import Permission
from domain.sla.catalogue import clock_row
from store.audit import Act, Entry, Kind
from store.reports import GROUP, ReportScope
from store.views import View

routes = APIRouter()

IDS = frozenset({"requisition"})
"""Columns that say what the title beside them says already."""

COLUMNS: Mapping[str, str] = {
    "funnel.passed": "share that went on",
    "passed": "moved on",
    "median_days": "half stayed at most",
    "nine_of_ten_days": "nine of ten stayed at most",
    "clock": "task",
    "breached_open": "overdue now",
    "corrected": "late by a record that was corrected",
    "in_time": "share in time",
    "hours_late": "late together",
    "cards": "scorecards",
    "median_hours": "half came within",
    "nine_of_ten_hours": "nine of ten came within",
    "within_a_day": "share within a day",
    "concrete": "share concrete",
    "team_name": "team",
    "period": "pay for a",
    "told": "candidates who said",
    "share_above": "share above the band",
    "way": "way out chosen",
    "agreement": "share agreed",
    "candidates_promised": "candidates agreed on",
    "shown_by": "until",
    "shown_in_time": "came by then",
    "shown": "came so far",
    "meetings_promised": "meetings agreed on",
    "meetings_held": "meetings held",
    "concluded_at": "retro on",
    "open": "still open",
    "wished": "share who wished to",
}
"""What a column is called where its name in the API does not say it to everybody; that of one report alone first."""


def _share(share: float) -> str:
    return f"{in_percent(share)} %"


def _days(days: float) -> str:
    return lasting(days * 24)


CELLS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("in_time", "within_a_day", "share_above", "agreement", "wished", "concrete"), _share),
    **dict.fromkeys(("median_days", "nine_of_ten_days"), _days),
    **dict.fromkeys(("median_hours", "nine_of_ten_hours"), lasting),
    "passed": lambda passed: _share(passed) if isinstance(passed, float) else passed,
    "hours_late": lambda hours: lasting(hours) if hours else "none",
    "clock": lambda clock: clock_row(clock).button,
    "side": lambda side: {"R": "recruiter", "H": "hiring manager"}.get(side, side),
    "month": month_of,
    "quarter": quarter_of,
}
"""How a value is said that is no number to count with, by its column."""

PERIODS = (("28", "four weeks"), ("91", "a quarter"), ("365", "a year"), ("all", "all time"))
SHOWN = 100
"""Rows of a table on the page; the file has them all."""


@dataclass(frozen=True)
class ReportView:
    """A report as the page shows it: `columns` and `lines` are its table, `file` its address as CSV."""

    report: Report
    figure: Figure
    columns: tuple[str, ...]
    lines: list[list[Any]]
    left_out: int
    file: str


@routes.get("/reports")
@needs(Permission.REPORTS_READ)
async def reports(
    request: Request, by: AsReader, at: With, days: Period = "91", team: Team = "", own: Own = False
) -> Response:
    """The page."""
    over = asked(by.caller, days, team, own)
    query = urlencode({"days": days, "team": team} | ({"own": "true"} if own else {}))
    shown = await asyncio.gather(*(_shown(report, over, query, at) for report in REPORTS))
    words = {
        "shown": shown,
        "periods": PERIODS,
        "days": days,
        "team": team,
        "teams": await at.reports.teams(over),
        "oversees": in_company(by.caller).may(Permission.REPORTS_OVERSEE),
        "everything": over.person is None,
        "own": own,
        "group": GROUP,
    }
    return page(request, "reports.html", by, words)


@routes.get("/reports/{name}.csv")
@needs(Permission.REPORTS_READ)
async def file(name: str, by: AsReader, at: With, days: Period = "91", team: Team = "", own: Own = False) -> Response:
    """A report as CSV (RFC 4180, UTF-8), one line a row under the names its rows have in the API."""
    report = next((one for one in REPORTS if one.name == name), None)
    if report is None:
        raise Refused(404, "not_found", "There is no such report.", "One of those on the page.")
    rows = await rows_of(report, asked(by.caller, days, team, own), at)
    await at.audit.record(Entry(Act.EXPORTED_REPORT, Kind.REPORT, name, permission=Permission.REPORTS_READ))
    return as_csv(name, list(report.row.model_fields), (row.model_dump().values() for row in rows))


def as_csv(name: str, columns: Sequence[str], lines: Iterable[Iterable[Any]]) -> Response:
    """A file of these columns to take along."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in line] for line in lines)
    headers = {"Content-Disposition": f'attachment; filename="tandem-{name}.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


async def _shown(report: Report, over: ReportScope, query: str, at: With) -> ReportView:
    rows = await rows_of(report, over, at)
    columns = tuple(name for name in report.row.model_fields if name not in IDS)
    return ReportView(
        report=report,
        figure=FIGURES[report.name](rows),
        columns=tuple(COLUMNS.get(f"{report.name}.{name}", COLUMNS.get(name, name)) for name in columns),
        lines=_lines(columns, rows[:SHOWN]),
        left_out=max(len(rows) - SHOWN, 0),
        file=f"/reports/{report.name}.csv?{query}",
    )


def _lines(columns: Iterable[str], rows: Sequence[View]) -> list[list[Any]]:
    return [[_shown_value(name, getattr(row, name)) for name in columns] for row in rows]


def _shown_value(name: str, value: Any) -> Any:
    return value if value is None or name not in CELLS else CELLS[name](value)


def _cell(value: Any) -> Any:
    """`value` as a cell. A text that a spreadsheet would take for a formula gets an apostrophe (OWASP)."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value
