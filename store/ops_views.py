"""What those who run the machine read. Lists of single clocks are for operations alone; the rest are counts."""

from __future__ import annotations

from datetime import datetime

from store.views import View


class LateClock(View):
    """A running promise that was broken, and whose it is. `stands_since` is set while it stands still; times in UTC."""

    stream: str
    id: str
    requisition: str | None
    title: str | None
    team_name: str | None
    name: str
    about: str
    owner: str
    due_at: datetime
    breached_at: datetime
    stuck_at: datetime | None
    stands_since: datetime | None


class StuckEntity(View):
    """A requisition or a candidate in which at least one promise is stuck: on whom it waits, and since when (UTC)."""

    stream: str
    requisition: str | None
    title: str | None
    team_name: str | None
    clocks: tuple[str, ...]
    waiting_on: tuple[str, ...]
    stuck_since: datetime


class BreachWeek(View):
    """How one SLA went in one ISO week (`2026-W07`, UTC): breached in it, and kept in time in it."""

    week: str
    name: str
    breached: int
    kept: int


class Workload(View):
    """How many tasks somebody has, paused ones aside. Counts, never how overdue.

    `due_today` and `due_this_week` fall due by the end of that day, or ISO week, where they live.
    """

    person: str
    open: int
    breached: int
    stuck: int
    due_today: int
    due_this_week: int
    by_kind: dict[str, int]


class HitRate(View):
    """How one SLA went in one team: those that ended in the period, and those that are overdue now.

    `in_time` is the share of what was kept or is still overdue that was kept in time; None where there is nothing.
    """

    name: str
    team_name: str | None
    kept_in_time: int
    kept_late: int
    breached_open: int
    waived: int
    in_time: float | None


class PendingEffect(View):
    """Something decided that was not carried out yet: what, whose, since when (UTC), and how it went so far."""

    effect: str
    stream: str
    kind: str
    since: datetime
    attempts: int
    last_reason: str | None
    last_tried_at: datetime | None


class ClockCount(View):
    """How many clocks of one kind run, paused ones aside, and how many are overdue or stuck."""

    name: str
    running: int
    breached: int
    stuck: int


class Totals(View):
    """The whole company in numbers. `running` are running clocks, paused ones aside."""

    open_searches: int
    running: int
    breached: int
    stuck: int
    tasks: int
