"""A company whose master key is in Vault's care: rotated while everything runs, sealed for a while, and there again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from local.stack import on_free_ports, servers
from ops.administration import Operator
from privacy.master_key import ASKED_AGAIN_AFTER
from settings import Settings
from store.migrate import migrate
from testing.api_clients import problem, taken
from tests.api.conftest import at_work
from tests.privacy.transit_server import TOKEN, TransitServer

pytestmark = pytest.mark.slow

REMEMBERED = 6.0
"""Seconds."""


@pytest.fixture
async def vault(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TransitServer]:
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    server = TransitServer()
    server.keys["tandem"] = [b"a" * 32]
    yield server
    await asyncio.to_thread(server.close)


@pytest.fixture
async def kept_in_vault(vault: TransitServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """Servers of their own."""
    named = {"master_key": f"vault:{vault.url}/transit/tandem", "master_key_remembered": REMEMBERED / 60}
    settings = on_free_ports(tmp_path_factory.mktemp("vault"), **named)
    async with servers(settings):
        await asyncio.to_thread(migrate, settings.database_dsn)
        yield settings


async def test_it_is_rotated_and_away_and_back_and_nobody_loses_anything(
    kept_in_vault: Settings, vault: TransitServer
) -> None:
    async with at_work(kept_in_vault) as company:
        requisition = await company.opens()
        one = await requisition.gains("Ruth Abara")
        assert await Operator(kept_in_vault).rotate_keys() > 1
        assert len(vault.keys["tandem"]) == 2
        vault.keys["tandem"][0] = b"x" * 32  # what was wrapped before opens no longer, and is not needed
        await requisition.gains("Somebody New")
        assert (await company.recruiter.reads(one.path))["contact"]["name"] == "Ruth Abara"

        vault.sealed = True
        await asyncio.sleep(REMEMBERED + 1)
        for answer in (
            await company.recruiter.asks("/v1/humans", {"name": "Ada Late", "email": "ada@example.com"}),
            await company.recruiter.get(one.path),
        ):
            assert "key store" in problem(answer, 503, "unavailable")["detail"]
            assert int(answer.headers["Retry-After"]) > 0

        vault.sealed = False
        await asyncio.sleep(ASKED_AGAIN_AFTER + 1)
        taken(await company.recruiter.asks("/v1/humans", {"name": "Ada Late", "email": "ada@example.com"}))
        assert (await company.recruiter.reads(one.path))["contact"]["name"] == "Ruth Abara"
        await requisition.gains("Yet Another")
