"""What protection costs: sealing, signatures, the access registry and the audit, beside Tandem without any of them.

`python -m bench.protection_cost` starts two stacks of its own on free ports in temporary homes, the one as it ships,
the other with `bench.unprotected`. Both live the same searches and are asked for the same pages, in turns, each at rest
while the other works; the figure of a turn is the CPU of a command or a page, and the ratio the median of the turns'.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click
import httpx
from rich.console import Console

from bench.process_usage import Trees, load
from bench.report import Line, Spread, show
from local.process_specs import Commands
from local.stack import on_free_ports, stack
from testing.sample_company import Company, founded
from testing.sign_in import signed_in_at

GOAL = 1.15
"""Times the CPU of Tandem without protection (issue 11, “How it is checked”)."""

CANDIDATES = 10
TREES = ("api", "worker")


@dataclass(frozen=True)
class Size:
    """Turns of each kind; pages are asked for so often a turn."""

    searches: int = 5
    turns: int = 7
    pages: int = 60


SMALL = Size(searches=1, turns=2, pages=10)


@dataclass
class Side:
    """A running stack with its company, and one search that was lived there."""

    company: Company
    trees: Trees
    requisition: str = ""
    candidate: str = ""

    async def lives(self) -> float:
        """CPU milliseconds a command of a whole search: API and worker."""
        before, given = self.trees.cpu(), len(self.company.waits)
        self.requisition, candidates = await self.company.requisitions(CANDIDATES)
        await self.trees.settled(*TREES)
        self.candidate = candidates[0]
        return self._spent(before) / (len(self.company.waits) - given)

    async def reads(self, path: str, who: str, often: int) -> float:
        """CPU milliseconds of the page, or of an answer of the API."""
        base = self.company.settings.base_url
        path = path.format(requisition=self.requisition, candidate=self.candidate)
        token = self.company.tokens[who]
        if path.startswith("/v1"):
            known: dict[str, object] = {"headers": {"Authorization": f"Bearer {token}"}}
        else:
            known = {"cookies": (await signed_in_at(base, token)).jar}
        async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False, **known) as http:  # type: ignore[arg-type]
            (await http.get(path)).raise_for_status()
            before = self.trees.cpu()
            for _ in range(often):
                (await http.get(path)).raise_for_status()
        return self._spent(before) / often

    def _spent(self, before: dict[str, float]) -> float:
        return sum(now - before[name] for name, now in self.trees.cpu().items()) * 1000


@asynccontextmanager
async def side(home: Path, commands: Commands) -> AsyncIterator[Side]:
    """A stack of its own, with its company."""
    settings = on_free_ports(home, requests_per_second=10_000)
    async with stack(settings, lambda _: None, commands) as running, AsyncExitStack() as more:
        company = await more.enter_async_context(founded(settings))
        yield Side(company, Trees({name: running.supervisor.pid(name) for name in TREES}))


ASKED = (
    ("the board", "/board", "mara"),
    ("a search", "/requisitions/{requisition}", "mara"),
    ("what happened in it", "/requisitions/{requisition}/timeline", "mara"),
    ("a candidate", "/candidates/{candidate}", "mara"),
    ("what a manager owes", "/owed", "dana"),
    ("a candidate, by the API", "/v1/candidates/{candidate}", "mara"),
    ("its timeline, by the API", "/v1/requisitions/{requisition}/timeline", "mara"),
)


def _line(what: str, with_it: list[float], without: list[float], loads: list[float]) -> Line:
    ratio = median(ours / theirs for ours, theirs in zip(with_it, without, strict=True))
    bare = Spread.of(without)
    # The ratio is that of the turns, each against its neighbour: the median of one side alone may lie elsewhere.
    return Line(f"{what} (ratio of the turns {ratio:.2f})", "ms", Spread.of(with_it), Spread.of(loads), bare, GOAL)


async def measured(size: Size, console: Console) -> list[Line]:
    """All figures."""
    without = tuple((sys.executable, "-m", "bench.unprotected", room) for room in ("migrate", "worker", "api"))
    lines = []
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        async with side(Path(home) / "a", Commands()) as ours, side(Path(home) / "b", Commands(*without)) as theirs:
            for one in (ours, theirs):
                await one.lives()
            console.print("both have lived a search")

            async def turns(what: str, count: int, figure: str, *more: object) -> None:
                mine, other, loads = list[float](), list[float](), [load()]
                for number in range(count):
                    pair = [(ours, mine), (theirs, other)]
                    for one, kept in pair if number % 2 == 0 else reversed(pair):
                        kept.append(await getattr(one, figure)(*more))
                    loads.append(load())
                lines.append(_line(what, mine, other, loads))
                show(lines[-1:], console)

            await turns("a command of a whole search", size.searches, "lives")
            for what, path, who in ASKED:
                await turns(what, size.turns, "reads", path, who, size.pages)
    return lines


@click.command()
@click.option("--small", is_flag=True, help="A quick try of everything; its figures mean nothing.")
def main(small: bool) -> None:
    """Measures two stacks of its own, prints a table, and ends."""
    console = Console(width=150, highlight=False)
    show(asyncio.run(measured(SMALL if small else Size(), console)), console)


if __name__ == "__main__":
    main()
