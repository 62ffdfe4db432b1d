"""How applicants are reached, as it was corrected: kept with who they are, and known by from then on."""

from __future__ import annotations

import asyncio

from temporalio.exceptions import ApplicationError

from activities.registry import carries
from domain.candidate.contact_details import KeptContact
from domain.core.personal_text import Sealed
from domain.entity.effects import KeepContact
from mail.addresses import read_address
from mail.telephones import normal_form, of_telephone, read_telephone
from privacy.keys import KeyDestroyed, KeysUnreachable
from privacy.sealing import Tombstone
from store.applicants import Contact
from wiring import Stores
from workflows.contract import EffectOrder, EffectResult, Reply

FORGOTTEN = EffectResult(note="nobody to reach: erased")


class ContactActivities:
    """The activity `keep_contact`."""

    def __init__(self, kept: Stores) -> None:
        self._kept, self._applicants = kept, kept.applicants

    @carries(KeepContact)
    async def keep_contact(self, order: EffectOrder, effect: KeepContact) -> EffectResult:
        """Puts what was corrected in place of what was said; of those who were merged, for the one who stays.

        What could not be sent for want of an address is tried again then.
        """
        applicant = await self._applicants.stays(effect.applicant)
        try:
            given = {name: await self._opened(getattr(effect, name), effect.candidate) for name in _GIVEN}
            changes = await self._changes(given)
            contact = Contact(name="", email=changes.get("email"), telephone=changes.get("telephone"))
            hashes = await asyncio.to_thread(self._kept.hashes_of, contact)
            before, said = await self._applicants.hashes(applicant), await self._applicants.said_of(applicant)
            await self._applicants.correct(applicant, changes, hashes)
            for old, new, ways in (
                (before.address, hashes.address, {one.email for one in said}),
                (before.telephone, hashes.telephone, {of_telephone(t) for one in said if (t := one.telephone)}),
            ):
                if old is not None and new not in (None, old) and not await self._applicants.known_to_others(old, ()):
                    for way in filter(None, ways):
                        await asyncio.to_thread(self._kept.addresses.forget, way, old)
        except KeyDestroyed:
            return FORGOTTEN
        except KeysUnreachable:
            raise ApplicationError("the keys cannot be reached", type="keys_unreachable") from None
        except ValueError:
            raise ApplicationError("this reaches nobody", type="not_an_address", non_retryable=True) from None
        return EffectResult(reply=Reply(command=KeptContact.name, payload={}) if "email" in changes else None)

    async def _opened(self, words: str | Sealed | None, context: str) -> str | None:
        if words is None or isinstance(words, str):
            return words
        opened = await asyncio.to_thread(self._kept.sealer.open_, words, context)
        if isinstance(opened, Tombstone):
            raise KeyDestroyed(words.key)
        return opened

    async def _changes(self, given: dict[str, str | None]) -> dict[str, str | None]:
        changes: dict[str, str | None] = {}
        if name := given["name"]:
            changes["name"] = name
        if address := given["address"]:
            changes["email"] = read_address(address)
        if telephone := given["telephone"]:
            company = await self._kept.company.details()
            changes["phone"] = read_telephone(telephone)
            changes["telephone"] = normal_form(telephone, company.country if company else None)
        return changes


_GIVEN = ("name", "address", "telephone")
