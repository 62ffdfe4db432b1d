"""A candidate's export: everything held about them, in one archive, in words a person can read (GDPR Articles 15, 20).

It covers every candidacy of the applicant that whoever makes it may export; what others may not read stays theirs to
hand out, and the archive says that it may be so. What is others' is left out: colleagues become what they were to the
candidacy, other candidates are not named, drafts nobody answered for are listed without their words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import APIRouter, Response

from api.access import AsCaller, Caller, With, needs
from api.document_access import readable_among
from api.export_archive import (
    CandidacyExport,
    Export,
    ExportedDocument,
    MachineDraft,
    ReadBy,
    Told,
    archive,
    told,
)
from api.export_story import LEFT_OUT, OF_THE_REQUISITION, TOLD_ELSEWHERE, Anonymised, is_told, roles_in
from api.problems import RESPONSES, Refused
from api.relations import candidate_sight, own_applicants, requisition_sight
from api.services import Services
from api.timelines import happened_to_candidate
from api.unsealing import opened, versions_of
from api.visibility import SeenCandidate, contact_of, seen_candidate
from domain.access.permissions import Permission
from domain.core.ids import CandidateId, mentioned
from domain.registry.visibility import visible
from domain.time.zones import zone_named
from privacy.keys import KeyDestroyed
from privacy.sealing import Tombstone
from store.audit import Act, AuditFilter, Entry, Kind
from store.documents import NoSuchPage, Original, Stored
from store.media_types import ending_of
from store.retention import RetentionLine
from store.views import CandidateView, RequisitionView, TimelineEntry
from workflows.contract import stream_of

routes = APIRouter(prefix="/v1", tags=["reads"], responses=RESPONSES)

MEDIA_TYPE = "application/zip"

MOST_EVENTS = 5_000
MOST_READ = 5_000
MOST_BYTES = 64_000_000
"""What one archive holds at most: events and acts of each candidacy, bytes of documents."""

_PAGE = 500

_AT_ONCE = asyncio.Semaphore(2)
"""So many are built at a time in a process: each is held in memory, and never written to a disk."""

ALWAYS_LEFT_OUT = (
    "Names of colleagues, which are their data: they are called what they were to your application. In free text their "
    "names are replaced as far as they are found; what was said in a conversation is in its document as it was given.",
    "Other candidates: nothing of them is here, and nothing of how you were compared with any one of them.",
    "The words of drafts that a language model or a rule made: nobody answers for them. Which were made is listed, and "
    "what people confirmed, having read them, is told where they did.",
    "Why an interviewer could not come, which is theirs; and the reason of a legal hold, which belongs to a claim.",
    "Recordings of conversations that are too large for an archive, or were deleted once they were transcribed: what "
    "was said in them is here as their transcript. Whoever handed this out can give you the files that are kept.",
    "The frame of letters and invitations that were sent to you: the words in them that were written for you are told, "
    "the rest is the same for everybody, and names colleagues. What you wrote is here as it came.",
)
AS_READ = "-as-read.txt"
LOST = f"Files that were lost: what was read of one is here, as its name says (it ends in {AS_READ})."
FOR_THE_HR_PARTNER = "Who has read this: the list is added when the HR partner makes this archive."
ELSEWHERE = (
    "Applications to jobs, and documents given for them, that whoever made this archive has no part in, if there are "
    "any: the HR partner of that job hands those out."
)


@routes.get(
    "/candidates/{id}/export",
    operation_id="candidate_export",
    summary="Everything held about them",
    response_class=Response,
    responses={200: {"description": "A zip.", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
@needs(Permission.CANDIDATE_EXPORT)
async def candidate_export(id: CandidateId, by: AsCaller, at: With) -> Response:
    """Everything held about a candidate as a zip: a page in words, the same as JSON, and the documents as given.

    All candidacies of the applicant that are yours to export; for recruiter and HR partner. That you took it is on
    record.
    """
    async with _AT_ONCE:
        packed = await exported(id, by, at)
    headers = {"Content-Disposition": f'attachment; filename="{id}.zip"'}
    return Response(packed, media_type=MEDIA_TYPE, headers=headers)


async def exported(id: str, by: Caller, at: Services) -> bytes:
    """The archive. Refuses whoever may not export this candidate, and one of whom nothing is left."""
    asked = await seen_candidate(id, by, at, Permission.CANDIDATE_EXPORT)
    if asked.view.standing == "erased":
        raise _erased()
    own = await own_applicants(by, at)
    theirs = [
        await seen_candidate(view.id, by, at, Permission.CANDIDATE_EXPORT)
        for view in await at.reads.candidacies(asked.applicant)
        if view.standing != "erased" and candidate_sight(view, by, own).may(Permission.CANDIDATE_EXPORT)
    ]
    if not theirs:  # erased in this moment
        raise _erased()
    await at.audit.written()
    await at.audit.record(
        *(
            Entry(Act.EXPORTED_CANDIDATE, Kind.CANDIDATE, seen.view.id, permission=Permission.CANDIDATE_EXPORT)
            for seen in theirs
        )
    )
    documents = await _documents(asked, by, at)
    files = {stored.doc.id: document.file for stored, document in documents}
    candidacies = [await _candidacy(seen, files, by, at) for seen in theirs]
    left_out = [
        *ALWAYS_LEFT_OUT,
        *(f"{why[:1].upper()}{why[1:]}." for why in sorted({*LEFT_OUT.values()} - {TOLD_ELSEWHERE})),
    ]
    if any(one.readers is None for one in candidacies):
        left_out.append(FOR_THE_HR_PARTNER)
    if any(file.endswith(AS_READ) for file in files.values()):
        left_out.append(LOST)
    whole = Export(datetime.now(UTC), candidacies, [document for _, document in documents], [*left_out, ELSEWHERE])
    packed = await asyncio.to_thread(archive, whole)
    # What was opened before an erasure is not handed out after it.
    now = await at.reads.several(seen.view.id for seen in theirs)
    if any(view.standing == "erased" for view in now.values()) or await asyncio.to_thread(_gone, asked.applicant, at):
        raise _erased()
    return packed


def _gone(applicant: str, at: Services) -> bool:
    try:
        at.sealer.keys.find(applicant)
    except KeyDestroyed:
        return True
    return False


def _erased() -> Refused:
    return Refused(409, "erased", "Whoever this is about was erased.", "Nothing is left to hand out.")


async def _candidacy(seen: SeenCandidate, files: dict[str, str], by: Caller, at: Services) -> CandidacyExport:
    view = seen.view
    requisition = await at.reads.requisition(view.requisition)
    assert requisition is not None, "a candidate that is readable is in a requisition"
    contact = await contact_of(seen, at)
    entries = sorted(
        [*await _own_events(seen, at), *await _events_of_requisition(requisition, view, by, at)],
        key=lambda entry: (entry.at, entry.stream, entry.seq),
    )
    users = await at.people.several(mentioned([entries, view], "P-"))
    name = contact.name if contact else ""
    others = await _others(view, at)

    def anonymised() -> tuple[Anonymised, list[Told]]:
        whole = Anonymised(view.id, name, roles_in(view), users.values(), others, files)
        return whole, [told(one.at, one.type, whole.by(one.by), whole.told(one.type, one.payload)) for one in entries]

    # Thousands of names, each sought in every word: others are answered meanwhile.
    whole, happened = await asyncio.to_thread(anonymised)
    versions = await versions_of(view.requisition, at)
    outputs = await at.outputs.of_candidate(view.id)
    recruiter = users.get(view.team.recruiter)
    zone = _zone(view) or (recruiter.zone if recruiter else "UTC")
    return CandidacyExport(
        id=view.id,
        job=requisition.title,
        place=requisition.place,
        law_of=requisition.jurisdiction,
        stage=view.stage,
        since=view.stage_since,
        zone=zone,
        contact=contact.model_dump(exclude_none=True) if contact else {},
        criteria={one.id: one.behaviour for version in reversed(versions) for one in version.rubric.criteria},
        happened=happened,
        drafts=[MachineDraft(one.at, one.job.split(":")[0], _made_by(one.model, one.failed)) for one in outputs],
        readers=await _readers(view.id, whole, at) if seen.sight.may(Permission.CANDIDATE_AUDIT) else None,
        kept=_kept(view, await at.retention.of(view.id), zone),
    )


async def _own_events(seen: SeenCandidate, at: Services) -> list[TimelineEntry]:
    found: list[TimelineEntry] = []
    while len(page := await happened_to_candidate(seen, at, limit=_PAGE, offset=len(found))) == _PAGE:
        found += page
        if len(found) > MOST_EVENTS:
            raise _too_much()
    return [entry for entry in (*found, *page) if is_told(entry.type)]


async def _events_of_requisition(
    requisition: RequisitionView, view: CandidateView, by: Caller, at: Services
) -> list[TimelineEntry]:
    sight = await requisition_sight(requisition, by, at)
    stream = stream_of("requisition", requisition.id)
    found = await at.reads.timeline(stream=stream, types=OF_THE_REQUISITION, limit=MOST_EVENTS)
    return [
        TimelineEntry(
            stream=stream,
            seq=one.record.seq,
            at=one.record.at,
            by=one.record.by,
            type=one.record.event.type,
            payload=await opened(visible(one.record.event, "requisition", sight), stream, at),
        )
        for one in found
        if view.id in mentioned(one.record.event, "C-")
    ]


async def _others(view: CandidateView, at: Services) -> Sequence[str]:
    """The names of the requisition's other candidates."""
    lines = await at.reads.candidates(requisition=view.requisition, limit=MOST_EVENTS)
    contacts = await at.applicants.contacts({line.id: line.human for line in lines if line.human != view.human})
    return [contact.name for contact in contacts.values()]


