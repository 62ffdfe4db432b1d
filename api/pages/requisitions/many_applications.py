"""Add applications from files: a folder of what people sent becomes a table, and each row an application or a question.

The files wait between the two steps (`store/waiting_files.py`), for whoever gave them alone. What is sure is added at
once; what is not is asked, and counts once its reader said that it is right.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, create_model
from starlette.datastructures import FormData, UploadFile

from api.access import With, needs
from api.available import available
from api.commands import submit
from api.document_remarks import in_a_sentence
from api.documents import NewApplicant, introduced, keep_document
from api.pages.forms.command_forms import as_sent, done, not_now
from api.pages.forms.form_context import EVERYBODY, Subject, of_requisition
from api.pages.forms.form_schema import Form, Typed
from api.pages.layout.display_names import names, names_in
from api.pages.layout.fields import Choice, Complaint, whole_number
from api.pages.layout.labels import humane
from api.pages.layout.session import AsReader, PageReader, from_here, local_path
from api.pages.layout.templating import page
from api.payload_limits import within_bounds
from api.problems import OUT_OF_REACH, Denied, Refused, out_of_reach_of
from api.validation_messages import complaint_in_words
from api.visibility import SeenRequisition, listed, named_in, seen_requisition
from documents.contact_guesses import contact_in
from documents.decoding import Unreadable, shown
from documents.document_reader import LARGEST_FILE_BYTES, Reading
from documents.limited_process import read
from documents.recordings import is_recording
from documents.sorting import Sorted, sort
from domain.access.permissions import Permission
from domain.core.availability import Missing
from domain.core.ids import RequisitionId
from domain.core.name_matching import bearing
from domain.evidence.resume import PagedText
from domain.evidence.transcript import Transcript
from domain.requisition.roster import AddCandidate
from store.audit import Kind as Audited
from store.media_types import ENDINGS
from store.waiting_files import MOST_BYTES, MOST_FILES, FileContent, FileDetails, WaitingFile
from workflows.contract import stream_of

routes = APIRouter()

AT_ONCE = 4
"""Files that are read, or applications that are added, at a time."""

ADDED_WITHIN = 20.0
"""Seconds after which no further application is begun: the page says how many are left, and the button goes on."""

NEITHER = re.compile(r"\.|~\$|thumbs\.db$|desktop\.ini$", re.I)
"""How what lies in folders beside the files that somebody put there is called."""

CALLS: Mapping[str, tuple[str, str]] = {
    "screen": ("candidate", "record_screen"),
    "interview": ("candidate", "record_interview"),
    "intake": ("requisition", "record_intake"),
}
"""The calls of which there may be a transcript: whose they are, and what records them."""

_READ_AS: Mapping[str, str] = {
    "application/pdf": "PDF",
    "application/msword": "Word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.oasis.opendocument.text": "OpenDocument",
    "application/json": "JSON",
    "text/vtt": "WebVTT",
    "application/x-subrip": "SubRip",
    "text/html": "HTML",
    "text/plain": "Text",
}
_TOO_MANY = f"More than {MOST_FILES} files, or {MOST_BYTES // 1024**2} MB, may not wait here: add those first."

_NOTICE = AddCandidate.model_fields["notice_version"]
_FOR_ALL: dict[str, Any] = {
    name: (one.annotation, one) for name, one in AddCandidate.model_fields.items() if name not in ("person", "doc")
} | {"notice_version": (str, Field(min_length=1, title=_NOTICE.title, description=_NOTICE.description))}
ManyApplications = create_model(
    "ManyApplications",
    __base__=BaseModel,
    __doc__="What is true of all of these applications: how they came, and of what they were told.",
    **_FOR_ALL,
)
"""What is asked once for all: everything of `add-candidate` but who it is and their résumé."""


_APPLICANT: TypeAdapter[NewApplicant] = TypeAdapter(within_bounds(NewApplicant))
"""Made once: two hundred rows are checked whenever the page is drawn."""


@dataclass(frozen=True)
class Row:
    """A file on the page, and what its reader typed about it.

    `alike` are the others that seem to be of the same person; `here` is the candidate of the requisition who they seem
    to be, with their name. `errors` are by field, those of the row itself under "".
    """

    file: WaitingFile
    details: FileDetails
    name: str
    email: str
    phone: str
    right: bool
    applicant: NewApplicant | None
    alike: tuple[WaitingFile, ...] = ()
    here: Choice | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The file's id, by which its inputs are called."""
        return self.file.id

    @property
    def asks(self) -> tuple[str, ...]:
        """What is to be looked at before it counts."""
        return self.details.asks

    @property
    def sure(self) -> bool:
        """Whether nothing has to be asked."""
        return self.applicant is not None and not (self.asks or self.alike or self.here)


