"""The views of a list above it: which there are, which is open, what would be saved, and the columns to choose from.

A view is open where the address asks for what it asks for: nothing else remembers which it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from api.access import With
from api.pages.layout.session import PageReader
from api.saved_views import LISTS, ListName
from store.saved_views import SavedView

AskedColumns = Annotated[list[str] | None, Query(max_length=20)]
"""The columns that an address asks for; of one that says nothing of them, the reader's last choice holds."""


@dataclass(frozen=True)
class ShownView:
    """A view of the reader's, where it is, and whether it is the one that is open."""

    id: str
    name: str
    href: str
    opens_first: bool
    is_open: bool


@dataclass(frozen=True)
class ListViews:
    """What stands above a list: its views, what it is asked for now, and its columns. `everything` is the list as it
    is when nothing is asked for."""

    page: ListName
    path: str
    asks: Mapping[str, str]
    columns: tuple[str, ...]
    views: tuple[ShownView, ...]
    everything: str

    @property
    def open(self) -> ShownView | None:
        """The view that is open."""
        return next((view for view in self.views if view.is_open), None)

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """The columns there are: each with its words, and whether it is shown."""
        return [(name, words, name in self.columns) for name, words in LISTS[self.page].columns.items()]


async def list_views(
    page: ListName, path: str, asks: Mapping[str, str], columns: Sequence[str] | None, by: PageReader, at: With
) -> ListViews:
    """What stands above this list for its reader, who asks for `asks`."""
    known = LISTS[page]
    said = known.said(asks)
    if columns is None:
        columns = await at.saved_views.columns(by.id, page)
    shown = tuple(name for name in known.columns if columns is None or name in columns)
    saved = await at.saved_views.of(by.id, page)
    is_open = next((view.id for view in saved if view.asks == said and tuple(view.columns) == shown), None)
    views = tuple(
        ShownView(view.id, view.name, _of(path, view), view.opens_first, view.id == is_open) for view in saved
    )
    shown_so = {"view": asks.get("view", "")} if page == "pipeline" else {}
    everything = f"{path}?{urlencode({**known.usual, **shown_so})}"
    return ListViews(page, path, said, shown, views, everything)


async def opened_first(request: Request, page: ListName, by: PageReader, at: With) -> Response | None:
    """Where the list leads that is opened without asking for anything, if its reader has a view that opens first."""
    if request.url.query:
        return None
    first = next((view for view in await at.saved_views.of(by.id, page) if view.opens_first), None)
    # nosemgrep: redirect-to-what-was-given  # the page's own address
    return RedirectResponse(_of(request.url.path, first), 303) if first else None


def address_of(path: str, asks: Mapping[str, str], columns: Sequence[str]) -> str:
    """Where a list is that is asked for this. Of columns one that is empty comes first: none may be left."""
    return f"{path}?{urlencode([*asks.items(), *(('columns', name) for name in ('', *columns))])}"


def _of(path: str, view: SavedView) -> str:
    return address_of(path, view.asks, view.columns)
