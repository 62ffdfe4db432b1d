"""Telling whether two texts are the same without keeping either: a keyed hash under this installation's own secret."""

from __future__ import annotations

import hashlib
import hmac


class KeyedHash:
    """Keyed hashes (HMAC-SHA-256) under a secret that lies beside the subjects' keys (`KeyStore.secret`)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def match(self, text: str) -> str:
        """The same for the same text, and telling nothing of it to anyone without the secret."""
        return keyed_hash(self._secret, text)


def keyed_hash(secret: bytes, text: str) -> str:
    """HMAC-SHA-256, in hexadecimal digits."""
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
