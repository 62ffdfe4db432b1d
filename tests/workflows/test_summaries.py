"""What the Temporal UI shows of a workflow before anybody opens it: what it is called, and an input without nulls."""

from __future__ import annotations

from typing import Any

import pytest

from domain.access.team import Actor
from domain.entity.call import Facts
from workflows.contract import SUMMARIES, Carried, Envelope, summary_of


@pytest.mark.parametrize(
    ("stream", "said", "shown"),
    [
        ("requisition/R-1", {"title": "Platform engineer", "alias": None}, "Platform engineer: a requisition"),
        (
            "requisition/R-1",
            {"title": "Chief", "alias": "A bank", "visibility": "confidential"},
            "A bank: a requisition",
        ),
        ("requisition/R-1", {"title": "Head of HR", "alias": "A bank", "confidential": True}, "A bank: a requisition"),
        ("requisition/R-1", {"title": "Head of HR", "confidential": True}, SUMMARIES["requisition"]),
        ("candidate/C-1", {"title": "Ruth Abara"}, SUMMARIES["candidate"]),
    ],
)
def test_a_row_says_what_a_requisition_is_called_unless_that_is_confidential(
    stream: str, said: dict[str, Any], shown: str
) -> None:
    assert summary_of(stream, said) == shown


def test_an_input_says_what_there_is_and_is_read_as_it_was() -> None:
    assert Carried().model_dump_json() == "{}"
    sent = Envelope(actor=Actor(id="P-1"), fingerprint="f", facts=Facts(new_id="C-1"))
    assert "null" not in sent.model_dump_json()
    assert Envelope.model_validate_json(sent.model_dump_json()) == sent
