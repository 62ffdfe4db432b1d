"""Entities as the journal has them, for whoever asks what may be done: folded when asked, kept for the next time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
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
        decider = self._deciders[stream.partition("/")[0]]
        state: Entity = self._states.get(stream, decider.initial)
        while True:
            rows = await self._pool.fetch(
                """
                SELECT seq, type, at, by, payload FROM events WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3
                """,
                *(stream, state.version, AT_ONCE),
            )
            for row in rows:
                state = decider.evolve(state, record_of(row))
            if len(rows) < AT_ONCE:
                self._keep(stream, state)
                return state
            await asyncio.sleep(0)

    def _keep(self, stream: str, state: Entity) -> None:
        if state.version == 0:
            return
        self._states[stream] = state
        self._states.move_to_end(stream)
        if len(self._states) > self._remembered:
            self._states.popitem(last=False)
