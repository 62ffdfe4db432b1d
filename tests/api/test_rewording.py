"""Vague words get a question before they are given, and nothing about them is kept but that it was asked."""

from __future__ import annotations

from testing.api_clients import problem
from testing.api_company import Company

VAGUE = "Strong communicator, not strategic enough."


async def test_whoever_writes_vaguely_is_asked_what_they_saw(company: Company) -> None:
    requisition = await company.opens()
    path = f"{requisition.path}/rewordings"

    answer = await company.manager.send("POST", path, json={"words": VAGUE, "use": "reason"})

    assert answer.status_code == 200
    said = answer.json()
    assert said["question"].endswith("?")
    assert "not strategic enough" in said["vague"]
    assert said["proposal"] is None
    assert "no language model" in said["note"]
    (record,) = [
        made for made in await company.manager.reads(f"{requisition.path}/drafts") if made["job"] == "rewording"
    ]
    assert VAGUE not in str(record)
    assert record["inputs"] == {}


async def test_it_is_for_those_who_have_a_part_in_the_search(company: Company) -> None:
    requisition = await company.opens()
    path = f"{requisition.path}/rewordings"
    problem(await company.stranger.send("POST", path, json={"words": VAGUE, "use": "reason"}), 403, "not_permitted")
    problem(await company.manager.send("POST", path, json={"words": VAGUE, "use": "gossip"}), 422, "invalid")
