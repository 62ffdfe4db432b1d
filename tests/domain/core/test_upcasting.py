"""What other builds stored: renamed, split, grown and shrunk, read as today; what is not known is kept as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from domain.core.decider import Chapter, Decider
from domain.core.messages import Effect, Event, Record, SplitEvent, UnknownEffect, UnknownEvent
from domain.core.upcasting import EFFECTS, STATES, Stored, Upcasters
from domain.entity.effects import Notify
from domain.entity.state import Entity
from testing.people import MONDAY, POLICY, RECRUITER


class Shelf(Entity):
    """Where books stand."""

    state_schema = 2

    books: tuple[str, ...] = ()
    lent: dict[str, str] = {}


class BookPlaced(Event):
    """A book stands there. It was called `book_put` once, and its title `name`; nobody says its colour any more."""

    schema_version = 3

    title: str
    language: str
    shelf: str = "the first"


class BookLent(Event):
    """Somebody has it."""

    title: str
    to: str


shelving: Chapter[Shelf] = Chapter()


@shelving.evolves(BookPlaced)
def placed(state: Shelf, event: BookPlaced, record: Record) -> Shelf:
    return state.but(books=(*state.books, event.title))


@shelving.evolves(BookLent)
def lent(state: Shelf, event: BookLent, record: Record) -> Shelf:
    assert event.title in state.books
    return state.but(lent=state.lent | {event.title: event.to})


@shelving.reacts(BookPlaced, BookLent)
def say_so(state: Shelf, event: Event, record: Record) -> Iterator[Effect]:
    yield Notify(person=RECRUITER, matter=event.type)


SHELF = Decider("shelf", Shelf(), (shelving,), ())


@pytest.fixture(autouse=True)
def _upcasters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worked examples, as they would stand in `domain/core/upcasting.py`."""
    events = Upcasters()
    monkeypatch.setattr(Event, "upcasters", events)

    @events.upcasts("book_put", becomes=("book_placed",))
    def renamed_event(payload: dict[str, Any]) -> Iterator[Stored]:
        yield Stored("book_placed", 1, payload)

    @events.upcasts("book_placed")
    def renamed_field(payload: dict[str, Any]) -> Iterator[Stored]:
        payload["title"] = payload.pop("name")
        yield Stored("book_placed", 2, payload)

    @events.upcasts("book_placed", schema=2)
    def new_mandatory_fact(payload: dict[str, Any]) -> Iterator[Stored]:
        yield Stored("book_placed", 3, {"language": "English"} | payload)

    @events.upcasts("book_placed_and_lent", becomes=("book_placed", "book_lent"))
    def split(payload: dict[str, Any]) -> Iterator[Stored]:
        yield Stored("book_placed", 2, {"title": payload["title"]})
        yield Stored("book_lent", 1, {"title": payload["title"], "to": payload["to"]})

    @events.upcasts("book_dusted")
    def no_longer_of_interest(payload: dict[str, Any]) -> Iterator[Stored]:
        yield from ()


def stored(kind: str, payload: dict[str, Any], seq: int = 1, schema: int = 1) -> dict[str, Any]:
    """A record as a build of that time carried it."""
    older = {"schema": schema} if schema != 1 else {}
    return {"seq": seq, "at": MONDAY.isoformat(), "by": RECRUITER, "type": kind, "event": payload} | older


def read(*written: dict[str, Any]) -> list[Record]:
    return [Record.model_validate(one) for one in written]


@pytest.mark.parametrize(
    ("kind", "payload", "schema"),
    [
        ("book_put", {"name": "Emma", "colour": "red"}, 1),
        ("book_placed", {"name": "Emma"}, 1),
        ("book_placed", {"title": "Emma"}, 2),
        ("book_placed", {"title": "Emma", "language": "English"}, 3),
    ],
)
def test_every_shape_there_ever_was_is_read_as_todays(kind: str, payload: dict[str, Any], schema: int) -> None:
    [record] = read(stored(kind, payload, schema=schema))

    event = record.event
    assert isinstance(event, BookPlaced)
    assert (event.title, event.language, event.shelf) == ("Emma", "English", "the first")
    again = record.model_dump(mode="json")
    assert (again["type"], again["schema"]) == ("book_placed", 3)
    assert Record.model_validate(again) == record


def test_a_field_that_is_gone_is_kept_out_of_the_way_and_written_out_again() -> None:
    [record] = read(stored("book_put", {"name": "Emma", "colour": "red"}))

    assert record.event.stored.payload["colour"] == "red"
    assert SHELF.fold([record]).state.books == ("Emma",)


