"""The key store in a folder: a file for each key, wrapped under the master key, which lies elsewhere.

An installation of 0.3.0 has plain files of 32 bytes, and so have new ones there until its keys are first rotated: until
then 0.3.0 can be put back. From then on all are wrapped.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from privacy.keys import KEY_BYTES, KeyDestroyed, KeyMissing, KeysUnreachable, WrongKeys, is_subject, without_master_key
from privacy.master_key import MAKING, InFile, MasterKey, MastersBeside, Place, in_file
from privacy.whole_files import replace, sync, write_once

_INSTALLATION, _SECRET, _ROTATION = "installation", "matching.secret", "rotation.lock"
_DESTROYED = ".destroyed"


class FolderKeyStore:
    """Keys as files under `folder`, which only its owner may enter; the master key's file is beside it unless said."""

    def __init__(self, folder: Path, masters: MastersBeside | None = None) -> None:
        self.place = str(folder)
        self._folder = folder
        self.masters = masters(self._beside) if masters else in_file(folder.with_name("master.key"))
        self._known: str | None = None

    def cluster(self) -> None:
        """See KeyStore."""

    def installation(self) -> str | None:
        """See KeyStore."""
        founded = self._founded()
        if founded is None:
            return None
        if founded.get("master") is not None and not self.masters.has(founded["master"]):
            raise WrongKeys(without_master_key(self.place, self.masters.name))
        self._known = self._known or founded["installation"]
        return founded["installation"]

    def used(self) -> bool:
        """See KeyStore."""
        return next(self._names(), None) is not None

    def found(self, installation: str) -> None:
        """See KeyStore."""
        try:
            if not self.used() and not (self._folder / _SECRET).exists():
                self.masters.make()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(self._folder / _SECRET, self._wrapped(secrets.token_bytes(KEY_BYTES), _SECRET))
            master = next((key.id.hex() for key in self.masters.all()), None)
            write_once(self._folder / _INSTALLATION, _founding(installation, master))
        except OSError as refused:
            raise _unreachable(refused) from refused
        self.installation()

    def secret(self) -> bytes:
        """See KeyStore."""
        try:
            return self._unwrapped(self._folder / _SECRET)
        except FileNotFoundError:
            raise KeyMissing(_SECRET) from None
        except OSError as refused:
            raise _unreachable(refused) from refused

    def master_secrets(self) -> Sequence[bytes]:
        """See KeyStore."""
        return self.masters.secrets()

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
            write_once(path, self._wrapped(secrets.token_bytes(KEY_BYTES), key_id))
            sync(self._folder)
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
                return self._unwrapped(path)
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
            write_once(self._tombstone(key_id), b"")
            path.unlink(missing_ok=True)
            for unfinished in path.parent.glob(f"{key_id}.*"):
                if unfinished.suffix != _DESTROYED:
                    unfinished.unlink(missing_ok=True)
            sync(path.parent)
            sync(self._folder)
        except OSError as refused:
            raise _unreachable(refused) from refused

    def rotate(self) -> int:
        """See KeyStore."""
        if self.installation() is None:
            raise KeysUnreachable(f"There are no keys in {self._folder}.")
        try:
            with self._alone():
                target, count = self.masters.next((self._founded() or {}).get("master")), 0
                while again := sum(self._wrap_anew(name, target) for name in self._names(kept=True)):
                    count += again
                    time.sleep(MAKING)
                founded = self._founded() or {}
                replace(self._folder / _INSTALLATION, _founding(founded["installation"], target.id.hex()))
                self.masters.keep_only(target)
                return count
        except OSError as refused:
            raise _unreachable(refused) from refused

    def close(self) -> None:
        """See KeyStore."""
        self.masters.close()

    def _beside(self, service: str) -> Place:
        return InFile(self._folder / f"master.{hashlib.sha256(service.encode()).hexdigest()[:16]}")

    def _wrap_anew(self, name: str, target: MasterKey) -> bool:
        """Wraps a key, or the secret, under `target`; False where it is already."""
        path = self._folder / name if name == _SECRET else self._path(name)
        try:
            if target.wraps(path.read_bytes()):
                return False
            replace(path, target.wrap(self._unwrapped(path), name))
        except FileNotFoundError:  # destroyed meanwhile
            return False
        if name != _SECRET and self._tombstone(name).exists():
            path.unlink(missing_ok=True)
        return True

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / _ROTATION).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise KeysUnreachable(f"The keys in {self._folder} are being rotated already.") from None
            yield

    def _wrapped(self, key: bytes, name: str) -> bytes:
        return self.masters.wrap(key, name, (self._founded() or {}).get("master"))

    def _unwrapped(self, path: Path) -> bytes:
        return self.masters.unwrap(path.read_bytes(), path.name)

    def _founded(self) -> dict[str, str] | None:
        try:
            found: dict[str, str] = json.loads((self._folder / _INSTALLATION).read_bytes())
            _ = found["installation"]
        except FileNotFoundError:
            return None
        except OSError as refused:
            raise _unreachable(refused) from refused
        except (ValueError, KeyError, TypeError):
            raise KeysUnreachable(f"The keys cannot be reached: {self._folder / _INSTALLATION} is damaged.") from None
        return found

    def _still_there(self) -> None:
        # A volume that is not mounted leaves an empty folder: nobody's key is missing then, all are away.
        founded = self._founded()
        if founded is None or self._known not in (None, founded["installation"]):
            raise KeysUnreachable(f"The keys cannot be reached: this installation's are not in {self._folder}.")

    def _names(self, kept: bool = False) -> Iterator[str]:
        """Of every key that is here; without `kept`, of every one that was destroyed too, and with it the secret."""
        if kept:
            yield _SECRET
        try:
            for folder in sorted(self._folder.iterdir()) if self._folder.exists() else ():
                if re.fullmatch(r"[0-9a-f]{2}", folder.name):
                    for path in sorted(folder.iterdir()):
                        if is_subject(path.name) or (path.suffix == _DESTROYED and not kept):
                            yield path.name
        except OSError as refused:
            raise _unreachable(refused) from refused

    def _path(self, key_id: str) -> Path:
        if not is_subject(key_id):
            raise ValueError(f"{key_id!r} is not the id of a subject")
        return self._folder / hashlib.sha256(key_id.encode()).hexdigest()[:2] / key_id

    def _tombstone(self, key_id: str) -> Path:
        return self._path(key_id).with_suffix(_DESTROYED)


def _founding(installation: str, master: str | None) -> bytes:
    return json.dumps({"installation": installation, "master": master}).encode()


def _unreachable(refused: OSError) -> KeysUnreachable:
    return KeysUnreachable(f"The keys cannot be reached: {refused.strerror}.")
