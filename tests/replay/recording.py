"""A recorded run of one entity: its history, and what was decided in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import WorkflowHistory

from tests.replay.gate import Decided

HISTORIES = Path(__file__).parent / "histories"
"""A folder for each release."""


@dataclass(frozen=True)
class Recording:
    """One run: the `stream` it belongs to, the `build` that ran it, and what it `decided`."""

    stream: str
    build: str
    decided: Decided
    history: WorkflowHistory

    def write(self, path: Path) -> None:
        """Writes it as JSON, a line for each event."""
        events = json.loads(self.history.to_json())["events"]
        parts = {"stream": self.stream, "build": self.build, **vars(self.decided)}
        lines = [f"{json.dumps(name)}: {json.dumps(part, sort_keys=True)}," for name, part in parts.items()]
        history = ",\n".join(json.dumps(event, separators=(",", ":")) for event in events)
        path.write_text("\n".join(["{", *lines, '"events": [', history, "]}"]) + "\n")

    @classmethod
    def read(cls, path: Path) -> Recording:
        """What `write` wrote."""
        parts = json.loads(path.read_text())
        return cls(
            stream=parts["stream"],
            build=parts["build"],
            decided=Decided(parts["outcomes"], parts["state"]),
            history=WorkflowHistory.from_json(parts["stream"], {"events": parts["events"]}),
        )
