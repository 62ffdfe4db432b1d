"""What is played on the stack ends it where it was told to, with the exit code that says how it went."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local.errors import StackError
from local.process_specs import Commands
from local.stack import Servers, on_free_ports, up
from settings import Settings
from tests.local.stub_process import serving


def commands(settings: Settings) -> Commands:
    return Commands(
        migrate=(sys.executable, "-c", ""), worker=serving(settings.worker_port), api=serving(settings.api_port)
    )


def test_a_story_that_is_told_and_not_stayed_for(tmp_path: Path) -> None:
    settings, said = on_free_ports(tmp_path), list[str]()

    async def story(running: Servers) -> None:
        said.append(f"told on {running.temporal_address}")

    assert up(settings, then=story, say=said.append, commands=commands(settings), stay=False) == 0
    assert said[-1] == f"told on {settings.temporal_address}"
    assert not (settings.home / "children.json").exists()


def test_a_story_that_breaks_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = on_free_ports(tmp_path)

    async def story(running: Servers) -> None:
        raise StackError("The demo stopped at “signatures”: nobody signed.")

    assert up(settings, then=story, say=lambda _: None, commands=commands(settings)) == 1
    assert capsys.readouterr().err == "The demo stopped at “signatures”: nobody signed.\n"
