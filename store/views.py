"""What is read: typed answers, made from the read model.

Personal words in them are sealed; whoever may show them opens them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, computed_field

from domain.access.roles import COUNTERPARTS, OwnerRole
from domain.access.team import Delegate, Team
from domain.candidate.state import Candidate, EarlierResume, ExitCause, KnownDraft, Request, Screen, SentSummary
from domain.candidate.state import CandidateOffer as OfferToThem
from domain.core.ids import ClockId
from domain.core.messages import Event
from domain.core.money import Band, Pay
from domain.core.personal_text import PersonalText, Words
from domain.entity.entity_facts import ProfileVerdict, Stage
from domain.entity.state import Override, Standing
from domain.evidence.debrief import Debrief, Decision
from domain.evidence.documents import Doc
from domain.evidence.interview_plan import Interview
from domain.evidence.rubric import Rubric, RubricDiff
from domain.notifications.notification import MessageKind
from domain.person import Preferences
from domain.requisition.comp_signal import CompReading, Way
from domain.requisition.drift import Drift
from domain.requisition.state import (
    Amendment,
    Hold,
    Inherited,
    Intake,
    Meeting,
    Offer,
    PlannedHandOver,
    Posting,
    Pulse,
    Requisition,
    Retro,
    Signature,
    Slate,
)
from domain.sla.catalogue import clock_row
from domain.time.calendars import Calendar


class View(BaseModel):
    """An answer. Rows written by an earlier build may hold more than this build reads."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class EntityView(View):
    """Part of an entity's state, under the names it has there."""

    id: str
    version: int

    @classmethod
    def of(cls, state: Any, **more: Any) -> Self:
        """The view of a state; `more` are fields the state has no name for."""
        own = {name: getattr(state, name) for name in cls.model_fields if name not in more}
        return cast(Self, cls.model_construct(**own, **more))


class PersonView(EntityView):
    """How somebody works, how they want to hear of things, and who acts for them."""

    calendar: Calendar
    preferences: Preferences
    delegate: Delegate | None


class MessageView(View):
    """A message somebody was sent: which one, its kind, when (UTC), with how many notifications. Never what it said.

    One that was held back said nothing that still mattered, and was not sent.
    """

    number: int
    kind: MessageKind
    ordered_at: datetime
    lines: int
    withheld: bool


class WeekOfMessages(View):
    """How many messages of each kind went out to somebody in the seven days from `since` (a Monday, UTC) on."""

    since: date
    digests: int
    interruptions: int
    letters: int


class RequisitionPartView(EntityView):
    """What a requisition and a candidate in it have in common."""

    standing: Standing
    team: Team
    overrides: tuple[Override, ...]
    legal_hold: bool
    counterparts: Mapping[OwnerRole, OwnerRole] = COUNTERPARTS


class RequisitionView(RequisitionPartView):
    """One requisition without its roster, whose candidates have their own views, and without its rubrics' words."""

    phase: str
    title: str
    team_name: str
    place: str
    jurisdiction: str
    band: Band | None
    openings: int | None
    openings_left: int | None
    target_date: date | None
    confidential: bool
    alias: str | None
    copied_from: str | None
    end_cause: Literal["filled", "cancelled"] | None
    reopened: bool
    hold: Hold | None
    hand_overs: dict[str, PlannedHandOver]
    meeting: Meeting | None
    intakes: tuple[Intake, ...]
    drafts: dict[str, str]
    inherited: dict[str, Inherited]
    amendment: Amendment | None
    signatures: dict[str, Signature]
    locked_at: datetime | None
    sign_again: tuple[str, ...]
    sign_again_at: datetime | None
    posting: Posting | None
    stages: dict[Stage, int]
    slate: Slate | None
    drift: Drift
    pulse: Pulse | None
    pulse_at: datetime | None
    recalibrating: bool
    market: CompReading | None
    comp_due_at: datetime | None
    signals: dict[str, Way | None]
    offers: dict[str, Offer]
    ceilings: dict[str, Pay]
    hires: tuple[str, ...]
    retro: Retro | None
    retro_at: datetime | None

    @classmethod
    def shown(cls, state: Requisition, phase: str) -> RequisitionView:
        """The view of a requisition that stands at `phase`."""
        return cls.of(state, phase=phase)


