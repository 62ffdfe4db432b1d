"""Decide, evolve, react: the grammar every entity of Tandem is written in.

An entity is a *decider*: plain data and pure functions. `decide` turns a command into events or refuses it, `evolve`
folds an event into the state, `react` says what must be done about it. Nothing here reads a clock, draws a random
number or touches the outside, so the same journal always folds to the same state.

The story of one command is `Decider.perform`: whatever fell due before `now` happens first, then the command, then the
clocks that its events start and stop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer, model_validator

if TYPE_CHECKING:
    from domain.clocks import ClockRule
    from domain.people import Actor, Facts
    from domain.state import Entity
    from domain.transcript import SourceText

CONTENT, STATE, PERMISSION = 422, 409, 403
"""What a refusal means to HTTP: the content does not allow it, the state does not, the actor may not."""

MARKS = {"*": CONTENT, "†": PERMISSION}
"""How `commands.md` marks a refusal code; a bare code is a matter of state."""


class Value(BaseModel):
    """Immutable data. Two values with the same content are equal; a change is a new value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def but(self, **changes: Any) -> Self:
        """A copy with `changes`; they are trusted, not validated, because rules have already seen them."""
        return _made(type(self), self.__dict__ | changes, self.__pydantic_fields_set__)


V = TypeVar("V", bound=Value)


def _made(kind: type[V], fields: dict[str, Any], named: set[str]) -> V:
    # What pydantic's model_copy comes to for a model without extras or private attributes, at a third of its cost:
    # a command makes some twenty copies.
    made = object.__new__(kind)
    object.__setattr__(made, "__dict__", fields)
    object.__setattr__(made, "__pydantic_fields_set__", named)
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


