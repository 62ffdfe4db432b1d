"""What is looked up on the way in: what a decider may rely on, and under whose key a command's words are sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from api.services import Services
from domain.access.team import Actor
from domain.candidate.exits import Transfer
from domain.candidate.interviews import RescheduleInterview, ScheduleInterview
from domain.core.ids import mentioned
from domain.core.messages import Command, refuse
from domain.entity.call import Call, Facts
from domain.person import SetCalendar
from domain.requisition.offers import MakeOffer, WithdrawOffer
from domain.requisition.opening import Open
from domain.requisition.role_handover import HandOver
from domain.requisition.roster import AddCandidate
from domain.time.calendars import Calendar
from store import command_lookups
from store.documents import LoadedSources


@dataclass(frozen=True)
class CommandContext:
    """What was found out about one command: facts, the documents it quotes, whose key its words go under."""

    command: Command
    facts: Facts
    sources: LoadedSources
    key_id: str
    context: str

    def call(self, actor: Actor) -> Call:
        """The call as it would be made now."""
        return Call(actor, datetime.now(UTC), self.facts)


async def gather(command: Command, entity: str, entity_id: str, new_id: str, at: Services) -> CommandContext:
    """Looks up what `command` needs; what it begins gets `new_id`.

    Raises Rejection `unknown_reference` for people and documents there are not.
    """
    calendars, sources, key_id = await asyncio.gather(
        _calendars(command, at), _sources(command, at), _subject(command, entity, entity_id, at)
    )
    facts = Facts(calendars=calendars)
    if look_up := LOOK_UPS.get(type(command)):
        facts = facts.but(**await look_up(command, entity_id, new_id, at))
    return CommandContext(command, facts, sources, key_id, entity_id)


async def _calendars(command: Command, at: Services) -> dict[str, Calendar]:
    named = mentioned(command, "P-")
    if not named:
        return {}
    people = at.people
    if unknown := named - (await people.several(named)).keys():
        refuse("unknown_reference", f"Nobody is called {', '.join(sorted(unknown))}.", "The id of somebody here.")
    return await people.calendars(named)


async def _sources(command: Command, at: Services) -> LoadedSources:
    return await at.documents.sources(mentioned(command, "D-"))


async def _subject(command: Command, entity: str, entity_id: str, at: Services) -> str:
    """Words about a candidate go under that human's key, others under the search's own."""
    if isinstance(command, AddCandidate):
        return command.person
    candidate = entity_id if entity == "candidate" else getattr(command, "candidate_id", None)
    if isinstance(command, WithdrawOffer):
        candidate = await command_lookups.offered(at.pool, entity_id, command.offer_id)
    if candidate is not None:
        human = await command_lookups.human_of(at.pool, candidate)
        if human is None:
            refuse("not_found", "There is no such candidate.", "The id of a candidate.")
        return human
    return entity_id


async def _for_opening(command: Open, entity_id: str, new_id: str, at: Services) -> dict[str, Any]:
    return {
        "policy": at.policy.current(),
        "new_id": entity_id,
        "inherited": await command_lookups.inherited_changes(at.pool, command.hiring_manager, command.team),
    }


async def _for_calendar(command: SetCalendar, entity_id: str, new_id: str, at: Services) -> dict[str, Any]:
    if await at.people.get(entity_id) is None:
        refuse("not_found", "There is no such person.", "An id the API gave out.")
    return {"new_id": entity_id, "policy": at.policy.current()}


async def _for_adding(command: AddCandidate, entity_id: str, new_id: str, at: Services) -> dict[str, Any]:
    owner = await command_lookups.owning_agency(at.pool, command.person)
    return {"new_id": new_id, "owned_by": owner}


async def _for_booking(
    command: ScheduleInterview | RescheduleInterview, entity_id: str, new_id: str, at: Services
) -> dict[str, Any]:
    if command.starts_at is None:
        return {}
    rescheduled, before = None, None
    if isinstance(command, RescheduleInterview):
        rescheduled = command.interview_id
        before = await command_lookups.booked(at.pool, entity_id, rescheduled)
    interviewers = command.interviewers or (before.interviewers if before else ())
    minutes = command.minutes if isinstance(command, ScheduleInterview) else before.minutes if before else 0
    people = {assigned.person for assigned in interviewers}
    ends_at = command.starts_at + timedelta(minutes=minutes)
    busy, conflicted = await asyncio.gather(
        command_lookups.busy(at.pool, people, command.starts_at, ends_at, (entity_id, rescheduled)),
        _candidates_themselves(people, at, "id = $1", entity_id),
    )
    return {"busy": tuple(sorted(busy)), "conflicted": conflicted}


async def _for_hand_over(command: HandOver, entity_id: str, new_id: str, at: Services) -> dict[str, Any]:
    return {"conflicted": await _candidates_themselves({command.to}, at, "requisition = $1", entity_id)}


async def _candidates_themselves(people: set[str], at: Services, which: str, value: str) -> tuple[str, ...]:
    """Those of `people` who are candidates here: they have the same mail address."""
    rows = await at.pool.fetch(
        f"SELECT h.match FROM humans h JOIN candidates c ON c.human = h.id WHERE c.{which}", value
    )
    matches = {row["match"] for row in rows}
    known = await at.people.several(people)
    return tuple(sorted(p.id for p in known.values() if at.matcher.match(p.email.lower()) in matches))


async def _for_offer(command: MakeOffer, entity_id: str, new_id: str, at: Services) -> dict[str, Any]:
    return {"offer_elsewhere": await command_lookups.offer_elsewhere(at.pool, command.candidate_id, entity_id)}


async def _for_transfer(command: Transfer, entity_id: str, new_id: str, at: Services) -> dict[str, Any]:
    target = await command_lookups.target(at.pool, command.to_requisition, entity_id)
    if target is None:
        refuse("unknown_reference", "There is no such search.", "The id of an open search.", "to_requisition")
    return {"new_id": new_id, "target_closed": target.closed, "duplicate_in_target": target.has_them}


LOOK_UPS: dict[type[Command], Callable[[Any, str, str, Services], Awaitable[dict[str, Any]]]] = {
    Open: _for_opening,
    SetCalendar: _for_calendar,
    AddCandidate: _for_adding,
    ScheduleInterview: _for_booking,
    RescheduleInterview: _for_booking,
    HandOver: _for_hand_over,
    MakeOffer: _for_offer,
    Transfer: _for_transfer,
}
"""What a command needs beyond the calendars of the people it names."""
