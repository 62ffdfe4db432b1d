"""A new task is told to its owner, unless they began it themselves. The same in a requisition and in a
candidate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from domain.core.decider import Chapter
from domain.core.messages import Effect, Record
from domain.entity.effects import Notify
from domain.entity.state import Entity
from domain.notifications.catalogue import NotificationKind
from domain.notifications.notification import About
from domain.sla.catalogue import announced
from domain.sla.clocks import Clock, ClockOwnerChanged, ClockStarted

S = TypeVar("S", bound=Entity)


def owner_notifications() -> Chapter[S]:
    """The chapter both entities share."""
    chapter: Chapter[S] = Chapter()

    @chapter.reacts(ClockStarted)
    def tell_the_owner(state: S, event: ClockStarted, record: Record) -> Iterator[Effect]:
        yield from _announced(state, event.clock, record)

    @chapter.reacts(ClockOwnerChanged)
    def tell_the_new_owner(state: S, event: ClockOwnerChanged, record: Record) -> Iterator[Effect]:
        yield from _announced(state, state.clocks[event.clock_id], record)

    return chapter


def about_clock(state: Entity, clock: Clock) -> About:
    """The ids a line on `clock` carries: itself, whom it is about, and the interview."""
    of_candidate = state.id.startswith("C-")
    subject = clock.about.partition(":")[0]
    about: About = {
        "stream_id": state.id,
        "clock": clock.name,
        "clock_id": clock.id,
        "due_at": clock.due_at.isoformat(),
    }
    if of_candidate or subject.startswith("C-"):
        about["candidate"] = state.id if of_candidate else subject
    if subject.startswith("I-"):
        about["interview"] = subject
    return about


def _announced(state: Entity, clock: Clock, record: Record) -> Iterator[Effect]:
    if record.by != clock.owner and announced(clock.name):
        yield Notify(person=clock.owner, matter=NotificationKind.CLOCK_STARTED, about=about_clock(state, clock))
