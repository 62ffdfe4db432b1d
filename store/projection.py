"""From records to rows: pure, so that the same journal always gives the same read model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.clocks import Clock, ClockStopped, ClockWaived
from domain.kernel import Decider, Record
from domain.state import Entity
from store.tables import ClockRow, Key, Row, TaskRow


@dataclass(frozen=True)
class Projection:
    """How one kind of entity is shown: `rows` of a state, and `search`, the requisition it belongs to."""

    decider: Decider[Any]
    search: Callable[[Any], str | None]
    rows: Callable[[Any], Iterable[Row]]


@dataclass(frozen=True)
class Shown:
    """An entity as far as it was folded, and its rows but for the clocks, which outlive the state."""

    state: Entity
    rows: Mapping[Key, Row]


def start(projection: Projection) -> Shown:
    """An entity that nothing happened to yet."""
    return Shown(projection.decider.initial, {})


def advance(projection: Projection, stream: str, shown: Shown, records: Sequence[Record]) -> tuple[Shown, list[Row]]:
    """`records` folded onto what is shown: what is shown then, and the rows of clocks that moved on the way."""
    state = shown.state
    clocks: dict[Key, Row] = {}
    for record in records:
        before, state = state, projection.decider.evolve(state, record)
        for clock_id in before.clocks.keys() | state.clocks.keys():
            was, now = before.clocks.get(clock_id), state.clocks.get(clock_id)
            if was is now:
                continue
            moved = _clock(stream, projection.search(state), now) if now else None
            if was and not now:
                moved = _ended(stream, projection.search(state), was, record)
            if moved:
                clocks[moved.key] = moved
    return Shown(state, _rows(projection, stream, state)), list(clocks.values())


def _rows(projection: Projection, stream: str, state: Entity) -> Mapping[Key, Row]:
    if state.version == 0:
        return {}
    requisition = projection.search(state)
    tasks = (
        TaskRow(stream, task.id, requisition, task.kind, task.reason, task.raised_at) for task in state.tasks.values()
    )
    return {row.key: row for row in (*projection.rows(state), *tasks)}


def _clock(stream: str, requisition: str | None, clock: Clock, **end: Any) -> ClockRow:
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
        stands_since=min(clock.paused.values(), default=None),
        pauses=json.dumps([pause.model_dump(mode="json") for pause in clock.pauses]),
        extended=clock.extended,
        **{"ended_at": None, "ended_as": None, "why": None} | end,
    )


def _ended(stream: str, requisition: str | None, clock: Clock, record: Record) -> ClockRow:
    match record.event:
        case ClockStopped(kept=True):
            how: dict[str, Any] = {"ended_as": "kept"}
        case ClockWaived(why=why):
            how = {"ended_as": "waived", "why": why}
        case _:
            how = {"ended_as": "void"}
    return _clock(stream, requisition, clock, ended_at=record.at, **how)
