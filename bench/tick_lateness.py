"""How late a deadline is told: from the engine's history and from when the row was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import EventType

from bench.harness import Bench, done, percentile

_FIRED, _TAKEN = EventType.EVENT_TYPE_TIMER_FIRED, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


@dataclass
class Lateness:
    """Milliseconds after the deadline, one of each workflow.

    Until it was decided: the engine kept the workflow task in which the timer was found to have fired, and all that the
    workflow ordered in it. Until it was written: the row's transaction began. `events`: those of the history since the
    timer fired, with all that follows.
    """

    until_decided: list[float] = field(default_factory=list)
    until_written: list[float] = field(default_factory=list)
    events: list[int] = field(default_factory=list)

    def decided(self, percent: int) -> float:
        """What so many percent do not exceed; of 100 the worst."""
        return _most(self.until_decided, percent)

    def written(self, percent: int) -> float:
        """What so many percent do not exceed; of 100 the worst."""
        return _most(self.until_written, percent)


async def of_requisitions(bench: Bench, due: Mapping[str, datetime]) -> Lateness:
    """Of requisitions by stream, each with its deadline (UTC). Raises AssertionError where one was not told of."""
    rows = "SELECT stream, written_at FROM events WHERE type = 'clock_breached' AND stream = ANY($1)"
    return await _late(bench, due, rows)


async def of_bare(bench: Bench, due: Mapping[str, datetime]) -> Lateness:
    """Of the comparison's workflows by id, each with its deadline (UTC). Raises AssertionError likewise."""
    return await _late(bench, due, "SELECT workflow, written_at FROM bare WHERE workflow = ANY($1)")


async def _late(bench: Bench, due: Mapping[str, datetime], rows: str) -> Lateness:
    late = Lateness()

    async def look(workflow: str) -> None:
        handle = bench.client.get_workflow_handle(workflow)
        history = [event async for event in handle.fetch_history_events()]
        kinds = [event.event_type for event in history]
        assert _FIRED in kinds, f"the timer of {workflow} did not fire"
        fired = kinds.index(_FIRED)
        decided = history[kinds.index(_TAKEN, fired)].event_time.ToDatetime(tzinfo=UTC)
        late.until_decided.append(_ms(decided - due[workflow]))
        late.events.append(len(history) - fired)

    await done(map(look, due))
    written = {row[0]: row[1] for row in await bench.at.pool.fetch(rows, list(due))}
    assert written.keys() == due.keys(), f"{len(due) - len(written)} deadlines were not written"
    late.until_written = [_ms(written[workflow] - at) for workflow, at in due.items()]
    return late


def _ms(time: timedelta) -> float:
    return time.total_seconds() * 1000


def _most(values: list[float], percent: int) -> float:
    return max(values) if percent == 100 else percentile(values, percent)
