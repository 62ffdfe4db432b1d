"""Words about a person: plain at the edge, sealed inside."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, StringConstraints, WithJsonSchema

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

_SEALED_TEXT = re.compile(r"sealed:([A-Z]-[0-9A-Z]+):([A-Za-z0-9+/]+=*)")


def as_text(words: str | Sealed) -> str:
    """Words as a text: sealed ones with their key's id before them, as `from_text` reads them."""
    return f"sealed:{words.key}:{words.ciphertext}" if isinstance(words, Sealed) else words


def from_text(text: Any) -> Any:
    """What `as_text` wrote; anything else as it is."""
    sealed = _SEALED_TEXT.fullmatch(text) if isinstance(text, str) else None
    return Sealed(key=sealed[1], ciphertext=sealed[2]) if sealed else text


# Up to 0.3.0 these were kept as they are, as text. Sealed they still are text, so that such a build reads what holds
# them, and is merely not able to say them.
_READ, _WRITTEN = BeforeValidator(from_text), PlainSerializer(as_text, when_used="json")

Words = Annotated[str | Sealed, _READ, _WRITTEN, WithJsonSchema({"type": "string", "x-personal": True})]
"""What somebody wrote, of any length: as events and states keep it."""

Reason = Annotated[
    Annotated[str, StringConstraints(min_length=3, max_length=1000)] | Sealed,
    _READ,
    _WRITTEN,
    WithJsonSchema({"type": "string", "minLength": 3, "maxLength": 1000, "x-personal": True}),
]
"""Why somebody did something, in their words, which may well be about a person."""

LINE = {"type": "string", "minLength": 3, "maxLength": 600, "x-personal": True}
"""The JSON schema of a `Line`, for whoever gives several of them a title each."""

Line = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=600)] | Sealed,
    _READ,
    _WRITTEN,
    WithJsonSchema(LINE),
]
"""One thing somebody has to say."""

ShortReason = Annotated[
    Annotated[str, StringConstraints(max_length=500)] | Sealed,
    _READ,
    _WRITTEN,
    WithJsonSchema({"type": "string", "maxLength": 500, "x-personal": True}),
]
"""A reason that may be left empty where none is asked for."""

LONGEST_TAG = 40

Tag = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TAG)] | Sealed,
    _READ,
    _WRITTEN,
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_TAG, "x-personal": True}),
]
"""A word or two by which somebody is found again."""

PersonalName = Annotated[
    Name | Sealed,
    _READ,
    _WRITTEN,
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 120, "x-personal": True}),
]
"""What somebody outside is called, where it says something about a person: who brought them, for one."""


def unsealed(words: PersonalText | None) -> str | None:
    """Words at the edge, or as an older build stored them; None for those that are sealed."""
    return words if isinstance(words, str) else None
