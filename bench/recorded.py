"""What Tandem's entities took, read back from their histories and their journal: the same again for the comparison."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from bench.bare import Asked
from domain.kernel import Call
from workflows.contract import EffectResult, Envelope, Receipt
from workflows.entity import THE_SHELL


@dataclass(frozen=True)
class Taken:
    """A command an entity took as an update: from somebody outside through the API (`asked`), or from another entity.

    `size` is how many bytes came of it in the journal, `receipt` what was answered.
    """

    stream: str
    command: str
    envelope: dict[str, Any]
    payload: dict[str, Any]
    receipt: Receipt
    asked: bool
    size: int = 0

    def again(self, start: bool) -> Asked:
        """The same for a bare workflow."""
        return Asked(
            command=self.command, envelope=self.envelope, payload=self.payload, size=max(self.size, 1), start=start
        )


@dataclass(frozen=True)
class Given:
    """A command as an entity performed it, from outside or from its own effects, for the domain alone."""

    stream: str
    command: str
    payload: dict[str, Any]
    call: Call


@dataclass
class Recording:
    """All that some entities took, in order of time, and the events of their histories by kind."""

    taken: list[Taken] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)


class Reader:
    """Reads recordings from a running stack."""

    def __init__(self, client: Client, pool: asyncpg.Pool) -> None:
        self._client, self._pool = client, pool

    async def read(self, streams: Iterable[str]) -> Recording:
        """What these entities took in their present runs."""
        recording = Recording()
        for stream in streams:
            one = self._of(stream, [event async for event in self._history(stream)])
            recording.taken += await self._sized(stream, one.taken)
            recording.given += one.given
            recording.events += one.events
        recording.taken.sort(key=lambda taken: taken.receipt.at)
        return recording

    def _history(self, stream: str) -> Any:
        return self._client.get_workflow_handle(stream).fetch_history_events()

    def _of(self, stream: str, history: Sequence[HistoryEvent]) -> Recording:
        recording = Recording()
        receipts = {
            event.workflow_execution_update_completed_event_attributes.accepted_event_id: self._value(
                event.workflow_execution_update_completed_event_attributes.outcome.success.payloads[0], Receipt
            )
            for event in history
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED
        }
        for event in history:
            recording.events[EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")] += 1
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
                request = event.workflow_execution_update_accepted_event_attributes.accepted_request
                name, (envelope, payload) = request.input.name, request.input.args.payloads
                receipt: Receipt = receipts[event.event_id]
                body = self._value(payload, dict)
                recording.taken.append(
                    Taken(
                        stream=stream,
                        command=name,
                        envelope=self._value(envelope, dict),
                        payload=body,
                        receipt=receipt,
                        asked=request.meta.update_id.startswith("P-"),
                    )
                )
                said: Envelope = self._value(envelope, Envelope)
                recording.given.append(Given(stream, name, body, Call(said.actor, receipt.at, said.facts)))
            elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                results = event.activity_task_completed_event_attributes.result.payloads
                result: EffectResult | None = self._value(results[0], EffectResult | None) if results else None
                if result is not None and result.reply is not None:
                    at = event.event_time.ToDatetime(tzinfo=_UTC)
                    call = Call(THE_SHELL, at, NO_FACTS)
                    recording.given.append(Given(stream, result.reply.command, result.reply.payload, call))
        return recording

    def _value(self, payload: Payload, kind: Any) -> Any:
        return self._client.data_converter.payload_converter.from_payload(payload, kind)

    async def _sized(self, stream: str, taken: Sequence[Taken]) -> list[Taken]:
        rows = await self._pool.fetch(
            "SELECT seq, octet_length(row_to_json(events)::text) AS bytes FROM events WHERE stream = $1", stream
        )
