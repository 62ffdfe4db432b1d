"""The mailbox of candidates' answers, read from a real IMAP server."""

from __future__ import annotations

import imaplib
import socket
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from mail.imap import AT_A_TIME, MailboxAway, visit
from settings import ImapServer
from testing.imap_server import imap_server, put

LARGEST = 10_000


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    """An IMAP server with one mailbox."""
    with imap_server() as found:
        yield found


def mail(number: int, size: int = 0) -> bytes:
    """A mail."""
    return f"From: ada@example.com\r\nSubject: {number}\r\n\r\nHello.{'x' * size}\r\n".encode()


def test_each_mail_is_read_once_whatever_people_do_in_the_mailbox(server: ImapServer) -> None:
    before = visit(server, None, LARGEST)
    seen = (before.uidvalidity, max((one.uid for one in before.mails), default=0))
    put(server, mail(1), mail(2, size=LARGEST), mail(3))
    first = visit(server, seen, LARGEST)
    assert [one.content for one in first.mails] == [mail(1), b"", mail(3)]
    assert first.mails[1].size > LARGEST
    last = (first.uidvalidity, first.mails[-1].uid)
    assert visit(server, last, LARGEST).mails == []

    with imaplib.IMAP4(server.host, server.port) as box:
        box.login("hiring", "secret")
        box.select("INBOX")
        flags = box.uid("FETCH", str(first.mails[0].uid), "(FLAGS)")[1][0]
        assert b"Seen" not in flags
        box.uid("STORE", str(first.mails[0].uid), "+FLAGS", r"(\Seen)")
    put(server, *(mail(n) for n in range(4, 4 + AT_A_TIME + 1)))
    then = visit(server, last, LARGEST)
    assert [one.content for one in then.mails] == [mail(n) for n in range(4, 4 + AT_A_TIME)]
    rest = visit(server, (then.uidvalidity, then.mails[-1].uid), LARGEST)
    assert [one.content for one in rest.mails] == [mail(4 + AT_A_TIME)]
    anew = visit(server, (first.uidvalidity + 1, last[1]), LARGEST)
    assert anew.mails[0].content == (before.mails or first.mails)[0].content


def test_a_server_that_is_away_or_refuses_is_said_to_be_away(server: ImapServer) -> None:
    with pytest.raises(MailboxAway):
        visit(server.model_copy(update={"password": SecretStr("wrong")}), None, LARGEST)
    with pytest.raises(MailboxAway):
        visit(server.model_copy(update={"folder": "Nowhere"}), None, LARGEST)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(MailboxAway):
            visit(server.model_copy(update={"port": free.getsockname()[1]}), None, LARGEST)
