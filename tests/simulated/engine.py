"""A durable engine in one process, without a clock: runs of real workflows, driven one activation at a time.

What Temporal's core does for a worker is done here in memory: an activation is handed to the SDK's own workflow
instance, and its commands are carried out as the engine would. Time stands still until somebody moves it. A run may be
forgotten at any moment, and is then played again from its history, whose commands must be the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from temporalio import workflow
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.activity_result import ActivityResolution, Success
from temporalio.bridge.proto.activity_result import Failure as ActivityFailed
from temporalio.bridge.proto.workflow_activation import (
    DoUpdate,
    FireTimer,
    InitializeWorkflow,
    ResolveActivity,
    WorkflowActivation,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.common import MetricMeter, Priority, TypedSearchAttributes
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails

from workflows.contract import FLOW_QUEUE, Carried

CONVERTER = pydantic_data_converter.payload_converter
RUNNER = UnsandboxedWorkflowRunner()


class Refused(AssertionError):
    """An update was refused; `code` is the failure's type. Where nobody expected it, something is wrong."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.code = failure.application_failure_info.type


class Broken(AssertionError):
    """A workflow task failed: on a server the run would be stuck."""


@dataclass
class Ordered:
    """An activity that a run waits for."""

    run: Run
    seq: int
    id: str
    type: str
    args: Sequence[Payload]


@dataclass(eq=False)
class Run:
    """One run of a workflow: its history, what it waits for, and the instance that remembers it, if one does."""

    stream: str
    definition: type
    number: int
    began: datetime
    instance: WorkflowInstance | None = None
    history: list[tuple[WorkflowActivation, list[bytes]]] = field(default_factory=list)
    timers: dict[int, datetime] = field(default_factory=dict)
    ordered: dict[int, Ordered] = field(default_factory=dict)
    ended: str | None = None
    events: int = 0

    @property
    def id(self) -> str:
        """The run's own id."""
        return f"{self.stream}#{self.number}"


