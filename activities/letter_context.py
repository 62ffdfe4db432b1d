"""What stands behind an effect: the requisition, the candidate, their people, and what happened. Looked up, never
carried.

An effect carries ids and numbers only; whatever a letter says in words is read here, under the keys it lies under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from temporalio.exceptions import ApplicationError

from domain.candidate.interviews import InvitationAnswered
from domain.candidate.screen import SummaryConfirmed
from domain.core.ids import EffectId, mentioned
from domain.core.messages import Event
from domain.core.personal_text import Sealed
from domain.evidence.drafts import Draft
from domain.evidence.rubric import Rubric
from privacy.keyed_hash import KeyedHash
from privacy.sealing import Tombstone
from store.applicants import Contact
from store.manager_update import RequisitionUpdate
from store.users import User
from store.views import CandidateView, ClockView, RequisitionView
from wiring import Stores
from workflows.contract import EffectOrder, entity_of

E = TypeVar("E", bound=Event)

EVENT_OF = {"candidate_summary": SummaryConfirmed, "invitation_not_accepted": InvitationAnswered}
"""The event a matter speaks of, where it does not bear the event's own name."""


@dataclass(frozen=True)
class LetterContext:
    """All that a letter may speak of. `rubric` is the latest that was locked; `event` what the matter is named after.

    `candidate` and `contact` are None where nobody is meant, and `contact` also once they were erased.
    """

    requisition: RequisitionView
    rubric: Rubric | None
    people: Mapping[str, User]
    candidate: CandidateView | None = None
    contact: Contact | None = None
    event: Event | None = None
    clock: ClockView | None = None
    draft: Draft | None = None

    @property
    def place(self) -> str:
        """Where in Tandem it is to be seen, after the base URL."""
        return f"candidates/{self.candidate.id}" if self.candidate else f"requisitions/{self.requisition.id}"


class ContextReader:
    """Looks up what stands behind effects, and opens sealed words for those who write letters."""

    def __init__(self, kept: Stores) -> None:
        self._reads, self._updates, self._sealer = kept.reads, kept.requisition_updates, kept.sealer
        self.people, self.documents, self.applicants = kept.people, kept.documents, kept.applicants
        self.letters, self.templates, self._kept = kept.letters, kept.letter_templates, kept

    @property
    def matcher(self) -> KeyedHash:
        """What candidates' links and threads are signed with. Raises KeyMissing, KeysUnreachable."""
        return self._kept.matcher

    async def company_name(self, behind: LetterContext) -> str:
        """What the company is called; until an administrator says so, the team."""
        details = await self._kept.company.details()
        return details.name if details else behind.requisition.team_name

    async def background(self, order: EffectOrder, matter: str, about: Mapping[str, Any]) -> LetterContext:
        """What stands behind a letter on `matter` about these ids. Raises ApplicationError for what cannot be found."""
        requisition, candidate = await self._about(order, about)
        draft = about.get("draft")
        return LetterContext(
            requisition=requisition,
            rubric=await self.rubric(requisition.id),
            people=await self.people.several(mentioned([requisition, candidate, about], "P-")),
            candidate=candidate,
            contact=await self.applicants.contact(candidate.id, candidate.human) if candidate else None,
            event=await self._event(order, matter, about),
            clock=await self._clock(order, about),
            draft=await self._draft(draft) if isinstance(draft, str) else None,
        )

    async def requisition_behind(self, order: EffectOrder, about: Mapping[str, Any]) -> RequisitionView:
        """The requisition that an effect is about. Raises ApplicationError for what cannot be found."""
        return (await self._about(order, about))[0]

    async def running(self, requisition: str) -> list[ClockView]:
        """The promises that run in a requisition and in its candidates."""
        return await self._reads.clocks(requisition=requisition, ended=False)

    async def _about(
        self, order: EffectOrder, about: Mapping[str, Any]
    ) -> tuple[RequisitionView, CandidateView | None]:
        entity, entity_id = entity_of(order.stream)
        candidate_id = entity_id if entity == "candidate" else about.get("candidate")
        candidate = await self.candidate(candidate_id) if candidate_id else None
        requisition = await self._reads.requisition(candidate.requisition if candidate else entity_id)
        if requisition is None or (candidate_id and candidate is None):
            raise ApplicationError("what this is about is not known here", type="no_background", non_retryable=True)
        return requisition, candidate

    async def candidate(self, candidate: str) -> CandidateView | None:
        """One candidate as last read."""
        return await self._reads.candidate(candidate)

    async def rubric(self, requisition: str, version: int | None = None) -> Rubric | None:
        """A locked version of a requisition's rubric, the latest unless said; None if there is none."""
        for known in await self._reads.rubric(requisition):
            if known.status == "locked" and version in (None, known.version):
                return known.rubric
        return None

    async def requisition(self, requisition: str) -> RequisitionView:
        """One search. Raises ApplicationError if it is not known."""
        found = await self._reads.requisition(requisition)
        if found is None:
            raise ApplicationError("what this is about is not known here", type="no_background", non_retryable=True)
        return found

    async def update(self, requisition: str, since: datetime, at: datetime) -> RequisitionUpdate | None:
        """How a requisition stands `at`, with what moved after `since` (UTC); None for an unknown one."""
        return await self._updates.of(requisition, since, at)

    async def candidates(self, requisition: str) -> list[CandidateView]:
        """Everybody in a requisition, those who are out included."""
        lines = await self._reads.candidates(requisition=requisition, limit=1_000)
        found = [await self._reads.candidate(line.id) for line in lines]
        return [candidate for candidate in found if candidate is not None]

    async def happened(self, stream: str, kind: type[E]) -> list[tuple[int, E]]:
        """The events of this kind in a stream, in order, each with its number."""
        records = await self._reads.happened(stream, kind)
        return [(record.seq, record.event) for record in records if isinstance(record.event, kind)]

    def opened(self, words: str | Sealed | None, context: str) -> str:
        """Words as people read them; those of somebody who was erased say so."""
        if words is None or isinstance(words, str):
            return words or ""
        return str(self._sealer.open_(words, context))

    async def _event(self, order: EffectOrder, matter: str, about: Mapping[str, Any]) -> Event | None:
        kind = EVENT_OF.get(matter) or Event.kinds.get(matter)
        if kind is None or not issubclass(kind, Event):
            return None
        records = await self._reads.happened(order.stream, kind)
        meant = [record for record in records if record.seq in (EffectId.parse(order.id).seq, about.get("summary"))]
        return (meant or records)[-1].event if records else None

    async def _clock(self, order: EffectOrder, about: Mapping[str, Any]) -> ClockView | None:
        if "clock_id" not in about:
            return None
        return next((c for c in await self._reads.clocks(stream=order.stream) if c.id == about["clock_id"]), None)

    async def _draft(self, document: str) -> Draft | None:
        found = await self.documents.draft(document)
        return None if isinstance(found, Tombstone) else found
