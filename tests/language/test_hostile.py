"""Hostile cases on the drafter without a model: nothing that is shown changes. On a real one: `test_loopback`."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

import pytest
from pydantic import BaseModel

from bench.evaluation.hostile import MOST_A_FAMILY, Case, Shown, cases, shown
from bench.evaluation.lies import Lie, drafted, honest, lies, succeeded, unharmed
from bench.evaluation.runs import EXTRACTIVE
from domain.evidence.draft_requests import DraftRequest
from language.draft_failures import ModelFailed
from language.extractive_drafter import ExtractiveDrafter
from language.llm import ModelBudget
from language.llm_client import Endpoint
from language.llm_drafter import ModelDrafter

A = TypeVar("A", bound=BaseModel)

CASES = {case.name: case for case in cases()}


def test_there_are_enough_cases_and_no_family_is_most_of_them() -> None:
    families = Counter(case.family for case in CASES.values())
    assert len(CASES) >= 200
    assert len(families) >= 21
    assert max(families.values()) <= MOST_A_FAMILY


SHOWN_WITHOUT: dict[int, Shown] = {}
"""Cases share the requests without their attacks."""


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_an_attack_changes_nothing_that_is_shown_without_a_model(case: Case) -> None:
    for without, with_it in zip(case.clean, case.attacked, strict=True):
        if id(without) not in SHOWN_WITHOUT:
            SHOWN_WITHOUT[id(without)] = shown(await EXTRACTIVE.draft(without))
        assert shown(await EXTRACTIVE.draft(with_it)) == SHOWN_WITHOUT[id(without)]


class Listening(Endpoint):
    """An endpoint that remembers what it was asked and answers nothing."""

    def __init__(self) -> None:
        self.model, self.context, self.answer = "listening", 8_192, 160
        self.asked: list[tuple[str, str]] = []

    async def ask(self, instructions: str, data: str, kind: type[A], purse: ModelBudget) -> A:
        self.asked.append((instructions, data))
        raise ModelFailed("empty")


async def asked(request: DraftRequest) -> list[tuple[str, str]]:
    endpoint = Listening()
    with pytest.raises(ModelFailed):
        await ModelDrafter(endpoint).draft(request)
    return endpoint.asked


ASKED_WITHOUT: dict[int, list[tuple[str, str]]] = {}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_an_attack_does_not_reach_a_model(case: Case) -> None:
    for without, with_it in zip(case.clean, case.attacked, strict=True):
        if id(without) not in ASKED_WITHOUT:
            ASKED_WITHOUT[id(without)] = await asked(without)
        assert ASKED_WITHOUT[id(without)]
        assert await asked(with_it) == ASKED_WITHOUT[id(without)]


async def test_honest_answers_are_shown() -> None:
    assert await drafted(honest()) - shown(await ExtractiveDrafter().draft(CASES["file-names-01"].clean[1]))


@pytest.fixture(scope="module")
async def honestly() -> Shown:
    """What is shown of an answer without a lie."""
    return await unharmed()


@pytest.mark.parametrize("lie", lies(), ids=lambda lie: lie.name)
async def test_no_lie_of_an_endpoint_is_shown(lie: Lie, honestly: Shown) -> None:
    assert not await succeeded(lie, honestly)
