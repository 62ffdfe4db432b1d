"""Who may tell an entity what: each command is signed where it is given, and checked before it is taken.

An entity believes what a command's envelope says of its sender, so what reaches Temporal past Tandem's processes must
not be taken for theirs. A signature is made over the bytes that travel. The validator alone checks it: replay does not
run that again, so a key that is gone changes no history.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from pydantic import AwareDatetime, ValidationError
from temporalio.api.common.v1 import Payload

from domain.core.messages import Value
from workflows import contract

FRESH_FOR = timedelta(hours=24)
"""Less than a run remembers what it took (`entity.REMEMBERED_FOR`): what is sent again as it was is not done again."""

CLOCKS_DIFFER_BY = timedelta(minutes=10)
"""At most, between whoever signs and the engine."""

READ_ANEW_AFTER = 0.5
"""Seconds. A rotation takes longer than this to let go of the key before, so nobody signs with that by then."""


class Signature(Value):
    """The third argument of the update, by the key of this `key` id: HMAC-SHA-256, in hexadecimal digits."""

    key: str
    at: AwareDatetime
    mac: str


class NotBelieved(Exception):
    """A command that was not given by this installation, as far as its signature tells; `code` is one of `contract`."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, repr=False)
class SigningKey:
    """A key to sign with. Its `id` is made of it."""

    secret: bytes

    @cached_property
    def id(self) -> str:
        """What a signature names it by."""
        return hashlib.sha256(b"tandem signing key\n" + self.secret).hexdigest()[:16]


@dataclass(frozen=True)
class KeyRing:
    """The keys of an installation: the first signs, all are accepted.

    With `unsigned_too`, so is what has no signature: a release that does not sign can still be put back.
    """

    keys: tuple[SigningKey, ...]
    unsigned_too: bool = False


@dataclass(frozen=True)
class Sent:
    """A command on its way: to whom, which, under which id, and its envelope and body as they travel."""

    stream: str
    command: str
    update_id: str
    payloads: Sequence[Payload]

    def mac(self, key: SigningKey, at: datetime) -> str:
        """Holds for this command alone, and for this time."""
        names = ("tandem command", self.stream, self.command, self.update_id, at.astimezone(UTC).isoformat())
        fields = [*(name.encode() for name in names), *(payload.data for payload in self.payloads)]
        framed = b"".join(len(field).to_bytes(8, "big") + field for field in fields)
        return hmac.new(key.secret, framed, hashlib.sha256).hexdigest()


class SigningKeys:
    """What this process signs commands with, and accepts. `read` says which keys there are now.

    It is asked again where that was half a second ago or longer, so a rotation is known to all who work meanwhile.
    """

    def __init__(self, read: Callable[[], KeyRing], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._ring, self._read_at = read(), clock()

    @property
    def ring(self) -> KeyRing:
        """The keys as they are now."""
        now = self._clock()
        if now - self._read_at >= READ_ANEW_AFTER:
            self._ring, self._read_at = self._read(), now
        return self._ring

    def sign(self, sent: Sent, at: datetime) -> Signature:
        """The signature of a command that is given now."""
        key = self.ring.keys[0]
        return Signature(key=key.id, at=at, mac=sent.mac(key, at))

    def check(self, sent: Sent, signature: Payload | None, now: datetime) -> None:
        """Raises NotBelieved where the command is not this installation's own, or was signed at another time."""
        ring = self.ring
        if signature is None:
            if ring.unsigned_too:
                return
            # By its name 0.3.0 gives the same again later, when the run it is for, or its own, has another build.
            raise NotBelieved(contract.OTHER_BUILD, "it is not signed")
        try:
            said = Signature.model_validate_json(signature.data)
        except ValidationError:
            raise NotBelieved(contract.UNSIGNED, "its signature is none") from None
        key = next((key for key in ring.keys if key.id == said.key), None)
        if key is None:
            raise NotBelieved(contract.SIGN_ANEW, "it is signed with a key that is not known here")
        if not hmac.compare_digest(sent.mac(key, said.at).encode(), said.mac.encode()):
            raise NotBelieved(contract.UNSIGNED, "its signature is of something else")
        if not -CLOCKS_DIFFER_BY <= now - said.at <= FRESH_FOR:
            raise NotBelieved(contract.SIGN_ANEW, "it was signed at another time")


class _Process:
    """What this process checks with. It is given once, by whoever builds the workers."""

    keys: SigningKeys | None = None


def check_with(keys: SigningKeys | None) -> None:
    """From now on no run in this process takes what these keys did not sign. Without any, nothing is checked.

    A process that was given none is one that replays, or runs entities of its own: a worker of Tandem's always is.
    """
    _Process.keys = keys


def check(sent: Sent, signature: Payload | None, now: datetime) -> None:
    """Raises NotBelieved where this process checks, and the command is not to be taken."""
    if _Process.keys is not None:
        _Process.keys.check(sent, signature, now)