@dataclass(frozen=True)
class Desk:
    """The requisition to which files were brought, as its reader sees it; `missing` is why nobody can be added."""

    seen: SeenRequisition
    subject: Subject
    missing: Missing | None

    @property
    def id(self) -> str:
        """The requisition."""
        return self.subject.id


@routes.get("/requisitions/{id}/applications/add-many")
@needs(Permission.REQUISITION_APPLICATIONS)
async def add_many(request: Request, id: RequisitionId, by: AsReader, at: With) -> Response:
    """The page to which files are brought, with those of its reader that wait."""
    desk = await _desk(id, by, at)
    if desk.missing is not None:
        return await not_now(request, by, at, desk.subject, AddCandidate, desk.missing)
    return await _shown(request, by, at, desk, {})


@routes.post("/requisitions/{id}/applications/add-many", dependencies=[Depends(from_here)])
@needs(Permission.REQUISITION_APPLICATIONS)
async def give_many(request: Request, id: RequisitionId, by: AsReader, at: With) -> Response:
    """Takes files, answers about them, or adds those that are sure."""
    desk = await _desk(id, by, at)
    if desk.missing is not None:
        denied = Denied(Audited.REQUISITION, id, "command.add-candidate")
        raise (
            Refused(403, "not_permitted", desk.missing.sentence, desk.missing.accepted, denied=denied)
            if desk.missing.code == "not_permitted"
            else Refused(409, desk.missing.code, desk.missing.sentence, desk.missing.accepted)
        )
    sent = await request.form()
    asked = as_sent(sent)
    if asked.again:
        return await _shown(request, by, at, desk, asked.typed, again=True)
    refused = await _taken(sent, desk, by, at)
    if "_quiet" in sent:
        return PlainTextResponse(" ".join(refused), 422 if refused else 200)
    complaints = [Complaint("files", "Files", sentence) for sentence in refused]
    files = {one.id: one for one in await at.waiting_files.of(id, by.id, datetime.now(UTC)) if one.details}
    for button, answer in _BUTTONS.items():
        meant, _, what = _one(asked.typed, button).partition(":")
        if meant in files:
            answered = await answer(files[meant], what, asked.typed, desk, by, at)
            if isinstance(answered, Response):
                return answered
            return await _shown(request, by, at, desk, asked.typed, complaints, {meant: answered} if answered else {})
    if "_add" not in asked.typed:
        return await _shown(request, by, at, desk, asked.typed, complaints)
    return await _add(request, asked.typed, complaints, desk, by, at)


async def _desk(id: str, by: PageReader, at: With) -> Desk:
    seen = await seen_requisition(id, by.caller, at, Permission.REQUISITION_APPLICATIONS)
    subject = await of_requisition(id, AddCandidate.name, by, at)
    return Desk(seen, replace(subject, given={"source": "applied"}), subject.missing)


