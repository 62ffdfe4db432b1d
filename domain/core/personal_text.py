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
