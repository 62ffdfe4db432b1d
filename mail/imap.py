"""IMAP: a mailbox that is read, and left as it is: nothing is marked, moved or deleted.

By Python's own client, which waits: it is for a thread. What was read is known by the mailbox's UIDVALIDITY and UIDs
(RFC 9051, 2.3.1.1), so it does not matter what a person does with the mail, or another program.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from settings import ImapServer

ANSWERS_WITHIN = 20.0
"""Seconds the server has for one answer."""

AT_A_TIME = 50
"""Mails that are read in one visit."""

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UID = re.compile(rb"\bUID (\d+)")


class MailboxAway(Exception):
    """The mailbox cannot be read now: its server is away, or does not let us in."""


class MailInBox(NamedTuple):
    """A mail in the mailbox; its content is empty where it is larger than may be read."""

    uid: int
    size: int
    content: bytes


class MailboxVisit(NamedTuple):
    """What a visit found: the mailbox's UIDVALIDITY, and the mails after the one that was read last, in order."""

    uidvalidity: int
    mails: list[MailInBox]


def visit(server: ImapServer, after: tuple[int, int] | None, largest: int) -> MailboxVisit:
    """Reads what came `after` (UIDVALIDITY and UID), at most `AT_A_TIME` mails. Raises MailboxAway."""
    try:
        with _connected(server) as box:
            _ok(box.select(f'"{server.folder}"', readonly=True))
            validity = int((box.response("UIDVALIDITY")[1][0] or b"0").decode())
            first = after[1] + 1 if after and after[0] == validity else 1
            found = _ok(box.uid("SEARCH", f"UID {first}:*"))
            # `n:*` always names the last mail, also where that is before n.
            uids = sorted(uid for uid in map(int, (found[0] or b"").split()) if uid >= first)[:AT_A_TIME]
            return MailboxVisit(validity, list(_fetched(box, uids, largest)))
    except (imaplib.IMAP4.error, OSError, ValueError, IndexError) as away:
        raise MailboxAway(type(away).__name__) from None


def _fetched(box: imaplib.IMAP4, uids: list[int], largest: int) -> Iterator[MailInBox]:
    for uid in uids:
        said = b" ".join(part for part in _ok(box.uid("FETCH", str(uid), "(UID RFC822.SIZE)")) if part)
        found = _SIZE.search(said)
        if found is None:
            continue  # it was deleted meanwhile
        size = int(found[1])
        if size > largest:
            yield MailInBox(uid, size, b"")
            continue
        for part in box.uid("FETCH", str(uid), "(BODY.PEEK[])")[1]:
            if isinstance(part, tuple):
                yield MailInBox(uid, size, part[1])
                break


def _connected(server: ImapServer) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    box: imaplib.IMAP4
    if server.security == "tls":
        box = imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=ANSWERS_WITHIN)
    else:
        box = imaplib.IMAP4(server.host, server.port, timeout=ANSWERS_WITHIN)
    try:
        if server.security == "starttls":
            box.starttls(context)
        password = server.password.get_secret_value() if server.password else ""
        _ok(box.login(server.user or "", password))
    except BaseException:
        with suppress(OSError, imaplib.IMAP4.error):
            box.shutdown()
        raise
    return box


def _ok(answer: tuple[str, Sequence[Any]]) -> list[bytes]:
    kind, said = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(kind)
    return [part for part in said if isinstance(part, bytes)]