async def _documents(asked: SeenCandidate, by: Caller, at: Services) -> list[tuple[Stored, ExportedDocument]]:
    """Every document about them that the caller may read, as it was given.

    The HR partner hands out as well what was given for them and for no candidacy of theirs: nobody else would.
    """
    everyone = sorted(await at.applicants.same_as(asked.applicant))
    known = [stored for one in everyone for stored in await at.documents.uploads_of(one)]
    readable = await readable_among((stored.doc.id for stored in known), by, at)
    if asked.sight.may(Permission.CANDIDATE_AUDIT):
        for one in everyone:
            readable |= await at.documents.given_for_no_candidacy(one)
    found: list[tuple[Stored, ExportedDocument]] = []
    size = 0
    framed = await at.letters.sent_documents(stored.doc.id for stored in known if stored.kind == "letter")
    for stored in known:
        if stored.doc.id not in readable or stored.doc.id in framed:
            continue
        if stored.kind == "recording" and await _left_out(stored, MOST_BYTES - size, at):
            continue
        ending = ""
        try:
            original = await at.documents.original(stored.doc.id)
        except NoSuchPage:
            text = await at.documents.text(stored.doc.id)
            original = text if isinstance(text, Tombstone) else Original("text/plain", text.text.encode())
            ending = AS_READ
        if isinstance(original, Tombstone):
            continue
        size += len(original.content)
        if size > MOST_BYTES:
            raise _too_much()
        file = f"documents/{len(found) + 1}-{stored.kind}{ending or ending_of(*original)}"
        found.append((stored, ExportedDocument(file, stored.kind, stored.stored_at, original.content)))
    return found


