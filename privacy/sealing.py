"""Sealing words about a person under that person's key, and opening them again for those who may read them.

AES-256-GCM (NIST SP 800-38D) with a random nonce. The id of the entity that the words belong to is authenticated with
them (`context`), so that what was sealed for one candidate's file cannot be pasted into another's. What was sealed for
the holder of the key (an applicant, or a requisition whose own words they are) says whose it is wherever it is carried,
and opens there too: what one retro said to change stands on the next requisition's agenda.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.core.personal_text import Sealed
from privacy.keys import KeyDestroyed, KeyStore
from privacy.sealed_parts import DoesNotOpen, opened_parts, sealed_parts

_NONCE_BYTES = 12


class CannotOpen(Exception):
    """These words were not sealed under this key for this context, or were changed since."""


@dataclass(frozen=True)
class Tombstone:
    """What is left of sealed words once their key is destroyed."""

    key: str

    def __str__(self) -> str:
        return "[erased]"


class Sealer:
    """Seals and opens with the keys of one store, and raises what it raises; a destroyed key opens to a Tombstone."""

    def __init__(self, keys: KeyStore) -> None:
        self.keys = keys

    def seal(self, key_id: str, text: str, context: str) -> Sealed:
        """`text` under the subject's key, which is made if they have none yet. Raises KeyDestroyed."""
        return Sealed(key=key_id, ciphertext=base64.b64encode(self.seal_bytes(key_id, text.encode(), context)).decode())

    def open_(self, sealed: Sealed, context: str) -> str | Tombstone:
        """The words, or a tombstone if their key was destroyed. Raises CannotOpen."""
        ciphertext = base64.b64decode(sealed.ciphertext)
        try:
            opened = self.open_bytes(sealed.key, ciphertext, context)
        except CannotOpen:
            if context == sealed.key:
                raise
            opened = self.open_bytes(sealed.key, ciphertext, sealed.key)
        return opened if isinstance(opened, Tombstone) else opened.decode()

    def seal_bytes(self, key_id: str, content: bytes, context: str) -> bytes:
        """The same for bytes: nonce and ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self.keys.make(key_id)).encrypt(nonce, content, context.encode())

    def fingerprint(self, key_id: str, content: bytes, purpose: str) -> str:
        """The same for the same content and purpose; once the key is destroyed nobody can hold a guess against it.

        HMAC-SHA-256, in hexadecimal digits, under a key derived from the subject's (HKDF, RFC 5869), which is made if
        they have none yet. Raises KeyDestroyed.
        """
        derived = HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(self.keys.make(key_id))
        return hmac.new(derived, content, hashlib.sha256).hexdigest()

    def open_bytes(self, key_id: str, sealed: bytes, context: str) -> bytes | Tombstone:
        """The same for bytes."""
        try:
            key = self.keys.find(key_id)
        except KeyDestroyed:
            return Tombstone(key_id)
        try:
            return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError):  # the latter of what is shorter than a nonce
            raise CannotOpen(key_id) from None

    def seal_parts(self, key_id: str, content: Iterable[bytes], context: str) -> Iterator[bytes]:
        """The same for what is too long to be held as one; the key is looked for now. Raises KeyDestroyed."""
        return sealed_parts(self.keys.make(key_id), content, context)

    def open_parts(self, key_id: str, sealed: Iterable[bytes], context: str) -> Iterator[bytes] | Tombstone:
        """The same, part by part; raises CannotOpen, where something is wrong with a later part only then."""
        try:
            key = self.keys.find(key_id)
        except KeyDestroyed:
            return Tombstone(key_id)
        return _opened(key, sealed, context, key_id)


def _opened(key: bytes, sealed: Iterable[bytes], context: str, key_id: str) -> Iterator[bytes]:
    try:
        yield from opened_parts(key, sealed, context)
    except DoesNotOpen:
        raise CannotOpen(key_id) from None
