"""Today's code reads whatever a release wrote: its journals, what its runs carry on, its effects and policies."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.core.messages import Effect, Event, Record, SplitEvent, Tick, UnknownEffect, UnknownEvent
from domain.entity.call import NO_FACTS, Call
from domain.registry import DECIDERS
from domain.sla.policy import Policy
from testing.people import TICK
from tests.replay.gate import state_difference
from tests.replay.recording import recorded, releases
from tests.replay.stored import Stored, stored_releases
from tests.replay.test_replay import MOVED_ON
from workflows.contract import JOURNAL, Carried, JournalBatch, entity_of
from workflows.policies import options

NEWEST = releases()[-1]
UNREAD = {kind.type for kind in (UnknownEvent, SplitEvent, UnknownEffect)}
"""What stands for a value that is kept as it was written."""

MUCH_LATER = timedelta(days=400)


@pytest.fixture(scope="module", params=stored_releases())
def stored(request: pytest.FixtureRequest) -> Stored:
    return Stored.read(request.param)


def record_of(row: dict[str, Any]) -> Record:
    """A record of its row in the journal."""
    event = Event.revive(row["kind"], row["payload"], row["schema"])
    return Record(seq=row["seq"], at=row["at"], by=row["by"], event=event)


def called(sample: dict[str, Any]) -> dict[str, Any]:
    """A sample as `revive` takes it."""
    return {"type": sample["kind"], "payload": sample["payload"], "schema": sample["schema"]}


def test_every_event(stored: Stored) -> None:
    for sample in stored.events:
        assert not isinstance(Event.revive(**called(sample)), UnknownEvent), f"cannot be read any more: {sample}"


def test_every_effect_and_where_it_is_carried_out(stored: Stored) -> None:
    for sample in stored.effects:
        effect = Effect.revive(**called(sample))
        assert not isinstance(effect, UnknownEffect), f"cannot be read any more: {sample}"
        assert str(effect), "the engine's history says what is done"
        assert options(effect.carriage)["task_queue"]


def test_every_policy(stored: Stored) -> None:
    for policy in stored.policies:
        Policy.model_validate(policy)


def test_every_carried_state_is_gone_on_with(stored: Stored) -> None:
    for sample in stored.carried:
        goes_on(sample["stream"], Carried.model_validate(sample["carried"]))


def test_every_journal_folds_to_the_state_it_did(stored: Stored) -> None:
    for journal in stored.journals:
        assert_folds(journal["stream"], [record_of(row) for row in journal["events"]], journal["state"])


LIVES = [(release, name) for release in releases() for name in recorded(release)]


@pytest.mark.parametrize(("release", "name"), LIVES)
def test_what_a_recorded_life_journalled_folds_to_where_it_came(release: str, name: str) -> None:
    runs = recorded(release)[name]
    batches = [order["args"][0] for run in runs for order in run.decided.asked if order["activity"] == JOURNAL]

    records = {record.seq: record for batch in batches for record in JournalBatch.model_validate(batch).records}

    assert list(records) == list(range(1, len(records) + 1))
    if release in MOVED_ON:
        assert folded(runs[0].stream, records.values()).version == len(records)
    else:
        assert_folds(runs[0].stream, records.values(), runs[-1].decided.state)


@pytest.mark.parametrize(("release", "name"), LIVES)
def test_what_a_recorded_run_handed_on_is_gone_on_with(release: str, name: str) -> None:
    for run in recorded(release)[name][1:]:
        began = run.history.events[0].workflow_execution_started_event_attributes
        goes_on(run.stream, Carried.model_validate_json(began.input.payloads[0].data))


def goes_on(stream: str, carried: Carried) -> None:
    """What a run begins with can be read, and time goes on with it."""
    decider = DECIDERS[entity_of(stream)[0]]
    assert carried.state is not None
    state = decider.read(carried.state, carried.state_schema)
    for order in carried.undone:
        assert not isinstance(order.effect, UnknownEffect)
        assert options(order.effect.carriage)["task_queue"]
    decider.perform(state, Tick(), Call(TICK, datetime.now(UTC) + MUCH_LATER, NO_FACTS))


def folded(stream: str, records: Iterable[Record]) -> Any:
    """The state that the records come to."""
    fold = DECIDERS[entity_of(stream)[0]].fold(records)
    assert not fold.left_out, f"cannot be read any more: {fold.left_out[0]}"
    return fold.state


def assert_folds(stream: str, records: Iterable[Record], state: dict[str, Any]) -> None:
    """The records fold to the state that was recorded, as today's code reads it: fields that are new may be filled."""
    come_to = folded(stream, records)
    assert state_difference(stream, state, come_to.model_dump(mode="json")) is None


def test_every_kind_is_among_what_the_newest_release_wrote() -> None:
    newest = Stored.read(NEWEST)
    for kinds, samples in ((Event.kinds, newest.events), (Effect.kinds, newest.effects)):
        ours = {kind for kind, value in kinds.items() if value.__module__.startswith("domain.")} - UNREAD
        missing = ours - {sample["kind"] for sample in samples}
        assert not missing, f"record this build (python -m tests.replay.record RELEASE): no sample of {sorted(missing)}"
