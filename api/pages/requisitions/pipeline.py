"""A requisition's candidates by stage: columns of cards that a command moves on, or a table to sort and filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from api.access import With, needs
from api.available import available
from api.pages.layout.display_names import Names, names
from api.pages.layout.list_views import AskedColumns, address_of, list_views, opened_first
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.pages.requisitions.tabs import tabs_of
from api.pipeline_stages import COLUMNS, OUT
from api.queries import Offset
from api.saved_views import PipelineSort
from api.tags import tag_choices, tags_of, with_tag
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


@dataclass(frozen=True)
class PipelineFilter:
    """Who is shown, in which order, and how."""

    view: Literal["board", "table"] = "board"
    stage: str = ""
    waiting: Literal["", "me", "late"] = ""
    source: str = ""
    tag: str = ""
    sort: PipelineSort = "stage"
    columns: AskedColumns = None
    offset: Offset = 0

    @property
    def asks(self) -> dict[str, str]:
        """What is asked for, but for the place in the table and the columns."""
        asked = {"view": self.view, "stage": self.stage, "waiting": self.waiting, "source": self.source}
        asked |= {"tag": self.tag, "sort": self.sort}
        return {name: value for name, value in asked.items() if value}

    def address(self, **other: str | int) -> str:
        """What is asked for, with what is `other` about it."""
        asked = self.asks | {name: str(value) for name, value in other.items() if value}
        return "?" + urlencode(asked) if self.columns is None else address_of("", asked, self.columns)


Asked = Annotated[PipelineFilter, Depends()]


@routes.get("/requisitions/{id}/pipeline")
@needs(Permission.REQUISITION_CANDIDATES)
async def pipeline(request: Request, id: RequisitionId, by: AsReader, at: With, asked: Asked) -> Response:
    """The page."""
    first = await opened_first(request, "pipeline", by, at)
    if first is not None:
        return first
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
    tags = await tags_of((line.id for line in lines), by.caller, at)
    if asked.tag:
        having = set(with_tag(asked.tag, tags, at))
        lines = [line for line in lines if line.id in having]
    lines = [line for line in lines if _waits(line, asked.waiting, by.id)]
    found = {one: [line for line in lines if line.stage in one.stages] for one in COLUMNS}
    columns = [(one, there[:CARDS]) for one, there in found.items()]
    narrowed = asked.waiting or asked.source or asked.tag
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
        "counted": {one.words: len(there) for one, there in found.items()} if narrowed else _counted(seen.view.stages),
        "out": sum(seen.view.stages.get(stage, 0) for stage in ENDS),
        "lines": lines[offset : offset + ROWS],
        "further": asked.address(offset=offset + ROWS) if len(lines) > offset + ROWS else None,
        "place": {one.words: _form_of(one.command, id) for one in (*COLUMNS, OUT) if one.command},
        "name": name,
        "tags": tags,
        "tag_choices": tag_choices(tags, asked.tag, at),
        "lists": await list_views("pipeline", request.url.path, asked.asks, asked.columns, by, at),
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
