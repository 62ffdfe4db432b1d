"""Uploads: transcripts, résumés and notes, read at once and kept sealed; and the applicants they are about."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from api.access import AsCaller, Caller, With
from api.payload_limits import bounds
from api.problems import RESPONSES, Refused
from api.services import Services
from documents.decoding import Unreadable
from documents.resumes import read_resume
from documents.transcripts import read_transcript
from domain.access.team import Team
from domain.core.ids import ApplicantId, CandidateId, DocumentId, PersonId, RequisitionId
from domain.core.names import one_line
from domain.core.source_text import SourceText, normalised
from domain.evidence.documents import Doc
from domain.evidence.transcript import Transcript
from privacy.keys import KeyDestroyed
from privacy.sealing import Tombstone
from store.applicants import Contact
from store.documents import NoSuchDocument, Stored
from store.views import CandidateView

routes = APIRouter(prefix="/v1", tags=["documents"], responses=RESPONSES)

Upload = Literal["transcript", "resume", "notes"]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(one_line)]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=254,
        pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+$",
    ),
]


class NewApplicant(BaseModel):
    """Somebody who applies, or is approached."""

    name: Named
    email: Email = Field(title="Mail address")
    phone: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9+() ./-]{3,40}$")] | None = Field(
        default=None, title="Telephone"
    )


class ApplicantRef(BaseModel):
    """An applicant's id: the same in every requisition."""

    id: ApplicantId


class SourceTurn(BaseModel):
    """Who said which characters of the text, and when (milliseconds into the recording, where the file says)."""

    speaker: str
    start: int
    end: int
    start_ms: int | None


class DocumentText(BaseModel):
    """A document's normalised text; for a transcript, who said what."""

    text: str
    turns: list[SourceTurn] = Field(default_factory=list)


@routes.post("/humans", operation_id="introduce_human", summary="Add an applicant", status_code=201)
async def introduce_applicant(
    body: Annotated[NewApplicant, bounds(NewApplicant, "ignore")], by: AsCaller, at: With
) -> ApplicantRef:
    """Make somebody known, or find them again by their mail address. What you say of them is sealed under their key."""
    return ApplicantRef(id=await introduced(body, by, at))


async def introduced(body: NewApplicant, by: Caller, at: Services) -> str:
    """The id of somebody who is made known, or found again. Refuses whoever may not bring people."""
    _may_bring(by)
    match = at.matcher.match(body.email)
    contact = Contact(name=body.name, email=body.email, phone=body.phone)
    return await at.applicants.recognise(match, contact, f"H-{base64.b32encode(secrets.token_bytes(10)).decode()}")


