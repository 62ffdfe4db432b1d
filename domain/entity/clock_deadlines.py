"""When a clock's deadline and escalation steps come, as it starts, stands still, moves, or passes to somebody else.

Whatever is measured stays measured: working time that was left is left, on whosever calendar it goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from domain.core.messages import Event
from domain.entity.state import Entity
from domain.sla.clocks import Clock, ClockBreached, ClockOwnerChanged, ClockRungReached, UpcomingStep
from domain.sla.policy import Policy
from domain.time.calendars import Calendar


class Times(NamedTuple):
    """When a clock falls due, and the rungs that are to come (UTC)."""

    due_at: datetime
    rungs: tuple[UpcomingStep, ...]


def warnings(
    policy: Policy,
    calendar: Calendar,
    name: str,
    started_at: datetime,
    due_at: datetime,
    now: datetime,
    pauses: Iterable[tuple[datetime, datetime]] = (),
    reached: str | None = None,
) -> tuple[UpcomingStep, ...]:
    """The rungs before the deadline: at their share of the working time without `pauses`, at `now` the earliest.

    All time counts for a promise that runs round the clock. Those up to `reached` have come.
    """
    steps: list[UpcomingStep] = []
    for step in policy.ladder:
        share = step.moment.share
        if share is None:
            break
        if step.rung == reached:
            steps.clear()
            continue
        elapsed = policy.time_of(name).round_the_clock
        at = calendar.fraction_point(started_at, due_at, share, elapsed=elapsed, pauses=pauses)
        if (at := max(at, now)) < due_at:
            steps.append(UpcomingStep(step.rung, at))
    return tuple(steps)


def after_the_deadline(
    policy: Policy, calendar: Calendar, due_at: datetime, now: datetime, reached: str | None = None
) -> tuple[UpcomingStep, ...]:
    """The rungs after the deadline, at `now` the earliest, in order; not those that came already."""
    steps: list[UpcomingStep] = []
    at = now
    for step in policy.ladder:
        if (after := step.moment.after) is not None:
            at = max(at, calendar.due(due_at, after, policy.day))
            steps.append(UpcomingStep(step.rung, at))
        if step.rung == reached:
            steps.clear()
    return tuple(steps)


def at_another_time(state: Entity, clock: Clock, due_at: datetime, now: datetime) -> tuple[UpcomingStep, ...]:
    """The rungs to come once `clock` falls due at `due_at` instead, as granted or promised at `now`."""
    policy, calendar = state.policy_of(clock), state.calendar_of(clock.owner)
    if clock.breached_at is not None:
        return after_the_deadline(policy, calendar, due_at, now, clock.reached)
    since = clock.stands_since or now
    pauses = [(pause.start, min(pause.end, since)) for pause in clock.pauses]
    return warnings(policy, calendar, clock.name, clock.started_at, due_at, since, pauses, clock.reached)


def after_pause(state: Entity, clock: Clock, cause: str, at: datetime) -> Times:
    """What comes when, once `cause` is gone at `at`; as before if another cause still holds the clock."""
    since = clock.stands_since
    if since is None or len(clock.paused) > 1:
        return Times(clock.due_at, clock.rungs)
    policy, calendar = state.policy_of(clock), state.calendar_of(clock.owner)
    time = policy.time_of(clock.name)
    if clock.breached_at is not None:
        moved = []
        for name, step_at in clock.rungs:
            after = policy.escalation_step(name).moment.after
            assert after is not None, "a rung that follows the deadline has a length of time"
            moved.append(UpcomingStep(name, max(at, calendar.after_pause(step_at, after, since, at, policy.day))))
        return Times(clock.due_at, tuple(moved))
    warned = []
    for name, step_at in clock.rungs:
        if time.round_the_clock:
            step_at += at - since
        else:
            step_at = calendar.after_pause(step_at, time, since, at, policy.day)
        warned.append(UpcomingStep(name, max(at, step_at)))
    # With nothing left when it was stilled it falls due now, not in a past that is written.
    due_at = max(at, calendar.after_pause(clock.due_at, time, since, at, policy.day))
    return Times(due_at, tuple(warned))


def on_another_calendar(
    state: Entity, clock: Clock, calendar: Calendar, now: datetime, earlier: Calendar | None = None
) -> Times:
    """What comes when, once `calendar` counts for `clock` from `now` on instead of `earlier`, its owner's.

    What is promised, extended, set by law or runs round the clock stays where it is; so does a deadline that is past.
    """
    earlier = earlier or state.calendar_of(clock.owner)
    if earlier == calendar:
        return Times(clock.due_at, clock.rungs)
    policy, since = state.policy_of(clock), clock.stands_since or now
    late = clock.breached_at is not None
    round_the_clock = policy.time_of(clock.name).round_the_clock
    stays = late or clock.fixed or round_the_clock
    due_at = clock.due_at if stays else calendar.carried_over(earlier, clock.due_at, since)
    steps = []
    for name, at in clock.rungs:
        after = policy.escalation_step(name).moment.after
        elapsed = after.round_the_clock if after is not None else round_the_clock
        steps.append(UpcomingStep(name, at if elapsed else calendar.carried_over(earlier, at, since)))
    return Times(due_at, tuple(steps))


def passed_to(
    state: Entity,
    clock: Clock,
    owner: str,
    now: datetime,
    cause: str = "hand_over",
    calendar: Calendar | None = None,
) -> ClockOwnerChanged:
    """`clock` with `owner` from `now` on, who works by `calendar` (else as last known), with the time that was left."""
    times = on_another_calendar(state, clock, calendar or state.calendar_of(owner), now)
    return ClockOwnerChanged(clock_id=clock.id, owner=owner, cause=cause, due_at=times.due_at, rungs=times.rungs)


def escalation_step_reached(state: Entity, clock: Clock) -> Event:
    """The event of the rung that comes next."""
    coming = clock.next_escalation_step
    assert coming is not None, "a clock that stands still, or is at the top, reaches nothing"
    name, _ = coming
    policy = state.policy_of(clock)
    if name is not None:
        return ClockRungReached(clock_id=clock.id, rung=name, stuck=policy.escalation_step(name).stuck)
    calendar = state.calendar_of(clock.owner)
    return ClockBreached(
        clock_id=clock.id,
        rung=policy.deadline.rung,
        rungs=after_the_deadline(policy, calendar, clock.due_at, max(clock.due_at, clock.known_at or clock.due_at)),
    )