async def _taken(sent: FormData, desk: Desk, by: PageReader, at: With) -> list[str]:
    """Reads and keeps the files that came; what is wrong with all of them, in sentences."""
    came = [one for one in sent.getlist("files") if isinstance(one, UploadFile) and one.filename]
    files = [(one, name) for one in came if not NEITHER.match(name := re.split(r"[/\\]", one.filename or "")[-1])]
    size = whole_number(str(sent.get("_size", ""))) or 0
    known = {one.details.digest for one in await at.waiting_files.of(desk.id, by.id, datetime.now(UTC)) if one.details}
    company = await at.company.details()
    room, refused = asyncio.Semaphore(AT_ONCE), list[str]()

    async def take(file: UploadFile, name: str) -> None:
        async with room:
            body = await file.read()
            digest = hashlib.sha256(body).hexdigest()
            if digest in known:
                refused.append(f"{shown(name)} was given twice: it stands here once.")
                return
            known.add(digest)
            country = company.country if company else None
            found, content = await _looked_at(body, name, max(size, len(body)), country)
            found = found.model_copy(update={"digest": digest})
            if await at.waiting_files.put(desk.id, by.id, found, content, len(body)) is None:
                refused.append(_TOO_MANY)

    await asyncio.gather(*(take(file, name) for file, name in files))
    return list(dict.fromkeys(refused))


async def _looked_at(body: bytes, name: str, whole: int, country: str | None) -> tuple[FileDetails, FileContent | None]:
    """What a file is and what is found in it; `whole` is how large it is, of which perhaps only the beginning came."""
    try:
        if whole > LARGEST_FILE_BYTES and not is_recording(body):
            raise Unreadable(f"{shown(name)} is larger than {LARGEST_FILE_BYTES // 1024**2} MB. Upload the text alone.")
        found = await sort(body, name)
    except Unreadable as unreadable:
        return FileDetails(name=name, kind="unreadable", says=unreadable.sentence), None
    if found.reading is None:
        return FileDetails(name=name, kind="recording", read_as="A recording"), None
    return await _read_as(found, name, country), _content(body, found.reading)


async def _read_as(found: Sorted, name: str, country: str | None) -> FileDetails:
    reading = found.reading
    assert reading is not None, "a recording is not read"
    details = FileDetails(name=name, kind=found.kind, read_as=_form_of(reading), asks=found.asks)
    if isinstance(reading.text, Transcript):
        tool = reading.text.tool
        read_as = f"A transcript ({tool})" if tool else "A transcript"
        return details.model_copy(update={"read_as": read_as, "speakers": reading.text.speakers})
    assert isinstance(reading.text, PagedText)
    remarks = reading.text.remarks
    by_ocr = any(remark.kind == "read_by_ocr" for remark in remarks)
    guess = await asyncio.to_thread(contact_in, reading.text.text, name, country, by_ocr)
    return details.model_copy(
        update={
            "remarks": tuple(map(in_a_sentence, remarks)),
            "person": guess.name,
            "email": guess.email,
            "phone": guess.phone,
            "asks": (*found.asks, *guess.asks),
        }
    )


def _form_of(reading: Reading) -> str:
    """`PDF, 2 pages`."""
    ending = ENDINGS.get(reading.media_type, "")
    form = _READ_AS.get(reading.media_type) or ("A picture" if reading.media_type.startswith("image/") else ending)
    pages = reading.text.pages if isinstance(reading.text, PagedText) else 0
    return f"{form}, {pages} {'page' if pages == 1 else 'pages'}" if pages else form


def _content(body: bytes, reading: Reading) -> FileContent:
    return FileContent(body, reading.text, reading.media_type, reading.pages)


async def _dropped(file: WaitingFile, what: str, typed: Typed, desk: Desk, by: PageReader, at: With) -> str:
    """Leaves a file out."""
    await at.waiting_files.drop(file.id)
    return ""


async def _turned(file: WaitingFile, what: str, typed: Typed, desk: Desk, by: PageReader, at: With) -> str:
    """Reads a file as what its reader says it is."""
    assert file.details is not None
    kind: Literal["resume", "transcript"] = "transcript" if what == "transcript" else "resume"
    was: Literal["resume", "transcript"] = "resume" if kind == "transcript" else "transcript"
    content = await at.waiting_files.content(file.id, was)
    if file.details.kind != was or content is None:
        return ""
    try:
        reading = await read(kind, content.body, file.details.name)
    except Unreadable as unreadable:
        return unreadable.sentence
    company = await at.company.details()
    found = await _read_as(Sorted(kind, reading), file.details.name, company.country if company else None)
    await at.waiting_files.put_again(
        file.id, found.model_copy(update={"digest": file.details.digest}), _content(content.body, reading)
    )
    return ""


