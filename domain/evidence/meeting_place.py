"""The meeting place: by a link, in a room or by telephone; said when somebody is invited, sealed like what they write.

Up to 0.5.0 nobody was asked. What was booked then has no place until somebody gives one, and goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

from domain.core.messages import Value, refuse
from domain.core.personal_text import Sealed

_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250)] | Sealed
_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 250, "x-personal": True}

_NUMBER = re.compile(r"\+?[\d\s().,;#*/-]{3,}(?:[a-zA-Z. ]{1,12}[\d#*]{1,12})?")
"""A telephone number as people write it, with an extension or a conference's code after it."""

Link = Annotated[_Line, WithJsonSchema(_SCHEMA | {"pattern": r"^https?://\S+$"})]
Room = Annotated[_Line, WithJsonSchema(_SCHEMA)]
Telephone = Annotated[_Line, WithJsonSchema(_SCHEMA | {"pattern": r"^\+?[0-9][^\n]+$"})]
"""Lines that say where: a link often has its password in it, and a number is somebody's."""


class Place(Value):
    """Where a meeting is. One of the three at least."""

    link: Link | None = Field(default=None, title="Link", description="Of the video call: https://…")
    room: Room | None = Field(default=None, title="Room or address")
    telephone: Telephone | None = Field(default=None, title="Telephone number")

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.link is None and self.room is None and self.telephone is None:
            raise ValueError("Say where it is: a link, a room or a telephone number.")
        return self

    def lines(self, opened: Callable[[str | Sealed], str]) -> list[str]:
        """Where it is for people, a line for each way to get there; `opened` opens what is sealed."""
        named = (("", self.room), ("", self.link), ("telephone ", self.telephone))
        return [f"{before}{opened(words)}" for before, words in named if words is not None]

    def checked(self, path: str = "where") -> None:
        """Refuses a link nobody can open and a number nobody can dial (`invalid`); asked of words not sealed yet."""
        if isinstance(self.link, str) and not _can_be_opened(self.link):
            refuse("invalid", "That is no link.", "A whole link, such as https://meet.example.com/abc.", f"{path}.link")
        if isinstance(self.telephone, str) and not _NUMBER.fullmatch(self.telephone):
            refuse(
                "invalid",
                "That is no telephone number.",
                "Digits, with the country before them: +49 30 1234567.",
                f"{path}.telephone",
            )


def _can_be_opened(link: str) -> bool:
    try:
        parts = urlsplit(link)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and not re.search(r"[\s<>\"\\]", link)
    except ValueError:
        return False


def _asked_for(schema: dict[str, Any]) -> None:
    """What is stored may have no place; who writes today has to give one."""
    schema["additionalProperties"] = False  # as of every value
    schema.setdefault("required", []).append("where")


ASKS_WHERE = ConfigDict(json_schema_extra=_asked_for)
"""The configuration of a command whose `where` everybody is asked for, though an earlier build stored none."""


def check_place(where: Place | None, meets: bool = True) -> None:
    """Refuses a meeting that is nowhere (`place_missing`), or where nobody can come.

    A rule of the edge, as are all over plain words: what an earlier build took without a place is taken again.
    """
    if where is not None:
        where.checked()
    elif meets:
        refuse("place_missing", "The invitation would not say where.", "A link, a room or a telephone number.", "where")
