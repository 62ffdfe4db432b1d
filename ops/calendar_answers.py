"""Calendar answers: what somebody answers from their own calendar counts as if they had said it in Tandem.

Given for whoever was invited, and for nobody else: the address that the calendar answers for, the one the mail is from
and the one that the invitation went to have to be the same. Whether a mail is from whom it says, its receiver has to
have made sure of (`docs/security.md`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from temporalio.client import Client

from domain.access.team import Actor
from domain.candidate.interviews import RespondInterview
from domain.core.ids import MeetingUid
from domain.evidence.interview_plan import Interview
from mail.addresses import read_address
from mail.calendar_replies import CalendarReply, read_reply
from ops.given_later import RefusedLater, given_by_mail
from privacy.keys import KeyDestroyed
from store.views import CandidateView
from wiring import Stores
from workflows.contract import entity_of, stream_of


class Heard(StrEnum):
    """What became of a mail."""

    NO_ANSWER = "it answers no invitation"
    TAKEN = "taken"
    TENTATIVE = "they do not know yet: nothing was changed"
    NOT_INVITED = "nobody of this address was invited"
    OUTDATED = "it answers an invitation that was changed since"
    NOT_ANSWERED_HERE = "only interviews are answered"
    REFUSED = "it was refused"


COUNTED = frozenset({Heard.TAKEN, Heard.TENTATIVE, Heard.OUTDATED, Heard.REFUSED})
"""What became of an answer of somebody who was invited; any other mail is nothing but a mail."""


@dataclass(frozen=True)
class CalendarAnswer:
    """What became of a mail, about which stream, and by whom; a refusal with its code."""

    heard: Heard
    stream: str | None = None
    by: str | None = None
    code: str | None = None

    @property
    def candidate(self) -> str | None:
        """Whose interview it is about, where it is about one."""
        return entity_of(self.stream)[1] if self.stream else None


class CalendarAnswers:
    """Takes mails that may be answers. `client` as `workflows.client.connect` makes it."""

    def __init__(self, client: Client, kept: Stores) -> None:
        self._client, self._kept = client, kept

    async def take(self, mail: bytes) -> CalendarAnswer:
        """Reads a mail as it came, and gives what it answers. The same mail twice is one answer.

        Raises as the database does, and as the engine does where it is away: the same mail may be brought again.
        """
        reply = await asyncio.to_thread(read_reply, mail)
        if reply is None:
            return CalendarAnswer(Heard.NO_ANSWER)
        try:
            meeting = MeetingUid.parse(reply.uid)
        except ValueError:
            return CalendarAnswer(Heard.NO_ANSWER)
        view = await self._kept.reads.candidate(meeting.entity) if meeting.entity.startswith("C-") else None
        interview = view.interviews.get(meeting.meeting) if view else None
        if view is None or interview is None:
            return CalendarAnswer(Heard.NOT_ANSWERED_HERE)
        stream = stream_of("candidate", view.id)
        actor = await self._invited(reply, meeting, view, interview)
        if actor is None:
            return CalendarAnswer(Heard.NOT_INVITED, stream)
        if reply.sequence < interview.sequence:
            return CalendarAnswer(Heard.OUTDATED, stream, actor.id)
        if reply.answer == "tentative":
            return CalendarAnswer(Heard.TENTATIVE, stream, actor.id)
        return await self._given(reply, view, interview, actor)

    async def _invited(
        self, reply: CalendarReply, meeting: MeetingUid, view: CandidateView, interview: Interview
    ) -> Actor | None:
        """Who of those invited under this UID has the address that answers; None for nobody."""
        if reply.attendee != reply.sender:
            return None
        if meeting.apart:
            contact = await self._kept.applicants.contact(view.id, view.human)
            return Actor(id=view.id, kind="candidate") if contact and _same(contact.email, reply.sender) else None
        users = await self._kept.people.several(set(interview.people))
        found = [user.id for user in users.values() if user.active and _same(user.email, reply.sender)]
        return Actor(id=found[0]) if len(found) == 1 else None

    async def _given(
        self, reply: CalendarReply, view: CandidateView, interview: Interview, actor: Actor
    ) -> CalendarAnswer:
        stream = stream_of("candidate", view.id)
        body: dict[str, Any] = {
            "interview_id": interview.id,
            "answer": reply.answer,
            "times": [at.isoformat() for at in reply.times],
        }
        asked = json.dumps([reply.uid, reply.sequence, reply.stamp, body], sort_keys=True)
        key = hashlib.sha256(asked.encode()).hexdigest()[:32]
        if reply.comment and reply.answer != "accept":
            try:
                words = await asyncio.to_thread(self._kept.sealer.seal, view.human, reply.comment, view.id)
            except KeyDestroyed:
                return CalendarAnswer(Heard.REFUSED, stream, actor.id, "erased")
            body["cause"] = words.model_dump(mode="json")
        try:
            await given_by_mail(self._client, self._kept.signing, stream, RespondInterview.name, body, actor, key)
        except RefusedLater as refused:
            return CalendarAnswer(Heard.REFUSED, stream, actor.id, refused.code)
        return CalendarAnswer(Heard.TAKEN, stream, actor.id)


def _same(known: str | None, address: str) -> bool:
    """Whether an address on file is this one, however either is spelt."""
    try:
        return known is not None and read_address(known) == address
    except ValueError:
        return False
