"""A workflow that reads the machine's clock through the shell's own module: what the shell must never do."""

from __future__ import annotations

from datetime import UTC

from temporalio import workflow

from workflows import entity


@workflow.defn(name="Peeking")
class Peeking:
    """Reads the clock that `workflows.entity` sees."""

    @workflow.run
    async def run(self) -> None:
        """Ends at once, if it may."""
        entity.datetime.now(UTC)
