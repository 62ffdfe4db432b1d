"""Uploads: transcripts, résumés and notes, read at once and kept sealed; and the applicants they are about."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, model_validator

from api.access import AsCaller, Caller, With, needs
from api.commands import IdempotencyKey, derived_id, known_key
from api.contact_types import Email, Named, Telephone
from api.document_access import readable_original, readable_page, readable_recording, readable_text
from api.document_remarks import in_a_sentence
from api.participants import concerned
from api.payload_limits import bounds
from api.problems import RESPONSES, Denied, Refused, TooLarge
from api.relations import in_office, own_applicants
from api.services import Services
from api.visibility import known_as, seen_candidate, seen_requisition, where_known
from documents.decoding import Unreadable
from documents.document_reader import LARGEST_FILE_BYTES, Kind, Reading
from documents.limited_process import read
from documents.recordings import RecordingFacts, UnreadableRecording, is_recording, look_at
from domain.access.permissions import Permission
from domain.core.ids import ApplicantId, CandidateId, DocumentId, PersonId, RequisitionId
from domain.core.source_text import SourceText
from domain.entity.transcription import NO_ENDPOINT, WITHOUT_ENDPOINT
from domain.evidence.documents import Doc, Sha256
from domain.evidence.resume import PagedText
from domain.evidence.transcript import Question, Transcript
from mail.telephones import normal_form
from privacy.keys import KeyDestroyed
from privacy.sealing import Tombstone
from store.applicants import Contact
from store.audit import Kind as Subject
from store.documents import Original
from store.media_types import UNKNOWN_TYPE, ending_of

routes = APIRouter(prefix="/v1", tags=["documents"], responses=RESPONSES)


class NewApplicant(BaseModel):
    """Somebody who applies, or is approached. There is one way to reach them at least."""

    name: Named
    email: Email | None = Field(default=None, title="Mail address")
    phone: Telephone | None = Field(default=None, title="Telephone")
    through: Named | None = Field(
        default=None, title="Reached through", description="Whom or what, where there is neither address nor number."
    )

    @model_validator(mode="after")
    def _can_be_reached(self) -> NewApplicant:
        if not (self.email or self.phone or self.through):
            raise ValueError(
                "There is no way to reach them: a mail address, a telephone number, or through whom they are reached"
            )
        return self


class ApplicantRef(BaseModel):
    """An applicant's id: the same in every requisition."""

    id: ApplicantId


class KnownApplicant(ApplicantRef):
    """An applicant who was made known, or found again.

    `same_address`: other applicants with the same mail address, of those whom the caller knows.
    """

    same_address: list[ApplicantId] = Field(default_factory=list)


class LeftOutPieces(BaseModel):
    """Characters of a file that are no speech: of what kind, in how many pieces."""

    kind: Literal["label", "time", "furniture", "repeated"]
    pieces: int
    characters: int


class AsRead(BaseModel):
    """How a document was read, and what has to be answered before it counts.

    A `recording` becomes a transcript once a call is recorded with it. `unconfirmed` is a transcript of which somebody
    has to say who speaks in it (`name-speakers`): `questions` says of which of its speakers. `tool` is what it was read
    as, `left_out` what of the file is no speech.
    """

    state: Literal["read", "unconfirmed", "recording"] = "read"
    questions: tuple[Question, ...] = ()
    speakers: tuple[str, ...] = ()
    tool: str = ""
    left_out: tuple[LeftOutPieces, ...] = ()


def as_read(text: SourceText) -> AsRead:
    """How a document was read."""
    if not isinstance(text, Transcript):
        return AsRead()
    return AsRead(
        state="unconfirmed" if text.unanswered else "read",
        questions=text.questions,
        speakers=text.speakers,
        tool=text.tool,
        left_out=tuple(LeftOutPieces(**left_out._asdict()) for left_out in text.left_out),
    )


class StoredDocument(AsRead):
    """A document that was stored. Commands name it by its id and hash, or by this whole answer."""

    id: DocumentId
    sha256: Sha256


class SourceTurn(BaseModel):
    """Who said which characters of the text, and when (milliseconds into the recording, where the file says)."""

    speaker: str
    start: int
    end: int
    start_ms: int | None


class PlaceOnPage(BaseModel):
    """Where characters of the text stand: a page, from 1, and a box in thousandths of its width and height."""

    start: int
    end: int
    page: int
    left: int
    top: int
    right: int
    bottom: int


