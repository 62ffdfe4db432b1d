"""An entity with one promise on a ladder, on Temporal."""

from __future__ import annotations

from temporalio import workflow

from domain.time.calendars import ROUND_THE_CLOCK, Calendar
from testing.people import EVERYBODY
from tests.domain.clock_entity import PROMISE, made_by
from workflows.contract import SUMMARIES, WORKFLOWS, Carried
from workflows.entity import EntityWorkflow, WorkflowLabels

WORKFLOWS["promise"] = "Promise"
SUMMARIES["promise"] = "What was promised"
ANY_HOUR = Calendar(zone="UTC", week=ROUND_THE_CLOCK)
BEGINNING = Carried(state=made_by(dict.fromkeys(EVERYBODY, ANY_HOUR)).but(version=0).model_dump(mode="json"))


@workflow.defn(name=WORKFLOWS["promise"])
class PromiseWorkflow(EntityWorkflow):
    """The promise on Temporal."""

    decider = PROMISE
    face = WorkflowLabels(lambda state: "A promise.", lambda state: "promised", lambda state: state.id)

    @workflow.init
    def __init__(self, carried: Carried) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """See `EntityWorkflow.live`."""
        await self.live()
