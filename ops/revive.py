"""Starting an entity again from its journal: the way out when its run cannot go on, or its history is lost.

The journal holds every event, so the state is whole. Where PostgreSQL was put back from a backup it does not: what
Temporal remembers of the stream's runs is written first (`run_histories`), and a run that is well but for that goes on
as it is. What the lost run knew beside the journal is made up for: effects that nobody has carried out are given again
under their old ids, and whoever repeats a command from before with its old key finds the state that command led to.

Two runs must never write one journal. The old run, if it answers, first takes nothing more and writes what it has; what
it had handed to the journal's activity is written for it; then the stream's epoch is raised under its lock, so that
nothing the old run may yet send is taken; and only then is the journal read. A run that is well is left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetActivityRequest
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from domain.core.messages import Record
from domain.entity.effects import Draft
from domain.entity.state import Entity
from domain.evidence.draft_events import DraftAttached
from domain.registry import DECIDERS
from ops.queues import RUNNING
from ops.run_histories import Filled, fill
from ops.worker_builds import RPC, Builds
from store.journal import Journal
from store.pending_effects import PendingEffects
from store.projector import not_taken_in
from workflows.contract import (
    FLOW_QUEUE,
    JOURNAL,
    JOURNAL_CONFLICT,
    WORKFLOWS,
    Carried,
    EffectOrder,
    Progress,
    entity_of,
    summary_of,
)
from workflows.entity import REMEMBERED_FOR

EMPTIES_WITHIN = 5.0
"""Seconds a run that gives way has to hand what it knows to the journal."""

CONTRADICTED = "its run contradicted the journal"
AHEAD = "the journal lacked what its run did"
BEHIND = "its run was behind the journal"
OF_ANOTHER_BUILD = "its run was of a build that nobody runs"

log = structlog.get_logger("revive")


class NotRevived(Exception):
    """The entity was left as it is; the text is a sentence for the operator, with what to do."""


class NothingToRevive(NotRevived):
    """The journal has no event of this stream, or the entity was erased."""


async def ails(client: Client, journal: Journal, stream: str, known: Builds) -> str | None:
    """What keeps the stream's run from going on, in a few words; None where it is well.

    `known` are the builds whose workers answer. Raises NotRevived where nobody can say.
    """
    version, epoch = await journal.stands(stream)
    handle = client.get_workflow_handle(stream)
    try:
        described = await handle.describe(rpc_timeout=RPC)
    except RPCError as refused:
        if refused.status is RPCStatusCode.NOT_FOUND:
            return "there was no run of it"
        raise NotRevived(f"{stream}: Temporal cannot say how it is ({refused.status.name}). Ask again.") from None
    if described.status is not WorkflowExecutionStatus.RUNNING:
        return "its run was over"
    if any(
        pending.activity_type.name == JOURNAL and pending.last_failure.application_failure_info.type == JOURNAL_CONFLICT
        for pending in described.raw_description.pending_activities
    ):
        return CONTRADICTED
    if described.raw_description.pending_workflow_task.attempt > 1:
        return "its run failed"
    if not known.serving:
        raise NotRevived(f"{stream}: no worker is there to ask. Start one (tandem up), then ask again.")
    if not _answers(described, known):
        return OF_ANOTHER_BUILD
    try:
        progress = await handle.query("progress", result_type=Progress, rpc_timeout=RPC)
    except WorkflowQueryFailedError:
        return "its run failed"
    except RPCError:
        raise NotRevived(f"{stream}: its run does not say how far it is. See tandem doctor.") from None
    if progress.epoch < epoch or progress.version < version:
        return BEHIND
    handed_over = progress.version - progress.unjournalled
    if handed_over > version and handed_over > (await journal.stands(stream))[0]:  # which grew while it was asked
        return AHEAD
    return None


async def running_streams(client: Client) -> set[str]:
    """Every stream that has a run, as far as the engine's list knows yet. Raises RPCError."""
    return {run.id async for run in client.list_workflows(RUNNING, page_size=1_000)}


async def revive(
    client: Client,
    journal: Journal,
    pending_effects: PendingEffects,
    stream: str,
    known: Builds,
    ailing: str,
    force: bool = False,
) -> str:
    """Brings back the stream, of which `ails` said what keeps it; returns what became of it, in a sentence.

    The journal is given what Temporal remembers and it lacks. If that was all, the run goes on as it is; else it is
    ended and another started from the folded journal. A run whose worker is there (`known` are the builds that answer)
    is asked to give way first. Raises NothingToRevive; and NotRevived where this build cannot take in every event, or
    where events are nowhere to be found, unless `force` says to go on without them. No run is ended then.
    """
    entity, _ = entity_of(stream)
    if entity not in DECIDERS:
        raise NothingToRevive(f"{stream} is no entity that this build knows.")
    if ailing in (AHEAD, CONTRADICTED):
        filled = await _filled(client, journal, pending_effects, stream)
        if not filled.dropped:
            await _try_journal_again(client, stream)
            await journal.is_no_longer_contradicted(stream)
            if await ails(client, journal, stream, known) == AHEAD:
                raise _forgotten(stream, filled)
            # That its last attempt met a contradiction is said of it until the next.
            log.info("journal filled", stream=stream, before=filled.before, version=filled.version)
            return f"{stream}: {ailing}; {filled}, and it goes on."
    if records := await journal.read(stream):
        _whole(stream, records, force)
    handle = client.get_workflow_handle(stream)
    await _give_way(handle, known)
    filled = await _filled(client, journal, pending_effects, stream)
    if filled.gap and not force:
        raise _forgotten(stream, filled)
    _whole(stream, await journal.read(stream), force)
    epoch = await journal.fence(stream)
    records = await journal.read(stream)
    state = _whole(stream, records, force)
    orders = await _pending_orders(pending_effects, stream, records)
    await start(client, stream, state, orders, epoch)
    await journal.is_no_longer_contradicted(stream)
    log.info("revived", stream=stream, version=state.version, effects=len(orders), epoch=epoch, dropped=filled.dropped)
    without = f", without the run's own events {_numbers(filled.dropped)}" if filled.dropped else ""
    return f"{stream}: {ailing}; it goes on from version {state.version}{without}."


