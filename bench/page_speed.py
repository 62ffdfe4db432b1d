"""How fast the pages are: 500 open requisitions, 10,000 candidates and a million rows in the journal.

`python -m bench.page_speed` starts servers of its own on free ports in a temporary home, fills them with a company and
its journal (`bench.seed_journal`), and asks the real API process for pages as a browser does: one client, 200
requests, warm. One requisition has 500 candidates. With `--plans` it shows every query behind a page with its plan, and
always how long a phone waits for an interviewer's pages: nothing in its cache, 150 ms from the server, 1.6 Mbit/s, a
processor four times slower, the median of ten. Load stands beside each figure.
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
from typing import Any, NamedTuple

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
from bench.seed_journal import CROWDED, CROWDED_BY, Size, fill
from local.process_specs import Child, Commands, ours
from local.stack import on_free_ports, servers
from local.supervisor import Supervisor
from settings import Settings
from store.migrate import migrate
from testing.journal_company import ANNA, REQUISITION
from testing.people import INTERVIEWER, PARTNER, RECRUITER, RECRUITING_LEAD
from testing.sign_in import signed_in_at
from wiring import Services

MILLISECONDS, KILOBYTES, SECONDS = 100.0, 100.0, 1.5
"""What 95 of 100 readings of a page may take, what it may weigh, and how long a phone may wait for a page."""

WARM_UP, COLD = 20, 10
PHONE_LINK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
"""150 ms there and back, 1.6 Mbit/s down, 750 kbit/s up (bytes a second)."""


class Goal(NamedTuple):
    """What 95 of 100 readings may take, in milliseconds, and what the page may weigh, in kilobytes."""

    milliseconds: float = MILLISECONDS
    kilobytes: float = KILOBYTES


class Asked(NamedTuple):
    """A page that is asked for: what it is, where, by whom, and what it may take at most."""

    what: str
    path: str
    reader: str
    goal: Goal = Goal()


REPORTS = Goal(milliseconds=500.0)
PAGES = (
    Asked("the board of a lead, 100 of all requisitions", "/board", RECRUITING_LEAD),
    Asked("the board, asked again", "/board/lines", RECRUITING_LEAD),
    Asked("a requisition", f"/requisitions/{REQUISITION}", RECRUITER),
    Asked("what happened in it", f"/requisitions/{REQUISITION}/timeline", RECRUITER),
    Asked("its pipeline", f"/requisitions/{REQUISITION}/pipeline", RECRUITER),
    Asked("a pipeline of many candidates", f"/requisitions/{CROWDED}/pipeline", CROWDED_BY),
    Asked("the same as a table", f"/requisitions/{CROWDED}/pipeline?view=table", CROWDED_BY),
    Asked("a candidate", f"/candidates/{ANNA}", RECRUITER),
    Asked("a recruiter's tasks", "/owed", RECRUITER),
    Asked("a recruiter's notifications", "/notifications", RECRUITER),
    Asked("the applicants of a recruiter of one requisition", "/applicants", RECRUITER),
    Asked("the applicants of an HR partner of all", "/applicants", PARTNER),
    Asked("the overview of a lead", "/overview", RECRUITING_LEAD),
    Asked("the reports of a lead, over a quarter", "/reports", RECRUITING_LEAD, REPORTS),
    Asked("the reports of a recruiter, over a quarter", "/reports", RECRUITER, REPORTS),
)

ON_A_PHONE = (
    ("the scorecard on a phone", f"/candidates/{ANNA}/submit-scorecard"),
    ("an interviewer's tasks on a phone", "/owed"),
)
"""What an interviewer opens between two meetings."""


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
            for person in {INTERVIEWER, *(page.reader for page in PAGES)}
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
    for what, path, reader, goal in PAGES:
        loads = [load()]
        waits, weight, spent = await _asked(at, path, reader, requests)
        loads.append(load())
        beside = Spread.of(loads)
        for percent in (50, 95):
            figure = Spread.of([percentile(waits, percent)])
            aimed = goal.milliseconds if percent == 95 else None
            lines.append(Line(f"{what}, p{percent}", "ms", figure, beside, goal=aimed))
        lines.append(Line(f"{what}, CPU of API and PostgreSQL", "ms", Spread.of([spent * 1000]), beside))
        heavy = Spread.of([weight / 1000])
        lines.append(Line(f"{what}, compressed", "KB", heavy, beside, goal=goal.kilobytes))
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
            assert answer.status_code in (200, 304), f"{path}: {answer.status_code} {answer.text[:500]}"
            tag = answer.headers.get("ETag", "")
            weight = answer.num_bytes_downloaded
    return waits, weight, (sum(at.trees.cpu().values()) - before) / requests


async def first_paint(at: Served, browser: Browser, what: str, path: str) -> Line:
    """Seconds until a phone that was never here shows something of a page."""
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
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, answer.status
        paint = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        waits.append(await (await page.wait_for_function(paint)).json_value() / 1000)
        await context.close()
    loads.append(load())
    figure = Spread(median(waits), min(waits), max(waits))
    return Line(f"{what}, first contentful paint", "s", figure, Spread.of(loads), goal=SECONDS)


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


async def measured(size: Size, requests: int, console: Console, explain: bool = False) -> list[Line]:
    """Everything, on a stack that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        async with served(on_free_ports(Path(home)), size) as at:
            lines = await pages(at, requests)
            if chromium := shutil.which("chromium"):
                async with async_playwright() as playwright:
                    browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                    for what, path in ON_A_PHONE:
                        lines.append(await first_paint(at, browser, what, path))
                    await browser.close()
            else:
                console.print("No Chromium is installed: nobody waited on a phone.", style="bold red")
            if explain:
                await plans(at, console)
    return lines


@click.command()
@click.option("--searches", "requisitions", default=500, show_default=True)
@click.option("--candidates", default=20, show_default=True, help="In each search.")
@click.option("--events", default=2_000, show_default=True, help="Of each search and its candidates.")
@click.option("--crowd", default=500, show_default=True, help="Candidates of one search.")
@click.option("--requests", default=200, show_default=True)
@click.option("--plans", "explain", is_flag=True, help="Every query with its plan as well.")
def main(requisitions: int, candidates: int, events: int, crowd: int, requests: int, explain: bool) -> None:
    """Measures a stack of its own, prints a table, and ends."""
    console = Console(width=150, highlight=False)
    console.print(
        f"{requisitions:,} searches, {requisitions * candidates:,} candidates, {requisitions * events:,} events"
    )
    size = Size(requisitions, candidates, events, crowd)
    show(asyncio.run(measured(size, requests, console, explain)), console)


if __name__ == "__main__":
    main()
