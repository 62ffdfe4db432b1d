"""What a whole requisition with ten candidates costs, and what the same updates cost as plain workflows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bench import baseline
from bench.baseline_workflow import How
from bench.harness import COUNTED, Bench, percentile
from bench.receipts import tell_events
from bench.replay_baseline import Recording, Taken

CANDIDATES = 10
GOAL = 1.25
SAME = "every update, regular activity"

Costs = dict[str, float]
"""CPU seconds a requisition, by process."""


async def lives(bench: Bench) -> None:
    """Searches live at once up to the slate and the screens; then all their updates are given to the comparison.

    Once all of them, and once only those that people asked for, without what entities tell each other.
    """
    bench.begins("whole searches with ten candidates")
    ours: list[Costs] = []
    theirs: dict[str, list[Costs]] = {}
    lived: list[Recording] = []
    bench.company.waits.clear()
    for number in range(bench.size.lived_rounds):
        recordings = await _live(bench, ours)
        lived += recordings
        everything = [recording.taken for recording in recordings]
        asked = [[one for one in taken if one.asked] for taken in everything]
        turns: tuple[tuple[str, How, list[list[Taken]]], ...] = (
            (SAME, "regular", everything),
            ("every update, local activity", "local", everything),
            ("what people asked for, regular activity", "regular", asked),
        )
        for name, how, again in turns:
            await _relive(bench, f"{number}-{name}", how, again, theirs.setdefault(name, []))
        bench.note_load()
    for name, plain in theirs.items():
        _tell(bench, name, ours, plain)
    bench.tell("  the API beside it", "CPU s", [one["api"] for one in ours])
    whole = sum(lived, Recording())
    bench.tell("updates in a search", "", [len(one.taken) for one in lived])
    bench.tell("  that people asked for", "", [sum(taken.asked for taken in one.taken) for one in lived])
    bench.tell("  appended to the journal", "", [one.events["JOURNAL_COMPLETED"] for one in lived])
    bench.tell("  effects carried out by themselves", "", [one.events["EFFECT_COMPLETED"] for one in lived])
    bench.tell("  Temporal actions", "", [one.actions for one in lived])
    for percent in (50, 99):
        what = f"receipt p{percent} while {bench.size.lived} searches live, every kind of command"
        bench.tell(what, "ms", [percentile(bench.company.waits, percent)])
    tell_events(bench, "history events an update in whole searches, effects and all", whole, goal=None)


async def _live(bench: Bench, costs: list[Costs]) -> list[Recording]:
    before = bench.trees.cpu()
    lived = await asyncio.gather(*(bench.company.requisitions(CANDIDATES) for _ in range(bench.size.lived)))
    await bench.trees.settled("worker", "postgres")
    costs.append(_spent(bench, before))
    return [
        await bench.reader.read([f"requisition/{requisition}", *(f"candidate/{one}" for one in candidates)])
        for requisition, candidates in lived
    ]


async def _relive(bench: Bench, prefix: str, how: How, lived: Sequence[Sequence[Taken]], costs: list[Costs]) -> None:
    async def relive(number: int, life: Sequence[Taken]) -> None:
        begun: set[str] = set()
        for taken in life:
            flow = f"{prefix}-{number}-{taken.stream.replace('/', '-')}"
            await baseline.give(bench.client, flow, how, taken.again(start=flow not in begun))
            begun.add(flow)

    before = bench.trees.cpu()
    await asyncio.gather(*(relive(number, life) for number, life in enumerate(lived)))
    await bench.trees.settled("bare-worker", "postgres")
    costs.append(_spent(bench, before))


def _spent(bench: Bench, before: Costs) -> Costs:
    return {name: (now - before[name]) / bench.size.lived for name, now in bench.trees.cpu().items()}


def _tell(bench: Bench, name: str, ours: Sequence[Costs], plain: Sequence[Costs]) -> None:
    of_bare = {tree: "bare-worker" if tree == "worker" else tree for tree in COUNTED}
    bench.tell(
        f"a search with ten candidates; bare {name}",
        "CPU s",
        [sum(one[tree] for tree in COUNTED) for one in ours],
        [sum(one[of_bare[tree]] for tree in COUNTED) for one in plain],
        GOAL if name == SAME else None,
    )
    for tree in COUNTED:
        bench.tell(f"  {tree}", "CPU s", [one[tree] for one in ours], [one[of_bare[tree]] for one in plain])
