"""A very small entity with one promise, to try clocks with: the hiring manager's, of two days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from domain.core.decider import Chapter, Decider
from domain.core.messages import Command, Event, Record
from domain.entity.call import Call
from domain.entity.clock_commands import clock_commands
from domain.entity.clock_deadlines import passed_to
from domain.entity.clock_table import ClockRule, Start, each
from domain.entity.state import Entity
from domain.sla.policy import Policy
from domain.time.calendars import Calendar
from testing.people import MANAGER, POLICY, TEAM

NAME = "profile_answered"


class PromiseBegun(Event):
    """It is made."""


class PromiseHeld(Event):
    """It stands still because of a hold."""


class PromiseFreed(Event):
    """The hold is over."""


class PromiseAwaits(Event):
    """It stands still because the candidate is to answer."""


class PromiseAnswered(Event):
    """The candidate answered."""


WHAT: dict[str, type[Event]] = {
    "begin": PromiseBegun,
    "hold": PromiseHeld,
    "free": PromiseFreed,
    "await": PromiseAwaits,
    "answer": PromiseAnswered,
}


class Happen(Command):
    """Something happens to it."""

    what: Literal["begin", "hold", "free", "await", "answer"]


class HandOn(Command):
    """Somebody else has it."""

    to: str


chapter: Chapter[Entity] = Chapter()


@chapter.decides(Happen)
def happen(state: Entity, asked: Happen, call: Call) -> Iterator[Event]:
    yield WHAT[asked.what]()


@chapter.decides(HandOn)
def hand_on(state: Entity, asked: HandOn, call: Call) -> Iterator[Event]:
    for clock in state.clocks.values():
        yield passed_to(state, clock, asked.to, call.now)


def as_it_was(state: Entity, event: Event, record: Record) -> Entity:
    return state


for kind in WHAT.values():
    chapter.evolves(kind)(as_it_was)

RULES: tuple[ClockRule[Entity], ...] = (
    ClockRule(
        NAME,
        starts={PromiseBegun: lambda state, event: [Start(owner=MANAGER)]},
        pauses={PromiseHeld: ("hold", each), PromiseAwaits: ("candidate", each)},
        resumes={PromiseFreed: ("hold", each), PromiseAnswered: ("candidate", each)},
    ),
)
PROMISE = Decider("promise", Entity(), (clock_commands(), chapter), RULES)


def made_by(calendars: dict[str, Calendar], policy: Policy = POLICY) -> Entity:
    """The entity before its promise is made."""
    return Entity(id="X-PROMISE", version=1, team=TEAM, policy=policy, calendars=calendars)
