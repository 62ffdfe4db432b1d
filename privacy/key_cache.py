"""Keys that were looked up lately, for a few seconds, so that a page with a hundred names reads each key once.

A key that is destroyed elsewhere is let go of within those seconds; what is destroyed here, at once.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from privacy.keys import KeyStore


class KeyCache:
    """A key store over another one; at most `size` keys are kept, each for `seconds` after it was looked up."""

    def __init__(self, store: KeyStore, seconds: float, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.place = store.place
        self._store, self._seconds, self._size, self._clock = store, seconds, size, clock
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        # Keys are looked up in threads.
        self._lock = threading.Lock()
        self._destructions = 0

    def cluster(self) -> str | None:
        """See KeyStore."""
        return self._store.cluster()

    def installation(self) -> str | None:
        """See KeyStore."""
        return self._store.installation()

    def used(self) -> bool:
        """See KeyStore."""
        return self._store.used()

    def found(self, installation: str) -> None:
        """See KeyStore."""
        self._store.found(installation)

    def secret(self) -> bytes:
        """See KeyStore."""
        return self._store.secret()

    def master_secrets(self) -> Sequence[bytes]:
        """See KeyStore."""
        return self._store.master_secrets()

    def make(self, key_id: str) -> bytes:
        """See KeyStore."""
        return self._looked_up(key_id, self._store.make)

    def find(self, key_id: str) -> bytes:
        """See KeyStore."""
        return self._looked_up(key_id, self._store.find)

    def destroy(self, key_id: str) -> None:
        """See KeyStore."""
        try:
            self._store.destroy(key_id)
        finally:
            with self._lock:
                self._destructions += 1
                self._kept.pop(key_id, None)

    def rotate(self) -> int:
        """See KeyStore."""
        return self._store.rotate()

    def close(self) -> None:
        """See KeyStore."""
        self._store.close()

    def _looked_up(self, key_id: str, look_up: Callable[[str], bytes]) -> bytes:
        # From before it is looked up: what is destroyed meanwhile must not live longer for it.
        now = self._clock()
        with self._lock:
            since, key = self._kept.get(key_id, (0.0, b""))
            if key and now - since < self._seconds:
                self._kept.move_to_end(key_id)
                return key
            before = self._destructions
        key = look_up(key_id)
        with self._lock:
            if before == self._destructions:
                self._kept[key_id] = (now, key)
                self._kept.move_to_end(key_id)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return key
