"""Whose a document is to read: it belongs to the candidacy, or to the intake, that it was given for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from api.access import Caller
from api.problems import Denied, Refused
from api.relations import candidate_sight, own_applicants, requisition_sight
from api.services import Services
from domain.access.permissions import Permission
from domain.core.ids import DocumentId, mentioned
from domain.core.source_text import SourceText
from domain.evidence.transcript import Transcript
from privacy.sealing import Tombstone
from store.audit import Act, Entry, Kind
from store.blobs import NoSuchBlob
from store.documents import NoSuchDocument, NoSuchPage, Original, Stored
from store.views import CandidateView

R = TypeVar("R")

OPENED_BY: Mapping[str, Permission] = {
    "resume": Permission.CANDIDATE_PROFILE,
    "notes": Permission.CANDIDATE_NOTES,
    "transcript": Permission.CANDIDATE_TRANSCRIPTS,
    "recording": Permission.CANDIDATE_TRANSCRIPTS,
    "work_sample": Permission.CANDIDATE_PROFILE,
    "reference": Permission.CANDIDATE_PROFILE,
    "letter": Permission.CANDIDATE_CONTACT,
}
"""What opens a document of each kind about a candidate."""


class ReadableDocument(NamedTuple):
    """A document's normalised text, and the candidacy or requisition as part of which it is read; empty for none."""

    text: SourceText
    about: str


async def readable_text(id: DocumentId, by: Caller, at: Services) -> SourceText:
    """A document's normalised text, for those who may see whoever it is about. Refuses an unknown one, and others."""
    return (await readable_document(id, by, at)).text


async def readable_document(id: DocumentId, by: Caller, at: Services) -> ReadableDocument:
    """The same, with whose it is."""
    return ReadableDocument(*await _read(id, by, at, at.documents.text))


async def readable_original(id: DocumentId, by: Caller, at: Services) -> Original:
    """The same of the file as it was given."""
    found, _ = await _read(id, by, at, at.documents.original)
    return found


async def readable_recording(id: DocumentId, by: Caller, at: Services) -> tuple[str, Iterator[bytes]] | None:
    """A recording's media type, and the file in parts, for those who may read its transcript; None of what is none."""
    recording = await at.recordings.of(id)
    if recording is None:
        return None

    async def parts(id: str) -> Iterator[bytes] | Tombstone:
        try:
            return await asyncio.to_thread(at.recordings.parts, recording)
        except NoSuchBlob:
            raise NoSuchPage(id) from None

    return recording.media_type, (await _read(id, by, at, parts))[0]


async def readable_page(id: DocumentId, number: int, by: Caller, at: Services) -> Original:
    """The same of the image of one of its pages."""
    found, _ = await _read(id, by, at, lambda document: at.documents.page(document, number))
    return found


async def _read(
    id: DocumentId, by: Caller, at: Services, read: Callable[[str], Awaitable[R | Tombstone]]
) -> tuple[R, str]:
    """What is `read` of a document, and the candidacy or requisition as part of which it is."""
    try:
        known = await at.documents.about(id)
        access = await _access(by, at, known)
        if not access.granted:
            denied = Denied(Kind.DOCUMENT, id, access.permission, access.about)
            raise Refused(
                403, "not_permitted", "You may not read this.", "Those whose requisition it is.", denied=denied
            )
        if known.kind == "draft":  # it is read elsewhere, once it may be
            raise NoSuchDocument(id)
        found = await read(id)
    except NoSuchDocument:
        raise Refused(404, "not_found", "There is no such document.", "An id the API gave out.") from None
    except NoSuchPage:
        raise Refused(404, "not_found", "There is no such page, or file.", "What was read of it as text.") from None
    if isinstance(found, Tombstone):
        raise Refused(409, "erased", "Whoever this is about was erased.", "Nothing is left to read.")
    await at.audit.record(Entry(Act.READ_DOCUMENT, Kind.DOCUMENT, id, access.about, access.permission))
    return found, access.about


