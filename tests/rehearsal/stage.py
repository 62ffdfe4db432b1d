"""Where builds are exchanged, as an operator does it: servers that stay, and each build's processes beside each other.

The engine and the database are told by address, as in a company's cluster: on a laptop a worker takes over by itself.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from pydantic import SecretStr
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.client import Client

from local import mailbox
from local.api_client import Api
from local.stack import on_free_ports, servers
from ops.administration import Operator
from ops.revive import left_behind
from settings import DEPLOYMENT, Settings
from tests.workflows.test_versions import builds_of, make_current
from tests.workflows.update_client import of, runs_of
from workflows.client import connect

PATIENCE = 120.0
"""Seconds for what has to come."""

UNHANDLED = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
"""Something came in while a run was ending: the engine then asks again, with that. Nothing is wrong."""


@dataclass(frozen=True)
class Build:
    """A build: its name, the tree its processes run in, what is run there before any of its modules, and by whom."""

    name: str
    tree: Path
    first: str = ""
    python: Path = Path(sys.executable)

    def command(self, module: str) -> list[str]:
        """How one of its modules is run."""
        run = f"import runpy; runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
        return self.script(f"{self.first}\n{run}")

    def script(self, code: str) -> list[str]:
        """How a script is run by it."""
        return [str(self.python), "-c", code]


@dataclass
class Process:
    """A process of a build, and where it says that it is ready."""

    running: asyncio.subprocess.Process
    port: int
    log: Path

    async def ready(self) -> None:
        """Waits until it is. Raises AssertionError, with its last words, when it ended instead."""
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False) as http:
            while True:
                assert self.running.returncode is None, self.log.read_text()[-3000:]
                try:
                    if (await http.get(f"http://127.0.0.1:{self.port}/ready")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """Tells it to finish, and waits until it has."""
        if self.running.returncode is None:
            self.running.send_signal(signal.SIGTERM)
        await self.running.wait()


@dataclass
class Stage:
    """The servers, and how builds are put on it and taken away."""

    settings: Settings
    client: Client
    statuses: Counter[int] = field(default_factory=Counter)
    processes: list[Process] = field(default_factory=list)

    async def run(self, build: Build, code: str) -> Any:
        """What a script prints, as JSON, that runs in the build's tree to its end."""
        return json.loads(await self._run(build, build.script(f"{build.first}\n{code}")))

    async def migrate(self, build: Build) -> None:
        """Brings the database to where this build needs it."""
        await self._run(build, build.command("store.migrate"))

    async def worker(self, build: Build) -> Process:
        """A worker of the build, ready, beside those that are there."""
        ports = on_free_ports(self.settings.home)
        more = {
            "TANDEM_WORKER_PORT": str(ports.worker_port),
            "TANDEM_SDK_METRICS_PORT": str(ports.sdk_metrics_port),
        }
        return await self._start(build, "worker", ports.worker_port, more)

    async def api(self, build: Build) -> Process:
        """The build's API, ready, on the address that stays."""
        return await self._start(build, "api", self.settings.api_port, {})

    async def make_current(self, build: Build) -> None:
        """New runs, and runs that go on as new ones, belong to this build from now on."""
        await make_current(self.client, build.name)

    async def _start(self, build: Build, module: str, port: int, more: Mapping[str, str]) -> Process:
        log = self.settings.logs_folder / f"{module}-{build.name}-{len(self.processes)}.log"
        with log.open("wb") as out:
            running = await asyncio.create_subprocess_exec(
                *build.command(module), cwd=build.tree, env=self._environment(build) | more, stdout=out, stderr=out
            )
        process = Process(running, port, log)
        self.processes.append(process)
        await process.ready()
        return process

    async def _run(self, build: Build, command: Sequence[str]) -> str:
        running = await asyncio.create_subprocess_exec(
            *command,
            cwd=build.tree,
            env=self._environment(build),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await running.communicate()
        assert running.returncode == 0, err.decode()[-3000:]
        return out.decode()

    def _environment(self, build: Build) -> dict[str, str]:
        return self.settings.environment() | {
            "TANDEM_BUILD_ID": build.name,
            "TEMPORAL_ADDRESS": self.settings.temporal_address,
            "PYTHONPATH": str(build.tree),
        }

    @asynccontextmanager
    async def as_somebody(self, token: str) -> AsyncIterator[Api]:
        """Their way to the API; what it answers is counted."""

        async def count(answer: httpx.Response) -> None:
            self.statuses[answer.status_code] += 1

        async with Api(self.settings.base_url, token, patience=PATIENCE) as api:
            api._http.event_hooks["response"].append(count)
            yield api

    # What an operator would look at

    async def builds(self, stream: str) -> list[str]:
        """Which build has each run of an entity, the first one first."""
        return [build for run in await runs_of(self.client, stream) for build in sorted(builds_of(run))]

    async def moved(self, stream: str, build: Build) -> None:
        """Waits until the entity's run is the build's."""

        async def there() -> bool:
            return (await self.builds(stream))[-1:] == [build.name]

        await self.until(there)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Waits until something holds. Raises TimeoutError when it never does."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if await holds():
                    return
                await asyncio.sleep(0.2)

    async def revive_left_behind(self, build: Build) -> list[str]:
        """Starts the entities that another build than this has, and that may rest for days, again on this one."""
        left = await left_behind(self.client, DEPLOYMENT, build.name)
        await Operator(self.settings).revive(left)
        return left

    async def streams(self) -> list[str]:
        """Every entity that the journal knows."""
        return [row["stream"] for row in await self.rows("SELECT stream FROM streams ORDER BY stream")]

    async def rows(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        """What the database answers."""
        connection = await asyncpg.connect(self.settings.database_dsn)
        try:
            found: list[asyncpg.Record] = await connection.fetch(sql, *args)
            return found
        finally:
            await connection.close()

    async def failed_tasks(self) -> list[str]:
        """Each workflow task that failed, with why."""
        return [
            f"{stream}: {failed.failure.message} {failed.failure.cause.message}"
            for stream in await self.streams()
            for run in await runs_of(self.client, stream)
            for event in of("WORKFLOW_TASK_FAILED", run.events)
            for failed in [event.workflow_task_failed_event_attributes]
            if failed.cause != UNHANDLED
        ]

    async def running_clocks(self) -> dict[str, set[str]]:
        """The ids of the clocks that the journal says run, by stream."""
        rows = await self.rows(
            "SELECT stream, type, payload FROM events WHERE type IN ('clock_started', 'clock_stopped')"
            " ORDER BY stream, seq"
        )
        clocks: dict[str, set[str]] = {}
        for row in rows:
            payload, running = json.loads(row["payload"]), clocks.setdefault(row["stream"], set())
            if row["type"] == "clock_started":
                running.add(payload["clock"]["id"])
            else:
                running.discard(payload["clock_id"])
        return clocks

    def letters(self) -> Counter[tuple[str, str]]:
        """How often each letter arrived, by whom it went to and its `Message-ID`."""
        return Counter((message.to, message.message_id) for message in mailbox.messages(self.settings.mailbox_folder))


@asynccontextmanager
async def stage(home: Path, policy: str) -> AsyncIterator[Stage]:
    """The servers, with nobody at work yet; `policy` is the company's own file, which no build brings."""
    own = home / "policy.yaml"
    own.write_text(policy)
    embedded = on_free_ports(home)
    async with servers(embedded) as running:
        at = {"database_url": SecretStr(running.database_dsn), "policy": own}
        told = embedded.model_copy(update=at)
        set_up = Stage(told, await connect(embedded.temporal_connection))
        try:
            yield set_up
        finally:
            for process in reversed(set_up.processes):
                await process.stop()
