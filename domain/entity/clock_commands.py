"""What people may do about clocks, gates and effects that failed, the same in a requisition and in a candidate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from domain.core.decider import Chapter
from domain.core.ids import AnyId, ClockId, DocumentId, PersonId, Reference
from domain.core.lookups import CandidatesAmong, Lookup
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.core.personal_text import PersonalText
from domain.core.plain_words import Plain
from domain.entity.call import Call
from domain.entity.clock_deadlines import at_another_time, escalation_step_reached, on_another_calendar, passed_to
from domain.entity.effects import Notify
from domain.entity.gates import OVERRIDABLE
from domain.entity.state import Entity, Override, Task
from domain.notifications.catalogue import NotificationKind
from domain.sla.catalogue import clock_row
from domain.sla.clocks import (
    BreachCorrected,
    Clock,
    ClockBreached,
    ClockDueChanged,
    ClockOwnerChanged,
    ClockPaused,
    ClockResumed,
    ClockRungReached,
    ClockStarted,
    ClockStopped,
    ClockWaived,
    EndedClock,
    Pause,
)
from domain.sla.escalation import RECIPIENTS
from domain.sla.policy import KnownPolicy
from domain.time.calendars import Calendar, KnownCalendar
from domain.time.zones import time_in_words

S = TypeVar("S", bound=Entity)


class WaiveClock(
    Command, who="R H P I L", refuses="own_clock† not_running statutory", heading="Let a task go", button="Let it go"
):
    """Let a task go. For its owner's counterpart or a lead, with a reason."""

    clock_id: Reference = Field(title="Which task")
    why: PersonalText

    def belongs_to(self) -> str:
        """See `Command.belongs_to`: a clock's id begins with that of whoever keeps it."""
        clock = ClockId.parse(self.clock_id)
        return clock.entity if clock else ""


class ExtendClock(
    Command,
    who="R H P I",
    refuses="own_clock† not_running already_extended statutory too_long*",
    heading="Give a task more time",
    button="Give more time",
):
    """Give a task more time, once. For its owner's counterpart, with a reason."""

    clock_id: Reference = Field(title="Which task")
    until: datetime = Field(title="Until when")
    why: PersonalText

    def belongs_to(self) -> str:
        """See `Command.belongs_to`: a clock's id begins with that of whoever keeps it."""
        clock = ClockId.parse(self.clock_id)
        return clock.entity if clock else ""


class OverrideGate(
    Command, who="L P", refuses="own_request† not_overridable", heading="Open a gate once", button="Open it"
):
    """Open one gate for one subject until a time, for somebody who asked. It is shown in the retro and the reports."""

    gate: Annotated[
        str,
        Plain("a code; one that is no gate is refused"),
        Field(title="Which gate", json_schema_extra={"examples": sorted(OVERRIDABLE)}),
    ]
    subject: AnyId = Field(title="For whom or what")
    asked_by: PersonId = Field(title="Who asked for it")
    why: PersonalText
    until: datetime = Field(title="Until when")


class ResolveTask(
    Command,
    who="R O",
    works="on_hold after_end erased",
    heading="Settle what a machine could not do",
    button="Settle it",
):
    """Say what became of something the machine could not do: it is done, try again, or leave it."""

    task_id: Reference
    outcome: Literal["done", "retry", "abandon"] = Field(title="What becomes of it")
    why: PersonalText


class SetLegalHold(
    Command, who="P", refuses="no_change*", works="on_hold after_end", heading="Legal hold", button="Set it"
):
    """Forbid, or allow again, that anything here is erased; each candidate of a requisition has a hold of their own."""

    on: bool
    why: PersonalText


class DeliveryFailed(Command, works="on_hold after_end erased"):
    """An effect can never succeed. Given by the shell, or by whoever tried it; a person is asked to look.

    `document` holds the words that did not go out.
    """

    effect_id: str
    effect: dict[str, Any]
    reason: str
    document: DocumentId | None = None


class LearnCalendars(Command, works="on_hold after_end"):
    """Somebody's working hours, holidays or leave changed. Given by that person's entity."""

    calendars: dict[str, KnownCalendar]


class AdoptPolicy(Command, works="on_hold after_end"):
    """Go by another policy, for clocks started from now on. Given by whoever operates the machine."""

    policy: KnownPolicy


