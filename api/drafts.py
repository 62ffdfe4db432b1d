"""The record of what the language room made: which model, from what, on which words, at what cost."""

from __future__ import annotations

from fastapi import APIRouter

from api.access import AsCaller, With
from api.problems import RESPONSES
from api.reading import judged, readable_candidate, readable_requisition
from domain.candidate import may_see_draft
from domain.people import CandidateId, RequisitionId
from store.outputs import Output, Outputs

routes = APIRouter(prefix="/v1", tags=["reads"], responses=RESPONSES)


@routes.get("/candidates/{id}/drafts", operation_id="candidate_drafts")
async def candidate_drafts(id: CandidateId, by: AsCaller, at: With) -> list[Output]:
    """The record of every draft about a candidate, the newest first; not of those that are still kept from you."""
    view, _ = await readable_candidate(id, by, at)
    state, made = judged(view), await Outputs(at.pool).of_candidate(id)
    return [output for output in made if may_see_draft(state, output.job, by.actor.id)]


@routes.get("/requisitions/{id}/drafts", operation_id="requisition_drafts")
async def requisition_drafts(id: RequisitionId, by: AsCaller, at: With) -> list[Output]:
    """The record of every draft about a search, the newest first. Those about its candidates are read with them."""
    await readable_requisition(id, by, at)
    return await Outputs(at.pool).of_requisition(id)
