"""The local mailbox: what the laptop's mail catcher caught. There is none where mail goes to a real server."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.access import AsCaller, Caller, With, needs
from api.problems import RESPONSES, Refused
from api.relations import in_company
from api.services import Services
from domain.access.permissions import Permission
from local.mailbox import CaughtMail, message, messages

routes = APIRouter(prefix="/v1/mailbox", tags=["mailbox"], responses=RESPONSES)

Number = Annotated[int, Path(ge=0, le=10**15)]


@routes.get("", operation_id="mailbox")
@needs(Permission.OWN_READ)
async def mailbox(by: AsCaller, at: With, to: str | None = None, limit: int = 50) -> list[CaughtMail]:
    """The caught messages, the newest first; `to` narrows them to one address. People see their own, ops see all."""
    _only_locally(at)
    own = await _own_address(by, at)
    return messages(at.settings.mailbox_folder, own or to, min(max(limit, 1), 200))


@routes.get("/{number}", operation_id="mailbox_message")
@needs(Permission.OWN_READ)
async def mailbox_message(number: Number, by: AsCaller, at: With) -> CaughtMail:
    """One caught message with its text and invitations."""
    _only_locally(at)
    own = await _own_address(by, at)
    try:
        found = message(at.settings.mailbox_folder, number)
    except FileNotFoundError:
        found = None
    if found is None or (own and own.casefold() not in (address.casefold() for address in found.envelope_to)):
        raise Refused(404, "not_found", "There is no such message.", "A number of the mailbox.")
    return found


async def _own_address(by: Caller, at: Services) -> str | None:
    """The only address whose mail the caller may see; None for operations, who see all."""
    if in_company(by).may(Permission.OPERATIONS_READ):
        return None
    person = await at.people.get(by.actor.id)
    if person is None:
        raise Refused(403, "not_permitted", "You have no mailbox here.", "A user's own token.")
    return person.email


def _only_locally(at: Services) -> None:
    if not at.settings.embeds_mailbox:
        raise Refused(404, "not_found", "Mail goes to a real server here.", "The users' own mailboxes.")
