"""What is known of somebody who uses Tandem: when they work, who may act for them, and what they are to be told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal

from domain.access.roles import Role, ToldAs
from domain.access.team import Actor, Delegate, QuietHours
from domain.core.messages import Command, Value, refuse
from domain.entity.call import Call
from domain.entity.state import Entity
from domain.notifications.notification import MessageKind, Notification
from domain.sla.notification_policy import MessagePolicy
from domain.time.calendars import Calendar

Cadence = Literal["daily", "twice_a_week", "weekly"]
Channel = Literal["mail", "chat"]

LONG_AGO = datetime.min.replace(tzinfo=UTC)

UNLESS_SAID = MessagePolicy()


class Preferences(Value):
    """How somebody wants their updates. Debts come when they are due, whatever the cadence."""

    cadence: Cadence = "weekly"
    channel: Channel = "mail"
    quiet_hours: QuietHours | None = None


class PendingNotification(Value):
    """A line that was heard at `since` (UTC) and has not been said yet."""

    line: Notification
    since: datetime


class SentMessage(Value):
    """A message of the last seven days: when it was ordered (UTC), and what it counts for.

    `told_as` are the roles it spoke to, `each` the requisitions and interviews, `keys` the things it said.
    """

    number: int
    kind: MessageKind
    at: datetime
    told_as: tuple[ToldAs, ...]
    each: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class Person(Entity):
    """One who uses Tandem.

    They are told things by the policy they last adopted, or by its defaults. `heard` are the lines of the last days by
    their ids, so that none is taken twice; `messages` counts those ordered, ever. `managed` are the requisitions they
    get updates of, with the time of the last one, or of when they first heard of it. Since `changed_at` (UTC) nothing
    changed that a message waits for, so that none goes out before. Further holidays were asked for when those written
    ended on `holidays_asked_after`.
    """

    calendar: Calendar | None = None
    preferences: Preferences = Preferences()
    delegate: Delegate | None = None
    waiting: tuple[PendingNotification, ...] = ()
    sent: tuple[SentMessage, ...] = ()
    heard: dict[str, datetime] = {}
    messages: int = 0
    managed: dict[str, datetime] = {}
    changed_at: datetime = LONG_AGO
    holidays_asked_after: date | None = None

    @property
    def day(self) -> timedelta | None:
        """How long the policy lets a day last; None for real days."""
        return self.policy.day if self.policy else None

    @property
    def ways(self) -> MessagePolicy:
        """When they are told what there is to say."""
        return self.policy.messages if self.policy else UNLESS_SAID

    @property
    def works(self) -> Calendar:
        """When they work, once that is known."""
        assert self.calendar is not None, "a person without a calendar"
        return self.calendar

    def roles_of(self, actor: Actor, command: str, now: datetime) -> frozenset[Role]:
        """What is true of the actor in the company, and whether they are this person."""
        return actor.standing | {Role.SELF} if self.id and actor.id == self.id else actor.standing

    def admit(self, command: type[Command], call: Call) -> None:
        """See `Entity.admit`; somebody begins with a calendar."""
        if not self.id and command.begins == "never":
            refuse("not_found", "Nobody of this id uses Tandem.", "Somebody with a calendar.")
        super().admit(command, call)
