"""What one entity tells another. Each fact carries its sender's version as `number`; an older one is ignored.

`docs/architecture.md` lists every fact here, who owns it and what makes up for a stale copy.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.access.team import Team
from domain.core.ids import ApplicantId, CandidateId, RequisitionId
from domain.core.messages import Value
from domain.core.money import Band, Pay
from domain.core.personal_text import Words
from domain.evidence.rubric import RubricFacts
from domain.sla.policy import KnownPolicy
from domain.time.calendars import KnownCalendar


class Stage(StrEnum):
    """Where a candidate stands, in the order of `commands.md`; the last three are ends."""

    ADDED = "added"
    SHORTLISTED = "shortlisted"
    SUBMITTED = "submitted"
    HELD = "held"
    ADVANCED = "advanced"
    SCREENED = "screened"
    INTERVIEWING = "interviewing"
    DEBRIEFING = "debriefing"
    HIRE_DECIDED = "hire_decided"
    RESERVE = "reserve"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"


STAGES: tuple[Stage, ...] = tuple(Stage)
ENDS: frozenset[Stage] = frozenset({Stage.REJECTED, Stage.WITHDRAWN, Stage.TRANSFERRED})


class RequisitionFacts(Value):
    """Requisition → candidate: the requisition as its candidates need to know it."""

    kind: Literal["search"] = "search"
    number: int
    requisition: RequisitionId
    standing: Literal["open", "on_hold", "ended"]
    end_cause: Literal["filled", "cancelled"] | None = None
    team: Team
    band: Band
    jurisdiction: str
    rubric: RubricFacts | None = None
    amending: bool = False
    unsigned_by_hm: bool = False
    openings_left: int = 1


class Opening(Value):
    """Requisition → a candidate that does not exist yet: what its workflow begins with."""

    kind: Literal["opening"] = "opening"
    number: int
    candidate: CandidateId = ""
    human: ApplicantId
    source: str
    resume: str | None
    resume_sha256: str | None
    notice_version: str | None
    referrer: str | None = None
    agency: Words | None = None
    no_ai: bool = False
    receipt: bool = False
    search: RequisitionFacts
    policy: KnownPolicy
    calendars: dict[str, KnownCalendar]


class Submitted(Value):
    """Requisition → candidate: the profile was put before the hiring manager, alone or in the slate."""

    kind: Literal["submitted"] = "submitted"
    number: int
    slate: bool
    at: datetime


class OfferNews(Value):
    """Requisition → candidate: what became of the offer made to them."""

    kind: Literal["offer"] = "offer"
    number: int
    offer_id: str
    status: Literal["made", "accepted", "declined", "countered", "expired", "withdrawn"]
    answer_by: datetime | None = None


class ProfileVerdict(Value):
    """The hiring manager's word on a profile: the criterion it rests on, or None for a reason outside the rubric."""

    verdict: Literal["advance", "hold", "reject"]
    criterion: str | None
    at: datetime


class CandidateFacts(Value):
    """Candidate → requisition: identifiers, stages and numbers, nothing personal."""

    kind: Literal["candidate"] = "candidate"
    number: int
    candidate: CandidateId
    human: ApplicantId
    stage: Stage
    stage_since: datetime
    answer: ProfileVerdict | None = None
    recruiter_verdicts: dict[str, str] = {}
    expectation: Pay | None = None
    screened_at: datetime | None = None
    cards_in_undecided: bool = False
    hire_decided_at: datetime | None = None
    end_reason: str | None = None
    told: bool = False
    overrides: int = 0


class Arrival(Value):
    """Candidate → another requisition: somebody comes over from another requisition, with their documents only."""

    kind: Literal["arrival"] = "arrival"
    number: int
    candidate: CandidateId
    came_from: CandidateId
    human: ApplicantId
    source: str
    resume: str | None
    resume_sha256: str | None
    notice_version: str | None
    consent_at: datetime
    referrer: str | None = None
    agency: Words | None = None
    no_ai: bool = False


class PersonFacts(Value):
    """Person → their searches: how they work, and who may act for them."""

    kind: Literal["person"] = "person"
    number: int
    person: str
    calendar: KnownCalendar | None = None
    delegate: str | None = None
    powers: tuple[str, ...] = ()
    delegate_until: datetime | None = None


ToCandidate = Annotated[RequisitionFacts | Opening | Submitted | OfferNews, Field(discriminator="kind")]
ToRequisition = Annotated[CandidateFacts | Arrival | PersonFacts, Field(discriminator="kind")]
