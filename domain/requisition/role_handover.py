"""Hand-over: a role passes to somebody else, with every task that came with it; by itself when its holder leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import get_args

from pydantic import Field

from domain.access.team import Team
from domain.core.decider import Chapter
from domain.core.ids import PersonId
from domain.core.lookups import CandidatesAmong, Lookup
from domain.core.messages import Command, Event, Record, refuse
from domain.core.personal_text import Reason
from domain.entity.call import Call
from domain.entity.clock_commands import TakeOver, learnt, successor, tasks_taken_over
from domain.entity.clock_deadlines import passed_to
from domain.requisition.opening import calendars_needed
from domain.requisition.state import Awaited, PlannedHandOver, Requisition, TeamRole
from domain.sla.catalogue import SIDES
from domain.time.zones import Instant

chapter: Chapter[Requisition] = Chapter()


class HandOver(
    Command,
    who="R H P L second_signer",
    refuses="conflict_of_interest same_person*",
    works="on_hold",
    heading="Hand over",
):
    """Pass a role to somebody else, now or at a later time. A new hiring manager signs the rubric before deciding."""

    role: TeamRole = Field(title="Which role passes")
    to: PersonId = Field(title="To whom")
    from_at: Instant | None = Field(default=None, title="From when", description="When it passes; leave out for now.")
    why: Reason

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        return (CandidatesAmong((self.to,)),)


class HandOverPlanned(Event):
    """A role is to pass to somebody else."""

    hand_over: PlannedHandOver


class RoleHandedOver(Event):
    """A role passed to somebody else; `sign_again` when they have to sign the rubric first."""

    role: TeamRole
    to: PersonId
    sign_again: bool


@chapter.gate_of(HandOver, "role", among=lambda state: get_args(TeamRole))
def may_pass_it_on(state: Requisition, call: Call, role: str) -> None:
    people = state.people
    if call.actor.id not in (getattr(people, role), people.recruiting_lead, people.manager_lead):
        holds = role.replace("_", " ")
        refuse("not_permitted", "This role is not yours to pass on.", f"Whoever is {holds}, or a lead.")


@chapter.decides(HandOver)
def hand_over(state: Requisition, asked: HandOver, call: Call) -> Iterator[Event]:
    people = state.people
    if asked.to == getattr(people, asked.role):
        refuse("same_person", "They have this role.", "Somebody else.", "to")
    if asked.from_at is not None and asked.from_at < call.now:
        refuse("bad_time", "That time is past.", "Now, or a time to come.", "from_at")
    if asked.to in call.facts.conflicted:
        state.gate(
            "conflict_of_interest", asked.to, call.now, "They have a stake in a candidate here.", "Somebody without."
        )
    planned = PlannedHandOver(role=asked.role, to=asked.to, from_at=asked.from_at or call.now, why=asked.why)
    if not _always_two_names(people, state.hand_overs | {asked.role: planned}):
        refuse(
            "invalid",
            "One person would be recruiter and hiring manager, and nobody else would sign.",
            "A second signer first, or somebody else.",
            "to",
        )
    calendars = calendars_needed({asked.to}, call, "unknown_reference", "to")
    yield from learnt(state, calendars, call.now)
    yield HandOverPlanned(hand_over=planned)


LEFT = "They left the company."


@chapter.decides(TakeOver)
def take_over(state: Requisition, asked: TakeOver, call: Call) -> Iterator[Event]:
    if state.team is None:
        refuse("not_found", "There is no such requisition.", "The id of a requisition that was opened.")
    yield from tasks_taken_over(state, asked, call)
    plans = dict(state.hand_overs)
    for role in get_args(TeamRole):
        if getattr(state.people, role) not in asked.left or (to := successor(state, role, asked, call)) is None:
            continue
        planned = PlannedHandOver(role=role, to=to, from_at=call.now, why=LEFT)
        if _always_two_names(state.people, plans | {role: planned}):
            plans[role] = planned
            yield HandOverPlanned(hand_over=planned)


def _always_two_names(team: Team, plans: dict[TeamRole, PlannedHandOver]) -> bool:
    """Whether, as the planned roles pass one after the other, two people are always left to sign."""
    for planned in sorted(plans.values(), key=lambda plan: plan.from_at):
        team = team.but(**{planned.role: planned.to})
        if team.recruiter == team.hiring_manager and team.second_signer in (None, team.recruiter):
            return False
    return True


@chapter.evolves(HandOverPlanned)
def hand_over_planned(state: Requisition, event: HandOverPlanned, record: Record) -> Requisition:
    return state.but(hand_overs=state.hand_overs | {event.hand_over.role: event.hand_over})


@chapter.awaits
def roles_pass(state: Requisition) -> Awaited:
    # A role passes after its promises did, one event each, all stamped with the same time.
    for planned in state.hand_overs.values():
        clocks = (c for c in state.clocks.values() if c.owner != planned.to and c.owner_role == planned.role)
        if clock := next(clocks, None):
            yield planned.from_at, partial(passed_to, state, clock, planned.to, planned.from_at)
        else:
            signs = planned.role == "hiring_manager" and state.locked is not None
            yield planned.from_at, partial(RoleHandedOver, role=planned.role, to=planned.to, sign_again=signs)


@chapter.evolves(RoleHandedOver)
def role_handed_over(state: Requisition, event: RoleHandedOver, record: Record) -> Requisition:
    left = {role: planned for role, planned in state.hand_overs.items() if role != event.role}
    team = state.people.but(**{event.role: event.to})
    if event.role == "hiring_manager":
        team = team.but(delegate=None)
    state = state.but(team=team, hand_overs=left)
    signers = state.signers
    again = (*state.sign_again, "H") if event.sign_again else state.sign_again
    return state.but(
        signatures={
            role: name for role, name in state.signatures.items() if role in signers and SIDES[role] != event.role
        },
        sign_again=tuple(dict.fromkeys(role for role in again if role in signers)),
    )
