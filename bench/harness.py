"""The stack that is measured, the comparison beside it, and what all measurements need."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio.client import Client

import wiring
from bench import baseline
from bench.baseline_workflow import How
from bench.process_usage import Trees, load
from bench.replay_baseline import Reader
from bench.report import Kept, Line, Spread
from local.stack import on_free_ports, stack
from local.supervisor import Supervisor
from settings import Settings
from testing.sample_company import Company, founded
from wiring import Stores

HOWS: tuple[How, How] = ("regular", "local")
COUNTED = ("worker", "temporal", "postgres")
"""Processes whose CPU seconds have a goal; those of the API are told beside them."""

AT_ONCE = 8
"""Callers, where there are several."""

Ask = Callable[[int], Awaitable[None]]
"""Gives the n-th command."""


@dataclass(frozen=True)
class Size:
    """How much is measured. A worker keeps 1,000 workflows in memory: all that is begun here must be fewer."""

    requisitions: int = 16
    rounds: int = 3
    alone: int = 60
    together: int = 160
    lived_rounds: int = 3
    lived: int = 2
    idle: int = 150
    applications: int = 500


SMALL = Size(requisitions=4, rounds=2, alone=16, together=32, lived_rounds=1, lived=1, idle=10, applications=16)


@dataclass
class Bench:
    """A running stack with the comparison beside it, and what was measured on it so far."""

    size: Size
    settings: Settings
    company: Company
    client: Client
    at: Stores
    reader: Reader
    trees: Trees
    bare_api: str
    say: Callable[[str], None]
    kept: Kept | None = None
    lines: list[Line] = field(default_factory=list)
    _loads: list[float] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def begins(self, part: str) -> None:
        """What is told from here on is measured from here on."""
        self.say(f"{time.monotonic() - self._began:5.0f} s  {part}")
        self._loads = [load()]

    def note_load(self) -> None:
        """Remembers the load for the figures of this part."""
        self._loads.append(load())

    def tell(
        self,
        what: str,
        unit: str,
        values: Sequence[float],
        bare: Sequence[float] | None = None,
        goal: float | None = None,
        or_more: bool = False,
    ) -> None:
        """Keeps a figure: Tandem's, measured several times, the comparison's, and the goal."""
        theirs = None if bare is None else Spread.of(bare)
        line = Line(what, unit, Spread.of(values), Spread.of(self._loads), theirs, goal, or_more)
        self.lines.append(line)
        if self.kept is not None:
            self.kept.keep(line)


@asynccontextmanager
async def prepared(
    home: Path, size: Size, say: Callable[[str], None], kept: Kept | None = None, **changes: Any
) -> AsyncIterator[Bench]:
    """Everything started, with `changes` to the settings, and stopped again; figures are kept as they are told."""
    settings, port = on_free_ports(home, **changes), on_free_ports(home).api_port
    async with stack(settings, say=lambda _: None) as running, AsyncExitStack() as more:
        plain = Supervisor(settings, baseline.children(port), say=lambda _: None)
        more.push_async_callback(plain.stop)
        await plain.start()
        roots = {name: running.supervisor.pid(name) for name in (*COUNTED, "api")}
        roots |= {name: plain.pid(name) for name in ("bare-worker", "bare-api")}
        client = await wiring.engine(settings)
        at = await more.enter_async_context(wiring.stores(settings))
        company = await more.enter_async_context(founded(settings))
        yield Bench(
            size=size,
            settings=settings,
            company=company,
            client=client,
            at=at,
            reader=Reader(client, at.pool),
            trees=Trees(roots),
            bare_api=f"http://127.0.0.1:{port}",
            say=say,
            kept=kept,
        )


async def waits(ask: Ask, count: int, at_once: int) -> list[float]:
    """Milliseconds from request to receipt of each of `count` commands, `at_once` of them under way."""
    numbers, found = iter(range(count)), list[float]()

    async def caller() -> None:
        for number in numbers:
            began = time.perf_counter()
            await ask(number)
            found.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(caller() for _ in range(at_once)))
    return found


async def done(work: Iterable[Awaitable[object]]) -> None:
    """Does all of it, some at once."""
    shared = iter(work)

    async def take() -> None:
        for one in shared:
            await one

    await asyncio.gather(*(take() for _ in range(AT_ONCE)))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of `values` do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
