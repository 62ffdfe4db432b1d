"""The master keys, under which the subjects' keys are wrapped where they lie.

Whoever copies the keys without one has nothing. A master key is a line somewhere: as it is in a file that lies anywhere
else, or wrapped by a service (`privacy/custodians.py`) beside the keys themselves. The first line is for what is
wrapped from now on, the others for what is not wrapped anew yet.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privacy.custodians import AsItIs, Custodian, Refuses
from privacy.keys import KEY_BYTES, KeysUnreachable
from privacy.whole_files import replace, write_once

_T = TypeVar("_T")

MAKING = 1.0
"""Seconds in which whoever makes a key has done so: its master key was the first one when they began."""

LOOKED_AT_EVERY = 0.4
"""Seconds. Where a service wraps the master keys, every process knows a new one well within `MAKING`."""

ASKED_AGAIN_AFTER = 2.0
"""Seconds for which a service that did not open a master key is not asked again."""

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


class Place(Protocol):
    """Where the lines are, each a word. Raises OSError, or KeysUnreachable."""

    def read(self) -> Sequence[str]:
        """The lines; none where there is no such place."""

    def write(self, lines: Sequence[str]) -> None:
        """Puts these in place of what is there."""

    def write_once(self, line: str) -> None:
        """Puts the first one there, unless there is one."""


class InFile:
    """Lines of a file, read again whenever it was changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._lines: tuple[str, ...] = ()

    def read(self) -> Sequence[str]:
        """See Place."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return ()
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen != self._seen:
            # A file that is empty is spoilt, not away.
            self._lines, self._seen = tuple(self._path.read_text(errors="replace").split()) or ("",), seen
        return self._lines

    def write(self, lines: Sequence[str]) -> None:
        """See Place."""
        if not lines:
            self._path.unlink(missing_ok=True)
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(self._path, _text(lines))

    def write_once(self, line: str) -> None:
        """See Place."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(self._path, _text((line,)))


