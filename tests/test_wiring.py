"""What a process works with is built in one place."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import wiring
from settings import ROOT

ROOMS = (
    "activities", "api", "bench", "documents", "domain", "language", "local", "mail", "ops", "privacy", "store",
    "workflows",
)  # fmt: skip
BUILT = {
    name
    for name, kind in vars(wiring).items()
    if isinstance(kind, type) and kind.__module__.partition(".")[0] in ("store", "privacy")
} - {"Budget", "Contact", "Hashes", "Prices", "PolicyFile"}
"""Stores, keys and sealers: all that `wiring` imports from their rooms to build."""


def sources() -> Iterator[Path]:
    """Every file of ours but `wiring` and the tests."""
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")
    yield from (ROOT / f"{name}.py" for name in ("cli", "settings", "worker"))


def built_in(path: Path) -> set[str]:
    """What of `BUILT` is called in a file."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)} & BUILT


def test_the_list_of_what_is_built_is_one() -> None:
    assert {"Reads", "Documents", "FolderKeyStore", "Sealer", "Journal", "LlmBudget"} <= BUILT


def test_nobody_else_builds_a_store_a_key_store_or_a_sealer() -> None:
    built = {str(path.relative_to(ROOT)): found for path in sources() if (found := built_in(path))}
    assert built == {}


def test_the_wiring_knows_nobody_who_takes_from_it() -> None:
    nodes = ast.walk(ast.parse(Path(wiring.__file__).read_text("utf-8")))
    known = {node.module.partition(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    assert known.isdisjoint({"api", "activities", "ops", "local", "bench", "cli", "worker"})


@pytest.mark.parametrize("process", ["worker", "api.__main__", "cli"])
def test_what_asks_a_model_is_loaded_only_where_there_is_one(process: str) -> None:
    loaded = subprocess.check_output([sys.executable, "-c", f"import sys, {process}; print(*sys.modules)"], text=True)
    assert {"openai", "language.llm_client", "language.transcription_client"}.isdisjoint(loaded.split())
