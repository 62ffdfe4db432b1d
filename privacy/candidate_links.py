"""A candidate's own link: signed, for one thing, and over after a while. Whoever has it speaks as that candidate.

It is no token and opens no API: the page it leads to does the one thing that it is for (`api/pages/candidates/own.py`).
It is made of ids, a time and a keyed hash of them, so the same letter has the same link however often it is sent, and
nothing has to be kept.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from privacy.keyed_hash import KeyedHash

PLACE = "/your-application/"
"""Where the pages behind such links are."""

_LINK = re.compile(r"(C-[0-9A-Z]{6,26})\.(offer)\.(O-[0-9]{1,6})\.([0-9a-f]{1,12})\.([0-9a-f]{40})")


class CandidateLink(NamedTuple):
    """Whose link it is, what for, about which offer, and until when (UTC)."""

    candidate: str
    purpose: Literal["offer"]
    about: str
    until: datetime

    def written(self, matcher: KeyedHash) -> str:
        """The link's last part, signed."""
        said = f"{self.candidate}.{self.purpose}.{self.about}.{int(self.until.timestamp()):x}"
        return f"{said}.{_signature(matcher, said)}"

    @classmethod
    def read(cls, written: str, matcher: KeyedHash, now: datetime) -> CandidateLink | None:
        """What `written` made; None for what was not signed here, and once its time is over."""
        found = _LINK.fullmatch(written)
        if found is None:
            return None
        said, _, signature = written.rpartition(".")
        until = datetime.fromtimestamp(int(found[4], 16), UTC) if int(found[4], 16) < _LAST else now
        if not hmac.compare_digest(signature, _signature(matcher, said)) or until <= now:
            return None
        return cls(found[1], "offer", found[3], until)


_LAST = 253_402_300_799
"""The last second that has a date."""


def _signature(matcher: KeyedHash, said: str) -> str:
    return matcher.match(f"candidate's link\n{said}")[:40]
