"""Searches lived in memory by people who are sometimes late: the real deciders, wired by their effects.

Time is simulated and everything drawn from one seed, so that the same seed gives the same six weeks. A person does what
a clock says they owe, mostly in time, sometimes late, sometimes very late; the recruiter books what comes next.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from domain.attached import AttachDraft
from domain.calendars import OFFICE_WEEK, Calendar, Leave
from domain.candidate.contact import LogContact
from domain.candidate.debriefing import BookDebrief, HoldDebrief
from domain.candidate.deciding import Decide
from domain.candidate.interviewing import RespondInterview, ScheduleInterview
from domain.candidate.leaving import Reject
from domain.candidate.profile import AnswerProfile
from domain.candidate.requests import AnswerRequest
from domain.candidate.screen import ScheduleScreen
from domain.clocks import Clock, ClockBreached, ClockOwnerChanged, ClockStarted
from domain.decider import Decider
from domain.documents import Doc
from domain.effects import (
    DeliverMessage,
    Draft,
    Letter,
    Notify,
    SpreadPerson,
    Tell,
    TellAll,
    WriteToCandidate,
)
from domain.interviews import Assignment
from domain.kernel import Command, Effect, Record, Rejection, Tick
from domain.lines import UPDATE, Line, MessageKind, line_of
from domain.people import Actor, Call, Facts, QuietHours, Role, mentioned
from domain.person import SetCalendar, SetUpdatePreferences
from domain.person.inbox import Hear, SettleMessage
from domain.person.working import DELEGABLE, DelegateTo, TakeLeave
from domain.policy import Policy
from domain.registry import DECIDERS
from domain.relay import ENDS, PersonFacts
from domain.requisition.calibration import ShareSlate, SubmitCandidate
from domain.requisition.intake import RecordIntake
from domain.requisition.looking_back import AnswerRetro
from domain.requisition.market import AcknowledgeCompSignal
from domain.requisition.offers import AnswerOffer, ApproveOffer, MakeOffer
from domain.requisition.pulse import AnswerPulse
from domain.requisition.rubric import SignRubric
from tests.domain.candidate import hire
from tests.domain.lives import Library
from tests.domain.requisition import searches
from tests.domain.world import MONDAY

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SYSTEM, OUTSIDE, TICK = (Actor(id=name, kind="system") for name in ("S-TANDEM", "S-ATS", "tick"))
LIBRARY = Library()
LIBRARY.documents = hire.LIBRARY.documents | searches.LIBRARY.documents
ZONES = ("Europe/Berlin", "UTC", "America/New_York")
TRIES = 30


@dataclass(frozen=True)
class Delivered:
    """A message that reached somebody, with the lines that were still owed."""

    person: str
    at: datetime
    kind: MessageKind
    lines: tuple[Line, ...]


@dataclass
class World:
    """Everybody and every search, at `now`; and what came of it."""

    seed: int
    policy: Policy
    now: datetime = MONDAY
    states: dict[str, Any] = field(default_factory=dict)
    messages: list[Delivered] = field(default_factory=list)
    letters: list[tuple[str, datetime, str]] = field(default_factory=list)
    started: dict[str, tuple[Clock, Record]] = field(default_factory=dict)
    owned_since: dict[str, datetime] = field(default_factory=dict)
    breached: list[tuple[Clock, datetime]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.calendars: dict[str, Calendar] = {}
        self._numbers = itertools.count(1)
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._deadlines: list[tuple[datetime, int, str]] = []
        self.letting: list[tuple[str, str, str]] = []

    # Time

    def at(self, moment: datetime, does: Callable[[], None]) -> None:
        """Has something done at a time."""
        heapq.heappush(self._agenda, (max(moment, self.now), next(self._numbers), does))

    def run(self, until: datetime) -> None:
        """Lives until then."""
        while True:
            due = self._deadlines[0][0] if self._deadlines else until
            planned = self._agenda[0][0] if self._agenda else until
            if min(due, planned) >= until:
                self.now = until
                return
            self.now = max(self.now, min(due, planned))
            if due <= planned:
                _, _, stream = heapq.heappop(self._deadlines)
                deadline = self._decider(stream).next_deadline(self.states[stream])
                if deadline is not None and deadline <= self.now:
                    self._perform(stream, Tick(), TICK, Facts())
            else:
                heapq.heappop(self._agenda)[2]()

    def worked(self, person: str, hours: float, since: datetime | None = None) -> datetime:
        """When somebody has worked for so long."""
        calendar = self.calendars[person]
        return calendar.next_working_time(calendar.add_working(since or self.now, hours * HOUR))

    def on_day(self, person: str, days: int, hour: int) -> datetime:
        """At a full hour of their n-th next working day."""
        calendar, day = self.calendars[person], self.calendars[person].local(self.now).date()
        for _ in range(days):
            day = calendar.next_working_day(day)
        return calendar.instant(day, time(hour))

    # Commands

    def give(self, stream: str, by: str | Actor, command: Command, **facts: Any) -> bool:
        """Somebody gives a command; whether it was taken."""
        actor = by if isinstance(by, Actor) else Actor(id=by, standing=frozenset({Role.RECRUITER}))
        known = {person: self.calendars[person] for person in mentioned(command, "P-") if person in self.calendars}
        try:
            grounded = command.grounded(LIBRARY)
            self._perform(stream, grounded, actor, Facts(**{"calendars": known, "policy": self.policy} | facts))
        except Rejection as refusal:
            self.refused[f"{command.name}: {refusal.code}"] += 1
            return False
        return True

    def _decider(self, stream: str) -> Decider[Any]:
        return DECIDERS[stream.partition("/")[0]]

    def _perform(self, stream: str, command: Command, actor: Actor, facts: Facts) -> None:
        decider = self._decider(stream)
        before = self.states.get(stream, decider.initial)
        outcome = decider.perform(before, command, Call(actor, self.now, facts))
        self.states[stream] = outcome.state
        if (deadline := decider.next_deadline(outcome.state)) is not None:
            heapq.heappush(self._deadlines, (deadline, next(self._numbers), stream))
        for record in outcome.records:
            self._seen(stream, record)
        for effect_id, effect in outcome.effects:
            self._carry_out(stream, effect_id, effect)

    # What entities bring about

    def _seen(self, stream: str, record: Record) -> None:
        match record.event:
            case ClockStarted() as event:
                self.started[event.clock.id] = event.clock, record
                self.owned_since[event.clock.id] = record.at
                self.at(self.now, lambda: Owing(self, stream, event.clock.id).plan())
            case ClockOwnerChanged() as event:
                self.owned_since[event.clock_id] = record.at
                self.at(self.now, lambda: Owing(self, stream, event.clock_id).plan())
            case ClockBreached() as event:
                clock = self.states[stream].clocks.get(event.clock_id) or self.started[event.clock_id][0]
                self.breached.append((clock, record.at))

    def _carry_out(self, stream: str, effect_id: str, effect: Effect) -> None:
        match effect:
            case Tell():
                self._deliver(effect.letter)
            case TellAll():
                for told in effect.streams:
                    self._deliver(Letter(stream=told, command=effect.command, payload=effect.payload))
            case SpreadPerson():
                self._spread(effect)
            case Notify():
                self._hear(stream, effect_id, effect)
            case DeliverMessage():
                self._send(stream, effect)
            case WriteToCandidate():
                self.letters.append((effect.candidate, self.now, effect.matter))
            case Draft():
                draft = Doc(id=f"D-DRAFT{next(self._numbers):06}", sha256="0" * 64)
                ready = AttachDraft(job=effect.job, draft=draft, about=effect.about)
                self.at(self.now + 3 * MINUTE, lambda: self._attach(stream, ready))

    def _attach(self, stream: str, ready: AttachDraft) -> None:
        self.give(stream, SYSTEM, ready)

    def _deliver(self, letter: Letter) -> None:
        command = self._decider(letter.stream).commands[letter.command].model_validate(letter.payload)
        if letter.stream in self.states or letter.start:
            try:
                self._perform(letter.stream, command, SYSTEM, Facts())
            except Rejection as refusal:
                self.refused[f"{letter.command}: {refusal.code}"] += 1

    def _spread(self, effect: SpreadPerson) -> None:
        fact = PersonFacts.model_validate(effect.fact)
        if fact.calendar is not None:
            self.calendars[effect.person] = fact.calendar
        for stream, state in list(self.states.items()):
            if state.team is None or effect.person not in mentioned(state, "P-"):
                continue
            if stream.startswith("requisition/"):
                self._deliver(Letter(stream=stream, command="relay", payload={"fact": effect.fact}))
            elif fact.calendar is not None:
                calendars = {effect.person: fact.calendar.model_dump(mode="json")}
                self._deliver(Letter(stream=stream, command="learn_calendars", payload={"calendars": calendars}))

    def _hear(self, stream: str, effect_id: str, effect: Notify) -> None:
        state = self.states[stream]
        line = line_of(effect_id, stream, self.now, effect, state.people, search_of(stream, state))
        self._perform(f"person/{effect.person}", Hear(line=line), SYSTEM, Facts())

    def _send(self, stream: str, effect: DeliverMessage) -> None:
        """What the composer of messages does: what is no longer owed is left out, and an empty message not sent."""
        updates = [line for line in effect.lines if line.matter == UPDATE]
        over = tuple(line.search for line in updates if self.states[line.stream].standing == "ended")
        lines = tuple(line for line in effect.lines if self._holds(effect.person, line) and line.search not in over)
        if lines:
            self.messages.append(Delivered(effect.person, self.now, effect.kind, lines))
        if over or not lines:
            settled = SettleMessage(number=effect.number, withheld=not lines, over=over)
            self.at(self.now, lambda: self._perform(stream, settled, SYSTEM, Facts()))

    def _holds(self, person: str, line: Line) -> bool:
        if "clock_id" not in line.about:
            return True
        clock = self.states[line.stream].clocks.get(line.about["clock_id"])
        return clock is not None and (not line.owed or clock.owner == (line.on_behalf_of or person))

    # Who is there

    def joins(self, person: str, **prefers: Any) -> None:
        """Somebody starts to use Tandem."""
        calendar = Calendar(zone=self.chance.choice(ZONES), week=OFFICE_WEEK)
        self.calendars[person] = calendar
        operator = Actor(id="P-OPERATOR", standing=frozenset({Role.OPS}))
        self.give(f"person/{person}", operator, SetCalendar(calendar=calendar), new_id=person)
        quiet = self.chance.choice(
            (None, QuietHours(start=time(18), end=time(8)), QuietHours(start=time(12), end=time(14)))
        )
        wants = SetUpdatePreferences(
            cadence=self.chance.choice(("daily", "twice_a_week", "weekly")),
            channel="mail",
            quiet_hours=quiet,
            **prefers,
        )
        self.give(f"person/{person}", person, wants)

    def goes_on_leave(self, person: str, delegate: str) -> None:
        """A week off in the third or fourth week, with a delegate for all that may be delegated."""
        starts = (MONDAY + timedelta(days=7 * self.chance.choice((2, 3)))).date()
        named = DelegateTo(person=delegate, powers=tuple(sorted(DELEGABLE)), until=MONDAY + timedelta(days=40))
        self.give(f"person/{person}", person, SetUpdatePreferences(cadence="weekly", channel="mail", delegate=named))
        self.give(f"person/{person}", person, TakeLeave(leave=Leave(start=starts, until=starts + timedelta(days=4))))

    def opens(self, number: int, at: datetime, **team: str) -> None:
        """A search is opened, and driven from then on."""
        search = f"R-SEARCH{number:02}"
        stream = f"requisition/{search}"
        opening = searches.OPEN.but(**team)

        def begin() -> None:
            self.give(stream, team["recruiter"], opening, new_id=search, calendars=self.calendars)
            Driving(self, stream, number).go_on()

        self.at(at, begin)


def search_of(stream: str, state: Any) -> str:
    """The requisition that a stream belongs to."""
    return state.id if stream.startswith("requisition/") else state.job.requisition


@dataclass(frozen=True)
class Owing:
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
                yield RecordIntake(kind="full", held_at=world.now, attendees=both, rec=searches.transcript())
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
                yield hire.SUMMARY.but(draft_id=draft.id if draft else None)
            case "invitation_answered":
                yield RespondInterview(interview_id=about, answer="accept")
            case "scorecard_in":
                assignment = state.interviews[about].assignment(clock.owner)
                if assignment is not None:
                    scores = {key: chance.choice((2, 3, 4)) for key in assignment.criteria}
                    yield hire.card(about, scores, hire.FIRST_DOC)
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
                    candidate_id=about, ceiling=99_000, currency="EUR", period="year", why="A fair price."
                )  # type: ignore[arg-type]
            case "offer_made":
                amount = 95_000 if chance.random() < 0.3 else 88_000
                yield MakeOffer(
                    candidate_id=about, amount=amount, currency="EUR", start_on=date(2026, 9, 1),
                    answer_by=world.now + 8 * DAY, ask_approval=True,
                )  # type: ignore[arg-type]  # fmt: skip
            case "candidate_told":
                yield hire.TOLD
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
        return hire.ADVANCE if luck < 0.55 else hire.HOLD if luck < 0.7 else hire.REJECT

    def _answers_applications(self, state: Any) -> None:
        world = self.world
        for candidate, entry in state.roster.items():
            if entry.stage == "added":
                suits = world.chance.random() < 0.75
                world.give(
                    f"candidate/{candidate}",
                    state.people.recruiter,
                    hire.SHORTLIST if suits else Reject(criterion="K1"),
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
            world.give(self.stream, recruiter, searches.EDIT)
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
        self.world.give(self.stream, recruiter, searches.addition(number, doc=Doc(id=hire.RESUME, sha256=hire.SHA)),
                        new_id=searches.candidate_id(number))  # fmt: skip

    def _next_step(self, stream: str, recruiter: str, search: Any) -> None:
        state = self.world.states.get(stream)
        if state is None:
            return
        if state.stage == "shortlisted" and search.slate is not None and not search.slate.waiting:
            self._once(stream, "submitted", self.stream, recruiter, SubmitCandidate(candidate_id=state.id))
        elif state.stage == "advanced" and state.screen is None:
            at = self.world.on_day(recruiter, 1, 10)
            call = ScheduleScreen(starts_at=at, minutes=30, candidate_zone=self.world.calendars[recruiter].zone)
            if self._once(stream, "screen", stream, recruiter, call):
                held = hire.RECORD_SCREEN.but(at=at + 30 * MINUTE)
                self.world.at(at + 35 * MINUTE, lambda: self._give(stream, recruiter, held))
        elif state.summary is not None and not state.interviews:
            self._book(stream, recruiter, search)

    def _book(self, stream: str, recruiter: str, search: Any) -> None:
        world, manager = self.world, search.people.hiring_manager
        pool = [person for person in world.calendars if person.startswith("P-INTER")]
        first, second = world.chance.sample(pool, 2)
        last = manager if world.chance.random() < 0.3 else second
        debrief = BookDebrief(
            starts_at=world.on_day(recruiter, 6, 15), minutes=30, attendees=(recruiter, manager, first)
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
                round=number, kind=kind, minutes=60, starts_at=at, candidate_zone="UTC", candidate_agreed_at=world.now,
                interviewers=tuple(Assignment(person=person, criteria=criteria) for person, criteria in people),
            )  # type: ignore[arg-type]  # fmt: skip
            if self._give(stream, recruiter, meeting):
                ended = at + HOUR
                recorded = hire.recorded(f"I-{number}", hire.FIRST_DOC, ended)
                world.at(ended + 5 * MINUTE, lambda recorded=recorded: self._give(stream, recruiter, recorded))  # type: ignore[misc]

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


def six_weeks(seed: int, policy: Policy) -> World:
    """Six weeks from a seed: one search, three, or ten with one recruiter and one HR partner; ended by their people."""
    world = World(seed, policy)
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
        world.opens(
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
