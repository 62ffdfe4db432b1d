"""A workflow that ends with an update in hand: what the shell's synchronous handlers can never do."""

from __future__ import annotations

from temporalio import workflow


@workflow.defn(name="Hasty")
class Hasty:
    """Ends as soon as somebody asks it something, without an answer."""

    def __init__(self) -> None:
        self._asked = False

    @workflow.run
    async def run(self) -> None:
        """Waits to be asked."""
        await workflow.wait_condition(lambda: self._asked)

    @workflow.update
    async def ask(self) -> None:
        """Never answers."""
        self._asked = True
        await workflow.wait_condition(lambda: False)