def _text(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


class Source:
    """Master keys at one place, in the care of one custodian; what a service opened is kept for `remembered` seconds.

    A service is never asked on an event loop: there what it opened before is all there is.
    """

    def __init__(
        self,
        place: Place,
        custodian: Custodian,
        remembered: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._place, self._custodian, self._remembered, self._clock = place, custodian, remembered, clock
        self.name, self.elsewhere = custodian.name, custodian.elsewhere
        self._opened: dict[str, tuple[MasterKey, float]] = {}
        self._asking = threading.Lock()
        self._refused: tuple[float, KeysUnreachable] | None = None
        self._listed: tuple[MasterKey, ...] | None = None

    def there(self) -> tuple[MasterKey, ...]:
        """Those that are there now. Raises KeysUnreachable."""
        # Asking a service takes time, and what is wrapped from now on must be wrapped under what is first then.
        lines = self._read()
        while stale := [line for line in lines if not self._remembers(line)]:
            if self.elsewhere and _on_an_event_loop():
                raise self._refused[1] if self._refused else self.unusable("it is not opened yet")
            self._open(stale)
            lines = self._read()
        listed = tuple(self._opened[line][0] for line in lines)
        if lines:  # else its place is away: what was read stays known
            self._opened = {line: opened for line, opened in self._opened.items() if line in lines}
        self._listed = listed
        return listed

    def listed(self) -> tuple[MasterKey, ...]:
        """Those that were there a moment ago, for whoever may not wait for another machine. Raises KeysUnreachable."""
        return self._listed if self.elsewhere and self._listed is not None else self.there()

    def remembers(self, master_id: bytes) -> MasterKey | None:
        """The one with this id, if it was opened before, and not too long ago."""
        opened = self._opened
        return next((key for line, (key, _) in opened.items() if key.id == master_id and self._remembers(line)), None)

    def look(self) -> None:
        """Opens what is new, and anew what was opened some time ago, before it is forgotten. Raises KeysUnreachable."""
        now = self._clock()
        lines = self._read()
        due = [line for line in lines if line in self._opened and now - self._opened[line][1] > self._remembered / 2]
        if due:
            self._open(due)
        self.there()

    def make(self, once: bool = False) -> None:
        """Puts a new one first; with `once`, only where there is none. Raises OSError, KeysUnreachable."""
        secret = secrets.token_bytes(KEY_BYTES)
        line = self._asked(lambda: self._custodian.close(secret))
        if once:
            self._place.write_once(line)
        else:
            self._place.write((line, *self._read()))

    def renew(self) -> None:
        """Lets the custodian exchange what it wraps with, where it does so when it is told. Raises KeysUnreachable."""
        self._asked(self._custodian.renew)

    def keep_only(self, key: MasterKey) -> None:
        """Lets go of all others. Raises OSError, KeysUnreachable."""
        there, lines = self.there(), self._read()
        kept = [line for line, one in zip(lines, there, strict=True) if one == key]
        if len(kept) < len(lines):
            self._place.write(kept)
        self._opened = {line: opened for line, opened in self._opened.items() if line in kept}
        self._listed = (key,) * len(kept)

    def unusable(self, why: str | None) -> KeysUnreachable:
        """What is said where one cannot be used."""
        return KeysUnreachable(f"The master key in {self.name} cannot be used: {why}.")

    def _read(self) -> Sequence[str]:
        try:
            return self._place.read()
        except OSError as refused:
            raise self.unusable(refused.strerror) from refused

    def _remembers(self, line: str) -> bool:
        known = self._opened.get(line)
        return known is not None and self._clock() - known[1] <= self._remembered

    def _open(self, lines: Sequence[str]) -> None:
        began = self._clock()
        with self._asking:
            for line in lines:
                known = self._opened.get(line)
                if known is not None and known[1] >= began:  # by whoever asked meanwhile
                    continue
                secret = self._asked(lambda line=line: self._custodian.open(line))  # type: ignore[misc]
                if len(secret) != KEY_BYTES:
                    raise self.unusable(f"each line is to be {KEY_BYTES} bytes in base64")
                self._opened = {**self._opened, line: (MasterKey(secret), self._clock())}

    def _asked(self, ask: Callable[[], _T]) -> _T:
        if self._refused is not None and self._clock() - self._refused[0] < ASKED_AGAIN_AFTER:
            raise self._refused[1]
        try:
            answer = ask()
        except Refuses as refused:
            said = self.unusable(str(refused))
            if self.elsewhere:
                self._refused = self._clock(), said
            raise said from None
        self._refused = None
        return answer


def _on_an_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class MasterKeys:
    """The master keys of an installation: where they lie, and, while they are moved, where they lay before."""

    def __init__(self, source: Source, *before: Source) -> None:
        self._sources = (source, *before)
        self.name = source.name
        self._ended = threading.Event()
        self._watching: threading.Thread | None = None
        self._starting = threading.Lock()

    def all(self) -> Sequence[MasterKey]:
        """The one to wrap with first; none where there is none. Raises KeysUnreachable."""
        found = tuple(key for source in self._sources for key in source.there())
        self._watch()
        return found

    def secrets(self) -> Sequence[bytes]:
        """Of `all`, a moment ago where a service opens them: no other machine is waited for. Raises KeysUnreachable."""
        return tuple(key.secret for source in self._sources for key in source.listed())

    def find(self, master_id: bytes) -> MasterKey:
        """The one with this id. Raises KeysUnreachable."""
        for source in self._sources:
            # One that was read stays known while the place is out of reach.
            if known := source.remembers(master_id):
                return known
        for key in self.all():
            if key.id == master_id:
                return key
        raise self._sources[0].unusable(_LACKS)

    def has(self, master_id: str) -> bool:
        """Whether the one with this id, in hexadecimal digits, is there. Raises KeysUnreachable."""
        return any(key.id.hex() == master_id for key in self.all())

    def wrap(self, key: bytes, name: str, needed: str | None) -> bytes:
        """`key` as it lies in a store that needs the master key `needed`, if any; plain where there is none here.

        Raises KeysUnreachable where there is another instead.
        """
        masters = self.all()
        if needed is not None and all(master.id.hex() != needed for master in masters):
            raise self._sources[0].unusable(_LACKS)
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
        source = self._sources[0]
        there = source.there()
        if len(there) < 2 and (not there or current == there[0].id.hex()):
            source.renew()
            self._written(source, source.make)
            if source.elsewhere:
                time.sleep(MAKING)  # until every process had it opened
        return source.there()[0]

    def make(self) -> None:
        """Makes the first one, if there is none. Raises OSError, KeysUnreachable."""
        if not self._sources[0].there():
            self._sources[0].make(once=True)

    def keep_only(self, key: MasterKey) -> None:
        """Lets go of all others, wherever they lie. Raises KeysUnreachable."""
        for source in self._sources:
            self._written(source, lambda source=source: source.keep_only(key))  # type: ignore[misc]

    def close(self) -> None:
        """Looks after them no longer."""
        self._ended.set()

    def _watch(self) -> None:
        """From now on has those that a service opens opened in time, so that nobody has to wait for it."""
        with self._starting:
            if self._watching is None and any(source.elsewhere for source in self._sources):
                self._watching = threading.Thread(target=self._look, name="master keys", daemon=True)
                self._watching.start()

    def _look(self) -> None:
        while not self._ended.wait(LOOKED_AT_EVERY):
            for source in self._sources:
                try:
                    source.look()
                except KeysUnreachable:  # said to whoever asks for a key
                    continue

    @staticmethod
    def _written(source: Source, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as refused:
            why = f"it is not to be written ({refused.strerror}), so do by hand what docs/operations.md says"
            raise source.unusable(why) from refused


MastersBeside = Callable[[Callable[[str], Place]], MasterKeys]
"""The master keys for a key store that gives a place to what a service wraps, by the service's name for it."""


def in_file(path: Path) -> MasterKeys:
    """Those in a file of their own."""
    return MasterKeys(Source(InFile(path), AsItIs(path)))
