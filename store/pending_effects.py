"""Which effects are still to be carried out, and how often that was tried: for whoever watches over the machine.

An effect is noted in the transaction that journals its event, before anybody can carry it out, and struck off before
its activity says that it is done. One that is given up becomes a task, whose event strikes it off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import asyncpg

from domain.core.decider import Decider
from domain.entity.clock_commands import TaskRaised
from domain.entity.state import Entity
from store.projector import Step


async def note(connection: asyncpg.Connection, decider: Decider[Entity], way: Sequence[Step]) -> None:
    """Notes the effects of what happened on `way`, and strikes off those it says were given up."""
    ordered: list[tuple[str, str]] = []
    given_up: list[str] = []
    for step in way:
        if not step.taken_in:
            continue
        ordered += [(effect_id, effect.stored.kind) for effect_id, effect in decider.react(step.after, step.record)]
        for part in step.record.parts:
            if isinstance(part.event, TaskRaised) and part.event.task.effect_id:
                given_up.append(part.event.task.effect_id)
    if ordered:
        await connection.executemany(
            "INSERT INTO effects_undone (effect, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING", ordered
        )
    if given_up:
        await connection.execute("DELETE FROM effects_undone WHERE effect = ANY($1)", given_up)


class PendingEffects:
    """What becomes of noted effects. Every method raises asyncpg's errors or OSError when the database cannot."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of(self, stream: str) -> set[str]:
        """The ids of those effects of a stream that nobody has carried out."""
        rows = await self._pool.fetch("SELECT effect FROM effects_undone WHERE starts_with(effect, $1)", f"{stream}/")
        return {row["effect"] for row in rows}

    async def done(self, effect_ids: Iterable[str]) -> None:
        """Strikes off effects that were carried out."""
        await self._pool.execute("DELETE FROM effects_undone WHERE effect = ANY($1)", list(effect_ids))

    async def failed(self, effect_id: str, attempt: int, reason: str) -> None:
        """Notes that attempt number `attempt` failed; `reason` is a type or a code, never words."""
        await self._pool.execute(
            "UPDATE effects_undone SET attempts = $2, last_reason = $3, last_tried_at = now() WHERE effect = $1",
            *(effect_id, attempt, reason),
        )

    async def forget(self, tried_for: Mapping[str, timedelta]) -> None:
        """Strikes off what is older than its kind is tried for: its entity is gone, or went on without it."""
        await self._pool.executemany(
            "DELETE FROM effects_undone WHERE kind = $1 AND since < now() - $2::interval", list(tried_for.items())
        )
