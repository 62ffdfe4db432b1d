"""The ledger as later builds might have it, each with a rule changed in a way that Temporal's replay does not see."""

from __future__ import annotations

from collections.abc import Iterator

from temporalio import workflow

from domain.core.decider import Chapter, Decider
from domain.core.messages import Event, Record
from domain.entity.call import Call
from tests.workflows.toy_entity import AddAmounts, AmountAdded, Ledger, LedgerWorkflow, life
from workflows.contract import WORKFLOWS, Carried

doubling: Chapter[Ledger] = Chapter()
splitting: Chapter[Ledger] = Chapter()


@doubling.evolves(AmountAdded)
def add_double(ledger: Ledger, event: AmountAdded, record: Record) -> Ledger:
    return ledger.but(total=ledger.total + 2 * event.amount)


@splitting.decides(AddAmounts)
def add_in_parts(ledger: Ledger, add: AddAmounts, call: Call) -> Iterator[Event]:
    for amount in add.amounts:
        yield AmountAdded(amount=amount - 1)
        yield AmountAdded(amount=1)


@workflow.defn(name=WORKFLOWS["ledger"])
class DoublingLedgerWorkflow(LedgerWorkflow):
    """Makes another state of the same events."""

    decider = Decider("ledger", Ledger(), (life, doubling), ())

    @workflow.init
    def __init__(self, carried: Carried) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """See `EntityWorkflow.live`."""
        await self.live()


@workflow.defn(name=WORKFLOWS["ledger"])
class SplittingLedgerWorkflow(LedgerWorkflow):
    """Makes other events of the same command."""

    decider = Decider("ledger", Ledger(), (life, splitting), ())

    @workflow.init
    def __init__(self, carried: Carried) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """See `EntityWorkflow.live`."""
        await self.live()
