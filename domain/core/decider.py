"""How an entity is put together and lives: chapters of branches, and what one command comes to.

The story of one command is `Decider.perform`: whatever fell due before `now` happens first, then the command, then the
clocks that its events start and stop. Before a command is decided its gates are asked: the guards that need to know
nothing of what it says. So `Decider.available` can ask the same gates of every command, before anybody gives one.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any, Generic, Protocol, Self, TypeVar

from domain.core.availability import Availability, Missing, Option
from domain.core.ids import EffectId
from domain.core.messages import Command, Effect, Event, Record, Rejection, SplitEvent, Tick, UnknownEvent, refuse
from domain.core.upcasting import STATES, Stored


class Caller(Protocol):
    """Who gives a command, by id."""

    @property
    def id(self) -> str: ...


class Calling(Protocol):
    """How a command comes: from whom, and when (UTC). What else was looked up for it, the branches know."""

    @property
    def actor(self) -> Caller: ...

    @property
    def now(self) -> datetime: ...


class Folded(Protocol):
    """The state of an entity: the fold of its events up to `version`."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> int: ...

    def but(self, **changes: Any) -> Self:
        """A copy with `changes`."""
        ...

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """The state that this JSON says. Raises ValidationError."""
        ...

    def admit(self, command: type[Command], call: Any) -> None:
        """Refuses a command that this caller, or this entity as it stands, cannot give or take at all."""
        ...


class Follows(Protocol):
    """A rule by which events bring about further events: a row of the table of clocks."""

    @property
    def events(self) -> Iterable[type[Event]]: ...

    def consequences(self, before: Any, after: Any, event: Event, at: datetime) -> list[Event]:
        """What `event`, which led from `before` to `after` at `at` (UTC), brings about."""
        ...


S = TypeVar("S", bound=Folded)
C = TypeVar("C", bound=Command)
E = TypeVar("E", bound=Event)

Decides = Callable[[S, C, Any], Iterable[Event]]
Evolves = Callable[[S, E, Record], S]
Reacts = Callable[[S, E, Record], Iterable[Effect]]
Awaits = Callable[[S], Iterable[tuple[datetime, Callable[[], Event]]]]
Gate = Callable[[S, Any], None]
GateOf = Callable[[S, Any, str], None]
Next = Callable[[S, Any], bool]
NextOf = Callable[[S, Any, str], bool]


@dataclass(frozen=True, slots=True)
class Choice(Generic[S]):
    """A command about one of several things: the field that names it, those there are, and what each must be.

    `gate` is asked of each by its id, of a tuple of ids for all of them; it refuses also an id there is not. `whom`
    says which candidate one concerns.
    """

    field: str
    among: Callable[[S], Iterable[str]]
    gate: GateOf[S]
    whom: Callable[[S, str], str | None]


def nobody(_state: Any, _id: str) -> None:
    """Concerns no candidate in particular."""


def themselves(_state: Any, id: str) -> str:
    """Concerns the candidate of this very id."""
    return id


