"""The reports, as JSON: what happened in your own requisitions, or in all for those who oversee them.

Which reports there are is said once, in `REPORTS`; the pages show the same rows as pictures, tables and CSV.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import GenericAlias
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from api.access import AsCaller, Caller, With, needs
from api.problems import RESPONSES, Refused
from api.relations import in_company
from api.services import Services
from api.unsealing import opened
from domain.access.permissions import Permission
from domain.core.personal_text import Sealed
from store import report_views as rows
from store.lead_overview import LeadOverview
from store.reports import BEGINNING, Reports, ReportScope
from store.views import View
from workflows.contract import stream_of

routes = APIRouter(prefix="/v1/reports", tags=["reports"], responses=RESPONSES)

Days = Literal["28", "91", "365", "all"]
"""How far back a report looks, in days from now. A few lengths only: sums over many overlapping ones tell too much."""

Period = Annotated[Days, Query(description="How far back, in days from now.")]
Own = Annotated[bool, Query(description="Only the requisitions you have a part in, where you may read of all.")]
Team = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="One team's requisitions; empty: all.")]


@dataclass(frozen=True)
class Report:
    """One report: its address, what it is called, what it tells, and what one of its rows is."""

    name: str
    title: str
    tells: str
    row: type[View]
    read: Callable[[Reports, ReportScope], Awaitable[Sequence[Any]]]


REPORTS: tuple[Report, ...] = (
    Report(
        "funnel", "Funnel",
        "How far those came who were added in the period, and how many of each stage went on to the next.",
        rows.FunnelStep, Reports.funnel,
    ),
    Report(
        "time-in-stage", "Time in stage",
        "How many days candidates stayed at each stage they came to in the period.",
        rows.StageTime, Reports.time_in_stage,
    ),
    Report(
        "sla", "SLA kept",
        "How often each kind of task was done in time, by the side whose task it is.",
        rows.PromiseKept, Reports.sla,
    ),
    Report(
        "feedback", "From interview to scorecard",
        "How many hours passed from an interview's end until the scorecard was in.",
        rows.FeedbackMonth, Reports.feedback,
    ),
    Report(
        "concrete", "Concrete feedback",
        "How much of what was answered to profiles and written on scorecards was concrete, how much was called vague "
        "and stood by. What was refused as vague and written anew leaves no trace, and counts as concrete.",
        rows.FeedbackWords, Reports.concrete,
    ),
    Report(
        "expectations", "Expectations against the band",
        "What candidates expect to be paid, against what each requisition may pay, as it stands now.",
        rows.Expectation, Reports.expectations,
    ),
    Report(
        "calibration", "Calibration agreement",
        "How often the recruiter's verdict at the shortlist and the hiring manager's answer agree, by criterion.",
        rows.Calibration, Reports.calibration,
    ),
    Report(
        "promised", "Agreed and actual",
        "What the search agreement says, and what came: candidates by a day, meetings, a hire by the target date.",
        rows.Promised, Reports.promised,
    ),
    Report(
        "retro-changes", "What retros changed",
        "What retros said to change, and whether later requisitions adopted it.",
        rows.RetroOutcome, Reports.retro_changes,
    ),
    Report(
        "gates", "Gates opened by hand",
        "How often somebody opened a gate for somebody else, by gate and team.",
        rows.GateUse, Reports.gates,
    ),
    Report(
        "work-around", "Wished to work around the other",
        "The share who said so in a retro: always over the whole company, and only for quarters that are over.",
        rows.WorkAround, Reports.work_around,
    ),
)  # fmt: skip


def asked(by: Caller, days: Days, team: str = "", own: bool = False) -> ReportScope:
    """What `by` asks about: their own requisitions, or all of them for those who oversee, unless they want their `own`.
    Refuses who is no colleague."""
    if not in_company(by).may(Permission.REPORTS_READ):
        raise Refused(403, "not_permitted", "Reports are for people who hire.", "A user's own token.")
    now = datetime.now(UTC)
    return ReportScope(
        reader=by.actor.id,
        now=now,
        person=by.actor.id if own or not in_company(by).may(Permission.REPORTS_OVERSEE) else None,
        team=team or None,
        since=BEGINNING if days == "all" else now - timedelta(days=int(days)),
    )


async def rows_of(report: Report, scope: ReportScope, at: Services) -> Sequence[Any]:
    """The rows of a report. What a retro said is opened: it lies under the key of the requisition that said it."""
    return [
        row.model_copy(update={"change": await opened(row.change, stream_of("requisition", row.change.key), at)})
        if isinstance(row, rows.RetroOutcome) and isinstance(row.change, Sealed)
        else row
        for row in await report.read(at.reports, scope)
    ]


@routes.get("/overview", operation_id="report_overview", summary="The four figures of a lead")
@needs(Permission.REPORTS_READ)
async def overview(by: AsCaller, at: With, own: Own = False) -> LeadOverview:
    """What is stuck, how long each side lets candidates wait, what is late against its target date, and how often both
    sides agree: now, and four weeks ago. Of your own requisitions; leads, HR partners and operations see all."""
    return await at.lead_overviews.of(asked(by, "28", own=own))


def _serve(report: Report) -> None:
    async def endpoint(by: AsCaller, at: With, days: Period = "91", team: Team = "", own: Own = False) -> Any:
        return await rows_of(report, asked(by, days, team, own), at)

    routes.add_api_route(
        f"/{report.name}",
        needs(Permission.REPORTS_READ)(endpoint),
        response_model=GenericAlias(list, (report.row,)),
        operation_id=f"report_{report.name.replace('-', '_')}",
        summary=report.title,
        description=f"{report.tells} Of your own requisitions; leads, HR partners and operations see all.",
    )


for _report in REPORTS:
    _serve(_report)
