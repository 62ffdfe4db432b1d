"""Words about a person: plain at the edge, sealed inside."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints, WithJsonSchema

from domain.core.messages import Value


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


def unsealed(words: PersonalText | None) -> str | None:
    """Words as an older build stored them, before they were sealed; None for those that are."""
    return words if isinstance(words, str) else None
