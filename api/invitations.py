"""Inviting a user: a mail with a link by which they get in for the first time, without a token or a word to learn."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter

from api.access import AsCaller, With, needs
from api.problems import RESPONSES, Refused, unavailable
from api.relations import in_office
from domain.access.permissions import Permission
from domain.core.ids import PersonId
from mail.outbox import MailAway
from mail.smtp import Mailbox, OutgoingMail
from store.sign_in_links import INVITED_HOLDS, MailedLink

routes = APIRouter(prefix="/v1", tags=["administration"], responses=RESPONSES)


@routes.post("/people/{id}/invitation", operation_id="invite", summary="Invite a user", status_code=202)
@needs(Permission.PEOPLE_WRITE)
async def invite(id: PersonId, by: AsCaller, at: With) -> None:
    """Mail a user a link that signs them in once, within a week; it ends the one before. For operations."""
    in_office(by, Permission.PEOPLE_WRITE)
    person = await at.people.get(id)
    if person is None or not person.active:
        raise Refused(404, "not_found", "There is no such user.", "The id of somebody who works here.")
    invited_by = await at.people.get(by.actor.id)
    by_whom = invited_by.name if invited_by else "An administrator"
    company = details.name if (details := await at.company.details()) else "your company"

    async def written() -> OutgoingMail:
        return _mail(await at.links.invitation(person), by_whom, company, at.settings.base_url)

    try:
        await at.outbox.answers()
        at.outbox.later(written)
    except MailAway:
        raise unavailable("The mail server") from None


def _mail(link: MailedLink, by_whom: str, company: str, base_url: str) -> OutgoingMail:
    text = (
        f"Hello {link.person.name},\n\n"
        f"{by_whom} added you to Tandem, where {company} fills its open jobs.\n\n"
        f"Open this link within {INVITED_HOLDS.days} days, and press the button there:\n"
        f"{base_url}/sign-in/link/{link.secret}\n\n"
        "It is good once. Later you sign in with a link that you ask for by mail, at\n"
        f"{base_url}/sign-in\n"
    )
    to = Mailbox(link.person.name, link.person.email)
    return OutgoingMail(f"invitation/{link.id}", datetime.now(UTC), to, "Your invitation to Tandem", text)
