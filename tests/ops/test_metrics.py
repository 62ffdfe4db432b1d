"""What the pages for Prometheus say: of a journal that was written, of servers that are away, of requests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.metrics_core import Metric

from api import metrics_middleware, problems
from local.stack import on_free_ports
from ops import metrics
from ops.database_metrics import census
from ops.metrics import Page, ServerFigures, registry
from store.journal import Journal
from store.projections import PROJECTIONS
from store.rebuild import rebuild
from testing.journal_company import (  # fmt: skip
    ANNA,
    Company,
    advanced,
    candidates_added,
    intake_booked,
    interview_booked,
    opened,
    rubric_signed,
    rubric_written,
)

A_REQUISITION = (opened, intake_booked, rubric_written, rubric_signed, candidates_added, advanced, interview_booked)


@pytest.fixture
async def requisition(pool: asyncpg.Pool) -> asyncpg.Pool:
    """The database of a company with one requisition, in which Anna is to be interviewed and Bert was turned down."""
    company, journal = Company(), Journal(pool, PROJECTIONS)
    for step in A_REQUISITION:
        step(company)
    for stream, records in company.journal.items():
        await journal.append(stream, records)
    await rebuild(pool, PROJECTIONS)
    return pool


async def counted(pool: asyncpg.Pool, name: str) -> dict[str, float]:
    """The figures of one name, by their first label; "" where it has none."""
    found: dict[str, float] = {}
    for family in await census(pool):
        for sample in family.samples if family.name == name else ():
            label = next(iter(sample.labels.values()), "")
            found[label] = found.get(label, 0) + sample.value
    return found


async def test_a_candidate_counts_until_they_are_out(requisition: asyncpg.Pool) -> None:
    assert await counted(requisition, "tandem_candidates") == {"interviewing": 1}
    assert sum((await counted(requisition, "tandem_requisitions")).values()) == 1


async def test_every_promise_counts_once_while_it_is_owed(requisition: asyncpg.Pool) -> None:
    owed = await requisition.fetch("SELECT name, count(*) FROM clocks WHERE ended_at IS NULL GROUP BY name")
    assert len(owed) > 1
    assert await counted(requisition, "tandem_clocks") == {row["name"]: row["count"] for row in owed}


async def test_only_a_late_promise_has_an_age_of_lateness(requisition: asyncpg.Pool) -> None:
    assert await counted(requisition, "tandem_clock_breached_oldest_seconds") == {}
    late = await requisition.fetchval(
        "UPDATE clocks SET breached_at = now() - interval '2 days' WHERE (stream, id) = "
        "(SELECT stream, id FROM clocks WHERE ended_at IS NULL AND stands_since IS NULL LIMIT 1) RETURNING name"
    )
    assert await counted(requisition, "tandem_clock_breached_oldest_seconds") == {
        late: pytest.approx(2 * 86400, abs=60)
    }


async def test_a_read_model_that_is_behind_shows(requisition: asyncpg.Pool) -> None:
    assert await counted(requisition, "tandem_read_model_behind") == {"candidate": 0, "requisition": 0}
    assert await counted(requisition, "tandem_read_model_outdated") == {"": 0}
    await requisition.execute("UPDATE candidates SET version = version - 1 WHERE id = $1", ANNA)
    await requisition.execute("UPDATE read_model SET shape = 'another'")
    assert await counted(requisition, "tandem_read_model_behind") == {"candidate": 1, "requisition": 0}
    assert await counted(requisition, "tandem_read_model_outdated") == {"": 1}


async def test_a_page_without_a_database_answers_and_says_so(requisition: asyncpg.Pool, tmp_path: Path) -> None:
    await requisition.close()
    nobody_listens = on_free_ports(tmp_path).sdk_metrics_port
    page = Page(registry(), [ServerFigures("database", lambda: census(requisition))], nobody_listens)
    assert b"\ntandem_database_up 0.0\n" in await page.text()


async def test_a_server_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "PATIENCE", 0.05)
    silent = ServerFigures("engine", lambda: asyncio.Future[Iterable[Metric]]())
    await silent.refresh()
    assert [family.samples[0].value for family in silent.collect() if family.name == "tandem_engine_up"] == [0.0]


async def test_two_who_scrape_at_once_ask_once() -> None:
    asked: list[int] = []

    async def ask() -> Iterable[Metric]:
        asked.append(1)
        return ()

    server = ServerFigures("engine", ask)
    await asyncio.gather(server.refresh(), server.refresh())
    assert len(asked) == 1


async def test_a_request_counts_under_its_route_and_a_problem_under_its_code() -> None:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(metrics_middleware.MetricsMiddleware)

    @app.get("/v1/people/{person}")
    async def person(person: str) -> None:
        if person == "P-BUG":
            raise ValueError(person)
        raise problems.unavailable("The engine")

    def requests(route: str, status: str) -> float:
        labels = {"method": "GET", "route": route, "status": status}
        return metrics_middleware.FIGURES.get_sample_value("tandem_api_request_seconds_count", labels) or 0.0

    def refusals(code: str) -> float:
        return metrics_middleware.FIGURES.get_sample_value("tandem_api_refusals_total", {"code": code}) or 0.0

    # Other tests ask in this process too.
    route, unavailable, nowhere = "/v1/people/{person}", refusals("unavailable"), requests("none", "404")
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://tandem") as http:
        for path in ("/v1/people/P-1", "/v1/people/P-2", "/v1/people/P-BUG", "/nowhere/P-3"):
            await http.get(path)
    assert (requests(route, "503"), requests(route, "500"), requests("none", "404") - nowhere) == (2, 1, 1)
    assert refusals("unavailable") == unavailable + 2
