"""Entities as the journal has them, for whoever asks what may be done: folded when asked, kept for the next time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from domain.core.decider import Decider
from domain.entity.state import Entity
from store.journal import record_of

AT_ONCE = 500
"""Events that are folded before anybody else in the process has a turn."""


class States:
    """Folds streams, and keeps the `remembered` last asked for: only what happened since is read the next time."""

    def __init__(self, pool: asyncpg.Pool, deciders: Mapping[str, Decider[Any]], remembered: int = 512) -> None:
        self._pool = pool
        self._deciders = deciders
        self._remembered = remembered
        self._states: OrderedDict[str, Entity] = OrderedDict()

    async def at(self, stream: str) -> Entity:
        """The entity as the journal has it now; its decider's initial state, version 0, if nothing is written."""
        return (await self.several([stream]))[stream]

    async def several(self, streams: Iterable[str]) -> dict[str, Entity]:
        """The same of several entities, by stream."""
        states = {stream: self._states.get(stream) or self._decider(stream).initial for stream in streams}
        while True:
            rows = await self._pool.fetch(
                """
                SELECT stream, seq, type, schema, at, by, payload
                FROM events JOIN unnest($1::text[], $2::int[]) AS known (stream, seen) USING (stream)
                WHERE seq > seen ORDER BY stream, seq LIMIT $3
                """,
                *(list(states), [state.version for state in states.values()], AT_ONCE),
            )
            for row in rows:
                stream = row["stream"]
                states[stream], _ = self._decider(stream).take_in(states[stream], record_of(row))
            if len(rows) < AT_ONCE:
                break
            await asyncio.sleep(0)
        for stream, state in states.items():
            self._keep(stream, state)
        return states

    def _decider(self, stream: str) -> Decider[Any]:
        return self._deciders[stream.partition("/")[0]]

    def _keep(self, stream: str, state: Entity) -> None:
        if state.version == 0:
            return
        self._states[stream] = state
        self._states.move_to_end(stream)
        if len(self._states) > self._remembered:
            self._states.popitem(last=False)
