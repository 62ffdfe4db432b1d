"""The ops board: what is breached, stuck, pending or waits for a person, over all requisitions, with links to each.

How long one person kept others waiting is for operations, who work on it; leads are shown counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.access import AsCaller, With, needs
from api.commands import PLURAL
from api.problems import RESPONSES, Refused
from api.relations import in_office
from api.services import Services
from api.visibility import own_streams, without_letters
from domain.access.permissions import Permission
from domain.core.ids import PersonId
from ops import temporal_ui
from store.ops_views import (
    BreachWeek,
    ClockCount,
    HitRate,
    LateClock,
    PendingEffect,
    StuckEntity,
    Totals,
    Workload,
)
from store.views import TaskView
from workflows.contract import entity_of

routes = APIRouter(prefix="/v1/ops", tags=["operations"], responses=RESPONSES)

Word = Annotated[str, Query(pattern=r"^[a-z_]{1,40}$")]
Team = Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=100_000)]
Days = Annotated[int, Query(ge=1, le=3_660, description="How far back, from now.")]
Hours = Annotated[float, Query(ge=0, le=100_000, description="Overdue for so many hours, elapsed, or longer.")]

ON_THE_BOARD = 50
"""So many of each list stand on the board itself; the rest is read from the list's own address."""


class Linked(BaseModel):
    """Where to look: `link` is the thing in Tandem, `temporal` its workflow in the Temporal UI, if we know where it is.

    `hours` is how long, elapsed: broken, stuck, open or undone.
    """

    link: str
    temporal: str | None
    hours: float


class BreachView(LateClock, Linked):
    """An overdue task."""


class Stuck(StuckEntity, Linked):
    """A requisition or a candidate that is stuck."""


class OpenTask(TaskView, Linked):
    """A manual task: something a machine could not do and a user is asked to."""


class PendingEffectView(PendingEffect, Linked):
    """Something decided that was not carried out yet."""


class OpsBoard(BaseModel):
    """Everything at a glance. Lists hold the oldest; `saved_queries` are links to the same in the Temporal UI."""

    totals: Totals
    clocks: list[ClockCount]
    stuck: list[Stuck]
    breaches: list[BreachView]
    tasks: list[OpenTask]
    undone: list[PendingEffectView]
    workload: list[Workload]
    saved_queries: dict[str, str]


@routes.get("", operation_id="ops_board")
@needs(Permission.OPERATIONS_READ)
async def ops_board(by: AsCaller, at: With) -> OpsBoard:
    """The ops board. For operations."""
    in_office(by, Permission.OPERATIONS_READ)
    reads, now, own = at.ops_reads, datetime.now(UTC), await own_streams(by, at)
    return OpsBoard(
        totals=await reads.totals(),
        clocks=await reads.by_clock(),
        stuck=_stuck(await reads.stuck(ON_THE_BOARD), own, at, now),
        breaches=_breaches(await reads.breaches(now, limit=ON_THE_BOARD), own, at, now),
        tasks=_tasks((await at.reads.tasks())[:ON_THE_BOARD], own, at, now),
        undone=_pending_effects(await reads.pending_effects(ON_THE_BOARD), own, at, now),
        workload=(await reads.workload(now))[:ON_THE_BOARD],
        saved_queries=temporal_ui.saved_queries(at.settings),
    )


