"""The requisition's state: its search agreement, and a roster of candidates as ids, stages and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Literal

from domain.core.ids import ApplicantId, CandidateId, DocumentId, PersonId, RequisitionId
from domain.core.messages import Command, Event, Value, refuse
from domain.core.money import Band, Pay
from domain.core.personal_text import Words
from domain.entity.call import Call
from domain.entity.entity_facts import ENDS, CandidateFacts, RequisitionFacts, Stage
from domain.entity.state import Entity
from domain.evidence.documents import Untranscribed
from domain.evidence.meeting_place import Place
from domain.evidence.retro_changes import Occasion
from domain.evidence.rubric import Rubric, RubricFacts
from domain.requisition.comp_signal import CompReading, Way
from domain.requisition.drift import Drift
from domain.time.wall_clock import WallClock

SignerRole = Literal["R", "H", "second_signer"]
SIGNERS: tuple[SignerRole, ...] = ("R", "H", "second_signer")
Side = Literal["R", "H"]
TeamRole = Literal["recruiter", "hiring_manager", "hr_partner", "recruiting_lead", "manager_lead", "second_signer"]

Awaited = Iterable[tuple[datetime, Callable[[], Event]]]
"""What will happen by itself: pairs of a time (UTC) and what makes the event it brings."""

JUDGED_BY_HIRE: frozenset[Stage] = frozenset({Stage.HIRE_DECIDED, Stage.RESERVE})
"""Stages of somebody who is to be hired and has no offer yet."""


class Intake(Value):
    """An intake call that was held, and the document that is left of it.

    `recording` is what its transcript is made of, `untranscribed` why none comes of it.
    """

    kind: Literal["full", "reaffirm"]
    held_at: datetime
    document: str
    transcript: bool
    recording: DocumentId | None = None
    untranscribed: Untranscribed | None = None


class Meeting(Value):
    """The intake call as it stands in people's calendars; `sequence` rises with each change.

    `where` is None of what was booked up to 0.5.0.
    """

    starts_at: datetime
    minutes: int
    attendees: tuple[PersonId, ...]
    wall: WallClock | None = None
    sequence: int = 0
    where: Place | None = None


class Inherited(Value):
    """A change an earlier retro asked for, and what became of it here."""

    text: Words
    requisition: str
    resolution: Literal["open", "adopted", "declined"] = "open"


class Signature(Value):
    """A name under a version of the rubric, and since when (UTC)."""

    person: PersonId
    at: datetime


class LockedVersion(Value):
    """A version of the rubric that was locked: what was signed, by whom and when. Its words are in the journal."""

    version: int
    content_hash: str
    signed_by: tuple[PersonId, ...]
    at: datetime


class Amendment(Value):
    """A change to a locked rubric that waits for its signatures: why, and who asked for it."""

    why: Words
    by: str


class Posting(Value):
    """The job advertisement, where it stands open and by which version of the rubric."""

    channels: tuple[str, ...]
    rubric_version: int


class RosterEntry(Value):
    """One candidate as the requisition knows them. `facts` is the last word from their own workflow."""

    human: ApplicantId
    source: str
    added_at: datetime
    facts: CandidateFacts | None = None

    @property
    def stage(self) -> Stage:
        """Where they stand, as far as this requisition has heard."""
        return self.facts.stage if self.facts else Stage.ADDED

    @property
    def concerned(self) -> bool:
        """Whether the requisition's course still touches them: not over for them, or over and they were not told."""
        return self.facts is None or self.facts.stage not in ENDS or not self.facts.told


class Slate(Value):
    """Profiles shared as one: `waiting` still have to be answered; none left, and calibration goes on."""

    number: int
    candidates: tuple[CandidateId, ...]
    waiting: tuple[CandidateId, ...]


class PulseAnswer(Value):
    """One side's answers: do we have the right rubric, are we seeing the right candidates."""

    rubric_right: bool
    candidates_right: bool


class Pulse(Value):
    """A pulse under way, and each side's answers so far."""

    round: int
    answers: dict[Side, PulseAnswer] = {}


class Offer(Value):
    """A candidate's latest offer."""

    id: str
    pay: Pay
    answer_by: datetime
    status: Literal["made", "accepted", "declined", "countered", "expired", "withdrawn"] = "made"

    @property
    def stands(self) -> bool:
        """Whether it takes an opening without filling it yet."""
        return self.status in ("made", "countered")


class Retro(Value):
    """A retro under way: its occasion, and the change each side asked for so far."""

    round: int
    occasion: Occasion
    changes: dict[Side, Words] = {}


class PlannedHandOver(Value):
    """A role that passes to somebody else at a time (UTC)."""

    role: TeamRole
    to: PersonId
    from_at: datetime
    why: Words


class Hold(Value):
    """The requisition is on hold since, until it is resumed; to be looked at again at `review_at` (UTC)."""

    since: datetime
    review_at: datetime
    reviewed: bool = False


