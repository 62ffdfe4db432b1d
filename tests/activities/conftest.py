"""A real Temporal server and a real SMTP server for the activities, started for the first test that asks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from local import mailbox, temporal
from local.stack import on_free_ports
from local.supervisor import Supervisor
from settings import Settings
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
