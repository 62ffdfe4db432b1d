"""Ending an applicant's key, by which everything sealed under it becomes unreadable wherever copies of it lie."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

from temporalio.exceptions import ApplicationError

from activities.registry import carries
from domain.entity.effects import DestroyKey
from local.mailbox import forget
from mail.telephones import of_telephone
from privacy.keys import KeysUnreachable
from store.applicants import Contact
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

        One key seals a human in every search: it goes with the last of them. Of those who were merged all keys go.
        Their files are unreadable with it, and go last: a store of files that is away keeps nothing else from being
        done, and is asked again.
        """
        if await in_a_requisition(self._pool, effect.key):
            return EffectResult(note="kept, for another requisition of theirs")
        try:
            everyone = await self._applicants.same_as(effect.key) if effect.key.startswith("H-") else {effect.key}
            # First of all: with the key gone nobody could tell any more which letters and addresses are theirs.
            known = {one: await self._applicants.said_of(one) for one in everyone}
            words = {
                word for said in known.values() for one in said for word in (one.name, one.email) if word is not None
            }
            await self._forget_letters(words)
            for one, said in known.items():
                await self._forget_hashes(one, said, everyone)
            for one in everyone:
                await asyncio.to_thread(self._keys.destroy, one)
                await self._kept.search_index.forget(one)
        except KeysUnreachable:
            raise ApplicationError("the keys cannot be reached", type="keys_unreachable") from None
        except ValueError:
            raise ApplicationError("this is not the id of a key", type="not_a_key", non_retryable=True) from None
        for one in everyone:
            await self._applicants.forget(one)
            await self._outputs.forget(one)
        if words and self._mailbox is not None:
            # Whoever had the key at hand may have been writing meanwhile.
            await asyncio.sleep(self._last_letter)
            await self._forget_letters(words)
        try:
            for one in everyone:
                await self._documents.forget(one)
        except BlobsAway:
            raise ApplicationError("the store of files cannot be reached", type="blobs_away") from None
        return EffectResult(note="destroyed")

    async def _forget_hashes(self, applicant: str, said: Iterable[Contact], everyone: Collection[str]) -> None:
        """Ends what leads from an address or a number to an applicant, unless it leads to somebody else as well."""
        hashes = await self._applicants.hashes(applicant)
        for hash, ways in (
            (hashes.address, {contact.email for contact in said}),
            (hashes.telephone, {of_telephone(contact.telephone) for contact in said if contact.telephone}),
        ):
            if hash is not None and not await self._applicants.known_to_others(hash, everyone):
                for way in filter(None, ways):
                    await asyncio.to_thread(self._kept.addresses.forget, way, hash)

    async def _forget_letters(self, words: Collection[str]) -> None:
        if self._mailbox is not None:
            await asyncio.to_thread(forget, self._mailbox, words)