class Rejection(Exception):
    """A refused command: it changed nothing.

    `code` is the word of `commands.md`, `sentence` is for the person who asked, `accepted` says what would be allowed
    instead, and `field` names the part of the command that is meant, where there is one.
    """

    def __init__(self, code: str, sentence: str, accepted: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.accepted, self.field = code, sentence, accepted, field


def refuse(code: str, sentence: str, accepted: str, field: str | None = None) -> NoReturn:
    """Refuses the command at hand; reads well after an `if`."""
    raise Rejection(code, sentence, accepted, field)


def snake_case(name: str) -> str:
    """`SignRubric` → `sign_rubric`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def parse_refusals(marked: str) -> dict[str, int]:
    """`"locked vague_wording* same_person†"` → each code with its HTTP status."""
    return {word.rstrip("*†"): MARKS.get(word[-1], STATE) for word in marked.split()}


class Sources(Protocol):
    """The words of the documents that a command names."""

    def source(self, document_id: str) -> SourceText:
        """The normalised text of a document; raises Rejection `unknown_reference` if there is none."""


ALWAYS_POSSIBLE = {
    "unauthenticated": 401,
    "not_found": 404,
    **parse_refusals(
        "not_permitted† invalid* key_reused* stale_version closed on_hold erased unknown_reference* bad_time* "
        "already_done"
    ),
}
"""Refusals any command may meet, so that no command has to name them."""


class Command(Value):
    """What somebody asks for. The class is the schema, the form, the CLI verb and the endpoint.

    `who` lists the roles that may ask, `refuses` the codes in the marks of `commands.md`, `works` the states besides
    the ordinary one in which it is taken: `on_hold`, `after_end`, `erased`. A command without `who` is internal and
    has no endpoint.
    """

    name: ClassVar[str]
    entity: ClassVar[str]
    who: ClassVar[tuple[str, ...]]
    refusals: ClassVar[Mapping[str, int]]
    works: ClassVar[frozenset[str]]

    def __init_subclass__(cls, who: str = "", refuses: str = "", works: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = snake_case(cls.__name__)
        cls.who = tuple(who.split())
        cls.refusals = ALWAYS_POSSIBLE | parse_refusals(refuses)
        cls.works = frozenset(works.split())

    def grounded(self, sources: Sources) -> Self:
        """This command with its quotes aligned to their documents; rules over words are asked here, on plain text.

        Runs at the edge, before anything is sealed. Raises Rejection (`not_in_source`, `vague_…` and the like).
        """
        return self


class Tick(Command, works="on_hold after_end erased"):
    """Time has passed: whatever fell due is decided. Given by the shell's one timer."""


class Typed(Value):
    """A value whose class is kept beside its content, so that a list of many kinds can be stored and read back."""

    kinds: ClassVar[dict[str, type[Typed]]]
    type: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if Typed in cls.__bases__:
            cls.kinds = {}
            return
        cls.type = snake_case(cls.__name__)
        if cls.kinds.setdefault(cls.type, cls).__qualname__ != cls.__qualname__:
            raise TypeError(f"two kinds are called {cls.type}")

    @classmethod
    def revive(cls, type: str, payload: dict[str, Any]) -> Self:
        """The value of kind `type` with this stored payload; raises KeyError for an unknown kind."""
        kind = cls.kinds[type]
        assert issubclass(kind, cls)
        return kind.model_validate(payload)


class Event(Typed):
    """Something that happened. Never changed once journalled; an older `schema` is upcast when read."""

    schema_version: ClassVar[int] = 1


class Effect(Typed):
    """Something to be done about an event, outside: an activity does it, under an id of its own.

    Its `str` is a line for the reader of the engine's history: ids and kinds, nothing personal.
    """

    def __str__(self) -> str:
        return self.type.replace("_", " ")


class Record(Value):
    """An event with its place in the stream: `seq` from 1, `at` in UTC, `by` the actor's id (`tick` for time)."""

    seq: int
    at: datetime
    by: str
    event: Event

    @model_serializer(mode="wrap")
    def _with_type(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        return fields | {"type": self.event.type, "event": self.event.model_dump(mode="json")}

    @model_validator(mode="before")
    @classmethod
    def _from_type(cls, data: Any) -> Any:
        if isinstance(data, dict) and "type" in data:
            event = Event.revive(data["type"], data["event"])
            return {key: value for key, value in data.items() if key != "type"} | {"event": event}
        return data


_RECORD_FIELDS = set(Record.model_fields)


class Call:
    """Who asks, when (UTC), and what was looked up for them on the way in."""

    __slots__ = ("actor", "facts", "now")

    def __init__(self, actor: Actor, now: datetime, facts: Facts) -> None:
        self.actor, self.now, self.facts = actor, now, facts


S = TypeVar("S", bound="Entity")
C = TypeVar("C", bound=Command)
E = TypeVar("E", bound=Event)

Decides = Callable[[S, C, Call], Iterable[Event]]
Evolves = Callable[[S, E, Record], S]
Reacts = Callable[[S, E, Record], Iterable[Effect]]
Awaits = Callable[[S], Iterable[tuple[datetime, Callable[[], Event]]]]


class Chapter(Generic[S]):
    """One idea of an entity's life: its branches of decide, evolve and react, and what it waits for by itself."""

    def __init__(self) -> None:
        self.deciding: dict[type[Command], Decides[S, Any]] = {}
        self.evolving: dict[type[Event], Evolves[S, Any]] = {}
        self.reacting: dict[type[Event], list[Reacts[S, Any]]] = {}
        self.awaiting: list[Awaits[S]] = []

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
    """What a command came to: the state after it, what is to be journalled, and each effect with its id."""

    state: S
    records: list[Record] = field(default_factory=list)
    effects: list[tuple[str, Effect]] = field(default_factory=list)


class Decider(Generic[S]):
    """An entity's whole behaviour, assembled from its chapters."""

    def __init__(self, name: str, initial: S, chapters: Iterable[Chapter[S]], clocks: Iterable[ClockRule[S]]) -> None:
        self.name = name
        self.initial = initial
        self.commands: dict[str, type[Command]] = {}
        self._deciding: dict[type[Command], Decides[S, Any]] = {}
        self._evolving: dict[type[Event], Evolves[S, Any]] = {}
        self._reacting: dict[type[Event], list[Reacts[S, Any]]] = {}
        self._awaiting: list[Awaits[S]] = []
        self._clock_rules: dict[type[Event], list[ClockRule[S]]] = {}
        for chapter in chapters:
            self._deciding |= chapter.deciding
            self._evolving |= chapter.evolving
            self._awaiting += chapter.awaiting
            for event, branches in chapter.reacting.items():
                self._reacting.setdefault(event, []).extend(branches)
        for rule in clocks:
            for event in rule.events:
                self._clock_rules.setdefault(event, []).append(rule)
        self.commands = {command.name: command for command in self._deciding} | {Tick.name: Tick}

    def perform(self, state: S, command: Command, call: Call, expected_version: int | None = None) -> Outcome[S]:
        """What fell due before `call.now`, then `command`, then the clocks they move.

        Two calls with equal arguments have equal outcomes. Raises Rejection, having changed nothing.
        """
        run = _Run(self, state)
        run.tick(call.now)
        if type(command) is not Tick:
            self._admit(run.state, command, call, expected_version)
            for event in list(self._deciding[type(command)](run.state, command, call)):
                run.emit(event, call.now, call.actor.id)
            run.tick(call.now)
        return Outcome(run.state, run.records, run.effects)

    def evolve(self, state: S, record: Record) -> S:
        """The state after `record`; the fold of a stream's records is the entity."""
        state = self._evolving[type(record.event)](state, record.event, record)
        return state.but(version=record.seq)

    def react(self, state: S, record: Record) -> Iterator[tuple[str, Effect]]:
        """What must be done about `record`, which led to `state`: each effect with the id it has for ever."""
        number = 0
        for branch in self._reacting.get(type(record.event), ()):
            for effect in branch(state, record.event, record):
                yield f"{self.name}/{state.id}/{record.seq}/{number}", effect
                number += 1

    def awaited(self, state: S) -> Iterator[tuple[datetime, Callable[[], Event]]]:
        """Everything that will happen by itself if nobody acts: its time (UTC) and what makes its event."""
        for branch in self._awaiting:
            yield from branch(state)

    def next_deadline(self, state: S) -> datetime | None:
        """When time will next change something (UTC), or None."""
        return min((at for at, _ in self.awaited(state)), default=None)

    def _admit(self, state: S, command: Command, call: Call, expected_version: int | None) -> None:
        if expected_version is not None and expected_version != state.version:
            refuse(
                "stale_version",
                f"This changed since you looked: it is at version {state.version}, you saw {expected_version}.",
                "Look again and send the command with the version you then see.",
            )
        state.admit(command, call)


class _Run(Generic[S]):
    """One performance under way: the state so far and what has been said."""

    def __init__(self, decider: Decider[S], state: S) -> None:
        self.decider, self.state = decider, state
        self.records: list[Record] = []
        self.effects: list[tuple[str, Effect]] = []

    def tick(self, now: datetime) -> None:
        """Decides everything that fell due up to `now`, oldest first, each stamped with its own deadline."""
        while True:
            due = min(
                (pair for pair in self.decider.awaited(self.state) if pair[0] <= now),
                key=lambda pair: pair[0],
                default=None,
            )
            if due is None:
                return
            self.emit(due[1](), due[0], "tick")

    def emit(self, event: Event, at: datetime, by: str) -> None:
        decider = self.decider
        before = self.state
        record = _made(Record, {"seq": before.version + 1, "at": at, "by": by, "event": event}, _RECORD_FIELDS)
        self.state = decider.evolve(before, record)
        self.records.append(record)
        self.effects += decider.react(self.state, record)
        for rule in decider._clock_rules.get(type(event), ()):
            for consequence in list(rule.consequences(before, self.state, event, at)):
                self.emit(consequence, at, by)
