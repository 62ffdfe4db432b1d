"""Servers for the shell's tests: one that skips time, and the real one. Every ledger is looked through at the end."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client

from local import temporal
from local.stack import on_free_ports
from local.supervisor import Supervisor
from tests.workflows.toy_server import SkippingWorld, World, know_search_attributes, skipping_server
from workflows.client import connect

SUGGESTED_AFTER = 300
"""Events after which the real server of these tests suggests to continue as new; by default far more."""


@pytest.fixture(scope="session")
async def real_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A client of the real server, which suggests to continue as new far sooner than usual."""
    suggestion = f"limit.historyCount.suggestContinueAsNew={SUGGESTED_AFTER}"
    async with _real_server(tmp_path_factory.mktemp("temporal"), "--dynamic-config-value", suggestion) as client:
        yield client


@pytest.fixture
async def versioned_server(tmp_path: Path) -> AsyncIterator[Client]:
    """A client of a real server of its own, to deploy versions of the worker to."""
    async with _real_server(tmp_path) as client:
        yield client


@pytest.fixture
async def unattended() -> AsyncIterator[SkippingWorld]:
    """A world where time can pass, with nobody at work yet.

    Its server is its own (it starts in a tenth of a second): all workflows of one share a clock, which stands still
    for ever once a worker leaves it with a task in hand.
    """
    async with skipping_server() as environment:
        world = SkippingWorld(environment)
        yield world
        await world.look_through()


@pytest.fixture
async def world(unattended: SkippingWorld) -> AsyncIterator[SkippingWorld]:
    """A world where time can pass, with everybody at work."""
    async with unattended.at_work(), unattended.helpers_at_work():
        yield unattended


@pytest.fixture
async def real_world(real_server: Client) -> AsyncIterator[World]:
    """A world on the real server, with everybody at work; its time is ours."""
    world = World(real_server)
    async with world.at_work(), world.helpers_at_work():
        yield world
    await world.look_through()


@asynccontextmanager
async def _real_server(home: Path, *options: str) -> AsyncIterator[Client]:
    settings = on_free_ports(home)
    settings.logs_folder.mkdir()
    child = temporal.child(settings)
    supervisor = Supervisor(settings, [dataclasses.replace(child, command=child.command + options)], lambda _: None)
    try:
        await supervisor.start()
        client = await connect(settings.temporal_connection)
        await know_search_attributes(client)
        yield client
    finally:
        await supervisor.stop()
