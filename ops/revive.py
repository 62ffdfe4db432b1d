"""Starting an entity again from its journal: the way out when its run cannot go on, or its history is lost.

The journal holds every event, so the state is whole. What the lost run knew beside it is made up for: effects younger
than two days are given again (each finds the claim of its first time, and a fact told twice is ignored by number), and
whoever repeats a command from before with its old key finds the state that command led to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from domain.entity.state import Entity
from domain.registry import DECIDERS
from store.journal import Journal
from workflows.contract import DEPLOYMENT, FLOW_QUEUE, SUMMARIES, WORKFLOWS, Carried, EffectOrder, entity_of
from workflows.entity import REMEMBERED_FOR

log = structlog.get_logger("revive")


class NothingToRevive(Exception):
    """The journal has no event of this stream, or the entity was erased."""


async def revive(client: Client, journal: Journal, stream: str) -> int:
    """Ends the stream's run, if there is one, and starts another from its folded journal; returns its version.

    Raises NothingToRevive.
    """
    entity, _ = entity_of(stream)
    decider = DECIDERS[entity]
    state: Any = decider.initial
    undone: list[EffectOrder] = []
    still_wanted = datetime.now(UTC) - REMEMBERED_FOR
    for record in await journal.read(stream):
        state = decider.evolve(state, record)
        if record.at >= still_wanted:
            undone += [
                EffectOrder.of(effect_id, stream, record.at, effect)
                for effect_id, effect in decider.react(state, record)
            ]
    if state.version == 0 or state.standing == "erased":
        raise NothingToRevive(stream)
    await start(client, stream, state, undone)
    log.info("revived", stream=stream, version=state.version, effects=len(undone))
    return int(state.version)


async def start(client: Client, stream: str, state: Entity, undone: Sequence[EffectOrder] = ()) -> None:
    """Starts the stream's run from a state that the journal folds to, with effects to give; ends the one there was."""
    entity, _ = entity_of(stream)
    await client.start_workflow(
        WORKFLOWS[entity],
        Carried(state=state.model_dump(mode="json"), undone=tuple(undone)),
        id=stream,
        static_summary=SUMMARIES[entity],
        task_queue=FLOW_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )


async def left_behind(client: Client, build: str) -> list[str]:
    """The streams whose run is pinned to another build than `build`: on a laptop nobody runs that one any more."""
    others = f'ExecutionStatus = "Running" AND TemporalWorkerDeploymentVersion != "{DEPLOYMENT}:{build}"'
    return [execution.id async for execution in client.list_workflows(others)]
