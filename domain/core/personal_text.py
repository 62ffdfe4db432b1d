"""Words about a person: plain at the edge, sealed inside."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints, WithJsonSchema

from domain.core.messages import Value
from domain.core.names import Name


class Sealed(Value):
    """Words under a key this code never holds: the key's id and the base64 of nonce and ciphertext."""

    key: str
    ciphertext: str


PersonalText = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=4000)] | Sealed,
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 4000, "x-personal": True}),
]
"""Free text about a person. People and programs send a string; the API seals it before the engine sees it."""

Reason = Annotated[
    Annotated[str, StringConstraints(min_length=3, max_length=1000)] | Sealed,
    WithJsonSchema({"type": "string", "minLength": 3, "maxLength": 1000, "x-personal": True}),
]
"""Why somebody did something, in their words, which may well be about a person."""


PersonalName = Annotated[
    Name | Sealed,
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 120, "x-personal": True}),
]
"""What somebody outside is called, where it says something about a person: who brought them, for one."""


def unsealed(words: PersonalText | None) -> str | None:
    """Words at the edge, or as an older build stored them; None for those that are sealed."""
    return words if isinstance(words, str) else None
