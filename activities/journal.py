"""Appending to the journal, for the pump of every entity; and saying what it tells others, on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import asyncpg
from temporalio import activity
from temporalio.exceptions import ApplicationError

from store.database import DATABASE_ERRORS
from store.journal import Journal, JournalConflict, StaleRun
from store.read_model import TaskRow, write
from workflows.contract import (
    JOURNAL,
    JOURNAL_CONFLICT,
    STALE_RUN,
    EffectOrder,
    EffectResult,
    JournalBatch,
    Written,
    entity_of,
)

LOOK_AGAIN = timedelta(minutes=10)
"""How long a contradicted batch waits for a person before it is tried again: sooner cannot help."""


SAID_WITHIN = timedelta(seconds=1)
"""How long an append goes on for what is said on the way: the next one waits for it."""

CarriesOut = Callable[[EffectOrder], Awaitable[EffectResult]]


class JournalKeeping:
    """The activity `journal`."""

    def __init__(self, journal: Journal, pool: asyncpg.Pool, carriers: Mapping[str, CarriesOut]) -> None:
        """`carriers` carry out what rides along, by the type of the effect."""
        self._journal, self._pool, self._carriers = journal, pool, carriers

    @activity.defn(name=JOURNAL)
    async def append(self, batch: JournalBatch) -> Written:
        """Appends the batch; what is written already is left alone. Then says what rides along.

        What could not be said in a moment is left, for an activity of its own under the same id: whoever heard it all
        the same hears nothing new.

        A batch that contradicts what is written (after a workflow was reset, say) is shown as a task until a person
        has put it right. Raises ApplicationError, to be tried again: an event is never given up, unless another run of
        the entity has taken this one's place.
        """
        shown = _task(batch)
        try:
            await self._journal.append(batch.stream, batch.records, batch.epoch)
            if activity.info().attempt > 1:
                await self._write(gone=shown)
        except StaleRun as stale:
            raise ApplicationError(str(stale), type=STALE_RUN, non_retryable=True) from None
        except JournalConflict as conflict:
            await self._write(shown)
            raise ApplicationError(str(conflict), type=JOURNAL_CONFLICT, next_retry_delay=LOOK_AGAIN) from None
        except DATABASE_ERRORS as failure:
            # The database's own words may quote a row: only their kind leaves this process.
            raise ApplicationError(type(failure).__name__, type="journal_unavailable") from None
        return Written(carried=await self._said(batch.riders))

    async def _said(self, riders: Sequence[EffectOrder]) -> dict[str, str]:
        saying = {
            order.id: asyncio.ensure_future(self._carriers[order.type](order))
            for order in riders
            if order.type in self._carriers
        }
        if not saying:
            return {}
        try:
            await asyncio.wait(saying.values(), timeout=SAID_WITHIN.total_seconds())
        finally:
            for said in saying.values():
                said.cancel()
        answers = await asyncio.gather(*saying.values(), return_exceptions=True)
        return {
            effect_id: answer.note
            for effect_id, answer in zip(saying, answers, strict=True)
            if isinstance(answer, EffectResult)
        }

    async def _write(self, written: TaskRow | None = None, gone: TaskRow | None = None) -> None:
        async with self._pool.acquire() as connection:
            await write(connection, [written] if written else [], [gone] if gone else [])


def _task(batch: JournalBatch) -> TaskRow:
    entity, entity_id = entity_of(batch.stream)
    return TaskRow(
        stream=batch.stream,
        id=JOURNAL_CONFLICT,
        requisition=entity_id if entity == "requisition" else None,
        kind=JOURNAL,
        reason=JOURNAL_CONFLICT,
        raised_at=batch.records[0].at,
        document=None,
    )
