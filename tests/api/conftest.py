"""A running stack for all of these tests: real servers, a real worker process, the API in this process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
import structlog
from fastapi import FastAPI
from temporalio.client import Client

from api.app import create_app
from local.process_specs import Child, Commands, ours
from local.stack import on_free_ports, servers
from local.supervisor import Supervisor
from settings import Settings
from store.database import connect
from store.migrate import migrate
from testing.api_company import STANDING, Company, founded, joins
from workflows.client import connect as connect_temporal

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["event"]),
    ]
)


class Process:
    """One of our own processes, `worker` or `api`: runs, and can be sent away and called back."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self._members = [m for m in ours(settings, Commands()) if isinstance(m, Child) and m.name == name]
        self._supervisor: Supervisor | None = None
        self.log = settings.logs_folder / f"{name}.log"

    async def start(self) -> None:
        """Returns when it is ready."""
        self._supervisor = Supervisor(self._settings, self._members, say=lambda _: None)
        await self._supervisor.start()

    async def stop(self) -> None:
        """Returns when it is gone."""
        if self._supervisor is not None:
            await self._supervisor.stop()
            self._supervisor = None


@pytest.fixture(scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """PostgreSQL with every table, Temporal and the mail catcher, on free ports; the policy is the company's own.

    Drafts are by words alone: what meanings find is tried in `tests/language`, and takes half of a worker's time.
    """
    settings = on_free_ports(
        tmp_path_factory.mktemp("api"), mail_replies="hiring@tandem.example", language_local_embeddings=False
    )
    async with servers(settings):
        await asyncio.to_thread(migrate, settings.database_dsn)
        yield settings


@pytest.fixture(scope="session")
async def worker(running: Settings) -> AsyncIterator[Process]:
    """The worker process."""
    async for process in _process(running, "worker"):
        yield process


@pytest.fixture(scope="session")
async def api_process(running: Settings) -> AsyncIterator[Process]:
    """The API as it is served, in a process of its own, on `running.api_port`."""
    async for process in _process(running, "api"):
        yield process


async def _process(settings: Settings, name: str) -> AsyncIterator[Process]:
    process = Process(settings, name)
    try:
        await process.start()
        yield process
    finally:
        await process.stop()


@pytest.fixture(scope="session")
async def pool(running: Settings) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the running database."""
    async with await connect(running.database_dsn) as pool:
        yield pool


@pytest.fixture(scope="session")
async def temporal(running: Settings, worker: Process) -> Client:
    """A client of the running engine, to look at what it remembers."""
    return await connect_temporal(running.temporal_connection)


@contextlib.asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of this application, which is running; an error in it is an answer, as behind a real server."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=90) as http:
            yield http


@contextlib.asynccontextmanager
async def at_work(settings: Settings, company: Company | None = None) -> AsyncIterator[Company]:
    """Worker and API with these settings; the company is founded, or goes on."""
    worker = Process(settings, "worker")
    await worker.start()
    try:
        async with serving(create_app(settings)) as http, await connect(settings.database_dsn) as pool:
            if company is None:
                yield await founded(http, pool)
            else:
                voices = {part: type(one)(http, one.id, one.token) for part, one in company.voices.items()}
                yield Company(http, pool, voices)
    finally:
        await worker.stop()


@pytest.fixture(scope="session")
async def app(running: Settings, worker: Process) -> FastAPI:
    """The API over the running servers; `http` has started it."""
    return create_app(running)


@pytest.fixture(scope="session")
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with serving(app) as http:
        yield http


@pytest.fixture(scope="session")
async def everybody(http: httpx.AsyncClient, pool: asyncpg.Pool) -> Company:
    """Those who take part in every module."""
    return await founded(http, pool)


@pytest.fixture(scope="module")
async def company(everybody: Company, request: pytest.FixtureRequest) -> Company:
    """Everybody, with a token and a calendar. Recruiter and manager are this module's own: what is theirs, from saved
    views to tasks, is not what other modules left them, in whatever order those ran."""
    module = request.module.__name__.rpartition(".")[2]
    own = {
        part: await joins(everybody, f"{part}.{module}", [STANDING[part]] if STANDING[part] else [], called=part)
        for part in ("recruiter", "manager")
    }
    return Company(everybody.http, everybody.pool, everybody.voices | own)
