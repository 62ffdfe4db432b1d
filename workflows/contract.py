"""Every name that crosses a process: queues, workflow ids, search attributes, and what travels with a command."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeKey

from domain.access.team import Actor
from domain.core.carriage import Queue
from domain.core.messages import Effect, Record, SparseValue, Value
from domain.entity.call import NO_FACTS, Facts

FLOW_QUEUE = "tandem-flow"
LANGUAGE_QUEUE = "tandem-language"
REACH_QUEUE = "tandem-reach"

QUEUES: Mapping[Queue, str] = {"flow": FLOW_QUEUE, "language": LANGUAGE_QUEUE, "reach": REACH_QUEUE}
"""The queue of each role a worker may have."""

WORKFLOWS = {"requisition": "Requisition", "candidate": "Candidate", "person": "Person"}
"""The workflow type that keeps each kind of entity."""

SUMMARIES = {
    "requisition": "A requisition, from the opening to the last retro",
    "candidate": "One applicant in one requisition",
    "person": "A user of Tandem",
}
"""What the Temporal UI says of a workflow of each kind in its row, where it has no name of its own."""


def summary_of(stream: str, said: Mapping[str, Any]) -> str:
    """What the Temporal UI says in the row of a new workflow: of a requisition what it is called.

    `said` is the command that begins it, or its state. A confidential one is called by its alias, or not at all.
    """
    entity, _ = entity_of(stream)
    confidential = said.get("confidential") or said.get("visibility") == "confidential"
    called = said.get("alias" if confidential else "title")
    return f"{called}: a requisition" if entity == "requisition" and called else SUMMARIES[entity]


OTHER_BUILD = "other_build"
"""The code with which a run answers a command that only another build than its own knows how to take."""

GIVING_WAY = "giving_way"
"""The code with which a run answers while it makes room for another one, which will take the same command."""

UNSIGNED = "unsigned"
"""The code with which a run answers a command whose signature does not fit: nobody of this installation gave it so."""

SIGN_ANEW = "sign_anew"
"""The code with which a run answers a signature that is too old, or of a key it does not know: a new one may do."""

JOURNAL_CONFLICT = "journal_conflict"
"""An event contradicts what is written under its number: a person has to look."""

STALE_RUN = "stale_run"
"""Another run of the entity writes the journal now: this one must not, and ends."""

JOURNAL = "journal"
"""The activity that appends to the journal. Every other activity is called as the kind of effect it carries out."""

TICK_LATENESS = "tandem_tick_lateness"
"""The metric that says how late alarms go off; `_seconds` follows where it is exposed."""

PHASE = SearchAttributeKey.for_keyword("TandemPhase")
REQUISITION = SearchAttributeKey.for_keyword("TandemRequisition")
WAITING_ON = SearchAttributeKey.for_keyword_list("TandemWaitingOn")
BREACHED = SearchAttributeKey.for_bool("TandemBreached")
STUCK = SearchAttributeKey.for_bool("TandemStuck")
SEARCH_ATTRIBUTES = (PHASE, REQUISITION, WAITING_ON, BREACHED, STUCK)
"""Registered by the worker at its start. They carry ids, stages and flags, never anything personal."""


def stream_of(entity: str, entity_id: str) -> str:
    """`("candidate", "C-7")` → `candidate/C-7`: the journal's stream, and the workflow's id."""
    return f"{entity}/{entity_id}"


def entity_of(stream: str) -> tuple[str, str]:
    """`candidate/C-7` → `("candidate", "C-7")`."""
    entity, _, entity_id = stream.partition("/")
    return entity, entity_id


def update_id(actor: str, command: str, key: str) -> str:
    """The id under which the engine delivers a command once: whose it is, what it is, and the caller's key.

    It is kept as it is, so what somebody outside wrote as their key comes here hashed (`api.commands.known_key`).
    """
    return f"{actor}/{command}/{key}"


class Envelope(SparseValue):
    """What the API adds to a command. `fingerprint` tells two bodies under one key apart, without their words."""

    actor: Actor
    fingerprint: str
    expected_version: int | None = None
    facts: Facts = NO_FACTS


class Receipt(Value):
    """A command was taken: the stream stands at `version`, since `at` (UTC).

    `fingerprint` is that of the body that was taken: another one under the same key was not. `begun` is the id of what
    the command began, where it began something.
    """

    stream: str
    version: int
    fingerprint: str
    at: datetime
    begun: str | None = None


class EffectOrder(Value):
    """One effect to carry out: its id, unique for ever, whose it is, and when it was decided (UTC).

    `type`, `payload` and `schema_version` are the effect as it is stored.
    """

    id: str
    stream: str
    decided_at: datetime
    type: str
    payload: dict[str, Any]
    schema_version: int = 1

    @classmethod
    def of(cls, effect_id: str, stream: str, decided_at: datetime, effect: Effect) -> EffectOrder:
        """The order to carry out `effect`."""
        kind, schema, payload = effect.stored
        return cls(
            id=effect_id, stream=stream, decided_at=decided_at, type=kind, payload=payload, schema_version=schema
        )

    @property
    def effect(self) -> Effect:
        """The effect itself, as this build reads it."""
        return Effect.revive(self.type, self.payload, self.schema_version)

    @property
    def today(self) -> EffectOrder:
        """The same order as this build would write it."""
        return EffectOrder.of(self.id, self.stream, self.decided_at, self.effect)


class JournalBatch(Value):
    """Records of one stream, in order and without a gap, from a run of this `epoch`.

    `riders` are effects of theirs that are said to others on the way (`Carriage.rides`).
    """

    stream: str
    records: tuple[Record, ...]
    epoch: int = 0
    riders: tuple[EffectOrder, ...] = ()


class Written(Value):
    """A batch is in the journal. Of each rider that was carried out, by its id, what came of it."""

    carried: dict[str, str] = {}


class Progress(Value):
    """How far a run has come: its version, how many events the journal has not got yet, and the effects not done."""

    version: int
    unjournalled: int
    undone: tuple[str, ...]
    epoch: int = 0


class Reply(Value):
    """A command an activity gives back to the entity that ordered it."""

    command: str
    payload: dict[str, Any]


class EffectResult(Value):
    """What came of an effect. `note` is for the reader of the workflow's history."""

    note: str = "done"
    reply: Reply | None = None


class Taken(Value):
    """A command this entity took in the last 48 hours, so that a repeated one finds its receipt."""

    receipt: Receipt
    until: datetime


class Carried(SparseValue):
    """What an entity's run begins with, and hands to the next: everything, so that nothing depends on a run's length.

    `state` is the decider's state as JSON (None for a new entity) in `state_schema`, `outbox` what is not journalled
    yet, `undone` the effects that are not carried out yet. `epoch` counts the revivals: only the run of the highest may
    write the journal.
    """

    state: dict[str, Any] | None = None
    state_schema: int = 1
    outbox: tuple[Record, ...] = ()
    undone: tuple[EffectOrder, ...] = ()
    taken: dict[str, Taken] = {}
    epoch: int = 0
