"""Worker and engine are killed with SIGKILL at twenty random points under load: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from domain.requisition.terms import TermsChanged
from local.api_client import Api
from local.stack import Servers, on_free_ports, stack
from store.database import connect
from store.journal import read
from testing.stack_company import enrol, open_requisition

pytestmark = pytest.mark.slow

KILLS = 20
REQUISITIONS = 3


@dataclass
class Diary:
    """What one client was told: each key that was acknowledged, with its receipt and what it asked for."""

    requisition: str
    places: dict[str, int] = field(default_factory=dict)
    candidates: list[int] = field(default_factory=list)


@pytest.mark.timeout(400)
async def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    settings = on_free_ports(tmp_path)
    async with stack(settings, say=lambda _: None) as running:
        people = await enrol(settings)
        # As long as all the kills may take on a slow machine: what counts is what was acknowledged, not when.
        async with Api(settings.base_url, people["recruiter"][1], patience=240) as api:
            diaries = [Diary(await open_requisition(api, people, f"Search {n}")) for n in range(REQUISITIONS)]
            stop = asyncio.Event()
            clients = [asyncio.create_task(_keep_asking(api, diary, stop)) for diary in diaries]
            for _ in range(KILLS):
                await asyncio.sleep(chance.uniform(0.05, 1.0))
                await _kill(running, chance.choice(("worker", "worker", "worker", "temporal")))
            stop.set()
            await asyncio.gather(*clients)
            for diary in diaries:
                await _compare(settings.database_dsn, diary, seed)
                assert await api.read(f"/v1/requisitions/{diary.requisition}/tasks") == [], f"seed {seed}"
                listed = await api.read(f"/v1/requisitions/{diary.requisition}/candidates", limit=500)
                assert len(listed) == len(diary.candidates), f"seed {seed}"


async def _keep_asking(api: Api, diary: Diary, stop: asyncio.Event) -> None:
    """Changes the place again and again, and adds a candidate now and then, each with a key of its own."""
    path = f"/v1/requisitions/{diary.requisition}"
    for number in itertools.count():
        if stop.is_set():
            return
        place = f"Place {number}"
        receipt = await api.give(f"{path}/change-terms", {"place": place, "why": "the load goes on"}, key=place)
        diary.places[place] = receipt["version"]
        if number % 10 == 0:
            body = {"name": "Somebody", "email": f"{diary.requisition}-{number}@example.com"}
            applicant = await api.give("/v1/humans", body)
            body = {"person": applicant["id"], "source": "applied", "notice_version": "1"}
            receipt = await api.give(f"{path}/add-candidate", body, key=f"candidate {number}")
            diary.candidates.append(receipt["version"])


async def _kill(running: Servers, child: str) -> None:
    pid = running.supervisor.pid(child)
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(60):
        await running.supervisor.until_ready(child, after=pid)


async def _compare(dsn: str, diary: Diary, seed: int) -> None:
    """The journal holds every acknowledged change once, where its receipt said, and no gap."""
    stream = f"requisition/{diary.requisition}"
    async with await connect(dsn) as pool, pool.acquire() as connection:
        async with asyncio.timeout(120):  # what a killed worker had begun is tried again once its attempt has run out
            records = await read(connection, stream)
            while records[-1].seq < max(diary.places.values()) or await _unborn(connection, diary):
                await asyncio.sleep(0.1)
                records = await read(connection, stream)
    assert [record.seq for record in records] == list(range(1, len(records) + 1)), f"seed {seed}"
    changes = [(r.event.place, r.seq) for r in records if isinstance(r.event, TermsChanged) and r.event.place]
    counted = Counter(place for place, _ in changes)
    assert diary.places, f"seed {seed}: nothing was asked"
    assert not [place for place, times in counted.items() if times > 1], f"seed {seed}"
    assert dict(changes) == diary.places, f"seed {seed}"


async def _unborn(connection: Any, diary: Diary) -> bool:
    born = await connection.fetchval("SELECT count(*) FROM candidates WHERE requisition = $1", diary.requisition)
    return bool(born < len(diary.candidates))
