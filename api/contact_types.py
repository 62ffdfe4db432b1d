"""How somebody can be reached, as it is given: the one type of each, with its check."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from domain.core.names import one_line
from mail.addresses import read_address
from mail.telephones import read_telephone

Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(one_line)]

Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(read_address),
    Field(json_schema_extra={"format": "email"}),
]
"""A mail address, in small letters; also one that was pasted with a name."""

Telephone = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(read_telephone)
]
"""A telephone number as it was typed, with its extension."""