async def _recorded(file: WaitingFile, what: str, typed: Typed, desk: Desk, by: PageReader, at: With) -> Response | str:
    """Keeps a call's transcript for whoever it is of, and goes on to the form that records the call."""
    call = _one(typed, f"{file.id}.call")
    if call not in CALLS:
        return "Which call is it of?"
    entity, command = CALLS[call]
    whose = desk.id if entity == "requisition" else _one(typed, f"{file.id}.whose")
    if whose not in {desk.id} | {one.value for one in await _candidates(desk, by, at)}:
        return "Whose call is it?"
    return await _on_to(file, "transcript", entity, whose, command, by, at)


async def _replaced(file: WaitingFile, what: str, typed: Typed, desk: Desk, by: PageReader, at: With) -> Response | str:
    """Keeps a résumé for a candidate who has one, and goes on to the form that replaces it."""
    if what not in {one.value for one in await _candidates(desk, by, at)}:
        return "Whose résumé is it?"
    return await _on_to(file, "resume", "candidate", what, "replace_resume", by, at)


async def _on_to(
    file: WaitingFile,
    kind: Literal["resume", "transcript"],
    entity: str,
    whose: str,
    command: str,
    by: PageReader,
    at: With,
) -> Response | str:
    said = (await available(stream_of(entity, whose), by.caller, at)).get(command)
    if said is None or said.missing is not None:
        return f"{said.missing.sentence} {said.missing.accepted}" if said and said.missing else "Not now."
    form = f"/{entity}s/{whose}/{command.replace('_', '-')}"
    assert file.details is not None
    if file.details.kind == "recording":  # it was not kept: the form takes it whole
        await at.waiting_files.drop(file.id)
        return RedirectResponse(local_path(form), 303)
    content = await at.waiting_files.content(file.id, kind)
    if content is None:
        return "This file waits no longer: give it once more."
    # A transcript is read anew: by the names of those who were in the call.
    reading = Reading(content.text, content.media_type, tuple(content.pages)) if kind == "resume" else None
    try:
        doc = await keep_document(at, by.caller, kind, whose, content.body, file.details.name, reading)
    except Refused as refused:
        return refused.problem.detail
    await at.waiting_files.drop(file.id)
    return RedirectResponse(local_path(f"{form}?document={doc.id}"), 303)


_BUTTONS: Mapping[str, Any] = {
    "_drop": _dropped, "_turn": _turned, "_record": _recorded, "_replace": _replaced,
}  # fmt: skip
"""What a row's own buttons do, by their names: `_drop=F-…`, `_turn=F-…:transcript`. They answer with what is wrong."""


async def _add(
    request: Request, typed: Typed, complaints: Sequence[Complaint], desk: Desk, by: PageReader, at: With
) -> Response:
    """Adds the rows that are sure, and those of which somebody said that they are right."""
    for_all, errors = Form(ManyApplications, by.zone, desk.subject.choices, typed=typed).read()
    if for_all is None:
        return await _shown(request, by, at, desk, typed, complaints, errors=errors, status=422)
    rows = [row for row in await _rows(typed, desk, by, at) if row.details.kind == "resume"]
    wrong: dict[str, str] = {}
    chosen: list[tuple[Row, WaitingFile]] = []
    for row in rows:
        which = _one(typed, f"{row.id}.which")
        if row.alike and which == "apart":
            for one in (row.file, *row.alike):
                assert one.details is not None
                await at.waiting_files.note(one.id, one.details.model_copy(update={"apart": True}))
            wrong[row.id] = "They stand in rows of their own now: look at each."
        elif row.right and row.alike and which not in {one.id for one in (row.file, *row.alike)}:
            wrong[row.id] = "Which of these files is their résumé, or are they of different people?"
        elif row.right and row.applicant is None:
            wrong[row.id] = "Something is still missing here."
        elif row.sure or row.right:
            chosen.append((row, next((one for one in row.alike if one.id == which), row.file)))
    until, room, later = time.monotonic() + ADDED_WITHIN, asyncio.Semaphore(AT_ONCE), list[str]()

    async def add(row: Row, file: WaitingFile) -> None:
        async with room:
            if time.monotonic() > until:
                later.append(row.id)
                return
            try:
                await _add_one(row, file, for_all, desk, by, at)
            except Refused as refused:
                wrong[row.id] = await _in_words(refused, by, at)
            except OUT_OF_REACH as away:
                wrong[row.id] = out_of_reach_of(away).problem.detail

    await asyncio.gather(*(add(row, file) for row, file in chosen))
    said = list(complaints)
    if later:
        said.append(Complaint("files", "Later", f"{len(later)} are still to be added: press the button once more."))
    if not chosen and not wrong:
        said.append(Complaint("files", "Files", "Nothing here is ready to be added: look at what is asked."))
    if wrong or said:
        return await _shown(request, by, at, desk, typed, said, wrong, status=422)
    return done(f"/requisitions/{desk.id}/applications/add-many", "many_applications")