class CandidateView(RequisitionPartView):
    """One human in one search. Cards are there for those who may see them; nobody else's before one's own is in."""

    requisition: str
    human: str
    source: str
    referrer: str | None
    notice_version: str | None = None
    resume: Doc | None
    earlier_resumes: tuple[EarlierResume, ...] = ()
    opened_at: datetime | None
    stage: Stage
    stage_since: datetime
    out: ExitCause | None
    verdicts: dict[str, str]
    answer: ProfileVerdict | None
    challenged: bool
    screen: Screen | None
    pay_range_told_at: datetime | None
    summary: SentSummary | None
    drafts: dict[str, KnownDraft]
    interviews: dict[str, Interview]
    debrief: Debrief | None
    decision: Decision | None
    deferrals: int
    follow_up_at: datetime | None
    offer: OfferToThem | None
    last_word_at: datetime | None
    promised_by: datetime | None
    waiting_until: datetime | None
    told_at: datetime | None
    tags: dict[str, Words] = {}
    requests: dict[str, Request]
    no_ai: bool
    no_recording: bool
    restricted: bool

    @classmethod
    def shown(cls, state: Candidate) -> CandidateView:
        """The view of a candidate."""
        return cls.of(state, requisition=state.job.requisition)


class WaitingFor(View):
    """What a requisition or a candidate waits for, from the clocks that run (UTC): on whom, the nearest, and what is
    late.

    Of several that are late it says the one due first. It is `stuck` when nobody moved even after those above had heard
    of it.
    """

    breached: bool
    stuck: bool
    waiting_on: tuple[str, ...]
    nearest_due: datetime | None
    nearest_owner: str | None
    late_due: datetime | None
    late_owner: str | None


class BoardLine(WaitingFor):
    """One requisition on the board. Its clocks are its own and its candidates'."""

    id: str
    title: str
    team_name: str
    phase: str
    standing: Standing
    recruiter: str
    hiring_manager: str
    openings: int | None
    target_date: date | None
    confidential: bool
    version: int


class StageCount(View):
    """How many candidates of a requisition stand at a stage, and since when the one who waits longest (UTC)."""

    stage: Stage
    candidates: int
    oldest: datetime


class CandidateLine(WaitingFor):
    """One candidate in the list of a requisition, or of an applicant."""

    id: str
    requisition: str
    human: str
    stage: Stage
    stage_since: datetime
    standing: Standing
    source: str
    version: int


class DebriefLine(View):
    """One debrief of a requisition: whose, from when and how long it is booked, and how it ended. Times in UTC.

    `follow_up_at` is when a decision was put off to, as long as there is none.
    """

    candidate: str
    human: str
    starts_at: datetime
    minutes: int
    held_at: datetime | None
    decision: Literal["hire", "no_hire"] | None
    decided_at: datetime | None
    follow_up_at: datetime | None


class ClockView(View):
    """A clock, running or ended. `title` is its requisition's; `rung` its latest escalation step; times in UTC.

    `corrected_breach` is when it was counted as late, by a record that was corrected since: it was not.
    """

    stream: str
    id: str
    requisition: str | None
    title: str | None
    name: str
    about: str
    owner: str
    started_at: datetime
    due_at: datetime
    breached_at: datetime | None
    causes: tuple[str, ...]
    stands_since: datetime | None
    pauses: tuple[dict[str, str], ...]
    extended: bool
    rung: str | None
    next_rung_at: datetime | None
    stuck_at: datetime | None
    ended_at: datetime | None
    ended_as: Literal["kept", "void", "waived"] | None
    corrected_breach: datetime | None = None


class TaskView(View):
    """A manual task: something a machine could not do and a user is asked to.

    `document` holds the words of a letter that did not go out, to read them to whoever they are for.
    """

    stream: str
    id: str
    requisition: str | None
    kind: str
    reason: str
    raised_at: datetime
    document: str | None = None


class TimelineEntry(View):
    """One thing that happened, by whom and when (UTC); `payload` is as much of the event as its reader may see.

    `heading` says it in words; of a clock, which: `not done in time: Send the summary`.
    """

    stream: str
    seq: int
    at: datetime
    by: str
    type: str
    payload: dict[str, Any]

    @computed_field
    def heading(self) -> str:
        words = Event.heading_of(self.type)
        clock = ClockId.parse(str(self.payload.get("clock_id") or (self.payload.get("clock") or {}).get("id", "")))
        return f"{words}: {clock_row(clock.name).button}" if clock else words


class RubricVersion(View):
    """One version of a rubric. `diff` is against the locked version before it; None for the first."""

    version: int
    status: Literal["draft", "amendment", "locked"]
    content_hash: str
    why: PersonalText | None
    signatures: dict[str, Signature]
    locked_at: datetime | None
    rubric: Rubric
    diff: RubricDiff | None


class RetroChange(View):
    """What a retro said to change, and what became of it: each later requisition with its answer."""

    id: str
    requisition: str
    hiring_manager: str
    team_name: str
    side: Literal["R", "H"]
    text: PersonalText
    concluded_at: datetime
    inherited_by: dict[str, Literal["open", "adopted", "declined"]]