class DocumentRemark(BaseModel):
    """What its reader has to say of it, also as a sentence; `of` is 0 where it counts nothing out of more."""

    kind: str
    number: int
    of: int
    sentence: str


class DocumentText(AsRead):
    """A document's normalised text; for a transcript, who said what; for one with pages, what stands where on them.

    `images` are the numbers of the pages whose image can be read.
    """

    text: str
    turns: list[SourceTurn] = Field(default_factory=list)
    pages: int = 0
    images: list[int] = Field(default_factory=list)
    places: list[PlaceOnPage] = Field(default_factory=list)
    remarks: list[DocumentRemark] = Field(default_factory=list)


UNREADABLE = {
    "damaged": (
        "This is no recording that can be read: it is damaged, or no audio or video at all.",
        "The file as the meeting tool exported it.",
    ),
    "no_sound": ("There is no sound in this file.", "A recording of the call with its sound."),
    "too_long": ("This recording is longer than four hours.", "The part of it that is the call."),
}
"""What is said of a recording that cannot be read, and what would be accepted."""

_BEGINNING = 64
_PART = 1024 * 1024

_looking = ThreadPoolExecutor(2, "recordings")
"""Who looks at recordings: each is in memory for as long as that takes."""

MOST_PAGES = 10_000
FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
"""Content Security Policy of what others sent: were it ever shown as a page, it is nobody's and does nothing."""


@routes.post("/humans", operation_id="introduce_human", summary="Add an applicant", status_code=201)
@needs(Permission.APPLICANT_INTRODUCE)
async def introduce_applicant(
    body: Annotated[NewApplicant, bounds(NewApplicant, "ignore")],
    by: AsCaller,
    at: With,
    idempotency_key: IdempotencyKey = None,
) -> KnownApplicant:
    """Make somebody known, or find them again by their mail address and name, or by their telephone without one.

    Somebody else with the same address is another applicant. What you say of them is sealed under their key.
    """
    return await introduced(body, by, at, idempotency_key)


async def introduced(body: NewApplicant, by: Caller, at: Services, key: str | None = None) -> KnownApplicant:
    """Somebody who is made known, or found again. Refuses whoever may not bring people.

    Who has neither an address nor a number is found again by the same `key` alone. What is known of them already stays
    with those who said it: the caller reads what they say themselves.
    """
    in_office(by, Permission.APPLICANT_INTRODUCE)
    company = await at.company.details() if body.phone else None
    telephone = normal_form(body.phone, company.country if company else None) if body.phone else None
    contact = Contact(name=body.name, email=body.email, phone=body.phone, telephone=telephone, through=body.through)
    hashes = await asyncio.to_thread(at.hashes_of, contact)
    new_id = derived_id("H", by.actor.id, at.matcher.match(contact.model_dump_json()), known_key(key, at))
    found = await at.applicants.recognise(hashes, contact, new_id)
    # Of who was merged into another: what stays of them is the other's, and not what is said of this one.
    await at.applicants.introduce(found, by.actor.id, contact)
    applicant = await at.applicants.stays(found)
    others = await at.applicants.who_have(hashes, apart_from=applicant) if body.email else []
    return KnownApplicant(id=applicant, same_address=[one for one in others if await where_known(one, by, at)])


