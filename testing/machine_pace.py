"""CPU time as the machine for which the tests' bounds were chosen would spend it, however busy or slow this one is.

A bound in seconds says nothing on a machine that is three times slower, or whose cores others use at the same time. So
each measurement stands between two runs of a fixed piece of work, and is divided by how much slower that went than it
should.
"""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable

YARDSTICK_SECONDS = 0.030
"""CPU time of one look at the fixed piece of work on that machine, with nothing beside."""

_TEXT = " ".join(f"We shipped {n} imports in {n % 53} weeks, said Ada-{n % 7}." for n in range(2_500))
_WORD = re.compile(r"\b(?:ship|import|week)(?:ped|s)?\b|\d+")


def pace() -> float:
    """How many times slower than it should this machine now is: 1 at least."""
    return max(1.0, _seconds(_fixed_work) / YARDSTICK_SECONDS)


def takes_less_than(most: float, work: Callable[[], object]) -> bool:
    """Whether `work` takes fewer than `most` seconds of CPU time here, where no machine is faster than that one.

    Raises what `work` does.
    """
    return _seconds(work) < most


def cpu_seconds(work: Callable[[], object], tries: int = 3) -> float:
    """CPU time that `work` takes, in seconds of that machine: the least of `tries`.

    The collector of cycles, which now and then looks at all there is, stands still meanwhile. Raises what `work` does.
    """
    taken = []
    for _ in range(tries):
        before = pace()
        spent = _seconds(work)
        taken.append(spent / max(before, pace()))
    return min(taken)


def _seconds(work: Callable[[], object]) -> float:
    gc.disable()
    try:
        began = time.process_time()
        work()
        return time.process_time() - began
    finally:
        gc.enable()


def _fixed_work() -> None:
    """Words found, counted, put in order and put together again: what reading a document is made of."""
    counted: dict[str, int] = {}
    for found in _WORD.finditer(_TEXT):
        word = found.group().casefold()
        counted[word] = counted.get(word, 0) + 1
    "".join(f"{word}:{counted[word]}" for word in sorted(counted, key=lambda word: (-counted[word], word)))
    sum(ord(letter) for letter in _TEXT)
