"""The ledger as a later build has it: its rule is tightened, so that what the first build took it would refuse."""

from __future__ import annotations

from collections.abc import Iterator

from temporalio import workflow

from domain.core.decider import Chapter, Decider
from domain.core.messages import Event, refuse
from domain.entity.call import Call
from tests.workflows.toy_entity import AddAmounts, AmountAdded, Ledger, LedgerWorkflow, chapter
from workflows.contract import WORKFLOWS, Carried

tightened: Chapter[Ledger] = Chapter()


@tightened.decides(AddAmounts)
def add_few(ledger: Ledger, add: AddAmounts, call: Call) -> Iterator[Event]:
    if sum(add.amounts) > 10:
        refuse("too_much", "That is too much.", "At most 10.", "amounts")
    for amount in add.amounts:
        yield AmountAdded(amount=amount)


@workflow.defn(name=WORKFLOWS["ledger"])
class StricterLedgerWorkflow(LedgerWorkflow):
    """The same entity, run by the later build."""

    decider = Decider("ledger", Ledger(), (chapter, tightened), ())

    @workflow.init
    def __init__(self, carried: Carried) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """See `EntityWorkflow.live`."""
        await self.live()