class Engine:
    """Runs by workflow id, and the time. `now` is moved by whoever plays the world."""

    def __init__(self, definitions: dict[str, type], now: datetime) -> None:
        """`definitions` are the workflow classes, by the first part of a workflow's id."""
        self.now = now
        self._definitions = definitions
        self.runs: dict[str, Run] = {}
        self.past: list[Run] = []
        self.moves_on: set[str] = set()

    # What is asked from outside

    def update(self, stream: str, name: str, args: Sequence[BaseModel | dict[str, Any]], id: str, start: bool) -> Any:
        """Gives an update, starting the workflow first if it is not there and `start` says so; what it returned.

        Raises Refused, and KeyError where there is no such workflow.
        """
        run = self.runs.get(stream)
        jobs = []
        if run is None or run.ended is not None:
            if not start or (run is not None and run.ended == "completed"):
                raise KeyError(stream)
            run = self._new_run(stream)
            jobs.append(self._init(run, CONVERTER.to_payloads([Carried()])))
        jobs.append(
            WorkflowActivationJob(
                do_update=DoUpdate(
                    id=id, protocol_instance_id=id, name=name, input=CONVERTER.to_payloads(args), run_validator=True
                )
            )
        )
        commands = self._activate(run, jobs)
        for command in commands:
            said = command.update_response
            if command.HasField("update_response") and said.protocol_instance_id == id:
                if said.HasField("rejected"):
                    raise Refused(said.rejected)
                if said.HasField("completed"):
                    return said.completed
        raise Broken(f"{run.id} did not answer {name}")

    @property
    def live(self) -> list[Run]:
        """The runs that go on."""
        return [run for run in self.runs.values() if run.ended is None]

    def due(self) -> Iterator[tuple[datetime, Run, int]]:
        """Each timer that is set: when it goes off, of which run, and its number."""
        yield from ((at, run, seq) for run in self.live for seq, at in run.timers.items())

    def fire(self, run: Run, seq: int) -> None:
        """A timer goes off."""
        if run.ended is None and run.timers.pop(seq, None) is not None:
            self._activate(run, [WorkflowActivationJob(fire_timer=FireTimer(seq=seq))])

    def resolve(self, of: Ordered, result: BaseModel | None = None, failure: Failure | None = None) -> None:
        """An activity came to its end; what nobody waits for any more is nothing."""
        if of.run.ended is not None or of.run.ordered.pop(of.seq, None) is None:
            return
        came = (
            ActivityResolution(failed=ActivityFailed(failure=failure))
            if failure is not None
            else ActivityResolution(completed=Success(result=CONVERTER.to_payloads([result])[0]))
        )
        job = WorkflowActivationJob(resolve_activity=ResolveActivity(seq=of.seq, result=came))
        self._activate(of.run, [job])

    def forget(self, run: Run) -> None:
        """The worker that remembered the run is gone, or has forgotten it."""
        run.instance = None

    def entity(self, stream: str) -> Any:
        """The workflow object as the next activation would find it."""
        run = self.runs[stream]
        return self._remembered(run)._object  # type: ignore[attr-defined]

    def replayed(self, run: Run) -> None:
        """Plays a run again from its history. Raises Broken where it goes otherwise than it went."""
        self.forget(run)
        self._remembered(run)

    # How it is done

    def _new_run(self, stream: str) -> Run:
        before = self.runs.get(stream)
        if before is not None:
            self.past.append(before)
        definition = self._definitions[stream.partition("/")[0]]
        run = Run(stream, definition, before.number + 1 if before else 1, self.now)
        self.runs[stream] = run
        return run

    def _init(self, run: Run, arguments: Sequence[Payload]) -> WorkflowActivationJob:
        init = InitializeWorkflow(
            workflow_type=run.definition.__name__, workflow_id=run.stream, arguments=arguments, randomness_seed=7
        )
        return WorkflowActivationJob(initialize_workflow=init)

    def _activate(self, run: Run, jobs: Sequence[WorkflowActivationJob]) -> list[WorkflowCommand]:
        act = WorkflowActivation(
            run_id=run.id,
            history_length=run.events,
            jobs=jobs,
            continue_as_new_suggested=run.stream in self.moves_on,
        )
        act.timestamp.FromDatetime(self.now)
        commands = self._asked(run, self._remembered(run), act)
        lasting = [one for one in commands if not _refuses(one)]
        refused = {one.update_response.protocol_instance_id for one in commands if _refuses(one)}
        kept = [job for job in jobs if job.do_update.protocol_instance_id not in refused]
        if kept:  # what is refused leaves no trace
            act.ClearField("jobs")
            act.jobs.extend(kept)
            run.history.append((act, [one.SerializeToString(deterministic=True) for one in lasting]))
            run.events += 3 + len(kept) + len(lasting)
        for command in commands:
            self._carry_out(run, command)
        return commands

    def _carry_out(self, run: Run, command: WorkflowCommand) -> None:
        match command.WhichOneof("variant"):
            case "start_timer":
                timer = command.start_timer
                left = datetime.max.replace(tzinfo=UTC) - self.now
                run.timers[timer.seq] = self.now + min(timer.start_to_fire_timeout.ToTimedelta(), left)
            case "cancel_timer":
                run.timers.pop(command.cancel_timer.seq, None)
            case "schedule_activity":
                asked = command.schedule_activity
                run.ordered[asked.seq] = Ordered(
                    run, asked.seq, asked.activity_id, asked.activity_type, asked.arguments
                )
            case "request_cancel_activity":
                run.ordered.pop(command.request_cancel_activity.seq, None)
            case "continue_as_new_workflow_execution":
                run.ended = "went on"
                self.moves_on.discard(run.stream)
                following = self._new_run(run.stream)
                self._activate(following, [self._init(following, command.continue_as_new_workflow_execution.arguments)])
            case "complete_workflow_execution":
                run.ended = "completed"
            case "fail_workflow_execution":
                run.ended = "failed"

    def _remembered(self, run: Run) -> WorkflowInstance:
        if run.instance is None:
            run.instance = _instance(run)
            for act, before in run.history:
                again = WorkflowActivation()
                again.CopyFrom(act)
                again.is_replaying = True
                for job in again.jobs:
                    if job.HasField("do_update"):
                        job.do_update.run_validator = False
                came = self._asked(run, run.instance, again)
                if [one.SerializeToString(deterministic=True) for one in came] != before:
                    was = [WorkflowCommand.FromString(one) for one in before]
                    raise Broken(f"{run.id} does not go again as it went:\n{came}\nwas\n{was}")
        return run.instance

    @staticmethod
    def _asked(run: Run, instance: WorkflowInstance, act: WorkflowActivation) -> list[WorkflowCommand]:
        completion = instance.activate(act)
        if completion.HasField("failed"):
            raise Broken(f"{run.id}: {completion.failed.failure.message}\n{completion.failed.failure.stack_trace}")
        return list(completion.successful.commands)


def _refuses(command: WorkflowCommand) -> bool:
    return command.HasField("update_response") and command.update_response.HasField("rejected")


def _instance(run: Run) -> WorkflowInstance:
    definition = workflow._Definition.must_from_class(run.definition)
    info = workflow.Info(
        attempt=1,
        continued_run_id=None,
        cron_schedule=None,
        execution_timeout=None,
        first_execution_run_id=f"{run.stream}#1",
        headers={},
        namespace="simulated",
        original_execution_run_id=run.id,
        parent=None,
        root=None,
        raw_memo={},
        retry_policy=None,
        run_id=run.id,
        run_timeout=None,
        search_attributes={},
        start_time=run.began,
        workflow_start_time=run.began,
        task_queue=FLOW_QUEUE,
        task_timeout=timedelta(seconds=10),
        typed_search_attributes=TypedSearchAttributes.empty,
        workflow_id=run.stream,
        workflow_type=run.definition.__name__,
        priority=Priority.default,
    )
    details = WorkflowInstanceDetails(
        payload_converter_factory=pydantic_data_converter.payload_converter_class,
        failure_converter_class=pydantic_data_converter.failure_converter_class,
        interceptor_classes=[],
        defn=definition,
        info=info,
        randomness_seed=7,
        extern_functions={"__temporal_get_metric_meter": lambda: MetricMeter.noop},
        disable_eager_activity_execution=True,
        worker_level_failure_exception_types=[],
        patch_activation_callback=None,
        last_completion_result=Payloads(),
        last_failure=None,
    )

    async def made() -> WorkflowInstance:
        return RUNNER.create_instance(details)

    with asyncio.Runner() as loop:  # the SDK makes an instance on a worker's loop, and activates it beside that
        return loop.run(made())
