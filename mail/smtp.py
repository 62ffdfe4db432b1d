"""SMTP: a message as it is written, and the connection that hands it to the mail server of the settings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import aiosmtplib

from settings import MailServer, Settings

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


class SmtpConnection(aiosmtplib.SMTP):
    """A connection that knows from when on nobody can tell whether the server has the message."""

    def __init__(self, server: MailServer, local_hostname: str, answers_within: float) -> None:
        super().__init__(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password.get_secret_value() if server.password else None,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            local_hostname=local_hostname,
            timeout=answers_within,
        )
        self.in_doubt = False

    async def data(self, *args: Any, **kwargs: Any) -> aiosmtplib.SMTPResponse:
        self.in_doubt = True
        return await super().data(*args, **kwargs)


class SmtpClient:
    """Writes messages in the installation's name, and hands them over."""

    def __init__(self, settings: Settings) -> None:
        self._server = settings.mail_server
        self._name, self.address = parseaddr(settings.mail_from)
        """`address` is what every message is sent from."""

    def connection(self, answers_within: float = ANSWER) -> SmtpConnection:
        """A connection that is still to be made, and to be closed; each answer may take so many seconds."""
        return SmtpConnection(self._server, self._domain, answers_within)

    async def hand_over(self, connection: SmtpConnection, message: OutgoingMail) -> None:
        """Connects, and sends. Raises aiosmtplib.SMTPException, OSError, and ValueError for what is no address."""
        await connection.connect()
        await connection.send_message(self._written(message), sender=self.address, recipients=[message.to.address])

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


def one_line(text: str) -> str:
    """`text` fit for a header."""
    return " ".join(text.split())
