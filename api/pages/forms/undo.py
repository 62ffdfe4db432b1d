"""Taps that are final, and how one takes them back: such a command counts some seconds after its form was sent.

Until then its form is gone from its giver's tasks as if it counted, and every page of theirs says what is held. It is
given at once where its giver goes on to something else in the same entity. What is due just then is not held.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.access import With, needs
from api.pages.layout.held_lines import held_lines
from api.pages.layout.session import AsReader, PageReader, from_here, local_path
from api.pages.layout.templating import page
from api.unsealing import opened
from domain.access.permissions import Permission
from domain.candidate.exits import Reject, TellOutcome
from domain.candidate.interviews import CancelInterview, RespondInterview
from domain.candidate.letters import SendLetter
from domain.candidate.profile import AnswerProfile
from domain.core.messages import Command
from domain.entity.clock_commands import ResolveTask, WaiveClock
from domain.requisition.lifecycle import Cancel
from domain.requisition.offers import MakeOffer, WithdrawOffer
from domain.requisition.pulse import AnswerPulse
from ops.held_commands import AWAY, give_claimed

routes = APIRouter()

FINAL_TAPS: frozenset[type[Command]] = frozenset(
    {
        *(AnswerProfile, AnswerPulse, RespondInterview, CancelInterview, Reject, TellOutcome, SendLetter),
        *(MakeOffer, WithdrawOffer, Cancel, WaiveClock, ResolveTask),
    }
)
"""Commands by one tap that nothing takes back once they count, and after which their giver has nothing to do there."""

GIVEN_WITHIN = timedelta(seconds=5)
"""How long it takes at most, on a day without trouble, from when a command is due to be given until it counts."""

UNDONE = "undone"
"""What a form's address calls the command that was taken back, whose words the form shows again."""


async def counts_later(stream: str, kind: type[Command], by: PageReader, at: With) -> bool:
    """Whether a command is to be held, so that it can be taken back."""
    seconds = at.settings.undo_seconds
    if kind not in FINAL_TAPS or not seconds:
        return False
    now = datetime.now(UTC)
    late = now + timedelta(seconds=seconds) + GIVEN_WITHIN
    state = await at.states.at(stream)
    return not any(now < clock.due_at <= late for clock in state.clocks.values() if clock.owner == by.id)


async def undone_form(
    id: str, stream: str, kind: type[Command], by: PageReader, at: With
) -> dict[str, list[str]] | None:
    """What somebody had typed into the form that they took back; None where it is not theirs, gone, or another's."""
    found = await at.held_commands.undone(by.id, id)
    if found is None or (found.stream, found.command) != (stream, kind.name):
        return None
    try:
        typed: dict[str, list[str]] = json.loads(await opened(found.typed, stream, at))
    except ValueError:  # of somebody who was erased meanwhile
        return None
    return typed


async def let_count(stream: str, by: PageReader, at: With) -> PageReader:
    """Gives what its reader holds in one entity now, because they go on there. What cannot be given now is held on."""
    if not any(one.stream == stream and one.open for one in by.held):
        return by
    with contextlib.suppress(*AWAY):
        await give_claimed(await at.held_commands.claim_of(by.id, stream), at)
    return replace(by, held=await held_lines(by.caller, by.zone, at))


@routes.post("/held/{id}/undo", dependencies=[Depends(from_here)])
@needs(Permission.OWN_READ)
async def undo(request: Request, id: str, by: AsReader, at: With) -> Response:
    """Takes back what was tapped, and shows its form as it was."""
    undone = await at.held_commands.undo(by.id, id)
    if undone is not None:
        # nosemgrep: redirect-to-what-was-given  # the address at which this form was sent
        return RedirectResponse(f"{undone.place}{'&' if '?' in undone.place else '?'}{UNDONE}={id}", 303)
    words = {
        "words": "Too late to undo",
        "about": "Your tasks",
        "back": "/owed",
        "sentence": "It counts already, or was taken back before.",
        "accepted": "What can be done about it now stands on its own page.",
    }
    return page(request, "not_now.html", by, words)


@routes.post("/held/{id}/dismiss", dependencies=[Depends(from_here)])
@needs(Permission.OWN_READ)
async def dismiss(request: Request, id: str, by: AsReader, at: With) -> Response:
    """Somebody has read that what they tapped was not taken."""
    await at.held_commands.dismiss(by.id, id)
    return RedirectResponse(local_path(str((await request.form()).get("next", ""))), 303)
