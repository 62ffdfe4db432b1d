"""Telling whether two texts are the same without keeping either: a keyed hash under this installation's own secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

SECRET_BYTES = 32


class KeyedHash:
    """Keyed hashes (HMAC-SHA-256). The secret lies beside the subjects' keys, made at the first use."""

    def __init__(self, folder: Path) -> None:
        """Reads the secret in `folder`, or makes it. Raises OSError."""
        path = folder / "matching.secret"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            unfinished = path.with_suffix(f".{secrets.token_hex(8)}")
            unfinished.touch(mode=0o600)
            unfinished.write_bytes(secrets.token_bytes(SECRET_BYTES))
            try:
                # A link appears whole or not at all: of two processes that start at once, both read the winner's.
                path.hardlink_to(unfinished)
            except FileExistsError:
                pass
            finally:
                unfinished.unlink()
        self._secret = path.read_bytes()

    def match(self, text: str) -> str:
        """The same for the same text, and telling nothing of it to anyone without the secret."""
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