@routes.put("/humans/{id}/colleague", operation_id="put_colleague", summary="Say which colleague an applicant is")
@needs(Permission.COLLEAGUE_LINK)
async def put_colleague(id: ApplicantId, by: AsCaller, at: With, person: PersonId | None = None) -> ApplicantRef:
    """Say that an applicant is a colleague, to whom their candidacy is then closed; without one, that they are none.

    A colleague who applies under the address they work with is known without it. For HR.
    """
    in_office(by, Permission.COLLEAGUE_LINK)
    if id in await own_applicants(by, at):
        denied = Denied(Subject.APPLICANT, id, Permission.COLLEAGUE_LINK)
        raise Refused(403, "not_permitted", "You are this applicant.", "Somebody else of HR.", denied=denied)
    if person is not None and await at.people.get(person) is None:
        raise Refused(422, "unknown_reference", "There is no such user.", "The id of somebody here.", "person")
    if not await at.applicants.is_colleague(id, person):
        raise Refused(404, "not_found", "There is no such applicant.", "An id the API gave out.")
    return ApplicantRef(id=id)


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
@needs(Permission.CANDIDATE_UPLOAD)
async def upload_document(
    request: Request,
    by: AsCaller,
    at: With,
    kind: Annotated[Kind | Literal["recording"], Query(description="What it is.")],
    about: Annotated[
        ApplicantId | RequisitionId | CandidateId,
        Query(description="Whose key seals it: an applicant's, a candidate's, or a requisition's for its intake."),
    ],
    name: Annotated[str, Query(max_length=200, description="The file's name; its ending is a hint.")] = "upload",
) -> StoredDocument:
    """Store a document: a transcript as WebVTT, SRT or `Name: text`, a résumé as JSON Resume, and everything as text.

    PDF, Word, OpenDocument, RTF, HTML and pictures are read too; what it is, its content says. Up to 10 MB, of text
    5 MB. The same document again gives the same id. What cannot be read is refused, and nothing is stored. A transcript
    may come back `unconfirmed`: then `name-speakers` answers its questions, before the call is recorded.

    A `recording` is audio or video, up to 500 MB where whoever runs Tandem did not say otherwise, and four hours. It is
    transcribed once a call is recorded with it; one that is given as a transcript is taken for what it is.
    """
    start, content = await begun(request.stream())
    if kind == "recording" or (kind == "transcript" and is_recording(start)):
        kept = await keep_recording(at, by, about, content)
        return StoredDocument(id=kept.id, sha256=kept.sha256, state="recording")
    doc = await keep_document(at, by, kind, about, await whole(content), name)
    text = await at.documents.text(doc.id)  # as it is by now: the same document may have been given, and named, before
    if isinstance(text, Tombstone):
        raise _erased()
    return StoredDocument(id=doc.id, sha256=doc.sha256, **dict(as_read(text)))


async def keep_document(
    at: Services,
    by: Caller,
    kind: Kind,
    about: str,
    body: bytes,
    name: str,
    reading: Reading | None = None,
) -> Doc:
    """Reads a document, if that was not done before, and keeps it under the key of whoever it is about.

    Refuses what cannot be read.
    """
    key = await _subject(by, at, about)
    try:
        if reading is None:
            people = await concerned(about, at)
            reading = await read(kind, body, name, [one.name for one in people])
        doc = await at.documents.put(
            key, kind, reading.media_type, body, reading.text, by.actor.id, pages=reading.pages
        )
        await at.documents.give(doc.id, about, by.actor.id)
        return doc
    except Unreadable as unreadable:
        raise Refused(422, unreadable.code, unreadable.sentence, "A file that its tool exported whole.") from None
    except KeyDestroyed:
        raise _erased() from None


