"""What may be done: of each command whether it would be taken, and what is missing where not. The domain says it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from fastapi import APIRouter

from api.access import AsCaller, Caller, With, needs
from api.commands import UserOrMe
from api.problems import RESPONSES, Refused
from api.relations import of_user
from api.services import Services
from api.visibility import seen_candidate, seen_requisition
from domain.access.permissions import Permission
from domain.candidate.letters import SendLetter
from domain.core.availability import Availability
from domain.core.ids import CandidateId, RequisitionId
from domain.entity.call import NO_FACTS, Call
from domain.entity.clock_commands import ExtendClock, WaiveClock
from domain.registry import DECIDERS
from domain.sla.catalogue import CLOCKS
from workflows.contract import entity_of, stream_of

ENDS_A_CLOCK = {command for row in CLOCKS.values() for command in (row.command, *row.instead)} | {SendLetter.name}
"""The commands that end a clock, as a letter does where word is to be given, and those that may have to come before."""

routes = APIRouter(prefix="/v1", tags=["reads"], responses=RESPONSES)


async def available(stream: str, by: Caller, at: Services) -> dict[str, Availability]:
    """What the caller could do here now, by the command's name, as the journal has the entity."""
    state = await at.states.at(stream)
    found = DECIDERS[entity_of(stream)[0]].available(state, Call(by.actor, datetime.now(UTC), NO_FACTS))
    return {one.command: one for one in found}


async def available_in(streams: Iterable[str], by: Caller, at: Services) -> dict[str, dict[str, Availability]]:
    """What the caller could do now in each of these entities, of all that ends a clock or comes before that."""
    call = Call(by.actor, datetime.now(UTC), NO_FACTS)
    found: dict[str, dict[str, Availability]] = {}
    for stream, state in (await at.states.several(streams)).items():
        decider = DECIDERS[entity_of(stream)[0]]
        only = {command for name, command in decider.commands.items() if name in ENDS_A_CLOCK}
        found[stream] = {said.command: said for said in decider.available(state, call, only)}
    return found


async def clocks_open(streams: Iterable[str], by: Caller, at: Services) -> dict[str, set[str]]:
    """The clocks of these entities that the caller may now let go (`waive_clock`) or give time (`extend_clock`)."""
    open_: dict[str, set[str]] = {WaiveClock.name: set(), ExtendClock.name: set()}
    for stream, state in (await at.states.several(streams)).items():
        decider = DECIDERS[entity_of(stream)[0]]
        for said in decider.available(
            state, Call(by.actor, datetime.now(UTC), NO_FACTS), only={WaiveClock, ExtendClock}
        ):
            open_[said.command].update(said.choices)
    return open_


@routes.get("/requisitions/{id}/available", operation_id="requisition_available")
@needs(Permission.REQUISITION_OVERVIEW)
async def requisition_available(id: RequisitionId, by: AsCaller, at: With) -> list[Availability]:
    """Each command to a requisition: whether yours would be taken now, and what is missing where not.

    Of commands about one of several things (an offer, a candidate, a clock …) `options` says it of each. What the
    command then says may still be refused.
    """
    await seen_requisition(id, by, at)
    return list((await available(stream_of("requisition", id), by, at)).values())


@routes.get("/candidates/{id}/available", operation_id="candidate_available")
@needs(Permission.CANDIDATE_OVERVIEW)
async def candidate_available(id: CandidateId, by: AsCaller, at: With) -> list[Availability]:
    """Each command to a candidate: whether yours would be taken now, and what is missing where not."""
    await seen_candidate(id, by, at)
    return list((await available(stream_of("candidate", id), by, at)).values())


@routes.get("/people/{id}/available", operation_id="person_available", summary="User available")
@needs(Permission.TASKS_OF_USER_READ)
async def person_available(id: UserOrMe, by: AsCaller, at: With) -> list[Availability]:
    """Each command to somebody who uses Tandem, for themselves, leads and operations."""
    user = by.actor.id if id == "me" else id
    if not of_user(user, by).may(Permission.TASKS_OF_USER_READ):
        raise Refused(403, "not_permitted", "You may not do this.", "Somebody whose work it is.")
    return list((await available(stream_of("person", user), by, at)).values())
