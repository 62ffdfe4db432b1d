"""What the laptop stack is made of: processes to keep alive, and jobs to run once on the way."""

import asyncio
import signal
import ssl
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from settings import Settings

Probe = Callable[[], Awaitable[bool]]


async def _nothing() -> None:
    """Nothing needs doing before this child starts."""


@dataclass(frozen=True)
class Port:
    """A TCP port on loopback a child listens on, and the variable that moves it."""

    number: int
    variable: str


@dataclass(frozen=True)
class Child:
    """A process kept alive: started when `ready` of the one before answers True, started again whenever it dies."""

    name: str
    command: tuple[str, ...]
    ready: Probe
    ports: tuple[Port, ...] = ()
    before_each_start: Callable[[], Awaitable[None]] = _nothing
    user: str | None = None  # the account it runs under, when not ours
    folder: Path | None = None  # where it begins, when not where we are
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL  # what the kernel sends it when the supervisor itself is killed
    stop_within: float = 10.0  # seconds; then SIGKILL
    ready_within: float = 60.0  # seconds; then it counts as a failed start
    needed: bool = True  # whether the others are stopped when it does not start


@dataclass(frozen=True)
class Job:
    """A command that must end well before what comes after it is started."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Commands:
    """How our own processes are started. Tests put small stand-ins here."""

    migrate: tuple[str, ...] = field(default=(sys.executable, "-m", "ops.before_start"))
    worker: tuple[str, ...] = field(default=(sys.executable, "-m", "worker"))
    api: tuple[str, ...] = field(default=(sys.executable, "-m", "api"))


def ours(settings: Settings, commands: Commands) -> tuple[Job | Child, ...]:
    """Migrations, then the worker, then the API."""
    return (
        Job("migrations", commands.migrate),
        Child(
            name="worker",
            command=commands.worker,
            ready=answers_200(settings.worker_port, "/ready"),
            ports=(
                Port(settings.worker_port, "TANDEM_WORKER_PORT"),
                Port(settings.sdk_metrics_port, "TANDEM_SDK_METRICS_PORT"),
            ),
            stop_within=30.0,  # it drains what it is doing
            needed=False,  # without it everything can still be read, and commands are taken once it is back
        ),
        Child(
            name="api",
            command=commands.api,
            ready=answers_200(settings.api_port, "/ready"),
            ports=(
                Port(settings.api_port, "TANDEM_API_PORT"),
                Port(settings.api_metrics_port, "TANDEM_API_METRICS_PORT"),
            ),
        ),
    )


_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What a client is given that speaks to this machine alone. Without it each reads the authorities of the whole world,
and a stack that starts asks hundreds of times whether it is ready."""


def answers_200(port: int, path: str) -> Probe:
    """A probe that is content with a 200 from http://127.0.0.1:port/path."""

    async def ready() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=2.0, verify=_TRUSTS_NOBODY) as client:
                answer = await client.get(f"http://127.0.0.1:{port}{path}")
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    return ready


_TRACEBACK = "Traceback (most recent call last):"


async def last_words(log: Path) -> str:
    """The last non-empty line of a child's log, or "" when it said nothing; of a traceback, which error it was."""
    said = await asyncio.to_thread(log.read_text, errors="replace")
    _, found, traceback = said.rpartition(_TRACEBACK)
    error = next((line for line in traceback.splitlines() if line[:1].strip()), "") if found else ""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return error.strip() or (lines[-1] if lines else "")
