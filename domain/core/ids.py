"""Ids of everybody and everything that streams, rows and log lines speak of; opaque on purpose."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, StringConstraints

PersonId = Annotated[str, StringConstraints(pattern=r"^P-[0-9A-Z]{6,26}$")]
"""Somebody who uses Tandem. Opaque on purpose: workflow ids and log lines carry it."""

ApplicantId = Annotated[str, StringConstraints(pattern=r"^H-[0-9A-Z]{6,26}$")]
"""A human being who applies, the same in every search; their key, and so their erasure, hangs on it."""

RequisitionId = Annotated[str, StringConstraints(pattern=r"^R-[0-9A-Z]{6,26}$")]
CandidateId = Annotated[str, StringConstraints(pattern=r"^C-[0-9A-Z]{6,26}$")]
"""One human in one search."""

DocumentId = Annotated[str, StringConstraints(pattern=r"^D-[0-9A-Z]{6,64}$")]


def mentioned(value: object, prefix: str) -> set[str]:
    """Every id with this prefix (`P-`, `C-`, `D-` …) that stands anywhere in `value`."""
    if isinstance(value, str):
        return {value} if value.startswith(prefix) and value[len(prefix) :].isalnum() else set()
    if isinstance(value, BaseModel):
        return mentioned([getattr(value, name) for name in type(value).model_fields], prefix)
    if isinstance(value, dict):
        return mentioned([*value.keys(), *value.values()], prefix)
    if isinstance(value, list | tuple | set | frozenset):
        found: set[str] = set()
        for item in value:
            found |= mentioned(item, prefix)
        return found
    return set()
