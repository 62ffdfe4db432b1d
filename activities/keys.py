"""Ending a human's key, by which everything sealed under it becomes unreadable wherever copies of it lie."""

from __future__ import annotations

import asyncio

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.effects import DestroyKey
from privacy.keys import KeyStore, KeysUnreachable
from workflows.contract import EffectOrder, EffectResult


class Keys:
    """The activity `destroy_key`."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    @activity.defn(name="destroy_key")
    async def destroy_key(self, order: EffectOrder) -> EffectResult:
        """Destroys the key; twice is as once, so nothing needs to be remembered about it."""
        effect = order.effect
        assert isinstance(effect, DestroyKey)
        try:
            await asyncio.to_thread(self._keys.destroy, effect.key)
        except KeysUnreachable:
            raise ApplicationError("the keys cannot be reached", type="keys_unreachable") from None
        except ValueError:
            raise ApplicationError("this is not the id of a key", type="not_a_key", non_retryable=True) from None
        return EffectResult(note="destroyed")
