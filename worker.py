"""The worker process: builds the clients, registers what it runs, says when it is ready, drains on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.metadata
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.converter import StorageDriverStoreContext
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig, WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import settings
import wiring
from activities.composition import composed
from activities.journal import JournalKeeping
from domain.entity.effects import EFFECTS
from ops import logs
from ops.activity_metrics import FIGURES, Attempts
from ops.blob_upkeep import swept_daily, waiting_swept_hourly
from ops.database_metrics import census
from ops.held_commands import held_commands_given
from ops.metrics import CONTENT_TYPE, Page, ServerFigures, measured_runtime
from ops.policy import adopt
from ops.queues import queues
from ops.received_mail import mailbox_read
from ops.revive import OF_ANOTHER_BUILD, NotRevived, left_behind, revive
from ops.search_upkeep import search_kept_up
from ops.temporal_setup import CannotBeSeen, NotSetUp, search_attributes_made
from ops.wall_clocks import keep_hours
from ops.worker_builds import Builds
from privacy.keys import KeysUnreachable, WrongKeys
from store.policy_file import BadPolicy, PolicyFile
from wiring import Services
from workflows import command_signatures, contract
from workflows.candidate import CandidateWorkflow
from workflows.person import PersonWorkflow
from workflows.requisition import RequisitionWorkflow

WORKFLOWS = [RequisitionWorkflow, CandidateWorkflow, PersonWorkflow]
RESTRICTIONS = SandboxRestrictions.default.with_passthrough_modules("domain", "workflows", "pydantic", "pydantic_core")
"""Rules and shell keep nothing in their modules, so a sandbox would only import them anew for every workflow: 140 ms
and 3 MB each. What the shell must not do (read a clock, draw lots) is watched for where that costs nothing: the tests
and the replay gate run it in a sandbox that imports it anew."""

SANDBOX = SandboxedWorkflowRunner(RESTRICTIONS)


@dataclass(frozen=True)
class PlainPayloads(SandboxedWorkflowRunner):
    """The same, where what travels through Temporal is not sealed: it is then written the same whatever it is for. The
    SDK asks the workflow what each payload is for, several times, and enters its sandbox for that: an eighth of a
    worker's CPU."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """See `WorkflowRunner.create_instance`."""
        instance = super().create_instance(det)
        for_nothing_in_particular = {
            "get_serialization_context": lambda command: None,
            "get_external_store_context": lambda command: StorageDriverStoreContext(),
        }
        for name, answer in for_nothing_in_particular.items():
            setattr(instance, name, answer)
        return instance


DRAIN = timedelta(seconds=20)
DRAFTS_AT_ONCE = 32
"""In one language worker: most of a draft's time is waiting for the model."""

log = structlog.get_logger("worker")


def build_id() -> str:
    """Which code this is: a run is replayed only by the build that began it.

    Temporal's Worker Controller names it, or `TANDEM_BUILD_ID` does, for a release.
    """
    for named in ("TEMPORAL_WORKER_BUILD_ID", "TANDEM_BUILD_ID"):
        if os.environ.get(named):
            return os.environ[named]
    digest = hashlib.sha256()
    for room in ("domain", "workflows"):
        for path in sorted((settings.ROOT / room).rglob("*.py")):
            digest.update(path.read_bytes())
    for package in ("temporalio", "pydantic", "tzdata"):
        digest.update(importlib.metadata.version(package).encode())
    return digest.hexdigest()[:12]


def workers(at: Services, attempts: Attempts) -> list[Worker]:
    """A worker for each configured role: `flow` runs workflows and the journal, the others their activities.

    The language queue as a whole is served at the configured rate, whoever serves it. From now on this process takes no
    command that is not signed with the installation's keys. Raises KeyMissing, KeysUnreachable.
    """
    command_signatures.check_with(at.signing)
    if at.signing.ring.unsigned_too:
        log.warning("unsigned commands are taken, as 0.3.0 sends them, until `tandem keys rotate`")
    deployment = WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(at.settings.deployment, build_id()),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )
    configured, carried_out = at.settings, composed(at)
    riding = {effect.type: do for effect, do in carried_out.items() if effect.carriage.rides}
    keeping = JournalKeeping(at.journal, at.pool, riding)
    return [
        Worker(
            at.temporal,
            task_queue=contract.QUEUES[role],
            workflows=WORKFLOWS if role == "flow" else [],
            activities=[
                *([keeping.append] if role == "flow" else []),
                *(do for effect, do in carried_out.items() if effect.carriage.queue == role),
            ],
            interceptors=[attempts],
            workflow_runner=PlainPayloads(RESTRICTIONS) if at.opens_payloads is None else SANDBOX,
            deployment_config=deployment,
            graceful_shutdown_timeout=DRAIN,
            max_cached_workflows=configured.cached_workflows,
            max_concurrent_activities=DRAFTS_AT_ONCE if role == "language" else 50,
            max_task_queue_activities_per_second=configured.language_per_second if role == "language" else None,
        )
        for role in configured.worker_roles
    ]


