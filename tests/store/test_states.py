"""Entities folded from the journal for whoever asks what may be done."""

from __future__ import annotations

import asyncpg
import pytest

from domain.core.messages import Record
from domain.entity.state import Entity
from domain.registry import DECIDERS
from store import states as folding
from store.journal import Journal
from store.states import States
from tests.store.clock_entity import PROJECTIONS, RECORDS, STREAM, THING


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the events that are folded, as it happens."""
    seen: list[int] = []
    evolve = THING.evolve

    def noting(state: Entity, record: Record) -> Entity:
        seen.append(record.seq)
        return evolve(state, record)

    monkeypatch.setattr(THING, "evolve", noting)
    return seen


async def test_a_stream_is_folded_from_where_it_was_last_seen(
    pool: asyncpg.Pool, folded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "AT_ONCE", 3)
    journal, states = Journal(pool, PROJECTIONS), States(pool, {"thing": THING})
    assert await states.at(STREAM) == THING.initial
    await journal.append(STREAM, RECORDS[:4])
    assert await states.at(STREAM) == await journal.fold(STREAM)
    await journal.append(STREAM, RECORDS[4:])
    folded.clear()
    whole = await states.at(STREAM)
    assert folded == list(range(5, len(RECORDS) + 1))
    assert whole == await journal.fold(STREAM)


async def test_only_the_last_asked_for_are_kept(pool: asyncpg.Pool, folded: list[int]) -> None:
    journal, states = Journal(pool, PROJECTIONS), States(pool, {"thing": THING}, remembered=1)
    for stream in (STREAM, "thing/T-2"):
        await journal.append(stream, RECORDS)
        assert (await states.at(stream)).version == len(RECORDS)
    folded.clear()
    await states.at("thing/T-2")
    assert folded == []
    await states.at(STREAM)
    assert len(folded) == len(RECORDS)
    both = await states.several((STREAM, "thing/T-2"))
    assert {stream: state.version for stream, state in both.items()} == dict.fromkeys(both, len(RECORDS))


async def test_every_entity_can_be_asked_for(pool: asyncpg.Pool) -> None:
    states = States(pool, DECIDERS)
    for entity, decider in DECIDERS.items():
        assert await states.at(f"{entity}/NOBODY") == decider.initial