async def begun(content: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """How something that is sent begins, and all of it."""
    first = b""
    while len(first) < _BEGINNING and (part := await anext(content, None)) is not None:
        first += part

    async def again() -> AsyncIterator[bytes]:
        yield first
        async for part in content:
            yield part

    return first[:_BEGINNING], again()


async def whole(content: AsyncIterator[bytes]) -> bytes:
    """All of a document. Refuses one that is too large."""
    body = bytearray()
    async for part in content:
        body += part
        if len(body) > LARGEST_FILE_BYTES:
            raise TooLarge(LARGEST_FILE_BYTES)
    return bytes(body)


async def keep_recording(at: Services, by: Caller, about: str, content: AsyncIterator[bytes]) -> Doc:
    """Keeps a recording, sealed as it comes, under the key of whoever it is about.

    Refuses what is none, and every one where nobody could transcribe it. Nothing of it is sent anywhere yet.
    """
    key = await _subject(by, at, about)
    if not at.settings.transcribes:
        raise Refused(422, "invalid", NO_ENDPOINT, WITHOUT_ENDPOINT, "kind")
    most, size, digest = at.settings.recording_megabytes * 1024**2, 0, hashlib.sha256()

    async def parts() -> AsyncIterator[bytes]:
        nonlocal size
        held = bytearray()
        async for part in content:
            held += part
            if len(held) >= _PART:
                size += len(held)
                if size > most:
                    raise TooLarge(most)
                digest.update(held)
                yield bytes(held)
                held.clear()
        size += len(held)
        digest.update(held)
        yield bytes(held)

    try:
        object = await at.blobs.put_stream(key, parts())
    except KeyDestroyed:
        raise _erased() from None
    try:
        facts = await asyncio.get_running_loop().run_in_executor(_looking, _looked_at, at, object, size)
    except BaseException as failed:
        await at.blobs.delete([object])
        if isinstance(failed, UnreadableRecording):
            sentence, accepted = UNREADABLE[failed.code]
            raise Refused(422, "unreadable", sentence, accepted) from None
        raise
    try:
        doc = await at.recordings.put(key, facts.media_type, object, size, digest.digest(), by.actor.id)
    except KeyDestroyed:
        raise _erased() from None
    await at.documents.give(doc.id, about, by.actor.id)
    return doc


def _looked_at(at: Services, object: str, size: int) -> RecordingFacts:
    parts = at.blobs.parts(object)
    if isinstance(parts, Tombstone):
        raise _erased()
    return look_at(parts, size)


def _erased() -> Refused:
    return Refused(409, "erased", "Whoever this is about was erased.", "Nothing more can be kept of them.")


@routes.get("/documents/{id}", operation_id="read_document")
@needs(Permission.CANDIDATE_PROFILE)
async def read_document(id: DocumentId, by: AsCaller, at: With) -> DocumentText:
    """A document's normalised text, into which every span points. For those who may see whoever it is about."""
    text = await readable_text(id, by, at)
    turns = text.turns if isinstance(text, Transcript) else ()
    said = DocumentText(
        text=text.text,
        turns=[SourceTurn(speaker=t.speaker, start=t.start, end=t.end, start_ms=t.start_ms) for t in turns],
        **dict(as_read(text)),
    )
    if isinstance(text, PagedText):
        said.pages, said.images = text.pages, sorted(await at.documents.pages(id))
        said.places = [PlaceOnPage(**place._asdict()) for place in text.places]
        said.remarks = [DocumentRemark(**remark._asdict(), sentence=in_a_sentence(remark)) for remark in text.remarks]
    return said


@routes.get(
    "/documents/{id}/original",
    operation_id="read_original",
    summary="The file as it was given",
    response_class=Response,
    responses={200: {"description": "The file.", "content": {"*/*": {"schema": {"type": "string"}}}}},
)
@needs(Permission.CANDIDATE_PROFILE)
async def read_original(id: DocumentId, by: AsCaller, at: With) -> Response:
    """The file as it was given, byte for byte, to be kept and not to be shown. For those who may read its text."""
    if (recording := await readable_recording(id, by, at)) is not None:
        media_type, parts = recording
        file = f"{id}{ending_of(media_type, b'')}"
        headers = {"Content-Disposition": f'attachment; filename="{file}"', "Content-Security-Policy": FILE_POLICY}
        return StreamingResponse(parts, headers=headers, media_type=media_type)
    original = await readable_original(id, by, at)
    file = f"{id}{ending_of(original.media_type, original.content)}"
    if original.media_type == "text/html":  # not even by name something that a browser would run
        original = original._replace(media_type=UNKNOWN_TYPE)
    return _file(original, {"Content-Disposition": f'attachment; filename="{file}"'})


@routes.get(
    "/documents/{id}/pages/{number}",
    operation_id="read_page",
    summary="The image of a page",
    response_class=Response,
    responses={200: {"description": "The image.", "content": {"image/*": {"schema": {"type": "string"}}}}},
)
@needs(Permission.CANDIDATE_PROFILE)
async def read_page(
    id: DocumentId, number: Annotated[int, Path(ge=1, le=MOST_PAGES, description="From 1.")], by: AsCaller, at: With
) -> Response:
    """The image of one of its pages, as it looks on paper. For those who may read its text."""
    return _file(await readable_page(id, number, by, at), {})


def _file(original: Original, headers: dict[str, str]) -> Response:
    # Not as Starlette's `media_type`, which says of every text that it is in UTF-8.
    headers |= {"Content-Type": original.media_type, "Content-Security-Policy": FILE_POLICY}
    return Response(original.content, headers=headers)


async def _subject(by: Caller, at: Services, about: str) -> str:
    """The key of whoever a document is about, for those who may give one. A requisition's intake has its own key."""
    if about.startswith("H-"):
        in_office(by, Permission.APPLICANT_INTRODUCE)
        await known_as(about, by, at, "about")
        return about
    try:
        if about.startswith("C-"):
            return (await seen_candidate(about, by, at, Permission.CANDIDATE_UPLOAD)).applicant
        return (await seen_requisition(about, by, at, Permission.REQUISITION_UPLOAD)).view.id
    except Refused as refused:
        if refused.problem.code != "not_found":
            raise
        raise Refused(422, "unknown_reference", f"Nobody knows {about}.", "An id the API gave out.", "about") from None