class Chapter(Generic[S]):
    """One idea of an entity's life: its branches of decide, evolve and react, and what it waits for by itself."""

    def __init__(self) -> None:
        self.deciding: dict[type[Command], Decides[S, Any]] = {}
        self.evolving: dict[type[Event], Evolves[S, Any]] = {}
        self.reacting: dict[type[Event], list[Reacts[S, Any]]] = {}
        self.awaiting: list[Awaits[S]] = []
        self.gates: dict[type[Command], list[Gate[S]]] = {}
        self.choices: dict[type[Command], Choice[S]] = {}
        self.nexts: dict[type[Command], Next[S]] = {}
        self.nexts_of: dict[type[Command], NextOf[S]] = {}

    def gate(self, *commands: type[Command]) -> Callable[[Gate[S]], Gate[S]]:
        """What has to be true before any of `commands` is looked at: refuses, or says nothing.

        Asked without the command and without looked-up facts.
        """

        def register(branch: Gate[S]) -> Gate[S]:
            for command in commands:
                self.gates.setdefault(command, []).append(branch)
            return branch

        return register

    def gate_of(
        self,
        command: type[Command],
        field: str,
        among: Callable[[S], Iterable[str]],
        whom: Callable[[S, str], str | None] = nobody,
    ) -> Callable[[GateOf[S]], GateOf[S]]:
        """The same of the thing that `field` of `command` names, by its id. See `Choice`."""
        assert field in command.model_fields, f"{command.name} has no {field}"

        def register(branch: GateOf[S]) -> GateOf[S]:
            self.choices[command] = Choice(field, among, branch, whom)
            return branch

        return register

    def next(self, command: type[Command]) -> Callable[[Next[S]], Next[S]]:
        """Whether `command`, which would be taken, is the next thing for the actor to do: it is suggested to them."""

        def register(branch: Next[S]) -> Next[S]:
            self.nexts[command] = branch
            return branch

        return register

    def next_of(self, command: type[Command]) -> Callable[[NextOf[S]], NextOf[S]]:
        """The same of one of the things that `command` may be about."""

        def register(branch: NextOf[S]) -> NextOf[S]:
            self.nexts_of[command] = branch
            return branch

        return register

    def decides(self, command: type[C]) -> Callable[[Decides[S, C]], Decides[S, C]]:
        """The branch of `decide` for `command`: yields events, or refuses."""

        def register(branch: Decides[S, C]) -> Decides[S, C]:
            self.deciding[command] = branch
            return branch

        return register

    def evolves(self, event: type[E]) -> Callable[[Evolves[S, E]], Evolves[S, E]]:
        """The branch of `evolve` for `event`: the state after it."""

        def register(branch: Evolves[S, E]) -> Evolves[S, E]:
            self.evolving[event] = branch
            return branch

        return register

    def reacts(self, *events: type[E]) -> Callable[[Reacts[S, E]], Reacts[S, E]]:
        """A branch of `react` for each of `events`: effects, seen from the state after the event."""

        def register(branch: Reacts[S, E]) -> Reacts[S, E]:
            for event in events:
                self.reacting.setdefault(event, []).append(branch)
            return branch

        return register

    def awaits(self, branch: Awaits[S]) -> Awaits[S]:
        """Names what will happen by itself: pairs of a time (UTC) and what makes the event that time brings."""
        self.awaiting.append(branch)
        return branch


@dataclass(frozen=True, slots=True)
class Outcome(Generic[S]):
    """What a command came to: the state after it, what is to be journalled, each effect with its id, and when time
    will next change something (UTC), or None."""

    state: S
    records: list[Record]
    effects: list[tuple[str, Effect]]
    deadline: datetime | None


@dataclass(frozen=True, slots=True)
class Fold(Generic[S]):
    """A state made of records, and those that could not be taken in: of a newer build, after a roll-back."""

    state: S
    left_out: tuple[Record, ...] = ()


def _unchanged(state: S, event: Event, record: Record) -> S:
    return state


