"""Searches lived in memory by people who are sometimes late: the real deciders, wired by their effects.

Time is simulated and everything drawn from one seed, so that the same seed gives the same six weeks. A person does what
a clock says they owe, mostly in time, sometimes late, sometimes very late; the recruiter books what comes next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.access.team import Actor
from domain.candidate.contact import LogContact
from domain.candidate.debrief import BookDebrief, HoldDebrief
from domain.candidate.decision import Decide
from domain.candidate.exits import Reject
from domain.candidate.interviews import RespondInterview, ScheduleInterview
from domain.candidate.profile import AnswerProfile
from domain.candidate.requests import AnswerRequest
from domain.candidate.screen import ScheduleScreen
from domain.core.messages import Command
from domain.entity.entity_facts import ENDS
from domain.evidence.documents import Doc
from domain.evidence.interview_plan import Assignment
from domain.requisition.calibration import ShareSlate, SubmitCandidate
from domain.requisition.intake import RecordIntake
from domain.requisition.offers import AnswerOffer, ApproveOffer, MakeOffer
from domain.requisition.pulse import AnswerPulse
from domain.requisition.retro import AnswerRetro
from domain.requisition.rubric import SignRubric
from domain.requisition.terms import AcknowledgeCompSignal
from domain.sla.clocks import Clock
from domain.sla.policy import Policy
from testing import hire_stories, requisition_stories
from testing.people import MONDAY
from testing.places import PLACE
from testing.simulated_company import DAY, HOUR, MINUTE, OUTSIDE, World

TRIES = 30
"""How often somebody tries what is refused for now, some hours apart."""


@dataclass(frozen=True)
class TaskOwner:
    """Somebody owes what a clock measures, and does it: in time, late or very late, as chance has it."""

    world: World
    stream: str
    clock_id: str

    @property
    def clock(self) -> Clock | None:
        """The clock, while it runs."""
        clock: Clock | None = self.world.states[self.stream].clocks.get(self.clock_id)
        return clock

    def plan(self) -> None:
        """Decides when it will be done."""
        clock, chance = self.clock, self.world.chance
        if clock is None or clock.owner not in self.world.calendars:
            return
        calendar, luck = self.world.calendars[clock.owner], chance.random()
        if luck < 0.7:
            at = calendar.fraction_point(self.world.now, clock.due_at, chance.uniform(0.1, 0.95))
        else:
            at = self.world.worked(
                clock.owner, chance.uniform(0, 12) if luck < 0.9 else chance.uniform(12, 40), clock.due_at
            )
        self.world.at(calendar.next_working_time(at), lambda: self.act(TRIES))

    def act(self, tries: int) -> None:
        """Does it; what is refused for now is tried again some hours later."""
        clock = self.clock
        if clock is None or not tries:
            return
        state = self.world.states[self.stream]
        done = any(self.world.give(stream, by, command) for stream, by, command in self._ways(clock, state))
        if not done or self.clock is not None:
            self.world.at(self.world.worked(clock.owner, 3), lambda: self.act(tries - 1))

    def _ways(self, clock: Clock, state: Any) -> Iterator[tuple[str, str, Command]]:
        for command in self._commands(clock, state):
            yield self.stream, clock.owner, command
            yield self.stream, state.people.hiring_manager, command

    def _commands(self, clock: Clock, state: Any) -> Iterator[Command]:
        world, chance = self.world, self.world.chance
        about = clock.about.partition(":")[0]
        match clock.name:
            case "intake_held":
                both = (state.people.recruiter, state.people.hiring_manager)
                yield RecordIntake(kind="full", held_at=world.now, attendees=both, rec=requisition_stories.transcript())
            case "rubric_signed":
                version = (state.draft or state.locked).version
                yield SignRubric(
                    version=version, hash=state.draft_hash if state.draft else state.judging.content_hash, sign=True
                )
            case "slate_shared":
                ready = tuple(key for key, entry in state.roster.items() if entry.stage == "shortlisted")[:5]
                if len(ready) >= 2:
                    yield ShareSlate(candidate_ids=ready, why="The market is small.")
            case "profile_answered":
                yield self._verdict(chance.random())
            case "applications_answered":
                self._answers_applications(state)
            case "summary_sent":
                draft = state.drafts.get("candidate_summary")
                yield hire_stories.SUMMARY.but(draft_id=draft.id if draft else None)
            case "invitation_answered":
                yield RespondInterview(interview_id=about, answer="accept")
            case "scorecard_in":
                assignment = state.interviews[about].assignment(clock.owner)
                if assignment is not None:
                    scores = {key: chance.choice((2, 3, 4)) for key in assignment.criteria}
                    yield hire_stories.card(about, scores, hire_stories.FIRST_DOC)
            case "debrief_held":
                yield HoldDebrief(held_at=world.now, minutes=25, attendees=state.debrief.attendees)
            case "decision_made":
                kind = "hire" if chance.random() < 0.7 else "no_hire"
                yield Decide(
                    decision=kind, criteria=("K1", "K2"), reason="Nine of ten forms were shorter afterwards",
                    exception_why="Both looked at the forms again and agree.",
                )  # fmt: skip
            case "offer_approved":
                yield ApproveOffer(
                    candidate_id=about, ceiling=Decimal(99_000), currency="EUR", period="year", why="A fair price."
                )
            case "offer_made":
                amount = Decimal(95_000 if chance.random() < 0.3 else 88_000)
                yield MakeOffer(
                    candidate_id=about, amount=amount, currency="EUR", start_on=date(2026, 9, 1),
                    answer_by=world.now + 8 * DAY, ask_approval=True,
                )  # fmt: skip
            case "candidate_told":
                yield hire_stories.TOLD
            case "candidate_updated":
                yield LogContact(at=world.now, direction="outbound", channel="mail")
            case "held_resolved":
                yield LogContact(
                    at=world.now,
                    direction="inbound",
                    channel="call",
                    answers_hold="She signed the review in March 2024",
                )
            case "pulse_answered":
                right = chance.random() < 0.8
                yield AnswerPulse(rubric_right=right, candidates_right=True, note=None if right else "Too narrow.")
            case "comp_acknowledged":
                yield AcknowledgeCompSignal(signal_id=about, way="move_bar")
            case "retro_answered":
                yield AnswerRetro(
                    worked=("The intake was short.", "The slate came in three days."),
                    change="The recruiter books the panel before the first screen.",
                    wished_to_work_around=False,
                )
            case "request_answered":
                yield AnswerRequest(request_id=about, outcome="granted", why="It is their right.")

    def _verdict(self, luck: float) -> AnswerProfile:
        return hire_stories.ADVANCE if luck < 0.55 else hire_stories.HOLD if luck < 0.7 else hire_stories.REJECT

    def _answers_applications(self, state: Any) -> None:
        world = self.world
        for candidate, entry in state.roster.items():
            if entry.stage == "added":
                suits = world.chance.random() < 0.75
                world.give(
                    f"candidate/{candidate}",
                    state.people.recruiter,
                    hire_stories.SHORTLIST if suits else Reject(criterion="K1"),
                )


@dataclass
class Driving:
    """The recruiter drives a search: candidates come in, and whatever comes next is booked."""

    world: World
    stream: str
    number: int
    booked: set[tuple[str, str]] = field(default_factory=set)
    added: int = 0

    def go_on(self) -> None:
        """Looks at every candidate, and again three working hours later."""
        world, state = self.world, self.world.states[self.stream]
        if state.standing == "ended":
            return
        recruiter = state.people.recruiter
        if state.intakes and state.draft is None and state.locked is None:
            world.give(self.stream, recruiter, requisition_stories.EDIT)
        if state.locked is not None and self.added < 9 and world.chance.random() < 0.5:
            self._somebody_applies(recruiter)
        for candidate, entry in list(state.roster.items()):
            if entry.stage not in ENDS:
                self._next_step(f"candidate/{candidate}", recruiter, state)
        for offer in state.offers.values():
            self._answered(offer)
        world.at(world.worked(recruiter, 3), self.go_on)

    def _somebody_applies(self, recruiter: str) -> None:
        self.added += 1
        number = self.number * 100 + self.added
        resume = Doc(id=hire_stories.RESUME, sha256=hire_stories.SHA)
        addition = requisition_stories.addition(number, doc=resume)
        self.world.give(self.stream, recruiter, addition, new_id=requisition_stories.candidate_id(number))

    def _next_step(self, stream: str, recruiter: str, requisition: Any) -> None:
        state = self.world.states.get(stream)
        if state is None:
            return
        if state.stage == "shortlisted" and requisition.slate is not None and not requisition.slate.waiting:
            self._once(stream, "submitted", self.stream, recruiter, SubmitCandidate(candidate_id=state.id))
        elif state.stage == "advanced" and state.screen is None:
            at = self.world.on_day(recruiter, 1, 10)
            call = ScheduleScreen(
                candidate_agreed_at=self.world.now,
                starts_at=at,
                minutes=30,
                candidate_zone=self.world.calendars[recruiter].zone,
                where=PLACE,
            )
            if self._once(stream, "screen", stream, recruiter, call):
                held = hire_stories.RECORD_SCREEN.but(at=at + 30 * MINUTE)
                self.world.at(at + 35 * MINUTE, lambda: self._give(stream, recruiter, held))
        elif state.summary is not None and not state.interviews:
            self._book(stream, recruiter, requisition)

    def _book(self, stream: str, recruiter: str, requisition: Any) -> None:
        world, manager = self.world, requisition.people.hiring_manager
        pool = [person for person in world.calendars if person.startswith("P-INTER")]
        first, second = world.chance.sample(pool, 2)
        last = manager if world.chance.random() < 0.3 else second
        debrief = BookDebrief(
            starts_at=world.on_day(recruiter, 6, 15), minutes=30, attendees=(recruiter, manager, first), where=PLACE
        )
        if not self._once(stream, "debrief", stream, recruiter, debrief):
            return
        hold = HoldDebrief(held_at=debrief.starts_at + 20 * MINUTE, minutes=20, attendees=debrief.attendees)
        world.at(debrief.starts_at + 20 * MINUTE, lambda: self._give(stream, recruiter, hold))
        rounds = (
            ("conversation", 1, 2, 11, ((first, ("K1",)),)),
            ("panel", 2, 4, 10, ((first, ("K2",)), (last, ("K3",)))),
        )
        for kind, number, days, hour, people in rounds:
            at = world.on_day(recruiter, days, hour)
            meeting = ScheduleInterview(
                round=number, kind=kind, minutes=60, starts_at=at, candidate_zone="UTC",
                candidate_agreed_at=world.now, where=PLACE,
                interviewers=tuple(Assignment(person=person, criteria=criteria) for person, criteria in people),
            )  # fmt: skip
            if self._give(stream, recruiter, meeting):
                ended = at + HOUR
                recorded = hire_stories.recorded(f"I-{number}", hire_stories.FIRST_DOC, ended)
                world.at(ended + 5 * MINUTE, lambda recorded=recorded: self._give(stream, recruiter, recorded))

    def _answered(self, offer: Any) -> None:
        if offer.stands and (offer.id, "answer") not in self.booked:
            self.booked.add((offer.id, "answer"))
            yes = self.world.chance.random() < 0.75
            answer = AnswerOffer(
                offer_id=offer.id, answer="accepted" if yes else "declined", cause=None if yes else "pay"
            )
            at = self.world.now + self.world.chance.uniform(1, 4) * DAY
            self.world.at(at, lambda: self._give(self.stream, OUTSIDE, answer))

    def _once(self, candidate: str, what: str, stream: str, by: str, command: Command) -> bool:
        if (candidate, what) in self.booked or not self._give(stream, by, command):
            return False
        self.booked.add((candidate, what))
        return True

    def _give(self, stream: str, by: str | Actor, command: Command) -> bool:
        return self.world.give(stream, by, command)


def _opens(world: World, number: int, at: datetime, **team: str) -> None:
    requisition = f"R-SEARCH{number:02}"
    stream = f"requisition/{requisition}"

    def begin() -> None:
        world.give(
            stream,
            team["recruiter"],
            requisition_stories.OPEN.but(**team),
            new_id=requisition,
            calendars=world.calendars,
        )
        Driving(world, stream, number).go_on()

    world.at(at, begin)


def six_weeks(seed: int, policy: Policy) -> World:
    """Six weeks from a seed: one requisition, three, or ten with one recruiter and one HR partner; ended by their
    people."""
    world = World(seed, policy)
    world.owes = lambda stream, clock_id: TaskOwner(world, stream, clock_id).plan()
    count = (1, 3, 1, 10)[seed % 4]
    managers = [f"P-MANAGER{number}" for number in range(max(1, count // 2))]
    others = (
        "P-RECRUITER",
        "P-PARTNER",
        "P-RLEAD0",
        "P-MLEAD0",
        "P-DELEGATE",
        *(f"P-INTER{n:03}" for n in range(4 + count)),
    )
    for person in (*managers, *others):
        world.joins(person)
    if seed % 3 == 0:
        world.goes_on_leave(managers[0], "P-DELEGATE")
    for number in range(count):
        _opens(
            world,
            number + 1,
            MONDAY + timedelta(days=world.chance.randrange(1 + count), hours=1),
            recruiter="P-RECRUITER",
            hiring_manager=managers[number % len(managers)],
            hr_partner="P-PARTNER",
            recruiting_lead="P-RLEAD0",
            manager_lead="P-MLEAD0",
        )
    world.run(MONDAY + timedelta(weeks=6))
    return world
