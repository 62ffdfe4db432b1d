"""What processes cost: CPU seconds and memory of whole process trees, and the machine's load beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Iterable, Mapping

import psutil

QUIET = 0.05
"""CPU seconds a second below which a process has nothing left to do."""

SETTLES_WITHIN = 30.0


def load() -> float:
    """The machine's load average over the last minute; above its number of cores, processes wait for each other."""
    return os.getloadavg()[0]


class Trees:
    """Process trees by name, each known by its root's process id."""

    def __init__(self, roots: Mapping[str, int]) -> None:
        self._roots = {name: psutil.Process(pid) for name, pid in roots.items()}

    def cpu(self, names: Iterable[str] | None = None) -> dict[str, float]:
        """User and system CPU seconds of each tree so far, those of its children that ended included."""
        return {name: _cpu(self._roots[name]) for name in (names or self._roots)}

    def memory(self, name: str) -> int:
        """Resident bytes of a root process."""
        resident: int = self._roots[name].memory_info().rss
        return resident

    async def settled(self, *names: str, within: float = SETTLES_WITHIN) -> None:
        """Returns when these trees have had nothing to do for a second; raises TimeoutError after `within` seconds."""
        quiet = 0
        async with asyncio.timeout(within):
            while quiet < 2:
                before, began = sum(self.cpu(names).values()), time.monotonic()
                await asyncio.sleep(0.5)
                spent = sum(self.cpu(names).values()) - before
                quiet = quiet + 1 if spent / (time.monotonic() - began) < QUIET else 0


def _cpu(root: psutil.Process) -> float:
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            # A child that ended is counted by the parent that waited for it.
            total += times.user + times.system + times.children_user + times.children_system
    return total
