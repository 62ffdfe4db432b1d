"""Your tasks: everything that waits on you, what is late first, each a tap away from being done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request, Response

from api.access import With, needs
from api.available import available_in
from api.pages.layout.display_names import names
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.pages.tasks.next_actions import done_by, step, to_several, together
from api.visibility import nameable, own_streams, tasks_of
from domain.access.permissions import Permission
from domain.access.roles import Role
from domain.candidate.exits import TellOutcome
from domain.entity.clock_commands import ResolveTask
from domain.sla.catalogue import clock_row
from store.command_lookups import bookings
from store.users import User
from workflows.contract import entity_of

routes = APIRouter()

AHEAD = timedelta(days=90)
"""How far ahead meetings are said with tasks."""


@routes.get("/owed")
@needs(Permission.OWN_READ)
async def tasks(request: Request, by: AsReader, at: With) -> Response:
    """The page. What stands still is last: it is nobody's move. What its reader tapped just now is left out."""
    held = {(one.stream, one.command) for one in by.held if one.will_count}
    waiting = await tasks_of(by.caller, at)
    clocks = [one for one in waiting if not held & {(one.stream, command) for command in done_by(one)}]
    ordered = sorted(clocks, key=lambda clock: (clock.stands_since is not None, clock.due_at))
    own = await own_streams(by.caller, at)
    told = own | {stream for stream, command in held if command in (TellOutcome.name, ResolveTask.name)}
    letters = [task for task in await at.reads.letters_to_tell(by.id) if task.stream not in told]
    streams = [clock.stream for clock in ordered] + [task.stream for task in letters]
    about = [entity_of(stream)[1] for stream in streams if stream.startswith("candidate/")]
    can = await available_in({clock.stream for clock in ordered}, by.caller, at)
    known = await names(at, candidates=(await nameable(about, by.caller, at)).items())
    newcomer = not (clocks or by.person.standing or await at.reads.board(person=by.id, limit=1))
    words = {
        "ask": await _administrators(at) if newcomer else [],
        "letters": letters,
        "steps": together(step(clock, can[clock.stream]) for clock in ordered),
        "to_several": to_several,
        "name": known,
        "clock_row": clock_row,
        "meets": await _meetings(by.id, at),
        "calendars": await at.people.calendars([by.id]),
    }
    return page(request, "owed.html", by, words)


async def _meetings(person: str, at: With) -> dict[tuple[str, str], datetime]:
    """When somebody's meetings are (UTC), by stream and meeting: said with what they are asked about one."""
    now = datetime.now(UTC)
    return {(one.stream, one.id): one.starts_at for one in await bookings(at.pool, [person], now, now + AHEAD)}


async def _administrators(at: With) -> list[User]:
    """Whom somebody may ask who has nothing to see here yet."""
    return [one for one in await at.people.everybody() if one.active and Role.OPS in one.standing][:3]
