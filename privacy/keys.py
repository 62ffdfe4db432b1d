"""One key per subject: an applicant (`H-…`), an intake whose transcript names colleagues (`R-…`), or somebody
who uses Tandem (`P-…`), for what is said about their messages.

Whoever destroys a subject's key makes everything sealed under it unreadable, wherever copies of it lie. So keys are
kept apart from the database, and a key that cannot be found is never taken for one that was destroyed.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Protocol

KEY_BYTES = 32

_KEY_ID = re.compile(r"[HPR]-[0-9A-Z]{6,26}")


class KeyDestroyed(Exception):
    """The subject was erased: what is sealed under this key stays unreadable."""


class KeyMissing(Exception):
    """There is no such key here and none was destroyed: the wrong folder, or one that was lost. Never a tombstone."""


class KeysUnreachable(Exception):
    """The keys cannot be read or written at present; worth another try."""


class KeyStore(Protocol):
    """Where keys are. A `key_id` is the subject's own id; anything else raises ValueError."""

    def make(self, key_id: str) -> bytes:
        """The subject's key, made now if they have none. Raises KeyDestroyed, KeysUnreachable."""

    def find(self, key_id: str) -> bytes:
        """The subject's key. Raises KeyDestroyed, KeyMissing, KeysUnreachable."""

    def destroy(self, key_id: str) -> None:
        """Ends the subject's key for good, whether there was one or not; twice is as once. Raises KeysUnreachable."""


class FolderKeyStore:
    """Keys as files of 32 bytes under `folder`, which is made, for its owner alone, if its parent is there."""

    def __init__(self, folder: Path) -> None:
        """Raises KeysUnreachable."""
        self._folder = folder
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as refused:
            raise _unreachable(refused) from refused

    def make(self, key_id: str) -> bytes:
        """See KeyStore."""
        try:
            return self.find(key_id)
        except KeyMissing:
            pass
        path = self._path(key_id)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            _write(unfinished, secrets.token_bytes(KEY_BYTES))
            try:
                # A link appears whole or not at all, and only one of two makers can have the name.
                os.link(unfinished, path)
            except FileExistsError:
                pass
            finally:
                unfinished.unlink()
            _sync(path.parent)
            _sync(self._folder)
            if self._tombstone(key_id).exists():
                path.unlink(missing_ok=True)
        except OSError as refused:
            raise _unreachable(refused) from refused
        return self.find(key_id)

    def find(self, key_id: str) -> bytes:
        """See KeyStore."""
        path = self._path(key_id)
        try:
            if self._tombstone(key_id).exists():
                raise KeyDestroyed(key_id)
            if path.exists():
                return path.read_bytes()
            os.stat(self._folder)
        except OSError as refused:
            raise _unreachable(refused) from refused
        raise KeyMissing(key_id)

    def destroy(self, key_id: str) -> None:
        """See KeyStore."""
        path = self._path(key_id)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            # The marker first: a crash in between leaves a key that opens nothing any more, not a key that is missing.
            if not self._tombstone(key_id).exists():
                _write(self._tombstone(key_id), b"")
            path.unlink(missing_ok=True)
            _sync(path.parent)
            _sync(self._folder)
        except OSError as refused:
            raise _unreachable(refused) from refused

    def _path(self, key_id: str) -> Path:
        if not _KEY_ID.fullmatch(key_id):
            raise ValueError(f"{key_id!r} is not the id of a subject")
        return self._folder / hashlib.sha256(key_id.encode()).hexdigest()[:2] / key_id

    def _tombstone(self, key_id: str) -> Path:
        return self._path(key_id).with_suffix(".destroyed")


def _unreachable(refused: OSError) -> KeysUnreachable:
    return KeysUnreachable(f"the keys cannot be reached: {refused.strerror}")


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
