"""Sealed words, opened for those who may read them: whoever asks has made sure of that.

A key may lie on another machine, and whoever looks it up waits: on a thread, while others are answered.
"""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import BaseModel

from api.services import Services
from domain.core.personal_text import Sealed, from_text
from domain.core.walk import changed
from domain.evidence.meeting_place import Place
from privacy.keys import KeyMissing
from privacy.sealing import CannotOpen
from store.views import RequisitionView, RubricVersion
from workflows.contract import entity_of, stream_of


async def opened(value: Any, stream: str, at: Services) -> Any:
    """JSON-like `value` with what is sealed in it opened; words of the erased read `[erased]`."""
    return await asyncio.to_thread(opened_here, value, stream, at)


def opened_here(value: Any, stream: str, at: Services) -> Any:
    """The same, on a thread that may wait."""
    if isinstance(value, BaseModel):
        return opened_here(value.model_dump(mode="json"), stream, at)
    if isinstance(value, dict) and value.keys() == {"key", "ciphertext"}:
        value = Sealed(**value)
    if isinstance(found := from_text(value), Sealed):
        try:
            return str(at.sealer.open_(found, entity_of(stream)[1]))
        except (CannotOpen, KeyMissing):
            return "[unreadable]"
    return changed(value, lambda part: opened_here(part, stream, at))


async def place_of(where: Place | None, stream: str, at: Services) -> list[str]:
    """Where a meeting is as people read it, a line for each way to get there; none of what nobody said."""
    return Place.model_validate(await opened(where, stream, at)).lines(str) if where is not None else []


async def versions_of(requisition: str, at: Services) -> list[RubricVersion]:
    """Every version of a requisition's rubric, the newest first, with its passages to be read."""
    stream = stream_of("requisition", requisition)
    said = await opened(await at.reads.rubric(requisition), stream, at)
    return [RubricVersion.model_validate(one) for one in said]


async def in_words(view: RequisitionView, at: Services) -> RequisitionView:
    """A requisition as people read it: what is planned, proposed and inherited with its reasons opened."""
    stream = stream_of("requisition", view.id)
    said = {part: getattr(view, part) for part in ("amendment", "hand_overs", "inherited", "meeting", "retro")}
    return view.model_validate(dict(view) | await opened(said, stream, at))
