"""What 2,000 open requisitions with 10,000 running clocks cost, and how late they are told when 500 fall due in a
minute.

`python -m bench.clock_speed` starts servers of its own on free ports in a temporary home, fills them with requisitions
that the rules alone made (`bench.open_requisitions`), and as many bare workflows with the same timers; then deadlines
fall due, in turns with the comparison's. See `docs/performance.md`.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import click
from rich.console import Console

from bench.baseline_workflow import QUEUE, BareClock
from bench.harness import Bench, Size, done, percentile, prepared
from bench.open_requisitions import CLOCKS, OpenRequisition, Staff, hired, policy_of
from bench.ops_board import BOARD, asked
from bench.ops_board import GOAL as BOARD_GOAL
from bench.process_usage import load
from bench.replay_baseline import Recording
from bench.report import Kept, Line, show
from bench.tick_lateness import Lateness, of_bare, of_requisitions
from domain.access.team import Actor
from domain.core.messages import Command
from domain.entity.clock_commands import ExtendClock, SetLegalHold
from domain.entity.effects import EFFECTS
from domain.sla.policy import Policy
from local.api_client import Api
from ops.administration import Operator
from ops.revive import start
from workflows.client import give
from workflows.contract import Envelope, update_id

MEMORY_GOAL = 100
LATENESS_GOAL = 1.25
FAR = timedelta(days=3)
BEGUN_WITHIN = 600.0
"""Seconds after which a worker must be at rest again, however much was begun."""

ROW = 400
"""Bytes of the comparison's row: what a breach comes to in the journal."""


@dataclass(frozen=True)
class Scale:
    """How much is measured. The requisitions are as many as fall due in all turns; `moved` more have a deadline moved.

    Turns come in pairs, `each` deadlines in a turn: in the first they fall due evenly over `minute`, in the second in
    one instant. A turn lasts `turn`, and the first begins `lead` after everything ought to be begun.
    """

    each: int = 500
    pairs: int = 2
    moved: int = 20
    staff: int = 100
    requests: int = 200
    minute: timedelta = timedelta(minutes=1)
    turn: timedelta = timedelta(seconds=100)
    lead: timedelta = timedelta(seconds=90)

    @property
    def requisitions(self) -> int:
        """All that fall due."""
        return self.each * self.pairs * 2


