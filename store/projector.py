"""From records to rows: pure, so that the same journal always gives the same read model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.core.decider import Decider
from domain.core.messages import Record
from domain.entity.state import Entity
from domain.sla.clocks import Clock, ClockStopped, ClockWaived
from store.read_model import ClockRow, Key, Row, TaskRow


def _nothing(_state: Any, _record: Record) -> Iterable[Row]:
    return ()


@dataclass(frozen=True)
class Projection:
    """How one kind of entity is shown.

    `search` is the requisition it belongs to, or ""; `rows` are those of a state, which go when the state no longer
    has them; `lasting` are those that an event leaves behind, given the state after it.
    """

    decider: Decider[Any]
    search: Callable[[Any], str]
    rows: Callable[[Any], Iterable[Row]]
    lasting: Callable[[Any, Record], Iterable[Row]] = _nothing


@dataclass(frozen=True)
class FoldedRows:
    """An entity as far as it was folded, and the rows of its state."""

    state: Entity
    rows: Mapping[Key, Row]


def start(projection: Projection) -> FoldedRows:
    """An entity that nothing happened to yet."""
    return FoldedRows(projection.decider.initial, {})


def advance(
    projection: Projection, stream: str, shown: FoldedRows, records: Sequence[Record]
) -> tuple[FoldedRows, list[Row]]:
    """`records` folded onto what is shown: what is shown then, and the rows to keep from what happened on the way."""
    state = shown.state
    lasting: dict[Key, Row] = {}
    for record in records:
        before, state = state, projection.decider.evolve(state, record)
        requisition = projection.search(state) or None
        for row in (*_moved_clocks(stream, requisition, before, state, record), *projection.lasting(state, record)):
            lasting[row.key] = row
    return FoldedRows(state, _rows(projection, stream, state)), list(lasting.values())


def _moved_clocks(
    stream: str, requisition: str | None, before: Entity, after: Entity, record: Record
) -> Iterable[ClockRow]:
    if before.clocks is after.clocks:
        return
    for clock_id in before.clocks.keys() | after.clocks.keys():
        was, now = before.clocks.get(clock_id), after.clocks.get(clock_id)
        if now is not None and now is not was:
            yield _clock(stream, requisition, now)
        elif was is not None and now is None:
            yield _ended(stream, requisition, was, record)


def _rows(projection: Projection, stream: str, state: Entity) -> Mapping[Key, Row]:
    if state.version == 0:
        return {}
    requisition = projection.search(state) or None
    tasks = (
        TaskRow(stream, task.id, requisition, task.kind, task.reason, task.raised_at) for task in state.tasks.values()
    )
    return {row.key: row for row in (*projection.rows(state), *tasks)}


def _clock(
    stream: str,
    requisition: str | None,
    clock: Clock,
    ended_at: datetime | None = None,
    ended_as: str | None = None,
) -> ClockRow:
    coming = clock.next_rung if ended_at is None else None
    return ClockRow(
        stream=stream,
        id=clock.id,
        requisition=requisition,
        name=clock.name,
        about=clock.about,
        owner=clock.owner,
        started_at=clock.started_at,
        due_at=clock.due_at,
        breached_at=clock.breached_at,
        causes=tuple(sorted(clock.paused)),
        stands_since=clock.stands_since,
        pauses=json.dumps([pause.model_dump(mode="json") for pause in clock.pauses]),
        extended=clock.extended,
        rung=clock.reached,
        next_rung_at=coming[1] if coming else None,
        stuck_at=clock.stuck_at,
        ended_at=ended_at,
        ended_as=ended_as,
    )


def _ended(stream: str, requisition: str | None, clock: Clock, record: Record) -> ClockRow:
    match record.event:
        case ClockStopped(kept=True):
            ended_as = "kept"
        case ClockWaived():
            ended_as = "waived"
        case _:
            ended_as = "void"
    return _clock(stream, requisition, clock, ended_at=record.at, ended_as=ended_as)
