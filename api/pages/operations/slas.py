"""The company's SLAs on a page: the policy in force, and what an edited policy file would change."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile

from api.access import With, needs
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.payload_limits import within_bounds
from api.policy import CheckedPolicy, PolicyText, check, policy
from api.validation_messages import complaint_in_words
from domain.access.permissions import Permission

routes = APIRouter()

_TEXT: TypeAdapter[PolicyText] = TypeAdapter(within_bounds(PolicyText))


@routes.get("/ops/slas")
@needs(Permission.SLA_READ)
async def slas(request: Request, by: AsReader, at: With) -> Response:
    """How long each clock runs, whose task it is, and its escalation."""
    return await _shown(request, by, at)


@routes.post("/ops/slas", dependencies=[Depends(from_here)])
@needs(Permission.SLA_READ)
async def check_edited(request: Request, by: AsReader, at: With) -> Response:
    """Says what an edited policy file would change, or what is wrong with it by line. It changes nothing."""
    sent = await request.form()
    pasted, file = sent.get("text", ""), sent.get("file")
    text = pasted if isinstance(pasted, str) else ""
    if isinstance(file, UploadFile) and file.filename:
        try:
            text = (await file.read()).decode()
        except UnicodeDecodeError:
            return await _shown(request, by, at, wrong="This file is not text in UTF-8.")
    try:
        wanted = _TEXT.validate_python({"text": text})
    except ValidationError as unfit:
        return await _shown(request, by, at, wrong=f"{complaint_in_words(unfit.errors()[0])}.")
    return await _shown(request, by, at, text=text, checked=await check(wanted, by.caller, at))


async def _shown(
    request: Request, by: PageReader, at: With, *, text: str = "", wrong: str = "", checked: CheckedPolicy | None = None
) -> Response:
    words = {"policy": await policy(by.caller, at), "text": text, "wrong": wrong, "checked": checked}
    unfit = wrong or (checked is not None and checked.mistakes)
    return page(request, "slas.html", by, words, 422 if unfit else 200)
