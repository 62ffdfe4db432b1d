"""Whatever goes wrong between shell, journal, effects and entities, nothing acknowledged is lost, doubled or forgotten.

Everything runs in this process, without a clock: the shell's own code on a simulated engine, real deciders, a fault
drawn at every boundary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulated.life import KINDS, OFTEN, lived, only
from workflows.contract import Carried, JournalBatch
from workflows.entity import EntityWorkflow


@given(
    seed=st.integers(min_value=0, max_value=2**32),
    steps=st.integers(1, 12),
    kinds=st.frozensets(st.sampled_from(KINDS)),
)
def test_a_hire_among_faults_keeps_what_it_promised(seed: int, steps: int, kinds: frozenset[str]) -> None:
    lived(seed, steps, only(kinds))


def test_everything_that_can_go_wrong_does() -> None:
    faults: Counter[str] = Counter()
    for seed in range(3):
        faults += lived(seed, 20, OFTEN).faults
    assert faults.keys() == set(KINDS)


def _without_outbox(entity: EntityWorkflow) -> Carried:
    return CARRIED(entity).but(outbox=())


def _without_effects(entity: EntityWorkflow) -> Carried:
    return CARRIED(entity).but(undone=())


def _without_receipts(entity: EntityWorkflow) -> Carried:
    return CARRIED(entity).but(taken={})


CARRIED = EntityWorkflow._carried
BATCH = EntityWorkflow._next_batch


def _all_but_the_last_dropped(entity: EntityWorkflow) -> JournalBatch:
    batch = BATCH(entity)
    entity._outbox[: len(batch.records) - 1] = []
    return batch


PERFORM = EntityWorkflow._perform


def _taken_when_tried(entity: EntityWorkflow, name: str, args: Any) -> Any:
    prepared, envelope = PERFORM(entity, name, args)
    entity.state = prepared.state
    return prepared, envelope


RESTLESS = replace(OFTEN, answer_lost=0.5, forgotten=0.3, goes_on=0.3)

BREAKS: dict[str, tuple[str, Callable[..., Any]]] = {
    "what is not journalled yet is left behind": ("_carried", _without_outbox),
    "what is not done yet is left behind": ("_carried", _without_effects),
    "receipts are left behind": ("_carried", _without_receipts),
    "an effect does not wait for its event": ("_journalled", lambda entity, effect_id: True),
    "what is not written yet is taken for written": ("_next_batch", _all_but_the_last_dropped),
    "what is only tried is taken": ("_perform", _taken_when_tried),
    "an alarm is not set": ("_set_alarm", lambda entity, deadline: None),
}


@pytest.mark.parametrize("planted", BREAKS)
def test_a_planted_break_is_noticed(planted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, broken = BREAKS[planted]
    monkeypatch.setattr(EntityWorkflow, name, broken)

    with pytest.raises(AssertionError):  # noqa: PT012  # in some life, not in each
        for seed in range(8):
            lived(seed, 10, RESTLESS)
