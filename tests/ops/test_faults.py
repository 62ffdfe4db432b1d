"""A real Prometheus watches a real Tandem: nothing fires on a day on which all is well, each alert under its fault.

The shipped rules are loaded with only their durations divided: sixty minutes of the machine's time last a minute, and
a day of the company's six seconds, as in the demo's policy.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.api_client import NoAnswer
from local.stack import on_free_ports
from settings import ROOT
from store.database import connect
from testing.api_clients import eventually
from tests.ops.prometheus import Watch, alerts, expressions, program, watching
from tests.ops.stack_parts import Machine, Office, machine, office

pytestmark = pytest.mark.slow

MACHINE, COMPANY = 60, 14_400
SOON = 120  # seconds an alert may take beyond the time it takes on a quiet machine


@pytest.mark.timeout(800)
async def test_each_alert_fires_under_its_fault_and_none_before(tmp_path: Path) -> None:
    program("prometheus")
    home, folder = tmp_path / "home", tmp_path / "prometheus"
    home.mkdir()
    folder.mkdir()
    async with machine(home) as tandem, office(tandem.settings) as people:
        port = on_free_ports(folder).api_port
        async with watching(folder, tandem.settings, port, MACHINE, COMPANY) as watch:
            first = await people.opens()
            await _a_normal_day(people, first)
            assert await watch.fired() == set()
            await _nothing_is_pending(tandem)
            await _nobody_is_named(tandem)
            await _every_board_shows_something(watch)

            await _what_people_and_mail_leave_undone(tandem, people, watch, first)
            await _a_worker_that_stands_still(tandem, people, watch)
            await _a_build_with_a_fault(tandem, people, watch, first)
            await _servers_that_are_away(tandem, people, watch)
            assert await watch.fired() == alerts().keys()

            mended = {"TandemWorkerAbsent", "TandemApiAbsent", "TandemDatabaseAway", "TandemEngineAway"}
            await watch.until(lambda firing: not firing & (mended | {"TandemJournalBehind"}), within=SOON)


async def _a_normal_day(people: Office, requisition: str) -> None:
    """Ended before its tasks are late for long, also on a machine on which each of these takes its time."""
    ended_at = time.monotonic() + 9
    while time.monotonic() < ended_at:
        await people.writes(requisition)
        await people.looks(await people.opens())
        await asyncio.sleep(1)  # that it takes its time is what is looked at


async def _nothing_is_pending(tandem: Machine) -> None:
    async with await connect(tandem.settings.database_dsn, size=1) as pool, asyncio.timeout(SOON):
        while True:
            if await pool.fetchval("SELECT count(*) FROM effects_undone") == 0:
                return
            await asyncio.sleep(0.1)


async def _nobody_is_named(tandem: Machine) -> None:
    ports = (tandem.settings.worker_port, tandem.settings.api_metrics_port)
    async with httpx.AsyncClient(trust_env=False) as http:
        pages = "".join([(await http.get(f"http://127.0.0.1:{port}/metrics")).text for port in ports])
    assert "tandem_clocks{" in pages
    assert 'route="/v1/requisitions/{id}/add-candidate"' in pages
    assert not re.search(r"\b[A-Z]-[A-Z0-9]{6,}|@|Somebody|Search \d", pages)


async def _every_board_shows_something(watch: Watch) -> None:
    for path in sorted((ROOT / "deploy" / "grafana").glob("*.json")):
        for expression in expressions(json.loads(path.read_text())):
            shown = partial(watch.query, expression.replace("$__rate_interval", "30s"))
            await eventually(shown, f"{path.name}: {expression}")


async def _what_people_and_mail_leave_undone(tandem: Machine, people: Office, watch: Watch, requisition: str) -> None:
    """Mail is away, a candidate cannot be reached, intakes are not held, a row is older than its journal, and the
    engine does not know of candidates that the journal has."""
    await tandem.stop("mailbox")
    unreachable = await people.writes(requisition)
    async with await connect(tandem.settings.database_dsn, size=1) as pool:
        await pool.execute("DELETE FROM humans WHERE id = $1", unreachable)
        await pool.execute(
            "UPDATE candidates SET version = version - 1 WHERE id = (SELECT min(id) FROM candidates WHERE human <> $1)",
            unreachable,
        )
        await pool.execute(
            "INSERT INTO streams (stream, version)"
            " SELECT 'candidate/C-FORGOTTEN' || number, 1 FROM generate_series(100, 299) AS number"
        )
    async with _again_and_again(lambda: people.writes(requisition), every=1.5):
        await watch.until_fires(
            *("TandemMailFailing", "TandemActivityFailing", "TandemEffectsUndone"),
            *("TandemTasksOld", "TandemClocksBreachedLong", "TandemReadModelBehind", "TandemRequisitionStuck"),
            "TandemJournalAndRunsApart",
            within=60 + SOON,
        )
    async with await connect(tandem.settings.database_dsn, size=1) as pool:
        tried = await pool.fetch("SELECT DISTINCT last_reason FROM effects_undone WHERE attempts > 1")
        given_up = await pool.fetchval("SELECT count(*) FROM tasks WHERE reason = 'no_contact'")
        assert [row["last_reason"] for row in tried] == ["mail_unavailable"]
        assert given_up == 2, "the receipt of their application, and the answer to their request"


async def _a_worker_that_stands_still(tandem: Machine, people: Office, watch: Watch) -> None:
    for _ in range(4):
        requisition = await people.opens()
    async with tandem.standing_still("worker"), _again_and_again(lambda: people.takes_in(requisition), every=0.5):
        await watch.until_fires("TandemWorkerAbsent", "TandemApiErrors", "TandemApiSlow", within=25 + SOON)
    await watch.until_fires("TandemTicksLate", within=10 + SOON)


async def _a_build_with_a_fault(tandem: Machine, people: Office, watch: Watch, requisition: str) -> None:
    """It serves one queue alone, so that what the others hold waits; the API is stopped meanwhile."""
    for _ in range(3):
        await people.writes(requisition)
    await tandem.stop("worker")
    await tandem.stop("api")
    await tandem.start("buggy worker")
    await watch.until_fires("TandemWorkflowTasksFailing", "TandemQueueBacklog", "TandemApiAbsent", within=30 + SOON)
    await tandem.stop("buggy worker")
    for name in ("mailbox", "worker", "api"):
        await tandem.start(name)


async def _servers_that_are_away(tandem: Machine, people: Office, watch: Watch) -> None:
    for _ in range(4):
        await people.opens()
    await tandem.stop("postgres")
    await watch.until_fires("TandemDatabaseAway", "TandemJournalBehind", within=25 + SOON)
    await tandem.stop("temporal")
    await watch.until_fires("TandemEngineAway", within=15 + SOON)
    await tandem.start("postgres")
    await tandem.start("temporal")


@asynccontextmanager
async def _again_and_again(act: Callable[[], Coroutine[Any, Any, object]], every: float) -> AsyncIterator[None]:
    """Somebody begins to `act` every so many seconds, however long each takes, while the block runs."""

    async def one() -> None:
        with suppress(NoAnswer):
            await act()

    async def all_of_them() -> None:
        async with asyncio.TaskGroup() as under_way:
            while True:
                under_way.create_task(one())
                await asyncio.sleep(every)

    acting = asyncio.create_task(all_of_them())
    try:
        yield
    finally:
        acting.cancel()
        with suppress(asyncio.CancelledError):
            await acting
