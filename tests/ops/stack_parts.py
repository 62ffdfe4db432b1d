"""A small Tandem whose parts can be stopped and started one by one, and those who work with it."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from local import mailbox, postgres, temporal
from local.api_client import Api, Refusal
from local.process_specs import Child, Commands, ours
from local.stack import on_free_ports
from local.supervisor import Supervisor
from settings import ROOT, Settings
from store.migrate import migrate
from testing.stack_company import People, enrol, open_requisition

QUICK = "\nclocks:\n  intake_held: 1 day\n"
"""Besides the demo's policy, so that a task is overdue six seconds after its requisition was opened."""


class Machine:
    """The processes of one stack by name: postgres, temporal, mailbox, worker, api."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        own = {member.name: member for member in ours(settings, Commands()) if isinstance(member, Child)}
        servers = (postgres.child(settings), temporal.child(settings), mailbox.child(settings))
        self._members = {server.name: server for server in servers} | own
        broken = ours(settings, Commands(worker=(sys.executable, "-m", "tests.ops.buggy_worker")))
        buggy = next(member for member in broken if isinstance(member, Child) and member.name == "worker")
        self._members["buggy worker"] = replace(buggy, stop_within=1.0)  # what it cannot do it need not finish
        self._running: dict[str, Supervisor] = {}

    async def start(self, name: str) -> None:
        """Returns when it is ready."""
        supervisor = Supervisor(self.settings, [self._members[name]], say=lambda _: None)
        self._running[name] = supervisor
        await supervisor.start()

    async def stop(self, name: str) -> None:
        """Returns when it is gone."""
        await self._running.pop(name).stop()

    async def stop_all(self) -> None:
        """Stops what runs, the last started first."""
        for name in reversed(list(self._running)):
            await self.stop(name)

    @asynccontextmanager
    async def standing_still(self, name: str) -> AsyncIterator[None]:
        """The process does nothing while the block runs, as on a machine that is overloaded or swaps."""
        pid = self._running[name].pid(self._members[name].name)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def machine(home: Path) -> AsyncIterator[Machine]:
    """One that runs, in a world where a day lasts six seconds."""
    policy = home / "policy.yaml"
    demo = (ROOT / "deploy" / "sla" / "demo.yaml").read_text()
    policy.write_text(demo + QUICK)
    settings = on_free_ports(home, policy=policy)
    for folder in (settings.logs_folder, settings.mailbox_folder):
        folder.mkdir()
    made = Machine(settings)
    try:
        for name in ("postgres", "temporal", "mailbox"):
            await made.start(name)
        await asyncio.to_thread(migrate, settings.database_dsn)
        for name in ("worker", "api"):
            await made.start(name)
        yield made
    finally:
        await made.stop_all()


class Office:
    """Those who open requisitions, take people in and answer them, and who ask again for as long as it takes."""

    def __init__(self, recruiter: Api, partner: Api, people: People) -> None:
        self._recruiter, self._partner, self._people = recruiter, partner, people
        self._numbers = itertools.count(1)

    async def opens(self) -> str:
        """A new requisition; nobody will hold its intake call in time."""
        return await open_requisition(self._recruiter, self._people, f"Search {next(self._numbers)}")

    async def takes_in(self, requisition: str) -> tuple[str, str]:
        """A new candidate of this requisition; their id as a human, and as a candidate."""
        body = {"name": "Somebody", "email": f"somebody-{next(self._numbers)}@example.com"}
        applicant: str = (await self._recruiter.give("/v1/humans", body))["id"]
        body = {"person": applicant, "source": "applied", "notice_version": "1"}
        receipt = await self._recruiter.give(f"/v1/requisitions/{requisition}/add-candidate", body)
        return applicant, receipt["begun"]

    async def writes(self, requisition: str) -> str:
        """A new candidate asks what is known of them, and gets a letter; their id as a human."""
        applicant, candidate = await self.takes_in(requisition)
        await self._born(candidate)
        path, now = f"/v1/candidates/{candidate}", datetime.now(UTC).isoformat()
        await self._partner.give(f"{path}/record-request", {"kind": "access", "at": now})
        answer = {"request_id": "A-1", "outcome": "granted", "why": "Here it is."}
        await self._partner.give(f"{path}/answer-request", answer)
        return applicant

    async def looks(self, requisition: str) -> None:
        """Reads the board and one search."""
        await self._recruiter.read("/v1/board")
        await self._recruiter.read(f"/v1/requisitions/{requisition}")

    async def _born(self, candidate: str) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    await self._recruiter.read(f"/v1/candidates/{candidate}")
                    return
                except Refusal:
                    await asyncio.sleep(0.1)


@asynccontextmanager
async def office(settings: Settings) -> AsyncIterator[Office]:
    """Everybody, with their tokens."""
    people = await enrol(settings)
    async with (
        Api(settings.base_url, people["recruiter"][1], patience=60) as recruiter,
        Api(settings.base_url, people["partner"][1], patience=60) as partner,
    ):
        yield Office(recruiter, partner, people)
