"""The home page of leads: four figures, each with its change, what it counts and the list of what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.access import With, needs
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.pages.reports.amounts import counted, in_percent, lasting
from api.relations import in_company
from api.reports import Own, asked
from domain.access.permissions import Permission
from store.lead_overview import AgreementCount, LateCount, LeadOverview, StuckCount, WaitingTime
from store.reports import GROUP

routes = APIRouter()

WHOSE = {"recruiter": "Recruiters", "hiring_manager": "Hiring managers"}


@dataclass(frozen=True)
class Part:
    """An amount of a figure, whose it is where there are several, and how it was four weeks ago."""

    amount: str
    change: str
    whose: str = ""


@dataclass(frozen=True)
class LeadFigure:
    """One of the four: `says` is what it counts, `leads_to` the list of what it is made of, and what that is called."""

    name: str
    heading: str
    parts: tuple[Part, ...]
    says: str
    leads_to: tuple[str, str]
    late: bool = False


@routes.get("/overview")
@needs(Permission.REPORTS_READ)
async def overview(request: Request, by: AsReader, at: With, own: Own | None = None) -> Response:
    """The page, over one's own requisitions; who oversees may see all, and does where they have none of their own."""
    oversees = in_company(by.caller).may(Permission.REPORTS_OVERSEE)
    counts = await at.lead_overviews.of(asked(by.caller, "28", own=own is not False))
    everything = oversees and (own is False or (own is None and not counts.requisitions))
    if everything and own is None:
        counts = await at.lead_overviews.of(asked(by.caller, "28"))
    person = None if everything else by.id
    words = {
        "figures": figures(counts, person, oversees) if counts.requisitions else (),
        "counts": counts,
        "counted": counted,
        "everything": everything,
        "oversees": oversees,
    }
    return page(request, "overview.html", by, words)


def figures(counts: LeadOverview, person: str | None, oversees: bool) -> tuple[LeadFigure, ...]:
    """The four, in the order of what wants doing first. `person` is whose requisitions they count, None for all.

    What somebody reads who `oversees` is of all requisitions unless it is narrowed to that person's.
    """
    narrow = {"person": person} if person and oversees else {}
    own = {"own": "true"} if narrow else {}
    return (
        stuck(counts.stuck, _to("/board", stuck="true", closed="true", **narrow)),
        waiting(counts.waiting, _to("/reports", "sla", days="28", **own)),
        late(counts.late, _to("/board", late="true", closed="true", **narrow)),
        agreement(counts.agreement, _to("/reports", "calibration", days="28", **own)),
    )


def stuck(count: StuckCount, to: str) -> LeadFigure:
    """Requisitions that nobody moves any more."""
    return LeadFigure(
        "stuck",
        "Stuck",
        (Part(f"{count.now:,}", _more(count.now, count.before)),),
        "Requisitions in which a task is still not done after its last escalation step.",
        (to, "See which"),
        late=count.now > 0,
    )


def waiting(times: tuple[WaitingTime, ...], to: str) -> LeadFigure:
    """How long each side let candidates wait."""
    says = "For how long in the last four weeks tasks about candidates were overdue, all of one side added up."
    if any(time.hours is None for time in times):
        says += f" It is told where {GROUP} people or more were late, so that it is of nobody in particular."
    return LeadFigure(
        "waiting",
        "Candidates kept waiting",
        tuple(Part(_hours(time.hours), _longer(time.hours, time.hours_before), WHOSE[time.side]) for time in times),
        says,
        (to, "See by task"),
    )


def late(count: LateCount, to: str) -> LeadFigure:
    """Requisitions that go on after their target date."""
    if not count.dated:
        parts = Part("–", "No open requisition has a target date.")  # noqa: RUF001
    else:
        parts = Part(f"{count.late:,} of {count.dated:,}", _more(count.late, count.late_before))
    return LeadFigure(
        "late",
        "Past their target date",
        (parts,),
        "Open requisitions whose target date is over, of those that have one.",
        (to, "See which"),
        late=count.late > 0,
    )


def agreement(count: AgreementCount, to: str) -> LeadFigure:
    """How often both sides say the same."""
    if not count.answers:
        part = Part("–", "No answer of the last four weeks can be compared.")  # noqa: RUF001
    else:
        percent = in_percent(count.agreed / count.answers)
        before = in_percent(count.agreed_before / count.answers_before) if count.answers_before else None
        part = Part(f"{percent} %", _points(percent, before))
    answers = f"{count.agreed:,} of {counted(count.answers, 'answer')}" if count.answers else "answers"
    return LeadFigure(
        "agreement",
        "Calibration agreement",
        (part,),
        f"On {answers} of the last four weeks the hiring manager decided as the recruiter's verdict had it."
        if count.answers
        else "On how many answers of four weeks the hiring manager decided as the recruiter's verdict had it.",
        (to, "See by criterion"),
    )


def _to(path: str, part: str = "", **asked: str) -> str:
    return f"{path}?{urlencode(asked)}{'#' if part else ''}{part}"


def _hours(hours: float | None) -> str:
    if hours is None:
        return "not told"
    return lasting(hours) if hours else "none"


def _more(now: int, before: int) -> str:
    if now == before:
        return "as many as four weeks ago" if now else "none four weeks ago either"
    return f"{abs(now - before):,} {'more' if now > before else 'fewer'} than four weeks ago"


def _longer(hours: float | None, before: float | None) -> str:
    if hours is None:
        return ""
    if before is None:
        return "nothing told of the four weeks before"
    if abs(hours - before) < timedelta(minutes=6) / timedelta(hours=1):
        return "as in the four weeks before"
    return f"{lasting(abs(hours - before))} {'more' if hours > before else 'less'} than in the four weeks before"


def _points(percent: int, before: int | None) -> str:
    if before is None:
        return "nothing to compare with in the four weeks before"
    if percent == before:
        return "as in the four weeks before"
    points = counted(abs(percent - before), "point")
    return f"{points} {'more' if percent > before else 'less'} than in the four weeks before"
