"""The rubric: what the intake said beside what was made of it, every version with its names and differences."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access import With, needs
from api.available import available
from api.pages.evidence.candidate_record import draft
from api.pages.forms.form_context import of_requisition
from api.pages.forms.form_schema import Form
from api.pages.forms.side_panel import intake
from api.pages.forms.whole_rubric import whole_rubric
from api.pages.layout.display_names import names
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.pages.requisitions.tabs import tabs_of
from api.payload_limits import LARGEST
from api.unsealing import versions_of
from api.visibility import seen_requisition
from domain.access.permissions import Permission
from domain.core.ids import RequisitionId
from domain.evidence.draft_jobs import DraftJob
from domain.registry import COMMANDS
from workflows.contract import stream_of

routes = APIRouter()

Version = Annotated[int, Query(ge=0, le=LARGEST)]


@routes.get("/requisitions/{id}/rubric")
@needs(Permission.REQUISITION_RUBRIC)
async def rubric(request: Request, id: RequisitionId, by: AsReader, at: With, version: Version = 0) -> Response:
    """The page: the newest version unless another is asked for."""
    seen = await seen_requisition(id, by.caller, at, Permission.REQUISITION_RUBRIC)
    view = seen.view
    versions = await versions_of(id, at)
    shown = next((one for one in versions if one.version == version), versions[0] if versions else None)
    can = await available(stream_of("requisition", id), by.caller, at)
    said = (
        await draft(view.drafts.get(DraftJob.RUBRIC), by, at) if seen.sight.may(Permission.REQUISITION_DRAFTS) else None
    )
    words: dict[str, Any] = {
        "view": view,
        "tabs": tabs_of(seen),
        "versions": versions,
        "shown": None,
        **(await whole_rubric(shown, versions, id, by, at) if shown else {}),
        **await intake(said, by, at),
        "can": can,
        "sign": None,
        "name": await names(at, view, versions),
    }
    if shown is not None and shown is versions[0] and can["sign_rubric"].open:
        subject, kind = await of_requisition(id, "sign_rubric", by, at), COMMANDS["requisition"]["sign_rubric"]
        form = Form(kind, by.zone, subject.choices, subject.given, fixed=subject.fixed)
        words |= {"sign": form.fields, "key": secrets.token_urlsafe(16)}
    return page(request, "rubric.html", by, words)
