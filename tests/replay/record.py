"""Records the histories of a search, its candidates and its manager: `python -m tests.replay.record RELEASE`.

The story is told once in memory, by the deciders alone, and then lived on Temporal, where its Monday is the next one.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowHistory
from temporalio.common import RawValue
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.access.roles import Role
from domain.access.team import Actor
from domain.core.messages import Command, Tick
from domain.entity.call import Facts
from domain.entity.effects import EntityMessage, Tell, TellAll
from domain.person import SetCalendar, TakeLeave
from domain.registry import DECIDERS
from domain.requisition.offers import AnswerOffer
from domain.time.calendars import Leave
from tests.domain.candidate import hire_stories
from tests.domain.in_memory_company import POST, Company
from tests.domain.people import FACTS, MANAGER, MONDAY, OFFICE, OUTSIDE, RECRUITER, TICK, person
from tests.domain.test_company import SEARCH, began, offer, to_the_decision
from tests.replay.gate import Decided
from tests.replay.recording import HISTORIES, Recording
from tests.workflows.toy_effects import Changing, Journal
from tests.workflows.toy_server import skipping_server
from tests.workflows.update_client import runs_of
from worker import SANDBOX, WORKFLOWS, build_id
from workflows.client import give
from workflows.contract import (
    FLOW_QUEUE,
    LANGUAGE_QUEUE,
    REACH_QUEUE,
    Carried,
    EffectOrder,
    EffectResult,
    Envelope,
    Receipt,
    entity_of,
    update_id,
)

NEED_FACTS = {"open", "schedule_interview"}
"""Commands that look at calendars and the policy; the others need not carry them into a file that is kept."""

BEGIN = {"open", "set_calendar"}
"""Commands with which an entity begins that no other one starts."""

OPS = person("P-OPS001", Role.OPS)


@dataclass(frozen=True)
class Line:
    """One command of the story, and when (UTC)."""

    stream: str
    actor: Actor
    command: Command
    at: datetime
    facts: Facts


class Told(Company):
    """A company that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(hire_stories.LIBRARY)
        self.lines: list[Line] = []

    def give(
        self, stream: str, by: str | Actor, command: Command, at: datetime | None = None, facts: Facts = FACTS
    ) -> Company:
        """See `Company.give`."""
        super().give(stream, by, command, at, facts)
        actor = by if isinstance(by, Actor) else person(by)
        kept = facts if command.name in NEED_FACTS else Facts(new_id=facts.new_id)
        self.lines.append(Line(stream, actor, command.grounded(self.library), self.now, kept))
        return self


def story() -> list[Line]:
    """A search with two candidates, from its opening to the acceptance, the rejection and the retro that is owed."""
    company = Told()
    company.give(f"person/{MANAGER}", OPS, SetCalendar(calendar=OFFICE), facts=Facts(new_id=MANAGER))
    company.give(f"person/{MANAGER}", MANAGER, TakeLeave(leave=Leave(start=date(2026, 3, 9), until=date(2026, 3, 13))))
    to_the_decision(began(company=company))
    company.give(SEARCH, RECRUITER, offer(company))
    company.give(SEARCH, OUTSIDE, AnswerOffer(offer_id="O-1", answer="accepted"), at=company.now + timedelta(days=1))
    company.give(SEARCH, TICK, Tick(), at=company.now + timedelta(days=5))
    return company.lines


class Post(Changing):
    """Carries out every effect: letters are delivered, the rest is done as soon as it is asked for."""

    def __init__(self, client: Client, journal: Journal) -> None:
        super().__init__()
        self._client, self._journal = client, journal
        self._done: set[str] = set()

    @activity.defn(dynamic=True)
    async def carry_out(self, args: Sequence[RawValue]) -> EffectResult:
        """Any effect."""
        order = activity.payload_converter().from_payload(args[0].payload, EffectOrder)
        effect = order.effect
        if isinstance(effect, Tell):
            await self._deliver(order, effect.letter)
        elif isinstance(effect, TellAll):
            for stream in effect.streams:
                await self._deliver(order, EntityMessage(stream=stream, command=effect.command, payload=effect.payload))
        self._done.add(order.id)
        await self._has_changed()
        return EffectResult()

    async def everything_delivered(self) -> None:
        """Waits until nothing that is in the journal is left to be done."""
        await self.until(lambda: self._asked() <= self._done)

    def _asked(self) -> set[str]:
        asked = set()
        for stream in self._journal.streams():
            decider = DECIDERS[entity_of(stream)[0]]
            state = decider.initial
            for record in self._journal.written(stream):
                state = decider.evolve(state, record)
                asked |= {effect_id for effect_id, _ in decider.react(state, record)}
        return asked

    async def _deliver(self, order: EffectOrder, letter: EntityMessage) -> None:
        envelope = Envelope(actor=POST, fingerprint=order.id)
        await give(self._client, letter.stream, letter.command, letter.payload, envelope, order.id, letter.start)


