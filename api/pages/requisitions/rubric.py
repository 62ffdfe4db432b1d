"""The rubric: what the intake said beside what was made of it, every version with its names and differences."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access import With, needs
from api.available import available
from api.pages.evidence.candidate_record import draft, places
from api.pages.forms.form_context import of_requisition
from api.pages.forms.form_schema import Form
from api.pages.forms.rubric_diff import changes_in
from api.pages.forms.side_panel import intake
from api.pages.layout.display_names import names
from api.pages.layout.fields import VagueMark
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.payload_limits import LARGEST
from api.unsealing import versions_of
from api.visibility import seen_requisition
from domain.access.permissions import Permission
from domain.core.ids import RequisitionId
from domain.evidence.draft_jobs import DraftJob
from domain.evidence.text_rules import marked, vague
from domain.registry import COMMANDS
from store.views import RubricVersion
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
        "versions": versions,
        "shown": shown,
        **await intake(said, by, at),
        "vague": _vague(shown),
        "changes": await changes_in(shown, versions, id, at) if shown else [],
        "place": await places(by.caller, at, shown.rubric if shown else None),
        "can": can,
        "sign": None,
        "name": await names(at, view, versions),
    }
    if shown is not None and shown is versions[0] and can["sign_rubric"].open:
        subject, kind = await of_requisition(id, "sign_rubric", by, at), COMMANDS["requisition"]["sign_rubric"]
        form = Form(kind, by.zone, subject.choices, subject.given, fixed=subject.fixed)
        words |= {"sign": form.fields, "key": secrets.token_urlsafe(16)}
    return page(request, "rubric.html", by, words)


def _vague(shown: RubricVersion | None) -> dict[str, VagueMark]:
    """The criteria whose wording says too little, by id."""
    criteria = shown.rubric.criteria if shown else ()
    return {
        one.id: VagueMark(marked(one.behaviour), found.question, may_ask=False)
        for one in criteria
        if (found := vague(one.behaviour, "criterion"))
    }
