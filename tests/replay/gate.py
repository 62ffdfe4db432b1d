"""Plays a recorded run again with the code at hand, and says where it goes otherwise.

Temporal's own replay compares the kinds of commands to the engine only: it does not see that a rule which was tightened
since would now refuse what was then acknowledged, or that a letter goes to somebody else. So these are compared too:
the outcome of each update, the state at the end, which receipts are remembered and until when, and of each activity
what it is asked to do, where, and how patiently.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from google.protobuf.duration_pb2 import Duration
from pydantic import BaseModel
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.common import RetryPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleUpdateInput,
    Interceptor,
    Replayer,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from domain.core.messages import Value
from domain.registry import DECIDERS
from tests.workflows.strict_sandbox import STRICT
from workflows.contract import FLOW_QUEUE, JOURNAL, EffectOrder, JournalBatch, Receipt, Taken, entity_of

GATE = SandboxedWorkflowRunner(restrictions=STRICT.restrictions.with_passthrough_modules(__name__))
UNLIMITED = timedelta(days=3650)
"""What a server writes for a time that nobody limited."""

Json = Any
V = TypeVar("V")


@dataclass
class Decided:
    """What an entity's run came to, as JSON.

    `outcomes` has each update's receipt, or refusal, by its id; `state` is that at the end; `remembered` the receipts
    that the run would then give again (None where that was not recorded); `asked` each activity, in order. `broke` is
    the engine's sentence where it could not go on, and nothing else is then complete.
    """

    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    remembered: dict[str, dict[str, Any]] | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    broke: str | None = None


class _Asking(WorkflowOutboundInterceptor):
    def __init__(self, next: WorkflowOutboundInterceptor, asked: list[dict[str, Any]]) -> None:
        super().__init__(next)
        self._asked = asked

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        converter = workflow.payload_converter()
        retry = input.retry_policy or RetryPolicy()
        self._asked.append(
            _order(
                input.activity,
                [json.loads(payload.data) for payload in converter.to_payloads(input.args)],
                input.task_queue or FLOW_QUEUE,
                (input.start_to_close_timeout, input.schedule_to_close_timeout, input.heartbeat_timeout),
                (retry.initial_interval, retry.maximum_interval, retry.backoff_coefficient, retry.maximum_attempts),
                input.priority.fairness_key,
            )
        )
        return super().start_activity(input)


class _Watching(WorkflowInboundInterceptor):
    seen: list[_Watching] = []

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []
        self.seen.append(self)
        super().init(_Asking(outbound, self.asked))

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


async def play_again(workflows: Sequence[type], run: WorkflowHistory, runner: WorkflowRunner) -> Decided:
    """What the code at hand decides in a recorded run, as far as it asks the same kinds of things of the engine."""
    _Watching.seen.clear()
    replayer = Replayer(
        workflows=workflows,
        workflow_runner=runner,
        data_converter=pydantic_data_converter,
        interceptors=[_Watch()],
    )
    replayed = await replayer.replay_workflow(run, raise_on_replay_failure=False)
    [watching] = _Watching.seen
    if replayed.replay_failure is not None:
        return Decided(watching.outcomes, asked=watching.asked, broke=str(replayed.replay_failure))
    entity = watching.entity
    return Decided(
        watching.outcomes,
        entity.state.model_dump(mode="json"),
        {update: taken.model_dump(mode="json") for update, taken in entity._taken.items()},
        watching.asked,
    )


def asked_in(run: WorkflowHistory) -> list[dict[str, Any]]:
    """What a recorded run asked of the engine's activities, in order; as `Decided.asked`."""
    return [
        _order(
            scheduled.activity_type.name,
            [json.loads(payload.data) for payload in scheduled.input.payloads],
            scheduled.task_queue.name,
            (
                _time(scheduled.start_to_close_timeout),
                _time(scheduled.schedule_to_close_timeout),
                _time(scheduled.heartbeat_timeout),
            ),
            (
                _time(scheduled.retry_policy.initial_interval),
                _time(scheduled.retry_policy.maximum_interval),
                scheduled.retry_policy.backoff_coefficient,
                scheduled.retry_policy.maximum_attempts,
            ),
            scheduled.priority.fairness_key,
        )
        for event in run.events
        if event.HasField("activity_task_scheduled_event_attributes")
        for scheduled in [event.activity_task_scheduled_event_attributes]
    ]


def _time(duration: Duration) -> timedelta:
    time: timedelta = duration.ToTimedelta()
    return time


def _order(
    activity: str,
    args: list[Json],
    queue: str,
    times: tuple[timedelta | None, timedelta | None, timedelta | None],
    retry: tuple[timedelta | None, timedelta | None, float, int],
    fairness: str | None,
) -> dict[str, Any]:
    attempt, altogether, heartbeat = (time if time and time < UNLIMITED else None for time in times)
    first, longest, growth, attempts = retry
    return {
        "activity": activity,
        "args": args,
        "queue": queue,
        "an attempt may take": attempt and str(attempt),
        "is tried for": altogether and str(altogether),
        "is missed after": heartbeat and str(heartbeat),
        "is tried again": f"after {first}, then {growth:g} times as long, at most {longest}",
        "attempts": attempts or "any number",
        "fairness": fairness or "",
    }


