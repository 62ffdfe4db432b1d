"""Decide, evolve, react: the grammar every entity of Tandem is written in.

An entity is a *decider*: plain data and pure functions. `decide` turns a command into events or refuses it, `evolve`
folds an event into the state, `react` says what must be done about it. Nothing here reads a clock, draws a random
number or touches the outside, so the same journal always folds to the same state.

These are the words; `domain.core.decider` puts them together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, Generic, Literal, NoReturn, Protocol, Self, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer, model_validator

from domain.core.carriage import Carriage
from domain.core.lookups import Lookup, Subject
from domain.core.source_text import SourceText
from domain.core.upcasting import EFFECTS, EVENTS, Stored, Upcasters

CONTENT, STATE, PERMISSION = 422, 409, 403
"""What a refusal means to HTTP: the content does not allow it, the state does not, the actor may not."""

MARKS = {"*": CONTENT, "†": PERMISSION}
"""How `commands.md` marks a refusal code; a bare code is a matter of state."""


def label_of(name: str) -> str:
    """What a field is called where it does not say so itself: `candidate_ids` → `Candidates`."""
    words = re.sub(r"_ids?$", lambda ending: "s" if ending[0] == "_ids" else "", name).replace("_", " ")
    return words[:1].upper() + words[1:]


_NOTHING_MORE: dict[str, Any] = {}
"""What a value has besides its fields: nothing, shared by all."""

# A value refuses to be changed; where one is made, its slots are filled directly, which is also what is quickest.
_set_fields = vars(BaseModel)["__dict__"].__set__
_set_named = vars(BaseModel)["__pydantic_fields_set__"].__set__
_set_more = vars(BaseModel)["__pydantic_extra__"].__set__
_set_private = vars(BaseModel)["__pydantic_private__"].__set__


class Value(BaseModel):
    """Immutable data. Two values with the same content are equal; a change is a new value.

    Fields that another build stored and this one does not know are kept out of the way, and are written out again as
    they came: a build that is put back loses nothing of what a newer one knew. What people write is read with
    `extra="forbid"`: there a field that there is not is a mistake.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        json_schema_extra={"additionalProperties": False},
        field_title_generator=lambda name, _: label_of(name),
    )

    def but(self, **changes: Any) -> Self:
        """A copy with `changes`; they are trusted, not validated, because rules have already seen them."""
        return _made(type(self), self.__dict__ | changes, self.__pydantic_fields_set__, self.__pydantic_extra__)

    def model_post_init(self, _context: Any) -> None:
        """Which fields were given is one of a few sets. Kept once each, they are no longer half of a state's memory."""
        _set_named(self, _one_set(frozenset(self.__pydantic_fields_set__)))
        if not self.__pydantic_extra__:
            _set_more(self, _NOTHING_MORE)


class SparseValue(Value):
    """Written without the fields that say nothing, so that whoever looks at it in the engine sees what it says."""

    @model_serializer(mode="wrap")
    def _what_it_says(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        silent = {name for name, field in type(self).model_fields.items() if getattr(self, name) == field.default}
        return {name: said for name, said in write(self).items() if name not in silent}


@lru_cache(maxsize=4_096)
def _one_set(names: frozenset[str]) -> set[str]:
    return set(names)


V = TypeVar("V", bound=Value)


def _made(kind: type[V], fields: dict[str, Any], named: set[str], more: dict[str, Any] | None = _NOTHING_MORE) -> V:
    # What pydantic's model_copy comes to for a model without private attributes, at a third of its cost: a command
    # makes some twenty copies.
    made = object.__new__(kind)
    _set_fields(made, fields)
    _set_named(made, named)
    _set_more(made, more)
    _set_private(made, None)
    return made


class OneCopy(Generic[V]):
    """Gives the same object for all values that are equal by `key`: a validator that saves memory, and nothing else.

    Thousands of entities hold the same few policies and calendars.
    """

    def __init__(self, key: Callable[[V], Hashable], at_most: int = 4_096) -> None:
        self._key, self._at_most = key, at_most
        self._copies: dict[Hashable, V] = {}
        self._known: set[int] = set()

    def __call__(self, value: V) -> V:
        if id(value) in self._known:
            return value
        if len(self._copies) >= self._at_most:
            self._copies.clear()
            self._known.clear()
        copy = self._copies.setdefault(self._key(value), value)
        self._known.add(id(copy))
        return copy


class Rejection(Exception):
    """A refused command: it changed nothing.

    `code` is the word of `commands.md`, `sentence` is for the person who asked, `accepted` says what would be allowed
    instead, and `field` names the part of the command that is meant, where there is one. `also` is what else is wrong
    with it, where that is known as well: people mend everything at once.
    """

    def __init__(
        self, code: str, sentence: str, accepted: str, field: str | None = None, also: tuple[Rejection, ...] = ()
    ) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.accepted, self.field, self.also = code, sentence, accepted, field, also


def refuse(code: str, sentence: str, accepted: str, field: str | None = None) -> NoReturn:
    """Refuses the command at hand; reads well after an `if`."""
    raise Rejection(code, sentence, accepted, field)


class Refusals:
    """Gathers what is wrong with a command, so that all of it is said at once.

    Each `with refusals:` is one thing to look at: what it refuses is kept, and the next is looked at.
    """

    def __init__(self) -> None:
        self.found: list[Rejection] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: Any, refusal: BaseException | None, _trace: Any) -> bool:
        if isinstance(refusal, Rejection):
            self.found.append(refusal)
            return True
        return False

    def raise_all(self) -> None:
        """Refuses with what was found, if anything was: the first, and the others beside it."""
        if self.found:
            first, *others = self.found
            raise Rejection(first.code, first.sentence, first.accepted, first.field, (*first.also, *others))


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


