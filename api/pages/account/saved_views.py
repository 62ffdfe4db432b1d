"""A list as one likes to see it: its views saved, renamed, removed and opened first, and its columns chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from api.access import With, needs
from api.pages.layout.list_views import address_of
from api.pages.layout.session import AsReader, from_here, local_path
from api.payload_limits import bounds
from api.problems import Refused
from api.saved_views import (
    LISTS,
    ChangedView,
    ListName,
    NewView,
    ViewId,
    change_view,
    remove_view,
    save_view,
)
from domain.access.permissions import Permission

routes = APIRouter()

FORM = [Depends(from_here)]

ASK = "ask."
"""What the name of an input begins with that says what the list is asked for."""


T = TypeVar("T")

_NEW: TypeAdapter[NewView] = TypeAdapter(Annotated[NewView, bounds(NewView)])
_CHANGED: TypeAdapter[ChangedView] = TypeAdapter(Annotated[ChangedView, bounds(ChangedView)])
_PAGE: TypeAdapter[ListName] = TypeAdapter(ListName)


@routes.post("/views", dependencies=FORM)
@needs(Permission.OWN_READ)
async def save(request: Request, by: AsReader, at: With) -> Response:
    """Saves what the list is asked for now, under the name that was typed."""
    sent = await request.form()
    body = {"page": sent.get("page"), "name": sent.get("name"), "asks": _asks(sent), "columns": _columns(sent)}
    view = await save_view(_read(_NEW, body), by.caller, at)
    return _to(sent, view.asks, view.columns)


@routes.post("/views/columns", dependencies=FORM)
@needs(Permission.OWN_READ)
async def choose_columns(request: Request, by: AsReader, at: With) -> Response:
    """Shows these columns, and does so from now on."""
    sent = await request.form()
    page = _read(_PAGE, sent.get("page"))
    chosen = [name for name in LISTS[page].columns if name in _columns(sent)]
    await at.saved_views.choose_columns(by.id, page, chosen)
    return _to(sent, _asks(sent), chosen)


@routes.post("/views/{view}", dependencies=FORM)
@needs(Permission.OWN_READ)
async def change(request: Request, view: ViewId, by: AsReader, at: With) -> Response:
    """Renames a view, has the list begin with it or not, or removes it."""
    sent = await request.form()
    if sent.get("do") == "remove":
        await remove_view(view, by.caller, at)
        return _to(sent, _asks(sent), _columns(sent))
    wanted = _read(_CHANGED, {"name": sent.get("name"), "opens_first": sent.get("opens_first") == "true"})
    changed = await change_view(view, wanted, by.caller, at)
    return _to(sent, changed.asks, changed.columns)


def _to(sent: FormData, asks: Mapping[str, str], columns: Sequence[str]) -> Response:
    """On to the list that the form stands above, asked for this."""
    # nosemgrep: redirect-to-what-was-given  # what `local_path` let through
    return RedirectResponse(address_of(_path(sent), asks, columns), 303)


def _read(kind: TypeAdapter[T], body: object) -> T:
    try:
        return kind.validate_python(body)
    except ValidationError:
        raise Refused(
            422, "invalid", "A view cannot be called so.", "One line of words, at most 60 characters.", "name"
        ) from None


def _asks(sent: FormData) -> dict[str, str]:
    return {name.removeprefix(ASK): str(value) for name, value in sent.items() if name.startswith(ASK)}


def _columns(sent: FormData) -> list[str]:
    return [str(name) for name in sent.getlist("columns") if name]


def _path(sent: FormData) -> str:
    return local_path(str(sent.get("_next", "")), "/board").partition("?")[0]
