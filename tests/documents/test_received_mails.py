"""Mails as they come from mail servers, and as nobody means well by them."""

from __future__ import annotations

from contextlib import suppress

import pytest

from documents.decoding import Unreadable
from documents.received_mails import read_received

REPLY = b"""\
Return-Path: <ada@example.com>
Delivered-To: hiring+0123456789abcdef01234567@tandem.example
From: =?utf-8?q?Ada_Lindqvist?= <Ada@Example.com>
To: Mara Okafor <hiring+0123456789abcdef01234567@tandem.example>
Subject: =?utf-8?b?UmU6IEbDvHIgSWhyIEFuZ2Vib3Q=?=
Message-ID: <reply-1@example.com>
In-Reply-To: <offer-2@tandem.example>
References: <first-0@tandem.example> <letter-1@tandem.example> <offer-2@tandem.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe, ich komme gern.
--inner
Content-Type: text/html; charset=utf-8

<p>Something else entirely.</p>
--inner--
--outer
Content-Type: application/pdf; name="papers.pdf"
Content-Disposition: attachment; filename="../../papers.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--outer--
"""

BOUNCE = b"""\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: hiring+0123456789abcdef01234567@tandem.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <bounce-1@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I'm sorry to have to inform you.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ada@example.com
Action: ACTION
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown

--b
Content-Type: ORIGINAL

Message-ID: <offer-2@tandem.example>
Subject: Our offer
From: tandem@tandem.example

--b--
"""


def test_a_reply_says_whom_it_is_from_and_what_it_answers() -> None:
    found = read_received(REPLY, "mail.eml")
    assert found.text == "Grüße, ich komme gern."
    assert found.subject == "Re: Für Ihr Angebot"
    assert (found.sender, found.sender_name) == ("ada@example.com", "Ada Lindqvist")
    assert found.to == ("hiring+0123456789abcdef01234567@tandem.example",)
    assert found.answers == ("<offer-2@tandem.example>", "<letter-1@tandem.example>", "<first-0@tandem.example>")
    assert (found.by_itself, found.bounced, found.attachments) == (False, None, ("papers.pdf",))


@pytest.mark.parametrize("original", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize(("action", "failed"), [("failed", True), ("delayed", False)])
def test_a_report_says_of_which_mail_it_is(original: str, action: str, failed: bool) -> None:
    body = BOUNCE.replace(b"ORIGINAL", original.encode()).replace(b"ACTION", action.encode())
    found = read_received(body, "mail.eml")
    assert found.bounced is not None
    assert (found.bounced.message_id, found.bounced.status, found.bounced.failed) == (
        "<offer-2@tandem.example>", "5.1.1", failed,
    )  # fmt: skip


def test_a_page_alone_is_read_and_an_answer_of_a_machine_is_known() -> None:
    head = b"From: a@b.example\nAuto-Submitted: auto-replied\nContent-Type: text/html\n\n"
    page = head + b"<p>I am <b>away</b>.</p><script>x</script>"
    found = read_received(page, "mail.eml")
    assert (found.text, found.by_itself) == ("I am away.", True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\xff\xfe" * 50,
        b"Content-Type: multipart/mixed; boundary=a\n\n"
        + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 5_000,
        b"From: x\nContent-Type: text/plain; charset=none-such\n\n\xff\xfe hello",
        b"From: " + b"(" * 20_000 + b"\n\nhello",
        b"From: a@b.example\nSubject: =?utf-8?b?/////?= =?no?q?x?=\nMessage-ID: <" + b"a" * 9_000 + b">\n\nhi",
        b"From: a@b.example\nTo: " + b"a@b.example, " * 20_000 + b"\n\nhi",
        b"From: a@b.example\nReferences: " + b"<a@b> " * 50_000 + b"\n\nhi",
        b"From: a@b.example\nContent-Type: multipart/report\n\nno parts at all",
        "From: a@b.example\nSubject: \u202ereversed\u2066\n\n\u200bhi\ud7ff".encode(),
    ],
    ids=[
        "empty",
        "no text",
        "parts in parts",
        "no charset",
        "brackets",
        "words",
        "to",
        "references",
        "report",
        "marks",
    ],
)
def test_what_nobody_means_well_by_is_read_or_refused(body: bytes) -> None:
    with suppress(Unreadable):
        found = read_received(body, "mail.eml")
        assert len(found.subject) <= 500
        assert len(found.message_id) <= 252
        assert len(found.answers) <= 40
        assert "\u202e" not in found.subject