@routes.post(
    "/documents",
    operation_id="upload_document",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload_document(
    request: Request,
    by: AsCaller,
    at: With,
    kind: Annotated[Upload, Query(description="What it is.")],
    about: Annotated[
        ApplicantId | RequisitionId | CandidateId,
        Query(description="Whose key seals it: an applicant's, a candidate's, or a requisition's for its intake."),
    ],
    name: Annotated[str, Query(max_length=200, description="The file's name; its ending is a hint.")] = "upload",
) -> Doc:
    """Store a document: WebVTT, SRT or `Name: text` for a transcript, JSON Resume or text for a résumé, text for notes.

    Up to 5 MB. The same document again gives the same id. What cannot be read is refused, and nothing is stored.
    """
    content_type = request.headers.get("content-type", "application/octet-stream")
    return await keep_document(at, by, kind, about, await request.body(), name, content_type)


async def keep_document(
    at: Services,
    by: Caller,
    kind: Upload,
    about: str,
    body: bytes,
    name: str,
    content_type: str = "application/octet-stream",
) -> Doc:
    """Reads a document and keeps it under the key of whoever it is about. Refuses what cannot be read."""
    _may_bring(by)
    key = await _subject(at, about)
    try:
        # In a thread, which shares the interpreter with whoever else is answered: that it takes linear time, whatever
        # is in the body, is what keeps it from them (`tests/documents/test_reading_time.py`).
        text = await asyncio.to_thread(_read, kind, body, name)
        return await at.documents.put(key, kind, content_type, body, text, by.actor.id)
    except Unreadable as unreadable:
        raise Refused(422, unreadable.code, unreadable.sentence, "A file that its tool exported whole.") from None
    except KeyDestroyed:
        raise Refused(409, "erased", "Whoever this is about was erased.", "Nothing more can be kept of them.") from None


@routes.get("/documents/{id}", operation_id="read_document")
async def read_document(id: DocumentId, by: AsCaller, at: With) -> DocumentText:
    """A document's normalised text, into which every span points. For those who may see whoever it is about."""
    text = await readable_text(id, by, at)
    turns = text.turns if isinstance(text, Transcript) else ()
    return DocumentText(
        text=text.text,
        turns=[SourceTurn(speaker=t.speaker, start=t.start, end=t.end, start_ms=t.start_ms) for t in turns],
    )


async def readable_text(id: DocumentId, by: Caller, at: Services) -> SourceText:
    """A document's normalised text, for those who may see whoever it is about. Refuses an unknown one, and others."""
    store = at.documents
    try:
        known = await store.about(id)
        if not await _may_read(by, at, known):
            raise Refused(403, "not_permitted", "You may not read this.", "Those whose requisition it is.")
        text = await store.text(id)
    except NoSuchDocument:
        raise Refused(404, "not_found", "There is no such document.", "An id the API gave out.") from None
    if isinstance(text, Tombstone):
        raise Refused(409, "erased", "Whoever this is about was erased.", "Nothing is left to read.")
    return text


async def readable_among(ids: Iterable[DocumentId], by: Caller, at: Services) -> frozenset[DocumentId]:
    """Those of these documents that the caller may read; unknown ones are left out."""
    store, readable = at.documents, set()
    for id in ids:
        try:
            if await _may_read(by, at, await store.about(id)):
                readable.add(id)
        except NoSuchDocument:
            continue
    return frozenset(readable)


def _read(kind: Upload, body: bytes, name: str) -> SourceText:
    if kind == "transcript":
        return read_transcript(body, name)
    if kind == "resume":
        return read_resume(body, name)
    try:
        text = normalised(body.decode())
    except UnicodeDecodeError:
        raise Unreadable("Notes are plain text in UTF-8.") from None
    if not text:
        raise Unreadable("There is nothing in these notes.")
    return SourceText(text=text)


async def _subject(at: Services, about: str) -> str:
    """The key of whoever a document is about. A requisition's intake has a key of its own."""
    found: str | None
    if about.startswith("C-"):
        found = await at.pool.fetchval("SELECT human FROM candidates WHERE id = $1", about)
    elif about.startswith("H-"):
        found = await at.pool.fetchval("SELECT id FROM humans WHERE id = $1", about)
    else:
        found = await at.pool.fetchval("SELECT id FROM requisitions WHERE id = $1", about)
    if found is None:
        raise Refused(422, "unknown_reference", f"Nobody knows {about}.", "An id the API gave out.", "about")
    return found


async def _may_read(by: Caller, at: Services, known: Stored) -> bool:
    """The recruiter's side reads everything, a hiring manager all but transcripts of calls that were not theirs.

    Who interviews somebody reads their résumé, and what was said in their own interview. An intake is the team's.
    """
    person = by.actor.id
    if known.key.startswith("R-"):
        requisition = await at.reads.requisition(known.key)
        return requisition is not None and person in (*_recruiting(requisition.team), requisition.team.hiring_manager)
    rows = await at.pool.fetch("SELECT view FROM candidates WHERE human = $1", known.key)
    views = (CandidateView.model_validate_json(row["view"]) for row in rows)
    return any(_may_read_of(view, known, person) for view in views)


def _may_read_of(candidate: CandidateView, known: Stored, person: str) -> bool:
    own = [i for i in candidate.interviews.values() if i.status != "cancelled" and i.assignment(person)]
    return (
        person in _recruiting(candidate.team)
        or (person == candidate.team.hiring_manager and known.kind != "transcript")
        or (bool(own) and candidate.resume is not None and candidate.resume.id == known.doc.id)
        or any(interview.transcript == known.doc.id for interview in own)
    )


def _recruiting(team: Team) -> tuple[PersonId, PersonId]:
    return team.recruiter, team.hr_partner


def _may_bring(by: Caller) -> None:
    if by.actor.kind == "candidate":
        raise Refused(403, "not_permitted", "You may not do this.", "Somebody who works on the requisition.")
