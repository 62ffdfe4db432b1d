"""The board: searches by phase, what is late first, with candidates by stage and whose move it is."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.access import With
from api.pages.names import names
from api.pages.rendering import page
from api.pages.session import AsReader
from domain.people import Role
from store.people import People
from store.reads import Reads

routes = APIRouter()

PHASES = ("intake", "rubric", "calibration", "sourcing", "interviewing", "debrief", "offer", "retro", "closed")
AT_ONCE = 100
"""Searches on one page."""


@routes.get("/board")
async def board(
    request: Request,
    by: AsReader,
    at: With,
    person: str = "",
    team: str = "",
    phase: str = "",
    breached: bool = False,
    offset: int = 0,
) -> Response:
    """The page, and what it asks for again every few seconds."""
    everything = by.is_any(Role.LEAD, Role.OPS)
    reads = Reads(at.pool)
    lines = await reads.board(
        person=(person or None) if everything else by.id,
        waiting_on=(person or None) if not everything else None,
        phase=phase or None,
        team_name=team or None,
        breached=breached or None,
        limit=AT_ONCE + 1,
        offset=max(offset, 0),
    )
    more, lines = len(lines) > AT_ONCE, lines[:AT_ONCE]
    stages = await reads.stages([line.id for line in lines])
    known = await names(at, lines)
    people = sorted((p for p in await People(at.pool).everybody() if p.active), key=lambda p: p.name)
    asked: dict[str, Any] = {"person": person, "team": team, "phase": phase, "breached": "true" if breached else ""}
    here = {key: value for key, value in asked.items() if value}
    by_phase = sorted(lines, key=lambda line: PHASES.index(line.phase))
    return page(
        request,
        "board.html",
        by,
        {
            "lines": [(name, list(same)) for name, same in groupby(by_phase, key=lambda line: line.phase)],
            "stages": stages,
            "filters": (
                ("person", "With" if everything else "Waits on", [(p.id, p.name) for p in people]),
                ("team", "Team", [(name, name) for name in await reads.team_names()]),
                ("phase", "Phase", [(name, name) for name in PHASES]),
            ),
            "chosen": asked,
            "name": known,
            "live": "/board?" + urlencode(here | {"offset": offset}),
            "more": "/board?" + urlencode(here | {"offset": offset + AT_ONCE}) if more else None,
        },
    )
