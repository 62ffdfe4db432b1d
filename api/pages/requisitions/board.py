"""The board: a line a requisition, what is late first or as one asks, with how far it is, its candidates and whose move
it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Header, Request, Response

from api.access import With, needs
from api.pages.layout.display_names import Names
from api.pages.layout.list_views import AskedColumns, address_of, list_views, opened_first
from api.pages.layout.session import AsReader, PageReader
from api.pages.layout.templating import drawn, page
from api.queries import Offset
from api.relations import in_company
from api.saved_views import LISTS, BoardGroup
from domain.access.permissions import Permission
from domain.entity.call import NO_FACTS, Call
from domain.requisition import REQUISITION, Phase
from domain.requisition.opening import Open
from store.queries import BoardSort
from store.views import BoardLine

routes = APIRouter()

AT_ONCE = 100
"""Searches on one page."""

LINES = "board_lines.html"

SORTS: Mapping[BoardSort, str] = {
    "first": "what wants doing first",
    "target": "target date",
    "title": "title",
    "phase": "phase",
    "candidates": "number of candidates",
    "opened": "how long they are open",
}

_HEADS: tuple[tuple[frozenset[str], str, BoardSort, str], ...] = (
    (frozenset(), "Requisition", "title", "ascending"),
    (frozenset({"phase"}), "Phase", "phase", "ascending"),
    (frozenset({"candidates"}), "Candidates", "candidates", "descending"),
    (frozenset({"openings"}), "To be filled by", "target", "ascending"),
    (frozenset({"move"}), "Whose move", "first", "other"),
)
"""The heads of the board's columns: which column each stands over, if it may be left out; its words; what it puts in
order, and which way."""


@dataclass(frozen=True)
class Head:
    """The head of a column: its words, where it leads, and which way the lines are in order by it, if they are."""

    words: str
    href: str
    sorted: str | None


@dataclass(frozen=True)
class BoardFilter:
    """Which requisitions a board shows, from the `offset`-th on, and what they stand together by; those that are
    closed are away unless asked for. `late` are those that go on after their target date."""

    person: str = ""
    team: str = ""
    phase: str = ""
    breached: bool = False
    stuck: bool = False
    late: bool = False
    closed: bool = False
    by: BoardGroup = "phase"
    sort: BoardSort = "first"
    columns: AskedColumns = None
    offset: Offset = 0

    @property
    def asks(self) -> dict[str, str]:
        """What is asked for, but for the place on it and the columns."""
        asked = {"person": self.person, "team": self.team, "phase": self.phase}
        said = {name: value for name, value in asked.items() if value}
        flags = {name: "true" for name in ("breached", "stuck", "late", "closed") if getattr(self, name)}
        return {**said, **flags, "by": self.by, "sort": self.sort}

    def address(self, path: str, offset: int) -> str:
        """Where these are, from the `offset`-th on."""
        return address_of(path, {**self.asks, "offset": str(offset)}, self.columns or ())

    @property
    def heads(self) -> list[Head]:
        """The heads of the columns that are shown."""
        shown = frozenset(self.columns or ())
        return [
            Head(words, replace(self, sort=sort).address("/board", 0), way if sort == self.sort else None)
            for column, words, sort, way in _HEADS
            if column <= shown
        ]


Asked = Annotated[BoardFilter, Depends()]


@routes.get("/board")
@needs(Permission.BOARD_READ)
async def board(request: Request, by: AsReader, at: With, shown: Asked) -> Response:
    """The page."""
    first = await opened_first(request, "board", by, at)
    if first is not None:
        return first
    views = await list_views("board", "/board", shown.asks, shown.columns, by, at)
    shown = replace(shown, columns=list(views.columns))
    filters = (
        ("person", "With" if _oversees(by) else "Waiting for", await at.people.colleagues()),
        ("team", "Team", [(name, name) for name in await at.reads.team_names()]),
        ("phase", "Phase", [(name, name) for name in Phase]),
    )
    now = datetime.now(UTC)
    said = await _lines(by, at, shown, await _tag(by, at, now), now)
    # Drawn by itself: five thousand pieces that go through every template around them are a third of the work.
    lines = drawn(request, [LINES], by, said)
    may_open = REQUISITION.begins(Open, Call(by.caller.actor, now, NO_FACTS)).open
    return page(
        request,
        "board.html",
        by,
        {
            "filters": filters,
            "chosen": shown,
            "lines": lines,
            "lists": views,
            "may_open": may_open,
            "groups": get_args(BoardGroup),
            "sorts": SORTS,
        },
    )


@routes.get("/board/lines")
@needs(Permission.BOARD_READ)
async def lines(
    request: Request, by: AsReader, at: With, shown: Asked, if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """The requisitions alone, which the page asks for again every few seconds; 304 while it would say the same."""
    now = datetime.now(UTC)
    tag = await _tag(by, at, now)
    if tag in if_none_match:
        return Response(status_code=304, headers={"ETag": tag})
    if shown.columns is None:
        shown = replace(shown, columns=[*LISTS["board"].columns])
    answer = page(request, LINES, by, await _lines(by, at, shown, tag, now))
    answer.headers["ETag"] = tag
    return answer


def _oversees(by: PageReader) -> bool:
    return in_company(by.caller).may(Permission.BOARD_OVERSEE)


async def _tag(by: PageReader, at: With, now: datetime) -> str:
    """What changes when the requisitions do, and every minute, for so long do times stay as they are said."""
    changes = await at.reads.changes(None if _oversees(by) else by.id)
    said = f"{by.id} {now:%Y%m%d%H%M} {changes}"
    return f'W/"{hashlib.sha256(said.encode()).hexdigest()[:16]}"'


async def _lines(by: PageReader, at: With, shown: BoardFilter, tag: str, now: datetime) -> Mapping[str, Any]:
    """What the template of the lines says."""
    everything, offset = _oversees(by), max(shown.offset, 0)
    reads = at.reads
    found = await reads.board(
        person=(shown.person or None) if everything else by.id,
        waiting_on=(shown.person or None) if not everything else None,
        phase=shown.phase or None,
        team_name=shown.team or None,
        breached=shown.breached or None,
        stuck=shown.stuck or None,
        target_before=now.date() if shown.late else None,
        closed=None if shown.closed or shown.phase == Phase.CLOSED else False,
        limit=AT_ONCE + 1,
        offset=offset,
        sort=shown.sort,
    )
    lines, people = found[:AT_ONCE], at.people
    owners = {owner for line in lines for owner in (line.nearest_owner, line.late_owner) if owner}
    named = {id for line in lines for id in (line.recruiter, line.hiring_manager, *line.waiting_on)}
    name = Names(await people.several(named | owners), {})
    return {
        "now": now,
        "lines": _grouped(lines, shown.by, name),
        "grouped": shown.by,
        "columns": shown.columns,
        "heads": shown.heads,
        "in_order_of": SORTS[shown.sort],
        "phases": tuple(Phase),
        "stages": await reads.stages([line.id for line in lines]),
        "name": name,
        "calendars": await people.calendars(owners),
        "tag": tag,
        "live": shown.address("/board/lines", offset),
        "more": shown.address("/board", offset + AT_ONCE) if len(found) > AT_ONCE else None,
    }


def _grouped(lines: Sequence[BoardLine], by: BoardGroup, name: Names) -> list[tuple[str, list[BoardLine]]]:
    """Lines under what they have in common: phases in their order, anything else by its name."""
    if by == "nothing":
        return [("Requisitions", list(lines))] if lines else []
    order: dict[str, int] = {phase: place for place, phase in enumerate(Phase)}
    called: dict[BoardGroup, Callable[[BoardLine], str]] = {
        "phase": lambda line: line.phase,
        "team": lambda line: line.team_name,
        "recruiter": lambda line: name(line.recruiter),
        "manager": lambda line: name(line.hiring_manager),
    }
    group = called[by]
    in_order = sorted(lines, key=lambda line: (order.get(group(line), len(order)), group(line)))
    return [(words, list(same)) for words, same in groupby(in_order, key=group)]
