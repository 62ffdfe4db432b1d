"""The comparison: plain Temporal workflows. One takes an update, writes one row in an activity, and replies.

The other waits for a time and writes one row. They have no rules, no state to speak of, no read model, and nobody to
tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from temporalio import workflow
from temporalio.common import RawValue

QUEUE = "bare"
INSERT = "insert"
WITHIN = timedelta(seconds=15)

How = Literal["regular", "local"]
"""The kind of activity that writes the row."""


@dataclass(frozen=True)
class Row:
    """What is written for one update."""

    workflow: str
    seq: int
    said: str


@workflow.defn
class Bare:
    """Takes whatever update comes, and writes as many bytes as it is told before it replies."""

    @workflow.init
    def __init__(self, how: How) -> None:
        self._how = how
        self._version = 0

    @workflow.run
    async def run(self, how: How) -> None:
        """Never ends."""
        await workflow.wait_condition(lambda: False)

    @workflow.update(dynamic=True)
    async def take(self, name: str, args: Sequence[RawValue]) -> dict[str, Any]:
        """The arguments are those of Tandem's own update, and the size of what came of it in the journal."""
        read = workflow.payload_converter().from_payload
        envelope, payload, size = read(args[0].payload, dict), args[1].payload.data.decode(), read(args[2].payload, int)
        self._version += 1
        said = (payload * (size // len(payload) + 1))[:size]
        row = Row(workflow.info().workflow_id, self._version, said)
        if self._how == "local":
            await workflow.execute_local_activity(INSERT, row, start_to_close_timeout=WITHIN)
        else:
            await workflow.execute_activity(INSERT, row, start_to_close_timeout=WITHIN)
        return {
            "stream": row.workflow,
            "version": row.seq,
            "fingerprint": envelope["fingerprint"],
            "at": workflow.now().isoformat(),
        }


@workflow.defn
class BareClock:
    """Waits until a time (UTC), writes a row in an activity, and stays."""

    @workflow.run
    async def run(self, until: datetime, size: int) -> None:
        """Never ends; `size` is how many bytes the row says."""
        await workflow.sleep(until - workflow.now())
        row = Row(workflow.info().workflow_id, 1, "x" * size)
        await workflow.execute_activity(INSERT, row, start_to_close_timeout=WITHIN)
        await workflow.wait_condition(lambda: False)
