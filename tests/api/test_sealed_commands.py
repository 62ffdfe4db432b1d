"""What becomes of every command once its words are sealed: the same, and nothing of what was said is in it."""

from __future__ import annotations

import base64

import pytest

from api.command_sealing import sealed
from domain.access.team import Actor
from domain.core.messages import Rejection
from domain.core.personal_text import Sealed
from domain.entity.call import Call
from testing.people import person
from tests.domain.case_table import Case
from tests.domain.test_registry import ALL

UNMISTAKABLE = 8
"""So many letters say something that stands nowhere by chance."""


@pytest.mark.parametrize("case", ALL)
def test_a_sealed_command_comes_to_the_same_and_leaves_no_words(case: Case) -> None:
    story = case.given()
    actor = case.by if isinstance(case.by, Actor) else person(case.by)
    words: set[str] = set()

    def seal(said: str) -> Sealed:
        words.add(said)
        return Sealed(key="R-SEALED", ciphertext=base64.b64encode(f"sealed {len(words)}".encode()).decode())

    try:
        command = sealed(case.command.grounded(story.library), seal)
        before = story.state.model_dump_json()
        now = case.at or story.now + case.after
        outcome = story.decider.perform(story.state, command, Call(actor, now, case.facts))
        came_of_it = "accepted"
    except Rejection as refusal:
        came_of_it = refusal.code
    assert came_of_it == case.outcome
    if came_of_it != "accepted":
        return
    happened = iter(type(record.event) for record in outcome.records)
    assert all(event in happened for event in case.then)
    kept = "\n".join(
        [
            command.model_dump_json(),
            outcome.state.model_dump_json(),
            *(record.model_dump_json() for record in outcome.records),
            *(effect.model_dump_json() for _, effect in outcome.effects),
        ]
    )
    assert [said for said in words if len(said) >= UNMISTAKABLE and said in kept and said not in before] == []
