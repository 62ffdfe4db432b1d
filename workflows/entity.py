"""The durable shell: runs any decider on Temporal. Read this page and you know how every entity of Tandem endures.

A command is an update. Its *validator* checks who signed it and performs it on the state at hand, which stays as it is:
a refusal there leaves no trace in history. Its *handler* assigns the outcome, once, at the end; a replay, which asks no
validator, performs it there. Neither awaits anything, so a command is never half done, whatever crashes. What the
outcome asks for is done beside them:

- the *pump* appends events to the journal, one batch at a time; what others in Tandem only have to hear of them rides
  along, and is said as soon as they are written;
- other *effects* run as activities, each once its event is journalled, each under an id that never changes, and so
  does what rode along and could not be said in a moment;
- one *alarm* is set for the nearest deadline, and gives the command `tick`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import Priority, RawValue
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ContinueAsNewVersioningBehavior

from domain.access.team import Actor
from domain.core.decider import Decider, Outcome
from domain.core.ids import EffectId
from domain.core.messages import Command, Record, Rejection, Tick, UnknownEffect
from domain.entity.call import NO_FACTS, Call
from domain.entity.clock_commands import DeliveryFailed
from workflows import command_signatures, contract, policies
from workflows.command_signatures import NotBelieved, Sent
from workflows.contract import (
    Carried,
    EffectOrder,
    EffectResult,
    Envelope,
    JournalBatch,
    Progress,
    Receipt,
    Taken,
    Written,
)

THE_CLOCK = Actor(id="tick", kind="system")
THE_SHELL = Actor(id="shell", kind="system")

BATCH_EVENTS, BATCH_BYTES = 100, 256 * 1024
MOST_RIDERS = 16
REMEMBERED_FOR = timedelta(hours=48)
MOST_REMEMBERED = 3_000  # a megabyte: what a run hands to the next must stay below two, or the entity is stuck
LONGEST_RUN = timedelta(days=7)
MOST_EVENTS = 2_000
GIVES_WAY_FOR = timedelta(minutes=1)
EFFECTS_MAY_FINISH = timedelta(seconds=60)
AFTER_A_BUG = timedelta(hours=1)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A performed command with all that could go wrong behind it; what is left is to assign."""

    state: Any
    records: list[Record]
    orders: list[EffectOrder]
    left: set[str]
    deadline: datetime
    details: str
    shown: dict[Any, Any]


@dataclass(frozen=True, slots=True)
class WorkflowLabels:
    """How people see an entity in the Temporal UI; nothing personal is in it.

    `describe` says in Markdown what it waits for, on whom and until when, `phase` in one word how far it has come,
    `requisition_of` the requisition it belongs to.
    """

    describe: Callable[[Any], str]
    phase: Callable[[Any], str]
    requisition_of: Callable[[Any], str]


NOT_DESCRIBED = "What this waits for cannot be told just now; `tandem doctor` can."


def _described(ask: Callable[[Any], str], of: Any, otherwise: str) -> str:
    """What only describes cannot refuse: where there are no words for something, the entity goes on without them."""
    try:
        return ask(of)
    except Exception:
        workflow.logger.exception("something could not be described")
        return otherwise


def _answer(refusal: Rejection) -> ApplicationError:
    said = _said(refusal) | ({"also": [_said(one) for one in refusal.also]} if refusal.also else {})
    return ApplicationError(refusal.code, said, type=refusal.code, non_retryable=True)


def _said(refusal: Rejection) -> dict[str, Any]:
    return {"sentence": refusal.sentence, "accepted": refusal.accepted, "field": refusal.field}


def _of_another_build() -> Rejection:
    return Rejection(
        contract.OTHER_BUILD,
        "This is run by another build of Tandem just now, which does not know what was asked for.",
        "The same again in a minute; the operator's tandem doctor says which build it waits for.",
    )