def _forgotten(stream: str, filled: Filled) -> NotRevived:
    known = f" but events {_numbers(filled.dropped)}" if filled.dropped else ""
    return NotRevived(
        f"{stream}: the journal ends with event {filled.version}, and of what its run did after that Temporal "
        f"remembers nothing{known}. To go on from the journal, without what came after: "
        f"tandem revive --force {stream}."
    )


async def _try_journal_again(client: Client, stream: str) -> None:
    """Has the run hand over at once what it was waiting to: after a contradiction it would wait for minutes."""
    at_once = ResetActivityRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=stream), type=JOURNAL
    )
    with contextlib.suppress(RPCError):  # nothing waits, or an older server: then it takes a little longer
        await client.workflow_service.reset_activity(at_once, timeout=RPC)


def _numbers(dropped: Sequence[int]) -> str:
    return f"{dropped[0]} to {dropped[-1]}" if len(dropped) > 1 else str(dropped[0])


async def start(client: Client, stream: str, state: Entity, orders: Sequence[EffectOrder] = (), epoch: int = 0) -> None:
    """Starts the stream's run from a state that the journal folds to, with effects to give; ends the one there was."""
    entity, _ = entity_of(stream)
    await client.start_workflow(
        WORKFLOWS[entity],
        Carried(
            state=state.model_dump(mode="json"), state_schema=state.state_schema, undone=tuple(orders), epoch=epoch
        ),
        id=stream,
        static_summary=summary_of(stream, vars(state)),
        task_queue=FLOW_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )


async def left_behind(client: Client, deployment: str, build: str) -> list[str]:
    """The streams whose run is pinned to another build of the deployment than `build`.

    On a laptop nobody runs that one any more.
    """
    others = f'ExecutionStatus = "Running" AND TemporalWorkerDeploymentVersion != "{deployment}:{build}"'
    return [execution.id async for execution in client.list_workflows(others)]


def _whole(stream: str, records: Iterable[Record], force: bool) -> Entity:
    fold = DECIDERS[entity_of(stream)[0]].fold(records)
    state: Entity = fold.state
    if state.version == 0 or state.standing == "erased":
        raise NothingToRevive(f"{stream} is not in the journal, or was erased.")
    if fold.left_out and not force:
        first = not_taken_in(stream, fold.left_out[0])
        raise NotRevived(f"{first} To go on without it all the same: tandem revive --force {stream}.")
    return state


async def _give_way(handle: WorkflowHandle[Any, Any], known: Builds) -> None:
    """Lets a run that answers take nothing more, and write what it has. One that does not answer takes nothing either:
    it finds this before any command."""
    with contextlib.suppress(RPCError, WorkflowQueryFailedError):
        await handle.signal("give_way", rpc_timeout=RPC)
        if not _answers(await handle.describe(rpc_timeout=RPC), known):
            return
        give_up_at = asyncio.get_running_loop().time() + EMPTIES_WITHIN
        while asyncio.get_running_loop().time() < give_up_at:
            if not (await handle.query("progress", result_type=Progress, rpc_timeout=RPC)).unjournalled:
                return
            await asyncio.sleep(0.05)


async def _filled(client: Client, journal: Journal, pending_effects: PendingEffects, stream: str) -> Filled:
    try:
        return await fill(client, journal, pending_effects, stream)
    except RPCError as refused:
        raise NotRevived(f"{stream}: Temporal cannot say what it did ({refused.status.name}). Ask again.") from None


async def _pending_orders(pending_effects: PendingEffects, stream: str, records: Sequence[Record]) -> list[EffectOrder]:
    """What is still to be done about `records`: effects that nobody carried out, and drafts that never came back."""
    entity, _ = entity_of(stream)
    decider = DECIDERS[entity]
    wanted, still_wanted = await pending_effects.of(stream), datetime.now(UTC) - REMEMBERED_FOR
    attached = [part.event for record in records for part in record.parts if isinstance(part.event, DraftAttached)]
    state: Any = decider.initial
    orders: list[EffectOrder] = []
    for record in records:
        state, taken_in = decider.take_in(state, record)
        for effect_id, effect in decider.react(state, record) if taken_in else ():
            # A draft is struck off before it is given back: only its event says that it came.
            came = not isinstance(effect, Draft) or any(
                event.job == effect.job and event.about == effect.about for event in attached
            )
            if effect_id in wanted or (not came and record.at >= still_wanted):
                orders.append(EffectOrder.of(effect_id, stream, record.at, effect))
    return orders


def _answers(described: WorkflowExecutionDescription, known: Builds) -> bool:
    pinned = described.raw_info.versioning_info.deployment_version.build_id
    return not pinned or pinned in known.serving
