"""Ending a human's key, by which everything sealed under it becomes unreadable wherever copies of it lie."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.error_redaction import scrubbed
from domain.entity.effects import DestroyKey
from privacy.keys import FolderKeyStore, KeyStore, KeysUnreachable
from privacy.sealing import Sealer
from settings import Settings
from store.applicants import Applicants
from store.command_lookups import in_a_search
from workflows.contract import EffectOrder, EffectResult


class KeyActivities:
    """The activity `destroy_key`."""

    def __init__(self, keys: KeyStore, pool: asyncpg.Pool) -> None:
        self._keys, self._pool, self._humans = keys, pool, Applicants(pool, Sealer(keys))

    @activity.defn(name="destroy_key")
    async def destroy_key(self, order: EffectOrder) -> EffectResult:
        """Destroys the key, and what could tie its id to anyone; twice is as once, so nothing is remembered of it.

        One key seals a human in every search: it goes with the last of them.
        """
        effect = order.effect
        assert isinstance(effect, DestroyKey)
        with scrubbed():
            if await in_a_search(self._pool, effect.key):
                return EffectResult(note="kept, for another search of theirs")
        try:
            await asyncio.to_thread(self._keys.destroy, effect.key)
        except KeysUnreachable:
            raise ApplicationError("the keys cannot be reached", type="keys_unreachable") from None
        except ValueError:
            raise ApplicationError("this is not the id of a key", type="not_a_key", non_retryable=True) from None
        with scrubbed():
            await self._humans.forget(effect.key)
        return EffectResult(note="destroyed")


def activities(pool: asyncpg.Pool, settings: Settings) -> Sequence[Callable[..., Any]]:
    """What a worker registers."""
    store = FolderKeyStore(settings.home / "keys")
    return [KeyActivities(store, pool).destroy_key]
