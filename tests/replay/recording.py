"""Recorded runs of an entity: the history of each, and what was decided in it."""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

from tests.replay.gate import Decided, asked_in

HISTORIES = Path(__file__).parent / "histories"
"""A folder for each release. `lives.json.xz` in it holds all its lives; before there was that, each run had a file."""

LIVES = "lives.json.xz"


class Recording:
    """One run, of its parts as JSON: its stream, the build that ran it, its events, and what was decided in it."""

    def __init__(self, parts: dict[str, Any]) -> None:
        self.parts = parts
        self.stream: str = parts["stream"]
        self.commands = {update.split("/")[1] for update in parts["outcomes"]}

    @classmethod
    def of(cls, stream: str, build: str, decided: Decided, history: WorkflowHistory) -> Recording:
        """What was just recorded; what it asked of the engine stands in its events."""
        return cls(
            {
                "stream": stream,
                "build": build,
                "outcomes": decided.outcomes,
                "state": decided.state,
                "remembered": decided.remembered,
                "events": json.loads(history.to_json())["events"],
            }
        )

    @cached_property
    def history(self) -> WorkflowHistory:
        """All that the engine kept of it."""
        return WorkflowHistory.from_json(self.stream, {"events": self.parts["events"]})

    @cached_property
    def decided(self) -> Decided:
        """What it came to."""
        parts = self.parts
        return Decided(parts["outcomes"], parts["state"], parts.get("remembered"), asked_in(self.history))


def write(release: str, lives: Mapping[str, Sequence[Recording]]) -> None:
    """Writes a release's lives by name, each with its runs, the first one first."""
    write_json(HISTORIES / release / LIVES, {name: [run.parts for run in runs] for name, runs in lives.items()})


@cache
def recorded(release: str) -> dict[str, list[Recording]]:
    """The lives of a release by name, each with its runs, the first one first."""
    lives: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((HISTORIES / release).glob("*.json")):
        lives.setdefault(path.stem.rpartition("-run-")[0], []).append(json.loads(path.read_text()))
    if (HISTORIES / release / LIVES).exists():
        lives |= read_json(HISTORIES / release / LIVES)
    return {name: [Recording(parts) for parts in runs] for name, runs in lives.items()}


def releases() -> list[str]:
    """Every release that is recorded, the newest last."""
    return sorted((path.name for path in HISTORIES.iterdir()), key=lambda name: [int(part) for part in name.split(".")])


def write_json(path: Path, value: Any) -> None:
    """Writes JSON small: one file for all that is alike."""
    path.write_bytes(lzma.compress(json.dumps(value, separators=(",", ":")).encode(), preset=9))


def read_json(path: Path) -> Any:
    """What `write_json` wrote."""
    return json.loads(lzma.decompress(path.read_bytes()))
