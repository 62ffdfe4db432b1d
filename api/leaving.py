"""What becomes of what somebody held who left the company: their roles and tasks go to a delegate or a lead.

Each requisition and candidate decides who follows (`TakeOver`), as its journal then says, in the name of whoever said
that they left. Where nobody may follow, or an entity does not answer just now, it stays with them, and stands on the
administrator's list until somebody is found or it is tried again.
"""

from __future__ import annotations

import asyncio

import structlog

from api.access import Caller
from api.commands import submit
from api.problems import Refused
from api.services import Services
from domain.core.ids import mentioned
from domain.entity.clock_commands import TakeOver
from store.command_lookups import streams_held_by
from workflows.contract import entity_of

log = structlog.get_logger("api")

AT_ONCE = 4
"""To how many entities it is said at the same time."""
PATIENCE = 30.0
"""Seconds after which whoever says that somebody left is answered, whatever is still to be handed over."""


async def hand_over(person: str, by: Caller, at: Services) -> None:
    """Has somebody followed, who left, wherever they hold a role or a task; their own calendar is not asked again."""
    await at.connected_calendars.disconnect(person)
    room = asyncio.Semaphore(AT_ONCE)

    async def followed(stream: str) -> None:
        async with room:
            try:
                await _followed(stream, person, by, at)
            except Refused as refused:
                log.warning("not handed over", stream=stream, code=refused.problem.code)

    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*map(followed, await streams_held_by(at.pool, person)))
    except TimeoutError:
        log.warning("not handed over in time", person=person)


async def _followed(stream: str, person: str, by: Caller, at: Services) -> None:
    entity, id = entity_of(stream)
    view = await (at.reads.requisition(id) if entity == "requisition" else at.reads.candidate(id))
    if view is None or view.team is None:
        return
    team = await at.people.several({person, *mentioned(view.team, "P-")})
    command = TakeOver(
        left=tuple(sorted(one.id for one in team.values() if not one.active)),
        may_follow=tuple(sorted(one.id for one in team.values() if one.active)),
    )
    await submit(stream, command, Caller(by.actor, frozenset({id})), at)
