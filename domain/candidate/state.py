"""What a candidate's entity knows: ids, stages, numbers, times and spans; the words are in its events, sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from domain.access.roles import Role
from domain.access.team import Actor
from domain.core.ids import DocumentId, PersonId
from domain.core.messages import Command, Event, Value, refuse
from domain.core.money import Pay
from domain.core.personal_text import Words
from domain.entity.call import Call
from domain.entity.clock_commands import learnt
from domain.entity.entity_facts import ENDS, ProfileVerdict, RequisitionFacts, Stage
from domain.entity.state import Entity
from domain.evidence.debrief import Debrief, Decision
from domain.evidence.documents import Doc, Untranscribed
from domain.evidence.interview_plan import Interview
from domain.evidence.meeting_place import Place
from domain.evidence.rubric import Round, RubricFacts
from domain.sla.catalogue import owner_role
from domain.time.wall_clock import WallClock

Verdict = Literal["met", "partly", "not_met", "not_discussed"]
RequestKind = Literal["access", "erasure", "correction", "human_review", "no_ai", "no_recording", "accommodation"]

AT_WORK: tuple[Stage, ...] = (
    Stage.SHORTLISTED,
    Stage.SUBMITTED,
    Stage.HELD,
    Stage.ADVANCED,
    Stage.SCREENED,
    Stage.INTERVIEWING,
    Stage.DEBRIEFING,
    Stage.HIRE_DECIDED,
    Stage.RESERVE,
    Stage.OFFERED,
)
"""The stages in which somebody waits to hear from us."""

JUDGED: frozenset[Stage] = frozenset(
    {
        Stage.SHORTLISTED,
        Stage.SUBMITTED,
        Stage.HELD,
        Stage.ADVANCED,
        Stage.SCREENED,
        Stage.INTERVIEWING,
        Stage.DEBRIEFING,
    }
)
"""The stages in which we find out about somebody."""

INTERVIEWED: frozenset[Stage] = frozenset({Stage.SCREENED, Stage.INTERVIEWING, Stage.DEBRIEFING})
"""The stages in which the plan's rounds come one after the other."""


class CandidateCommand(Command):
    """A command of the candidate's own life: refused once they are out, unless it `works` then (`out`, `after_end`)."""


class Screen(Value):
    """The recruiter's first call. Times in UTC; `zone` is the candidate's.

    `record` is the document of what is left of it, `doc` the same with its hash, where this build recorded it;
    `replaced` are those it had before, which were recorded by mistake. `recording` is what its transcript is made of,
    `untranscribed` why none comes of it. Of what was arranged up to 0.5.0 nobody said where it is (`where`), and the
    recruiter holds it (`held_by`).
    """

    starts_at: datetime
    minutes: int
    zone: str
    wall: WallClock | None = None
    sequence: int = 0
    status: Literal["scheduled", "held", "no_show", "cancelled"] = "scheduled"
    held_at: datetime | None = None
    kind: Literal["transcript", "notes", "recording"] | None = None
    record: str | None = None
    doc: Doc | None = None
    replaced: tuple[DocumentId, ...] = ()
    recording: DocumentId | None = None
    untranscribed: Untranscribed | None = None
    where: Place | None = None
    held_by: PersonId | None = None


class EarlierResume(Value):
    """A résumé that was replaced, at `until` (UTC), with the reading that was made of it."""

    document: DocumentId
    reading: DocumentId | None
    until: datetime


class SentSummary(Value):
    """The candidate summary went to the hiring manager. `outdated`: the record it rests on was corrected since."""

    at: datetime
    draft: str | None
    rubric_version: int
    expectation: Pay | None
    outdated: bool = False


class KnownDraft(Value):
    """The latest draft of one kind, and the version of the rubric it was made against."""

    id: str
    rubric_version: int


class Request(Value):
    """Something the candidate asked of us about their data or the procedure."""

    kind: RequestKind
    received_at: datetime
    status: Literal["open", "granted", "refused"] = "open"


