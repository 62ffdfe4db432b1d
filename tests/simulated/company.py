"""A company in one process: entities on a simulated engine, a journal in memory, and a world where things go wrong.

Whatever is asked of the outside is drawn from one seed: how long it takes, whether its answer is lost after it was
done, whether it is done twice, whether a worker forgets what it ran, whether a run goes on as a new one. What must
hold all the same is in `look_through`.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure

from domain.access.team import Actor
from domain.core.ids import EffectId
from domain.core.messages import Command, Record
from domain.entity.call import NO_FACTS, Facts
from domain.entity.effects import EntityMessage, Tell, TellAll
from domain.registry import DECIDERS
from tests.simulated.engine import CONVERTER, Engine, Ordered, Refused
from workflows.candidate import CandidateWorkflow
from workflows.contract import (
    JOURNAL,
    EffectOrder,
    EffectResult,
    Envelope,
    JournalBatch,
    Receipt,
    Written,
    entity_of,
)
from workflows.person import PersonWorkflow
from workflows.requisition import RequisitionWorkflow

DEFINITIONS: dict[str, type] = {
    "requisition": RequisitionWorkflow,
    "candidate": CandidateWorkflow,
    "person": PersonWorkflow,
}
AGAIN_AFTER = timedelta(seconds=5)
"""When what did not answer is asked again: an attempt's time, shortened."""


@dataclass(frozen=True)
class Chances:
    """How often what goes wrong, of everything that is done."""

    fails: float = 0.0
    answer_lost: float = 0.0
    twice: float = 0.0
    forgotten: float = 0.0
    goes_on: float = 0.0
    given_up: float = 0.0
    slow: float = 0.0


WELL = Chances()


