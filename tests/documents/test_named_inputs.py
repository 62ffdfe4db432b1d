"""What somebody froze the API with once ends in time and in little memory: the system would kill it otherwise."""

from __future__ import annotations

import subprocess
import sys

import pytest

from settings import ROOT
from tests.documents.limited_process import NAMED

CONTROLS = ("what freezes", "what grows")


def ended(name: str) -> subprocess.CompletedProcess[str]:
    """How the process that does this came to its end."""
    command = [sys.executable, "-m", "tests.documents.limited_process", name]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", [name for name in NAMED if name not in CONTROLS])
def test_it_ends_within_its_limits(name: str) -> None:
    how = ended(name)
    assert how.returncode == 0, f"{how.returncode}: {how.stderr[-500:]}"


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTROLS if sys.platform == "linux" else CONTROLS[:1])
def test_the_limits_are_there(name: str) -> None:
    assert ended(name).returncode != 0
