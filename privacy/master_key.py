"""The master key, under which the subjects' keys are wrapped where they lie.

Whoever copies the keys without it has nothing. It lies in a file of its own, which may be anywhere else: a line for
each key, 32 bytes in base64, the first for what is wrapped from now on, the others for what is not wrapped anew yet.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privacy.keys import KEY_BYTES, KeysUnreachable
from privacy.whole_files import replace, write_once

MAKING = 1.0
"""Seconds in which whoever makes a key has done so: its master key was the first one when they began."""

_MARK = b"TK1"
_ID_BYTES, _NONCE_BYTES = 8, 12
_LACKS = "it lacks the one that the keys are wrapped under"
_WRAPPED_BYTES = len(_MARK) + _ID_BYTES + _NONCE_BYTES + KEY_BYTES + 16


@dataclass(frozen=True, repr=False)
class MasterKey:
    """One of them. Its `id` is made of it, so that the two cannot be confused."""

    secret: bytes

    @property
    def id(self) -> bytes:
        """What a wrapped key names it by."""
        return hashlib.sha256(b"tandem master key\n" + self.secret).digest()[:_ID_BYTES]

    def wrap(self, key: bytes, name: str) -> bytes:
        """`key` as it lies in the store (AES-256-GCM), to be opened under the same `name` only."""
        nonce = os.urandom(_NONCE_BYTES)
        return _MARK + self.id + nonce + AESGCM(self.secret).encrypt(nonce, key, name.encode())

    def wraps(self, content: bytes) -> bool:
        """Whether that is wrapped under it."""
        return wrapped_by(content) == self.id

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """The key. Raises KeysUnreachable where it is another's or was changed."""
        nonce = wrapped[len(_MARK) + _ID_BYTES :][:_NONCE_BYTES]
        try:
            opened = AESGCM(self.secret).decrypt(nonce, wrapped[-(KEY_BYTES + 16) :], name.encode())
        except InvalidTag:
            raise KeysUnreachable(f"The keys cannot be reached: {name} is damaged.") from None
        return opened


def wrapped_by(content: bytes) -> bytes | None:
    """The id of the master key that `content` is wrapped under; None for a plain key, as 0.3.0 wrote them."""
    if len(content) == _WRAPPED_BYTES and content.startswith(_MARK):
        return content[len(_MARK) :][:_ID_BYTES]
    return None


class MasterKeys:
    """The master keys in the file at `path`, read again whenever it was changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[MasterKey, ...] = ()

    def all(self) -> Sequence[MasterKey]:
        """The one to wrap with first; none where there is no file. Raises KeysUnreachable."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return ()
        except OSError as refused:
            raise self._unreadable(refused.strerror) from refused
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen != self._seen:
            try:
                lines = self.path.read_text().split()
                keys = tuple(MasterKey(base64.b64decode(line, validate=True)) for line in lines)
            except OSError as refused:
                raise self._unreadable(refused.strerror) from refused
            except ValueError:
                raise self._unreadable("a line of it is not base64") from None
            if not keys or any(len(key.secret) != KEY_BYTES for key in keys):
                raise self._unreadable(f"each line is to be {KEY_BYTES} bytes in base64")
            self._keys, self._seen = keys, seen
        return self._keys

    def find(self, master_id: bytes) -> MasterKey:
        """The one with this id. Raises KeysUnreachable."""
        # One that was read stays known while the file is out of reach.
        for key in (*self._keys, *self.all()):
            if key.id == master_id:
                return key
        raise self._unreadable(_LACKS)

    def has(self, master_id: str) -> bool:
        """Whether the one with this id, in hexadecimal digits, is there. Raises KeysUnreachable."""
        return any(key.id.hex() == master_id for key in self.all())

    def wrap(self, key: bytes, name: str, needed: str | None) -> bytes:
        """`key` as it lies in a store that needs the master key `needed`, if any; plain where there is none here.

        Raises KeysUnreachable where there is another instead.
        """
        if needed is not None and not self.has(needed):
            raise self._unreadable(_LACKS)
        masters = self.all()
        return masters[0].wrap(key, name) if masters else key

    def unwrap(self, content: bytes, name: str) -> bytes:
        """What `wrap` was given. Raises KeysUnreachable."""
        master = wrapped_by(content)
        if master is not None:
            return self.find(master).unwrap(content, name)
        if len(content) != KEY_BYTES:
            raise KeysUnreachable(f"The keys cannot be reached: {name} is damaged.")
        return content

    def next(self, current: str | None) -> MasterKey:
        """The one to wrap anew under: what was begun with, or put first by hand, else a new one, which is put first.

        `current` is the one that all are wrapped by now. Raises KeysUnreachable.
        """
        there = self.all()
        if len(there) < 2 and (not there or current == there[0].id.hex()):
            self._written((MasterKey(secrets.token_bytes(KEY_BYTES)), *there))
        return self.all()[0]

    def make(self) -> None:
        """Makes the first one, if there is none. Raises OSError."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(self.path, _line(MasterKey(secrets.token_bytes(KEY_BYTES))))

    def keep_only(self, key: MasterKey) -> None:
        """Lets go of all others. Raises KeysUnreachable."""
        if len(self.all()) > 1:
            self._written((key,))

    def _written(self, keys: Sequence[MasterKey]) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace(self.path, b"".join(map(_line, keys)))
        except OSError as refused:
            why = f"it is not to be written ({refused.strerror}), so do by hand what docs/operations.md says"
            raise self._unreadable(why) from refused

    def _unreadable(self, why: str | None) -> KeysUnreachable:
        return KeysUnreachable(f"The master key in {self.path} cannot be used: {why}.")


def _line(key: MasterKey) -> bytes:
    return base64.b64encode(key.secret) + b"\n"
