"""A thread's address: where answers to a letter go, with the thread's token in it, and how it is found again.

The token is a keyed hash of the candidate: it tells nobody anything, and nobody makes one. It stands after the plus
sign of the mailbox that Tandem reads (subaddressing, RFC 5233), in letters and digits that survive any change of case.
"""

from __future__ import annotations

import re

from privacy.keyed_hash import KeyedHash

_LENGTH = 24
_TOKEN = re.compile(rf"[0-9a-f]{{{_LENGTH}}}")


def thread_token(matcher: KeyedHash, candidate: str) -> str:
    """The token of a candidate's thread."""
    return matcher.match(f"letters thread\n{candidate}")[:_LENGTH]


def thread_address(mailbox: str, token: str) -> str:
    """Where answers in a thread go: `hiring@example.org` → `hiring+token@example.org`."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{token}@{domain}"


def token_in(address: str, mailbox: str) -> str | None:
    """The token in an address of the mailbox; None where there is none."""
    local, _, domain = address.lower().strip().rpartition("@")
    name, plus, token = local.rpartition("+")
    ours, _, here = mailbox.lower().rpartition("@")
    return token if plus and (name, domain) == (ours, here) and _TOKEN.fullmatch(token) else None
