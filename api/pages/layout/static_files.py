"""Style, scripts and icon, never from another host."""

from __future__ import annotations

import mimetypes

from fastapi import APIRouter, Response

from api.access import open_to_all
from api.pages.layout.templating import content_of
from api.problems import Refused

routes = APIRouter()


@routes.get("/static/{name}")
@open_to_all
async def static(name: str) -> Response:
    """A file, to be kept for a year: its address changes with its content."""
    try:
        content = content_of(name)
    except FileNotFoundError:
        raise Refused(404, "not_found", "There is no such file.") from None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})
