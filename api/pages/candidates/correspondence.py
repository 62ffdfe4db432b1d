"""What stands on a candidate's page beside what was found out: letters both ways, the offer's steps, notes and tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.access import With
from api.letters import thread_of
from api.pages.evidence.candidate_record import OpenedEvents
from api.pages.evidence.offer_chain import offer_chain
from api.unsealing import opened
from api.visibility import SeenCandidate
from domain.access.permissions import Permission
from domain.candidate.notes import NoteAdded
from domain.core.availability import Availability
from store.views import RequisitionView
from workflows.contract import stream_of


async def correspondence(
    seen: SeenCandidate,
    said: OpenedEvents,
    requisition: RequisitionView | None,
    can: Mapping[str, Availability],
    of_requisition: Mapping[str, Availability],
    at: With,
) -> dict[str, Any]:
    """The words of `candidate_desk.html`."""
    may = seen.sight.may
    writes = "send_letter" in can and can["send_letter"].open
    approves = of_requisition.get("approve_offer")
    letters, chain = await at.letters.of(seen.view.id), []
    if requisition is not None and may(Permission.CANDIDATE_PAY):
        chain = await offer_chain(requisition.id, seen.view.id, letters, at)
    return {
        "letters": await thread_of(letters, at) if may(Permission.CANDIDATE_CONTACT) else None,
        "writes": writes,
        "chain": chain,
        "approves": bool(approves and approves.open and seen.view.id in approves.choices and chain and chain[-1].asks),
        "notes": said.all(NoteAdded),
        "takes_notes": "add_note" in can and can["add_note"].open,
        "tags": list((await opened(seen.view.tags, stream_of("candidate", seen.view.id), at)).values()),
        "tags_them": "tag_candidate" in can and can["tag_candidate"].open,
    }


def mentioned_in(desk: Mapping[str, Any]) -> list[str]:
    """The users who stand in it, so that they can be named."""
    notes = [who for record, note in desk["notes"] for who in (record.by, *note.mentions)]
    return [who for who in (*notes, *(one.by for one in (*(desk["letters"] or ()), *desk["chain"]))) if who]
