"""Plays a recorded run again with the code at hand, and watches what it decides.

Temporal's own replay compares commands to the engine only: it does not see that a rule which was tightened since would
now refuse what was then acknowledged. So each update's outcome and the state at the end are compared too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleUpdateInput,
    Interceptor,
    Replayer,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tests.workflows.strict_sandbox import STRICT

GATE = SandboxedWorkflowRunner(restrictions=STRICT.restrictions.with_passthrough_modules(__name__))


@dataclass
class Decided:
    """What an entity's run came to: each update's receipt, or refusal, by its id, and the state at the end, as JSON."""

    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)


class _Watching(WorkflowInboundInterceptor):
    seen: list[_Watching] = []

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.seen.append(self)
        super().init(outbound)

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        self.entity: Any = workflow.instance()
        return await super().execute_workflow(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        try:
            receipt = await super().handle_update_handler(input)
        except ApplicationError as refusal:
            self.outcomes[input.id] = {"refused": refusal.type}
            raise
        self.outcomes[input.id] = receipt.model_dump(mode="json")
        return receipt


class _Watch(Interceptor):
    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        return _Watching


async def play_again(workflows: Sequence[type], run: WorkflowHistory) -> Decided:
    """What the code at hand decides in a recorded run. Raises when it asks something else of the engine."""
    _Watching.seen.clear()
    replayer = Replayer(
        workflows=workflows,
        workflow_runner=GATE,
        data_converter=pydantic_data_converter,
        interceptors=[_Watch()],
    )
    await replayer.replay_workflow(run)
    [watching] = _Watching.seen
    return Decided(watching.outcomes, watching.entity.state.model_dump(mode="json"))
