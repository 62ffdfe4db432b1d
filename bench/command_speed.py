"""How fast Tandem takes commands, and what they cost, beside plain Temporal workflows that take the same updates.

`python -m bench.command_speed` starts servers of its own on free ports in a temporary home, and measures Tandem and the
comparison in turns, each at rest while the other works.
"""

from __future__ import annotations

import asyncio
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import psutil
from rich.console import Console

from bench import decider_speed
from bench.entity_memory import applications, memory
from bench.harness import SMALL, Bench, Size, prepared
from bench.process_usage import load
from bench.receipts import receipts
from bench.report import Kept, Line, show
from bench.requisition_cost import lives


async def measured(size: Size, console: Console, kept: Kept | None) -> list[Line]:
    """All figures."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        async with prepared(Path(home), size, console.print, kept) as bench:
            for part in (receipts, lives, memory, applications):
                try:
                    await part(bench)
                except TimeoutError:  # what was measured until then is kept, and the next is measured
                    console.print(f"[red]{part.__name__} ended early: something went on working, or did not answer")
            _rules(bench)
            return bench.lines


def _rules(bench: Bench) -> None:
    bench.begins("the rules alone")
    rates = decider_speed.rates(decider_speed.the_mix())
    what = "decide + evolve + react of a command, one core, best"
    bench.tell(what, "a CPU second", [max(rates)], goal=decider_speed.GOAL, or_more=True)
    bench.tell("  in every go", "a CPU second", rates)


@click.command()
@click.option("--small", is_flag=True, help="A quick try of everything; its figures mean nothing.")
@click.option(
    "--write", type=click.Path(path_type=Path, dir_okay=False), help="Keep each figure in this file, as JSON."
)
def main(small: bool, write: Path | None) -> None:
    """Measures a stack of its own, prints a table, and ends."""
    console, began, at = Console(width=170, highlight=False), time.monotonic(), datetime.now(UTC)
    machine = (
        f"{psutil.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
    console.print(f"{at:%Y-%m-%d %H:%M} UTC, {machine}, load {load():.2f}")
    lines = asyncio.run(measured(SMALL if small else Size(), console, Kept(write, load()) if write else None))
    show(lines, console)
    console.print(f"took {time.monotonic() - began:.0f} s, load {load():.2f}")


if __name__ == "__main__":
    main()
