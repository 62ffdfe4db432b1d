"""Letters to candidates."""

from __future__ import annotations

from typing import Any

from temporalio.exceptions import ApplicationError

from activities.letter_context import ContextReader, LetterContext
from activities.letter_writer import LetterWriter, mailbox
from activities.letters import Letter
from activities.registry import carries
from activities.smtp_delivery import SmtpDelivery, attempt
from domain.entity.effects import WriteToCandidate
from mail.smtp import Mailbox, OutgoingMail
from workflows.contract import EffectOrder, EffectResult

FORGOTTEN = EffectResult(note="nobody to write to: erased")


class CandidateLetters:
    """The activity `write_to_candidate`."""

    def __init__(self, library: ContextReader, writer: LetterWriter, post: SmtpDelivery) -> None:
        self._library, self._writer, self._post = library, writer, post

    @carries(WriteToCandidate)
    async def write_to_candidate(self, order: EffectOrder, effect: WriteToCandidate) -> EffectResult:
        """Writes to a candidate in the recruiter's name, once; nobody writes to somebody who was erased."""
        async with attempt():
            about = effect.about | {"candidate": effect.candidate}
            behind = await self._library.background(order, effect.matter, about)
            to = candidate(behind)
            if to is None:
                return FORGOTTEN
            words = self._library.opened(effect.words, effect.candidate)
            zone = zone_of(behind, about)
            letter = self._writer.letter("candidate", effect.matter, behind, to, zone, about, words=words)
            return await self._send(order, to, letter, recruiter(behind))

    async def _send(self, order: EffectOrder, to: Mailbox, letter: Letter, signed: Mailbox | None) -> EffectResult:
        message = OutgoingMail(
            key=order.id, at=order.decided_at, to=to, subject=letter.subject, text=letter.text, signed=signed
        )
        return EffectResult(note=await self._post.send(message))


def recruiter(behind: LetterContext) -> Mailbox | None:
    """Who runs the requisition; None if they are no longer known here."""
    team = behind.requisition.team
    found = behind.people.get(team.recruiter) if team else None
    return mailbox(found) if found else None


def candidate(behind: LetterContext) -> Mailbox | None:
    """Where the candidate's letters go; None once they were erased. Raises ApplicationError `no_contact`."""
    if behind.contact:
        return Mailbox(behind.contact.name, behind.contact.email)
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
