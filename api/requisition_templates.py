"""Templates of requisitions: made by a requisition's recruiter, used by whoever opens another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from api.access import AsCaller, Caller, With, needs
from api.commands import IdempotencyKey, derived_id, known_key
from api.payload_limits import bounds
from api.problems import RESPONSES, Refused
from api.relations import in_company, in_office
from api.unsealing import versions_of
from api.visibility import seen_requisition
from domain.access.permissions import Permission
from domain.core.ids import RequisitionId
from domain.core.names import Name
from domain.requisition.template import RequisitionTemplate
from store.requisition_templates import KeptTemplate, TemplateLine

routes = APIRouter(prefix="/v1", tags=["requisitions"], responses=RESPONSES)

TemplateId = Annotated[str, Path(pattern=r"^T-[0-9A-Z]{6,26}$", description="A template's id.")]


class TemplateName(BaseModel):
    """What a template is called."""

    name: Name = Field(title="What the template is called")


class NewTemplate(TemplateName):
    """A template to be made of a requisition's terms and its locked rubric."""

    requisition: RequisitionId


class Retirement(BaseModel):
    """Whether a template is retired: offered to nobody any more."""

    retired: bool


@routes.get("/requisition-templates", operation_id="requisition_templates", summary="Templates of requisitions")
@needs(Permission.TEMPLATES_READ)
async def requisition_templates(by: AsCaller, at: With) -> list[TemplateLine]:
    """Every template, those in use first: of which requisition, by whom, and how often it was used."""
    in_office(by, Permission.TEMPLATES_READ)
    return await at.requisition_templates.all()


@routes.get("/requisition-templates/{template}", operation_id="requisition_template", summary="One template")
@needs(Permission.TEMPLATES_READ)
async def requisition_template(template: TemplateId, by: AsCaller, at: With) -> KeptTemplate:
    """All that it fills in."""
    in_office(by, Permission.TEMPLATES_READ)
    found = await at.requisition_templates.read(template)
    if found is None:
        raise Refused(404, "not_found", "There is no such template.", "One of those that are listed.")
    return found


@routes.post(
    "/requisition-templates",
    operation_id="make_requisition_template",
    summary="Keep a requisition as a template",
    status_code=201,
)
@needs(Permission.REQUISITION_TEMPLATE)
async def make_requisition_template(
    body: Annotated[NewTemplate, bounds(NewTemplate)], by: AsCaller, at: With, idempotency_key: IdempotencyKey = None
) -> KeptTemplate:
    """Its terms, its team and its locked rubric; nothing of a candidate, and no passage of its intake."""
    seen = await seen_requisition(body.requisition, by, at, Permission.REQUISITION_TEMPLATE)
    view = seen.view
    locked = next((one for one in await versions_of(view.id, at) if one.status == "locked"), None)
    if locked is None:
        raise Refused(409, "not_locked", "Its rubric is not locked yet.", "A requisition whose rubric is locked.")
    if view.confidential:
        raise Refused(
            409,
            "not_now",
            "It is confidential, and a template is seen by everybody who opens requisitions.",
            "A requisition that is not confidential.",
        )
    content = RequisitionTemplate.of(
        locked.rubric,
        view.team,
        title=view.title,
        team_name=view.team_name,
        band=view.band,
        place=view.place,
        jurisdiction=view.jurisdiction,
    )
    id = derived_id("T", by.actor.id, known_key(idempotency_key, at))
    return await at.requisition_templates.make(id, body.name, content, view.id, by.actor.id)


@routes.put("/requisition-templates/{template}", operation_id="rename_requisition_template", summary="Rename it")
@needs(Permission.TEMPLATES_WRITE)
async def rename_requisition_template(
    template: TemplateId, body: Annotated[TemplateName, bounds(TemplateName)], by: AsCaller, at: With
) -> KeptTemplate:
    """What it fills in stays as it is."""
    in_office(by, Permission.TEMPLATES_WRITE)
    await requisition_template(template, by, at)
    await at.requisition_templates.rename(template, body.name)
    return await requisition_template(template, by, at)


@routes.put(
    "/requisition-templates/{template}/retired", operation_id="retire_requisition_template", summary="Retire it"
)
@needs(Permission.TEMPLATES_WRITE)
async def retire_requisition_template(
    template: TemplateId, body: Annotated[Retirement, bounds(Retirement)], by: AsCaller, at: With
) -> KeptTemplate:
    """It is offered to nobody any more, or again. Requisitions that were opened from it stay as they are."""
    in_office(by, Permission.TEMPLATES_WRITE)
    await requisition_template(template, by, at)
    await at.requisition_templates.retire(template, body.retired, by.actor.id)
    return await requisition_template(template, by, at)


async def offered_templates(by: Caller, at: With) -> list[TemplateLine]:
    """The templates that the caller may open a requisition from."""
    if not in_company(by).may(Permission.TEMPLATES_READ):
        return []
    return [one for one in await at.requisition_templates.all() if one.retired_at is None]
