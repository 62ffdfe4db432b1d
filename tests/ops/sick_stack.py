"""A stack that falls ill on purpose, and workers whose code is of another build, or has a bug."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from domain.access.roles import Role
from domain.access.team import Actor
from domain.entity.call import Facts
from domain.person import SetCalendar
from domain.time.calendars import ROUND_THE_CLOCK, Calendar
from local import mailbox, postgres, temporal
from local.process_specs import Child, Commands, ours
from local.supervisor import Supervisor
from ops.doctor import Finding, examine
from settings import DEPLOYMENT, Settings
from wiring import stores
from workflows.client import give
from workflows.contract import FLOW_QUEUE, Carried, Envelope, stream_of, update_id

LOOKS = 0.3  # seconds between two looks


@workflow.defn(name="Person")
class Broken:
    """A person of a build with a bug."""

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """Fails the task, each time."""
        raise ZeroDivisionError("what somebody wrote")


@workflow.defn(name="Person")
class Patient:
    """A person of a build that does nothing."""

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """Lives for ever."""
        await workflow.wait_condition(lambda: False)


@dataclass
class Ward:
    """A stack whose every process can be sent away and called back, and a requisition in it."""

    settings: Settings
    running: dict[str, Supervisor] = field(default_factory=dict)
    people: dict[str, tuple[str, str]] = field(default_factory=dict)
    requisition: str = ""

    def _children(self) -> dict[str, Child]:
        embedded = [postgres.child(self.settings), temporal.child(self.settings), mailbox.child(self.settings)]
        own = [member for member in ours(self.settings, Commands()) if isinstance(member, Child)]
        return {child.name: child for child in (*embedded, *own)}

    async def start(self, *names: str) -> None:
        """Calls processes back; each is ready then."""
        for name in names:
            self.running[name] = Supervisor(self.settings, [self._children()[name]], say=lambda _: None)
            await self.running[name].start()

    async def stop(self, *names: str) -> None:
        """Sends processes away."""
        for name in names:
            await self.running.pop(name).stop()

    async def not_well(self, about: str = "", of: str | None = None, **changes: Any) -> list[Finding]:
        """What the doctor finds that is not well, about one thing; of the whole stack, or of a stream."""
        found = await examine(self.settings.model_copy(update=changes), of)
        return [one for one in found if one.level != "ok" and about in ("", one.about)]

    async def comes_to_say(self, about: str, words: str, of: str | None = None) -> Finding:
        """The finding about it that says so, once the doctor finds it."""
        seen: list[Finding] = []
        give_up_at = time.monotonic() + 180
        while time.monotonic() < give_up_at:
            seen = await self.not_well(of=of)
            for one in seen:
                if one.about == about and re.search(words, one.sentence):
                    assert one.next_step
                    return one
            await asyncio.sleep(LOOKS)
        raise AssertionError(f"nothing about {about} says {words}: {seen}")

    async def is_well(self, of: str | None = None) -> None:
        """Returns once nothing is wrong any more."""
        give_up_at, seen = time.monotonic() + 180, await self.not_well(of=of)
        while seen:
            assert time.monotonic() < give_up_at, seen
            await asyncio.sleep(LOOKS)
            seen = await self.not_well(of=of)

    def person(self) -> str:
        """The stream of somebody."""
        return stream_of("person", self.people["manager"][0])

    async def set_calendar(self, client: Client, zone: str) -> int:
        """Gives that person another zone, past the API; the version they are at then."""
        body = SetCalendar(calendar=Calendar(zone=zone, week=ROUND_THE_CLOCK))
        envelope = Envelope(
            actor=Actor(id="operator", standing=frozenset({Role.OPS})),
            fingerprint=zone,
            facts=Facts(new_id=self.people["manager"][0]),
        )
        key = update_id("operator", body.name, zone)
        said = body.model_dump(mode="json")
        async with stores(self.settings, size=1) as at:
            return (await give(client, at.signing, self.person(), body.name, said, envelope, key)).version


def of_build(client: Client, build: str, entity: type) -> Worker:
    """A worker of this build, whose code for people is `entity`."""
    return Worker(
        client,
        task_queue=FLOW_QUEUE,
        workflows=[entity],
        workflow_runner=UnsandboxedWorkflowRunner(),
        deployment_config=WorkerDeploymentConfig(
            version=WorkerDeploymentVersion(DEPLOYMENT, build),
            use_worker_versioning=True,
            default_versioning_behavior=VersioningBehavior.PINNED,
        ),
    )
