"""One key per subject: an applicant (`H-…`), an intake whose transcript names colleagues (`R-…`), or somebody
who uses Tandem (`P-…`), for what is said about their messages; one for an applicant's mail address (`A-…`); one for a
file that waits to be somebody's (`F-…`), or for a mail (`M-…`); one for a few subjects, by which they are searched
(`W-…`); and one, or a few, for what travels (`K-…`).

Whoever destroys a subject's key makes everything sealed under it unreadable, wherever copies of it lie. So keys are
kept apart from the database, and a key that cannot be found is never taken for one that was destroyed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

KEY_BYTES = 32


_SUBJECT = re.compile(r"[AFHMPRW]-[0-9A-Z]{6,26}|K-[0-9]{6}")


def is_subject(key_id: str) -> bool:
    """Whether this is the id of somebody, or something, that has a key."""
    return _SUBJECT.fullmatch(key_id) is not None


def without_master_key(place: str, name: str) -> str:
    """What is said where a store's master key is not here."""
    return (
        f"The master key of the keys in {place} is not in {name}: put it there, or say where it is (TANDEM_MASTER_KEY) "
        "or was before (TANDEM_MASTER_KEY_BEFORE)."
    )


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

    def cluster(self) -> str | None:
        """Which PostgreSQL server it is in, by what the server calls itself; None where it is in none.

        Raises KeysUnreachable.
        """

    def installation(self) -> str | None:
        """The id of the installation whose keys these are; None while nobody founded it.

        Raises WrongKeys where the master key that they are wrapped under is not here, and KeysUnreachable.
        """

    def used(self) -> bool:
        """Whether any key is here, or was destroyed here. Raises KeysUnreachable."""

    def found(self, installation: str) -> None:
        """Makes it the store of this installation; what it holds stays, a secret included. Raises KeysUnreachable."""

    def secret(self) -> bytes:
        """What keyed hashes are made with. Raises KeyMissing, KeysUnreachable."""

    def master_secrets(self) -> Sequence[bytes]:
        """The master keys, as they were a moment ago, without waiting for another machine; the first wraps.

        None in an installation of 0.3.0 until its keys are first rotated. Raises KeysUnreachable.
        """

    def make(self, key_id: str) -> bytes:
        """The subject's key, made now if they have none. Raises KeyDestroyed, KeysUnreachable."""

    def find(self, key_id: str) -> bytes:
        """The subject's key. Raises KeyDestroyed, KeyMissing, KeysUnreachable."""

    def destroy(self, key_id: str) -> None:
        """Ends the subject's key for good, whether there was one or not; twice is as once. Raises KeysUnreachable."""

    def rotate(self) -> int:
        """Wraps every key under a new master key, or goes on with that where it was broken off; how many were wrapped.

        Whoever uses the store meanwhile notices nothing. Raises WrongKeys, KeysUnreachable.
        """

    def close(self) -> None:
        """Lets go of what it holds open; it may be asked again."""
