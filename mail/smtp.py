"""SMTP: a message as it is written, and the connection that hands it to the mail server of the settings."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import Any

import aiosmtplib

from mail.addresses import on_the_wire
from settings import MailServer, Settings

ANSWER = 8.0
"""Seconds the mail server may take for one answer."""

ATTACHMENT = "invite.ics"


_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/?^_`{|}~ -]+")
_A_LOCAL_PART, _A_DOMAIN = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*"), re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


class _Folded(EmailPolicy):
    """SMTP's policy, but for the headers that hold mailboxes, each of which is whole on a line of its own.

    The library's own folding loses the quotes of a long name that has quotes in it, and makes two mailboxes of one.
    """

    def fold(self, name: str, value: Any) -> str:
        """See `email.policy.Policy.fold`."""
        return self._mailboxes(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """See `email.policy.Policy.fold_binary`."""
        written = self._mailboxes(name, value)
        return written.encode() if written is not None else super().fold_binary(name, value)

    def _mailboxes(self, name: str, value: Any) -> str | None:
        addresses: tuple[Address, ...] | None = getattr(value, "addresses", None)
        if addresses is None:
            return None
        written = [f"{_phrase(one.display_name)} <{one.username}@{one.domain}>".lstrip() for one in addresses]
        return f"{name}: " + f",{self.linesep} ".join(written) + self.linesep


_SMTP = _Folded(linesep="\r\n")


def _phrase(name: str) -> str:
    """A name before an address: as it is, between quotes where it has marks, or in encoded words (RFC 2047)."""
    if not name or _ATOMS.fullmatch(name):
        return name
    if name.isascii():
        return '"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))
    return Header(name, "utf-8", maxlinelen=_LINE).encode(linesep="\r\n")


_LINE = 70
"""Characters of a line of encoded words."""


@dataclass(frozen=True)
class Mailbox:
    """Whom a message is to, or in whose name it is."""

    name: str
    address: str

    @property
    def header(self) -> Address:
        """As it stands in a header. Raises ValueError for what is no address."""
        local, _, domain = on_the_wire(self.address).rpartition("@")
        if not _A_LOCAL_PART.fullmatch(local) or not _A_DOMAIN.fullmatch(domain):
            raise ValueError("not an address")
        return Address(one_line(self.name), local, domain)


@dataclass(frozen=True)
class CalendarPart:
    """A calendar file that goes with a message, and its method (RFC 5546)."""

    method: str
    calendar: bytes


@dataclass(frozen=True)
class OutgoingMail:
    """What is to be sent. `key` is unique for ever and always stands for the same message.

    `at` (UTC) is when it was decided. `signed` is in whose name it comes, to whom answers go; None: the machine's own.
    `thread` is the address where answers go instead, and what cannot be delivered comes back to.
    """

    key: str
    at: datetime
    to: Mailbox
    subject: str
    text: str
    signed: Mailbox | None = None
    invitation: CalendarPart | None = None
    thread: str | None = None


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
        """Connects, and sends. Raises aiosmtplib.SMTPException, OSError, and ValueError for what is no address.

        An address with other letters than ASCII's before the @ goes out by a server that takes them (RFC 6531); from
        another it is `SMTPNotSupported`.
        """
        written, to = self._written(message), on_the_wire(message.to.address)
        options = [] if to.isascii() else ["SMTPUTF8"]
        await connection.connect()
        sender = message.thread or self.address
        await connection.sendmail(sender, [to], written.as_bytes(policy=_SMTP), mail_options=options)

    def message_id(self, key: str) -> str:
        """The Message-ID of the message with this key."""
        return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{self._domain}>"

    def _written(self, message: OutgoingMail) -> EmailMessage:
        mail = EmailMessage()
        sender = f"{message.signed.name} via {self._name}" if message.signed else self._name
        mail["From"] = Mailbox(sender, self.address).header
        mail["To"] = message.to.header
        if message.thread:
            mail["Reply-To"] = Mailbox(message.signed.name if message.signed else self._name, message.thread).header
        elif message.signed:
            mail["Reply-To"] = message.signed.header
        mail["Subject"] = one_line(message.subject)
        mail["Date"] = message.at
        mail["Message-ID"] = self.message_id(message.key)
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