def moved(value: Any, by: timedelta) -> Any:
    """The same value with every time and date in it moved."""
    if isinstance(value, date):  # a datetime is one
        return value + by
    if isinstance(value, dict):
        return {key: moved(part, by) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [moved(part, by) for part in value]
    return value


async def live(environment: WorkflowEnvironment, lines: Sequence[Line]) -> Journal:
    """Lives the story on Temporal, beginning on the next Monday; returns what was journalled."""
    client, journal = environment.client, Journal()
    post = Post(client, journal)
    now = await environment.get_current_time()
    monday = datetime.combine(now.date() + timedelta(days=7 - now.weekday()), time(9), UTC)
    by = monday - MONDAY
    flow = Worker(
        client,
        task_queue=FLOW_QUEUE,
        workflows=WORKFLOWS,
        activities=[journal.append, post.carry_out],
        workflow_runner=SANDBOX,
    )
    others = [Worker(client, task_queue=queue, activities=[post.carry_out]) for queue in (LANGUAGE_QUEUE, REACH_QUEUE)]
    async with flow, others[0], others[1]:
        for number, line in enumerate(lines, 1):
            await environment.sleep(line.at + by - await environment.get_current_time())
            if isinstance(line.command, Tick):
                continue
            command = type(line.command).model_validate(moved(line.command.model_dump(), by))
            await give(
                client,
                line.stream,
                command.name,
                command.model_dump(mode="json"),
                Envelope(actor=line.actor, fingerprint=f"{number}", facts=line.facts),
                update_id(line.actor.id, command.name, f"{number}"),
                start=command.name in BEGIN and line.facts.new_id is not None,
            )
            await post.everything_delivered()
        await post.everything_delivered()
    assert not journal.contradictions
    return journal


async def decided(client: Client, run: WorkflowHistory, following: Carried | None, journal: Journal) -> Decided:
    """What the run came to, as Temporal and the journal have it."""
    outcomes = {}
    for event in run.events:
        completed = event.workflow_execution_update_completed_event_attributes
        if completed.outcome.HasField("success"):
            [receipt] = await client.data_converter.decode(completed.outcome.success.payloads, [Receipt])
            outcomes[completed.meta.update_id] = receipt.model_dump(mode="json")
    if following is not None:
        assert following.state is not None
        return Decided(outcomes, following.state)
    decider = DECIDERS[entity_of(run.workflow_id)[0]]
    state = decider.initial
    for record in journal.written(run.workflow_id):
        state = decider.evolve(state, record)
    return Decided(outcomes, state.model_dump(mode="json"))


async def carried_into(client: Client, run: WorkflowHistory) -> Carried:
    """What a run began with."""
    payloads = run.events[0].workflow_execution_started_event_attributes.input.payloads
    [carried] = await client.data_converter.decode(payloads, [Carried])
    assert isinstance(carried, Carried)
    return carried


async def record(folder: Path) -> None:
    """Writes the histories of all runs of the story into `folder`."""
    async with skipping_server() as environment:
        journal = await live(environment, story())
        for stream in journal.streams():
            runs = await runs_of(environment.client, stream)
            begins = [await carried_into(environment.client, run) for run in runs[1:]]
            for number, (run, following) in enumerate(itertools.zip_longest(runs, begins), 1):
                what = await decided(environment.client, run, following, journal)
                name = f"{stream.replace('/', '-')}-run-{number}.json"
                Recording(stream, build_id(), what, run).write(folder / name)


if __name__ == "__main__":
    [release] = sys.argv[1:]
    (HISTORIES / release).mkdir(parents=True)
    asyncio.run(record(HISTORIES / release))
