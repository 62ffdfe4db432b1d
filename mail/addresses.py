"""Mail addresses as people type them: read, checked and told why not, and as the mail server takes them.

Whether anybody reads what is sent there is not asked: no name server is.
"""

from __future__ import annotations

import re
import unicodedata

import idna
from email_validator import EmailNotValidError, validate_email

LONGEST = 254
"""Characters an address may have."""

_LONGEST_NAME = 256
_TOO_LONG = f"This mail address is too long: at most {LONGEST} characters"
_PASTED = re.compile(r"[^<>]*<\s*([^<>]*?)\s*>", re.DOTALL)
_WHITE = re.compile(r"\s")


def read_address(typed: str) -> str:
    """The address that was typed, or pasted with a name (`Ada Lin <ada@example.com>`), in small letters.

    An international domain stays in its own letters. Raises ValueError with a sentence, without its full stop.
    """
    address = typed.strip().removeprefix("mailto:")
    if len(address) > LONGEST + _LONGEST_NAME:
        raise ValueError(_TOO_LONG)
    if pasted := _PASTED.fullmatch(address):
        address = pasted.group(1)
    if wrong := _what_is_wrong(address):
        raise ValueError(wrong)
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError("This is not a mail address") from None
    return found.normalized.lower()


def spellings(address: str) -> frozenset[str]:
    """An address in every form in which it may have been kept: its domain in its own letters, and in ASCII."""
    try:
        return frozenset({address, on_the_wire(address)})
    except ValueError:
        return frozenset({address})


def on_the_wire(address: str) -> str:
    """An address with its domain in ASCII (RFC 5890); letters before the @ stay. Raises ValueError where it cannot."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain):
        raise ValueError("not an address")
    if domain.isascii():
        return address
    return f"{local}@{idna.encode(domain, uts46=True).decode()}"


def _what_is_wrong(address: str) -> str | None:
    """What people mistype most, by its name."""
    if unseen := next((mark for mark in address if unicodedata.category(mark) in ("Cf", "Cc")), None):
        name = unicodedata.name(unseen, "a control character").lower()
        return f"There is an invisible character in this mail address ({name}): type it by hand"
    if len(address) > LONGEST:
        return _TOO_LONG
    if _WHITE.search(address):
        return "There is a space in this mail address"
    local, at, domain = address.rpartition("@")
    if not at:
        return "There is no @ in this mail address"
    if "@" in local:
        return "There is more than one @ in this mail address: one address is asked for"
    for mark, name in ((".", "full stop"), (",", "comma"), (";", "semicolon"), (":", "colon")):
        if domain.endswith(mark):
            return f"This mail address ends with a {name}, which does not belong to it"
    for mark, name in ((",", "comma"), (";", "semicolon")):
        if mark in address:
            return f"There is a {name} in this mail address, where a full stop may be meant; one address is asked for"
    if not local or not domain:
        return "There is nothing before the @ of this mail address" if domain else "There is nothing after the @"
    if ".." in address:
        return "There are two full stops in a row in this mail address"
    if local.startswith(".") or local.endswith("."):
        return "There is a full stop beside the @ or at the beginning of this mail address, where none may be"
    if "." not in domain:
        return "What stands after the @ of this mail address is not whole: it has no full stop, as in example.com"
    return None