class CandidateOffer(Value):
    """The offer made to them, as the requisition last said."""

    id: str
    status: Literal["made", "accepted", "declined", "countered", "expired", "withdrawn"]
    answer_by: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it may yet be answered."""
        return self.status in {"made", "countered"}


class ExitCause(Value):
    """Why somebody is no longer in the running, and since when (UTC).

    `by` is what put them out: the hiring manager's answer, the decision, a rejection, the requisition's end, or they
    themselves.
    """

    by: Literal["answer", "decision", "rejection", "search", "candidate", "transfer"]
    reason: str
    at: datetime


class Candidate(Entity):
    """One human in one search."""

    human: str = ""
    source: str = ""
    referrer: str | None = None
    agency: Words | None = None
    notice_version: str | None = None
    resume: Doc | None = None
    earlier_resumes: tuple[EarlierResume, ...] = ()
    opened_at: datetime | None = None
    search: RequisitionFacts | None = None
    heard: dict[str, int] = {}

    stage: Stage = Stage.ADDED
    stage_since: datetime | None = None
    out: ExitCause | None = None
    search_ended_at: datetime | None = None

    verdicts: dict[str, Verdict] = {}
    answer: ProfileVerdict | None = None
    challenged: bool = False
    screen: Screen | None = None
    pay_range_told_at: datetime | None = None
    summary: SentSummary | None = None
    drafts: dict[str, KnownDraft] = {}

    interviews: dict[str, Interview] = {}
    debrief: Debrief | None = None
    debriefs: int = 0
    decision: Decision | None = None
    deferrals: int = 0
    follow_up_at: datetime | None = None
    further_steps: int = 0
    offer: CandidateOffer | None = None

    last_word_at: datetime | None = None
    promised_by: datetime | None = None
    waiting_until: datetime | None = None
    told_at: datetime | None = None
    replied_at: datetime | None = None
    tags: dict[str, Words] = {}
    tagged: int = 0

    requests: dict[str, Request] = {}
    no_ai: bool = False
    no_recording: bool = False
    restricted: bool = False
    erase_by_request_at: datetime | None = None
    hold_lifted_at: datetime | None = None

    @property
    def job(self) -> RequisitionFacts:
        """The requisition as last heard."""
        assert self.search is not None, "asked for the search of a candidate that was never opened"
        return self.search

    @property
    def rubric(self) -> RubricFacts | None:
        """The locked rubric, if there is one."""
        return self.job.rubric

    @property
    def judged_by(self) -> RubricFacts:
        """The locked rubric; refuses while there is none, because nobody is judged before the lock."""
        if self.job.rubric is None:
            refuse("not_locked", "The rubric is not locked.", "Both signatures under the rubric first.")
        return self.job.rubric

    @property
    def locked(self) -> RubricFacts:
        """The locked rubric, of somebody who can only be where they are because there is one."""
        assert self.job.rubric is not None, "judged without a rubric"
        return self.job.rubric

    @property
    def in_running(self) -> bool:
        """Whether they may still be hired here."""
        return self.stage not in ENDS and self.standing != "erased"

    @property
    def judged(self) -> bool:
        """Whether we are still finding out about them."""
        return self.stage in JUDGED

    @property
    def next_round(self) -> Round | None:
        """The first round of the plan that was neither booked nor held; None once all were."""
        taken = {interview.round for interview in self.interviews.values() if interview.status != "cancelled"}
        plan = self.rubric.plan if self.rubric else ()
        return next((planned for planned in plan if planned.round not in taken), None)

    @property
    def advanced(self) -> bool:
        """Whether the hiring manager said yes to the profile."""
        return self.answer is not None and self.answer.verdict == "advance"

    @property
    def screened(self) -> bool:
        """Whether the screen was held."""
        return self.screen is not None and self.screen.status == "held"

    @property
    def screened_by(self) -> PersonId:
        """Who holds the screen."""
        return (self.screen.held_by if self.screen else None) or self.people.recruiter

    def at_stage(self, stage: Stage, at: datetime) -> Candidate:
        """The candidate at `stage`, since `at` if that is new."""
        return self if stage == self.stage else self.but(stage=stage, stage_since=at)

    def after_word(self, at: datetime, promised_by: datetime | None = None) -> Candidate:
        """The candidate having heard from us at `at`; the next word is promised by then, if at all."""
        return self.but(last_word_at=at, promised_by=promised_by)

    def owner(self, clock: str) -> PersonId:
        """Who of the team owes this clock."""
        person: PersonId = getattr(self.people, owner_role(clock, ""))
        return person

    def assigned(self, person: str) -> list[Interview]:
        """The interviews, cancelled ones aside, that this person has a part in."""
        return [i for i in self.interviews.values() if i.status != "cancelled" and i.assignment(person)]

    def interview(self, interview_id: str) -> Interview:
        """The interview with this id; refuses an unknown one."""
        if interview_id not in self.interviews:
            booked = f"One of: {', '.join(self.interviews)}." if self.interviews else "schedule-interview first."
            refuse("unknown_reference", "There is no such interview.", booked, "interview_id")
        return self.interviews[interview_id]

    def with_interview(self, interview: Interview) -> Candidate:
        """The candidate with this interview put in, or in place of the one with its id."""
        return self.but(interviews=self.interviews | {interview.id: interview})

    def roles_of(self, actor: Actor, command: str, now: datetime) -> frozenset[Role]:
        """Adds the interviewers of this candidate; of candidates' own links only this one's counts."""
        if actor.kind == "candidate" and actor.id != self.id:
            return frozenset()
        roles = super().roles_of(actor, command, now)
        return roles | {Role.INTERVIEWER} if self.assigned(actor.id) else roles

    def admit(self, command: type[Command], call: Call) -> None:
        """Refuses also what nobody can ask of a candidate who does not exist yet, or is out."""
        if self.version == 0 and command.who:
            refuse("not_found", "There is no such candidate.", "The id of a candidate.")
        super().admit(command, call)
        if self.stage in ENDS and issubclass(command, CandidateCommand) and not command.works & {"out", "after_end"}:
            refuse(
                "closed",
                f"This candidate is no longer in the running: {self.stage}.",
                "Reinstate them first, with a reason.",
            )


def looked_up(state: Candidate, call: Call, people: Iterable[str]) -> Iterator[Event]:
    """The calendars that came with the command, of those of `people` whose own is not known or changed."""
    known = call.facts.calendars
    yield from learnt(state, {person: known[person] for person in people if person in known}, call.now)
