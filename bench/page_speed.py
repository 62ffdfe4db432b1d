"""How fast the pages are: 500 open requisitions, 10,000 candidates and a million rows in the journal.

`python -m bench.page_speed` starts servers of its own on free ports in a temporary home, fills them with a company and
its journal (`bench.seed_journal`), and asks the real API process for pages as a browser does: one client, 200
requests, warm. It shows every query behind a page with its plan, and how long a phone waits for the scorecard: nothing
in its cache, 150 ms from the server, 1.6 Mbit/s, a processor four times slower, the median of ten. Load stands beside
each figure.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from textwrap import dedent
from typing import Any

import asyncpg
import click
import httpx
from playwright.async_api import Browser, async_playwright
from rich.console import Console

import wiring
from api.app import create_app
from bench.harness import percentile
from bench.process_usage import Trees, load
from bench.report import Line, Spread, show
from bench.seed_journal import Size, fill
from local.process_specs import Child, Commands, ours
from local.stack import on_free_ports, servers
from local.supervisor import Supervisor
from settings import Settings
from store.migrate import migrate
from testing.journal_company import ANNA, REQUISITION
from testing.people import INTERVIEWER, RECRUITER, RECRUITING_LEAD
from testing.sign_in import signed_in_at
from wiring import Services

MILLISECONDS, KILOBYTES, SECONDS = 100.0, 100.0, 1.5
"""What 95 of 100 readings of a page may take, what it may weigh, and how long a phone may wait for the scorecard."""

WARM_UP, COLD = 20, 10
PHONE_LINK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
"""150 ms there and back, 1.6 Mbit/s down, 750 kbit/s up (bytes a second)."""

PAGES = (
    ("the board of a lead, 100 of all searches", "/board", RECRUITING_LEAD, True),
    ("the board, asked again", "/board/lines", RECRUITING_LEAD, False),
    ("a search", f"/requisitions/{REQUISITION}", RECRUITER, True),
    ("what happened in it", f"/requisitions/{REQUISITION}/timeline", RECRUITER, False),
    ("a candidate", f"/candidates/{ANNA}", RECRUITER, False),
    ("what a recruiter owes", "/owed", RECRUITER, False),
    ("the reports of a lead, over a quarter", "/reports", RECRUITING_LEAD, False),
)
"""What is asked for, where, by whom, and whether it has a goal."""

SCORECARD = f"/candidates/{ANNA}/submit-scorecard"


@dataclass(frozen=True)
class Served:
    """A running API over the company with its processes, and a token for each of those who read."""

    settings: Settings
    tokens: dict[str, str]
    trees: Trees


@asynccontextmanager
async def served(settings: Settings, size: Size) -> AsyncIterator[Served]:
    """The API in a process of its own, over a company of this size."""
    async with servers(settings) as running, AsyncExitStack() as more:
        await asyncio.to_thread(migrate, settings.database_dsn)
        kept = await more.enter_async_context(wiring.stores(settings))
        await fill(kept, size)
        tokens = {
            person: await kept.tokens.make(person, "person", "bench")
            for person in (RECRUITER, RECRUITING_LEAD, INTERVIEWER)
        }
        api = [member for member in ours(settings, Commands()) if isinstance(member, Child) and member.name == "api"]
        process = Supervisor(settings, api, say=lambda _: None)
        more.push_async_callback(process.stop)
        await process.start()
        trees = Trees({"api": process.pid("api"), "postgres": running.supervisor.pid("postgres")})
        yield Served(settings, tokens, trees)


async def pages(at: Served, requests: int) -> list[Line]:
    """p50 and p95 of each page, and what it weighs compressed."""
    lines = []
    for what, path, reader, aimed in PAGES:
        loads = [load()]
        count = requests if aimed else max(requests // 4, 10)
        waits, weight, spent = await _asked(at, path, reader, count)
        loads.append(load())
        beside = Spread.of(loads)
        for percent in (50, 95):
            goal = MILLISECONDS if aimed and percent == 95 else None
            figure = Spread.of([percentile(waits, percent)])
            lines.append(Line(f"{what}, p{percent}", "ms", figure, beside, goal=goal))
        lines.append(Line(f"{what}, CPU of API and PostgreSQL", "ms", Spread.of([spent * 1000]), beside))
        goal = KILOBYTES if aimed else None
        lines.append(Line(f"{what}, compressed", "KB", Spread.of([weight / 1000]), beside, goal=goal))
    return lines


async def _asked(at: Served, path: str, reader: str, requests: int) -> tuple[list[float], int, float]:
    """Milliseconds of each request, one after the other; bytes of an answer on the line; CPU seconds of a request.

    What was answered with an `ETag` is asked for as what is known by it.
    """
    waits, weight, before, tag = list[float](), 0, 0.0, ""
    cookie = await signed_in_at(_base(at), at.tokens[reader])
    async with httpx.AsyncClient(base_url=_base(at), cookies=cookie.jar, timeout=60, trust_env=False) as http:
        for number in range(WARM_UP + requests):
            if number == WARM_UP:
                before = sum(at.trees.cpu().values())
            began = time.perf_counter()
            answer = await http.get(path, headers={"If-None-Match": tag})
            if number >= WARM_UP:
                waits.append((time.perf_counter() - began) * 1000)
            assert answer.status_code in (200, 304), answer.status_code
            tag = answer.headers.get("ETag", "")
            weight = answer.num_bytes_downloaded
    return waits, weight, (sum(at.trees.cpu().values()) - before) / requests


async def first_paint(at: Served, browser: Browser) -> Line:
    """Seconds until a phone that was never here shows something of the scorecard."""
    loads, waits = [load()], []
    for _ in range(COLD):
        context = await browser.new_context(base_url=_base(at), viewport={"width": 375, "height": 740})
        cookie = await signed_in_at(_base(at), at.tokens[INTERVIEWER])
        await context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": _base(at)}])
        page = await context.new_page()
        protocol = await context.new_cdp_session(page)
        await protocol.send("Network.enable")
        await protocol.send("Network.emulateNetworkConditions", PHONE_LINK)
        await protocol.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        answer = await page.goto(SCORECARD)
        assert answer is not None
        assert answer.status == 200, answer.status
        paint = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        waits.append(await (await page.wait_for_function(paint)).json_value() / 1000)
        await context.close()
    loads.append(load())
    figure = Spread(median(waits), min(waits), max(waits))
    return Line("scorecard on a phone, first contentful paint", "s", figure, Spread.of(loads), goal=SECONDS)


async def plans(at: Served, console: Console) -> None:
    """Prints each query behind a page, with its plan as it was carried out."""
    for what, path, reader, _ in PAGES:
        console.rule(what)
        async with wiring.stores(at.settings) as kept:
            for query, arguments in (await _queries(at, path, reader)).items():
                console.print(dedent(query).strip(), highlight=False, markup=False)
                for row in await kept.pool.fetch(f"EXPLAIN (ANALYZE, BUFFERS OFF) {query}", *arguments):
                    console.print(f"    {row[0]}", highlight=False, markup=False)


async def _queries(at: Served, path: str, reader: str) -> dict[str, tuple[Any, ...]]:
    """What one reading of a page asks the database, with the arguments of the first time."""
    asked: dict[str, tuple[Any, ...]] = {}

    async def heard(connection: asyncpg.Connection) -> None:
        connection.add_query_logger(lambda query: asked.setdefault(query.query, query.args))

    app, cookie = create_app(at.settings), await signed_in_at(_base(at), at.tokens[reader])
    async with app.router.lifespan_context(app), asyncpg.create_pool(at.settings.database_dsn, init=heard) as pool:
        at_work: Services = app.state.services
        app.state.pages.state.services = Services(at.settings, pool, at_work.temporal, at_work.policy)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=_base(at), cookies=cookie.jar) as http:
            (await http.get(path)).raise_for_status()
    return {query: arguments for query, arguments in asked.items() if "FROM" in query}


def _base(at: Served) -> str:
    return f"http://127.0.0.1:{at.settings.api_port}"


async def measured(size: Size, requests: int, console: Console) -> list[Line]:
    """Everything, on a stack that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        async with served(on_free_ports(Path(home)), size) as at:
            lines = await pages(at, requests)
            if chromium := shutil.which("chromium"):
                async with async_playwright() as playwright:
                    browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                    lines.append(await first_paint(at, browser))
                    await browser.close()
            else:
                console.print("No Chromium is installed: nobody waited for the scorecard.", style="bold red")
            await plans(at, console)
    return lines


@click.command()
@click.option("--searches", "requisitions", default=500, show_default=True)
@click.option("--candidates", default=20, show_default=True, help="In each search.")
@click.option("--events", default=2_000, show_default=True, help="Of each search and its candidates.")
@click.option("--requests", default=200, show_default=True)
def main(requisitions: int, candidates: int, events: int, requests: int) -> None:
    """Measures a stack of its own, prints every query with its plan and a table, and ends."""
    console = Console(width=150, highlight=False)
    console.print(
        f"{requisitions:,} searches, {requisitions * candidates:,} candidates, {requisitions * events:,} events"
    )
    show(asyncio.run(measured(Size(requisitions, candidates, events), requests, console)), console)


if __name__ == "__main__":
    main()
