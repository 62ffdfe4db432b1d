"""A line: one thing to be said to somebody, in ids and numbers. Their inbox gathers lines into messages."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

from domain.access.roles import ROLES, Role, ToldAs
from domain.access.team import Team
from domain.core.ids import ClockId, PersonId
from domain.core.messages import Value
from domain.notifications.catalogue import NotificationKind, notification_row
from domain.sla.catalogue import announced, clock_row

About = dict[str, str | int | None]

MessageKind = Literal["digest", "interruption", "letter"]
"""Gathered lines; what could not wait for them; and what is a letter of its own."""

UPDATE = NotificationKind.MANAGER_UPDATE
"""The matter whose pace is the reader's cadence; debts come when they are due."""

_FLEETING = frozenset({"draft", "summary", "since"})


class Notification(Value):
    """One thing to be said. `id` is that of the effect which said so, `stream` the entity that spoke, at `decided_at`.

    `told_as` is the role in which the reader hears it, `search` the requisition; `on_behalf_of` is for whom they act.
    """

    id: str
    stream: str
    matter: str
    about: About = {}
    urgent: bool = False
    decided_at: datetime
    told_as: ToldAs = "interviewer"
    search: str = ""
    on_behalf_of: PersonId | None = None

    @property
    def key(self) -> str:
        """What is said again if it is said of the same thing: a promise is one thing, whatever became of it."""
        if clock := self.about.get("clock_id"):
            return str(clock)
        said = (f"{name}={value}" for name, value in sorted(self.about.items()) if name not in _FLEETING)
        return "|".join((self.matter, self.stream, *said))

    @property
    def each(self) -> str | None:
        """What the ceiling for each requisition or interview counts it under."""
        if self.told_as == "hiring_manager":
            return self.search
        interview = _interview(self.about)
        return f"{self.stream}:{interview}" if self.told_as == "interviewer" and interview else None

    @property
    def is_task(self) -> bool:
        """Whether it says what the reader owes, and not what others do or what happened."""
        return is_task(self.matter, self.about)

    @property
    def kept_for(self) -> bool:
        """Whether the messages that are kept for debts may be spent on it; an invitation says itself what is owed."""
        return self.is_task and announced(str(self.about.get("clock")))

    @property
    def due_at(self) -> datetime | None:
        """When what the reader owes falls due (UTC)."""
        due = self.about.get("due_at")
        return datetime.fromisoformat(due) if self.is_task and isinstance(due, str) else None


class Notifiable(Protocol):
    """What an entity wants somebody to hear; `domain.entity.effects.Notify` is one."""

    @property
    def person(self) -> str: ...
    @property
    def matter(self) -> str: ...
    @property
    def about(self) -> About: ...
    @property
    def urgent(self) -> bool: ...


def is_task(matter: str, about: About) -> bool:
    """Whether a line on `matter` says what its reader owes."""
    return notification_row(matter).is_task(about)


def notification_of(
    effect_id: str, stream: str, at: datetime, notify: Notifiable, team: Team, requisition: str
) -> Notification:
    """The line that `notify`, ordered by `stream` at `at` (UTC) under `effect_id`, puts into its reader's inbox.

    A lead hears of what is stuck as of a breach: their week has one digest, and escalations beside it.
    """
    role = told_as(team, notify.person, notify.matter, notify.about)
    return Notification(
        id=effect_id,
        stream=stream,
        matter=notify.matter,
        about=notify.about,
        urgent=notify.urgent or (role == "lead" and notification_row(notify.matter).escalates),
        decided_at=at,
        told_as=role,
        search=requisition,
    )


def update_of(requisition: str, since: datetime) -> Notification:
    """The line with a manager's update of `requisition`, which tells what moved since the last one (UTC)."""
    return Notification(
        id=f"update/{requisition}/{since.isoformat()}",
        stream=f"requisition/{requisition}",
        matter=UPDATE,
        about={"since": since.isoformat()},
        decided_at=since,
        told_as="hiring_manager",
        search=requisition,
    )


def _interview(about: About) -> str | None:
    clock = ClockId.parse(str(about.get("clock_id") or ""))
    named = (str(about.get("interview") or ""), *(clock.about.split(":") if clock else ()))
    return next((part for part in named if part.startswith("I-")), None)


def told_as(team: Team, person: str, matter: str, about: About) -> ToldAs:
    """The role in which `person` hears of `matter`. Whoever owes for somebody else hears it as a manager does."""
    clock = about.get("clock")
    held = clock is not None and clock_row(str(clock)).owner_role == "interviewer"
    if (held and about.get("recipient") in (None, "owner")) or notification_row(matter).to_interviewer:
        return "interviewer"
    task = is_task(matter, about)
    for row in ROLES.values():
        if row.notified is None or row.role is Role.HIRING_MANAGER or (task and row.ownership is None):
            continue
        if team.held_by(person, row):
            return row.notified.name
    return "hiring_manager"
