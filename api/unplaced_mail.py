"""Mail that nobody could be found for: listed, read, laid to a candidate, or dropped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from api.access import AsCaller, With, needs
from api.payload_limits import bounds
from api.problems import RESPONSES, Refused
from api.relations import in_company, in_office
from api.services import Services
from api.visibility import seen_candidate
from documents.decoding import Unreadable
from domain.access.permissions import Permission
from domain.core.ids import CandidateId
from ops.received_mail import lay, read_received
from store.unplaced_mail import KEPT_ASIDE, Reason, UnplacedMail

routes = APIRouter(prefix="/v1", tags=["operations"], responses=RESPONSES)

MailId = Annotated[str, Path(pattern=r"^M-[0-9A-F]{24}$", description="A mail, as listed.")]


class MailLine(BaseModel):
    """A mail that lies aside, and until when (UTC). Whoever may not read it is told neither sender nor subject."""

    id: str
    came_at: datetime
    until: datetime
    reason: Reason
    size: int
    sender: str = ""
    subject: str = ""


class MailWords(MailLine):
    """The same with its words."""

    text: str


class LayTo(BaseModel):
    """The candidate it is from."""

    candidate: CandidateId = Field(title="The candidate")


@routes.get("/unplaced-mail", operation_id="unplaced_mail", summary="Mail that nobody could be found for")
@needs(Permission.MAIL_LIST)
async def unplaced_mail(by: AsCaller, at: With) -> list[MailLine]:
    """What lies aside, the latest first. It goes after thirty days."""
    in_office(by, Permission.MAIL_LIST)
    reads = in_company(by).may(Permission.MAIL_READ)
    return [await _line(one, at, reads) for one in await at.unplaced_mail.all()]


@routes.get("/unplaced-mail/{id}", operation_id="unplaced_mail_words", summary="One of them, to be read")
@needs(Permission.MAIL_READ)
async def unplaced_mail_words(id: MailId, by: AsCaller, at: With) -> MailWords:
    """What it says. For recruiters and HR."""
    in_office(by, Permission.MAIL_READ)
    found = await _found(id, at)
    details = await at.unplaced_mail.details(id)
    return MailWords(**(await _line(found, at, True)).model_dump(), text=details.text if details else "")


@routes.post("/unplaced-mail/{id}/lay", operation_id="lay_mail", summary="Say from whom it is")
@needs(Permission.MAIL_READ)
async def lay_mail(id: MailId, body: Annotated[LayTo, bounds(LayTo)], by: AsCaller, at: With) -> LayTo:
    """It is kept with that candidate, as if it had been found so. For those who may read how to reach them."""
    in_office(by, Permission.MAIL_READ)
    await _found(id, at)
    await seen_candidate(body.candidate, by, at, Permission.CANDIDATE_CONTACT)
    content = await at.unplaced_mail.body(id)
    try:
        if content is None:
            raise Unreadable("Nothing of this mail was kept.")
        found = await read_received(content)
    except Unreadable as wrong:
        raise Refused(422, "unreadable", wrong.sentence, "Ask them to send it again, as text.") from None
    laid = await lay(at, id, found, content, body.candidate, datetime.now(UTC))
    if laid.aside is not None:
        raise Refused(409, "erased", "This candidate's data has been erased.", "Another candidate, or dropping it.")
    await at.unplaced_mail.end(id)
    return body


@routes.delete("/unplaced-mail/{id}", operation_id="drop_mail", status_code=204, summary="Drop one")
@needs(Permission.MAIL_READ)
async def drop_mail(id: MailId, by: AsCaller, at: With) -> None:
    """It is gone for good."""
    in_office(by, Permission.MAIL_READ)
    await _found(id, at)
    await at.unplaced_mail.end(id)


async def _line(one: UnplacedMail, at: Services, reads: bool) -> MailLine:
    details = await at.unplaced_mail.details(one.id) if reads else None
    said = details.model_dump(exclude={"text"}) if details else {}
    return MailLine(**one.model_dump(), until=one.came_at + KEPT_ASIDE, **said)


async def _found(id: str, at: Services) -> UnplacedMail:
    found = next((one for one in await at.unplaced_mail.all() if one.id == id), None)
    if found is None:
        raise Refused(404, "not_found", "This mail does not lie here any more.", "One of those that are listed.")
    return found
