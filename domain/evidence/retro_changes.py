"""The retro: what to change next time, carried from one requisition into the agenda of the next."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from domain.core.messages import Value
from domain.time.durations import ElapsedTime

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=600)]

QUARTER = ElapsedTime(days=91, elapsed=True)
"""How often an evergreen requisition looks back, after its first hire."""

Occasion = Literal["first_hire", "last_hire", "quarter", "cancelled"]


class InheritedChange(Value):
    """What an earlier retro with this hiring manager or team said to change, and in which requisition it was said."""

    id: str
    text: str
    requisition: str


class StoredChange(Value):
    """A change for the next requisition with this hiring manager or team, and which side asked for it."""

    id: str
    text: str
    side: Literal["R", "H"]
