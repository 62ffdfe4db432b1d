"""How every process of Tandem speaks to Temporal, and gives an entity a command."""

from __future__ import annotations

import atexit
import dataclasses
import gc
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import RawValue, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import PayloadCodec
from temporalio.envconfig import ClientConnectConfig
from temporalio.exceptions import ApplicationError
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode
from tenacity import AsyncRetrying, RetryError, retry_if_exception_type, stop_after_delay, wait_exponential

from workflows.command_signatures import Sent, SigningKeys
from workflows.contract import (
    FLOW_QUEUE,
    GIVING_WAY,
    SIGN_ANEW,
    WORKFLOWS,
    Carried,
    Envelope,
    Receipt,
    entity_of,
    summary_of,
)

# A client that is only found as garbage while the interpreter goes down can abort the process (seen with 3.11).
atexit.register(gc.collect)


async def connect(
    connection: ClientConnectConfig, runtime: Runtime | None = None, codec: PayloadCodec | None = None
) -> Client:
    """A client for `settings.temporal_connection`, whose payloads are pydantic models as JSON, sealed by `codec`.

    Raises RuntimeError when the server cannot be reached.
    """
    converter = dataclasses.replace(pydantic_data_converter, payload_codec=codec)
    return await Client.connect(**connection, data_converter=converter, runtime=runtime)


async def give(
    client: Client,
    signing: SigningKeys,
    stream: str,
    command: str,
    payload: dict[str, Any],
    envelope: Envelope,
    update_id: str,
    start: bool = False,
) -> Receipt:
    """Gives the entity a command and waits until it is taken; `start` begins an entity that does not exist yet.

    It is signed with `signing`. The same `update_id` is taken once. One that met its entity between two runs, or whose
    signature was too old or of a key just exchanged, is signed and given again, for `GIVEN_AGAIN_FOR` at most. Raises
    WorkflowUpdateFailedError for a refusal (its cause an ApplicationError whose type is the code), RPCError with
    NOT_FOUND where there is no such entity, WorkflowAlreadyStartedError where its life is over, and
    WorkflowUpdateRPCTimeoutOrCancelledError where nobody took it in time: the API then answers 503 with Retry-After,
    and the same key gives the same command again.
    """

    async def once() -> Receipt:
        try:
            return await _give(client, signing, stream, command, payload, envelope, update_id, start)
        except RPCError as error:
            if await _between_runs(client, stream, error):
                raise _NotTakenYet from error
            raise
        except WorkflowUpdateFailedError as refused:
            if isinstance(refused.cause, ApplicationError) and refused.cause.type in (GIVING_WAY, SIGN_ANEW):
                raise _NotTakenYet from refused
            raise

    again = AsyncRetrying(
        retry=retry_if_exception_type(_NotTakenYet),
        wait=wait_exponential(multiplier=0.05, max=1),
        stop=stop_after_delay(GIVEN_AGAIN_FOR),
    )
    try:
        return await again(once)
    except RetryError as nobody:
        raise WorkflowUpdateRPCTimeoutOrCancelledError from nobody


GIVEN_AGAIN_FOR = timedelta(seconds=8)
"""Less than anybody who gives a command waits for its receipt."""

_BETWEEN_RUNS = frozenset(
    {WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW, WorkflowExecutionStatus.TERMINATED}
)
"""How the last run of an entity stands whose life goes on: only a revival terminates a run, and starts another."""


class _NotTakenYet(Exception):
    """A command was neither taken nor refused: its run was over just then, or went on, or its signature was old."""


async def _between_runs(client: Client, stream: str, error: RPCError) -> bool:
    """Whether the entity lives all the same. NOT_FOUND is said both where it never was and where it is just revived."""
    if error.status is RPCStatusCode.FAILED_PRECONDITION:  # it came while a run was going on as the next
        return True
    if error.status is not RPCStatusCode.NOT_FOUND:
        return False
    try:
        return (await client.get_workflow_handle(stream).describe()).status in _BETWEEN_RUNS
    except RPCError as unknown:
        if unknown.status is RPCStatusCode.NOT_FOUND:
            return False
        raise


async def _give(
    client: Client,
    signing: SigningKeys,
    stream: str,
    command: str,
    payload: dict[str, Any],
    envelope: Envelope,
    update_id: str,
    start: bool,
) -> Receipt:
    sent = Sent(stream, command, update_id, client.data_converter.payload_converter.to_payloads([envelope, payload]))
    args = [*map(RawValue, sent.payloads), signing.sign(sent, datetime.now(UTC))]
    if not start:
        handle = client.get_workflow_handle(stream)
        receipt: Receipt = await handle.execute_update(command, args=args, id=update_id, result_type=Receipt)
        return receipt
    begun: Receipt = await client.execute_update_with_start_workflow(
        command,
        args=args,
        id=update_id,
        result_type=Receipt,
        start_workflow_operation=WithStartWorkflowOperation(
            WORKFLOWS[entity_of(stream)[0]],
            Carried(),
            id=stream,
            static_summary=summary_of(stream, payload),
            task_queue=FLOW_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        ),
    )
    return begun
