"""The retro: what to change next time, carried from one requisition into the agenda of the next."""

from __future__ import annotations

from typing import Literal

from domain.core.messages import Value
from domain.core.personal_text import Words
from domain.time.durations import ElapsedTime

QUARTER = ElapsedTime(days=91, elapsed=True)
"""How often an evergreen requisition looks back, after its first hire."""

Occasion = Literal["first_hire", "last_hire", "quarter", "cancelled"]


class InheritedChange(Value):
    """What an earlier retro with this hiring manager or team said to change, and in which requisition it was said.

    Its words stay sealed under that requisition's key, and for that requisition.
    """

    id: str
    text: Words
    requisition: str


class StoredChange(Value):
    """A change for the next requisition with this hiring manager or team, and which side asked for it."""

    id: str
    text: Words
    side: Literal["R", "H"]
