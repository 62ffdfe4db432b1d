"""The way out: hands a message to the mail server once per effect and recipient, as far as SMTP lets anybody say so.

A message is claimed in PostgreSQL before it is sent, and marked done afterwards. What lies between cannot be closed:
whoever dies, or loses the connection, after the server took the message and before it is marked leaves a claim in
doubt. Such a message is sent once more under the same Message-ID, by which mail clients and servers know it for the
same; a second doubt becomes a task for a person. See "What can happen twice" in `docs/operations.md`.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import aiosmtplib
from temporalio.exceptions import ApplicationError

from settings import MailServer, Settings
from store.idempotency_claims import ClaimDone, ClaimFresh, IdempotencyClaims

PATIENCE = 25.0
"""Seconds an activity that sends may take in all: less than its attempt, so that no two attempts send at once."""

ANSWER = 8.0
"""Seconds the mail server may take for one answer."""

ATTACHMENT = "invite.ics"


@dataclass(frozen=True)
class Mailbox:
    """Whom a message is to, or in whose name it is."""

    name: str
    address: str

    @property
    def header(self) -> Address:
        """As it stands in a header. Raises ValueError for what is no address."""
        if "@" not in self.address:
            raise ValueError("not an address")
        return Address(one_line(self.name), addr_spec=self.address)


@dataclass(frozen=True)
class CalendarPart:
    """A calendar file that goes with a message, and its method (RFC 5546)."""

    method: str
    calendar: bytes


@dataclass(frozen=True)
class OutgoingMail:
    """What is to be sent. `key` is unique for ever and always stands for the same message.

    `at` (UTC) is when it was decided. `signed` is in whose name it comes, to whom answers go; None: the machine's own.
    """

    key: str
    at: datetime
    to: Mailbox
    subject: str
    text: str
    signed: Mailbox | None = None
    invitation: CalendarPart | None = None


def attempt() -> asyncio.Timeout:
    """One attempt at an activity that sends: over in time. Raises TimeoutError."""
    return asyncio.timeout(PATIENCE)


class SmtpDelivery:
    """Sends messages, each once."""

    def __init__(self, claims: IdempotencyClaims, settings: Settings) -> None:
        self._claims = claims
        self._server = settings.mail_server
        self._name, self.address = parseaddr(settings.mail_from)
        """`address` is what every message is sent from."""

    async def send(self, message: OutgoingMail) -> str:
        """Sends `message` unless it was sent, and says which. Raises ApplicationError, free of addresses and words:

        `mail_refused` when the server will never take it, `mail_in_doubt` when it may have arrived twice already, both
        not to be retried; else `mail_unavailable`.
        """
        claim = await self._claim(message.key)
        if claim is None:
            return "sent before"
        line = _Line(self._server, self._domain)
        try:
            await self._hand_over(line, claim, message)
            await self._claims.done(claim)
            with suppress(aiosmtplib.SMTPException, OSError):
                await line.quit()
        finally:
            line.close()
        return "sent"

    async def _claim(self, key: str) -> str | None:
        """The claim to send under; None when it was sent."""
        for claim in (key, f"{key}/again"):
            match await self._claims.claim(claim):
                case ClaimFresh():
                    return claim
                case ClaimDone():
                    return None
        raise ApplicationError("it may have arrived; a person decides", type="mail_in_doubt", non_retryable=True)

    async def _hand_over(self, line: _Line, claim: str, message: OutgoingMail) -> None:
        try:
            await line.connect()
            await line.send_message(self._written(message), sender=self.address, recipients=[message.to.address])
        except BaseException as failure:
            answered = isinstance(failure, aiosmtplib.SMTPResponseException)
            if answered or not line.in_doubt:
                await self._claims.release(claim)
            if isinstance(failure, aiosmtplib.SMTPException | OSError | ValueError):
                raise _in_a_word(failure) from None
            raise

    def _written(self, message: OutgoingMail) -> EmailMessage:
        mail = EmailMessage()
        sender = f"{message.signed.name} via {self._name}" if message.signed else self._name
        mail["From"] = Mailbox(sender, self.address).header
        mail["To"] = message.to.header
        if message.signed:
            mail["Reply-To"] = message.signed.header
        mail["Subject"] = one_line(message.subject)
        mail["Date"] = message.at
        mail["Message-ID"] = f"<{hashlib.sha256(message.key.encode()).hexdigest()[:32]}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text, cte="quoted-printable")
        if invitation := message.invitation:
            mail.add_alternative(
                invitation.calendar.decode(),
                subtype="calendar",
                cte="quoted-printable",
                params={"method": invitation.method},
            )
            mail.add_attachment(invitation.calendar, maintype="application", subtype="ics", filename=ATTACHMENT)
        return mail

    @property
    def _domain(self) -> str:
        return self.address.partition("@")[2]


class _Line(aiosmtplib.SMTP):
    """A connection that knows from when on nobody can tell whether the server has the message."""

    def __init__(self, server: MailServer, local_hostname: str) -> None:
        super().__init__(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password.get_secret_value() if server.password else None,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            local_hostname=local_hostname,
            timeout=ANSWER,
        )
        self.in_doubt = False

    async def data(self, *args: Any, **kwargs: Any) -> aiosmtplib.SMTPResponse:
        self.in_doubt = True
        return await super().data(*args, **kwargs)


def one_line(text: str) -> str:
    """`text` fit for a header."""
    return " ".join(text.split())


def _in_a_word(failure: Exception) -> ApplicationError:
    code = getattr(failure, "code", None)
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        code = failure.recipients[0].code
    of_this_message = isinstance(
        failure, aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPDataError | aiosmtplib.SMTPNotSupported | ValueError
    )
    if of_this_message and (code is None or code >= 500):
        return ApplicationError(f"refused: {code or 'not an address'}", type="mail_refused", non_retryable=True)
    return ApplicationError(f"{type(failure).__name__} {code or ''}".strip(), type="mail_unavailable")
