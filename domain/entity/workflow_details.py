"""Clocks in plain words, for whoever looks at an entity: by whom, until when, how late. Nobody is named."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.access.roles import OWNER_ROLES
from domain.entity.state import Entity, Task
from domain.sla.catalogue import clock_row
from domain.sla.clocks import Clock


def minute(at: datetime) -> str:
    """`at` to the minute, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def owner_words(clock: Clock) -> str:
    """Who owes it, by their role in the requisition."""
    return OWNER_ROLES[clock.owner_role].words


def waiting_for(clock: Clock) -> str:
    """What is waited for while it runs."""
    return clock_row(clock.name).waiting


def how_it_stands(state: Entity, clock: Clock, now: datetime | None = None) -> str:
    """Until when, or how late it is and who knows; `now` (UTC) tells what is late before time has been let pass."""
    if clock.stuck_at is not None:
        said = f"**stuck** since {minute(clock.stuck_at)}, due {minute(clock.due_at)}"
    elif clock.breached_at is not None or (now is not None and clock.due_at <= now and not clock.paused):
        known = ", the lead knows" if _lead_notified(state, clock) else ""
        said = f"**overdue** since {minute(clock.due_at)}{known}"
    elif clock.paused:
        return f"paused ({', '.join(sorted(clock.paused))})"
    else:
        said = f"due {minute(clock.due_at)}{', warned' if clock.reached else ''}"
    return f"{said}, paused ({', '.join(sorted(clock.paused))})" if clock.paused else said


def to_look_at(task: Task) -> str:
    """Something a machine could not do."""
    return f"a manual task, {task.id}: {task.kind} could not be done ({task.reason})"


def _lead_notified(state: Entity, clock: Clock) -> bool:
    escalation = state.policy_of(clock).ladder
    come = next((place for place, step in enumerate(escalation, 1) if step.rung == clock.reached), 0)
    return any("owner_lead" in step.tell for step in escalation[:come])
