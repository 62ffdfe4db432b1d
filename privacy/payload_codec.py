"""Sealing whole payloads on their way through Temporal: its database and its operators hold no id, stage or title.

AES-256-GCM under a key of the namespace's own, whose name stands in the payload's metadata: one that was exchanged
still opens what it sealed, and what was never sealed passes as it is. What identifies a workflow to the engine stays
plain: its id, its search attributes, and the names and ids of what it was told. Words about people are sealed under
their own keys before, and stay so.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

ENCODING, KEY, WORKFLOW = "encoding", "encryption-key-id", "tandem-workflow"
_ENCRYPTED = b"binary/encrypted"
_NONCE_BYTES = 12

READ_ANEW_AFTER = 60.0
"""Seconds after which a process looks whether there is a newer key to seal with."""


class NotOurs(Exception):
    """A payload that was not sealed under this key, or was changed since."""


Keys = Mapping[str, bytes]
"""By their names, the last one made last."""


class NamespaceCodec(PayloadCodec, WithSerializationContext):
    """Opens what was sealed under any of the keys; seals under the last one, unless it only opens.

    `read` gives the keys there are now, and raises what the key store and the database raise.
    """

    def __init__(self, namespace: str, keys: Keys, seals: bool, read: Callable[[], Awaitable[Keys]]) -> None:
        self._shared = _Shared(namespace, keys, seals, read)
        self._workflow = b""

    def with_context(self, context: SerializationContext) -> Self:
        """The same for the payloads of one workflow, whose id is then in their metadata."""
        made = object.__new__(type(self))
        made._shared, made._workflow = self._shared, b""
        if isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            made._workflow = (context.workflow_id or "").encode()
        return made

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See PayloadCodec."""
        if not self._shared.seals:
            return list(payloads)
        name, cipher = await self._shared.last()
        return [self._sealed(name, cipher, payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See PayloadCodec. Raises NotOurs, and what `read` raises."""
        return [await self._opened(payload) if is_sealed(payload) else payload for payload in payloads]

    def _sealed(self, name: str, cipher: AESGCM, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE_BYTES)
        bound = self._shared.bound(name.encode(), self._workflow)
        metadata = {ENCODING: _ENCRYPTED, KEY: name.encode()}
        if self._workflow:
            metadata[WORKFLOW] = self._workflow
        return Payload(metadata=metadata, data=nonce + cipher.encrypt(nonce, payload.SerializeToString(), bound))

    async def _opened(self, payload: Payload) -> Payload:
        name = payload.metadata[KEY]
        cipher = await self._shared.find(name.decode(errors="replace"))
        bound = self._shared.bound(name, payload.metadata.get(WORKFLOW, b""))
        try:
            plain = cipher.decrypt(payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            raise NotOurs(name.decode(errors="replace")) from None
        return Payload.FromString(plain)


class _Shared:
    """What the codec's views of single workflows have in common."""

    def __init__(self, namespace: str, keys: Keys, seals: bool, read: Callable[[], Awaitable[Keys]]) -> None:
        self.seals = seals
        self._namespace, self._read, self._read_at = namespace.encode(), read, 0.0
        self._take(keys)

    async def last(self) -> tuple[str, AESGCM]:
        """The one to seal with."""
        if time.monotonic() - self._read_at > READ_ANEW_AFTER:
            self._read_at = time.monotonic()
            with contextlib.suppress(Exception):  # whatever is away: the one that was the last seals on
                self._take(await self._read())
        return next(reversed(self._ciphers.items()))

    async def find(self, name: str) -> AESGCM:
        """The one of this name. Raises NotOurs."""
        if name not in self._ciphers:
            self._take(await self._read())
        try:
            return self._ciphers[name]
        except KeyError:
            raise NotOurs(name) from None

    def bound(self, name: bytes, workflow: bytes) -> bytes:
        """What is authenticated with a payload."""
        parts = (b"tandem payload", self._namespace, name, workflow)
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)

    def _take(self, keys: Keys) -> None:
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._read_at = time.monotonic()


def is_sealed(payload: Payload) -> bool:
    """Whether this is a payload that a codec of ours has sealed."""
    return payload.metadata.get(ENCODING) == _ENCRYPTED and KEY in payload.metadata
