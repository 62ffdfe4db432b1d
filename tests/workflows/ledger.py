"""A very small entity, to try the shell with: it adds, now or later, and can be made to fail in every way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from temporalio import workflow

from domain.clockwork import DeliveryFailed, Task, TaskRaised
from domain.effects import DestroyKey, Notify
from domain.kernel import Call, Chapter, Command, Decider, Effect, Event, Record, refuse
from domain.people import Role
from domain.state import Entity
from workflows.contract import WORKFLOWS, Carried
from workflows.entity import EntityWorkflow

WORKFLOWS["ledger"] = "Ledger"


class Ledger(Entity):
    """What was added up, and what is still to come."""

    total: int = 0
    coming: dict[str, tuple[datetime, int]] = {}
    arrived: tuple[tuple[datetime, int], ...] = ()


class AddAmount(Command, who="R", refuses="too_much*"):
    """Add an amount."""

    amount: int


class AddLater(Command, who="R"):
    """Add an amount when its time has come."""

    name_of_it: str
    amount: int
    at: datetime


class CallOff(Command, who="R", refuses="not_coming"):
    """Do not add what was to come."""

    name_of_it: str


class AskForHelp(Command, who="R"):
    """Have something done outside: `what` names what the activity is to do."""

    what: str


class BreakDown(Command, who="R"):
    """A bug in the domain."""


class CloseLedger(Command, who="R"):
    """Erase everything."""


class AmountAdded(Event):
    """An amount was added."""

    amount: int


class AmountPromised(Event):
    """An amount will be added."""

    name_of_it: str
    amount: int
    due: datetime


class AmountArrived(Event):
    """What was promised has come."""

    name_of_it: str


class AmountCalledOff(Event):
    """What was promised will not come."""

    name_of_it: str


class HelpAsked(Event):
    """Somebody was asked."""

    what: str


class LedgerClosed(Event):
    """Nothing is left."""


life: Chapter[Ledger] = Chapter()


@life.decides(AddAmount)
def add_amount(ledger: Ledger, add: AddAmount, call: Call) -> Iterator[Event]:
    if add.amount > 1000:
        refuse("too_much", "That is too much.", "At most 1000.", "amount")
    yield AmountAdded(amount=add.amount)


@life.decides(AddLater)
def add_later(ledger: Ledger, add: AddLater, call: Call) -> Iterator[Event]:
    yield AmountPromised(name_of_it=add.name_of_it, amount=add.amount, due=add.at)


@life.decides(CallOff)
def call_off(ledger: Ledger, off: CallOff, call: Call) -> Iterator[Event]:
    if off.name_of_it not in ledger.coming:
        refuse("not_coming", "It is not coming, or it came.", "Something that is still to come.")
    yield AmountCalledOff(name_of_it=off.name_of_it)


@life.decides(AskForHelp)
def ask_for_help(ledger: Ledger, ask: AskForHelp, call: Call) -> Iterator[Event]:
    yield HelpAsked(what=ask.what)


@life.decides(BreakDown)
def break_down(ledger: Ledger, command: BreakDown, call: Call) -> Iterator[Event]:
    yield AmountAdded(amount=1 // (ledger.version - ledger.version))


@life.decides(CloseLedger)
def close_ledger(ledger: Ledger, command: CloseLedger, call: Call) -> Iterator[Event]:
    yield LedgerClosed()


@life.decides(DeliveryFailed)
def delivery_failed(ledger: Ledger, failure: DeliveryFailed, call: Call) -> Iterator[Event]:
    task = Task(id=failure.effect_id, kind=failure.effect["type"], reason=failure.reason, raised_at=call.now)
    yield TaskRaised(task=task)


@life.evolves(AmountAdded)
def amount_added(ledger: Ledger, event: AmountAdded, record: Record) -> Ledger:
    return ledger.but(id="L-1", total=ledger.total + event.amount)


@life.evolves(AmountPromised)
def amount_promised(ledger: Ledger, event: AmountPromised, record: Record) -> Ledger:
    return ledger.but(coming=ledger.coming | {event.name_of_it: (event.due, event.amount)})


@life.evolves(AmountArrived)
def amount_arrived(ledger: Ledger, event: AmountArrived, record: Record) -> Ledger:
    _, amount = ledger.coming[event.name_of_it]
    left = {name: due for name, due in ledger.coming.items() if name != event.name_of_it}
    return ledger.but(coming=left, total=ledger.total + amount, arrived=(*ledger.arrived, (record.at, amount)))


@life.evolves(AmountCalledOff)
def amount_called_off(ledger: Ledger, event: AmountCalledOff, record: Record) -> Ledger:
    return ledger.but(coming={name: due for name, due in ledger.coming.items() if name != event.name_of_it})


@life.evolves(HelpAsked)
def help_asked(ledger: Ledger, event: HelpAsked, record: Record) -> Ledger:
    return ledger


@life.evolves(TaskRaised)
def task_raised(ledger: Ledger, event: TaskRaised, record: Record) -> Ledger:
    return ledger.but(tasks=ledger.tasks | {event.task.id: event.task})


@life.evolves(LedgerClosed)
def ledger_closed(ledger: Ledger, event: LedgerClosed, record: Record) -> Ledger:
    return ledger.but(standing="erased")


@life.reacts(HelpAsked)
def help_out(ledger: Ledger, event: HelpAsked, record: Record) -> Iterator[Effect]:
    yield Notify(person="P-HELPER", matter=event.what)


@life.reacts(LedgerClosed)
def destroy_key(ledger: Ledger, event: LedgerClosed, record: Record) -> Iterator[Effect]:
    yield DestroyKey(key="L-1")


@life.awaits
def what_is_coming(ledger: Ledger) -> Iterator[tuple[datetime, Callable[[], Event]]]:
    for name, (due, _) in ledger.coming.items():
        yield due, partial(AmountArrived, name_of_it=name)


LEDGER = Decider("ledger", Ledger(), (life,), ())
STANDING = frozenset({Role.RECRUITER})


@workflow.defn(name=WORKFLOWS["ledger"])
class LedgerWorkflow(EntityWorkflow):
    """The ledger on Temporal."""

    decider = LEDGER
    describe = staticmethod(lambda ledger: f"The total is {ledger.total}.")
    phase = staticmethod(lambda ledger: "counting")
    search = staticmethod(lambda ledger: ledger.id)

    @workflow.init
    def __init__(self, carried: Carried) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """See `EntityWorkflow.live`."""
        await self.live()
