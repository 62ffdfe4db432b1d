"""What Tandem's entities took, read back from their histories and their journal: the same again for the comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from bench.baseline import Asked
from workflows.contract import JOURNAL, Receipt


@dataclass(frozen=True)
class Taken:
    """A command an entity took as an update. `asked`: it came through the API, not from another entity.

    `size` is how many bytes came of it in the journal.
    """

    stream: str
    command: str
    envelope: dict[str, Any]
    payload: dict[str, Any]
    receipt: Receipt
    asked: bool
    size: int = 1

    def again(self, start: bool) -> Asked:
        """The same for a bare workflow."""
        return Asked(command=self.command, envelope=self.envelope, payload=self.payload, size=self.size, start=start)


ACTIONS = (
    "WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_UPDATE_ACCEPTED", "WORKFLOW_EXECUTION_SIGNALED", "TIMER_STARTED",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES", "JOURNAL_STARTED", "EFFECT_STARTED",
)  # fmt: skip
"""The events of a history that Temporal Cloud bills, one action each (its documentation, "Actions"): of an activity
each start; a run that goes on as a new one counts with the new one's start. What leaves no event is not counted here:
queries, refused updates, heartbeats, and what fair sharing of a queue costs on top."""


@dataclass
class Recording:
    """All that some entities took, in order of time, and the events of their histories by kind.

    Those of an activity are `JOURNAL_…` or `EFFECT_…`, as it is the one or the other.
    """

    taken: list[Taken] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)

    @property
    def actions(self) -> int:
        """How many of the engine's billed actions they came to, see `ACTIONS`."""
        return sum(self.events[kind] for kind in ACTIONS)

    def __add__(self, other: Recording) -> Recording:
        return Recording(self.taken + other.taken, self.events + other.events)


class Reader:
    """Reads recordings from a running stack."""

    def __init__(self, client: Client, pool: asyncpg.Pool) -> None:
        self._client, self._pool = client, pool

    async def read(self, streams: Iterable[str]) -> Recording:
        """What these entities took in their present runs."""
        recording = Recording()
        for stream in streams:
            handle = self._client.get_workflow_handle(stream)
            history = [event async for event in handle.fetch_history_events()]
            taken = await self._sized(stream, list(self._taken(stream, history)))
            recording += Recording(taken, Counter(_kinds(history)))
        recording.taken.sort(key=lambda taken: taken.receipt.at)
        return recording

    def _taken(self, stream: str, history: Sequence[HistoryEvent]) -> Iterator[Taken]:
        completed = (event.workflow_execution_update_completed_event_attributes for event in history)
        receipts = {
            done.accepted_event_id: self._value(done.outcome.success.payloads[0], Receipt)
            for done in completed
            if done.accepted_event_id
        }
        for event in history:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
                update = event.workflow_execution_update_accepted_event_attributes.accepted_request
                envelope, payload, *_signature = update.input.args.payloads
                yield Taken(
                    stream=stream,
                    command=update.input.name,
                    envelope=self._value(envelope, dict),
                    payload=self._value(payload, dict),
                    receipt=receipts[event.event_id],
                    asked=update.meta.update_id.startswith("P-"),
                )

    def _value(self, payload: Payload, kind: Any) -> Any:
        return self._client.data_converter.payload_converter.from_payload(payload, kind)

    async def _sized(self, stream: str, taken: list[Taken]) -> list[Taken]:
        rows = await self._pool.fetch(
            "SELECT octet_length(events::text) FROM events WHERE stream = $1 ORDER BY seq", stream
        )
        sizes = [row[0] for row in rows]
        before = 0
        sized = []
        for one in taken:
            sized.append(replace(one, size=max(1, sum(sizes[before : one.receipt.version]))))
            before = one.receipt.version
        return sized


def _kinds(history: Sequence[HistoryEvent]) -> Iterator[str]:
    journal: set[int] = set()
    for event in history:
        kind = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
        if not kind.startswith("ACTIVITY_TASK_"):
            yield kind
            continue
        about = getattr(event, f"{kind.lower()}_event_attributes")
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.event_id
            if about.activity_type.name == JOURNAL:
                journal.add(scheduled)
        else:
            scheduled = about.scheduled_event_id
        yield kind.replace("ACTIVITY_TASK", "JOURNAL" if scheduled in journal else "EFFECT")
