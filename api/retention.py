"""Retention, as a dry run: whose data go by when, and what keeps others'. Nothing is erased by looking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api.access import AsCaller, Caller, With, needs
from api.payload_limits import Instant
from api.problems import RESPONSES
from api.relations import in_office, own_applicants
from api.services import Services
from api.visibility import sights_of
from domain.access.permissions import Permission
from store.retention import RetentionLine

routes = APIRouter(prefix="/v1/ops", tags=["operations"], responses=RESPONSES)

LOOKS_AHEAD = timedelta(days=30)
"""How far a dry run looks, unless asked otherwise."""

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=100_000)]


class RetentionView(RetentionLine):
    """Such a candidate; `name` and `link` are for those who may see who they are, and open their page."""

    name: str | None
    link: str | None


@routes.get("/retention", operation_id="ops_retention", summary="Whose data would go")
@needs(Permission.RETENTION_READ)
async def ops_retention(
    by: AsCaller,
    at: With,
    until: Annotated[Instant | None, Query(description="By when; in thirty days, unless given.")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[RetentionView]:
    """Whose data are erased by then with nobody doing anything, and whose are kept by a hold, an offer or the law.

    A dry run: by identifier, by time. For HR and operations.
    """
    in_office(by, Permission.RETENTION_READ)
    own = await own_applicants(by, at)
    lines = await at.retention.due(until or datetime.now(UTC) + LOOKS_AHEAD, limit, offset, without=own)
    return await _for(lines, by, at)


async def _for(lines: list[RetentionLine], by: Caller, at: Services) -> list[RetentionView]:
    found = await sights_of((line.candidate for line in lines), by, at)
    named = {id: view.human for id, (view, sight) in found.items() if sight.may(Permission.CANDIDATE_NAME)}
    contacts = await at.applicants.contacts(named)
    opens = {id for id, (_, sight) in found.items() if sight.may(Permission.CANDIDATE_OVERVIEW)}
    return [
        RetentionView(
            **line.model_dump(),
            name=contacts[line.candidate].name if line.candidate in contacts else None,
            link=f"{at.settings.base_url}/candidates/{line.candidate}" if line.candidate in opens else None,
        )
        for line in lines
    ]
