"""The parts that pages are made of, in every state, to look at beside `docs/design.md`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.access import needs
from api.pages.layout.icons import FOLDER, HUES
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.pipeline_stages import COLUMNS
from domain.access.permissions import Permission

routes = APIRouter()

NAMES = ("Ada Lin", "Bo Strand", "Carmen Díaz", "Dag Eide", "Esi Mensah", "Farid Azimi", "Gro Lunde", "Hana Mori")
"""Whose initials are shown; nobody's."""


@routes.get("/design")
@needs(Permission.OWN_READ)
async def design(request: Request, by: AsReader) -> Response:
    """The page."""
    words = {
        "icons": sorted(path.stem for path in FOLDER.glob("*.svg")),
        "hues": HUES,
        "columns": COLUMNS,
        "names": NAMES,
    }
    return page(request, "design.html", by, words)