class Decider(Generic[S]):
    """An entity's whole behaviour, assembled from its chapters."""

    def __init__(self, name: str, initial: S, chapters: Iterable[Chapter[S]], clocks: Iterable[Follows]) -> None:
        self.name = name
        self.initial = initial
        self.chapters = tuple(chapters)
        self.clocks: tuple[Any, ...] = tuple(clocks)
        self.commands: dict[str, type[Command]] = {}
        self._deciding: dict[type[Command], Decides[S, Any]] = {}
        self._evolving: dict[type[Event], Evolves[S, Any]] = {}
        self._reacting: dict[type[Event], list[Reacts[S, Any]]] = {}
        self._awaiting: list[Awaits[S]] = []
        self._clock_rules: dict[type[Event], list[Follows]] = {}
        self._gates: dict[type[Command], list[Gate[S]]] = {}
        self._choices: dict[type[Command], tuple[Choice[S], Callable[[Any], Any]]] = {}
        self._nexts: dict[type[Command], Next[S]] = {}
        self._nexts_of: dict[type[Command], NextOf[S]] = {}
        for chapter in self.chapters:
            self._nexts |= chapter.nexts
            self._nexts_of |= chapter.nexts_of
            for command, gates in chapter.gates.items():
                self._gates.setdefault(command, []).extend(gates)
            for command, choice in chapter.choices.items():
                self._choices[command] = choice, attrgetter(choice.field)
            self._deciding |= chapter.deciding
            self._evolving |= chapter.evolving
            self._awaiting += chapter.awaiting
            for event, branches in chapter.reacting.items():
                self._reacting.setdefault(event, []).extend(branches)
        for rule in self.clocks:
            for event in rule.events:
                self._clock_rules.setdefault(event, []).append(rule)
        self._evolving |= {UnknownEvent: _unchanged, SplitEvent: self._evolve_parts}
        self._reacting[SplitEvent] = [self._react_to_parts]
        self.commands = {command.name: command for command in self._deciding} | {Tick.name: Tick}

    def perform(self, state: S, command: Command, call: Calling, expected_version: int | None = None) -> Outcome[S]:
        """What fell due before `call.now`, then `command`, then the clocks they move.

        Two calls with equal arguments have equal outcomes. Raises Rejection, having changed nothing.
        """
        run = _Run(self, state)
        deadline = run.tick(call.now)
        if type(command) is not Tick:
            self._admit(run.state, command, call, expected_version)
            self._pass(run.state, command, call)
            for event in list(self._deciding[type(command)](run.state, command, call)):
                run.emit(event, call.now, call.actor.id)
            deadline = run.tick(call.now)
        return Outcome(run.state, run.records, run.effects, deadline)

    def rests(self, state: S) -> Outcome[S]:
        """What an entity in `state` comes to while nobody gives it a command and nothing falls due."""
        return Outcome(state, [], [], self.next_deadline(state))

    def available(self, state: S, call: Calling, only: Container[type[Command]] | None = None) -> list[Availability]:
        """Of each public command whether it would be taken from this caller now, and what is missing where not.

        What fell due is let happen first, as `perform` does; nothing is changed. What begins an entity is left out.
        `only` asks of some commands and no others.
        """
        run = _Run(self, state)
        run.tick(call.now)
        public = (command for command in self.commands.values() if command.who and command.begins != "itself")
        return [self._asked(run.state, command, call) for command in public if only is None or command in only]

    def begins(self, command: type[Command], call: Calling) -> Availability:
        """Whether this caller could begin an entity with `command` now."""
        return self._asked(self.initial, command, call)

    def read(self, state: dict[str, Any], schema: int = 1) -> S:
        """The state that was carried as this JSON, in this schema. Raises ValidationError where it cannot be read."""
        [today] = STATES.today(Stored(self.name, schema, state))
        return type(self.initial).model_validate(today.payload)

    def fold(self, records: Iterable[Record], state: S | None = None) -> Fold[S]:
        """What `records` come to, after `state` where there is one; what this build cannot take in is left out."""
        after, left_out = self.initial if state is None else state, []
        for record in records:
            after, taken_in = self.take_in(after, record)
            if not taken_in:
                left_out.append(record)
        return Fold(after, tuple(left_out))

    def take_in(self, state: S, record: Record) -> tuple[S, bool]:
        """The state after `record`, and whether it could be taken in: if not, the version alone has moved.

        It could not if this build does not know it, or if it speaks of what was left out before it.
        """
        try:
            return self.evolve(state, record), not isinstance(record.event, UnknownEvent)
        except Exception:
            return state.but(version=record.seq), False

    def evolve(self, state: S, record: Record) -> S:
        """The state after `record`; the fold of a stream's records is the entity."""
        state = self._evolving[type(record.event)](state, record.event, record)
        return state.but(version=record.seq)

    def react(self, state: S, record: Record) -> Iterator[tuple[str, Effect]]:
        """What must be done about `record`, which led to `state`: each effect with the id it has for ever."""
        number = 0
        for branch in self._reacting.get(type(record.event), ()):
            for effect in branch(state, record.event, record):
                yield EffectId.written(f"{self.name}/{state.id}", record.seq, number), effect
                number += 1

    def awaited(self, state: S) -> Iterator[tuple[datetime, Callable[[], Event]]]:
        """Everything that will happen by itself if nobody acts: its time (UTC) and what makes its event."""
        for branch in self._awaiting:
            yield from branch(state)

    def next_deadline(self, state: S) -> datetime | None:
        """When time will next change something (UTC), or None."""
        return min((at for at, _ in self.awaited(state)), default=None)

    def _evolve_parts(self, state: S, event: SplitEvent, record: Record) -> S:
        for part in record.parts:
            state = self._evolving[type(part.event)](state, part.event, part)
        return state

    def _react_to_parts(self, state: S, event: SplitEvent, record: Record) -> Iterator[Effect]:
        for part in record.parts:
            for branch in self._reacting.get(type(part.event), ()):
                yield from branch(state, part.event, part)

    def _admit(self, state: S, command: Command, call: Calling, expected_version: int | None) -> None:
        if expected_version is not None and expected_version != state.version:
            refuse(
                "stale_version",
                f"This changed since you looked: it is at version {state.version}, you saw {expected_version}.",
                "Look again and send the command with the version you then see.",
            )
        state.admit(type(command), call)

    def _pass(self, state: S, command: Command, call: Calling) -> None:
        kind = type(command)
        for gate in self._gates.get(kind, ()):
            gate(state, call)
        if kind in self._choices:
            choice, named = self._choices[kind]
            ids = named(command)
            for id in ids if isinstance(ids, tuple) else (ids,):
                choice.gate(state, call, id)

    def _asked(self, state: S, command: type[Command], call: Calling) -> Availability:
        options: tuple[Option, ...] = ()
        missing: Missing | None = None
        field = self._choices[command][0].field if command in self._choices else None
        try:
            state.admit(command, call)
            for gate in self._gates.get(command, ()):
                gate(state, call)
            if field is not None:
                options = tuple(self._options(state, command, call))
                missing = self._none_of(state, command, call, options)
        except Rejection as refusal:
            missing = Missing.of(refusal)
        suggests = self._nexts.get(command)
        return Availability(
            command=command.name,
            heading=command.heading,
            missing=missing,
            field=field,
            options=options,
            next=missing is None
            and (any(option.next for option in options) or (suggests is not None and suggests(state, call))),
        )

    def _options(self, state: S, command: type[Command], call: Calling) -> Iterator[Option]:
        choice, _ = self._choices[command]
        suggests = self._nexts_of.get(command)
        for id in choice.among(state):
            whom = choice.whom(state, id)
            try:
                choice.gate(state, call, id)
            except Rejection as refusal:
                yield Option(id=id, candidate=whom, missing=Missing.of(refusal))
            else:
                yield Option(id=id, candidate=whom, next=suggests is not None and suggests(state, call, id))

    def _none_of(self, state: S, command: type[Command], call: Calling, options: Iterable[Option]) -> Missing | None:
        """What is missing where none of `options` would be taken: the latest that is theirs speaks for all."""
        missing: Missing | None = None
        for option in options:
            if option.missing is None:
                return None
            if missing is None or option.missing.code != "not_permitted":
                missing = option.missing
        if missing is None:
            self._choices[command][0].gate(state, call, "")
        return missing


class _Run(Generic[S]):
    """One performance under way: the state so far and what has been said."""

    def __init__(self, decider: Decider[S], state: S) -> None:
        self.decider, self.state = decider, state
        self.records: list[Record] = []
        self.effects: list[tuple[str, Effect]] = []

    def tick(self, now: datetime) -> datetime | None:
        """Decides everything that fell due up to `now`, oldest first, each stamped with its own deadline.

        Returns the nearest deadline after `now`, or None.
        """
        while True:
            nearest = min(self.decider.awaited(self.state), key=itemgetter(0), default=None)
            if nearest is None:
                return None
            at, makes = nearest
            if at > now:
                return at
            self.emit(makes(), at, "tick")

    def emit(self, event: Event, at: datetime, by: str) -> None:
        decider = self.decider
        before = self.state
        record = Record.of(before.version + 1, at, by, event)
        self.state = decider.evolve(before, record)
        self.records.append(record)
        self.effects += decider.react(self.state, record)
        for rule in decider._clock_rules.get(type(event), ()):
            for consequence in rule.consequences(before, self.state, event, at):
                self.emit(consequence, at, by)
