"""Appending to the journal, for the pump of every entity."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
from temporalio import activity
from temporalio.exceptions import ApplicationError

from store.database import DATABASE_ERRORS
from store.journal import Journal, JournalConflict, StaleRun
from store.read_model import TaskRow, write
from workflows.contract import JOURNAL, JOURNAL_CONFLICT, STALE_RUN, JournalBatch, entity_of

LOOK_AGAIN = timedelta(minutes=10)
"""How long a contradicted batch waits for a person before it is tried again: sooner cannot help."""


class JournalKeeping:
    """The activity `journal`."""

    def __init__(self, journal: Journal, pool: asyncpg.Pool) -> None:
        self._journal, self._pool = journal, pool

    @activity.defn(name=JOURNAL)
    async def append(self, batch: JournalBatch) -> None:
        """Appends the batch; what is written already is left alone.

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
