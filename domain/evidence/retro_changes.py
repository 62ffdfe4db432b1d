"""The retro: what to change next time, carried from one requisition into the agenda of the next."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints, WithJsonSchema

from domain.core.messages import Value
from domain.core.personal_text import PersonalText, Sealed
from domain.time.durations import ElapsedTime

SAID = {"type": "string", "minLength": 3, "maxLength": 600, "x-personal": True}
"""The JSON schema of such a line."""

Said = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=600)] | Sealed,
    WithJsonSchema(SAID),
]
"""One line of what somebody says at the retro."""

QUARTER = ElapsedTime(days=91, elapsed=True)
"""How often an evergreen requisition looks back, after its first hire."""

Occasion = Literal["first_hire", "last_hire", "quarter", "cancelled"]


class InheritedChange(Value):
    """What an earlier retro with this hiring manager or team said to change, and in which requisition it was said.

    Its words stay sealed under that requisition's key, and for that requisition.
    """

    id: str
    text: PersonalText
    requisition: str


class StoredChange(Value):
    """A change for the next requisition with this hiring manager or team, and which side asked for it."""

    id: str
    text: PersonalText
    side: Literal["R", "H"]
