"""The seam between the workflows' wish for a draft and whoever writes it."""

from typing import Protocol

from domain.evidence.draft_requests import DraftRequest
from domain.evidence.drafts import Draft


class Drafter(Protocol):
    """Writes drafts. Its name is kept with each of them."""

    @property
    def name(self) -> str:
        """Which drafter this is, in the record of every draft."""
        ...

    async def draft(self, request: DraftRequest) -> Draft:
        """Return the draft that `request` asks for, every passage word for word from the request's own source."""
        ...
