"""What stands above every page of a requisition: its tabs, for whoever may open them."""

from __future__ import annotations

from typing import NamedTuple

from api.visibility import SeenRequisition
from domain.access.permissions import Permission


class Tab(NamedTuple):
    """A page of a requisition, and what it is called."""

    href: str
    words: str


TABS: tuple[tuple[str, str, Permission], ...] = (
    ("", "Overview", Permission.REQUISITION_OVERVIEW),
    ("/pipeline", "Pipeline", Permission.REQUISITION_CANDIDATES),
    ("/rubric", "Rubric", Permission.REQUISITION_RUBRIC),
    ("/interviews", "Interviews", Permission.REQUISITION_OVERVIEW),
    ("/debriefs", "Debriefs", Permission.REQUISITION_OVERVIEW),
    ("/timeline", "Activity", Permission.REQUISITION_TIMELINE),
)
"""In their order: where each lies below the requisition, what it is called, and what it takes to open it."""


def tabs_of(seen: SeenRequisition) -> list[Tab]:
    """The tabs that a reader may open."""
    return [Tab(f"/requisitions/{seen.view.id}{end}", words) for end, words, need in TABS if seen.sight.may(need)]
