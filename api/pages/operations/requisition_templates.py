"""Templates of requisitions as pages: the list, where each is renamed and retired, and a requisition kept as one."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.access import With, needs
from api.pages.forms.command_forms import as_sent
from api.pages.forms.form_schema import Form
from api.pages.layout.display_names import names
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.pages.operations.administration_forms import own_form, sentence_of
from api.problems import Refused
from api.requisition_templates import (
    NewTemplate,
    Retirement,
    TemplateId,
    TemplateName,
    make_requisition_template,
    rename_requisition_template,
    requisition_templates,
    retire_requisition_template,
)
from api.visibility import seen_requisition
from domain.access.permissions import Permission
from domain.core.ids import RequisitionId

routes = APIRouter()

PLACE = "/templates"
FORM = [Depends(from_here)]


@routes.get(PLACE)
@needs(Permission.TEMPLATES_READ)
async def every_template(request: Request, by: AsReader, at: With) -> Response:
    """The templates."""
    return await _listed(request, by, at)


@routes.post(f"{PLACE}/{{template}}", dependencies=FORM)
@needs(Permission.TEMPLATES_WRITE)
async def rename(request: Request, template: TemplateId, by: AsReader, at: With) -> Response:
    """Renames a template."""
    asked = as_sent(await request.form())
    form = Form(TemplateName, by.zone, {}, typed=asked.typed)
    wanted, errors = form.read()
    if wanted is None or asked.again:
        return await _listed(request, by, at, template, form, {} if asked.again else errors)
    await rename_requisition_template(template, wanted, by.caller, at)
    return RedirectResponse(f"{PLACE}?done=template_renamed", 303)


@routes.post(f"{PLACE}/{{template}}/retire", dependencies=FORM)
@needs(Permission.TEMPLATES_WRITE)
async def retire(request: Request, template: TemplateId, by: AsReader, at: With) -> Response:
    """Retires a template."""
    return await _retired(request, template, True, by, at)


@routes.post(f"{PLACE}/{{template}}/restore", dependencies=FORM)
@needs(Permission.TEMPLATES_WRITE)
async def restore(request: Request, template: TemplateId, by: AsReader, at: With) -> Response:
    """Offers a retired template again."""
    return await _retired(request, template, False, by, at)


async def _retired(request: Request, template: str, retired: bool, by: PageReader, at: With) -> Response:
    if as_sent(await request.form()).again:
        return await _listed(request, by, at)
    await retire_requisition_template(template, Retirement(retired=retired), by.caller, at)
    return RedirectResponse(f"{PLACE}?done={'template_retired' if retired else 'template_restored'}", 303)


@routes.get("/requisitions/{id}/keep-template")
@needs(Permission.REQUISITION_TEMPLATE)
async def keep(request: Request, id: RequisitionId, by: AsReader, at: With) -> Response:
    """The form that keeps a requisition as a template."""
    return await _asked(request, id, by, at)


@routes.post("/requisitions/{id}/keep-template", dependencies=FORM)
@needs(Permission.REQUISITION_TEMPLATE)
async def kept(request: Request, id: RequisitionId, by: AsReader, at: With) -> Response:
    """Keeps a requisition as a template."""
    asked = as_sent(await request.form())
    form = Form(TemplateName, by.zone, {}, typed=asked.typed)
    wanted, errors = form.read()
    if wanted is not None and not asked.again:
        try:
            body = NewTemplate(name=wanted.name, requisition=id)
            await make_requisition_template(body, by.caller, at, asked.key)
            return RedirectResponse(f"{PLACE}?done=keep_template", 303)
        except Refused as refused:
            errors = sentence_of(refused)
    return await _asked(request, id, by, at, form, {} if asked.again else errors, asked.key)


async def _asked(
    request: Request,
    id: str,
    by: PageReader,
    at: With,
    form: Form | None = None,
    errors: dict[str, str] | None = None,
    key: str = "",
) -> Response:
    view = (await seen_requisition(id, by.caller, at, Permission.REQUISITION_TEMPLATE)).view
    form = form or Form(TemplateName, by.zone, {}, {"name": view.title})
    return page(request, "keep_template.html", by, {"view": view} | own_form(form, errors, key), 422 if errors else 200)


async def _listed(
    request: Request,
    by: PageReader,
    at: With,
    renamed: str = "",
    form: Form | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    templates = await requisition_templates(by.caller, at)
    mine = {line.id for line in await at.reads.board(person=by.id, limit=500)}
    forms: dict[str, dict[str, Any]] = {
        one.id: own_form(form, errors)
        if form and one.id == renamed
        else own_form(Form(TemplateName, by.zone, {}, {"name": one.name}))
        for one in templates
    }
    words = {
        "templates": templates,
        "forms": forms,
        "renamed": renamed,
        "mine": mine,
        "name": await names(at, templates),
    }
    return page(request, "requisition_templates.html", by, words, 422 if errors else 200)
