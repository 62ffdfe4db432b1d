"""What the runs of an entity did, as Temporal remembers it: the events they handed to the journal's activity, and the
effects that were carried out. With it the journal is made whole again where PostgreSQL lost some of it.

A run hands over one batch at a time, and the next once that is written; so a run that goes on hands over the rest of
what it knows as soon as the journal has the batches before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from store.journal import Journal, JournalConflict, StaleRun
from store.pending_effects import PendingEffects
from workflows.contract import JOURNAL, Carried, JournalBatch, Written

READ_WITHIN = timedelta(seconds=10)
"""Longer than other questions to the engine: a history is some megabytes."""


@dataclass(frozen=True)
class Remembered:
    """What a stream's runs handed to the journal, the oldest first, and the ids of effects that were carried out."""

    batches: tuple[JournalBatch, ...] = ()
    carried_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Filled:
    """What was written: `version` is the journal's afterwards, `before` what it was. `dropped` are the numbers of
    events that could not be: others stand under these numbers, or, if `gap`, some before them are nowhere to be
    found."""

    before: int
    version: int
    dropped: Sequence[int] = ()
    gap: bool = False

    def __str__(self) -> str:
        if self.version == self.before:
            return "nothing that Temporal remembers was lacking"
        first, last = self.before + 1, self.version
        return f"event {last} was written" if first == last else f"events {first} to {last} were written"


async def fill(client: Client, journal: Journal, pending_effects: PendingEffects, stream: str) -> Filled:
    """Writes what the stream's runs handed over and the journal lacks; what it has is left alone.

    What they carried out is struck off, so that nobody is told a second time. May be repeated. Raises RPCError.
    """
    before, _ = await journal.stands(stream)
    known = await remembered(client, stream, before)
    dropped: list[int] = []
    gap = False
    for batch in known.batches:
        try:
            await journal.append(stream, batch.records, batch.epoch)
        except StaleRun:
            continue
        except JournalConflict as conflict:
            version, _ = await journal.stands(stream)
            gap = gap or batch.records[0].seq > version + 1
            dropped += [record.seq for record in batch.records if record.seq >= conflict.seq]
    await pending_effects.done(known.carried_out)
    version, _ = await journal.stands(stream)
    return Filled(before, version, dropped, gap)


async def remembered(client: Client, stream: str, after: int) -> Remembered:
    """Of its runs, the latest first, back to the one that handed over event `after` + 1, or to the first that Temporal
    remembers; nothing where it remembers none. Events up to `after` are left out, and what a run did that a later one
    began without. Raises RPCError."""
    batches: list[JournalBatch] = []
    carried_out: set[str] = set()
    below: int | None = None
    async for run in _runs(client, stream):
        history = await client.get_workflow_handle(stream, run_id=run).fetch_history(rpc_timeout=READ_WITHIN)
        own, done = await _of_run(client, history)
        batches = [part for batch in own if (part := _between(batch, after, below))] + batches
        carried_out |= done
        begun_from = await _begun_from(client, history)
        if begun_from <= after:
            break
        below = begun_from + 1 if below is None else min(below, begun_from + 1)
    return Remembered(tuple(batches), frozenset(carried_out))


async def _runs(client: Client, stream: str) -> AsyncIterator[str]:
    """Those that are remembered, the latest first; the engine's list does not know of the latest at once."""
    try:
        latest = (await client.get_workflow_handle(stream).describe(rpc_timeout=READ_WITHIN)).run_id
    except RPCError as refused:
        if refused.status is not RPCStatusCode.NOT_FOUND:
            raise
        return
    yield latest
    known = [run async for run in client.list_workflows(f'WorkflowId = "{stream}"', rpc_timeout=READ_WITHIN)]
    for run in sorted(known, key=lambda run: run.start_time, reverse=True):
        if run.run_id != latest:
            yield run.run_id


async def _begun_from(client: Client, history: WorkflowHistory) -> int:
    """The version of the state that a run began with."""
    started = history.events[0].workflow_execution_started_event_attributes
    [carried] = await client.data_converter.decode(started.input.payloads, [Carried])
    return carried.state["version"] if carried.state else 0


def _between(batch: JournalBatch, after: int, below: int | None) -> JournalBatch | None:
    kept = tuple(one for one in batch.records if one.seq > after and (below is None or one.seq < below))
    return JournalBatch(stream=batch.stream, records=kept, epoch=batch.epoch) if kept else None


async def _of_run(client: Client, history: WorkflowHistory) -> tuple[list[JournalBatch], set[str]]:
    batches: list[JournalBatch] = []
    appends: set[int] = set()
    ordered: dict[int, str] = {}
    carried_out: set[str] = set()
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_type.name == JOURNAL:
                batches += await client.data_converter.decode(scheduled.input.payloads, [JournalBatch])
                appends.add(event.event_id)
            else:
                ordered[event.event_id] = scheduled.activity_id  # an effect's activity has the effect's id
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            completed = event.activity_task_completed_event_attributes
            if completed.scheduled_event_id in appends:
                [written] = await client.data_converter.decode(completed.result.payloads, [Written])
                carried_out |= set(written.carried) if written else set()  # up to 0.7.0 nothing was said on the way
            else:
                carried_out.add(ordered[completed.scheduled_event_id])
    return batches, carried_out