class Company:
    """Everything, and what is to happen to it. `chances` may be changed at any time."""

    def __init__(self, seed: int, now: datetime, chances: Chances) -> None:
        self.chance, self.chances = Random(seed), chances
        self.engine = Engine(DEFINITIONS, now)
        self.journal: dict[str, list[Record]] = defaultdict(list)
        self.written: dict[str, list[str]] = defaultdict(list)
        self.receipts: dict[tuple[str, str], Receipt] = {}
        self.orders: dict[str, EffectOrder] = {}
        self.done: Counter[str] = Counter()
        self.given_up: set[str] = set()
        self.faults: Counter[str] = Counter()
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._asked: set[tuple[str, int]] = set()

    # What people do

    def give(self, stream: str, command: Command, by: Actor, facts: Facts = NO_FACTS, start: bool = False) -> bool:
        """Gives a command as the API does, perhaps twice, and whether it was taken. Raises what is no refusal."""
        key = f"{by.id}/{command.name}/{next(self._numbers)}"
        payload = command.model_dump(mode="json")
        envelope = Envelope(actor=by, fingerprint="f", facts=facts)
        try:
            self._deliver(stream, command.name, payload, envelope, key, start)
        except KeyError:
            return False
        except Refused as refused:
            if refused.code in command.refusals:
                return False
            raise
        if self._happens("answer_lost", self.chances.answer_lost):  # so the same key gives the same again, at any time
            self._at(self._later(), lambda: self._again(stream, command.name, payload, envelope, key))
        self._settle()
        return True

    def _again(self, stream: str, name: str, payload: dict[str, Any], envelope: Envelope, key: str) -> None:
        before = self.receipts[stream, key]
        if self.engine.now < before.at + timedelta(hours=47) and self.engine.runs[stream].ended is None:
            self._deliver(stream, name, payload, envelope, key, start=False)

    def _deliver(
        self, stream: str, name: str, payload: dict[str, Any], envelope: Envelope, key: str, start: bool
    ) -> None:
        self._forget_somebody()
        answer = self.engine.update(stream, name, [envelope, payload], key, start)
        receipt = CONVERTER.from_payloads([answer], [Receipt])[0]
        known = self.receipts.setdefault((stream, key), receipt)
        assert receipt == known, f"{name} was taken twice: {known}, then {receipt}"

    # Time

    def passes(self, time: timedelta) -> None:
        """Lets time pass, with all that happens in it, in its order."""
        until = self.engine.now + time
        while True:
            self._settle()
            timers = min(self.engine.due(), key=lambda due: (due[0], due[1].stream, due[2]), default=None)
            agenda = self._agenda[0] if self._agenda else None
            nearest = min((one[0] for one in (timers, agenda) if one is not None), default=None)
            if nearest is None or nearest > until:
                self.engine.now = until
                return
            self.engine.now = max(self.engine.now, nearest)
            if agenda is not None and agenda[0] == nearest:
                heapq.heappop(self._agenda)[2]()
            else:
                assert timers is not None
                self._forget_somebody()
                self.engine.fire(timers[1], timers[2])

    def heals(self, time: timedelta = timedelta(days=40)) -> None:
        """From now on all goes well: what is still to be done is done."""
        self.chances = WELL
        self.passes(time)

    def _at(self, at: datetime, what: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), what))

    def _later(self) -> datetime:
        longest = 40 * 3600 if self._happens("slow", self.chances.slow) else 20
        return self.engine.now + timedelta(seconds=self.chance.random() * longest)

    def _happens(self, fault: str, chance: float) -> bool:
        if chance and self.chance.random() < chance:
            self.faults[fault] += 1
            return True
        return False

    def _forget_somebody(self) -> None:
        """A worker is killed, or another one gets the next task."""
        live = self.engine.live
        if live and self._happens("forgotten", self.chances.forgotten):
            self.engine.forget(self.chance.choice(live))
        if live and self._happens("goes_on", self.chances.goes_on):
            self.engine.moves_on.add(self.chance.choice(live).stream)

    # What entities ask of the world

    def _settle(self) -> None:
        """Takes up every activity that was ordered since."""
        for ordered in [ordered for run in self.engine.live for ordered in run.ordered.values()]:
            if (ordered.run.id, ordered.seq) not in self._asked:
                self._asked.add((ordered.run.id, ordered.seq))
                self._at(self._later(), partial(self._attempt, ordered))

    def _attempt(self, ordered: Ordered) -> None:
        """One attempt at an activity, with all that may become of it. One of a run that went on is a straggler's."""
        if self._happens("fails", self.chances.fails):
            self._at(self.engine.now + AGAIN_AFTER, lambda: self._attempt(ordered))
            return
        if ordered.type != JOURNAL and self._happens("given_up", self.chances.given_up):
            info = ApplicationFailureInfo(type="unreachable", non_retryable=True)
            failure = Failure(message="given up", application_failure_info=info)
            if ordered.run.ended is None and ordered.seq in ordered.run.ordered:
                self.given_up.add(ordered.id)
            self.engine.resolve(ordered, failure=_of_an_activity(failure))
            return
        result = self._append(ordered) if ordered.type == JOURNAL else self._carry_out(ordered)
        if result is None or self._happens("answer_lost", self.chances.answer_lost):
            self._at(self.engine.now + AGAIN_AFTER, lambda: self._attempt(ordered))
            return
        self.engine.resolve(ordered, result)
        if self._happens("twice", self.chances.twice):  # the first attempt, which was thought dead, goes on
            self._at(self._later(), lambda: self._attempt(ordered))

    def _append(self, ordered: Ordered) -> Written:
        batch: JournalBatch = CONVERTER.from_payloads(ordered.args, [JournalBatch])[0]
        lines = self.written[batch.stream]
        for record in batch.records:
            line = record.model_dump_json()
            if record.seq <= len(lines):
                assert lines[record.seq - 1] == line, (
                    f"{batch.stream} {record.seq}: {lines[record.seq - 1]}, then {line}"
                )
            else:
                assert record.seq == len(lines) + 1, f"{batch.stream} has a gap before {record.seq}"
                lines.append(line)
                self.journal[batch.stream].append(Record.model_validate_json(line))
        carried = {}
        for rider in batch.riders:
            if not self._happens("fails", self.chances.fails) and self._say(rider):
                carried[rider.id] = "taken"
        return Written(carried=carried)

    def _carry_out(self, ordered: Ordered) -> EffectResult | None:
        order: EffectOrder = CONVERTER.from_payloads(ordered.args, [EffectOrder])[0]
        assert order.id == ordered.id
        return EffectResult() if self._say(order) else None

    def _say(self, order: EffectOrder) -> bool:
        """Does what an effect asks for; whether there was an answer."""
        known = self.orders.setdefault(order.id, order)
        assert known == order, f"two effects have one id: {known}, {order}"
        seq = EffectId.parse(order.id).seq
        assert seq <= len(self.written[order.stream]), f"{order.id} is done before it is journalled"
        effect = order.effect
        letters: Sequence[EntityMessage] = ()
        if isinstance(effect, Tell):
            letters = (effect.letter,)
        elif isinstance(effect, TellAll):
            letters = [
                EntityMessage(stream=stream, command=effect.command, payload=effect.payload)
                for stream in effect.streams
            ]
        for letter in letters:
            body = json.dumps(letter.payload, sort_keys=True)
            by = Actor(id=order.stream, kind="system")
            envelope = Envelope(actor=by, fingerprint=hashlib.sha256(body.encode()).hexdigest())
            start = letter.start and not self.written[letter.stream]
            try:
                self._deliver(letter.stream, letter.command, letter.payload, envelope, order.id, start)
            except Refused as refused:
                if refused.code == "internal":
                    raise
            except KeyError:
                if entity_of(letter.stream)[0] == "candidate" and not self.written[letter.stream]:
                    return False  # not born yet
        self.done[order.id] += 1
        return True

    # What must hold

    def look_through(self) -> None:
        """Raises AssertionError where something was lost, doubled, forgotten or decided twice."""
        for stream, run in self.engine.runs.items():
            decider = DECIDERS[entity_of(stream)[0]]
            records = self.journal[stream]
            assert [record.seq for record in records] == list(range(1, len(records) + 1)), stream
            entity, folded, ordered = self.engine.entity(stream), decider.initial, dict[str, str]()
            for record in records:
                folded = decider.evolve(folded, record)
                ordered |= {effect_id: effect.type for effect_id, effect in decider.react(folded, record)}
            assert folded == entity.state, f"{stream}: the journal is not what the run knows"
            assert run.ended or not entity._outbox, f"{stream}: {len(entity._outbox)} events are not journalled"
            lost = ordered.keys() - self.done.keys() - self.given_up
            waiting = entity._pending.keys() if run.ended is None else set()
            assert not lost, f"{stream}: never done: {[(one, ordered[one], one in waiting) for one in lost]}"
            deadline = decider.next_deadline(entity.state)
            assert deadline is None or deadline > self.engine.now or run.ended, f"{stream}: nobody looked at {deadline}"
        for (stream, _), receipt in self.receipts.items():
            assert receipt.version <= len(self.journal[stream]), f"{stream} forgot what it acknowledged: {receipt}"

    def plays_again(self) -> None:
        """Every run goes again as it went."""
        for run in (*self.engine.past, *self.engine.runs.values()):
            self.engine.replayed(run)


def _of_an_activity(cause: Failure) -> Failure:
    failure = Failure(message="activity failed", cause=cause)
    failure.activity_failure_info.activity_id = "x"
    return failure
