"""Telling whether two texts are the same without keeping either: a keyed hash under this installation's own secret.

Of a mail address under a key of its own as well, which goes with whoever had it: the secret stays.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
from collections.abc import Iterator

from privacy.keys import KeyDestroyed, KeyMissing, KeyStore


class KeyedHash:
    """Keyed hashes (HMAC-SHA-256) under a secret that lies beside the subjects' keys (`KeyStore.secret`)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def match(self, text: str) -> str:
        """The same for the same text, and telling nothing of it to anyone without the secret."""
        return keyed_hash(self._secret, text)


class AddressHash:
    """Tells whether two mail addresses are the same, until whoever has it is erased.

    The key of an address lies in the key store, under an id that is a keyed hash of it. Without it a copy of the
    database from before leads nobody from an address to an applicant, whoever has the secret. What is left says that
    there was such an address once, and nothing of whose it was; who comes back has another key.
    """

    def __init__(self, keys: KeyStore, secret: bytes) -> None:
        self._keys, self._secret = keys, secret

    @classmethod
    def of(cls, keys: KeyStore) -> AddressHash:
        """With the keys and the secret of one store. Raises KeyMissing, KeysUnreachable."""
        return cls(keys, keys.secret())

    def made(self, address: str) -> str:
        """The same for the same address; its key is made if it has none. Raises KeysUnreachable."""
        for key_id in self._ids(address):
            try:
                return keyed_hash(self._keys.make(key_id), address)
            except KeyDestroyed:
                continue
        raise AssertionError("there is always another id")

    def known(self, address: str) -> frozenset[str]:
        """All that may stand for an address now; before addresses had keys it was the secret's alone.

        Raises KeysUnreachable.
        """
        hashes = (keyed_hash(key, address) for _, key in self._there(address))
        return frozenset({keyed_hash(self._secret, address), *hashes})

    def forget(self, address: str, match: str) -> None:
        """Destroys the key under which this address is `match`, if there is one. Raises KeysUnreachable."""
        for key_id, key in self._there(address):
            if keyed_hash(key, address) == match:
                self._keys.destroy(key_id)

    def _there(self, address: str) -> Iterator[tuple[str, bytes]]:
        for key_id in self._ids(address):
            try:
                yield key_id, self._keys.find(key_id)
            except KeyDestroyed:
                continue
            except KeyMissing:
                return

    def _ids(self, address: str) -> Iterator[str]:
        for number in itertools.count():
            digest = bytes.fromhex(keyed_hash(self._secret, f"address {number}\n{address}"))
            yield f"A-{base64.b32encode(digest).decode()[:20]}"


def keyed_hash(secret: bytes, text: str) -> str:
    """HMAC-SHA-256, in hexadecimal digits."""
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