def test_one_event_that_is_several_today_keeps_its_number_and_its_writing() -> None:
    written = stored("book_placed_and_lent", {"title": "Emma", "to": "Ana"})
    [record] = read(written)

    state = SHELF.fold([record]).state

    assert (state.version, state.books, state.lent) == (1, ("Emma",), {"Emma": "Ana"})
    effects = dict(SHELF.react(state.but(id="S-1"), record))
    assert {id: effect.matter for id, effect in effects.items() if isinstance(effect, Notify)} == {
        "shelf/S-1/1/0": "book_placed",
        "shelf/S-1/1/1": "book_lent",
    }
    assert [part.event.type for part in record.parts] == ["book_placed", "book_lent"]
    assert record.model_dump(mode="json") == Record.model_validate(written).model_dump(mode="json")
    assert record.event.stored == Stored("book_placed_and_lent", 1, {"title": "Emma", "to": "Ana"})


def test_an_event_that_says_nothing_today_moves_the_version_alone() -> None:
    [record] = read(stored("book_dusted", {"with": "a cloth"}))

    fold = SHELF.fold([record])

    assert isinstance(record.event, SplitEvent)
    assert (fold.state, fold.left_out) == (Shelf(version=1), ())


@pytest.mark.parametrize(
    ("kind", "payload", "schema"),
    [
        ("book_burnt", {"by": "the fire brigade"}, 1),
        ("book_placed", {"heading": "Emma", "language": "English"}, 4),
        ("book_lent", {"titles": ["Emma"]}, 1),
    ],
    ids=["a new kind", "a newer schema", "what cannot be read"],
)
def test_an_event_of_a_newer_build_moves_the_version_alone_and_is_written_out_as_it_came(
    kind: str, payload: dict[str, Any], schema: int
) -> None:
    written = stored(kind, payload, schema=schema)
    [record] = read(written)

    fold = SHELF.fold([record])

    assert isinstance(record.event, UnknownEvent)
    assert (fold.state, fold.left_out) == (Shelf(version=1), (record,))
    assert list(SHELF.react(fold.state, record)) == []
    again = record.model_dump(mode="json")
    assert (again["type"], again["event"], again.get("schema", 1)) == (kind, payload, schema)


def test_what_speaks_of_something_that_was_left_out_is_left_out_too_and_the_rest_counts() -> None:
    records = read(
        stored("book_placed", {"heading": "Emma"}, seq=1, schema=4),
        stored("book_lent", {"title": "Emma", "to": "Ana"}, seq=2),
        stored("book_placed", {"name": "Persuasion"}, seq=3),
    )

    fold = SHELF.fold(records)

    assert (fold.state.version, fold.state.books, fold.state.lent) == (3, ("Persuasion",), {})
    assert fold.left_out == tuple(records[:2])


def test_what_is_looked_for_in_the_journal_is_looked_for_under_its_old_names_too() -> None:
    assert Event.upcasters.stored_as(["book_placed"]) == {"book_placed", "book_put", "book_placed_and_lent"}
    assert Event.upcasters.stored_as(["book_lent"]) == {"book_lent", "book_placed_and_lent"}


def test_a_state_is_upcast_by_its_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(STATES, "_steps", {})

    @STATES.upcasts("shelf")
    def books_had_another_name(state: dict[str, Any]) -> Iterator[Stored]:
        yield Stored("shelf", 2, state | {"books": state.pop("volumes")})

    assert SHELF.read({"version": 3, "volumes": ["Emma"]}).books == ("Emma",)
    assert SHELF.read({"version": 3, "books": ["Emma"]}, schema=2).books == ("Emma",)


def test_what_a_newer_build_knew_goes_through_this_one_unharmed() -> None:
    newer = POLICY.model_dump(mode="json") | {"fair_hours": {"from": "09:00"}}
    state = SHELF.read({"version": 3, "books": ["Emma"], "wishes": {"Ana": "Persuasion"}, "policy": newer}, schema=2)

    went_on = SHELF.fold(read(stored("book_placed", {"name": "Persuasion"}, seq=4)), state).state

    carried = went_on.model_dump(mode="json")
    assert (carried["books"], carried["wishes"]) == (["Emma", "Persuasion"], {"Ana": "Persuasion"})
    assert carried["policy"]["fair_hours"] == {"from": "09:00"}


def test_an_effect_of_another_build_is_upcast_or_waits_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EFFECTS, "_steps", {})

    @EFFECTS.upcasts("whisper")
    def whispers_are_notifications(payload: dict[str, Any]) -> Iterator[Stored]:
        yield Stored("notify", 1, payload | {"matter": "clock_started"})

    whisper = Effect.revive("whisper", {"person": RECRUITER})
    assert whisper == Notify(person=RECRUITER, matter="clock_started")
    fax = Effect.revive("fax", {"to": "555"}, 2)
    assert isinstance(fax, UnknownEffect)
    assert fax.stored == Stored("fax", 2, {"to": "555"})
