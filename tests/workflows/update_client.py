"""Gives one ledger commands, as the API does, and reads what Temporal kept of them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.access.team import Actor
from domain.core.messages import Command
from testing.signing import SIGNING
from tests.workflows.toy_effects import PATIENCE, Journal
from tests.workflows.toy_entity import STANDING, OpenLedger
from workflows.client import give
from workflows.contract import FLOW_QUEUE, JOURNAL, WORKFLOWS, Carried, Envelope, Receipt, stream_of, update_id

ANYBODY = Actor(id="P-ANYBODY", standing=STANDING)


class Clerk:
    """One ledger, seen from outside. Unless `hurried`, it waits after a command until that is journalled."""

    def __init__(self, client: Client, ledger: str, journal: Journal) -> None:
        self.client, self.ledger, self.journal = client, ledger, journal
        self.hurried = False
        self.signing = SIGNING
        self.stream = stream_of("ledger", ledger)
        self.handle = client.get_workflow_handle(self.stream)
        self.given: set[str] = set()
        self._keys = (f"key-{n}" for n in itertools.count(1))

    async def open(self) -> Receipt:
        """Starts the ledger with its first command."""
        return await self.give(OpenLedger(ledger=self.ledger), start=True)

    async def start(self, carried: Carried) -> None:
        """Starts the ledger as if it had gone on from an earlier run."""
        await self.client.start_workflow(WORKFLOWS["ledger"], carried, id=self.stream, task_queue=FLOW_QUEUE)

    async def give(
        self,
        command: Command,
        key: str | None = None,
        start: bool = False,
        actor: Actor = ANYBODY,
        expected_version: int | None = None,
        fingerprint: str = "a body",
    ) -> Receipt:
        """The receipt of a command that was taken; under a key of its own unless one is given."""
        return await self.send(
            command.name, command.model_dump(mode="json"), key, start, actor, expected_version, fingerprint
        )

    async def send(
        self,
        name: str,
        payload: dict[str, Any],
        key: str | None = None,
        start: bool = False,
        actor: Actor = ANYBODY,
        expected_version: int | None = None,
        fingerprint: str = "a body",
    ) -> Receipt:
        """The same for a command by name and payload, whether there is such a thing or not."""
        envelope = Envelope(actor=actor, fingerprint=fingerprint, expected_version=expected_version)
        id = update_id(actor.id, name, key or next(self._keys))
        receipt = await give(self.client, self.signing, self.stream, name, payload, envelope, id, start)
        self.given.add(id)
        if not self.hurried and self.journal.up and self.journal.silent.is_set():
            await self.quiet()
        return receipt

    async def quiet(self) -> None:
        """Waits until the engine has nothing to do for this ledger but wait, and carry out effects.

        A task is looked for in the history too: the server that skips time describes none, and stands still for ever
        when a worker leaves it with one in hand.
        """
        async with asyncio.timeout(PATIENCE):
            while True:
                described = (await self.handle.describe()).raw_description
                journalling = any(a.activity_type.name == JOURNAL for a in described.pending_activities)
                if not journalling and not described.HasField("pending_workflow_task") and not await self._in_hand():
                    return
                await asyncio.sleep(0.01)

    async def refused(self, command: Command, **how: Any) -> ApplicationError:
        """The refusal of a command that must be refused."""
        return await self.refused_to_send(command.name, command.model_dump(mode="json"), **how)

    async def refused_to_send(self, name: str, payload: dict[str, Any], **how: Any) -> ApplicationError:
        """The same for a command by name and payload."""
        with pytest.raises(WorkflowUpdateFailedError) as refusal:
            await self.send(name, payload, **how)
        cause = refusal.value.cause
        assert isinstance(cause, ApplicationError)
        return cause

    async def history(self) -> Sequence[HistoryEvent]:
        """The events of the current run."""
        return (await self.handle.fetch_history()).events

    async def _in_hand(self) -> bool:
        kinds = [EventType.Name(event.event_type) for event in await self.history()]
        tasks = [kind for kind in kinds if kind.startswith("EVENT_TYPE_WORKFLOW_TASK_")]
        return bool(tasks) and tasks[-1].endswith(("_SCHEDULED", "_STARTED"))

    async def runs(self) -> list[WorkflowHistory]:
        """The histories of all runs, the first one first."""
        return await runs_of(self.client, self.stream)

    async def carried(self) -> list[Carried]:
        """What each run but the last handed to the next."""
        histories = await self.runs()
        handed = [run.events[-1].workflow_execution_continued_as_new_event_attributes for run in histories[:-1]]
        converter = self.client.data_converter
        return [(await converter.decode(attributes.input.payloads, [Carried]))[0] for attributes in handed]

    async def details(self) -> str:
        """What the Temporal UI says about the ledger."""
        metadata: WorkflowMetadata = await self.handle.query(
            "__temporal_workflow_metadata", result_type=WorkflowMetadata
        )
        return metadata.current_details


def of(kind: str, events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    """The events of one kind, by its name in the Temporal UI, such as `TIMER_STARTED`."""
    return [event for event in events if event.event_type == EventType.Value(f"EVENT_TYPE_{kind}")]


def when(event: HistoryEvent) -> datetime:
    """When the server wrote it (UTC)."""
    return utc(event.event_time)


def utc(time: Timestamp) -> datetime:
    """The same time, as everything else here has it."""
    return time.ToDatetime(tzinfo=UTC)


async def runs_of(client: Client, stream: str) -> list[WorkflowHistory]:
    """The histories of all runs of an entity, the first one first."""
    last = await client.get_workflow_handle(stream).fetch_history()
    run_id = last.events[0].workflow_execution_started_event_attributes.first_execution_run_id
    histories: list[WorkflowHistory] = []
    while run_id:
        history = await client.get_workflow_handle(stream, run_id=run_id).fetch_history()
        histories.append(history)
        run_id = history.events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return histories
