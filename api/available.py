"""What may be done: of each command whether it would be taken, and what is missing where not. The domain says it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from fastapi import APIRouter

from api.access import AsCaller, Caller, With
from api.commands import UserOrMe
from api.problems import RESPONSES
from api.services import Services
from api.visibility import readable_candidate, readable_requisition
from domain.access.roles import Role
from domain.core.availability import Availability
from domain.core.ids import CandidateId, RequisitionId
from domain.entity.call import NO_FACTS, Call
from domain.entity.clock_commands import ExtendClock, WaiveClock
from domain.registry import DECIDERS
from workflows.contract import entity_of, stream_of

routes = APIRouter(prefix="/v1", tags=["reads"], responses=RESPONSES)


async def available(stream: str, by: Caller, at: Services) -> dict[str, Availability]:
    """What the caller could do here now, by the command's name, as the journal has the entity."""
    state = await at.states.at(stream)
    found = DECIDERS[entity_of(stream)[0]].available(state, Call(by.actor, datetime.now(UTC), NO_FACTS))
    return {one.command: one for one in found}


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
async def requisition_available(id: RequisitionId, by: AsCaller, at: With) -> list[Availability]:
    """Each command to a requisition: whether yours would be taken now, and what is missing where not.

    Of commands about one of several things (an offer, a candidate, a clock …) `options` says it of each. What the
    command then says may still be refused.
    """
    await readable_requisition(id, by, at, to_interviewers=True)
    return list((await available(stream_of("requisition", id), by, at)).values())


@routes.get("/candidates/{id}/available", operation_id="candidate_available")
async def candidate_available(id: CandidateId, by: AsCaller, at: With) -> list[Availability]:
    """Each command to a candidate: whether yours would be taken now, and what is missing where not."""
    await readable_candidate(id, by, at)
    return list((await available(stream_of("candidate", id), by, at)).values())


@routes.get("/people/{id}/available", operation_id="person_available", summary="User available")
async def person_available(id: UserOrMe, by: AsCaller, at: With) -> list[Availability]:
    """Each command to somebody who uses Tandem, for themselves, leads and operations."""
    own = by.actor.kind == "person" and id in ("me", by.actor.id)
    if not own:
        by.must_be(Role.LEAD, Role.OPS)
    return list((await available(stream_of("person", by.actor.id if own else id), by, at)).values())
