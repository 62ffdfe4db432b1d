"""The audit: who has read a candidate, for their HR partner; who saw and did what, for operations; and to take away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api.access import AsCaller, Caller, With, needs
from api.payload_limits import LARGEST, Instant
from api.problems import RESPONSES
from api.relations import in_office, own_applicants
from api.services import Services
from api.visibility import seen_candidate
from domain.access.permissions import Permission
from domain.core.ids import CandidateId
from store.audit import Act, AuditFilter, AuditRow, Entry, Kind

routes = APIRouter(prefix="/v1", tags=["audit"], responses=RESPONSES)

EXPORTED_AS = "application/x-ndjson"


AnId = Annotated[str, Query(pattern=r"^[A-Za-z0-9:._-]{1,120}$")]
Before = Annotated[int | None, Query(ge=1, le=LARGEST, description="Only rows of a lower number: the next page.")]
Limit = Annotated[int, Query(ge=1, le=500)]


def asked(
    actor: AnId | None = None,
    object: Annotated[AnId | None, Query(description="The object's id, or that of whom or what it is about.")] = None,
    act: Act | None = None,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
) -> AuditFilter:
    """What a request asks for."""
    return AuditFilter(actor, object, act, since, until)


Asked = Annotated[AuditFilter, Depends(asked)]


@routes.get("/candidates/{id}/audit", operation_id="candidate_audit", summary="Who has read this?")
@needs(Permission.CANDIDATE_AUDIT)
async def candidate_audit(
    id: CandidateId, by: AsCaller, at: With, before: Before = None, limit: Limit = 100
) -> list[AuditRow]:
    """Who read a candidate, their documents and drafts, and who was refused, the latest first. For their HR partner."""
    await seen_candidate(id, by, at, Permission.CANDIDATE_AUDIT)
    await at.audit.written()
    return await at.audit.rows(AuditFilter(of=id), before, limit)


@routes.get("/audit", operation_id="audit", summary="Who saw and did what")
@needs(Permission.AUDIT_READ)
async def audit(by: AsCaller, at: With, which: Asked, before: Before = None, limit: Limit = 100) -> list[AuditRow]:
    """The audit, the latest first; what is about your own candidacy apart. For operations."""
    which = await _for(which, by, at)
    at.audit.note(Entry(Act.READ_AUDIT, Kind.AUDIT, permission=Permission.AUDIT_READ))
    await at.audit.written()
    return await at.audit.rows(which, before, limit)


@routes.get(
    "/audit.jsonl",
    operation_id="audit_export",
    summary="Take the audit away",
    response_class=StreamingResponse,
    responses={200: {"description": "One row a line.", "content": {EXPORTED_AS: {"schema": {"type": "string"}}}}},
)
@needs(Permission.AUDIT_READ)
async def audit_export(by: AsCaller, at: With, which: Asked) -> StreamingResponse:
    """The audit, a JSON object a line, the oldest first, with the hashes; that it was taken away is in it."""
    which = await _for(which, by, at)
    await at.audit.written()
    await at.audit.record(Entry(Act.EXPORTED_AUDIT, Kind.AUDIT, permission=Permission.AUDIT_READ))
    headers = {"Content-Disposition": 'attachment; filename="tandem-audit.jsonl"'}
    return StreamingResponse(_lines(which, at), media_type=EXPORTED_AS, headers=headers)


async def _for(which: AuditFilter, by: Caller, at: Services) -> AuditFilter:
    """The same, without what is about the caller as a candidate. Refuses whoever may not read the audit."""
    in_office(by, Permission.AUDIT_READ)
    own = await own_applicants(by, at)
    candidacies = [one.id for applicant in sorted(own) for one in await at.reads.candidacies(applicant)]
    return AuditFilter(which.actor, which.of, which.act, which.since, which.until, own.union(candidacies))


async def _lines(which: AuditFilter, at: Services) -> AsyncIterator[str]:
    async for row in at.audit.every(which):
        yield f"{row.model_dump_json()}\n"
