"""What somebody was told, the latest first. Whoever looks has seen it: the count in the frame begins anew."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.access import With, needs
from api.pages.account.notification_history import sent_messages
from api.pages.layout.display_names import names
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.queries import Offset
from api.visibility import nameable
from domain.access.permissions import Permission

routes = APIRouter()

SHOWN = 20
"""Messages on one page; those before are a link away."""


@routes.get("/notifications")
@needs(Permission.OWN_READ)
async def notifications(request: Request, by: AsReader, at: With, offset: Offset = 0) -> Response:
    """The page."""
    reads, offset = at.reads, max(offset, 0)
    sent = await reads.messages(by.id, limit=SHOWN + 1, offset=offset)
    messages = await sent_messages(reads, by.id, sent[:SHOWN])
    about = {line.candidate for message in messages for line in message.lines if line.candidate}
    await at.notifications_seen.look(by.id)
    words = {
        "messages": messages,
        "further": offset + SHOWN if len(sent) > SHOWN else None,
        "name": await names(at, candidates=(await nameable(about, by.caller, at)).items()),
    }
    return page(request, "notifications.html", by, words)
