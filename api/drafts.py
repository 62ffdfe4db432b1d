"""The record of what the language room made: from what, at what cost, who saw it, and what people then decided."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from api.access import AsCaller, Caller, With, needs
from api.problems import RESPONSES, Refused
from api.relations import in_office
from api.services import Services
from api.unsealing import opened
from api.visibility import SeenCandidate, SeenRequisition, listed, seen_candidate, seen_requisition, sees_draft
from domain.access.permissions import Permission
from domain.core.ids import CandidateId, RequisitionId
from domain.core.walk import changed
from domain.evidence.drafts import Draft, Passage
from domain.evidence.transcript import Transcript
from language.edit_distance import MEASURED, edit_distances
from privacy.keys import KeyMissing
from privacy.sealing import CannotOpen, Tombstone
from store.audit import Act, Entry, Kind
from store.database import DATABASE_ERRORS
from store.documents import NoSuchDocument
from store.draft_feedback import DraftReader, ToMeasure
from store.draft_quality import Quality, quality
from store.llm_outputs import LlmOutput
from workflows.contract import stream_of

routes = APIRouter(prefix="/v1", tags=["reads"], responses=RESPONSES)
log = structlog.get_logger("api")

EXPORTED_AS = "application/x-ndjson"
AT_MOST = 10_000
"""Candidates whose drafts one export holds: more than any requisition has."""

_MEASURED = tuple(kind.type for kind in MEASURED)


class DraftDecisionView(BaseModel):
    """What a named person decided after a draft, `at` (UTC), why, and how far each field is from the draft, 0 to 1.

    `looked_seconds` is how long the page was in sight on which they decided; null where nobody counted.
    """

    event: str
    outcome: str | None
    by: str
    at: datetime
    why: str | None
    looked_seconds: int | None
    distances: dict[str, float]


class DraftRecord(LlmOutput):
    """The record of one draft, with who read it and what was decided after it."""

    readers: tuple[DraftReader, ...]
    decisions: tuple[DraftDecisionView, ...]


@routes.get("/candidates/{id}/drafts", operation_id="candidate_drafts")
@needs(Permission.CANDIDATE_OVERVIEW)
async def candidate_drafts(id: CandidateId, by: AsCaller, at: With) -> list[DraftRecord]:
    """The record of every draft about a candidate, the newest first; not of what is still kept from you."""
    return await _about_candidate(id, by, at)


@routes.get("/requisitions/{id}/drafts", operation_id="requisition_drafts")
@needs(Permission.REQUISITION_TIMELINE)
async def requisition_drafts(id: RequisitionId, by: AsCaller, at: With) -> list[DraftRecord]:
    """The record of every draft about a requisition, the newest first. Those about its candidates stand with them."""
    return await _about_requisition(await seen_requisition(id, by, at, Permission.REQUISITION_TIMELINE), at)


@routes.get(
    "/requisitions/{id}/drafts.jsonl",
    operation_id="requisition_drafts_export",
    response_class=StreamingResponse,
    responses={200: {"description": "One record a line.", "content": {EXPORTED_AS: {"schema": {"type": "string"}}}}},
)
@needs(Permission.REQUISITION_TIMELINE)
async def requisition_drafts_export(id: RequisitionId, by: AsCaller, at: With) -> StreamingResponse:
    """The records of a requisition and of those of its candidates you may read, a JSON object a line, to take away."""
    seen = await seen_requisition(id, by, at, Permission.REQUISITION_TIMELINE)
    await at.audit.record(Entry(Act.EXPORTED_DRAFTS, Kind.REQUISITION, id, permission=Permission.REQUISITION_TIMELINE))
    headers = {"Content-Disposition": f'attachment; filename="{id}-drafts.jsonl"'}
    return StreamingResponse(_exported(seen, by, at), media_type=EXPORTED_AS, headers=headers)


@routes.get("/quality", operation_id="quality")
@needs(Permission.DRAFT_QUALITY_READ)
async def drafts_quality(by: AsCaller, at: With) -> list[Quality]:
    """How good drafts are, counted by job, drafter, model and prompts. For leads, HR and operations."""
    in_office(by, Permission.DRAFT_QUALITY_READ)
    return await quality(at.pool)


async def shown(document: str | None, by: Caller, at: Services) -> Draft:
    """The draft to whoever may read it; that a person read it is kept. Refuses one that is not there, or erased."""
    if document is None:
        raise Refused(404, "not_found", "There is no such draft yet.", "A kind that was drafted.")
    found = await readable(document, by, at)
    if found is None:
        raise Refused(409, "erased", "Whoever this is about was erased.", "Nothing is left to read.")
    return found


async def readable(document: str, by: Caller, at: Services) -> Draft | None:
    """The draft, or None once whoever it is about was erased; that a person read it is kept. Raises NoSuchDocument."""
    found = await at.documents.draft(document)
    if isinstance(found, Tombstone):
        return None
    await read(document, by, at)
    return await _with_speakers(found, at)


async def _with_speakers(draft: Draft, at: Services) -> Draft:
    """The draft with its passages' speakers as they are called by now: somebody may have been named since."""
    texts = await at.documents.spoken(
        {passage.span.document for passage in draft.passages if passage.speaker is not None}
    )
    return _renamed(draft, texts) if texts else draft


