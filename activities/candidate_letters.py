"""Letters to candidates."""

from __future__ import annotations

from datetime import datetime, timedelta
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
from domain.notifications.letter_templates import ANSWER_LINK, LetterKind, LetterText, TemplateName, filled
from mail.smtp import Mailbox, OutgoingMail
from mail.threads import thread_address, thread_token
from privacy.candidate_links import PLACE, CandidateLink
from privacy.keys import KeyDestroyed
from settings import Settings
from store.applicants import Contact
from store.blobs import BlobsAway
from store.letters import KeptLetter
from workflows.contract import EffectOrder, EffectResult, Reply, entity_of

NO_ADDRESS = "no_address"
"""Why a person tells the candidate what a letter says: there is no mail address of theirs."""

FORGOTTEN = EffectResult(note="nobody to write to: erased")


NOT_KEPT = frozenset({"request_answered"})
"""Letters that are not laid to a candidate's thread: who reads that need not know what they asked about their data."""

AFTER_THE_OFFER = timedelta(days=30)
"""How long a link still says what became of an offer whose time is over."""


class CandidateLetters:
    """The activity `write_to_candidate`."""

    def __init__(self, library: ContextReader, writer: LetterWriter, post: SmtpDelivery, settings: Settings) -> None:
        self._library, self._writer, self._post, self._settings = library, writer, post, settings

    @carries(WriteToCandidate)
    async def write_to_candidate(self, order: EffectOrder, effect: WriteToCandidate) -> EffectResult:
        """Writes to a candidate in the recruiter's name, once; nobody writes to somebody who was erased.

        What no mail can take, for want of an address or of one that is taken, is the recruiter's to tell, at once.
        """
        async with attempt():
            about = effect.about | {"candidate": effect.candidate, "signed": effect.signed}
            behind = await self._library.background(order, effect.matter, about)
            contact = candidate(behind)
            if contact is None:
                return FORGOTTEN
            to, zone = Mailbox(contact.name, contact.email or ""), zone_of(behind, about)
            said = await self._said(order, effect, behind)
            letter = self._writer.letter(
                "candidate", effect.matter, behind, to, zone, about, words=said.text, subject=said.subject
            )
            if not contact.email:
                return await by_hand(self._library, order, effect, behind, letter, NO_ADDRESS)
            try:
                note = await self._send(order, effect, to, letter, signer(behind, effect))
            except ApplicationError as failed:
                if failed.type != REFUSED:
                    raise
                return await by_hand(self._library, order, effect, behind, letter, REFUSED)
            await self._keep(order, effect, behind, letter)
            return EffectResult(note=note)

    async def _said(self, order: EffectOrder, effect: WriteToCandidate, behind: LetterContext) -> LetterText:
        """What somebody wrote; of a letter that Tandem writes by itself, the template in use, filled in."""
        if effect.matter != LetterKind.RECEIPT:
            _, context = entity_of(order.stream)
            return LetterText(*(self._library.opened(words, context) for words in (effect.subject, effect.words)))
        language = (await self._library.templates.settings()).language
        template = await self._library.templates.in_use(TemplateName(LetterKind.RECEIPT, "", language))
        signed = recruiter(behind)
        values = {
            "candidate": behind.contact.name if behind.contact else "",
            "requisition": behind.requisition.alias or behind.requisition.title,
            "company": await self._library.company_name(behind),
            "recruiter": signed.name if signed else "",
        }
        return LetterText(filled(template.subject, values), filled(template.text, values))

    async def _send(
        self, order: EffectOrder, effect: WriteToCandidate, to: Mailbox, letter: Letter, signed: Mailbox | None
    ) -> str:
        message = OutgoingMail(
            key=order.id,
            at=order.decided_at,
            to=to,
            subject=letter.subject,
            text=self._with_link(effect, letter.text),
            signed=signed,
            thread=await self._thread(effect.candidate),
        )
        return await self._post.send(message)

    async def _thread(self, candidate: str) -> str | None:
        """Where answers go; None where nobody reads them but the recruiter."""
        if self._settings.mail_replies is None:
            return None
        token = await self._library.letters.thread(candidate, thread_token(self._library.matcher, candidate))
        return thread_address(self._settings.mail_replies, token)

    def _with_link(self, effect: WriteToCandidate, text: str) -> str:
        """The letter with the link by which an offer is answered: in its place, or at the end. Kept is none of it."""
        if effect.matter != LetterKind.OFFER:
            return text
        until = datetime.fromisoformat(str(effect.about["answer_by"])) + AFTER_THE_OFFER
        link = CandidateLink(effect.candidate, "offer", str(effect.about["offer"]), until)
        address = f"{self._settings.base_url}{PLACE}{link.written(self._library.matcher)}"
        with_it = filled(text, {ANSWER_LINK: address})
        return with_it if address in with_it else f"{text}\n{address}\n"

    async def _keep(self, order: EffectOrder, effect: WriteToCandidate, behind: LetterContext, letter: Letter) -> None:
        """Lays a letter that went out to the candidate's thread."""
        if effect.matter in NOT_KEPT or behind.candidate is None:
            return
        shown = filled(letter.text, {ANSWER_LINK: "(their own link)"})
        try:
            document = await self._library.documents.put_letter(
                behind.candidate.human, behind.candidate.id, letter.subject, shown
            )
        except KeyDestroyed:
            return
        except BlobsAway:
            raise ApplicationError("the store of files cannot be reached", type="blobs_away") from None
        offer, team = effect.about.get("offer"), behind.requisition.team
        await self._library.letters.keep(
            KeptLetter(
                id=order.id,
                candidate=behind.candidate.id,
                stream=order.stream,
                direction="outbound",
                matter=effect.matter,
                offer=str(offer) if offer else None,
                by=effect.signed or (team.recruiter if team else None),
                at=order.decided_at,
                document=document,
                message_id=self._post.message_id(order.id),
            ),
            {"type": effect.type, "payload": effect.model_dump(mode="json"), "schema": effect.schema_version},
        )


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


def signer(behind: LetterContext, effect: WriteToCandidate) -> Mailbox | None:
    """In whose name a letter goes: who wrote it, else the recruiter's."""
    found = behind.people.get(effect.signed) if effect.signed else None
    return mailbox(found) if found else recruiter(behind)


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
