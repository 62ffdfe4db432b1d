"""The letters to a candidate and their answers, in words, for those who may read how to reach them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.access import AsCaller, With, needs
from api.problems import RESPONSES
from api.services import Services
from api.visibility import seen_candidate
from domain.access.permissions import Permission
from domain.core.ids import CandidateId
from privacy.sealing import Tombstone
from store.documents import NoSuchDocument
from store.letters import KeptLetter

routes = APIRouter(prefix="/v1", tags=["candidate"], responses=RESPONSES)


class ShownLetter(BaseModel):
    """A letter as it was sent, or came. Times in UTC; `undelivered_at`: it came back."""

    at: datetime
    direction: Literal["outbound", "inbound"]
    matter: str
    by: str | None
    subject: str
    text: str
    document: str
    undelivered_at: datetime | None


@routes.get("/candidates/{id}/letters", operation_id="candidate_letters", summary="What was written, both ways")
@needs(Permission.CANDIDATE_CONTACT)
async def candidate_letters(id: CandidateId, by: AsCaller, at: With) -> list[ShownLetter]:
    """Every letter to a candidate that Tandem sent, and every answer that came back, in order."""
    seen = await seen_candidate(id, by, at, Permission.CANDIDATE_CONTACT)
    return await thread_of(await at.letters.of(seen.view.id), at)


async def thread_of(letters: Iterable[KeptLetter], at: Services) -> list[ShownLetter]:
    """Letters in words, for whoever was let in; of somebody who was erased nothing is left to read."""
    shown = []
    for letter in letters:
        try:
            words = await at.documents.text(letter.document)
        except NoSuchDocument:
            continue
        if isinstance(words, Tombstone):
            continue
        subject, _, text = words.text.partition("\n\n")
        shown.append(
            ShownLetter(
                at=letter.at,
                direction=letter.direction,
                matter=letter.matter,
                by=letter.by,
                subject=subject,
                text=text,
                document=letter.document,
                undelivered_at=letter.undelivered_at,
            )
        )
    return shown
