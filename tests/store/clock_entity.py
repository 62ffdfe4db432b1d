"""An entity with clocks and tasks and nothing else: all that the journal has to know of one."""

from __future__ import annotations

from datetime import timedelta

from domain.access.team import Team
from domain.core.decider import Decider
from domain.core.messages import Event, Record
from domain.entity.clock_commands import TaskRaised, TaskResolved, clock_commands
from domain.entity.state import Entity, Task
from domain.sla.clocks import Clock, ClockBreached, ClockPaused, ClockResumed, ClockStarted, ClockStopped, ClockWaived
from store.projector import Projection
from testing.people import MONDAY, POLICY

TEAM = Team(
    recruiter="P-OWNER1",
    hiring_manager="P-OWNER2",
    hr_partner="P-PARTNER",
    recruiting_lead="P-LEAD01",
    manager_lead="P-LEAD02",
)
THING: Decider[Entity] = Decider("thing", Entity(team=TEAM, policy=POLICY), [clock_commands()], [])
PROJECTIONS = {"thing": Projection(THING, requisition_of=lambda _: "R-SEARCH1", rows=lambda _: ())}
STREAM = "thing/T-1"

EVENTS: tuple[Event, ...] = (
    ClockStarted(
        clock=Clock(id="a:1", name="slate_shared", about="x", owner="P-OWNER1", started_at=MONDAY, due_at=MONDAY)
    ),
    TaskRaised(task=Task(id="T-2", kind="notify", reason="no such mailbox “ä”", raised_at=MONDAY)),
    ClockBreached(clock_id="a:1"),
    ClockPaused(clock_id="a:1", cause="hold"),
    ClockResumed(clock_id="a:1", cause="hold", due_at=MONDAY + timedelta(days=1)),
    TaskResolved(task_id="T-2", outcome="done", why="mended"),
    ClockStopped(clock_id="a:1", kept=True),
    ClockStarted(
        clock=Clock(id="b:8", name="b", about="", owner="P-OWNER2", started_at=MONDAY, due_at=MONDAY)
    ),
    ClockWaived(clock_id="b:8", why="she is ill"),
    TaskRaised(task=Task(id="T-10", kind="invite", reason="refused", raised_at=MONDAY)),
)  # fmt: skip

RECORDS = [
    Record(seq=seq, at=MONDAY + timedelta(minutes=seq), by="P-OWNER1", event=event)
    for seq, event in enumerate(EVENTS, 1)
]
