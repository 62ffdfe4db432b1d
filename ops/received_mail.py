"""Mail that comes in is laid to the candidate it is from: by the thread's token, by what it answers, or by its address.

What somebody's calendar answers to an invitation is given as their answer (`ops/calendar_answers.py`), and that is all.

A report that a letter was not delivered marks that letter, and is a person's task. Whatever cannot be laid is kept
aside (`store/unplaced_mail.py`); nothing is dropped. The same mail read twice is laid once.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import structlog

import wiring
from documents.decoding import Unreadable
from documents.document_reader import LARGEST_FILE_BYTES
from documents.limited_process import read
from domain.access.team import Actor
from domain.candidate.letters import HearReply
from domain.core.messages import Command
from domain.core.source_text import SourceText, normalised
from domain.entity.clock_commands import DeliveryFailed
from domain.entity.entity_facts import ENDS
from domain.evidence.received_mail import ReceivedMail
from mail.addresses import spellings
from mail.imap import visit
from mail.threads import token_in
from ops.calendar_answers import COUNTED, CalendarAnswers
from ops.given_later import RefusedLater, given_by_mail
from privacy.keys import KeyDestroyed
from settings import Settings
from store.applicants import Hashes
from store.documents import BY_TANDEM
from store.letters import KeptLetter, SentLetter
from store.policy_file import PolicyFile
from store.unplaced_mail import MailDetails, Reason
from wiring import Services
from workflows.contract import stream_of

MEDIA_TYPE = "message/rfc822"
BOUNCED = "mail_bounced"
"""Why a letter became a task: it went out, and came back."""

_THE_POST = Actor(id="mail-in", kind="system")

log = structlog.get_logger("mail-in")


@dataclass(frozen=True)
class Laid:
    """What became of a mail: whose it is now, or why it lies aside. `what` is what it was."""

    id: str
    candidate: str | None = None
    what: Literal["reply", "automatic", "bounce", "calendar", "known"] = "reply"
    aside: Reason | None = None


async def take_in(at: Services, body: bytes, sent_to: Sequence[str] = ()) -> Laid:
    """Lays one mail, or keeps it aside. `sent_to` are addresses that the mail server knows it was sent to.

    Raises TooMuchAside, BlobsAway, KeysUnreachable, and as database and engine do: then it is to come again.
    """
    now = datetime.now(UTC)
    if len(body) > LARGEST_FILE_BYTES:
        return await _aside(at, _id_of(at, body[:LARGEST_FILE_BYTES]), "too_large", MailDetails(), b"", now)
    answered = await CalendarAnswers(at.temporal, at).take(body)
    if answered.heard in COUNTED:
        return Laid(_id_of(at, body), answered.candidate, "calendar")
    try:
        found = await read_received(body)
    except Unreadable:
        return await _aside(at, _id_of(at, body), "unreadable", MailDetails(), body, now)
    id = _id_of(at, f"{found.message_id}\n{found.subject}\n{found.text}".encode() if found.message_id else body)
    if await at.letters.kept(id):
        return Laid(id, what="known")
    if found.bounced is not None:
        letter = await _bounced_letter(at, found, sent_to)
        if letter is not None:
            return await _lay_bounce(at, id, found, letter, body, now)
    whose = await _whose(at, found, sent_to)
    if not isinstance(whose, str):
        return await _aside(at, id, "several" if whose else "nobody", _shown(found), body, now)
    return await lay(at, id, found, body, whose, now)


async def lay(at: Services, id: str, found: ReceivedMail, body: bytes, candidate: str, now: datetime) -> Laid:
    """Lays a mail to a candidate: kept with them, and told to their recruiter where a person wrote it."""
    view = await at.reads.candidate(candidate)
    if view is None or view.standing == "erased":
        return await _aside(at, id, "erased", _shown(found), body, now)
    automatic = found.by_itself or found.bounced is not None
    try:
        document = await _kept(at, view.human, candidate, found, body)
        if not automatic:
            heard = HearReply(document=document, received_at=now)
            await _give(at, stream_of("candidate", candidate), heard, id)
    except (KeyDestroyed, RefusedLater):
        return await _aside(at, id, "erased", _shown(found), body, now)
    letter = KeptLetter(
        id=id,
        candidate=candidate,
        stream=stream_of("candidate", candidate),
        direction="inbound",
        matter="automatic" if automatic else "reply",
        at=now,
        document=document,
    )
    await at.letters.keep(letter)
    return Laid(id, candidate, "automatic" if automatic else "reply")


async def read_received(body: bytes) -> ReceivedMail:
    """What a mail says, read in a process of its own. Raises Unreadable."""
    found = (await read("mail", body, "mail.eml")).text
    assert isinstance(found, ReceivedMail), "a mail is read as one"
    return found


async def _lay_bounce(
    at: Services, id: str, found: ReceivedMail, letter: SentLetter, body: bytes, now: datetime
) -> Laid:
    """Marks a letter that came back: from now on telling its words is a person's task."""
    assert found.bounced is not None, "a report"
    if not found.bounced.failed:
        return await lay(at, id, found, body, letter.candidate, now)
    if letter.effect:
        failed = DeliveryFailed(effect_id=letter.id, effect=letter.effect, reason=BOUNCED, document=letter.document)
        try:
            await _give(at, letter.stream, failed, id)
        except RefusedLater:
            return await _aside(at, id, "erased", _shown(found), body, now)
    await at.letters.undelivered(letter.id, now)
    return Laid(id, letter.candidate, "bounce")