async def readable_among(ids: Iterable[DocumentId], by: Caller, at: Services) -> frozenset[DocumentId]:
    """Those of these documents that the caller may read; unknown ones are left out."""
    store, readable = at.documents, set()
    for id in ids:
        try:
            if (await _access(by, at, await store.about(id))).granted:
                readable.add(id)
        except NoSuchDocument:
            continue
    return frozenset(readable)


async def may_quote(ids: Iterable[DocumentId], by: Caller, at: Services) -> None:
    """Refuses a document that the caller may neither read nor has given, as it would an unknown one.

    Whoever may ask whether words are in a document has read it, a question at a time.
    """
    for id in sorted(ids):
        try:
            known = await at.documents.about(id)
        except NoSuchDocument:
            continue  # the domain's to refuse, with its own field
        if known.kind == "draft" or any(who == by.actor.id for _, who in await at.documents.given(id)):
            continue
        if not (await _access(by, at, known)).granted:
            raise Refused(422, "unknown_reference", f"There is no text {id}.", "A document that is yours to read.")


async def given_here(id: DocumentId, entity: str, entity_id: str, at: Services) -> bool:
    """Whether a document is about this candidacy, or of this requisition's intake.

    One that was given for the applicant, and not for another candidacy alone, is.
    """
    try:
        known = await at.documents.about(id)
    except NoSuchDocument:
        return False
    if entity == "requisition":
        return known.key == entity_id
    candidate = await at.reads.candidate(entity_id)
    if candidate is None or candidate.human != known.key:
        return False
    about = {given for given, _ in await at.documents.given(id)}
    return bool(about & {entity_id, known.key}) or id in mentioned(candidate, "D-")


async def transcript_of(id: DocumentId, by: Caller, at: Services) -> Transcript | None:
    """A transcript for whoever gave it, or may read it: they are asked who speaks in it. None for anybody else."""
    try:
        known = await at.documents.about(id)
        given = any(who == by.actor.id for _, who in await at.documents.given(id))
        access = await _access(by, at, known)
        if known.kind != "transcript" or not (given or access.granted):
            return None
        text = await at.documents.text(id)
    except NoSuchDocument:
        return None
    if not isinstance(text, Transcript):
        return None
    await at.audit.record(Entry(Act.READ_DOCUMENT, Kind.DOCUMENT, id, access.about, access.permission))
    return text


class _Access(NamedTuple):
    """Whether a document is somebody's to read, by which permission, and the candidacy or requisition it is of."""

    granted: bool
    permission: Permission
    about: str


async def _access(by: Caller, at: Services, known: Stored) -> _Access:
    """What the caller is to a document: it belongs to the candidacy, or the intake, that it was given for.

    One that was given for an applicant is its giver's until a candidacy rests on it.
    """
    given = await at.documents.given(known.doc.id)
    usual = OPENED_BY.get(known.kind, Permission.CANDIDATE_TRANSCRIPTS)
    if known.key.startswith("R-"):
        requisition = await at.reads.requisition(known.key)
        opens = Permission.REQUISITION_INTAKE
        granted = requisition is not None and (await requisition_sight(requisition, by, at)).may(opens)
        return _Access(granted, opens, known.key)
    if (known.key, by.actor.id) in given and not any(about.startswith("C-") for about, _ in given):
        return _Access(True, usual, "")
    own, about = await own_applicants(by, at), ""
    for candidate in await at.reads.candidacies(known.key):
        if candidate.id in {about for about, _ in given} or known.doc.id in mentioned(candidate, "D-"):
            opens = _opening(candidate, known, by)
            if candidate_sight(candidate, by, own).may(opens):
                return _Access(True, opens, candidate.id)
            about = about or candidate.id
    return _Access(False, usual, about)


def _opening(candidate: CandidateView, known: Stored, by: Caller) -> Permission:
    """What opens a document of a candidacy to the caller."""
    held = [i for i in candidate.interviews.values() if i.status != "cancelled" and i.assignment(by.actor.id)]
    if any(known.doc.id in (interview.transcript, interview.recording) for interview in held):
        return Permission.CANDIDATE_PROFILE  # what was said to oneself
    return OPENED_BY.get(known.kind, Permission.CANDIDATE_TRANSCRIPTS)