async def take_over(at: Services) -> None:
    """On a laptop there is nobody to roll a version or a policy out.

    This build takes every new run, and those left behind; those that go by another policy are given this one.
    """
    await make_current(at.temporal, at.settings.deployment, build_id())
    known = Builds(build_id(), frozenset({build_id()}))
    for stream in await left_behind(at.temporal, at.settings.deployment, build_id()):
        try:
            await revive(at.temporal, at.journal, at.pending_effects, stream, known, OF_ANOTHER_BUILD)
        except NotRevived as left:
            log.warning("not revived", stream=stream, why=str(left))
        except Exception as failed:  # what is wrong with one must not keep the others from their work
            log.error("not revived", stream=stream, kind=type(failed).__name__)
    policy = at.policy.current()
    log.info("policy", policy=policy.name, outcome=dict(await adopt(at.temporal, at, policy)))


async def make_current(client: Client, deployment: str, build: str) -> None:
    """Gives new runs of the deployment to that build, as soon as the server knows of it."""
    while True:
        try:
            await client.workflow_service.set_worker_deployment_current_version(
                SetWorkerDeploymentCurrentVersionRequest(
                    namespace=client.namespace,
                    deployment_name=deployment,
                    build_id=build,
                    ignore_missing_task_queues=True,
                    identity=client.identity,
                )
            )
            return
        except RPCError:
            # The version is known to the server only once a worker of it has polled.
            await asyncio.sleep(0.2)


class _HealthServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The worker's own handlers drain it; this server goes down last."""
        yield


@contextlib.asynccontextmanager
async def health(at: settings.Settings, ready: Callable[[], bool], page: Page) -> AsyncIterator[None]:
    """Answers `/ready` with 200 once `ready()`, else 503, and `/metrics`, on its own port while the block runs.

    Metrics are for this machine alone, unless the settings give them an address.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    only_here = settings.is_loopback(at.metrics_listen)

    @app.get("/ready")
    def _ready() -> Response:
        return Response(status_code=200 if ready() else 503)

    @app.get("/metrics")
    async def _metrics(request: Request) -> Response:
        if only_here and not (request.client and settings.is_loopback(request.client.host)):
            return Response(status_code=404)
        return Response(await page.text(), media_type=CONTENT_TYPE)

    server = _HealthServer(uvicorn.Config(app, host=at.listen, port=at.worker_port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def ended(task: asyncio.Task[None]) -> None:
    """Ends a task that goes on for ever."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def main() -> None:
    """Serves the queues of the configured roles until SIGTERM or Ctrl-C, then finishes what is under way."""
    configured = settings.load()
    logs.configure("worker", configured.log_level)
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    try:
        policy = PolicyFile(configured.policy)
    except BadPolicy as bad:
        sys.exit(str(bad))
    await wiring.keys_fit(configured)  # said before a port is taken
    async with wiring.services(configured, policy, measured_runtime(configured.sdk_metrics_port)) as at:
        client = at.temporal
        try:
            await search_attributes_made(client)
        except CannotBeSeen as unseen:  # they may be there all the same; a run that lacks one says so
            log.warning("search attributes", why=str(unseen))
        await at.pending_effects.forget(
            {effect.type: effect.carriage.tried_for + timedelta(days=1) for effect in EFFECTS}
        )
        asked = (
            ServerFigures("database", partial(census, at.pool)),
            ServerFigures("engine", partial(queues, client, configured.deployment, build_id())),
        )
        page = Page(FIGURES, asked, configured.sdk_metrics_port)
        async with contextlib.AsyncExitStack() as running:
            started = False
            await running.enter_async_context(health(configured, lambda: started, page))
            for one in workers(at, Attempts(at.pending_effects)):
                await running.enter_async_context(one)
            reads_mail = configured.imap_server is not None
            if "reach" in configured.worker_roles:
                upkeeps = [swept_daily(at), waiting_swept_hourly(at), search_kept_up(at), held_commands_given(at)]
                for upkeep in (*upkeeps, *([mailbox_read(at)] if reads_mail else [])):
                    running.push_async_callback(ended, asyncio.create_task(upkeep))
            if configured.embeds_temporal:
                await take_over(at)
            if "flow" in configured.worker_roles:
                await keep_hours(client, at.signing, at.pool)
            started = True
            log.info("ready", roles=configured.worker_roles, build=build_id())
            await stop.wait()
            log.info("draining")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (WrongKeys, KeysUnreachable, NotSetUp) as refused:
        sys.exit(str(refused))
