"""The inbox endures: whatever crashes, a line is said once, and a message that cannot be sent is a person's task."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import Worker

from domain.access.roles import Role
from domain.access.team import Actor
from domain.core.messages import Command
from domain.entity.call import Facts
from domain.entity.clock_commands import ResolveTask
from domain.notifications.notification import Notification
from domain.person import Person, SetCalendar
from domain.person.inbox import Hear
from domain.time.calendars import ROUND_THE_CLOCK, Calendar
from testing.signing import SIGNING
from tests.workflows.toy_effects import Changing
from tests.workflows.toy_server import SkippingWorld, replay
from tests.workflows.update_client import runs_of
from workflows.client import give
from workflows.contract import REACH_QUEUE, EffectOrder, EffectResult, Envelope, Reply, stream_of
from workflows.person import PersonWorkflow

READER = "P-READER"
STREAM = stream_of("person", READER)
OPS = Actor(id="P-OPERATOR", standing=frozenset({Role.OPS}))
ENTITY = Actor(id="requisition/R-SEARCH1", kind="system")


class Postman(Changing):
    """Who would send the messages. `up` is whether the mail server answers, `moot` whether nothing is owed any more."""

    def __init__(self) -> None:
        super().__init__()
        self.up, self.moot = True, False
        self.sent: dict[str, list[str]] = {}
        self.attempts = 0

    @activity.defn(name="deliver_message")
    async def deliver_message(self, order: EffectOrder) -> EffectResult:
        self.attempts += 1
        if not self.up:
            benign = ApplicationErrorCategory.BENIGN
            raise ApplicationError("ConnectError", type="mail_unavailable", category=benign)
        if self.moot:
            settled = {"number": order.payload["number"], "withheld": True, "over": []}
            return EffectResult(reply=Reply(command="settle_message", payload=settled))
        self.sent[order.id] = [line["id"] for line in order.payload["lines"]]
        await self._has_changed()
        return EffectResult()

    @activity.defn(name="spread_person")
    async def spread_person(self, order: EffectOrder) -> EffectResult:
        return EffectResult(note="nobody")


class Reading:
    """Somebody who works at any hour, on the server that skips time."""

    def __init__(self, world: SkippingWorld, postman: Postman) -> None:
        self.world, self.postman = world, postman
        self.number = 0

    async def give(self, command: Command, by: Actor, key: str, start: bool = False, **facts: Any) -> None:
        envelope = Envelope(actor=by, fingerprint="a body", facts=Facts(**facts))
        body = command.model_dump(mode="json")
        await give(self.world.client, SIGNING, STREAM, command.name, body, envelope, key, start=start)

    async def begin(self) -> None:
        works = SetCalendar(calendar=Calendar(zone="UTC", week=ROUND_THE_CLOCK))
        await self.give(works, OPS, "begin", start=True, new_id=READER)

    async def hears(self) -> str:
        """Something is to be said; its id."""
        self.number += 1
        said = line(self.number, await self.world.now())
        await self.give(Hear(line=said), ENTITY, said.id)
        return said.id

    async def hears_again(self, number: int) -> None:
        said = line(number, await self.world.now())
        await self.give(Hear(line=said), ENTITY, said.id)

    def state(self) -> Person:
        state = PersonWorkflow.decider.initial
        for record in self.world.journal.written(STREAM):
            state = PersonWorkflow.decider.evolve(state, record)
        assert isinstance(state, Person)
        return state

    def said(self) -> list[str]:
        """The lines of every message that went out."""
        return [one for lines in self.postman.sent.values() for one in lines]


def line(number: int, at: datetime) -> Notification:
    return Notification(
        id=f"{ENTITY.id}/{number}/0", stream=ENTITY.id, matter="offer_news", about={"status": str(number)},
        decided_at=at, told_as="recruiter", search="R-SEARCH1",
    )  # fmt: skip


@asynccontextmanager
async def at_work(world: SkippingWorld, postman: Postman, cached: int = 100) -> AsyncIterator[None]:
    async with (
        world.at_work(cached=cached, entity=PersonWorkflow),
        Worker(world.client, task_queue=REACH_QUEUE, activities=[postman.deliver_message, postman.spread_person]),
    ):
        yield


@pytest.fixture
async def reading(unattended: SkippingWorld) -> AsyncIterator[Reading]:
    reading = Reading(unattended, Postman())
    yield reading
    await replay(await runs_of(unattended.client, STREAM), PersonWorkflow)


@pytest.mark.parametrize("cached", [100, 0])
async def test_lines_given_twice_over_three_runs_are_each_said_once(reading: Reading, cached: int) -> None:
    world, heard = reading.world, []
    async with at_work(world, reading.postman, cached):
        await reading.begin()
        for _ in range(16):
            heard.append(await reading.hears())
            heard.append(await reading.hears())
            await reading.hears_again(reading.number)
            await world.pass_time(days=1)
        await world.pass_time(days=8)
        await world.journal.until(lambda: not reading.state().waiting)
        await reading.postman.until(lambda: len(reading.said()) >= len(heard))
    assert len(await runs_of(world.client, STREAM)) >= 3
    assert sorted(reading.said()) == sorted(heard)
    assert len(reading.postman.sent) < 16


async def test_a_mail_server_that_stays_away_is_a_task_and_a_retry_sends_what_was_kept(reading: Reading) -> None:
    world, postman = reading.world, reading.postman
    postman.up = False
    async with at_work(world, postman):
        await reading.begin()
        await reading.hears()
        await world.pass_time(days=2, hours=2)
        await world.journal.until(lambda: bool(reading.state().tasks))
        (task,) = reading.state().tasks.values()
        assert (task.kind, task.reason) == ("deliver_message", "mail_unavailable")
        assert postman.attempts > 10

        later = await reading.hears()
        await world.journal.until(lambda: len(reading.state().waiting) == 1)
        postman.up = True
        await reading.give(ResolveTask(task_id=task.id, outcome="retry", why="It is up again."), OPS, "again")
        await world.pass_time(hours=20)
        await postman.until(lambda: len(postman.sent) == 2)
    assert reading.said() == [f"{ENTITY.id}/1/0", later]
    assert reading.state().tasks == {}


async def test_a_message_of_which_nothing_is_owed_any_more_is_settled_and_counts_for_nothing(reading: Reading) -> None:
    world, postman = reading.world, reading.postman
    postman.moot = True
    async with at_work(world, postman):
        await reading.begin()
        await reading.hears()
        await world.pass_time(hours=2)
        await world.journal.until(lambda: reading.state().messages == 1 and reading.state().sent == ())
    assert reading.said() == []