Begins = Literal["never", "itself", "if_absent"]
"""Whether an entity begins with a command: never, always (it has no id before), or where it is not there yet."""


class Command(Value):
    """What somebody asks for. The class is the schema, the form, the CLI verb and the endpoint.

    `who` lists the roles that may ask, `refuses` the codes in the marks of `commands.md`, `works` the states besides
    the ordinary one in which it is taken: `on_hold`, `after_end`, `erased`. A command without `who` is internal and
    has no endpoint. `heading` and `button` are what people read on its form; its fields' labels and help are their
    `title` and `description`. `begins` says whether an entity begins with it, `draft` names the draft job whose words
    it confirms or changes.
    """

    name: ClassVar[str]
    who: ClassVar[tuple[str, ...]]
    refusals: ClassVar[Mapping[str, int]]
    works: ClassVar[frozenset[str]]
    heading: ClassVar[str]
    button: ClassVar[str]
    begins: ClassVar[Begins]
    draft_job: ClassVar[str | None]

    def __init_subclass__(
        cls,
        who: str = "",
        refuses: str = "",
        works: str = "",
        heading: str = "",
        button: str = "",
        begins: Begins = "never",
        draft: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if begins not in get_args(Begins):
            raise TypeError(f"{cls.__name__} begins {begins}")
        cls.name = snake_case(cls.__name__)
        cls.who = tuple(who.split())
        cls.refusals = ALWAYS_POSSIBLE | parse_refusals(refuses)
        cls.works = frozenset(works.split())
        cls.heading = heading or label_of(cls.name)
        cls.button = button or cls.heading
        cls.begins, cls.draft_job = begins, draft

    def grounded(self, sources: Sources) -> Self:
        """This command with its quotes aligned to their documents; rules over words are asked here, on plain text.

        Runs at the edge, before anything is sealed. Raises Rejection (`not_in_source`, `vague_…` and the like).
        """
        return self

    def looks_up(self) -> Iterable[Lookup]:
        """What has to be looked up for it, besides the people and documents it names."""
        return ()

    def sealed_under(self) -> Subject | None:
        """Whose key its personal texts go under; None for those of the entity it is given to."""
        return None

    def belongs_to(self) -> str | None:
        """The id of the entity that takes it, where that may be another than the one it was sent to."""
        return None


class Tick(Command, works="on_hold after_end erased"):
    """Time has passed: whatever fell due is decided. Given by the shell's one timer."""


class Typed(Value):
    """A value whose class is kept beside its content, so that a list of many kinds can be stored and read back.

    `schema_version` is the schema it is written in; what was written in an older one is upcast when it is read.
    """

    kinds: ClassVar[dict[str, type[Typed]]]
    upcasters: ClassVar[Upcasters]
    type: ClassVar[str]
    schema_version: ClassVar[int] = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if Typed in cls.__bases__:
            cls.kinds = {}
            return
        cls.type = snake_case(cls.__name__)
        if cls.kinds.setdefault(cls.type, cls).__qualname__ != cls.__qualname__:
            raise TypeError(f"two kinds are called {cls.type}")

    @property
    def stored(self) -> Stored:
        """How it is written."""
        return Stored(self.type, self.schema_version, self.model_dump(mode="json"))

    @classmethod
    def revive(cls, type: str, payload: dict[str, Any], schema: int = 1) -> Self:
        """The value of kind `type` with this payload, stored in this schema. What cannot be read is kept as it is."""
        stored = Stored(type, schema, payload)
        try:
            today = cls.upcasters.today(stored)
            return cls._of_one(today[0]) if len(today) == 1 else cls._of_several(stored, today)
        except Exception:  # whatever a validator of today makes of another build's content
            return cls._unread(stored)

    @classmethod
    def _of_one(cls, stored: Stored) -> Self:
        kind = cls.kinds.get(stored.kind)
        if kind is None or stored.schema > kind.schema_version:
            return cls._unread(stored)
        return cast(Self, kind.model_validate(stored.payload))

    @classmethod
    def _of_several(cls, stored: Stored, today: list[Stored]) -> Self:
        return cls._unread(stored)

    @classmethod
    def _unread(cls, stored: Stored) -> Self:
        raise NotImplementedError


class Event(Typed):
    """Something that happened. Never changed once journalled; an older `schema` is upcast when read.

    `heading` says it in words people use, where its kind does not.
    """

    upcasters = EVENTS
    heading: ClassVar[str] = ""

    def __init_subclass__(cls, heading: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.heading = heading or cls.type.replace("_", " ")

    @classmethod
    def heading_of(cls, kind: str) -> str:
        """What happened when an event of this kind did, in words; of one that this build does not know, its name."""
        known = cls.kinds.get(kind)
        return known.heading if known is not None and issubclass(known, Event) else kind.replace("_", " ")

    @classmethod
    def _of_several(cls, stored: Stored, today: list[Stored]) -> Self:
        parts = tuple(Event._of_one(one) for one in today)
        if any(isinstance(part, UnknownEvent) for part in parts):
            return cls._unread(stored)
        return cast(Self, SplitEvent(was=stored, parts=parts))

    @classmethod
    def _unread(cls, stored: Stored) -> Self:
        return cast(Self, UnknownEvent(was=stored))


class UnknownEvent(Event):
    """An event that this build cannot read: of a newer one, after a roll-back. It moves nothing but the version.

    It is written out again as it `was`, for the build that can.
    """

    was: Stored

    @property
    def stored(self) -> Stored:
        """How it was written."""
        return self.was


class SplitEvent(Event):
    """What was once one event and is several today, or none: they follow each other under its number.

    It is written out again as it `was`, so that it stays one.
    """

    was: Stored
    parts: tuple[Event, ...]

    @property
    def stored(self) -> Stored:
        """How it was written."""
        return self.was


class Effect(Typed):
    """Something to be done about an event, outside: an activity does it, under an id of its own, as `carriage` says.

    Its `str` is a line for the reader of the engine's history: ids and kinds, nothing personal.
    """

    carriage: ClassVar[Carriage]
    upcasters = EFFECTS

    @classmethod
    def _unread(cls, stored: Stored) -> Self:
        return cast(Self, UnknownEffect(was=stored))

    def __str__(self) -> str:
        return self.type.replace("_", " ")


class UnknownEffect(Effect):
    """An effect that this build cannot carry out, of a newer one: it waits as it `was` for the build that can."""

    was: Stored

    @property
    def stored(self) -> Stored:
        """How it was written."""
        return self.was


class Record(Value):
    """An event with its place in the stream: `seq` from 1, `at` in UTC, `by` the actor's id (`tick` for time)."""

    seq: int
    at: datetime
    by: str
    event: Event

    @classmethod
    def of(cls, seq: int, at: datetime, by: str, event: Event) -> Record:
        """A record of parts that are known to be right."""
        return _made(cls, {"seq": seq, "at": at, "by": by, "event": event}, _RECORD_FIELDS)

    @property
    def parts(self) -> tuple[Record, ...]:
        """Itself; of what is several events today, a record each, all under its number."""
        event = self.event
        return tuple(self.but(event=part) for part in event.parts) if isinstance(event, SplitEvent) else (self,)

    @model_serializer(mode="wrap")
    def _with_type(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        kind, schema, payload = self.event.stored
        # Every event was in schema 1 before there was another; builds of that time know of no such field.
        return fields | {"type": kind, "event": payload} | ({"schema": schema} if schema != 1 else {})

    @model_validator(mode="before")
    @classmethod
    def _from_type(cls, data: Any) -> Any:
        if isinstance(data, dict) and "type" in data:
            event = Event.revive(data["type"], data["event"], data.get("schema", 1))
            return {key: value for key, value in data.items() if key not in ("type", "schema")} | {"event": event}
        return data


_RECORD_FIELDS = set(Record.model_fields)
