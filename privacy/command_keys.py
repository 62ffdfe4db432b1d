"""The keys that commands are signed with: derived from the master keys (HKDF, RFC 5869), so a rotation changes both.

An installation of 0.3.0 has no master key until its keys are first rotated, and until then 0.3.0 can be put back, which
does not sign: it signs under a key derived from its secret, and takes what is unsigned too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from privacy.keys import KeysUnreachable
from workflows.command_signatures import KeyRing, SigningKey

_PURPOSE = b"tandem: who gives a command"


class CommandKeys:
    """The keys as they are now, derived anew when the master keys were changed. No other machine is waited for."""

    def __init__(self, masters: Callable[[], Sequence[bytes]], secret: Callable[[], bytes]) -> None:
        self._masters, self._secret = masters, secret
        self._read: KeyRing | None = None
        self._secrets: tuple[bytes, ...] = ()

    def __call__(self) -> KeyRing:
        """The first signs. One that was read stays known while its place is out of reach.

        Raises KeyMissing and KeysUnreachable where there is none yet.
        """
        try:
            secrets = tuple(self._masters())
        except KeysUnreachable:
            if self._read is None:
                raise
            return self._read
        if self._read is None or (secrets and secrets != self._secrets):
            unrotated = not secrets
            self._read = KeyRing(tuple(map(_derived, secrets or (self._secret(),))), unsigned_too=unrotated)
            self._secrets = secrets
        return self._read


def _derived(secret: bytes) -> SigningKey:
    return SigningKey(HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret))
