"""A stand-in for an entity on Temporal: it takes `note`, refuses `argue`, ends at `close`; one whose id ends in BROKEN
meets a mistake of its own at every command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from workflows.contract import UNSIGNED, Carried, Envelope, Receipt


@workflow.defn(name="Candidate")
class Notebook:
    """Remembers who told it what, under which update id."""

    @workflow.init
    def __init__(self, carried: Carried) -> None:
        self._notes: list[dict[str, Any]] = []
        self._closed = False

    @workflow.run
    async def run(self, carried: Carried) -> list[dict[str, Any]]:
        """Ends once closed, with everything it was told."""
        await workflow.wait_condition(lambda: self._closed)
        return self._notes

    @workflow.query
    def notes(self) -> list[dict[str, Any]]:
        """Everything it was told."""
        return self._notes

    @workflow.update(dynamic=True)
    def command(self, name: str, args: Sequence[RawValue]) -> Receipt:
        """Takes a command."""
        read = workflow.payload_converter().from_payload
        envelope: Envelope = read(args[0].payload, Envelope)
        update = workflow.current_update_info()
        assert update is not None
        self._notes.append(
            {
                "command": name,
                "payload": read(args[1].payload, dict),
                "by": envelope.actor.model_dump(mode="json"),
                "id": update.id,
            }
        )
        self._closed = name == "close"
        return Receipt(
            stream=workflow.info().workflow_id,
            version=len(self._notes),
            fingerprint=envelope.fingerprint,
            at=workflow.now(),
        )

    @command.validator
    def _admit(self, name: str, args: Sequence[RawValue]) -> None:
        if name == "argue":
            raise ApplicationError("closed", {"sentence": "This is over."}, type="closed", non_retryable=True)
        if workflow.info().workflow_id.endswith("BROKEN"):
            raise ApplicationError("KeyError", type="internal", non_retryable=True)
        if workflow.info().workflow_id.endswith("TAMPER"):
            raise ApplicationError(UNSIGNED, type=UNSIGNED, non_retryable=True)