class TakeOver(Command, works="on_hold after_end"):
    """Some of those who hold a role or a task here have left the company. Given by the API, in whose name they left.

    `may_follow` are the others of the team, and whoever is delegated to: those who are still there.
    """

    left: tuple[PersonId, ...]
    may_follow: tuple[PersonId, ...]

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        return (CandidatesAmong(self.may_follow),)


class CalendarsLearned(Event):
    """How these people work, as it stood when it was looked up."""

    calendars: dict[str, KnownCalendar]


class PolicyAdopted(Event):
    """The policy by which clocks started from now on run."""

    policy: KnownPolicy


class GateOverridden(Event):
    """A gate was opened for one subject, for a while."""

    override: Override


class TaskRaised(Event, heading="something a machine could not do"):
    """A machine could not do something: a person is asked to."""

    task: Task


class TaskResolved(Event, heading="it was settled by somebody"):
    """A task is off the list; `retry` has its effect done again."""

    task_id: str
    outcome: Literal["done", "retry", "abandon"]
    why: PersonalText
    effect: dict[str, Any] | None = None


class LegalHoldSet(Event):
    """Nothing here may be erased, or may be again."""

    on: bool
    why: PersonalText


def _clocks(state: Entity) -> Iterable[str]:
    return state.clocks


def clock_commands() -> Chapter[S]:
    """The chapter both entities share."""
    chapter: Chapter[S] = Chapter()

    def running(state: S, clock_id: str, call: Call) -> Clock:
        clock = state.clocks.get(clock_id)
        if clock is None:
            refuse("not_running", "This task is not open.", "One of the tasks that are.", "clock_id")
        if clock.owner == call.actor.id:
            refuse("own_clock", "This task is your own.", "Its counterpart can let it go or give it more time.")
        if clock_row(clock.name).statutory:
            refuse("statutory", "The law sets this time.", "It can only be kept.")
        return clock

    @chapter.gate_of(WaiveClock, "clock_id", among=_clocks)
    def may_be_let_go(state: S, call: Call, clock_id: str) -> None:
        clock = running(state, clock_id, call)
        leads = {state.people.recruiting_lead, state.people.manager_lead}
        if call.actor.id not in {state.counterpart(clock), *leads}:
            refuse("not_permitted", "Only the other side of a task may let it go.", "Its counterpart or a lead.")

    @chapter.decides(WaiveClock)
    def waive_clock(state: S, waive: WaiveClock, call: Call) -> Iterator[Event]:
        yield ClockWaived(clock_id=waive.clock_id, why=waive.why)

    @chapter.gate_of(ExtendClock, "clock_id", among=_clocks)
    def may_have_more_time(state: S, call: Call, clock_id: str) -> None:
        clock = running(state, clock_id, call)
        if call.actor.id != state.counterpart(clock):
            refuse("not_permitted", "Only the other side of a task may give it more time.", "Its counterpart.")
        if clock.extended:
            refuse("already_extended", "This task was given more time before.", "Once is all; it can be let go.")

    @chapter.decides(ExtendClock)
    def extend_clock(state: S, extend: ExtendClock, call: Call) -> Iterator[Event]:
        clock = state.clocks[extend.clock_id]
        if extend.until <= max(call.now, clock.due_at):
            refuse("bad_time", "That is not later than it is due now.", "A later time.", "until")
        policy = state.policy_of(clock)
        longest = state.calendar_of(clock.owner).due(clock.due_at, policy.time_of(clock.name), policy.day)
        if extend.until > longest:
            latest = time_in_words(longest)
            refuse("too_long", "That more than doubles the time it had.", f"At the latest {latest}.", "until")
        steps = at_another_time(state, clock, extend.until, call.now)
        yield ClockDueChanged(clock_id=clock.id, due_at=extend.until, extended=True, rungs=steps)

    @chapter.decides(OverrideGate)
    def override_gate(state: S, grant: OverrideGate, call: Call) -> Iterator[Event]:
        if grant.gate not in OVERRIDABLE:
            refuse("not_overridable", "Nobody may open this gate.", "One of the gates that can be opened.", "gate")
        if grant.gate == "decision_pending" and call.actor.id != state.people.hr_partner:
            refuse("not_permitted", "Only the HR partner may open this gate.", "The HR partner.")
        if grant.asked_by == call.actor.id:
            refuse("own_request", "You cannot grant what you ask for.", "Somebody else who may grant it.", "asked_by")
        if grant.until <= call.now:
            refuse("bad_time", "That time is past.", "A time to come.", "until")
        yield GateOverridden(
            override=Override(
                gate=grant.gate,
                subject=grant.subject,
                asked_by=grant.asked_by,
                granted_by=call.actor.id,
                why=grant.why,
                until=grant.until,
            )
        )

    @chapter.gate_of(ResolveTask, "task_id", among=lambda state: state.tasks)
    def is_open(state: S, call: Call, task_id: str) -> None:
        if task_id not in state.tasks:
            refuse("unknown_reference", "There is no such manual task.", "One that is open.", "task_id")

    @chapter.decides(ResolveTask)
    def resolve_task(state: S, resolve: ResolveTask, call: Call) -> Iterator[Event]:
        task = state.tasks[resolve.task_id]
        yield TaskResolved(
            task_id=task.id,
            outcome=resolve.outcome,
            why=resolve.why,
            effect=task.effect if resolve.outcome == "retry" else None,
        )

    @chapter.decides(SetLegalHold)
    def set_legal_hold(state: S, hold: SetLegalHold, call: Call) -> Iterator[Event]:
        if hold.on == state.legal_hold:
            refuse("no_change", f"The legal hold is already {'on' if hold.on else 'off'}.", "The other.", "on")
        yield LegalHoldSet(on=hold.on, why=hold.why)

    @chapter.decides(DeliveryFailed)
    def delivery_failed(state: S, failure: DeliveryFailed, call: Call) -> Iterator[Event]:
        yield TaskRaised(
            task=Task(
                id=f"T-{state.version + 1}",
                kind=failure.effect["type"],
                reason=failure.reason,
                raised_at=call.now,
                effect=failure.effect,
                effect_id=failure.effect_id,
                document=failure.document,
            )
        )

    @chapter.decides(LearnCalendars)
    def learn_calendars(state: S, learn: LearnCalendars, call: Call) -> Iterator[Event]:
        yield from learnt(state, learn.calendars, call.now)

    @chapter.decides(AdoptPolicy)
    def adopt_policy(state: S, adopt: AdoptPolicy, call: Call) -> Iterator[Event]:
        if state.team is None:
            refuse("not_found", "There is nothing here that goes by a policy.", "A requisition or a candidate.")
        if adopt.policy != state.policy:
            yield PolicyAdopted(policy=adopt.policy)

    def clock_changed(state: S, clock_id: str, **changes: Any) -> S:
        return state.but(clocks=state.clocks | {clock_id: state.clocks[clock_id].but(**changes)})

    def clock_gone(state: S, event: ClockStopped | ClockWaived, record: Record) -> S:
        return state.but(clocks={key: clock for key, clock in state.clocks.items() if key != event.clock_id})

    chapter.evolves(ClockWaived)(clock_gone)

    @chapter.evolves(ClockStopped)
    def clock_stopped(state: S, event: ClockStopped, record: Record) -> S:
        clock = state.clocks[event.clock_id]
        if event.kept and clock.breached_at is not None and clock_row(clock.name).recounted:
            late = EndedClock(clock=clock, ended_at=record.at)
            state = state.but(kept_late=state.kept_late | {clock.id: late})
        return clock_gone(state, event, record)

    @chapter.evolves(BreachCorrected)
    def breach_corrected(state: S, event: BreachCorrected, record: Record) -> S:
        return state.but(kept_late={key: late for key, late in state.kept_late.items() if key != event.clock.id})

    @chapter.evolves(ClockStarted)
    def clock_started(state: S, event: ClockStarted, record: Record) -> S:
        return state.but(clocks=state.clocks | {event.clock.id: event.clock})

    @chapter.evolves(ClockBreached)
    def clock_breached(state: S, event: ClockBreached, record: Record) -> S:
        return clock_changed(state, event.clock_id, breached_at=record.at, reached=event.rung, rungs=event.rungs)

    @chapter.evolves(ClockRungReached)
    def clock_rung_reached(state: S, event: ClockRungReached, record: Record) -> S:
        clock = state.clocks[event.clock_id]
        to_come = tuple(coming for coming in clock.rungs if coming.rung != event.rung)
        stuck_at = record.at if event.stuck else clock.stuck_at
        return clock_changed(state, clock.id, reached=event.rung, rungs=to_come, stuck_at=stuck_at)

    @chapter.evolves(ClockPaused)
    def clock_paused(state: S, event: ClockPaused, record: Record) -> S:
        clock = state.clocks[event.clock_id]
        paused = clock.paused | {event.cause: record.at}
        return clock_changed(state, clock.id, paused=paused, still_since=clock.stands_since or record.at)

    @chapter.evolves(ClockResumed)
    def clock_resumed(state: S, event: ClockResumed, record: Record) -> S:
        clock = state.clocks[event.clock_id]
        pause = Pause(cause=event.cause, start=clock.paused[event.cause], end=record.at)
        left = {cause: since for cause, since in clock.paused.items() if cause != event.cause}
        return clock_changed(
            state,
            clock.id,
            paused=left,
            pauses=(*clock.pauses, pause),
            still_since=clock.stands_since if left else None,
            due_at=event.due_at,
            rungs=clock.rungs if event.rungs is None else event.rungs,
        )

    @chapter.evolves(ClockOwnerChanged)
    def clock_owner_changed(state: S, event: ClockOwnerChanged, record: Record) -> S:
        clock = state.clocks[event.clock_id]
        return clock_changed(
            state,
            clock.id,
            owner=event.owner,
            leave_from=record.at,
            due_at=event.due_at or clock.due_at,
            rungs=clock.rungs if event.rungs is None else event.rungs,
        )

    @chapter.evolves(ClockDueChanged)
    def clock_due_changed(state: S, event: ClockDueChanged, record: Record) -> S:
        clock = state.clocks[event.clock_id]
        return clock_changed(
            state,
            clock.id,
            due_at=event.due_at,
            extended=clock.extended or event.extended,
            fixed=clock.fixed or event.extended,
            rungs=clock.rungs if event.rungs is None else event.rungs,
        )

    @chapter.evolves(CalendarsLearned)
    def calendars_learned(state: S, event: CalendarsLearned, record: Record) -> S:
        # Whoever is on leave by now has been seen to; what the clocks await is leave that is yet to begin.
        seen = {
            clock.id: clock.but(leave_from=record.at)
            for clock in state.clocks.values()
            if clock.owner in event.calendars
        }
        return state.but(calendars=state.calendars | event.calendars, clocks=state.clocks | seen)

    @chapter.evolves(PolicyAdopted)
    def policy_adopted(state: S, event: PolicyAdopted, record: Record) -> S:
        # A clock that runs goes on by what it began under.
        before = state.policy
        clocks = {key: clock.but(policy=clock.policy or before) for key, clock in state.clocks.items()}
        return state.but(policy=event.policy, clocks=clocks)

    @chapter.evolves(GateOverridden)
    def gate_overridden(state: S, event: GateOverridden, record: Record) -> S:
        return state.but(overrides=(*state.overrides, event.override))

    @chapter.evolves(TaskRaised)
    def task_raised(state: S, event: TaskRaised, record: Record) -> S:
        return state.but(tasks=state.tasks | {event.task.id: event.task})

    @chapter.evolves(TaskResolved)
    def task_resolved(state: S, event: TaskResolved, record: Record) -> S:
        return state.but(tasks={key: task for key, task in state.tasks.items() if key != event.task_id})

    @chapter.evolves(LegalHoldSet)
    def legal_hold_set(state: S, event: LegalHoldSet, record: Record) -> S:
        return state.but(legal_hold=event.on)

    @chapter.reacts(ClockBreached)
    def tell_of_the_breach(state: S, event: ClockBreached, record: Record) -> Iterator[Effect]:
        yield from escalation_notifications(state, state.clocks[event.clock_id], event.rung)

    @chapter.reacts(ClockRungReached)
    def tell_of_the_escalation_step(state: S, event: ClockRungReached, record: Record) -> Iterator[Effect]:
        yield from escalation_notifications(state, state.clocks[event.clock_id], event.rung)

    @chapter.reacts(TaskResolved)
    def try_again(state: S, event: TaskResolved, record: Record) -> Iterator[Effect]:
        if event.effect is not None:
            yield Effect.revive(event.effect["type"], event.effect["payload"], event.effect.get("schema", 1))

    @chapter.awaits
    def the_next_escalation_step_and_leave(state: S) -> Iterator[tuple[datetime, Callable[[], Event]]]:
        nearest: tuple[datetime, Clock] | None = None
        for clock in state.clocks.values():
            coming = clock.next_escalation_step
            if coming is not None and (nearest is None or coming[1] < nearest[0]):
                nearest = coming[1], clock
            calendar = state.calendars.get(clock.owner)
            if calendar is None or not calendar.leave:
                continue
            if clock.leave_from is None and calendar.long_leave(clock.started_at):
                yield clock.started_at, partial(passed_on, state, clock, clock.started_at)
            elif begins := calendar.next_long_leave(clock.leave_from or clock.started_at):
                yield begins, partial(passed_on, state, clock, begins)
        if nearest is not None:
            yield nearest[0], partial(escalation_step_reached, state, nearest[1])

    return chapter


