"""Every effect is carried out by somebody, and what goes wrong there is not told to the engine in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import composition
from activities.registry import Activity, activities_of, carries
from domain.core.messages import Effect
from domain.entity.effects import EFFECTS, DestroyKey, Notify
from settings import Settings
from tests.activities.letter_fixtures import Office
from workflows.contract import QUEUES, EffectOrder, EffectResult
from workflows.policies import options


class Clumsy:
    """Says too much when it fails."""

    @carries(DestroyKey)
    async def destroy_key(self, order: EffectOrder, effect: DestroyKey) -> EffectResult:
        raise ValueError(f"Anna Sjöberg's key {effect.key} is stuck")


def order(**payload: str) -> EffectOrder:
    return EffectOrder(
        id="candidate/C-1/2/0",
        stream="candidate/C-1",
        decided_at=datetime(2026, 3, 2, tzinfo=UTC),
        type="destroy_key",
        payload=payload,
    )


def test_every_effect_has_its_activity_under_its_own_name(
    office: Office, at_the_office: Settings, client: Client
) -> None:
    carried: dict[type[Effect], Activity] = office.activities(at_the_office, client)
    told = {kind: vars(do.__func__)["__temporal_activity_definition"] for kind, do in carried.items()}  # type: ignore[attr-defined]
    assert {kind.type: one.name for kind, one in told.items()} == {kind.type: kind.type for kind in EFFECTS}
    assert all((one.arg_types, one.ret_type) == ([EffectOrder], EffectResult) for one in told.values())


def test_a_worker_does_not_start_where_an_effect_has_no_activity(
    office: Office, at_the_office: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "EFFECTS", (*EFFECTS, Effect))
    monkeypatch.setattr(Effect, "type", "unheard_of", raising=False)
    with pytest.raises(RuntimeError, match="unheard_of"):
        office.activities(at_the_office, client)


def test_two_activities_of_one_effect_are_refused() -> None:
    with pytest.raises(TypeError, match="destroy_key"):
        activities_of(Clumsy(), Clumsy())


@pytest.mark.parametrize("kind", EFFECTS, ids=lambda kind: kind.type)
def test_the_engine_is_told_what_the_effect_says(kind: type[Effect]) -> None:
    carriage, told = kind.carriage, options(kind.carriage)
    assert told["task_queue"] == QUEUES[carriage.queue]
    assert (told["start_to_close_timeout"], told["schedule_to_close_timeout"]) == (carriage.attempt, carriage.tried_for)
    assert told["retry_policy"].maximum_interval == carriage.longest_pause
    # Whoever works longer than a minute says that they live: else nobody would notice for minutes that they died.
    assert (carriage.heartbeat is None) == (carriage.attempt.total_seconds() <= 60)


@pytest.mark.parametrize(("payload", "kind"), [({"key": "H-1"}, "ValueError"), ({"person": "Anna"}, "ValidationError")])
async def test_what_goes_wrong_leaves_by_its_kind_alone(payload: dict[str, str], kind: str) -> None:
    with pytest.raises(ApplicationError) as failed:
        await ActivityEnvironment().run(Clumsy().destroy_key, order(**payload))
    assert (failed.value.type, failed.value.message) == (kind, kind)
    assert failed.value.__cause__ is None
    assert "Anna" not in repr(failed.value)


def test_an_effect_says_how_it_is_carried_out() -> None:
    assert Notify.carriage.queue == "reach"
