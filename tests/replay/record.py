"""Records what this build does and writes: `python -m tests.replay.record RELEASE`, once for each release.

The lives that the domain's tests tell are lived again on Temporal, where their Monday is the next one, as many as it
takes to see every command, event, clock and effect. Their histories go to `histories/RELEASE`, what the build wrote, to
`stored/RELEASE.json.xz` (see `tests.replay.stored`). A release in the making may be recorded anew, one that is out
never. It takes some four minutes.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowHistory
from temporalio.common import RawValue
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.core.ids import EffectId
from domain.core.messages import Rejection, Tick
from domain.entity.call import Call, Facts
from domain.registry import DECIDERS
from testing.signing import SIGNING
from tests.replay.gate import Decided, play_again
from tests.replay.lives import Life, few, told
from tests.replay.recording import HISTORIES, Recording, write
from tests.replay.stored import samples
from tests.workflows.toy_effects import PATIENCE, Journal
from tests.workflows.toy_server import skipping_server
from tests.workflows.update_client import runs_of
from worker import SANDBOX, WORKFLOWS, build_id
from workflows.client import give
from workflows.contract import (
    FLOW_QUEUE,
    LANGUAGE_QUEUE,
    REACH_QUEUE,
    Carried,
    EffectResult,
    Envelope,
    Progress,
    Receipt,
    update_id,
)
from workflows.contract import WORKFLOWS as NAMES
from workflows.entity import EntityWorkflow

WEEK = timedelta(days=7)
AHEAD = timedelta(seconds=20)
"""How long before its first command an entity is started."""


@activity.defn(dynamic=True)
async def carry_out(_args: Sequence[RawValue]) -> EffectResult:
    """Any effect: what it brings about is a later moment of the life."""
    return EffectResult()


def moved(value: Any, by: timedelta) -> Any:
    """The same value with every time and date in it moved."""
    if isinstance(value, date):  # a datetime is one
        return value + by
    if isinstance(value, dict):
        return {key: moved(part, by) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [moved(part, by) for part in value]
    return value


def needed(life: Life, number: int) -> Facts:
    """The facts that a moment needs: calendars and policies it does not look at need not be kept in a file."""
    moment, decider = life.moments[number], DECIDERS[life.entity]
    before = life.moments[number - 1].outcome.state if number else decider.initial
    few_facts = Facts(new_id=moment.call.facts.new_id)
    try:
        outcome = decider.perform(before, moment.command, Call(moment.call.actor, moment.call.now, few_facts))
    except (Rejection, KeyError, AssertionError):
        return moment.call.facts
    return few_facts if outcome == moment.outcome else moment.call.facts


async def live(environment: WorkflowEnvironment, life: Life) -> Journal:
    """Lives it on Temporal, from the same hour of the next such weekday on; returns what was journalled."""
    client, journal = environment.client, Journal()
    journal.says = lambda order: EffectId.parse(order.id).seq % 2 == 1  # and what is not said is an activity's work
    began, now = life.moments[0].call.now, await environment.get_current_time()
    next_week = datetime.combine(now.date() + timedelta(days=7 - now.weekday()), time(), UTC)
    by = next_week - datetime.combine(began.date() - timedelta(days=began.weekday()), time(), UTC)
    assert by % WEEK == timedelta(0), "working time would be another"
    flow = Worker(
        client,
        task_queue=FLOW_QUEUE,
        workflows=WORKFLOWS,
        activities=[journal.append, carry_out],
        workflow_runner=SANDBOX,
    )
    others = [Worker(client, task_queue=queue, activities=[carry_out]) for queue in (LANGUAGE_QUEUE, REACH_QUEUE)]
    async with flow, others[0], others[1]:
        await environment.sleep(began + by - AHEAD - now)
        # A run ends a week after it began. If something fell due in that very moment the server would stand still: it
        # never forgets an activity that was asked for by a run that is over.
        await client.start_workflow(NAMES[life.entity], Carried(), id=life.stream, task_queue=FLOW_QUEUE)
        for number, moment in enumerate(life.moments):
            if isinstance(moment.command, Tick) and moment is not life.moments[-1]:
                continue  # the entity wakes by itself
            if (wait := moment.call.now + by - await environment.get_current_time()) > timedelta(0):
                await environment.sleep(wait)
            if isinstance(moment.command, Tick):
                # What falls due now was promised by a command that came a few milliseconds late.
                await environment.sleep(1)
            else:
                command = type(moment.command).model_validate(moved(moment.command.model_dump(), by))
                facts = Facts.model_validate(moved(needed(life, number).model_dump(), by))
                await give(
                    client,
                    SIGNING,
                    life.stream,
                    command.name,
                    command.model_dump(mode="json"),
                    Envelope(actor=moment.call.actor, fingerprint=f"{number}", facts=facts),
                    update_id(moment.call.actor.id, command.name, f"{number}"),
                )
            await _quiet(client, life.stream)
    assert not journal.contradictions
    return journal


async def _quiet(client: Client, stream: str) -> None:
    """Waits until the engine has nothing to do for this entity but wait."""
    handle = client.get_workflow_handle(stream)
    async with asyncio.timeout(PATIENCE):
        while True:
            progress: Progress = await handle.query(EntityWorkflow.progress)
            busy = (await handle.describe()).raw_description.HasField("pending_workflow_task")
            if not (progress.unjournalled or progress.undone or busy):
                return
            await asyncio.sleep(0.005)


async def decided(
    client: Client, life: Life, run: WorkflowHistory, following: Carried | None, journal: Journal
) -> Decided:
    """What the run came to, as Temporal and the journal have it."""
    outcomes = {}
    for event in run.events:
        completed = event.workflow_execution_update_completed_event_attributes
        if completed.outcome.HasField("success"):
            [receipt] = await client.data_converter.decode(completed.outcome.success.payloads, [Receipt])
            outcomes[completed.meta.update_id] = receipt.model_dump(mode="json")
    if following is not None:
        assert following.state is not None
        remembered = {update: taken.model_dump(mode="json") for update, taken in following.taken.items()}
        return Decided(outcomes, following.state, remembered)
    decider = DECIDERS[life.entity]
    state = decider.initial
    for record in journal.written(life.stream):
        state = decider.evolve(state, record)
    # What the last run remembers nobody outside can ask; the same code does again what it did.
    remembers = (await play_again(WORKFLOWS, run, SANDBOX)).remembered
    return Decided(outcomes, state.model_dump(mode="json"), remembers)


async def carried_into(client: Client, run: WorkflowHistory) -> Carried:
    """What a run began with."""
    payloads = run.events[0].workflow_execution_started_event_attributes.input.payloads
    [carried] = await client.data_converter.decode(payloads, [Carried])
    assert isinstance(carried, Carried)
    return carried


async def record(life: Life) -> list[Recording]:
    """Lives it; the history of each of its runs."""
    async with skipping_server() as environment:
        journal = await live(environment, life)
        runs = await runs_of(environment.client, life.stream)
        begins = [await carried_into(environment.client, run) for run in runs[1:]]
        return [
            Recording.of(life.stream, build_id(), await decided(environment.client, life, run, following, journal), run)
            for run, following in itertools.zip_longest(runs, begins)
        ]


async def record_all(lives: Sequence[Life]) -> dict[str, list[Recording]]:
    """Every life's runs, by what one calls it."""
    runs = {}
    for number, life in enumerate(lives, 1):
        name = f"{number:02}-{life.entity}-{life.moments[-1].command.name}".replace("_", "-")
        print(f"{number} of {len(lives)}: {name}", flush=True)
        runs[name] = await record(life)
    return runs


if __name__ == "__main__":
    [release] = sys.argv[1:]
    every = told()
    chosen = few(every)
    (HISTORIES / release).mkdir(parents=True, exist_ok=True)
    samples(every, chosen).write(release)
    write(release, asyncio.run(record_all(chosen)))
