"""One requisition, candidate or person: whether its run goes on, what it tries in vain, what is late, and what to
do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import asyncpg
from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

import wiring
from ops.doctor.engine import reached, workers
from ops.doctor.findings import NEWER_BUILD, Finding, broken, ok, some, warning
from ops.worker_builds import RPC, Builds, builds
from privacy.keys import KeysUnreachable, WrongKeys
from settings import Settings
from store.command_lookups import was_journalled
from store.database import DATABASE_ERRORS
from store.projector import UNREAD
from store.queries import Reads
from workflows.contract import Progress

TAKEN_WITHIN = timedelta(seconds=10)
"""A task that no worker took for so long waits for a worker."""

NOTICED_WITHIN = timedelta(seconds=10)
"""A deadline that is past for so long should be on record."""


async def entity(settings: Settings, stream: str) -> AsyncIterator[Finding]:
    """Findings about one entity, by its stream (`requisition/R-…`)."""
    codec, reads = None, None
    async with AsyncExitStack() as open_to_the_end:
        try:
            at = await open_to_the_end.enter_async_context(wiring.stores_to_look_at(settings, size=1))
            if not await was_journalled(at.pool, stream):
                yield broken("journal", f"Nothing ever happened in {stream}.", "Look for its id with tandem board.")
                return
            reads = at.reads
            codec = await at.codec()
            async for finding in _clocks(at.pool, stream):
                yield finding
        except (WrongKeys, KeysUnreachable) as refused:
            yield broken("keys", str(refused), "What travels through Temporal cannot be read without them.")
        except DATABASE_ERRORS as refused:
            yield broken(
                "journal",
                f"PostgreSQL does not answer ({type(refused).__name__}).",
                "Bring it back; see tandem doctor.",
            )
        client = await reached(settings, codec)
        if client is None:
            yield broken("run", "Temporal does not answer.", "Bring it back; see tandem doctor.")
            return
        async for finding in _run(client, settings.deployment, stream, reads):
            yield finding


async def _clocks(pool: asyncpg.Pool, stream: str) -> AsyncIterator[Finding]:
    now = datetime.now(UTC)
    running = "SELECT * FROM clocks WHERE stream = $1 AND ended_at IS NULL AND stands_since IS NULL ORDER BY due_at, id"
    for clock in await pool.fetch(running, stream):
        if found := _clock(clock, now):
            yield found
    for task in await pool.fetch("SELECT id, kind, reason FROM tasks WHERE stream = $1 ORDER BY raised_at, id", stream):
        if task["id"] == UNREAD:
            yield warning("journal", f"{task['reason'].capitalize()} by this build ({task['kind']}).", NEWER_BUILD)
            continue
        yield warning(
            "task",
            f"{task['id']}: {task['kind']} could not be done ({task['reason']}).",
            "Mend what the reason names, then tandem resolve-task … --outcome retry (or done, or abandon).",
        )


def _clock(clock: asyncpg.Record, now: datetime) -> Finding | None:
    what = f"{clock['name']} ({clock['id']})"
    if clock["stuck_at"] is not None:
        return warning(
            "stuck",
            f"{what} has waited for {clock['owner']} since {_at(clock['due_at'])}, through every escalation step; "
            f"stuck since {_at(clock['stuck_at'])}.",
            "Call them. Their counterpart or a lead may waive it (tandem waive-clock), or the role passes on "
            "(tandem hand-over).",
        )
    if clock["breached_at"] is not None:
        return warning(
            "late",
            f"{what} has waited for {clock['owner']} since {_at(clock['due_at'])}.",
            "It stops by itself once it is done; extend-clock and waive-clock are for their counterpart.",
        )
    if now - clock["due_at"] > NOTICED_WITHIN:
        return broken(
            "overdue",
            f"{what} fell due at {_at(clock['due_at'])}, and nobody noticed.",
            "Its run does not go on, or the journal is behind it: see below. Once it goes on, it is stamped with its "
            "deadline.",
        )
    return None


async def _run(client: Client, deployment: str, stream: str, reads: Reads | None) -> AsyncIterator[Finding]:
    handle = client.get_workflow_handle(stream)
    try:
        described = await handle.describe(rpc_timeout=RPC)
    except RPCError as refused:
        if refused.status is RPCStatusCode.NOT_FOUND:
            yield broken(
                "run", f"Temporal knows of no run of {stream}.", f"Start it from its journal: tandem revive {stream}."
            )
        else:
            yield broken("run", f"Temporal cannot say ({refused.status.name}).", "See tandem doctor.")
        return
    if described.status is WorkflowExecutionStatus.COMPLETED:
        yield ok("run", "Its life is over: erased.")
        return
    if described.status is not WorkflowExecutionStatus.RUNNING:
        ended = described.status.name.lower().replace("_", " ") if described.status else "gone"
        yield broken("run", f"Its run has {ended}.", f"Start it from its journal: tandem revive {stream}.")
        return
    known = await builds(client, deployment)
    for finding in _build(described, known, stream):
        yield finding
    async for finding in _task(handle, described, stream):
        yield finding
    for activity in described.raw_description.pending_activities:
        if tried := _activity(activity):
            yield tried
    async for finding in workers(client, deployment):
        if finding.about == "worker" and finding.level == "broken":
            yield finding
    if known.serving:
        yield await _behind(handle, stream, reads)


def _build(described: WorkflowExecutionDescription, known: Builds, stream: str) -> Iterator[Finding]:
    pinned = described.raw_info.versioning_info.deployment_version.build_id
    if pinned and known.serving and pinned not in known.serving:
        yield broken(
            "build",
            f"Its run belongs to build {pinned}; there are only workers of {some(sorted(known.serving))}.",
            f"Start workers of that build, or bring it to this one: tandem revive {stream}.",
        )


async def _task(
    handle: WorkflowHandle[object, object], described: WorkflowExecutionDescription, stream: str
) -> AsyncIterator[Finding]:
    if not described.raw_description.HasField("pending_workflow_task"):
        yield ok("run", "It waits for a command, a deadline or an activity.")
        return
    task = described.raw_description.pending_workflow_task
    waited = datetime.now(UTC) - task.original_scheduled_time.ToDatetime(UTC)
    if task.attempt > 1 and (error := await _last_error(handle)):
        yield broken(
            "failing task",
            f"Its code fails, {task.attempt - 1} times so far: {error}.",
            f"A bug of the build that runs it; the worker's log has the place. Deploy a mended build, then tandem "
            f"revive {stream}. No command is lost: each is answered 503 until then.",
        )
    elif waited > TAKEN_WITHIN:
        yield broken(
            "run",
            f"What it has to do has waited for {waited.total_seconds():.0f} s, and no worker took it.",
            "Start a worker of its build (see below).",
        )
    else:
        yield ok("run", "It is at work.")


async def _last_error(handle: WorkflowHandle[object, object]) -> str:
    """What kind of error the task last failed with; its words may quote what somebody wrote, so they stay out."""
    failed = ""
    async for event in handle.fetch_history_events(rpc_timeout=RPC):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            failed = _kind(event.workflow_task_failed_event_attributes.failure)
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            failed = ""
    return failed


def _activity(activity: PendingActivityInfo) -> Finding | None:
    kind, now = activity.activity_type.name, datetime.now(UTC)
    since = activity.scheduled_time.ToDatetime(UTC)
    if activity.HasField("last_failure"):
        again = activity.next_attempt_schedule_time.ToDatetime(UTC)
        when = f"next at {_at(again)}" if again > now else "now again"
        return warning(
            "activity",
            f"{kind} ({activity.activity_id}) has been tried since {_at(since)}: {_kind(activity.last_failure)}; "
            f"attempt {activity.attempt}, {when}.",
            "Mend what the error names; it is then done by itself. `temporal activity reset` tries at once.",
        )
    waiting = activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    if waiting and now - since > TAKEN_WITHIN:
        return broken(
            "activity",
            f"{kind} ({activity.activity_id}) has waited for a worker since {_at(since)}.",
            "Start a worker for its queue (see below), or more of them.",
        )
    return None


async def _behind(handle: WorkflowHandle[object, object], stream: str, reads: Reads | None) -> Finding:
    try:
        progress = await handle.query("progress", result_type=Progress, rpc_timeout=RPC)
    except (RPCError, WorkflowQueryFailedError):
        return warning(
            "read model",
            "Its run cannot be asked how far it has come.",
            "A worker of its build that runs its code without an error can: see above.",
        )
    # What was just done is on its way for a moment; only what stays away is worth a word.
    if reads is not None and not await reads.wait_for_version(stream, progress.version):
        return warning(
            "read model",
            f"It stands at version {progress.version}, and what is read does not; {progress.unjournalled} events wait "
            "for the journal.",
            f"The journal catches up by itself once PostgreSQL answers. If it does not: tandem doctor, and the "
            f"activity `journal` of {stream} above.",
        )
    pending = f" Under way: {some(progress.undone)}." if progress.undone else ""
    return ok("read model", f"It shows version {progress.version}, as the run does.{pending}")


def _kind(failure: Failure) -> str:
    while failure.HasField("cause"):
        failure = failure.cause
    return failure.application_failure_info.type or failure.WhichOneof("failure_info") or "unknown"


def _at(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
