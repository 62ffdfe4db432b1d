"""A requisition's candidates by stage: columns of cards that a command moves on, or a table to sort and filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from api.access import With, needs
from api.available import available
from api.pages.layout.display_names import Names, names
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.pages.requisitions.tabs import tabs_of
from api.queries import Offset
from api.tags import tags_of
from api.visibility import SeenRequisition, in_pipeline, named_in, seen_requisition
from domain.access.permissions import Permission
from domain.core.ids import RequisitionId
from domain.entity.entity_facts import ENDS, Stage
from domain.registry import COMMANDS
from store.views import CandidateLine
from workflows.contract import stream_of

routes = APIRouter()

CARDS = 100
"""Cards in a column; who comes after stands in the table."""

MOST = 1_000
"""Candidates of each stage among whom is looked for who is asked for; of a stage that has more, they are searched."""

ROWS = 200
"""Candidates on one page of the table."""


class Column(NamedTuple):
    """A column: what it is called, the stages in it, and the command that brings somebody there, below a candidate's
    page or, with `{}` for them, a requisition's."""

    words: str
    stages: tuple[Stage, ...]
    command: str | None = None


COLUMNS = (
    Column("Applied", (Stage.ADDED,)),
    Column("Shortlisted", (Stage.SHORTLISTED,), "shortlist"),
    Column("With the manager", (Stage.SUBMITTED, Stage.HELD), "submit_candidate"),
    Column("Advanced", (Stage.ADVANCED,), "answer_profile"),
    Column("Screened", (Stage.SCREENED,), "confirm_summary"),
    Column("Interviewing", (Stage.INTERVIEWING,), "schedule_interview"),
    Column("Debrief", (Stage.DEBRIEFING,), "book_debrief"),
    Column("To be hired", (Stage.HIRE_DECIDED, Stage.RESERVE), "decide"),
    Column("Offered", (Stage.OFFERED,), "make_offer"),
    Column("Accepted", (Stage.ACCEPTED,), "answer_offer"),
)
"""The columns in order. Who is out stands in the table alone."""

OUT = Column("Out", tuple(sorted(ENDS)), "reject")


@dataclass(frozen=True)
class PipelineFilter:
    """Who is shown, in which order, and how."""

    view: Literal["board", "table"] = "board"
    stage: str = ""
    waiting: Literal["", "me", "late"] = ""
    source: str = ""
    sort: Literal["stage", "name", "since", "due"] = "stage"
    offset: Offset = 0

    def address(self, **other: str | int) -> str:
        """What is asked for, with what is `other` about it."""
        asked = {"view": self.view, "stage": self.stage, "waiting": self.waiting, "source": self.source}
        asked |= {"sort": self.sort if self.sort != "stage" else ""}
        return "?" + urlencode({name: value for name, value in (asked | other).items() if value})


Asked = Annotated[PipelineFilter, Depends()]


@routes.get("/requisitions/{id}/pipeline")
@needs(Permission.REQUISITION_CANDIDATES)
async def pipeline(request: Request, id: RequisitionId, by: AsReader, at: With, asked: Asked) -> Response:
    """The page."""
    seen = await seen_requisition(id, by.caller, at, Permission.REQUISITION_CANDIDATES)
    table = asked.view == "table"
    wanted = next((one for one in (*COLUMNS, OUT) if one.words == asked.stage), None)
    stages = wanted.stages if wanted else tuple(stage for one in COLUMNS for stage in one.stages)
    lines = await in_pipeline(seen, by.caller, at, stages, MOST)
    if not seen.sight.may(Permission.REQUISITION_APPLICATIONS):
        sources: list[str] = []
    else:
        sources = sorted({line.source for line in lines if line.source})
        lines = [line for line in lines if not asked.source or line.source == asked.source]
    lines = [line for line in lines if _waits(line, asked.waiting, by.id)]
    columns = [(one, [line for line in lines if line.stage in one.stages][:CARDS]) for one in COLUMNS]
    if not table:
        lines = [line for _, cards in columns for line in cards]
    name = await _names(seen, lines, by, at)
    if table:
        lines = _in_order(lines, asked.sort, name)
    offset = max(asked.offset, 0)
    can = await available(stream_of("requisition", id), by.caller, at)
    words: dict[str, Any] = {
        "view": seen.view,
        "tabs": tabs_of(seen),
        "asked": asked,
        "can": can,
        "columns": columns,
        "called": [one.words for one in (*COLUMNS, OUT)],
        "sources": sources,
        "counted": _counted(seen.view.stages),
        "out": sum(seen.view.stages.get(stage, 0) for stage in ENDS),
        "lines": lines[offset : offset + ROWS],
        "further": asked.address(offset=offset + ROWS) if len(lines) > offset + ROWS else None,
        "place": {one.words: _form_of(one.command, id) for one in (*COLUMNS, OUT) if one.command},
        "name": name,
        "tags": await tags_of((line.id for line in lines), by.caller, at),
    }
    return page(request, "pipeline.html", by, words)


async def _names(seen: SeenRequisition, lines: Iterable[CandidateLine], by: AsReader, at: With) -> Names:
    lines = list(lines)
    known = await named_in(seen, ((line.id, line.human) for line in lines), by.caller, at)
    return await names(at, seen.view, [line.waiting_on for line in lines], candidates=known.items())


def _form_of(command: str, requisition: str) -> str:
    """Where the form of a command is, with `{}` for the candidate."""
    path = command.replace("_", "-")
    if command in COMMANDS["requisition"]:
        return f"/requisitions/{requisition}/{path}?about={{}}"
    return f"/candidates/{{}}/{'debrief' if command == 'decide' else path}"


def _counted(stages: Mapping[Stage, int]) -> dict[str, int]:
    """How many stand in each column, those included who are not shown."""
    return {one.words: sum(stages.get(stage, 0) for stage in one.stages) for one in COLUMNS}


def _waits(line: CandidateLine, how: str, reader: str) -> bool:
    """Whether a candidate is among those for whom the reader, or anybody too long, is waited for."""
    return not how or (line.breached if how == "late" else reader in line.waiting_on)


def _in_order(lines: list[CandidateLine], sort: str, name: Names) -> list[CandidateLine]:
    """Candidates in the order that is asked for: the furthest first, by name, the longest there, or the most urgent."""
    order = {stage: place for place, stage in enumerate(Stage)}
    if sort == "name":
        return sorted(lines, key=lambda line: name(line.id).casefold())
    if sort == "since":
        return sorted(lines, key=lambda line: line.stage_since)
    if sort == "due":
        due = [(line.late_due or line.nearest_due, line) for line in lines]
        return [line for _, line in sorted(due, key=lambda one: (one[0] is None, one[0] or one[1].stage_since))]
    return sorted(lines, key=lambda line: (-order[line.stage], line.stage_since))
