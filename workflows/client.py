"""How every process of Tandem speaks to Temporal, and gives an entity a command."""

from __future__ import annotations

import asyncio
import atexit
import gc
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConnectConfig
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

from workflows.contract import FLOW_QUEUE, SUMMARIES, WORKFLOWS, Carried, Envelope, Receipt, entity_of

# A client that is only found as garbage while the interpreter goes down can abort the process (seen with 3.11).
atexit.register(gc.collect)


async def connect(connection: ClientConnectConfig, runtime: Runtime | None = None) -> Client:
    """A client for `settings.temporal_connection`, whose payloads are pydantic models as JSON.

    Raises RuntimeError when the server cannot be reached.
    """
    return await Client.connect(**connection, data_converter=pydantic_data_converter, runtime=runtime)


async def give(
    client: Client,
    stream: str,
    command: str,
    payload: dict[str, Any],
    envelope: Envelope,
    update_id: str,
    start: bool = False,
) -> Receipt:
    """Gives the entity a command and waits until it is taken; `start` begins an entity that does not exist yet.

    The same `update_id` is taken once. Raises WorkflowUpdateFailedError for a refusal (its cause an ApplicationError
    whose type is the code), RPCError with NOT_FOUND where there is no such entity, WorkflowAlreadyStartedError where
    its life is over.
    """
    while True:
        try:
            return await _give(client, stream, command, payload, envelope, update_id, start)
        except RPCError as error:
            if not _lost_on_the_way(error):
                raise
            await asyncio.sleep(_BREATH)


_BREATH = 0.05  # seconds before a command that was lost on the way is given again


def _lost_on_the_way(error: RPCError) -> bool:
    """Whether the command was neither taken nor refused: its run was over, or went on, just as it came.

    NOT_FOUND is also said of an update, to those who wait for it while their entity is revived; FAILED_PRECONDITION of
    one that came while a run was going on as the next.
    """
    said = str(error)
    return (error.status is RPCStatusCode.NOT_FOUND and "update" in said) or (
        error.status is RPCStatusCode.FAILED_PRECONDITION and "workflow task failure" in said
    )


async def _give(
    client: Client,
    stream: str,
    command: str,
    payload: dict[str, Any],
    envelope: Envelope,
    update_id: str,
    start: bool,
) -> Receipt:
    if not start:
        handle = client.get_workflow_handle(stream)
        receipt: Receipt = await handle.execute_update(
            command, args=[envelope, payload], id=update_id, result_type=Receipt
        )
        return receipt
    begun: Receipt = await client.execute_update_with_start_workflow(
        command,
        args=[envelope, payload],
        id=update_id,
        result_type=Receipt,
        start_workflow_operation=WithStartWorkflowOperation(
            WORKFLOWS[entity_of(stream)[0]],
            Carried(),
            id=stream,
            static_summary=SUMMARIES[entity_of(stream)[0]],
            task_queue=FLOW_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        ),
    )
    return begun
