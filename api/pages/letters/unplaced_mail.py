"""Mail that nobody could be found for, as pages: the list, and one with the form that says from whom it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, BeforeValidator, Field

from api.access import With, needs
from api.pages.candidates.same_person import NO_PAGE, id_from_link
from api.pages.forms.command_forms import as_sent
from api.pages.forms.form_schema import Form
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.pages.operations.administration_forms import own_form, sentence_of
from api.problems import Refused
from api.relations import in_company
from api.unplaced_mail import LayTo, MailId, drop_mail, lay_mail, unplaced_mail, unplaced_mail_words
from domain.access.permissions import Permission
from domain.core.ids import CandidateId
from store.unplaced_mail import REASONS

routes = APIRouter()

PLACE = "/unplaced-mail"
FORM = [Depends(from_here)]


class FromWhomForm(BaseModel):
    """From whom a mail is."""

    candidate: Annotated[CandidateId, BeforeValidator(id_from_link)] = Field(
        title="The candidate", description="Open their page, and copy its address from your browser to here."
    )


@routes.get(PLACE)
@needs(Permission.MAIL_LIST)
async def listed(request: Request, by: AsReader, at: With) -> Response:
    """What lies aside."""
    words = {
        "mails": await unplaced_mail(by.caller, at),
        "reasons": REASONS,
        "reads": in_company(by.caller).may(Permission.MAIL_READ),
    }
    return page(request, "unplaced_mail.html", by, words)


@routes.get(f"{PLACE}/{{id}}")
@needs(Permission.MAIL_READ)
async def one(request: Request, id: MailId, by: AsReader, at: With) -> Response:
    """One mail."""
    return await _shown(request, id, by, at, Form(FromWhomForm, by.zone, {}))


@routes.post(f"{PLACE}/{{id}}", dependencies=FORM)
@needs(Permission.MAIL_READ)
async def lay(request: Request, id: MailId, by: AsReader, at: With) -> Response:
    """Lays it to a candidate."""
    asked = as_sent(await request.form())
    form = Form(FromWhomForm, by.zone, {}, typed=asked.typed)
    wanted, errors = form.read()
    if wanted is None or asked.again:
        wrong = {**errors, "candidate": NO_PAGE} if "candidate" in errors else errors
        return await _shown(request, id, by, at, form, {} if asked.again else wrong)
    try:
        await lay_mail(id, LayTo(candidate=wanted.candidate), by.caller, at)
    except Refused as refused:
        return await _shown(request, id, by, at, form, sentence_of(refused))
    return RedirectResponse(f"/candidates/{wanted.candidate}?done=mail_laid", 303)


@routes.post(f"{PLACE}/{{id}}/drop", dependencies=FORM)
@needs(Permission.MAIL_READ)
async def drop(request: Request, id: MailId, by: AsReader, at: With) -> Response:
    """Drops it."""
    if as_sent(await request.form()).again:
        return await _shown(request, id, by, at, Form(FromWhomForm, by.zone, {}))
    await drop_mail(id, by.caller, at)
    return RedirectResponse(f"{PLACE}?done=mail_dropped", 303)


async def _shown(
    request: Request, id: str, by: PageReader, at: With, form: Form, errors: Mapping[str, str] | None = None
) -> Response:
    words = {"mail": await unplaced_mail_words(id, by.caller, at), "reasons": REASONS, "place": f"{PLACE}/{id}"}
    return page(request, "unplaced_mail_words.html", by, words | own_form(form, errors), 422 if errors else 200)