async def _add_one(row: Row, file: WaitingFile, for_all: Any, desk: Desk, by: PageReader, at: With) -> None:
    """Makes somebody known, keeps their résumé under their own key, adds them, and lets go of what waited."""
    assert row.applicant is not None and file.details is not None  # noqa: PT018
    applicant = (await introduced(row.applicant, by.caller, at, file.id)).id
    content = await at.waiting_files.content(file.id, "resume")
    if content is None:
        raise Refused(409, "gone", "This file waits no longer: give it once more.")
    reading = Reading(content.text, content.media_type, tuple(content.pages))
    doc = await keep_document(at, by.caller, "resume", applicant, content.body, file.details.name, reading)
    given = {name: getattr(for_all, name) for name in ManyApplications.model_fields}
    command = AddCandidate(person=applicant, doc=doc, **given)
    receipt = await submit(stream_of("requisition", desk.id), command, by.caller, at, file.id)
    assert receipt.begun is not None, "a candidate begins with it"
    await at.waiting_files.added(file.id, receipt.begun)
    for other in (row.file, *row.alike):
        if other.id != file.id:
            await at.waiting_files.drop(other.id)
    # So that whoever added them sees them; they stand in the queue a moment later in any case.
    await at.reads.wait_for_version(stream_of("candidate", receipt.begun), 1)


async def _in_words(refused: Refused, by: PageReader, at: With) -> str:
    said = " ".join(filter(None, (refused.problem.detail, refused.problem.accepted)))
    called = await names_in(said, by.caller, at)
    return humane(said, lambda id: called.get(id, id), by.zone)


async def _candidates(desk: Desk, by: PageReader, at: With) -> list[Choice]:
    """The requisition's candidates whose names the reader may read."""
    lines = await listed(desk.seen, by.caller, at, limit=EVERYBODY)
    named = await named_in(desk.seen, ((line.id, line.human) for line in lines), by.caller, at)
    called = await names(at, candidates=named.items())
    return [Choice(one, called(one)) for one in named]


async def _rows(
    typed: Typed, desk: Desk, by: PageReader, at: With, wrong: Mapping[str, str] | None = None
) -> list[Row]:
    """The files that wait, those of one person in one row."""
    waiting = [one for one in await at.waiting_files.of(desk.id, by.id, datetime.now(UTC)) if one.details]
    lines = await listed(desk.seen, by.caller, at, limit=EVERYBODY) if waiting else []
    named = await named_in(desk.seen, ((line.id, line.human) for line in lines), by.caller, at)
    contacts = await at.applicants.contacts(named)
    reads_addresses = desk.seen.sight.may(Permission.CANDIDATE_CONTACT)
    known = {_folded(contact.name): Choice(one, contact.name) for one, contact in contacts.items()}
    if reads_addresses:
        known |= {
            contact.email.casefold(): Choice(one, contact.name) for one, contact in contacts.items() if contact.email
        }
    rows: dict[str, Row] = {}
    first: dict[str, str] = {}
    for file in waiting:
        row = _row(file, typed, wrong or {})
        if row.details.kind == "resume":
            told = [one for one in (row.email.casefold(), _folded(row.name)) if one]
            same = next((first[one] for one in told if one in first), None)
            if same is not None and not row.details.apart:
                rows[same] = replace(rows[same], alike=(*rows[same].alike, file))
                continue
            if not row.details.apart:
                first |= dict.fromkeys(told, row.id)
            row = replace(row, here=next((known[one] for one in told if one in known), None))
        rows[row.id] = row
    return list(rows.values())


