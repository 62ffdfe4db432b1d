"""Letters to candidates."""

from __future__ import annotations

from typing import Any

from temporalio.exceptions import ApplicationError

from activities.letter_context import ContextReader, LetterContext
from activities.letter_writer import LetterWriter, mailbox
from activities.letters import Letter
from activities.registry import carries
from activities.smtp_delivery import REFUSED, SmtpDelivery, attempt
from domain.core.messages import Effect
from domain.entity.clock_commands import DeliveryFailed
from domain.entity.effects import WriteToCandidate
from mail.smtp import Mailbox, OutgoingMail
from privacy.keys import KeyDestroyed
from store.applicants import Contact
from store.blobs import BlobsAway
from workflows.contract import EffectOrder, EffectResult, Reply

NO_ADDRESS = "no_address"
"""Why a person tells the candidate what a letter says: there is no mail address of theirs."""

FORGOTTEN = EffectResult(note="nobody to write to: erased")


class CandidateLetters:
    """The activity `write_to_candidate`."""

    def __init__(self, library: ContextReader, writer: LetterWriter, post: SmtpDelivery) -> None:
        self._library, self._writer, self._post = library, writer, post

    @carries(WriteToCandidate)
    async def write_to_candidate(self, order: EffectOrder, effect: WriteToCandidate) -> EffectResult:
        """Writes to a candidate in the recruiter's name, once; nobody writes to somebody who was erased.

        What no mail can take, for want of an address or of one that is taken, is the recruiter's to tell, at once.
        """
        async with attempt():
            about = effect.about | {"candidate": effect.candidate}
            behind = await self._library.background(order, effect.matter, about)
            contact = candidate(behind)
            if contact is None:
                return FORGOTTEN
            words, zone = self._library.opened(effect.words, effect.candidate), zone_of(behind, about)
            to = Mailbox(contact.name, contact.email or "")
            letter = self._writer.letter("candidate", effect.matter, behind, to, zone, about, words=words)
            if not contact.email:
                return await by_hand(self._library, order, effect, behind, letter, NO_ADDRESS)
            try:
                return EffectResult(note=await self._send(order, to, letter, recruiter(behind)))
            except ApplicationError as failed:
                if failed.type != REFUSED:
                    raise
                return await by_hand(self._library, order, effect, behind, letter, REFUSED)

    async def _send(self, order: EffectOrder, to: Mailbox, letter: Letter, signed: Mailbox | None) -> str:
        message = OutgoingMail(
            key=order.id, at=order.decided_at, to=to, subject=letter.subject, text=letter.text, signed=signed
        )
        return await self._post.send(message)


async def by_hand(
    library: ContextReader, order: EffectOrder, effect: Effect, behind: LetterContext, letter: Letter, why: str
) -> EffectResult:
    """A letter that no mail can take, for a person to read from: kept with the candidate, and their task at once.

    `effect` is what is to be tried again where the person says so.
    """
    assert behind.candidate is not None, "a letter to a candidate is about one"
    try:
        document = await library.documents.put_letter(
            behind.candidate.human, behind.candidate.id, letter.subject, letter.text
        )
    except KeyDestroyed:
        return FORGOTTEN
    except BlobsAway:
        raise ApplicationError("the store of files cannot be reached", type="blobs_away") from None
    given_up = DeliveryFailed(
        effect_id=order.id,
        effect={"type": effect.type, "payload": effect.model_dump(mode="json"), "schema": effect.schema_version},
        reason=why,
        document=document,
    )
    reply = Reply(command=DeliveryFailed.name, payload=given_up.model_dump(mode="json"))
    return EffectResult(note="a person's to tell", reply=reply)


def recruiter(behind: LetterContext) -> Mailbox | None:
    """Who runs the requisition; None if they are no longer known here."""
    team = behind.requisition.team
    found = behind.people.get(team.recruiter) if team else None
    return mailbox(found) if found else None


def candidate(behind: LetterContext) -> Contact | None:
    """How to reach the candidate; None once they were erased. Raises ApplicationError `no_contact`."""
    if behind.contact:
        return behind.contact
    if behind.candidate and behind.candidate.standing == "erased":
        return None
    raise ApplicationError("no way to reach this candidate is on file", type="no_contact", non_retryable=True)


def zone_of(behind: LetterContext, about: dict[str, Any]) -> str:
    """The candidate's time zone, as their interviews or their screen say; else the recruiter's."""
    file, team = behind.candidate, behind.requisition.team
    assert file is not None, "a letter to a candidate is about one"
    meant = file.interviews.get(str(about.get("interview")))
    for meeting in (meant, *reversed(file.interviews.values()), file.screen):
        if meeting:
            return meeting.zone
    runs = behind.people.get(team.recruiter) if team else None
    return runs.zone if runs else "UTC"
