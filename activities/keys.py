"""Ending an applicant's key, by which everything sealed under it becomes unreadable wherever copies of it lie."""

from __future__ import annotations

import asyncio

from temporalio.exceptions import ApplicationError

from activities.registry import carries
from domain.entity.effects import DestroyKey
from local.mailbox import forget
from privacy.keys import KeysUnreachable
from store.blobs import BlobsAway
from store.command_lookups import in_a_requisition
from wiring import Stores
from workflows.contract import EffectOrder, EffectResult

ON_ITS_WAY = 2.0
"""Seconds a letter may take from its words to the mailbox."""


class KeyActivities:
    """The activity `destroy_key`."""

    def __init__(self, kept: Stores) -> None:
        self._kept, self._keys, self._pool, self._applicants = kept, kept.keys, kept.pool, kept.applicants
        self._documents, self._outputs = kept.documents, kept.outputs
        self._mailbox = kept.settings.mailbox_folder if kept.settings.embeds_mailbox else None
        self._last_letter = kept.settings.keys_remembered + ON_ITS_WAY

    @carries(DestroyKey)
    async def destroy_key(self, order: EffectOrder, effect: DestroyKey) -> EffectResult:
        """Destroys the key, and what could tie its id to anyone; twice is as once, so nothing is remembered of it.

        One key seals a human in every search: it goes with the last of them. Their files are unreadable with it, and go
        last: a store of files that is away keeps nothing else from being done, and is asked again.
        """
        if await in_a_requisition(self._pool, effect.key):
            return EffectResult(note="kept, for another requisition of theirs")
        try:
            # First of all: with the key gone nobody could tell any more which letters and addresses are theirs.
            known = await self._applicants.said_of(effect.key) if effect.key.startswith("H-") else []
            words = {word for contact in known for word in (contact.name, contact.email)}
            await self._forget_letters(words)
            if match := await self._applicants.match(effect.key):
                for address in {contact.email for contact in known}:
                    await asyncio.to_thread(self._kept.addresses.forget, address, match)
            await asyncio.to_thread(self._keys.destroy, effect.key)
        except KeysUnreachable:
            raise ApplicationError("the keys cannot be reached", type="keys_unreachable") from None
        except ValueError:
            raise ApplicationError("this is not the id of a key", type="not_a_key", non_retryable=True) from None
        await self._applicants.forget(effect.key)
        await self._outputs.forget(effect.key)
        if words and self._mailbox is not None:
            # Whoever had the key at hand may have been writing meanwhile.
            await asyncio.sleep(self._last_letter)
            await self._forget_letters(words)
        try:
            await self._documents.forget(effect.key)
        except BlobsAway:
            raise ApplicationError("the store of files cannot be reached", type="blobs_away") from None
        return EffectResult(note="destroyed")

    async def _forget_letters(self, words: set[str]) -> None:
        if self._mailbox is not None:
            await asyncio.to_thread(forget, self._mailbox, words)
