"""What is outside of a ledger: a journal that can be switched off, and those who carry out its effects."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.core.messages import Record
from tests.workflows.toy_entity import LEDGER, Ledger
from workflows.contract import JOURNAL, STALE_RUN, EffectOrder, EffectResult, JournalBatch, Reply, Written

PATIENCE = 90.0
"""Real seconds a test waits for something that has to come."""


class Changing:
    """Something a test can wait for to be otherwise."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()

    async def _has_changed(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits until `holds()`. Raises TimeoutError when it never does."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(holds)


class Journal(Changing):
    """A journal in memory, as strict as the real one: no gap, no other event under a number that is taken.

    `up` says whether it answers, `silent` is cleared for one that hangs, `closes_after` is the number of batches after
    which it is no longer up. `batches` holds every one it took, `attempts` counts those it did not take, too.
    `writers` has the epoch of the runs that may write, by stream. `says` which of what rides along it says.
    """

    def __init__(self) -> None:
        super().__init__()
        self.up = True
        self.silent = asyncio.Event()
        self.silent.set()
        self.closes_after: int | None = None
        self.says: Callable[[EffectOrder], bool] = lambda order: False
        self.attempts = 0
        self.writers: dict[str, int] = {}
        self.batches: list[JournalBatch] = []
        self.contradictions: list[str] = []
        self._written: dict[str, list[Record]] = defaultdict(list)

    @activity.defn(name=JOURNAL)
    async def append(self, batch: JournalBatch) -> Written:
        self.attempts += 1
        await self._has_changed()
        await self.silent.wait()
        if not self.up:
            raise _for_now("journal_unavailable")
        if batch.epoch < self.writers.get(batch.stream, 0):
            raise ApplicationError("another run writes", type=STALE_RUN, non_retryable=True)
        self.batches.append(batch)
        written = self._written[batch.stream]
        for record in batch.records:
            if record.seq > len(written) + 1:
                self.contradictions.append(f"{batch.stream}: {record.seq} came after {len(written)}")
            elif record.seq == len(written) + 1:
                written.append(record)
            elif written[record.seq - 1] != record:
                self.contradictions.append(f"{batch.stream}: two events are number {record.seq}")
        if len(self.batches) == self.closes_after:
            self.up = False
        await self._has_changed()
        said = [order.id for order in batch.riders if self.says(order)]
        return Written(carried=dict.fromkeys(said, "said"))

    def streams(self) -> list[str]:
        """Every stream with anything in it."""
        return sorted(self._written)

    def written(self, stream: str) -> list[Record]:
        """What is in the journal, in order."""
        return list(self._written[stream])

    def ledger(self, stream: str, version: int | None = None) -> Ledger:
        """The ledger as the journal has it, now or as it was at `version`."""
        state = LEDGER.initial
        for record in self._written[stream][:version]:
            state = LEDGER.evolve(state, record)
        return state

    async def reaches(self, stream: str, version: int) -> None:
        """Waits until the stream is written that far."""
        await self.until(lambda: len(self._written[stream]) >= version)


class Helpers(Changing):
    """Those who carry out effects. What they do is in the effect's `matter`:

    `done` it succeeds; `refused` it never can; `busy` it fails for now, until the test puts that into `finished`;
    `slow` it runs until the test calls `finish`; `gives 5` it comes back with that amount; `asks break_down` with that
    command. A key is destroyed once `destroy_key` is in `finished`, and can never be once `lost` is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[EffectOrder] = []
        self.finished: set[str] = set()
        self._finish = asyncio.Event()

    def finish(self) -> None:
        """Lets all that is slow succeed."""
        self._finish.set()

    def ids(self) -> list[str]:
        """The ids of everything ordered so far, once for each attempt."""
        return [order.id for order in self.orders]

    @activity.defn(name="notify")
    async def notify(self, order: EffectOrder) -> EffectResult:
        await self._took(order)
        matter, _, what = order.payload["matter"].partition(" ")
        if matter == "refused":
            raise ApplicationError("nobody@example.org does not exist", type="no_such_address", non_retryable=True)
        if matter == "busy" and "busy" not in self.finished:
            raise _for_now("busy")
        if matter == "slow":
            await self._finish.wait()
        if matter == "gives":
            return EffectResult(reply=Reply(command="take_help", payload={"amount": int(what)}))
        if matter == "asks":
            return EffectResult(reply=Reply(command=what, payload={"where": "decide"}))
        return EffectResult()

    @activity.defn(name="destroy_key")
    async def destroy_key(self, order: EffectOrder) -> EffectResult:
        await self._took(order)
        if "lost" in self.finished:
            raise ApplicationError("there is no such key", type="no_such_key", non_retryable=True)
        if "destroy_key" in self.finished:
            return EffectResult()
        raise _for_now("key_store_away")

    async def _took(self, order: EffectOrder) -> None:
        self.orders.append(order)
        await self._has_changed()


def _for_now(kind: str) -> ApplicationError:
    """A failure that passes; benign, so that a thousand of them do not fill the tests' log."""
    return ApplicationError("try again", type=kind, category=ApplicationErrorCategory.BENIGN)