def successor(state: Entity, place: str, asked: TakeOver, call: Call) -> PersonId | None:
    """Who follows somebody who left in a place of the team; whoever is on leave comes last. None if nobody may."""
    may = [
        person
        for person in state.people.successors(place, call.now)
        if person in asked.may_follow and person not in call.facts.conflicted
    ]
    return min(may, key=lambda person: state.away(person, call.now), default=None)


def tasks_taken_over(state: Entity, asked: TakeOver, call: Call) -> Iterator[Event]:
    """What becomes of the tasks that those who left have here: whoever follows them has each, with the time left."""
    there = {person: calendar for person, calendar in call.facts.calendars.items() if person in asked.may_follow}
    yield from learnt(state, there, call.now)
    for clock in state.clocks.values():
        if clock.owner in asked.left and (person := successor(state, clock.owner_role, asked, call)):
            calendar = call.facts.calendars.get(person) or state.calendar_of(person)
            yield passed_to(state, clock, person, call.now, "left the company", calendar)


def learnt(state: Entity, calendars: Mapping[str, Calendar], now: datetime) -> Iterator[Event]:
    """That these people work otherwise from `now` on, if they do, and what it means to the clocks they owe."""
    changed = {person: calendar for person, calendar in calendars.items() if state.calendars.get(person) != calendar}
    if not changed:
        return
    yield CalendarsLearned(calendars=changed)
    known = state.but(calendars=state.calendars | changed)
    for clock in state.clocks.values():
        calendar = changed.get(clock.owner)
        if calendar is None:
            continue
        if calendar.long_leave(now) and (person := known.substitute(clock, now)):
            yield passed_to(state, clock, person, now, "leave", known.calendar_of(person))
            continue
        times = on_another_calendar(state, clock, calendar, now)
        if times != (clock.due_at, clock.rungs):
            yield ClockDueChanged(clock_id=clock.id, due_at=times.due_at, rungs=times.rungs)