class Requisition(Entity):
    """One requisition, from the opening to the last retro."""

    title: str = ""
    team_name: str = ""
    place: str = ""
    jurisdiction: str = ""
    band: Band | None = None
    openings: int | None = 1
    target_date: date | None = None
    confidential: bool = False
    alias: str | None = None
    copied_from: RequisitionId | None = None
    ended_at: datetime | None = None
    end_cause: Literal["filled", "cancelled"] | None = None
    reopened: bool = False
    hold: Hold | None = None
    stood_still: tuple[tuple[datetime, datetime], ...] = ()
    hand_overs: dict[TeamRole, PlannedHandOver] = {}

    meeting: Meeting | None = None
    intakes: tuple[Intake, ...] = ()
    drafts: dict[str, str] = {}
    inherited: dict[str, Inherited] = {}

    draft: Rubric | None = None
    draft_hash: str = ""
    amendment: Amendment | None = None
    signatures: dict[SignerRole, Signature] = {}
    locked: Rubric | None = None
    judging: RubricFacts | None = None
    versions: tuple[LockedVersion, ...] = ()
    locked_at: datetime | None = None
    sign_again: tuple[SignerRole, ...] = ()
    sign_again_at: datetime | None = None
    posting: Posting | None = None

    roster: dict[CandidateId, RosterEntry] = {}
    stages: dict[Stage, int] = {}
    unanswered: dict[CandidateId, datetime] = {}
    last_answered: CandidateId | None = None
    heard_at: datetime | None = None
    undecided: tuple[CandidateId, ...] = ()
    slate: Slate | None = None
    drift: Drift = Drift()

    pulse: Pulse | None = None
    pulse_rounds: int = 0
    pulse_at: datetime | None = None
    recalibrating: bool = False

    expectations: dict[CandidateId, Pay] = {}
    market: CompReading | None = None
    comp_due_at: datetime | None = None
    comp_raised: bool = False
    signals: dict[str, Way | None] = {}

    hire_decided: dict[CandidateId, datetime] = {}
    offers: dict[CandidateId, Offer] = {}
    offers_made: int = 0
    ceilings: dict[CandidateId, Pay] = {}
    approvals_asked: tuple[CandidateId, ...] = ()
    hires: tuple[CandidateId, ...] = ()

    retro: Retro | None = None
    retro_rounds: int = 0
    retro_at: datetime | None = None
    retro_occasion: Occasion | None = None

    heard: dict[str, int] = {}
    """The number of the last fact heard from each person."""

    def admit(self, command: type[Command], call: Call) -> None:
        """See `Entity.admit`; nothing but its opening can be asked of a requisition that was never opened."""
        if self.team is None and command.begins == "never":
            refuse("not_found", "There is no such requisition.", "The id of a requisition that was opened.")
        super().admit(command, call)

    @property
    def pay_band(self) -> Band:
        """What the job pays."""
        assert self.band is not None, "asked for the band of a search that was never opened"
        return self.band

    @property
    def evergreen(self) -> bool:
        """Whether the requisition goes on for as long as people are found."""
        return self.openings is None

    @property
    def signers(self) -> dict[SignerRole, PersonId]:
        """Who must sign: recruiter and hiring manager; if one person is both, they and the second signer."""
        people = self.people
        if people.recruiter != people.hiring_manager:
            return {"R": people.recruiter, "H": people.hiring_manager}
        assert people.second_signer is not None, "one person is both and nobody signs second"
        return {"H": people.hiring_manager, "second_signer": people.second_signer}

    @property
    def sides(self) -> dict[Side, PersonId]:
        """Who looks back and takes the pulse: both sides, or the one person who is both."""
        people = self.people
        if people.recruiter == people.hiring_manager:
            return {"H": people.hiring_manager}
        return {"R": people.recruiter, "H": people.hiring_manager}

    def side_of(self, call: Call) -> Side:
        """The side for which the actor speaks."""
        people = self.people
        return "R" if call.actor.id == people.recruiter != people.hiring_manager else "H"

    @property
    def openings_left(self) -> int | None:
        """Openings neither filled nor promised by a standing offer; None in an evergreen search."""
        if self.openings is None:
            return None
        return self.openings - len(self.hires) - sum(offer.stands for offer in self.offers.values())

    def known(self, candidate: CandidateId, field: str = "candidate_id") -> RosterEntry:
        """The candidate's line in the roster; refuses an unknown id."""
        entry = self.roster.get(candidate)
        if entry is None:
            refuse(
                "unknown_reference", "Nobody of this id is in this requisition.", "The id of a candidate here.", field
            )
        return entry

    def due(self, name_of_time: str, at: datetime) -> datetime:
        """When something the policy names, begun `at`, falls due on the recruiter's calendar (UTC)."""
        return self.calendar_of(self.people.recruiter).due(at, getattr(self.rules, name_of_time), self.day)

    def facts(self, number: int) -> RequisitionFacts:
        """The requisition as its candidates need to know it; `number` is that of the event that tells them."""
        left = self.openings_left
        return RequisitionFacts(
            number=number,
            requisition=self.id,
            standing="ended" if self.standing == "ended" else "on_hold" if self.standing == "on_hold" else "open",
            end_cause=self.end_cause,
            team=self.people,
            band=self.pay_band,
            jurisdiction=self.jurisdiction,
            rubric=self.judging,
            amending=self.amendment is not None,
            unsigned_by_hm="H" in self.sign_again or (self.locked is None and bool(self.versions)),
            openings_left=1 if left is None else max(left, 0),
        )