M = TypeVar("M")


def _renamed(value: M, texts: Mapping[str, Transcript]) -> M:
    if isinstance(value, Passage):
        text = texts.get(value.span.document)
        if value.speaker is None or text is None or value.span.start >= len(text.text):
            return value
        return value.model_copy(update={"speaker": text.speaker_at(value.span.start)})
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: _renamed(held, texts) for name, held in value})
    renamed: M = changed(value, lambda part: _renamed(part, texts))
    return renamed


async def read(draft: str, by: Caller, at: Services) -> None:
    """Keeps that a person reads a draft now. What systems fetch was read by nobody; the audit has it all the same."""
    at.audit.note(Entry(Act.READ_DRAFT, Kind.DRAFT, draft, await at.outputs.subject_of(draft)))
    if by.actor.kind == "person":
        await at.draft_feedback.read(draft, by.actor.id, datetime.now(UTC))


async def measure(stream: str, at: Services) -> None:
    """Reckons how far the decisions of a stream are from their drafts, where that was not done yet.

    Nothing of it is owed to whoever decided: what cannot be reckoned now is tried again when the record is read.
    """
    try:
        feedback = at.draft_feedback
        for decision in await feedback.unmeasured(stream, _MEASURED):
            await feedback.measured(decision, await _distances(decision, at))
    except DATABASE_ERRORS as error:
        log.warning("not measured", workflow=stream, reason=type(error).__name__)


async def _distances(decision: ToMeasure, at: Services) -> dict[str, float]:
    try:
        draft = await at.documents.draft(decision.draft)
    except (NoSuchDocument, CannotOpen, KeyMissing):
        return {}
    if isinstance(draft, Tombstone):
        return {}
    event = decision.record.event
    words: dict[str, Any] = await opened(event, decision.stream, at)
    return edit_distances(draft, type(event).model_validate(words))


async def _about_candidate(id: str, by: Caller, at: Services) -> list[DraftRecord]:
    seen = await seen_candidate(id, by, at)
    outputs = [output for output in await at.outputs.of_candidate(id) if sees_draft(seen, output.job, by)]
    records = await _records(outputs, stream_of("candidate", id), at)
    return [_with_own_decisions(record, seen, by) for record in records]


async def _about_requisition(seen: SeenRequisition, at: Services) -> list[DraftRecord]:
    id = seen.view.id
    records = await _records(await at.outputs.of_requisition(id), stream_of("requisition", id), at)
    if seen.sight.may(Permission.REQUISITION_WORDS):
        return records
    return [
        record.but(decisions=tuple(one.model_copy(update={"why": None}) for one in record.decisions))
        for record in records
    ]


async def _records(outputs: list[LlmOutput], stream: str, at: Services) -> list[DraftRecord]:
    await measure(stream, at)
    feedback, drafts = at.draft_feedback, {output.draft for output in outputs}
    readers, decisions = await feedback.readers(drafts), await feedback.decisions(drafts)
    return [
        DraftRecord(
            **dict(output),
            readers=readers.get(output.draft, ()),
            decisions=tuple(
                [
                    DraftDecisionView.model_validate(dict(one) | {"why": await opened(one.why, stream, at)})
                    for one in decisions.get(output.draft, ())
                ]
            ),
        )
        for output in outputs
    ]


def _with_own_decisions(record: DraftRecord, seen: SeenCandidate, by: Caller) -> DraftRecord:
    """What others decided stays hidden from whoever may not read what they think."""
    if seen.sight.may(Permission.CANDIDATE_CARDS):
        return record
    return record.but(decisions=tuple(one for one in record.decisions if one.by == by.actor.id))


async def _exported(seen: SeenRequisition, by: Caller, at: Services) -> AsyncIterator[str]:
    for record in await _about_requisition(seen, at):
        yield f"{record.model_dump_json()}\n"
    if not seen.sight.may(Permission.REQUISITION_CANDIDATES):
        return
    for line in await listed(seen, by, at, limit=AT_MOST):
        try:
            records = await _about_candidate(line.id, by, at)
        except Refused:  # theirs alone, or restricted; those who oversee read nothing of candidates
            continue
        for record in records:
            yield f"{record.model_dump_json()}\n"
