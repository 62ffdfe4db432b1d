"""Sealing what is too long to be held as one: in parts of a megabyte, so that none can be changed, moved or cut off.

AES-256-GCM under a key of its own, derived from the subject's by HKDF (RFC 5869) with a random salt and the context. A
part's nonce is its number and whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and
Vizár), so what ends too early, or in another order, does not open.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PART = 1024 * 1024
"""Bytes of one part, before it is sealed."""

_MARK = b"TB1\n"
_SALT_BYTES = 32
_TAG_BYTES = 16
_HEAD_BYTES = len(_MARK) + _SALT_BYTES


class DoesNotOpen(Exception):
    """These parts were not sealed under this key for this context, were changed since, or are not all there."""


def sealed_parts(key: bytes, content: Iterable[bytes], context: str) -> Iterator[bytes]:
    """`content`, however it is cut, as a head and sealed parts."""
    salt = os.urandom(_SALT_BYTES)
    opener = _under(key, salt, context)
    yield _MARK + salt
    for number, (part, last) in enumerate(_cut(content, PART)):
        yield opener.encrypt(_nonce(number, last), part, None)


def opened_parts(key: bytes, sealed: Iterable[bytes], context: str) -> Iterator[bytes]:
    """What was sealed, part by part. Raises DoesNotOpen: none of what came before was anybody else's, but not all."""
    pieces = iter(sealed)
    head = b""
    while len(head) < _HEAD_BYTES:
        piece = next(pieces, None)
        if piece is None:
            raise DoesNotOpen
        head += piece
    if not head.startswith(_MARK):
        raise DoesNotOpen
    opener = _under(key, head[len(_MARK) : _HEAD_BYTES], context)

    def rest() -> Iterator[bytes]:
        yield head[_HEAD_BYTES:]
        yield from pieces

    for number, (part, last) in enumerate(_cut(rest(), PART + _TAG_BYTES)):
        try:
            yield opener.decrypt(_nonce(number, last), part, None)
        except (InvalidTag, ValueError):
            raise DoesNotOpen from None


def _under(key: bytes, salt: bytes, context: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=b"blob\n" + context.encode()).derive(key))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


def _cut(content: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces of `size` bytes, with whether each is the last; that may be shorter, and is there even of nothing."""
    held = bytearray()
    for piece in content:
        held += piece
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True
