"""Sending once: on a real SMTP server that can be told to refuse, to fall silent, and to vanish at the worst moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError

from activities.smtp_delivery import SmtpDelivery, attempt
from local.stack import on_free_ports
from mail.smtp import Mailbox, OutgoingMail
from store.idempotency_claims import IdempotencyClaims

RUTH = Mailbox("Ruth Abara", "ruth.abara@example.org")
MAYA = Mailbox("Maya Lind", "maya@example.com")
LETTER = OutgoingMail(
    key="candidate/C-000001/7/0",
    at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    to=RUTH,
    subject="Your interview",
    text="Dear Ruth,\nsee you on Tuesday at the café.\n",
    signed=MAYA,
)


@dataclass
class Office:
    """The server's other side: what it took, and how it answers recipients and messages."""

    takes_all_letters: bool = False
    bytes: list[bytes] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer_recipient: str = "250 OK"
    answer_message: str = "250 OK"
    once_taken: Callable[[], object] = lambda: None
    vanish: bool = False
    speaking: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.speaking.set()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self.speaking.wait()
        if self.answer_recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.answer_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if not self.answer_message.startswith("2"):
            return self.answer_message
        assert isinstance(envelope.content, bytes)
        self.bytes.append(envelope.content)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.taken.append(mail)
        self.recipients += envelope.rcpt_tos
        if self.vanish:
            server.transport.abort()
        self.once_taken()
        return self.answer_message


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def post(office: Office, pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[SmtpDelivery]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(office, hostname="localhost", loop=loop, enable_SMTPUTF8=office.takes_all_letters), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    settings = on_free_ports(
        tmp_path, smtp_url=SecretStr(f"smtp://127.0.0.1:{port}"), mail_from="Tandem <tandem@hiring.example>"
    )
    yield SmtpDelivery(IdempotencyClaims(pool), settings)
    server.close()
    await server.wait_closed()


async def fails(post: SmtpDelivery) -> ApplicationError:
    with pytest.raises(ApplicationError) as failed:
        await post.send(LETTER)
    assert "ruth" not in str(failed.value).lower()
    assert failed.value.__cause__ is None
    return failed.value


async def test_a_message_says_who_writes_to_whom_and_comes_from_the_machine(post: SmtpDelivery, office: Office) -> None:
    await post.send(LETTER)

    (mail,) = office.taken
    assert office.recipients == ["ruth.abara@example.org"]
    assert mail["From"] == "Maya Lind via Tandem <tandem@hiring.example>"
    assert mail["To"] == "Ruth Abara <ruth.abara@example.org>"
    assert mail["Reply-To"] == "Maya Lind <maya@example.com>"
    assert mail["Date"].datetime == LETTER.at
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == ["Dear Ruth,", "see you on Tuesday at the café."]


async def test_the_same_key_is_sent_once(post: SmtpDelivery, office: Office) -> None:
    assert await post.send(LETTER) == "sent"
    assert await post.send(LETTER) == "sent before"
    assert len(office.taken) == 1


async def test_an_address_that_is_refused_for_good_is_not_tried_again(post: SmtpDelivery, office: Office) -> None:
    office.answer_recipient = "550 no such mailbox ruth.abara@example.org"
    failed = await fails(post)
    assert (failed.type, failed.non_retryable, failed.message) == ("mail_refused", True, "refused: 550")


async def test_what_is_no_address_is_not_tried_again(post: SmtpDelivery) -> None:
    for address in ("", "ruth", "ruth abara@example.org", "a@example.org\r\nRCPT TO:<b@example.org>"):
        with pytest.raises(ApplicationError) as failed:
            await post.send(OutgoingMail(address, LETTER.at, Mailbox("Ruth", address), "Hello", "Hello"))
        assert (failed.value.type, failed.value.non_retryable) == ("mail_refused", True)


@pytest.mark.parametrize(("recipient", "message"), [("451 try later", "250 OK"), ("250 OK", "452 full")])
async def test_a_server_that_cannot_just_now_is_asked_again_and_the_message_goes_once(
    post: SmtpDelivery, office: Office, recipient: str, message: str
) -> None:
    office.answer_recipient, office.answer_message = recipient, message
    for _ in range(3):
        failed = await fails(post)
        assert (failed.type, failed.non_retryable) == ("mail_unavailable", False)

    office.answer_recipient = office.answer_message = "250 OK"
    assert await post.send(LETTER) == "sent"
    assert await post.send(LETTER) == "sent before"
    assert len(office.taken) == 1


async def test_a_server_that_is_away_is_asked_again(pool: asyncpg.Pool, tmp_path: Path) -> None:
    post = SmtpDelivery(IdempotencyClaims(pool), on_free_ports(tmp_path))
    for _ in range(3):
        assert (await fails(post)).type == "mail_unavailable"


async def test_a_server_that_falls_silent_is_left_in_time_and_the_message_goes_once(
    post: SmtpDelivery, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.smtp_delivery.PATIENCE", 0.3)
    office.speaking.clear()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with attempt():
                await post.send(LETTER)

    office.speaking.set()
    assert await post.send(LETTER) == "sent"
    assert len(office.taken) == 1


async def test_a_worker_that_dies_once_the_server_has_it_sends_the_same_message_once_more(
    post: SmtpDelivery, office: Office
) -> None:
    sending = asyncio.create_task(post.send(LETTER))
    office.once_taken = sending.cancel
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert len(office.taken) == 1

    office.once_taken = lambda: None
    assert await post.send(LETTER) == "sent"
    assert await post.send(LETTER) == "sent before"

    first, second = office.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@hiring.example>")
    assert first.get_content() == second.get_content()


async def test_a_message_that_may_have_arrived_twice_is_a_persons_to_decide(post: SmtpDelivery, office: Office) -> None:
    office.vanish = True
    for _ in range(2):
        assert (await fails(post)).type == "mail_unavailable"

    failed = await fails(post)
    assert (failed.type, failed.non_retryable) == ("mail_in_doubt", True)
    assert len(office.taken) == 2


async def test_names_and_subjects_cannot_add_headers(post: SmtpDelivery, office: Office) -> None:
    await post.send(
        OutgoingMail(
            "k", LETTER.at, Mailbox("Ruth\r\nBcc: x@example.org", RUTH.address), "Hi\r\nBcc: y@example.org", "Hello"
        )
    )
    (mail,) = office.taken
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hi Bcc: y@example.org"
    assert office.recipients == [RUTH.address]


SEVENTY = "Lin, Ada " + "Marguerite Wilhelmina Esperanza Konstantina of the Northern Isles x x"[:61]


@pytest.mark.parametrize(
    "name",
    [
        SEVENTY,
        f'{"Ada " * 12}"the {"Great " * 6}Lin", PhD',
        "Lin, Ada; (of) <Lin> @ home: \\ " + "x" * 60,
        "Lïn, Ädä " + "ö" * 61,
        "李小龙、" * 20,
    ],
)
async def test_a_long_name_with_marks_in_it_is_one_mailbox(post: SmtpDelivery, office: Office, name: str) -> None:
    assert len(name) >= 70
    await post.send(replace(LETTER, to=Mailbox(name, RUTH.address), signed=Mailbox(name, MAYA.address)))

    (mail,) = office.taken
    written = message_from_bytes(office.bytes[0])
    for header, address, more in (
        ("To", RUTH.address, ""),
        ("Reply-To", MAYA.address, ""),
        ("From", "tandem@hiring.example", " via Tandem"),
    ):
        (one,) = mail[header].addresses
        assert one.addr_spec == address
        # What is not ASCII is read by RFC 2047: this Python's header registry keeps the folds between encoded words.
        said = one.display_name if name.isascii() else str(make_header(decode_header(written[header]))).split(" <")[0]
        assert said == " ".join(name.split()) + more
    assert office.recipients == [RUTH.address]
    assert max(len(line) for line in office.bytes[0].splitlines()) < 998


async def test_an_international_domain_goes_out_in_ascii(post: SmtpDelivery, office: Office) -> None:
    await post.send(replace(LETTER, to=Mailbox("Ada", "ada@bücher.example")))

    assert office.recipients == ["ada@xn--bcher-kva.example"]
    assert office.taken[0]["To"] == "Ada <ada@xn--bcher-kva.example>"


async def test_letters_beyond_ascii_before_the_at_are_for_a_server_that_takes_them(
    post: SmtpDelivery, office: Office
) -> None:
    strange = replace(LETTER, to=Mailbox("Ädä", "ädä@bücher.example"))
    with pytest.raises(ApplicationError) as failed:
        await post.send(strange)
    assert (failed.value.type, failed.value.non_retryable) == ("mail_refused", True)

    office.takes_all_letters = True
    assert await post.send(strange) == "sent"
    assert office.recipients == ["ädä@xn--bcher-kva.example"]