def _row(file: WaitingFile, typed: Typed, wrong: Mapping[str, str]) -> Row:
    details = file.details
    assert details is not None, "it waits"
    given = {"name": details.person, "email": details.email, "phone": details.phone}
    for part in given:
        if f"{file.id}.{part}" in typed:
            given[part] = _one(typed, f"{file.id}.{part}").strip()
    right = _one(typed, f"{file.id}.right") == "true"
    applicant, errors = _applicant(given)
    # What is missing is asked in the row; only what was typed and cannot be is a mistake.
    said = {part: sentence for part, sentence in errors.items() if given.get(part)} | (
        {part: sentence for part, sentence in errors.items() if right} if details.kind == "resume" else {}
    )
    if sentence := wrong.get(file.id):
        said[""] = sentence
    return Row(file, details, given["name"], given["email"], given["phone"], right, applicant, errors=said)


def _applicant(given: Mapping[str, str]) -> tuple[NewApplicant | None, dict[str, str]]:
    """Who is meant, or what is wrong, by field."""
    try:
        return _APPLICANT.validate_python({part: said for part, said in given.items() if said}), {}
    except ValidationError as invalid:
        errors = invalid.errors()
        return None, {str(next(iter(one["loc"]), "")): f"{complaint_in_words(one)}." for one in reversed(errors)}


def _folded(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


async def _shown(
    request: Request,
    by: PageReader,
    at: With,
    desk: Desk,
    typed: Typed,
    complaints: Iterable[Complaint] = (),
    wrong: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    again: bool = False,
    status: int = 200,
) -> Response:
    """The page as it stands, with what was typed and what is wrong."""
    now = datetime.now(UTC)
    rows = await _rows(typed, desk, by, at, wrong)
    candidates = await _candidates(desk, by, at)
    files = await at.waiting_files.of(desk.id, by.id, now)
    added = {one.candidate for one in files if one.candidate}
    said = {choice.value: choice.words for choice in candidates}
    form = Form(
        ManyApplications, by.zone, desk.subject.choices, desk.subject.given, typed if "source" in typed else None
    )
    fields, wrong_fields = form.with_errors(errors or {})
    in_rows = [
        Complaint(f"{row.id}", row.name or row.details.name, sentence)
        for row in rows
        for part, sentence in row.errors.items()
        if not part or row.right
    ]
    words = {
        "view": desk.seen.view,
        "rows": rows,
        "sure": sum(row.sure and row.details.kind == "resume" for row in rows),
        "asked": sum(not row.sure and row.details.kind == "resume" for row in rows),
        "added": [Choice(one, said.get(one, "somebody")) for one in sorted(added)],
        "candidates": [(one.value, one.words) for one in candidates],
        "whose": {row.id: _whose(row, candidates) for row in rows if row.details.kind == "transcript"},
        "typed": typed,
        "fields": fields,
        "complaints": (*complaints, *in_rows, *wrong_fields),
        "action": request.url.path,
        "key": secrets.token_urlsafe(16),
        "again": again,
        "speakers": None,
        "most": MOST_FILES,
    }
    return page(request, "add_many.html", by, words, status)


def _whose(row: Row, candidates: Sequence[Choice]) -> str:
    """The only candidate who speaks in a transcript by name; nothing where nobody does, or several do."""
    alike = [one.value for one in candidates if bearing(row.details.speakers, [one.words])]
    return alike[0] if len(alike) == 1 else ""


def _one(typed: Typed, name: str) -> str:
    return str(next(iter(typed.get(name, ())), ""))