async def _bounced_letter(at: Services, found: ReceivedMail, sent_to: Sequence[str]) -> SentLetter | None:
    """The letter that a report is about: by its Message-ID, else the last one in the thread the report came back to."""
    assert found.bounced is not None, "a report"
    ids = [found.bounced.message_id] if found.bounced.message_id else []
    if (letter := await at.letters.sent_as([*ids, *found.answers])) is not None:
        return letter
    whose = await _by_token(at, found, sent_to)
    return await at.letters.last_sent(whose) if whose else None


async def _whose(at: Services, found: ReceivedMail, sent_to: Sequence[str]) -> str | list[str]:
    """The candidate a mail is from; else those it may be from, which are none or several."""
    if (by_token := await _by_token(at, found, sent_to)) is not None:
        return by_token
    if (answered := await at.letters.sent_as(found.answers)) is not None:
        return answered.candidate
    return await _by_address(at, found)


async def _by_token(at: Services, found: ReceivedMail, sent_to: Sequence[str]) -> str | None:
    mailbox = at.settings.mail_replies
    for address in (*sent_to, *found.to) if mailbox else ():
        token = token_in(address, mailbox or "")
        if token and (candidate := await at.letters.candidate_of(token)) is not None:
            return candidate
    return None


async def _by_address(at: Services, found: ReceivedMail) -> str | list[str]:
    """Whoever is known by the sender's address: in the one requisition in which they still are, or ever were."""
    if not found.sender or "@" not in found.sender:
        return []
    known = await asyncio.to_thread(
        lambda: frozenset(
            hash for one in spellings(found.sender) for hash in (*at.addresses.known(one), at.matcher.match(one))
        )
    )
    applicants = await at.applicants.who_have(Hashes(before=known), apart_from="")
    views = {view.id: view for one in applicants for view in await at.reads.candidacies(one)}
    live = [id for id, view in views.items() if view.stage not in ENDS and view.standing != "erased"]
    meant = live or list(views)
    return meant[0] if len(meant) == 1 else meant


async def _kept(at: Services, applicant: str, candidate: str, found: ReceivedMail, body: bytes) -> str:
    """The document of a mail, sealed like any other. Raises KeyDestroyed, BlobsAway."""
    contact = await at.applicants.contact(candidate, applicant)
    other = f"(from another address: {found.sender})" if contact and contact.email != found.sender else ""
    files = f"(files came with it: {', '.join(found.attachments)})" if found.attachments else ""
    text = "\n\n".join(filter(None, (found.subject or "(no subject)", other, files, found.text)))
    doc = await at.documents.put(applicant, "letter", MEDIA_TYPE, body, SourceText(text=normalised(text)), BY_TANDEM)
    await at.documents.give(doc.id, candidate, BY_TANDEM)
    return doc.id


async def _aside(at: Services, id: str, reason: Reason, details: MailDetails, body: bytes, now: datetime) -> Laid:
    await at.unplaced_mail.put(id, reason, details, body, now)
    log.warning("mail kept aside", reason=reason)
    return Laid(id, aside=reason)


def _shown(found: ReceivedMail) -> MailDetails:
    sender = f"{found.sender_name} <{found.sender}>" if found.sender_name else found.sender
    return MailDetails(sender=sender, subject=found.subject, text=found.text)


def _id_of(at: Services, what: bytes) -> str:
    """The id of a mail: the same however often it comes, and telling nothing of it."""
    return f"M-{at.matcher.match('mail in ' + hashlib.sha256(what).hexdigest())[:24].upper()}"


async def _give(at: Services, stream: str, command: Command, id: str) -> None:
    """Tells an entity what a mail says, once; raises as `given_by_mail` does."""
    said = command.model_dump(mode="json")
    await given_by_mail(at.temporal, at.signing, stream, command.name, said, _THE_POST, id)


async def read_mailbox(at: Services) -> int:
    """Takes in what came into the mailbox since it was last read; how many mails that were.

    One process at a time; what it took in is remembered after each mail. Raises MailboxAway, and what `take_in` does.
    """
    server = at.settings.imap_server
    if server is None:
        return 0
    mailbox = f"{server.user}@{server.host}/{server.folder}"
    async with at.pool.acquire() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            return 0
        try:
            position = await at.unplaced_mail.position(mailbox)
            found = await asyncio.to_thread(visit, server, position, LARGEST_FILE_BYTES)
            for mail in found.mails:
                if mail.content:
                    await take_in(at, mail.content)
                else:
                    id = _id_of(at, f"{mailbox} {found.uidvalidity} {mail.uid}".encode())
                    await _aside(at, id, "too_large", MailDetails(), b"", datetime.now(UTC))
                await at.unplaced_mail.read_to(mailbox, found.uidvalidity, mail.uid)
            return len(found.mails)
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def mailbox_read(at: Services) -> None:
    """Reads the mailbox again and again, until it is cancelled."""
    while True:
        try:
            if taken := await read_mailbox(at):
                log.info("mail taken in", mails=taken)
        except asyncio.CancelledError:
            raise
        except Exception as away:  # nothing is lost by it: the same mail is read again
            log.warning("the mailbox was not read", kind=type(away).__name__)
        await asyncio.sleep(EVERY)


EVERY = 30.0
"""Seconds between two looks into the mailbox."""

_LOCK = 0x6D61696C696E


async def piped_in(settings: Settings, body: bytes, sent_to: Sequence[str]) -> Laid:
    """Takes in one mail that a mail server hands over, on the servers of `settings`. Raises NotTaken: later again."""
    try:
        async with wiring.services(settings, PolicyFile(settings.policy)) as at:
            return await take_in(at, body, sent_to)
    except Exception as away:
        raise NotTaken(f"This mail was not taken in ({type(away).__name__}); hand it over again later.") from None


class NotTaken(Exception):
    """A mail could not be taken in now; whoever hands it over keeps it."""
