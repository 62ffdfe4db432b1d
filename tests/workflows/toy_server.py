"""A world to keep ledgers in: a Temporal server with workers, a journal and helpers."""

from __future__ import annotations

import itertools
import sysconfig
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.api.enums.v1 import IndexedValueType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker, WorkerDeploymentConfig

from tests.workflows.strict_sandbox import STRICT
from tests.workflows.toy_effects import Helpers, Journal
from tests.workflows.toy_entity import LedgerWorkflow
from tests.workflows.update_client import Clerk, of
from workflows.contract import FLOW_QUEUE, REACH_QUEUE, SEARCH_ATTRIBUTES

UNHANDLED = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
_NUMBERS = itertools.count(1)


class World:
    """Where ledgers live, each test in a new one on a server that stays."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.journal, self.helpers = Journal(), Helpers()
        self.clerks: list[Clerk] = []

    def clerk(self) -> Clerk:
        """A clerk for a ledger that does not exist yet."""
        clerk = Clerk(self.client, f"L-{next(_NUMBERS):06}", self.journal)
        self.clerks.append(clerk)
        return clerk

    async def ledger(self) -> Clerk:
        """A ledger that was opened: version 1, and nothing to come."""
        clerk = self.clerk()
        await clerk.open()
        await self.journal.reaches(clerk.stream, 1)
        return clerk

    @asynccontextmanager
    async def helpers_at_work(self) -> AsyncIterator[None]:
        """Effects are carried out while the block runs."""
        async with Worker(self.client, task_queue=REACH_QUEUE, activities=[self.helpers.notify]):
            try:
                yield
            finally:
                self.helpers.finish()

    @asynccontextmanager
    async def at_work(
        self, cached: int = 100, entity: type = LedgerWorkflow, deployment: WorkerDeploymentConfig | None = None
    ) -> AsyncIterator[None]:
        """Ledgers are run, and journalled, while the block runs; with `cached=0` every task replays from the start.

        `entity` is the code that runs them, `deployment` the version of it.
        """
        async with Worker(
            self.client,
            task_queue=FLOW_QUEUE,
            workflows=[entity],
            activities=[self.journal.append, self.helpers.destroy_key],
            workflow_runner=STRICT,
            max_cached_workflows=cached,
            deployment_config=deployment,
        ):
            try:
                yield
            finally:
                self.journal.silent.set()  # a worker that is stopped waits for its local activities

    async def look_through(self) -> None:
        """Checks what has to hold for every ledger, whatever happened to it."""
        for clerk in self.clerks:
            runs = await clerk.runs()
            events = [event for run in runs for event in run.events]
            failures = [event.workflow_task_failed_event_attributes for event in of("WORKFLOW_TASK_FAILED", events)]
            # Something came in while the run was ending: the engine then asks again, with that.
            assert all(failure.cause == UNHANDLED for failure in failures), failures
            _no_command_is_ever_half_done(events)
            await replay(runs)
            for carried in await clerk.carried():
                assert carried.state is not None
                if carried.state["version"] <= len(self.journal.written(clerk.stream)):
                    as_journalled = self.journal.ledger(clerk.stream, carried.state["version"])
                    assert carried.state == as_journalled.model_dump(mode="json")
        assert not self.journal.contradictions


class SkippingWorld(World):
    """A world on the server that skips time: hours pass at once when a test says so, and only then."""

    def __init__(self, environment: WorkflowEnvironment) -> None:
        super().__init__(environment.client)
        self._environment = environment

    async def now(self) -> datetime:
        """The server's time (UTC)."""
        return await self._environment.get_current_time()

    async def pass_time(self, **duration: float) -> None:
        """Lets `days`, `hours`, `minutes`, `seconds` pass on the server, with all that then happens."""
        await self.pass_until(await self.now() + timedelta(**duration))

    async def pass_until(self, time: datetime) -> None:
        """Lets time pass on the server until then.

        It passes only while nothing is under way, and the server's answer is awaited for half a minute: on a machine
        that is slow just then it is asked again.
        """
        for patience in (True, True, False):
            left = time - await self.now()
            if left <= timedelta(0):
                return
            try:
                await self._environment.sleep(left)
            except RPCError as late:
                if late.status is not RPCStatusCode.CANCELLED or not patience:
                    raise


@asynccontextmanager
async def skipping_server() -> AsyncIterator[WorkflowEnvironment]:
    """A server that skips time; all workflows on it share one clock."""
    program = Path(sysconfig.get_path("scripts")) / "temporal-test-server"
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(program), data_converter=pydantic_data_converter
    ) as environment:
        await know_search_attributes(environment.client)
        yield environment


async def know_search_attributes(client: Client) -> None:
    """Makes the search attributes known to a server that knows none; the one that skips time cannot be asked."""
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes={
                key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in SEARCH_ATTRIBUTES
            },
        )
    )


async def replay(runs: Iterable[WorkflowHistory], entity: type = LedgerWorkflow) -> None:
    """Replays histories as a worker would that had forgotten everything. Raises when a command differs."""
    replayer = Replayer(workflows=[entity], workflow_runner=STRICT, data_converter=pydantic_data_converter)

    async def all_of_them() -> AsyncIterator[WorkflowHistory]:
        for run in runs:
            yield run

    await replayer.replay_workflows(all_of_them(), raise_on_replay_failure=True)


def _no_command_is_ever_half_done(events: Sequence[HistoryEvent]) -> None:
    open_updates: set[str] = set()
    for event in events:
        accepted = event.workflow_execution_update_accepted_event_attributes
        completed = event.workflow_execution_update_completed_event_attributes
        if of("WORKFLOW_EXECUTION_UPDATE_ACCEPTED", [event]):
            open_updates.add(accepted.accepted_request.meta.update_id)
        elif of("WORKFLOW_EXECUTION_UPDATE_COMPLETED", [event]):
            open_updates.remove(completed.meta.update_id)
        elif of("WORKFLOW_TASK_COMPLETED", [event]) or of("WORKFLOW_EXECUTION_CONTINUED_AS_NEW", [event]):
            assert not open_updates
