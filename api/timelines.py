"""What happened, as one reader may see it: each field by what it shows (`domain/registry/visibility.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import Any

from api.access import Caller
from api.relations import own_applicants, relations_to
from api.services import Services
from api.unsealing import opened_here
from api.visibility import SeenCandidate, SeenRequisition
from domain.access.permissions import Permission, Sight
from domain.core.ids import mentioned
from domain.core.messages import Event
from domain.registry.visibility import PERMISSIONS, Shows, shown_by, visible
from store.queries import Happened
from store.views import TimelineEntry
from workflows.contract import entity_of, stream_of


async def happened_to_candidate(
    seen: SeenCandidate, at: Services, only: Collection[str] = (), **page: Any
) -> list[TimelineEntry]:
    """What happened to a candidate, each field by what it shows, of all kinds or `only` some; see `Reads.timeline` for
    `page`."""
    kinds = [
        kind.type
        for kind in _kinds()
        if seen.sight.may(PERMISSIONS["candidate"][shown_by(kind)]) and (not only or kind.type in only)
    ]
    found = await at.reads.timeline(stream=stream_of("candidate", seen.view.id), types=kinds, **page)
    return await asyncio.to_thread(lambda: [_entry(one, "candidate", seen.sight, at) for one in found])


async def happened_in_requisition(
    seen: SeenRequisition, by: Caller, at: Services, apart_from: Iterable[str] = (), **page: Any
) -> list[TimelineEntry]:
    """What happened in a requisition and to its candidates, apart from some kinds; what those who met a candidate think
    stands in that candidate's own timeline."""
    base = Sight(relations_to(seen.view.team, "candidate", seen.view.id, by))
    hidden = {Shows.CARDS} if base.may(Permission.CANDIDATE_REQUESTS) else {Shows.CARDS, Shows.REQUESTS}
    kinds = [kind.type for kind in _kinds() if shown_by(kind) not in hidden]
    own = set(await at.reads.candidates_of(seen.view.id, await own_applicants(by, at)))
    which: dict[str, Any] = (
        {"requisition": seen.view.id, "without": own}
        if seen.sight.may(Permission.REQUISITION_CANDIDATES)
        else {"stream": stream_of("requisition", seen.view.id)}
    )
    left_out = set(apart_from)
    found = await at.reads.timeline(types=[kind for kind in kinds if kind not in left_out], **which, **page)
    about = {entity_of(one.stream)[1] for one in found if one.stream.startswith("candidate/")}
    restricted = {id for id, one in (await at.reads.standings_of(about)).items() if one.restricted}
    shown = [one for one in found if not (own and own & mentioned(one.record.event, "C-"))]
    return await asyncio.to_thread(lambda: [_in_requisition(one, seen.sight, base, restricted, at) for one in shown])


def _in_requisition(one: Happened, sight: Sight, base: Sight, restricted: set[str], at: Services) -> TimelineEntry:
    entity, id = entity_of(one.stream)
    if entity == "candidate":
        of_them = base._replace(restricted=id in restricted)
        if of_them.may(Permission.CANDIDATE_OVERVIEW):
            return _entry(one, "candidate", of_them, at)
    return _entry(one, "requisition", sight, at)


def _entry(one: Happened, entity: str, sight: Sight, at: Services) -> TimelineEntry:
    record = one.record
    payload: dict[str, Any] = opened_here(visible(record.event, entity, sight), one.stream, at)
    return TimelineEntry(
        stream=one.stream, seq=record.seq, at=record.at, by=record.by, type=record.event.type, payload=payload
    )


def _kinds() -> Iterable[type[Event]]:
    return (kind for kind in Event.kinds.values() if issubclass(kind, Event))
