"""Drafts that came back from the language room, as the entities know them: which job, which document, for what."""

from __future__ import annotations

from typing import Any

from domain.core.messages import Command, Event
from domain.evidence.documents import Doc


class AttachDraft(Command, works="on_hold after_end"):
    """A draft that was asked for is ready. Given by the language room.

    `job` and `about` are those of the effect that asked for it; `extractive` says that no model had a part in it.
    """

    job: str
    draft: Doc
    about: dict[str, Any] = {}
    extractive: bool = True


class DraftAttached(Event):
    """A draft is there for a named person to confirm or edit."""

    job: str
    draft: Doc
    about: dict[str, Any] = {}
    extractive: bool = True