@routes.get("/breaches", operation_id="ops_breaches")
@needs(Permission.OPERATIONS_READ)
async def ops_breaches(
    by: AsCaller,
    at: With,
    clock: Word | None = None,
    team: Team | None = None,
    person: PersonId | None = None,
    hours: Hours = 0,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[BreachView]:
    """Overdue tasks, the oldest first. For operations; your own tasks are in `/owed`."""
    in_office(by, Permission.OPERATIONS_READ)
    now = datetime.now(UTC)
    found = await at.ops_reads.breaches(now, clock, team, person, timedelta(hours=hours), limit, offset)
    return _breaches(found, await own_streams(by, at), at, now)


@routes.get("/breaches/weeks", operation_id="ops_breach_weeks")
@needs(Permission.OPERATIONS_COUNT)
async def ops_breach_weeks(by: AsCaller, at: With, days: Days = 91) -> list[BreachWeek]:
    """How many SLAs of each kind were breached and kept, by ISO week. For leads and operations."""
    in_office(by, Permission.OPERATIONS_COUNT)
    now = datetime.now(UTC)
    return await at.ops_reads.breach_weeks(now - timedelta(days=days), now)


@routes.get("/stuck", operation_id="ops_stuck")
@needs(Permission.OPERATIONS_READ)
async def ops_stuck(by: AsCaller, at: With, limit: Limit = 100, offset: Offset = 0) -> list[Stuck]:
    """Requisitions and candidates that are stuck, with their workflow in the Temporal UI. For operations."""
    in_office(by, Permission.OPERATIONS_READ)
    return _stuck(await at.ops_reads.stuck(limit, offset), await own_streams(by, at), at, datetime.now(UTC))


@routes.get("/tasks", operation_id="ops_tasks")
@needs(Permission.OPERATIONS_READ)
async def ops_tasks(by: AsCaller, at: With) -> list[OpenTask]:
    """Every manual task with its age and where to look, the oldest first. For operations."""
    in_office(by, Permission.OPERATIONS_READ)
    return _tasks(await at.reads.tasks(), await own_streams(by, at), at, datetime.now(UTC))


@routes.get("/undone", operation_id="ops_undone", summary="Pending effects")
@needs(Permission.OPERATIONS_READ)
async def ops_pending_effects(
    by: AsCaller, at: With, limit: Limit = 100, offset: Offset = 0
) -> list[PendingEffectView]:
    """What was decided and is not carried out yet, the oldest first. For operations."""
    in_office(by, Permission.OPERATIONS_READ)
    found = await at.ops_reads.pending_effects(limit, offset)
    return _pending_effects(found, await own_streams(by, at), at, datetime.now(UTC))


@routes.get("/workload", operation_id="ops_workload")
@needs(Permission.OPERATIONS_COUNT)
async def ops_workload(by: AsCaller, at: With) -> list[Workload]:
    """How many tasks each user has, in counts, whoever has the most first. For leads and operations."""
    in_office(by, Permission.OPERATIONS_COUNT)
    return await at.ops_reads.workload(datetime.now(UTC))


@routes.get("/sla", operation_id="ops_sla")
@needs(Permission.OPERATIONS_COUNT)
async def ops_sla(by: AsCaller, at: With, days: Days = 28) -> list[HitRate]:
    """How often each SLA was kept, by team. For leads and operations."""
    in_office(by, Permission.OPERATIONS_COUNT)
    now = datetime.now(UTC)
    return await at.ops_reads.hit_rates(now - timedelta(days=days), now)


@routes.get("/waiting-on/{person}", operation_id="ops_waiting_on")
@needs(Permission.OPERATIONS_READ)
async def ops_waiting_on(person: Annotated[PersonId, Path()], by: AsCaller, at: With) -> dict[str, str]:
    """The link to all that waits on somebody, in the Temporal UI. For operations."""
    in_office(by, Permission.OPERATIONS_READ)
    link = temporal_ui.query_url(at.settings, temporal_ui.waiting_on(person), f"waiting on {person}")
    if link is None:
        raise Refused(404, "not_found", "Nobody said where the Temporal UI is.", "TANDEM_TEMPORAL_UI_URL, when set.")
    return {"temporal": link}


Own = frozenset[str]
"""Streams that are about the reader as a candidate: they are on no list of theirs."""

L = TypeVar("L", BreachView, Stuck, OpenTask, PendingEffectView)


def _linked(kind: type[L], found: BaseModel, stream: str, since: datetime, at: Services, now: datetime) -> L:
    entity, entity_id = entity_of(stream)
    return kind(
        **found.model_dump(),
        link=f"{at.settings.base_url}/{PLURAL[entity]}/{entity_id}",
        temporal=temporal_ui.workflow_url(at.settings, stream),
        hours=round((now - since).total_seconds() / 3600, 2),
    )


def _breaches(found: Iterable[LateClock], own: Own, at: Services, now: datetime) -> list[BreachView]:
    return [_linked(BreachView, one, one.stream, one.breached_at, at, now) for one in found if one.stream not in own]


def _stuck(found: Iterable[StuckEntity], own: Own, at: Services, now: datetime) -> list[Stuck]:
    return [_linked(Stuck, one, one.stream, one.stuck_since, at, now) for one in found if one.stream not in own]


def _tasks(found: Iterable[TaskView], own: Own, at: Services, now: datetime) -> list[OpenTask]:
    return [
        _linked(OpenTask, one, one.stream, one.raised_at, at, now)
        for one in without_letters(found)
        if one.stream not in own
    ]


def _pending_effects(found: Iterable[PendingEffect], own: Own, at: Services, now: datetime) -> list[PendingEffectView]:
    return [_linked(PendingEffectView, one, one.stream, one.since, at, now) for one in found if one.stream not in own]
