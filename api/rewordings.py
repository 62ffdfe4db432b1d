"""Vague words made concrete before they are given: the question that would mend them, and a rewrite to accept."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access import AsCaller, With, needs
from api.drafts import read
from api.payload_limits import bounds
from api.problems import RESPONSES
from api.services import Services
from api.visibility import seen_requisition
from domain.access.permissions import Permission
from domain.core.ids import RequisitionId, mentioned
from domain.evidence.draft_requests import RewordingRequest
from domain.evidence.drafts import Draft, Rewording, Topic
from domain.evidence.text_rules import Use
from language.draft_failures import ModelFailed
from language.extractive_drafter import ExtractiveDrafter
from language.llm_drafter import ModelDrafter, instead
from store.llm_outputs import LlmOutput
from store.views import RequisitionView

routes = APIRouter(prefix="/v1", tags=["reads"], responses=RESPONSES)

ANSWERS_WITHIN = 12.0
"""Seconds somebody who is writing waits for a model; after that the rule's own question is the answer."""

FEWEST, MOST = 3, 2_000
"""How many characters may be asked about."""


class VagueWords(BaseModel):
    """Words that may say too little, and what they are for."""

    words: Annotated[str, Field(min_length=FEWEST, max_length=MOST)]
    use: Use


class Reworded(Rewording):
    """The question, a rewrite where something concrete was said, and how they came about. Nothing of it is kept."""

    note: str


@routes.post("/requisitions/{id}/rewordings", operation_id="reword")
@needs(Permission.REQUISITION_OVERVIEW)
async def reword(
    id: RequisitionId, vague: Annotated[VagueWords, bounds(VagueWords)], by: AsCaller, at: With
) -> Reworded:
    """What would make these words concrete. It changes nothing: what you then write is yours."""
    view = (await seen_requisition(id, by, at)).view
    versions = await at.reads.rubric(id)
    criteria = versions[0].rubric.criteria if versions else ()
    request = RewordingRequest(
        words=vague.words,
        use=vague.use,
        criteria=tuple(Topic(id=criterion.id, text=criterion.behaviour) for criterion in criteria),
        names=await _names(view, at),
    )
    effect, asked_at = f"requisition/{id}/reworded/{secrets.token_hex(8)}", datetime.now(UTC)
    draft = await _drafted(request, id, effect, at)
    document = f"reworded:{secrets.token_hex(16)}"  # nothing is kept of it, a hash neither
    await _record(draft, document, request, effect, asked_at, id, versions[0].version if versions else 0, at)
    await read(document, by, at)
    assert draft.rewording is not None
    return Reworded(**draft.rewording.model_dump(), note=draft.note)


async def _drafted(request: RewordingRequest, requisition: str, effect: str, at: Services) -> Draft:
    base = await ExtractiveDrafter().draft(request)
    if at.model is None:
        return base
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            return await ModelDrafter(at.model.endpoint, at.model.purse(requisition, effect)).draft(request)
    except TimeoutError:
        return instead(base, ModelFailed("timed_out"))
    except ModelFailed as failed:
        return instead(base, failed)


async def _names(view: RequisitionView, at: Services) -> tuple[str, ...]:
    """Everybody the words may speak of: the team, and the requisition's candidates."""
    people = await at.people.several(mentioned(view, "P-"))
    names = [person.name for person in people.values()]
    lines = await at.reads.candidates(requisition=view.id, limit=1_000)
    contacts = await at.applicants.contacts({line.id: line.human for line in lines})
    return (*names, *(contact.name for contact in contacts.values()))


async def _record(
    draft: Draft,
    document: str,
    request: RewordingRequest,
    effect: str,
    asked_at: datetime,
    requisition: str,
    rubric_version: int,
    at: Services,
) -> None:
    spent = await at.llm_budget.of_effect(effect)
    output = LlmOutput.of(
        draft,
        document,
        effect=effect,
        at=datetime.now(UTC),
        ordered_at=asked_at,
        stream=f"requisition/{requisition}",
        requisition=requisition,
        candidate=None,
        human=None,
        rubric_version=rubric_version,
        inputs={},
        spent=spent,
    )
    await at.outputs.keep(output)