class EntityWorkflow:
    """One entity. A subclass names its decider and its face; everything else is here."""

    decider: ClassVar[Decider[Any]]
    face: ClassVar[WorkflowLabels]

    def __init__(self, carried: Carried) -> None:
        self.state: Any = self.decider.initial
        if carried.state is not None:
            self.state = self.decider.read(carried.state, carried.state_schema)
            carried.state.clear()  # the engine keeps a run's input for as long as it runs, and this is the state again
        self._outbox = list(carried.outbox)
        self._pending = {order.id: order.today for order in carried.undone}
        self._left = {order.id for order in carried.undone if isinstance(order.effect, UnknownEffect)}
        self._taken = dict(carried.taken)
        self._epoch = carried.epoch
        self._gives_way_until: datetime | None = None
        self._superseded = False
        self._running: dict[str, asyncio.Task[None]] = {}
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None
        self._moving_on = False
        self._shown: dict[Any, Any] = {}
        self._performed: tuple[str, Any, _Prepared, Envelope] | None = None
        self._began = workflow.now()

    async def live(self) -> None:
        """The whole of an entity's run: until it is erased, or goes on as a new run with all it carries."""
        if self.state.version == 0:
            # Whoever starts an entity gives it its first command in the same request. If that one was refused, or the
            # caller died in between, this must not stay behind as an entity that never was. Failed, not completed: such
            # an id may begin later, an erased one never.
            try:
                await workflow.wait_condition(lambda: self.state.version > 0, timeout=timedelta(minutes=1))
            except TimeoutError:
                raise ApplicationError("it took nothing that was asked of it", type="never_was") from None
        self._pumping = asyncio.create_task(self._pump())
        self._assign(self._prepared(self.decider.rests(self.state)))
        await workflow.wait_condition(lambda: self._finished or self._superseded or self._should_move_on)
        if self._superseded:
            raise ApplicationError("another run took its place", type=contract.STALE_RUN, non_retryable=True)
        self._moving_on = True
        # What is under way after that is let go of: it travels along, and is given again under the same ids.
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: not self._running, timeout=EFFECTS_MAY_FINISH)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not self._finished:
            workflow.continue_as_new(
                self._carried(), initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE
            )

    @workflow.update(dynamic=True)
    def command(self, name: str, args: Sequence[RawValue]) -> Receipt:
        """Performs a command. Synchronous on purpose: an update that is still running when the run ends would fail."""
        update = workflow.current_update_info()
        assert update is not None
        if already := self._taken.get(update.id):
            return already.receipt
        performed, self._performed = self._performed, None
        if performed and performed[0] == update.id and performed[1] is self.state:
            _, _, prepared, envelope = performed
        else:
            prepared, envelope = self._perform(name, args)
        now = workflow.now()
        receipt = Receipt(
            stream=workflow.info().workflow_id,
            version=prepared.state.version,
            fingerprint=envelope.fingerprint,
            at=now,
        )
        self._assign(prepared)
        recent = [(key, taken) for key, taken in self._taken.items() if now < taken.until]
        self._taken = dict(recent[1 - MOST_REMEMBERED :])
        self._taken[update.id] = Taken(receipt=receipt, until=now + REMEMBERED_FOR)
        return receipt

    @command.validator
    def _dry_run(self, name: str, args: Sequence[RawValue]) -> None:
        update = workflow.current_update_info()
        gives_way = self._gives_way_until is not None and workflow.now() < self._gives_way_until
        if gives_way or self._superseded:
            raise ApplicationError("another run takes its place", type=contract.GIVING_WAY, non_retryable=True)
        assert update is not None
        self._check(Sent(workflow.info().workflow_id, name, update.id, [arg.payload for arg in args[:2]]), args[2:3])
        if update.id not in self._taken:
            self._performed = update.id, self.state, *self._perform(name, args)

    def _check(self, sent: Sent, signature: Sequence[RawValue]) -> None:
        """Refuses what this installation did not sign. Never the handler's: it runs again when the key may be gone."""
        try:
            with workflow.unsafe.sandbox_unrestricted():  # the file of the keys is read when it was changed
                command_signatures.check(sent, signature[0].payload if signature else None, workflow.now())
        except NotBelieved as doubt:
            workflow.logger.warning("a command is not believed", extra={"command": sent.command, "why": str(doubt)})
            if doubt.code == contract.OTHER_BUILD:
                raise _answer(_of_another_build()) from None
            raise ApplicationError(doubt.code, type=doubt.code, non_retryable=True) from None

    @workflow.signal
    def give_way(self) -> None:
        """Another run is about to take this one's place: for a minute it takes nothing, and empties its outbox."""
        self._gives_way_until = workflow.now() + GIVES_WAY_FOR

    @workflow.query
    def progress(self) -> Progress:
        """For `tandem doctor` alone: whoever reads does so in PostgreSQL."""
        return Progress(
            version=self.state.version,
            unjournalled=len(self._outbox),
            undone=tuple(self._pending),
            epoch=self._epoch,
        )

    def _perform(self, name: str, args: Sequence[RawValue]) -> tuple[_Prepared, Envelope]:
        """What the command would come to. Whatever goes wrong is an answer: a bug must not wedge the entity."""
        try:
            read = workflow.payload_converter().from_payload
            envelope = read(args[0].payload, Envelope)
            command = self._read_command(name, read(args[1].payload, dict))
            call = Call(envelope.actor, workflow.now(), envelope.facts)
            outcome = self.decider.perform(self.state, command, call, envelope.expected_version)
            return self._prepared(outcome), envelope
        except Rejection as refusal:
            raise _answer(refusal) from None
        except Exception as bug:
            workflow.logger.exception("a command could not be performed", extra={"command": name})
            # Its text may hold what was in the command: only its kind leaves this process.
            raise ApplicationError(type(bug).__name__, type="internal", non_retryable=True) from None

    def _read_command(self, name: str, payload: dict[str, Any]) -> Command:
        """The command as its sender meant it, or a refusal: then they and this run are of different builds."""
        kind = self.decider.commands.get(name)
        try:
            if kind is not None:
                # What people ask for is taken whole or not at all; another entity's facts may know more than this run.
                return kind.model_validate(payload, extra="forbid" if kind.who else None)
        except ValidationError:
            workflow.logger.warning("a command of another build", extra={"command": name})
        raise _of_another_build()

    def _give(self, name: str, payload: dict[str, Any], actor: Actor) -> str | None:
        """A command from the shell itself. A refusal is an answer here too: the world moved on meanwhile.

        Returns what kind of bug kept it from being performed, if one did.
        """
        try:
            command = self.decider.commands[name].model_validate(payload)
            outcome = self.decider.perform(self.state, command, Call(actor, workflow.now(), NO_FACTS))
            self._assign(self._prepared(outcome))
        except Rejection as refusal:
            workflow.logger.info("not taken", extra={"command": name, "code": refusal.code})
        except Exception as bug:
            workflow.logger.exception("a command could not be performed", extra={"command": name})
            return type(bug).__name__
        return None

    def _prepared(self, outcome: Outcome[Any]) -> _Prepared:
        state, stream, now = outcome.state, workflow.info().workflow_id, workflow.now()
        for record in outcome.records:
            record.model_dump_json()  # what cannot be written down must not be taken: the pump would never get past it
        return _Prepared(
            state=state,
            records=outcome.records,
            orders=[EffectOrder.of(effect_id, stream, now, effect) for effect_id, effect in outcome.effects],
            left={effect_id for effect_id, effect in outcome.effects if isinstance(effect, UnknownEffect)},
            deadline=outcome.deadline or NEVER,
            details=_described(self.face.describe, state, NOT_DESCRIBED),
            shown={
                contract.PHASE: _described(self.face.phase, state, self._shown.get(contract.PHASE, "")),
                contract.REQUISITION: _described(
                    self.face.requisition_of, state, self._shown.get(contract.REQUISITION, "")
                ),
                contract.WAITING_ON: list(state.waiting_on),
                contract.BREACHED: state.breached,
                contract.STUCK: state.stuck,
            },
        )

    def _assign(self, prepared: _Prepared) -> None:
        self.state = prepared.state
        self._outbox += prepared.records
        self._pending |= {order.id: order for order in prepared.orders}
        self._left |= prepared.left
        self._set_alarm(prepared.deadline)
        workflow.set_current_details(prepared.details)
        if changed := {key: value for key, value in prepared.shown.items() if self._shown.get(key) != value}:
            workflow.upsert_search_attributes([key.value_set(value) for key, value in changed.items()])
        self._shown = prepared.shown

    # Time

    def _set_alarm(self, deadline: datetime) -> None:
        """One timer, for the nearest deadline. When that moves later, the timer is left to find nothing due."""
        end_of_run = self._began + LONGEST_RUN
        nearest = min(deadline, end_of_run) if workflow.now() < end_of_run else deadline
        if self._alarm is None or self._alarm_at is None or nearest < self._alarm_at:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm_at = nearest
            self._alarm = asyncio.create_task(self._wake_at(nearest))

    async def _wake_at(self, at: datetime) -> None:
        # A deadline may be past when it becomes known; what is measured is how late the machine is, not the world.
        at = max(at, workflow.now() + timedelta(milliseconds=1))
        await workflow.sleep(at - workflow.now(), summary="nearest deadline")
        workflow.metric_meter().create_histogram_timedelta(
            contract.TICK_LATENESS, "How long after its time an alarm went off", "s"
        ).record(max(workflow.now() - at, timedelta(0)))
        self._alarm = None
        if self._give(Tick.name, {}, THE_CLOCK):
            self._set_alarm(workflow.now() + AFTER_A_BUG)

    # The journal, and what waits for it

    async def _pump(self) -> None:
        while True:
            await workflow.wait_condition(lambda: bool(self._outbox) or self._effects_waiting)
            if self._outbox:
                batch = self._next_batch()
                try:
                    written = await self._append(batch)
                except ActivityError:  # tried for ever, but for this: its place is taken
                    self._superseded = True
                    return
                del self._outbox[: len(batch.records)]
                for effect_id in written.carried if written else ():
                    self._pending.pop(effect_id, None)
            self._start_effects()

    def _next_batch(self) -> JournalBatch:
        sizes = itertools.accumulate(len(record.model_dump_json().encode()) for record in self._outbox[:BATCH_EVENTS])
        count = max(1, sum(size <= BATCH_BYTES for size in sizes))
        records = tuple(self._outbox[:count])
        return JournalBatch(
            stream=workflow.info().workflow_id, records=records, epoch=self._epoch, riders=self._riders(records)
        )

    def _riders(self, records: Sequence[Record]) -> tuple[EffectOrder, ...]:
        of_these = (
            order
            for effect_id, order in self._pending.items()
            if records[0].seq <= EffectId.parse(effect_id).seq <= records[-1].seq
            if effect_id not in self._left and order.effect.carriage.rides
        )
        riders = tuple(itertools.islice(of_these, MOST_RIDERS))
        sizes = itertools.accumulate(len(order.model_dump_json().encode()) for order in riders)
        return riders[: sum(size <= BATCH_BYTES for size in sizes)]

    async def _append(self, batch: JournalBatch) -> Written | None:
        """What was written, and said on the way; None of a worker of up to 0.7.0, which said nothing."""
        # A local activity would halve the history, and write what the engine may yet forget: it runs before its
        # workflow task is persisted, and if either side dies in between, other events come under the same numbers.
        said = f", {len(batch.riders)} said on the way" if batch.riders else ""
        written: Written | None = await workflow.execute_activity(
            contract.JOURNAL,
            batch,
            result_type=Written,
            start_to_close_timeout=policies.JOURNAL_ATTEMPT,
            retry_policy=policies.JOURNAL_FOREVER,
            summary=f"events {batch.records[0].seq} to {batch.records[-1].seq}{said}",
        )
        return written

    @property
    def _effects_waiting(self) -> bool:
        # What only another build can carry out travels along until that one runs this.
        waiting = self._pending.keys() - self._running.keys() - self._left
        return not self._moving_on and any(self._journalled(effect_id) for effect_id in waiting)

    def _journalled(self, effect_id: str) -> bool:
        return not self._outbox or EffectId.parse(effect_id).seq < self._outbox[0].seq

    def _start_effects(self) -> None:
        for effect_id, order in self._pending.items():
            begun = effect_id in self._running or effect_id in self._left
            if not self._moving_on and not begun and self._journalled(effect_id):
                self._running[effect_id] = asyncio.create_task(self._carry_out(order))

    async def _carry_out(self, order: EffectOrder) -> None:
        try:
            effect = order.effect
            result = await workflow.execute_activity(
                effect.type,
                order,
                result_type=EffectResult,
                activity_id=order.id,
                priority=Priority(fairness_key=self._shown[contract.REQUISITION]),
                summary=_described(str, effect, order.type),
                **policies.options(effect.carriage),
            )
            failed = self._give(result.reply.command, result.reply.payload, THE_SHELL) if result.reply else None
        except ActivityError as failure:
            cause = failure.cause
            failed = (cause.type if isinstance(cause, ApplicationError) else None) or type(cause).__name__
        except Exception as bug:
            workflow.logger.exception("an effect could not be ordered", extra={"effect": order.id})
            failed = type(bug).__name__
        del self._pending[order.id], self._running[order.id]
        if failed:
            given_up: dict[str, Any] = {"type": order.type, "payload": order.payload}
            if order.schema_version != 1:
                given_up["schema"] = order.schema_version
            failure_of_it = {"effect_id": order.id, "effect": given_up, "reason": failed}
            self._give(DeliveryFailed.name, failure_of_it, THE_SHELL)

    # Going on as a new run

    @property
    def _finished(self) -> bool:
        # A task that is left may be to try its effect again, the destruction of the key above all.
        return self.state.standing == "erased" and not (self._outbox or self._pending or self.state.tasks)

    @property
    def _should_move_on(self) -> bool:
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() > MOST_EVENTS
            or info.is_target_worker_deployment_version_changed()
            or workflow.now() >= self._began + LONGEST_RUN
        )

    def _carried(self) -> Carried:
        return Carried(
            state=self.state.model_dump(mode="json"),
            state_schema=self.state.state_schema,
            outbox=tuple(self._outbox),
            undone=tuple(self._pending.values()),
            taken=self._taken,
            epoch=self._epoch,
        )