async def _left_out(stored: Stored, room: int, at: Services) -> bool:
    """Whether a recording is not put in: it was deleted, or is too large for an archive."""
    recording = await at.recordings.of(stored.doc.id)
    return recording is None or recording.object is None or recording.size > room


async def _readers(candidate: str, whole: Anonymised, at: Services) -> list[ReadBy]:
    rows: list[ReadBy] = []
    async for row in at.audit.every(AuditFilter(of=candidate)):
        rows.append(ReadBy(row.at, whole.by(row.actor), row.act, row.kind))
        if len(rows) > MOST_READ:
            raise _too_much()
    return rows


def _zone(view: CandidateView) -> str | None:
    """The candidate's time zone, as their interviews or their screen say."""
    meetings = (*reversed(view.interviews.values()), view.screen)
    return next((meeting.zone for meeting in meetings if meeting is not None), None)


def _kept(view: CandidateView, dates: RetentionLine | None, zone: str) -> str:
    if view.legal_hold:
        return "A legal hold keeps it: nothing of it is erased for now."
    if dates is None:
        return "How long this is kept is counted from the end, which has not come yet."
    if not dates.goes:
        return "It is not erased while an offer to you is open."
    return f"It is due to be erased on {dates.due_at.astimezone(zone_named(zone)):%-d %B %Y}."


def _made_by(model: str | None, failed: str | None) -> str:
    return "rules, with no language model" if model is None or failed else f"the language model {model}"


def _too_much() -> Refused:
    return Refused(
        413, "too_large", "There is more about them than one archive holds.", "Somebody who operates Tandem, with care."
    )