SMALL = Scale(
    each=10, moved=3, staff=3, requests=20,
    minute=timedelta(seconds=10), turn=timedelta(seconds=20), lead=timedelta(seconds=45),
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """When everything falls due (UTC): turns of the requisitions, each followed by one of the comparison."""

    scale: Scale
    first: datetime

    @property
    def moved_from(self) -> datetime:
        """Before all turns: the deadline that is moved meanwhile."""
        return self.first - self.scale.turn / 2

    def due(self, number: int, bare: bool) -> datetime:
        """When the n-th requisition, or bare workflow, falls due."""
        turn, place = divmod(number, self.scale.each)
        begins = self.begins(turn, bare)
        return begins + self.scale.minute * place / self.scale.each if self.spread(turn) else begins

    def begins(self, turn: int, bare: bool) -> datetime:
        """When a turn's first deadline is."""
        return self.first + self.scale.turn * (2 * turn + bare)

    @staticmethod
    def spread(turn: int) -> bool:
        """Whether a turn's deadlines are spread over a minute."""
        return turn % 2 == 0


async def measured(scale: Scale, cached: int, at_rest: bool, console: Console, kept: Kept | None) -> list[Line]:
    """All figures, with workers that keep so many workflows in memory; `at_rest`: those before a deadline comes."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        async with prepared(Path(home), Size(), console.print, kept, cached_workflows=cached) as bench:
            return await Clocks(bench, scale, min(cached, scale.requisitions)).measured(at_rest)


class Clocks:
    """The parts of the measurement, in their order; `cached` of the workflows begun stay in memory."""

    def __init__(self, bench: Bench, scale: Scale, cached: int) -> None:
        self.bench, self.scale, self.cached = bench, scale, cached

    async def measured(self, at_rest: bool) -> list[Line]:
        """All figures, or those at rest."""
        bench, scale = self.bench, self.scale
        staff, policy = await hired(bench.settings, scale.staff), policy_of(bench.settings)
        bench.begins("how fast searches are begun here")
        warm_up = max(20, scale.each // 5)
        began = time.monotonic()
        await self._begin([self._requisition(staff, policy, 10**5 + n, FAR) for n in range(warm_up)])
        await done(self._bare(f"warm-up-{n}", datetime.now(UTC) + FAR) for n in range(warm_up))
        await bench.trees.settled("worker", "bare-worker", within=BEGUN_WITHIN)
        expected = timedelta(seconds=(time.monotonic() - began) * scale.requisitions / warm_up)
        plan = Plan(scale, datetime.now(UTC) + expected * 1.3 + scale.lead)
        await self._memory(staff, policy, plan)
        await self._board()
        if not at_rest:
            await self._moved(staff, policy, plan)
            await self._ticks(plan)
        return bench.lines

    def _requisition(self, staff: Staff, policy: Policy, number: int, due: datetime | timedelta) -> OpenRequisition:
        now = datetime.now(UTC)
        return OpenRequisition(number, staff, policy, due if isinstance(due, datetime) else now + due, now)

    async def _begin(self, requisitions: Sequence[OpenRequisition]) -> None:
        async def begin(requisition: OpenRequisition) -> None:
            state, records = requisition.lived
            await self.bench.at.journal.append(requisition.stream, records)
            await start(self.bench.client, requisition.stream, state)

        await done(map(begin, requisitions))
        # What their past asked for was done, or is too old to be done.
        await self.bench.at.pending_effects.forget({effect.type: timedelta(0) for effect in EFFECTS})

    async def _bare(self, name: str, until: datetime) -> None:
        await self.bench.client.start_workflow(BareClock.run, args=[until, ROW], id=name, task_queue=QUEUE)

    # At rest

    async def _memory(self, staff: Staff, policy: Policy, plan: Plan) -> None:
        bench, count = self.bench, self.scale.requisitions
        bench.begins(f"{count} searches with {CLOCKS} running clocks each")
        requisitions = [self._requisition(staff, policy, n, plan.due(n, bare=False)) for n in range(count)]
        ours = await self._grown("worker", self._begin(requisitions))
        bench.note_load()
        bench.begins(f"{count} bare workflows with the same timers")
        names = ((f"clock-{n}", plan.due(n, bare=True)) for n in range(count))
        theirs = await self._grown("bare-worker", done(self._bare(*one) for one in names))
        bench.note_load()
        running = await bench.at.pool.fetchval("SELECT count(*) FROM clocks WHERE ended_at IS NULL")
        assert running >= count * CLOCKS, f"{running} clocks run"
        held = f"worker, a search in cache ({self.cached} of {count} are)"
        bench.tell(held, "KiB", [ours[0] / self.cached], goal=MEMORY_GOAL)
        bench.tell("  a bare workflow in cache", "KiB", [theirs[0] / self.cached])
        bench.tell("worker in all, at rest", "MiB", [bench.trees.memory("worker") / 2**20])
        bench.tell("  the comparison's", "MiB", [bench.trees.memory("bare-worker") / 2**20])
        bench.tell("Temporal, an open search", "KiB", [ours[1] / count], [theirs[1] / count])
        bench.tell("Temporal in all, with searches and bare ones", "MiB", [bench.trees.memory("temporal") / 2**20])
        if datetime.now(UTC) > plan.moved_from - self.scale.lead / 3:
            raise TimeoutError("This machine was too slow to begin everything before the first deadline.")

    async def _grown(self, worker: str, begin: Awaitable[None]) -> tuple[float, float]:
        """KiB that a worker and Temporal grew by while everything began, once they are at rest again."""
        trees = self.bench.trees
        await trees.settled(worker)
        before = trees.memory(worker), trees.memory("temporal")
        await begin
        await trees.settled(worker, within=BEGUN_WITHIN)
        return (trees.memory(worker) - before[0]) / 1024, (trees.memory("temporal") - before[1]) / 1024

    async def _board(self) -> None:
        bench = self.bench
        bench.begins("the ops board")
        _, token = await Operator(bench.settings).enrol("Somebody who operates", "ops@example.org", "UTC", ["O"])
        async with Api(bench.settings.base_url, token, patience=10) as api:
            waits = await asked(api, BOARD, self.scale.requests)
        bench.note_load()
        for percent, goal in ((50, None), (95, BOARD_GOAL)):
            bench.tell(f"GET {BOARD}, p{percent}", "ms", [percentile(waits, percent)], goal=goal)

    # A deadline that moves later

    async def _moved(self, staff: Staff, policy: Policy, plan: Plan) -> None:
        bench = self.bench
        bench.begins("the nearest deadline moves later")
        requisitions = [
            self._requisition(staff, policy, 2 * 10**5 + n, plan.moved_from) for n in range(self.scale.moved)
        ]
        await self._begin(requisitions)
        streams = [requisition.stream for requisition in requisitions]
        counts = [await self._events(streams)]
        for requisition in requisitions:
            manager = requisition.lived[0].people.hiring_manager
            clock = next(clock for clock in requisition.lived[0].clocks.values() if clock.due_at == requisition.due_at)
            until = requisition.due_at + timedelta(days=5)
            await self._gives(
                requisition, manager, ExtendClock(clock_id=clock.id, until=until, why="The market is slow.")
            )
        counts.append(await self._events(streams))
        for requisition in requisitions:
            partner = requisition.lived[0].people.hr_partner
            await self._gives(requisition, partner, SetLegalHold(on=True, why="A letter came."))
        counts.append(await self._events(streams))
        await asyncio.sleep((plan.moved_from - datetime.now(UTC)).total_seconds() + 5)
        counts.append(await self._events(streams))
        moved, held, fired = (after.events - before.events for before, after in pairwise(counts))
        bench.note_load()
        each = len(streams)
        timers = sum(count for kind, count in moved.items() if kind.startswith("TIMER"))
        bench.tell("history: events of timers when the deadline moves later", "an update", [timers / each], goal=0)
        bench.tell("  all events of that update", "an update", [moved.total() / each])
        bench.tell("  of one that moves nothing", "an update", [held.total() / each])
        bench.tell("  later, when the timer that was left finds nothing due", "once", [fired.total() / each])

    async def _events(self, streams: Sequence[str]) -> Recording:
        await self.bench.trees.settled("worker")
        return await self.bench.reader.read(streams)

    async def _gives(self, requisition: OpenRequisition, by: str, command: Command) -> None:
        envelope = Envelope(actor=Actor(id=by), fingerprint="bench")
        key = update_id(by, command.name, requisition.stream)
        body = command.model_dump(mode="json")
        signing = self.bench.at.signing
        await give(self.bench.client, signing, requisition.stream, command.name, body, envelope, key)

    # Deadlines that come

    async def _ticks(self, plan: Plan) -> None:
        bench, each = self.bench, self.scale.each
        found: dict[tuple[bool, bool], list[Lateness]] = {}
        for turn in range(self.scale.pairs * 2):
            for bare in (False, True):
                how = "within a minute" if plan.spread(turn) else "in one instant"
                await self._until(plan.begins(turn, bare) - timedelta(seconds=1))
                bench.begins(f"{each} {'bare timers' if bare else 'deadlines'} {how}")
                await self._until(plan.begins(turn, bare) + (self.scale.minute if plan.spread(turn) else timedelta(0)))
                await asyncio.sleep(1)
                await bench.trees.settled("bare-worker" if bare else "worker", within=self.scale.turn.total_seconds())
                numbers = range(turn * each, (turn + 1) * each)
                if bare:
                    late = await of_bare(bench, {f"clock-{n}": plan.due(n, bare=True) for n in numbers})
                else:
                    late = await of_requisitions(
                        bench, {f"requisition/R-OPEN{n:06}": plan.due(n, False) for n in numbers}
                    )
                found.setdefault((plan.spread(turn), bare), []).append(late)
                bench.note_load()
        for spread, how in ((True, f"{each} in a minute"), (False, f"{each} in one instant")):
            ours, theirs = found[spread, False], found[spread, True]
            for name, percent in (("p50", 50), ("p99", 99), ("worst", 100)):
                bench.tell(
                    f"late until decided, {how}, {name}",
                    "ms",
                    [one.decided(percent) for one in ours],
                    [one.decided(percent) for one in theirs],
                    LATENESS_GOAL if spread else None,
                )
            for name, percent in (("p50", 50), ("p99", 99), ("worst", 100)):
                bench.tell(
                    f"late until written, {how}, {name}",
                    "ms",
                    [one.written(percent) for one in ours],
                    [one.written(percent) for one in theirs],
                )
        events = ([sum(one.events) / each for one in found[True, bare]] for bare in (False, True))
        bench.tell("history events of a deadline that comes, messages and all", "", *events)

    async def _until(self, at: datetime) -> None:
        await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))


@click.command()
@click.option("--small", is_flag=True, help="A quick try of everything; its figures mean nothing.")
@click.option("--cached", default=4_000, show_default=True, help="Workflows that each worker keeps in memory.")
@click.option("--at-rest", is_flag=True, help="Only memory and the ops board, without waiting for deadlines.")
@click.option(
    "--write", type=click.Path(path_type=Path, dir_okay=False), help="Keep each figure in this file, as JSON."
)
def main(small: bool, cached: int, at_rest: bool, write: Path | None) -> None:
    """Measures a stack of its own, prints a table, and ends."""
    console, at = Console(width=170, highlight=False), datetime.now(UTC)
    console.print(f"{at:%Y-%m-%d %H:%M} UTC, load {load():.2f}, workers keep {cached:,} workflows")
    kept = Kept(write, load()) if write else None
    show(asyncio.run(measured(SMALL if small else Scale(), cached, at_rest, console, kept)), console)


if __name__ == "__main__":
    main()
