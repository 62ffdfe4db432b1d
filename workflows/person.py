"""The person on Temporal."""

from temporalio import workflow

from domain.person import PERSON, describe, phase, requisition_of
from workflows.contract import WORKFLOWS, Carried
from workflows.entity import EntityWorkflow, WorkflowLabels


@workflow.defn(name=WORKFLOWS["person"])
class PersonWorkflow(EntityWorkflow):
    """Runs the person's decider for as long as there is something to keep."""

    decider = PERSON
    face = WorkflowLabels(describe, phase, requisition_of)

    @workflow.init
    def __init__(self, carried: Carried) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """See `EntityWorkflow.live`."""
        await self.live()
