"""Many entities: what an idle one keeps of its worker's memory, and how fast a flood of applications is taken in."""

from __future__ import annotations

import time

from bench import baseline
from bench.harness import COUNTED, Bench, done
from local.demo.play import until

MEMORY_GOAL = 100


async def memory(bench: Bench) -> None:
    """What idle requisitions, and plain workflows, add to their worker's memory."""
    bench.begins("memory of idle searches")
    count = bench.size.idle
    first = await bench.company.opens()
    opening = (await bench.reader.read([f"requisition/{first}"])).taken[0].again(start=True)
    await bench.trees.settled("worker", "bare-worker")
    before = bench.trees.memory("worker"), bench.trees.memory("bare-worker")
    await done(bench.company.opens() for _ in range(count))
    await done(baseline.give(bench.client, f"idle-{number}", "regular", opening) for number in range(count))
    await bench.trees.settled("worker", "bare-worker")
    after = bench.trees.memory("worker"), bench.trees.memory("bare-worker")
    ours, theirs = ((now - was) / count / 1024 for was, now in zip(before, after, strict=True))
    bench.tell("memory of a search in cache", "KiB", [ours], goal=MEMORY_GOAL)
    bench.tell("  of a bare workflow in cache", "KiB", [theirs])


async def applications(bench: Bench) -> None:
    """Applications with a résumé each, to one requisition, until everybody is there to be read."""
    bench.begins("applications with documents")
    count = bench.size.applications
    requisition = await bench.company.opens()
    await bench.company.locks(requisition)
    await bench.trees.settled("worker")
    memory, cpu, began = bench.trees.memory("worker"), bench.trees.cpu(), time.perf_counter()
    await done(bench.company.adds(requisition) for _ in range(count))
    acknowledged = time.perf_counter() - began
    query = "SELECT count(*) FROM candidates WHERE requisition = $1"
    await until(lambda: bench.at.pool.fetchval(query, requisition), lambda there: there == count, "the last candidate")
    readable = time.perf_counter() - began
    bench.note_load()
    await bench.trees.settled("worker")
    grown = (bench.trees.memory("worker") - memory) / count / 1024
    spent = {name: (now - cpu[name]) / count * 1000 for name, now in bench.trees.cpu().items()}
    bench.tell(f"{count} applications with documents, until all can be read", "a second", [count / readable])
    bench.tell("  acknowledged", "a second", [count / acknowledged])
    for name in (*COUNTED, "api"):
        bench.tell(f"  {name}", "CPU ms each", [spent[name]])
    bench.tell("memory of a candidate in cache", "KiB", [grown], goal=MEMORY_GOAL)
