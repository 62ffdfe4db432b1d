"""One key per subject: an applicant (`H-…`), an intake whose transcript names colleagues (`R-…`), or somebody
who uses Tandem (`P-…`), for what is said about their messages.

Whoever destroys a subject's key makes everything sealed under it unreadable, wherever copies of it lie. So keys are
kept apart from the database, and a key that cannot be found is never taken for one that was destroyed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

KEY_BYTES = 32

_KEY_ID = re.compile(r"[HPR]-[0-9A-Z]{6,26}")
_INSTALLATION, _SECRET = "installation", "matching.secret"


class KeyDestroyed(Exception):
    """The subject was erased: what is sealed under this key stays unreadable."""


class KeyMissing(Exception):
    """There is no such key here and none was destroyed: the wrong folder, or one that was lost. Never a tombstone."""


class KeysUnreachable(Exception):
    """The keys cannot be read or written at present; worth another try."""


class WrongKeys(Exception):
    """These keys are not to be worked with; the text is one sentence for whoever runs the installation."""


class KeyStore(Protocol):
    """Where keys are. A `key_id` is the subject's own id; anything else raises ValueError.

    A store is founded once, for one installation. One that is not gives KeysUnreachable instead of keys.
    """

    place: str
    """Where it is, for whoever runs the installation."""

    def installation(self) -> str | None:
        """The id of the installation whose keys these are; None while nobody founded it. Raises KeysUnreachable."""

    def used(self) -> bool:
        """Whether any key is here, or was destroyed here. Raises KeysUnreachable."""

    def found(self, installation: str) -> None:
        """Makes it the store of this installation; what it holds stays, a secret included. Raises KeysUnreachable."""

    def secret(self) -> bytes:
        """What keyed hashes are made with. Raises KeyMissing, KeysUnreachable."""

    def make(self, key_id: str) -> bytes:
        """The subject's key, made now if they have none. Raises KeyDestroyed, KeysUnreachable."""

    def find(self, key_id: str) -> bytes:
        """The subject's key. Raises KeyDestroyed, KeyMissing, KeysUnreachable."""

    def destroy(self, key_id: str) -> None:
        """Ends the subject's key for good, whether there was one or not; twice is as once. Raises KeysUnreachable."""


class FolderKeyStore:
    """Keys as files of 32 bytes under `folder`, which only its owner may enter."""

    def __init__(self, folder: Path) -> None:
        self.place = str(folder)
        self._folder = folder
        self._known: str | None = None

    def installation(self) -> str | None:
        """See KeyStore."""
        try:
            found: str = json.loads((self._folder / _INSTALLATION).read_bytes())["installation"]
        except FileNotFoundError:
            return None
        except OSError as refused:
            raise _unreachable(refused) from refused
        except (ValueError, KeyError, TypeError):
            raise KeysUnreachable(f"the keys cannot be reached: {self._folder / _INSTALLATION} is damaged") from None
        self._known = self._known or found
        return found

    def used(self) -> bool:
        """See KeyStore."""
        return next(self._files(), None) is not None

    def found(self, installation: str) -> None:
        """See KeyStore."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._keep(self._folder / _SECRET, secrets.token_bytes(KEY_BYTES))
            self._keep(self._folder / _INSTALLATION, json.dumps({"installation": installation}).encode())
        except OSError as refused:
            raise _unreachable(refused) from refused

    def secret(self) -> bytes:
        """See KeyStore."""
        try:
            return (self._folder / _SECRET).read_bytes()
        except FileNotFoundError:
            raise KeyMissing(_SECRET) from None
        except OSError as refused:
            raise _unreachable(refused) from refused

    def make(self, key_id: str) -> bytes:
        """See KeyStore."""
        try:
            return self.find(key_id)
        except KeyMissing:
            pass
        path = self._path(key_id)
        self._still_there()
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._keep(path, secrets.token_bytes(KEY_BYTES))
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
        except OSError as refused:
            raise _unreachable(refused) from refused
        if self._known is not None:
            self._still_there()
        raise KeyMissing(key_id)

    def destroy(self, key_id: str) -> None:
        """See KeyStore."""
        path = self._path(key_id)
        self._still_there()
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

    def _still_there(self) -> None:
        # A volume that is not mounted leaves an empty folder: nobody's key is missing then, all are away.
        known = self._known
        found = self.installation()
        if found is None or (known is not None and found != known):
            raise KeysUnreachable(f"the keys cannot be reached: this installation's are not in {self._folder}")

    def _files(self) -> Iterator[Path]:
        """Every key and every mark of one that was destroyed."""
        try:
            for folder in sorted(self._folder.iterdir()) if self._folder.exists() else ():
                if re.fullmatch(r"[0-9a-f]{2}", folder.name):
                    yield from (path for path in folder.iterdir() if _KEY_ID.fullmatch(path.stem))
        except OSError as refused:
            raise _unreachable(refused) from refused

    def _keep(self, path: Path, content: bytes) -> None:
        """Writes what must not be there in halves, unless it is there."""
        unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        _write(unfinished, content)
        try:
            # A link appears whole or not at all, and only one of two makers can have the name.
            os.link(unfinished, path)
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
        _sync(path.parent)

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
