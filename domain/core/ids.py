"""Ids of everybody and everything that streams, rows and log lines speak of; opaque on purpose."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from domain.core.walk import walk

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
    parts = (part for part in walk(value) if isinstance(part, str) and part.startswith(prefix))
    return {part for part in parts if part[len(prefix) :].isalnum()}