def differences(stream: str, recorded: Decided, now: Decided) -> list[str]:
    """Where a run goes otherwise than it was recorded, a sentence each, the most telling first."""
    found = []
    for update, receipt in recorded.outcomes.items():
        answer = now.outcomes.get(update, receipt if now.broke else {})
        if "refused" in answer:
            found.append(f"{update} was taken, and would now be refused: {answer['refused']}")
        elif path := _difference(receipt, answer, _as(Receipt)):
            found.append(f"the receipt of {update}: {path}")
    found += [f"{update} was not taken, and would be now" for update in now.outcomes.keys() - recorded.outcomes.keys()]
    for number, (before, after) in enumerate(zip(recorded.asked, now.asked, strict=False), 1):
        if path := _difference(before, after, _order_as_read):
            found.append(f"activity {number}, {_what(before)}: {path}")
    if now.broke:
        return [*found, f"then it asks something else of the engine: {now.broke}"]
    if len(recorded.asked) != len(now.asked):
        found.append(f"{len(recorded.asked)} activities were asked for, now {len(now.asked)}")
    if path := state_difference(stream, recorded.state, now.state):
        found.append(f"the state at the end: {path}")
    if recorded.remembered is not None and now.remembered is not None:
        if forgotten := recorded.remembered.keys() - now.remembered.keys():
            found.append(f"receipts that are forgotten, so that a repeated command is taken twice: {sorted(forgotten)}")
        if kept := now.remembered.keys() - recorded.remembered.keys():
            found.append(f"receipts that were forgotten, and are remembered now: {sorted(kept)}")
        for update in recorded.remembered.keys() & now.remembered.keys():
            before = recorded.remembered[update]
            if path := _difference(before, now.remembered[update], _as(Taken)):
                found.append(f"the receipt that is remembered of {update}: {path}")
    return found


def state_difference(stream: str, recorded: Json, now: Json) -> str | None:
    """Where an entity's state is not what was recorded of it; None if at most it has fields that there were not yet."""
    return _difference(recorded, now, _as(type(DECIDERS[entity_of(stream)[0]].initial)))


def _what(order: Mapping[str, Any]) -> str:
    arg = order["args"][0]
    return order["activity"] + (f" {arg['id']}" if "id" in arg else f" from event {arg['records'][0]['seq']}")


Reader = Callable[[Json], Json]
"""Recorded JSON as today's code has it: what a build may rename or leave out, it upcasts."""


def _as(kind: type[Value]) -> Reader:
    return lambda recorded: _known(kind.model_validate(recorded)).model_dump(mode="json")


def _order_as_read(order: dict[str, Any]) -> dict[str, Any]:
    [arg] = order["args"]
    if order["activity"] == JOURNAL:
        return order | {"args": [_as(JournalBatch)(arg)]}
    read = EffectOrder.model_validate(arg).today
    return order | {"args": [read.but(payload=_known(read.effect).stored.payload).model_dump(mode="json")]}


def _known(value: V) -> V:
    """The value without what this build would only keep for another: what it does not know decides nothing here."""
    if isinstance(value, BaseModel):
        known = {name: _known(part) for name, part in value.__dict__.items()}
        return value.model_construct(value.model_fields_set & known.keys(), **known)
    if isinstance(value, dict):
        return {key: _known(part) for key, part in value.items()}  # type: ignore[return-value]
    if type(value) in (list, tuple):
        return type(value)(_known(part) for part in value)  # type: ignore[call-arg, return-value]
    return value


def _difference(recorded: Json, now: Json, reader: Reader) -> str | None:
    """Where `now` is not what was recorded, or None.

    Two things are no difference: a field that the recorded value did not have yet, and one that today's reader turns
    into what is decided now (an upcast).
    """
    first = next(_without(recorded, now, ""), None)
    if first is None:
        return None
    try:
        read = reader(recorded)
    except (ValueError, KeyError) as unreadable:
        return f"{first}; and this code cannot read what was recorded: {unreadable}"
    return first if next(_without(read, now, ""), None) else None


def _without(recorded: Json, now: Json, path: str) -> Iterator[str]:
    """Where something of `recorded` is not in `now`."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        for key, value in recorded.items():
            if key not in now:
                yield f"{path}.{key} was {_short(value)}, and is gone".lstrip(".")
            else:
                yield from _without(value, now[key], f"{path}.{key}")
    elif isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        for number, (before, after) in enumerate(zip(recorded, now, strict=True)):
            yield from _without(before, after, f"{path}[{number}]")
    elif recorded != now:
        yield f"{path} was {_short(recorded)}, and is {_short(now)}".lstrip(".")


def _short(value: Json) -> str:
    text = json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]} …"