def passed_on(state: Entity, clock: Clock, at: datetime) -> ClockOwnerChanged:
    """What becomes of `clock` as its owner's leave over a day begins at `at`: somebody else has it, if there is one."""
    person = state.substitute(clock, at)
    if person is None:
        return ClockOwnerChanged(clock_id=clock.id, owner=clock.owner, cause="leave, and nobody else is there")
    return passed_to(state, clock, person, at, "leave")


def escalation_notifications(state: Entity, clock: Clock, reached: str) -> Iterator[Notify]:
    """Who is to hear that `clock` came to the rung `reached`: one line each, in the policy's words."""
    step = state.policy_of(clock).escalation_step(reached)
    notified: set[str] = set()
    for recipient in RECIPIENTS:
        sentence = step.tell.get(recipient)
        person = state.addressee(clock, recipient) if sentence else None
        if sentence is None or person is None or person in notified:
            continue
        notified.add(person)
        yield Notify(
            person=person,
            matter=NotificationKind.CLOCK_RUNG,
            urgent=step.interrupts,
            about={
                "clock_id": clock.id,
                "clock": clock.name,
                "stream_id": state.id,
                "rung": step.rung,
                "due_at": clock.due_at.isoformat(),
                "recipient": recipient,
                "sentence": sentence,
            },
        )
