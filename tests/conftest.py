"""What is said of all tests: their tiers, how hard properties are tried, and a PostgreSQL of their own.

The server is started for the first that asks; each test then gets a database of its own.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import gc
import re
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import settings as effort
from xdist.scheduler import LoadScopeScheduling

from local import postgres
from local.process_specs import Child
from local.stack import on_free_ports
from local.supervisor import Supervisor
from settings import ROOT, Settings
from store.database import connect
from store.migrate import migrate

# Both tiers try the same each time: what is rare and was always wrong is found by whoever explores, and stops nobody
# else's change: `pytest -m hypothesis --hypothesis-profile explore`.
effort.register_profile("fast", max_examples=20, deadline=None, derandomize=True)
effort.register_profile("slow", max_examples=50, deadline=None, derandomize=True)
effort.register_profile("explore", max_examples=2_000, deadline=None)
effort.load_profile("fast")

NOT_TO_THE_DISK = ("-c", "fsync=off", "-c", "full_page_writes=off")
"""What a server is told whose data need not outlive the machine. They outlive its own death all the same."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What is slow as a whole is not even imported by the fast tier, which does not install what it needs."""
    if config.option.markexpr != "not slow" or not collection_path.name.startswith("test_"):
        return None
    return bool(re.search(r"^pytestmark = .*\bmark\.slow\b", collection_path.read_text(), re.MULTILINE)) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with tests that may take longest come first, so that no process is left alone with one at the end."""
    longest: dict[str, float] = defaultdict(float)
    for item in items:
        limit = item.get_closest_marker("timeout")
        longest[_part(item.nodeid)] = max(longest[_part(item.nodeid)], limit.args[0] if limit else 0.0)
    items.sort(key=lambda item: -longest[_part(item.nodeid)])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Several processes share the tests out by the files they stand in, in their order."""
    config.option.loadscopereorder = False
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = _part
    return scheduling


def _part(nodeid: str) -> str:
    """Which tests stay together: those of a file; and of all that look at the pages, those that look at the demo's,
    which is played once for all of them, and those that do not."""
    return _together(nodeid.partition("::")[0])


@functools.cache
def _together(file: str) -> str:
    if not file.startswith("tests/pages/"):
        return file
    asks_for_demo = re.search(r"\b(half_way|demo): Play\b", (ROOT / file).read_text())
    return "pages of the demo" if asks_for_demo else "pages"


@pytest.fixture(scope="module", autouse=True)
def little_to_collect() -> None:
    """What earlier tests left is not gone through again, ever: a collection of all of it takes as long as what the
    engine calls a deadlock."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def hasty_postgres() -> Iterator[None]:
    """Every PostgreSQL that a test starts in this process waits for no disk."""
    child = postgres.child

    def hasty(settings: Settings) -> Child:
        made = child(settings)
        return dataclasses.replace(made, command=made.command + NOT_TO_THE_DISK)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "child", hasty)
        yield


@pytest.fixture(scope="session")
async def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """A running PostgreSQL, reached by `embedded_dsn(name)`; its database `tandem` has every table and no row."""
    settings = on_free_ports(tmp_path_factory.mktemp("postgres"))
    settings.logs_folder.mkdir()
    supervisor = Supervisor(settings, [postgres.child(settings)], say=lambda _: None)
    try:
        await supervisor.start()
        await asyncio.to_thread(migrate, settings.database_dsn)
        yield settings
    finally:
        await supervisor.stop()


@pytest.fixture
async def empty_database(postgres_server: Settings) -> AsyncIterator[str]:
    """The address of a new database without any table."""
    async for dsn in _new_database(postgres_server, template="template1"):
        yield dsn


@pytest.fixture
async def database(postgres_server: Settings) -> AsyncIterator[str]:
    """The address of a new database with every table and no row."""
    async for dsn in _new_database(postgres_server, template="tandem"):
        yield dsn


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to a new database with every table and no row."""
    pool = await connect(database)
    yield pool
    await pool.close()


async def _new_database(server: Settings, template: str) -> AsyncIterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    maintenance = await asyncpg.connect(server.embedded_dsn("postgres", postgres.SUPERVISOR))
    try:
        await maintenance.execute(f"CREATE DATABASE {name} OWNER tandem TEMPLATE {template}")
        yield server.embedded_dsn(name)
        await maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await maintenance.close()
