"""A command that is under way while its entity is revived reaches the next run; it is not said to have no entity."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RawValue, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from domain.access.team import Actor
from local.stack import on_free_ports, servers
from testing.signing import SIGNING
from workflows.client import connect, give
from workflows.contract import FLOW_QUEUE, Carried, Envelope, Receipt

pytestmark = pytest.mark.slow

STREAM = "person/P-AAAAAA"


@workflow.defn(name="Person")
class AlwaysTakes:
    """An entity that takes every command."""

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """Lives for ever."""
        await workflow.wait_condition(lambda: False)

    @workflow.update(dynamic=True)
    def command(self, name: str, args: Sequence[RawValue]) -> Receipt:
        """Takes it."""
        return Receipt(stream=STREAM, version=1, fingerprint="", at=datetime.now(UTC))


async def start_anew(client: Client) -> None:
    await client.start_workflow(
        "Person",
        Carried(),
        id=STREAM,
        task_queue=FLOW_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )


async def test_a_command_outlives_the_run_it_was_given_to(tmp_path: Path) -> None:
    settings = on_free_ports(tmp_path)
    envelope = Envelope(actor=Actor(id="P-BBBBBB"), fingerprint="")
    async with servers(settings):
        client = await connect(settings.temporal_connection)
        with pytest.raises(RPCError) as nobody:
            await give(client, SIGNING, STREAM, "take_leave", {}, envelope, "an/update/0")
        assert nobody.value.status is RPCStatusCode.NOT_FOUND
        await start_anew(client)
        given = asyncio.create_task(give(client, SIGNING, STREAM, "take_leave", {}, envelope, "an/update/1"))
        _, waiting = await asyncio.wait({given}, timeout=1)  # nobody is there to take it
        assert waiting
        await start_anew(client)
        async with Worker(
            client,
            task_queue=FLOW_QUEUE,
            workflows=[AlwaysTakes],
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            assert (await given).version == 1
