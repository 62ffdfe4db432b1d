"""How fast the ops board is read: 2,000 open requisitions with 10,000 running promises, one client, 200 requests, warm.

`python -m bench.ops_board` starts servers of its own on free ports in a temporary home, fills the read model with a
crowd (`testing.crowd`), and asks the real API process. The machine's load stands beside each figure.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import click
from rich.console import Console

import wiring
from bench.harness import percentile
from bench.process_usage import load
from bench.report import Line, Spread, show
from domain.access.roles import Role
from local.api_client import Api
from local.process_specs import Child, Commands, ours
from local.stack import on_free_ports, servers
from local.supervisor import Supervisor
from settings import Settings
from store.migrate import migrate
from store.users import User
from testing.crowd import Crowd, fill

GOAL = 50.0
"""Milliseconds that 95 of 100 readings of the board may take."""

BOARD = "/v1/ops"
LISTS = ("/v1/ops/breaches", "/v1/ops/breaches/weeks", "/v1/ops/stuck", "/v1/ops/workload", "/v1/ops/sla", "/v1/board")
WARM_UP = 20


async def measured(crowd: Crowd, requests: int) -> list[Line]:
    """p50 and p95 of the board, and of each list beside it."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        async with _served(on_free_ports(Path(home)), crowd) as api:
            for path in (BOARD, *LISTS):
                loads, waits = [load()], await asked(api, path, requests)
                loads.append(load())
                goal = GOAL if path == BOARD else None
                for percent, most in ((50, None), (95, goal)):
                    figure = Spread.of([percentile(waits, percent)])
                    lines.append(Line(f"GET {path}, p{percent}", "ms", figure, Spread.of(loads), goal=most))
    return lines


async def asked(api: Api, path: str, requests: int) -> list[float]:
    """Milliseconds of each request, one after the other."""
    waits = []
    for number in range(WARM_UP + requests):
        began = time.perf_counter()
        await api.read(path)
        if number >= WARM_UP:
            waits.append((time.perf_counter() - began) * 1000)
    return waits


@asynccontextmanager
async def _served(settings: Settings, crowd: Crowd) -> AsyncIterator[Api]:
    """The API over a crowd, spoken to by somebody who operates it."""
    async with servers(settings), AsyncExitStack() as more:
        await asyncio.to_thread(migrate, settings.database_dsn)
        at = await more.enter_async_context(wiring.stores(settings))
        await fill(at.pool, crowd)
        operator = User(
            id="P-OPERATOR",
            name="Somebody who operates",
            email="ops@example.org",
            zone="UTC",
            standing=frozenset({Role.OPS}),
        )
        await at.people.put(operator)
        token = await at.tokens.make(operator.id, "person", "bench")
        api = [member for member in ours(settings, Commands()) if isinstance(member, Child) and member.name == "api"]
        process = Supervisor(settings, api, say=lambda _: None)
        more.push_async_callback(process.stop)
        await process.start()
        yield await more.enter_async_context(Api(settings.base_url, token, patience=10))


@click.command()
@click.option("--searches", "requisitions", default=2_000, show_default=True)
@click.option("--clocks", default=10_000, show_default=True, help="Promises that run.")
@click.option("--requests", default=200, show_default=True)
def main(requisitions: int, clocks: int, requests: int) -> None:
    """Measures a stack of its own, prints a table, and ends."""
    console = Console(width=130, highlight=False)
    console.print(f"{requisitions:,} searches, {clocks:,} promises that run; load {load():.2f}")
    show(asyncio.run(measured(Crowd(requisitions=requisitions, running=clocks), requests)), console)


if __name__ == "__main__":
    main()
