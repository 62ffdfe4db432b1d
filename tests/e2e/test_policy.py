"""An administrator edits the policy: requisitions that run go by it, for clocks that start from then on."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.api_client import Api
from local.stack import on_free_ports, stack
from ops.administration import NotDone, Operator
from ops.policy import ADOPTED, ALREADY
from settings import Settings
from testing.stack_company import enrol, open_requisition

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = on_free_ports(tmp_path)
    own = tmp_path / "ours.yaml"
    own.write_text(settings.policy.read_text())
    return settings.model_copy(update={"policy": own})


def edited(settings: Settings, old: str, new: str) -> None:
    text = settings.policy.read_text()
    assert old in text
    settings.policy.write_text(text.replace(old, new))


async def test_an_edited_policy_reaches_the_searches_that_run(settings: Settings) -> None:
    operator = Operator(settings)
    async with stack(settings, say=lambda _: None):
        people = await enrol(settings)
        async with Api(settings.base_url, people["recruiter"][1], patience=90) as api:
            requisition = await open_requisition(api, people, "Before")
            assert await operator.adopt_policy() == {ALREADY: 1 + len(people)}, "the search, and everybody"

            edited(settings, "  intake_held: 3 days", "  intake_held: never")
            with pytest.raises(NotDone, match=r"ours.yaml:.*'never' is not a duration"):
                await operator.adopt_policy()
            await open_requisition(api, people, "Under the last good one")

            edited(settings, "  intake_held: never", "  intake_held: 4 days")
            assert await operator.adopt_policy() == {ADOPTED: 2 + len(people)}
            assert await operator.adopt_policy() == {ALREADY: 2 + len(people)}
            timeline = await api.read(f"/v1/requisitions/{requisition}/timeline")
            assert [entry["type"] for entry in timeline].count("policy_adopted") == 2

            edited(settings, "  intake_held: 4 days", "  intake_held: 3 days")
            assert await operator.adopt_policy() == {ADOPTED: 2 + len(people)}, (
                "a policy that comes back is adopted again"
            )

    edited(settings, "  intake_held: 3 days", "  intake_held: 4 days")
    async with stack(settings, say=lambda _: None):
        assert await operator.adopt_policy() == {ALREADY: 2 + len(people)}, "the worker gave it to them as it started"
