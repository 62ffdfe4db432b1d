"""A very small entity, to try the shell with: it adds, now or later, and can be made to fail in every way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, Literal

from temporalio import workflow

from domain.access.roles import Role
from domain.core.decider import Chapter, Decider
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.entity.call import Call
from domain.entity.clock_commands import DeliveryFailed, TaskRaised
from domain.entity.effects import DestroyKey, Notify
from domain.entity.state import Entity, Task
from domain.sla.clocks import Clock
from workflows.contract import SUMMARIES, WORKFLOWS, Carried
from workflows.entity import EntityWorkflow, WorkflowLabels

WORKFLOWS["ledger"] = "Ledger"
SUMMARIES["ledger"] = "What was added up"
STANDING = frozenset({Role.RECRUITER})
PAYER, HELPER = "P-PAYER1", "P-HELPER"

Where = Literal["decide", "evolve", "react", "deadline", "describe", "write"]


class Ledger(Entity):
    """What was added up, and what is still to come; `broken` makes the showing or the reading of it fail."""

    total: int = 0
    coming: dict[str, tuple[datetime, int]] = {}
    broken: Where | None = None


class OpenLedger(Command, who="R", refuses="opened"):
    """Begin; `ledger` is the id."""

    ledger: str


class AddAmounts(Command, who="R", refuses="too_much*"):
    """Add amounts, each with the same remark."""

    amounts: tuple[int, ...]
    remark: str = ""


class AddLater(Command, who="R"):
    """Add an amount when its time has come."""

    name_of_it: str
    amount: int
    at: datetime


class CallOff(Command, who="R", refuses="not_coming"):
    """Do not add what was to come."""

    name_of_it: str


class AskForHelp(Command, who="R"):
    """Have something done outside, several times at once: `what` names what the activity is to do."""

    what: str
    times: int = 1


class TakeHelp(Command):
    """What somebody outside had to give. Comes back from an effect."""

    amount: int


class BreakDown(Command, who="R"):
    """A bug in the domain, at once or, with `at`, when that time comes."""

    where: Where
    at: datetime | None = None


class CloseLedger(Command, who="R"):
    """Erase everything."""


class FinishTask(Command, who="R", works="erased"):
    """Somebody saw to what the machine could not do."""

    task_id: str


class LedgerOpened(Event):
    """It begins."""

    ledger: str


class AmountAdded(Event):
    """An amount was added."""

    amount: int
    remark: str = ""


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
    times: int


class BrokeDown(Event):
    """Whatever this event meets fails."""

    where: Where
    unwritable: Any = None


class LedgerClosed(Event):
    """Nothing is left."""


class TaskFinished(Event):
    """A task is off the list."""

    task_id: str


chapter: Chapter[Ledger] = Chapter()


@chapter.decides(OpenLedger)
def open_ledger(ledger: Ledger, opening: OpenLedger, call: Call) -> Iterator[Event]:
    if ledger.id:
        refuse("opened", "It is open.", "A ledger that is not.")
    yield LedgerOpened(ledger=opening.ledger)


@chapter.decides(AddAmounts)
def add_amounts(ledger: Ledger, add: AddAmounts, call: Call) -> Iterator[Event]:
    if sum(add.amounts) > 1000:
        refuse("too_much", "That is too much.", "At most 1000.", "amounts")
    for amount in add.amounts:
        yield AmountAdded(amount=amount, remark=add.remark)


@chapter.decides(AddLater)
def add_later(ledger: Ledger, add: AddLater, call: Call) -> Iterator[Event]:
    yield AmountPromised(name_of_it=add.name_of_it, amount=add.amount, due=add.at)


@chapter.decides(CallOff)
def call_off(ledger: Ledger, off: CallOff, call: Call) -> Iterator[Event]:
    if off.name_of_it not in ledger.coming:
        refuse("not_coming", "It is not coming, or it came.", "Something that is still to come.")
    yield AmountCalledOff(name_of_it=off.name_of_it)


@chapter.decides(AskForHelp)
def ask_for_help(ledger: Ledger, ask: AskForHelp, call: Call) -> Iterator[Event]:
    yield HelpAsked(what=ask.what, times=ask.times)


@chapter.decides(TakeHelp)
def take_help(ledger: Ledger, help: TakeHelp, call: Call) -> Iterator[Event]:
    yield AmountAdded(amount=help.amount)


@chapter.decides(BreakDown)
def break_down(ledger: Ledger, command: BreakDown, call: Call) -> Iterator[Event]:
    if command.at:
        yield AmountPromised(name_of_it="a bug", amount=0, due=command.at)
    elif command.where == "decide":
        raise ZeroDivisionError
    else:
        yield BrokeDown(where=command.where, unwritable=object() if command.where == "write" else None)


@chapter.decides(CloseLedger)
def close_ledger(ledger: Ledger, command: CloseLedger, call: Call) -> Iterator[Event]:
    yield LedgerClosed()


@chapter.decides(FinishTask)
def finish_task(ledger: Ledger, finish: FinishTask, call: Call) -> Iterator[Event]:
    yield TaskFinished(task_id=finish.task_id)


@chapter.decides(DeliveryFailed)
def delivery_failed(ledger: Ledger, failure: DeliveryFailed, call: Call) -> Iterator[Event]:
    task = Task(id=failure.effect_id, kind=failure.effect["type"], reason=failure.reason, raised_at=call.now)
    yield TaskRaised(task=task)


@chapter.evolves(LedgerOpened)
def ledger_opened(ledger: Ledger, event: LedgerOpened, record: Record) -> Ledger:
    return ledger.but(id=event.ledger)


@chapter.evolves(AmountAdded)
def amount_added(ledger: Ledger, event: AmountAdded, record: Record) -> Ledger:
    return ledger.but(total=ledger.total + event.amount)


@chapter.evolves(AmountPromised)
def amount_promised(ledger: Ledger, event: AmountPromised, record: Record) -> Ledger:
    name = event.name_of_it
    clock = Clock(id=name, name=name, about="", owner=PAYER, started_at=record.at, due_at=event.due)
    coming = ledger.coming | {name: (event.due, event.amount)}
    return ledger.but(coming=coming, clocks=ledger.clocks | {name: clock})


@chapter.evolves(AmountArrived)
def amount_arrived(ledger: Ledger, event: AmountArrived, record: Record) -> Ledger:
    name = event.name_of_it
    if name == "a bug":
        raise ZeroDivisionError
    breached = ledger.clocks[name].but(breached_at=record.at)
    total = ledger.total + ledger.coming[name][1]
    return ledger.but(total=total, coming=_without(ledger, name), clocks=ledger.clocks | {name: breached})


@chapter.evolves(AmountCalledOff)
def amount_called_off(ledger: Ledger, event: AmountCalledOff, record: Record) -> Ledger:
    clocks = {name: clock for name, clock in ledger.clocks.items() if name != event.name_of_it}
    return ledger.but(coming=_without(ledger, event.name_of_it), clocks=clocks)


def _without(ledger: Ledger, gone: str) -> dict[str, tuple[datetime, int]]:
    return {name: promise for name, promise in ledger.coming.items() if name != gone}


@chapter.evolves(HelpAsked)
def help_asked(ledger: Ledger, event: HelpAsked, record: Record) -> Ledger:
    return ledger


@chapter.evolves(BrokeDown)
def broke_down(ledger: Ledger, event: BrokeDown, record: Record) -> Ledger:
    if event.where == "evolve":
        raise ZeroDivisionError
    return ledger.but(broken=event.where)


@chapter.evolves(TaskRaised)
def task_raised(ledger: Ledger, event: TaskRaised, record: Record) -> Ledger:
    return ledger.but(tasks=ledger.tasks | {event.task.id: event.task})


@chapter.evolves(TaskFinished)
def task_finished(ledger: Ledger, event: TaskFinished, record: Record) -> Ledger:
    return ledger.but(tasks={key: task for key, task in ledger.tasks.items() if key != event.task_id})


@chapter.evolves(LedgerClosed)
def ledger_closed(ledger: Ledger, event: LedgerClosed, record: Record) -> Ledger:
    return ledger.but(standing="erased")


@chapter.reacts(HelpAsked)
def help_out(ledger: Ledger, event: HelpAsked, record: Record) -> Iterator[Effect]:
    for _ in range(event.times):
        yield Notify(person=HELPER, matter=event.what)


@chapter.reacts(BrokeDown)
def react_badly(ledger: Ledger, event: BrokeDown, record: Record) -> Iterator[Effect]:
    if event.where == "react":
        raise ZeroDivisionError
    yield from ()


@chapter.reacts(LedgerClosed)
def destroy_key(ledger: Ledger, event: LedgerClosed, record: Record) -> Iterator[Effect]:
    yield DestroyKey(key=ledger.id)


@chapter.awaits
def what_is_coming(ledger: Ledger) -> Iterator[tuple[datetime, Callable[[], Event]]]:
    if ledger.broken == "deadline":
        raise ZeroDivisionError
    for name, (due, _) in ledger.coming.items():
        yield due, partial(AmountArrived, name_of_it=name)


def describe(ledger: Ledger) -> str:
    return f"The total is {_describable(ledger).total}."


def _phase(ledger: Ledger) -> str:
    return "waiting" if _describable(ledger).coming else "counting"


def _requisition(ledger: Ledger) -> str:
    return _describable(ledger).id


def _describable(ledger: Ledger) -> Ledger:
    if ledger.broken == "describe":
        raise ZeroDivisionError
    return ledger


LEDGER = Decider("ledger", Ledger(), (chapter,), ())


@workflow.defn(name=WORKFLOWS["ledger"])
class LedgerWorkflow(EntityWorkflow):
    """The ledger on Temporal."""

    decider = LEDGER
    face = WorkflowLabels(describe, _phase, _requisition)

    @workflow.init
    def __init__(self, carried: Carried) -> None:
        super().__init__(carried)

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """See `EntityWorkflow.live`."""
        await self.live()
