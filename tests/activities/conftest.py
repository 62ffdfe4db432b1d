"""A real Temporal server and a real SMTP server for the activities, started for the first test that asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client

from local import mailbox, temporal
from local.mailbox import CaughtMail, messages
from local.stack import on_free_ports
from local.supervisor import Supervisor
from settings import Settings
from tests.activities.letter_fixtures import Office
from workflows.client import connect


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """The settings of a running Temporal and mail catcher."""
    settings = on_free_ports(tmp_path_factory.mktemp("servers"), base_url="https://tandem.example")
    settings.logs_folder.mkdir()
    settings.mailbox_folder.mkdir()
    children = [temporal.child(settings), mailbox.child(settings)]
    supervisor = Supervisor(settings, children, say=lambda _: None)
    try:
        await supervisor.start()
        yield settings
    finally:
        await supervisor.stop()


@pytest.fixture(scope="session")
async def client(servers: Settings) -> Client:
    """A client of that Temporal."""
    return await connect(servers.temporal_connection)


@dataclass(frozen=True)
class Caught:
    """The messages that were caught since the test began."""

    folder: Path
    before: int

    def all(self, to: str | None = None) -> list[CaughtMail]:
        """In the order of arrival; with `to`, only those to that address."""
        newest = messages(self.folder, to, limit=1000)
        return [message for message in reversed(newest) if message.number > self.before]

    def one(self, to: str) -> CaughtMail:
        """The only one to this address."""
        (message,) = self.all(to)
        return message


@pytest.fixture
def caught(servers: Settings) -> Caught:
    """The mailbox, empty."""
    latest = messages(servers.mailbox_folder, limit=1)
    return Caught(servers.mailbox_folder, latest[0].number if latest else 0)


@pytest.fixture
async def office(pool: asyncpg.Pool, tmp_path: Path) -> Office:
    """A company with people, and humans who apply; its life has yet to be lived."""
    office = Office(pool, tmp_path)
    await office.move_in()
    return office


@pytest.fixture
def at_the_office(servers: Settings, office: Office) -> Settings:
    """The settings of that company: the keys in its home, mail to the catcher."""
    return servers.model_copy(update={"home": office.home})
