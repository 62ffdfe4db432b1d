"""From records to rows: pure, so that the same journal always gives the same read model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.core.decider import Decider
from domain.core.messages import Record
from domain.entity.state import Entity
from domain.sla.clocks import BreachCorrected, Clock, ClockStopped, ClockWaived
from store.read_model import ClockRow, Key, Row, TaskRow


def _nothing(_state: Any, _record: Record) -> Iterable[Row]:
    return ()


@dataclass(frozen=True)
class Projection:
    """How one kind of entity is shown.

    `requisition_of` is the requisition it belongs to, or ""; `rows` are those of a state, which go when the state no
    longer has them; `lasting` are those that an event leaves behind, given the state after it.
    """

    decider: Decider[Any]
    requisition_of: Callable[[Any], str]
    rows: Callable[[Any], Iterable[Row]]
    lasting: Callable[[Any, Record], Iterable[Row]] = _nothing


UNREAD = "unread"
"""The task that is shown for a stream in which there are events that this build cannot take in."""


@dataclass(frozen=True)
class FoldedRows:
    """An entity as far as it was folded, and the rows of its state.

    `unread` is the first of its events that could not be taken in: rows go by the others alone.
    """

    state: Entity
    rows: Mapping[Key, Row]
    unread: Record | None = None


def not_taken_in(stream: str, record: Record) -> str:
    """That a stream holds an event this build cannot take in, in a sentence, and what to do."""
    return (
        f"{stream}: event {record.seq} ({record.event.stored.kind}) is one this build cannot take in. It is kept, and "
        "the rest is shown without it; put back the build that wrote it, or a newer one, and it counts again."
    )


def start(projection: Projection) -> FoldedRows:
    """An entity that nothing happened to yet."""
    return FoldedRows(projection.decider.initial, {})


@dataclass(frozen=True, slots=True)
class Step:
    """A record, with the entity before and after it; one that could not be `taken_in` moved the version alone."""

    record: Record
    before: Entity
    after: Entity
    taken_in: bool


def steps(decider: Decider[Any], state: Entity, records: Iterable[Record]) -> Iterator[Step]:
    """`records` folded onto `state`, one by one."""
    for record in records:
        before = state
        state, taken_in = decider.take_in(state, record)
        yield Step(record, before, state, taken_in)


def advance(
    projection: Projection, stream: str, shown: FoldedRows, way: Iterable[Step]
) -> tuple[FoldedRows, list[Row]]:
    """What is shown at the end of `way`, which begins with what is shown, and the rows to keep from what happened.

    Never raises: what cannot be taken in or shown is left out, and a task says so.
    """
    state, unread, last = shown.state, shown.unread, None
    lasting: dict[Key, Row] = {}
    for step in way:
        state, last, taken_in = step.after, step.record, step.taken_in
        try:
            left_behind = _left_behind(projection, stream, step.before, state, step.record) if taken_in else []
        except Exception:
            taken_in = False
        if not taken_in:
            unread = unread or step.record
            continue
        lasting |= {row.key: row for row in left_behind}
    try:
        rows = _rows(projection, stream, state)
    except Exception:
        rows, unread = shown.rows, unread or last
    if unread is not None:
        task = _unread(projection, stream, state, unread)
        rows = {**rows, task.key: task}
    return FoldedRows(state, rows, unread), list(lasting.values())


def _left_behind(projection: Projection, stream: str, before: Entity, after: Entity, record: Record) -> list[Row]:
    requisition = projection.requisition_of(after) or None
    moved = _moved_clocks(stream, requisition, before, after, record)
    cleared = [
        _cleared(stream, requisition, part.event) for part in record.parts if isinstance(part.event, BreachCorrected)
    ]
    return [*moved, *cleared, *(row for part in record.parts for row in projection.lasting(after, part))]


def _unread(projection: Projection, stream: str, state: Entity, record: Record) -> TaskRow:
    try:
        requisition = projection.requisition_of(state) or None
    except Exception:
        requisition = None
    return TaskRow(
        stream, UNREAD, requisition, record.event.stored.kind, f"event {record.seq} cannot be read", record.at, None
    )


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
    requisition = projection.requisition_of(state) or None
    tasks = (
        TaskRow(stream, task.id, requisition, task.kind, task.reason, task.raised_at, task.document)
        for task in state.tasks.values()
    )
    return {row.key: row for row in (*projection.rows(state), *tasks)}


def _clock(
    stream: str,
    requisition: str | None,
    clock: Clock,
    ended_at: datetime | None = None,
    ended_as: str | None = None,
) -> ClockRow:
    coming = clock.next_escalation_step if ended_at is None else None
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


def _cleared(stream: str, requisition: str | None, event: BreachCorrected) -> ClockRow:
    """A clock that ended, without the breach that was none."""
    was = event.clock
    clock = was.but(
        breached_at=None, stuck_at=None, started_at=event.since or was.started_at, due_at=event.due_at or was.due_at
    )
    row = _clock(stream, requisition, clock, event.ended_at, "kept" if event.kept else "void")
    return replace(row, corrected_breach=was.breached_at)


def _ended(stream: str, requisition: str | None, clock: Clock, record: Record) -> ClockRow:
    ended_as = "void"
    for part in record.parts:
        match part.event:
            case ClockStopped(kept=True):
                ended_as = "kept"
            case ClockWaived():
                ended_as = "waived"
    return _clock(stream, requisition, clock, ended_at=record.at, ended_as=ended_as)
