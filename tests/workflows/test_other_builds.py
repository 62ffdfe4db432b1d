"""A run that begins with what a newer build handed on: after a roll-back it goes on, and hands all of it on again."""

from __future__ import annotations

from typing import Any

from domain.core.messages import Record
from tests.workflows.toy_entity import AddAmounts, AskForHelp, OpenLedger
from tests.workflows.toy_server import SkippingWorld
from workflows.contract import Carried, EffectOrder, Progress


async def of_a_newer_build(world: SkippingWorld, stream: str, ledger: str) -> Carried:
    """What a build hands on that has another field, another event, another effect and another clock."""
    at = (await world.now()).isoformat()
    clock = {"id": "x", "name": "pondered", "about": "", "owner": "P-X", "started_at": at, "due_at": at, "mood": "calm"}
    state: dict[str, Any] = {"id": ledger, "version": 3, "total": 7, "clocks": {"x": clock}, "currency": "EUR"}
    outbox = [
        {"seq": 1, "at": at, "by": "P-X", "type": "ledger_opened", "event": {"ledger": ledger, "currency": "EUR"}},
        {"seq": 2, "at": at, "by": "P-X", "type": "amount_rounded", "event": {"to": 7}, "schema": 2},
        {"seq": 3, "at": at, "by": "P-X", "type": "amount_added", "event": {"amount": 7, "in": "EUR"}},
    ]
    order = EffectOrder(
        id=f"{stream}/2/0", stream=stream, decided_at=await world.now(), type="fax", payload={"to": "555"}
    )
    return Carried(state=state, outbox=tuple(Record.model_validate(one) for one in outbox), undone=(order,))


async def test_it_goes_on_and_hands_on_what_it_does_not_know(world: SkippingWorld) -> None:
    clerk = world.clerk()
    await clerk.start(await of_a_newer_build(world, clerk.stream, clerk.ledger))

    assert (await clerk.give(AddAmounts(amounts=(5,)))).version == 4
    assert (await clerk.give(AskForHelp(what="done"))).version == 5
    await world.pass_time(days=8)

    (carried,) = await clerk.carried()
    assert carried.state is not None
    assert (carried.state["total"], carried.state["currency"]) == (12, "EUR")
    assert carried.state["clocks"]["x"]["mood"] == "calm"
    assert [(order.id, order.type, order.payload) for order in carried.undone] == [
        (f"{clerk.stream}/2/0", "fax", {"to": "555"})
    ]
    written = [record.model_dump(mode="json") for record in world.journal.written(clerk.stream)]
    assert [one["type"] for one in written] == [
        "ledger_opened", "amount_rounded", "amount_added", "amount_added", "help_asked",
    ]  # fmt: skip
    assert (written[1]["event"], written[1]["schema"]) == ({"to": 7}, 2)
    assert written[2]["event"] == {"amount": 7, "remark": "", "in": "EUR"}
    assert world.helpers.ids() == [f"{clerk.stream}/5/0"]
    world.clerks.remove(clerk)  # what it was begun with is no fold of this build's


async def test_an_effect_that_only_a_newer_build_can_carry_out_is_said_to_be_under_way(world: SkippingWorld) -> None:
    clerk = world.clerk()
    order = EffectOrder(
        id=f"{clerk.stream}/0/0", stream=clerk.stream, decided_at=await world.now(), type="fax", payload={}
    )
    await clerk.start(Carried(undone=(order,)))
    await clerk.give(OpenLedger(ledger=clerk.ledger))

    progress: Progress = await clerk.handle.query("progress", result_type=Progress)

    assert progress.undone == (order.id,)
    assert world.journal.ledger(clerk.stream).tasks == {}
