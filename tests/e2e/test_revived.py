"""When the engine forgot an entity, or only an older build remembers it, its journal brings it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.api_client import Api
from local.stack import on_free_ports, stack
from ops.administration import Operator
from settings import Settings
from tests.e2e.stack_company import enrol, open_search

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return on_free_ports(tmp_path)


async def _open(settings: Settings) -> tuple[str, str]:
    """A search, and its recruiter's token."""
    people = await enrol(settings)
    token = people["recruiter"][1]
    async with Api(settings.base_url, token, patience=90) as api:
        requisition = await open_search(api, people, "Revived")
        await api.give(f"/v1/requisitions/{requisition}/change-terms", _moved("First"))
    return requisition, token


def _moved(place: str) -> dict[str, str]:
    return {"place": place, "why": "the office moves"}


async def _goes_on(settings: Settings, requisition: str, token: str) -> None:
    """The next command finds the state that was left, and is read back."""
    path = f"/v1/requisitions/{requisition}"
    async with Api(settings.base_url, token, patience=90) as api:
        before = await api.read(path)
        receipt = await api.give(f"{path}/change-terms", _moved("Second"))
        after = await api.read(path, at_least=receipt["version"])
    assert before["place"] == "First"
    assert after["place"] == "Second"
    assert after["version"] >= receipt["version"] > before["version"]


async def test_entities_come_back_when_the_engines_database_is_lost(settings: Settings) -> None:
    async with stack(settings, say=lambda _: None):
        requisition, token = await _open(settings)
    for file in settings.home.glob("temporal.db*"):
        file.unlink()

    async with stack(settings, say=lambda _: None):
        revived = await Operator(settings).revive(())
        assert f"requisition/{requisition}" in revived
        await _goes_on(settings, requisition, token)


async def test_a_new_build_takes_over_what_the_old_one_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_BUILD_ID", "one")
    async with stack(settings, say=lambda _: None):
        requisition, token = await _open(settings)

    monkeypatch.setenv("TANDEM_BUILD_ID", "two")
    async with stack(settings, say=lambda _: None):
        await _goes_on(settings, requisition, token)
