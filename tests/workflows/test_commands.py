"""A command is taken whole or not at all, after whatever fell due before it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import get_args

from domain.access.team import Actor
from tests.workflows.toy_entity import PAYER, AddAmounts, AddLater, BreakDown, CallOff, Where
from tests.workflows.toy_server import SkippingWorld, World
from tests.workflows.update_client import of, when
from workflows.contract import BREACHED, OTHER_BUILD, PHASE, REQUISITION, STUCK, WAITING_ON
from workflows.entity import NOT_DESCRIBED

STRANGER = Actor(id="P-STRANGER")


async def test_a_receipt_says_what_was_taken(world: SkippingWorld) -> None:
    clerk = await world.ledger()

    receipt = await clerk.give(AddAmounts(amounts=(1, 2)), fingerprint="abc")

    added = world.journal.written(clerk.stream)[-1]
    assert (receipt.stream, receipt.version, receipt.fingerprint) == (clerk.stream, 3, "abc")
    assert (added.seq, added.at, added.by) == (3, receipt.at, "P-ANYBODY")


async def test_a_late_answer_does_not_wipe_out_its_own_breach(unattended: SkippingWorld) -> None:
    async with unattended.at_work(cached=0):
        clerk = await unattended.ledger()
        due = await unattended.now() + timedelta(hours=3)
        await clerk.give(AddLater(name_of_it="rent", amount=7, at=due))
    await unattended.pass_until(due + timedelta(seconds=0.2))
    assert of("TIMER_FIRED", await clerk.history())

    # The answer now comes in the same task as the timer, and the SDK delivers it first.
    answer = asyncio.create_task(clerk.refused(CallOff(name_of_it="rent")))
    async with unattended.at_work(cached=0):
        assert (await answer).type == "not_coming"
        await unattended.journal.reaches(clerk.stream, 3)

    arrived = unattended.journal.written(clerk.stream)[-1]
    assert (arrived.event.type, arrived.at, arrived.by) == ("amount_arrived", due, "tick")
    assert len(of("WORKFLOW_EXECUTION_UPDATE_ACCEPTED", await clerk.history())) == 2


async def test_a_taken_command_too_comes_after_what_fell_due(unattended: SkippingWorld) -> None:
    async with unattended.at_work(cached=0):
        clerk = await unattended.ledger()
        due = await unattended.now() + timedelta(hours=3)
        await clerk.give(AddLater(name_of_it="rent", amount=7, at=due))
    await unattended.pass_until(due + timedelta(seconds=0.2))

    answer = asyncio.create_task(clerk.give(AddAmounts(amounts=(1,))))
    async with unattended.at_work(cached=0):
        assert (await answer).version == 4
        await unattended.journal.reaches(clerk.stream, 4)

    arrived, added = unattended.journal.written(clerk.stream)[-2:]
    assert (arrived.event.type, arrived.at) == ("amount_arrived", due)
    assert added.event.type == "amount_added"
    assert added.at > due


async def test_a_refusal_changes_nothing_and_leaves_no_trace(real_world: World) -> None:
    clerk = await real_world.ledger()
    await clerk.give(AddAmounts(amounts=(1,)))
    before = await clerk.history()

    too_much = await clerk.refused(AddAmounts(amounts=(5000,)))
    assert too_much.type == "too_much"
    assert too_much.details[0] == {"sentence": "That is too much.", "accepted": "At most 1000.", "field": "amounts"}
    assert (await clerk.refused(AddAmounts(amounts=(1,)), actor=STRANGER)).type == "not_permitted"
    assert (await clerk.refused(AddAmounts(amounts=(1,)), expected_version=1)).type == "stale_version"
    assert (await clerk.refused(BreakDown(where="decide"))).type == "internal"

    assert list(await clerk.history()) == list(before)
    assert (await clerk.give(AddAmounts(amounts=(1,)), expected_version=2)).version == 3
    assert real_world.journal.ledger(clerk.stream).total == 2


async def test_a_bug_is_a_refusal_wherever_it_is(world: SkippingWorld) -> None:
    clerk = await world.ledger()

    for where in set(get_args(Where)) - {"describe"}:
        bug = await clerk.refused(BreakDown(where=where))
        kind = "PydanticSerializationError" if where == "write" else "ZeroDivisionError"
        assert (bug.type, bug.message, bug.details) == ("internal", kind, ())

    assert not of("WORKFLOW_EXECUTION_UPDATE_ACCEPTED", (await clerk.history())[10:])
    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 2


async def test_what_only_describes_refuses_nothing(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    due = await world.now() + timedelta(hours=1)
    await clerk.give(AddLater(name_of_it="rent", amount=7, at=due))

    await clerk.give(BreakDown(where="describe"))

    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 4
    await world.pass_time(hours=2)
    await world.journal.reaches(clerk.stream, 5)
    assert world.journal.ledger(clerk.stream).total == 8
    assert await clerk.details() == NOT_DESCRIBED
    shown = (await clerk.handle.describe()).typed_search_attributes
    assert (shown[PHASE], shown[REQUISITION]) == ("waiting", clerk.ledger)


async def test_a_command_of_another_build_is_refused_for_now_and_not_taken_in_part(world: SkippingWorld) -> None:
    clerk = await world.ledger()

    for name, payload in (
        ("no_such_command", {}),
        ("add_amounts", {"amounts": "many words"}),
        ("add_amounts", {"amounts": [1], "in_currency": "EUR"}),
    ):
        refusal = await clerk.refused_to_send(name, payload)
        assert refusal.type == OTHER_BUILD
        assert "another build" in refusal.details[0]["sentence"]

    assert (await clerk.give(AddAmounts(amounts=(1,)))).version == 2


async def test_a_bug_in_what_time_brings_stops_neither_time_nor_the_run(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    due = await world.now() + timedelta(hours=1)
    await clerk.give(BreakDown(where="evolve", at=due))

    await world.pass_time(days=8)

    assert len(await clerk.runs()) == 2
    assert (await clerk.refused(AddAmounts(amounts=(1,)))).type == "internal"


async def test_a_key_used_again_for_another_body_gets_the_first_receipt(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    first = await clerk.give(AddAmounts(amounts=(1,)), key="once", fingerprint="of the first")

    second = await clerk.give(AddAmounts(amounts=(2,)), key="once", fingerprint="of the second")

    assert second == first
    assert second.fingerprint == "of the first"
    assert world.journal.ledger(clerk.stream).total == 1


async def test_what_the_ui_shows_is_written_only_when_it_changes(world: SkippingWorld) -> None:
    clerk = await world.ledger()
    due = await world.now() + timedelta(hours=1)
    for amount in range(5):
        await clerk.give(AddAmounts(amounts=(amount,)))
    await clerk.give(AddLater(name_of_it="rent", amount=7, at=due))
    await clerk.give(AddLater(name_of_it="heating", amount=7, at=due + timedelta(days=3)))
    await world.pass_time(hours=2)
    await world.journal.reaches(clerk.stream, 9)

    upserts = of("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES", await clerk.history())
    changed = [
        set(upsert.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields)
        for upsert in upserts
    ]
    assert changed == [
        {PHASE.name, REQUISITION.name, WAITING_ON.name, BREACHED.name, STUCK.name},
        {PHASE.name, WAITING_ON.name},
        {BREACHED.name},
    ]
    assert abs(when(upserts[-1]) - due) < timedelta(seconds=5)
    shown = (await clerk.handle.describe()).typed_search_attributes
    assert shown[PHASE] == "waiting"
    assert shown[REQUISITION] == clerk.ledger
    assert shown[WAITING_ON] == [PAYER]
    assert shown[BREACHED] is True
    assert await clerk.details() == "The total is 17."
