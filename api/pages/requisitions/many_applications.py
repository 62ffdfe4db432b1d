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
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from pydantic import BaseModel, Field, create_model
from starlette.datastructures import FormData, UploadFile

from api.access import With, needs
from api.available import available
from api.commands import submit
from api.documents import introduced, keep_document
from api.pages.forms.command_forms import as_sent, done, not_now
from api.pages.forms.form_context import of_requisition
from api.pages.forms.form_schema import Form, Typed, typed_in
from api.pages.layout.display_names import names_in
from api.pages.layout.fields import Choice, Complaint, whole_number
from api.pages.layout.labels import humane
from api.pages.layout.session import AsReader, PageReader, from_here, local_path
from api.pages.layout.templating import page
from api.pages.requisitions.given_files import looked_at, looked_at_as
from api.pages.requisitions.waiting_rows import Desk, Row, Waiting, waiting_at
from api.problems import OUT_OF_REACH, Denied, Refused, out_of_reach_of
from api.visibility import seen_requisition
from documents.decoding import Unreadable, shown
from documents.document_reader import Reading
from domain.access.permissions import Permission
from domain.core.ids import RequisitionId
from domain.requisition.roster import AddCandidate
from store.audit import Kind as Audited
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

SAID_AGAIN = ("source", "notice_version")
"""What was said of all that were added, and stands there again for those that are still asked about."""

FileKind = Literal["resume", "transcript"]
"""What a file that was read whole may be."""

_TOO_MANY = f"More than {MOST_FILES} files, or {MOST_BYTES // 1024**2} MB, may not wait here: add those first."
WAITS_NO_LONGER = "This file waits no longer: give it once more."

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


@routes.get("/requisitions/{id}/applications/add-many")
@needs(Permission.REQUISITION_APPLICATIONS)
async def add_many(request: Request, id: RequisitionId, by: AsReader, at: With) -> Response:
    """The page to which files are brought, with those of its reader that wait."""
    desk = await _desk(id, by, at)
    if desk.missing is not None:
        return await not_now(request, by, at, desk.subject, AddCandidate, desk.missing)
    said = {name: request.query_params[name] for name in SAID_AGAIN if name in request.query_params}
    begun = replace(desk.subject, given={**desk.subject.given, **said})
    return await _shown(request, by, at, replace(desk, subject=begun), {})


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
    button = next((one for one in _BUTTONS if one in asked.typed), None)
    if button is not None:
        meant, _, what = typed_in(asked.typed, button).partition(":")
        waiting = await waiting_at(desk, by, at)
        file = next((one for one in waiting.files if one.id == meant), None)
        answered = await _BUTTONS[button](_Pressed(file, what, asked.typed, waiting, desk, by, at)) if file else ""
        if isinstance(answered, Response):
            return answered
        return await _shown(request, by, at, desk, asked.typed, complaints, {meant: answered} if answered else {})
    if "_add" not in asked.typed:
        return await _shown(request, by, at, desk, asked.typed, complaints)
    return await _add(request, asked.typed, complaints, desk, by, at)


async def _desk(id: str, by: PageReader, at: With) -> Desk:
    seen = await seen_requisition(id, by.caller, at, Permission.REQUISITION_APPLICATIONS)
    subject = await of_requisition(id, AddCandidate.name, by, at)
    given = {"source": "applied", "notice_version": await at.reads.latest_notice(id) or ""}
    return Desk(seen, replace(subject, given=given), subject.missing)


async def _taken(sent: FormData, desk: Desk, by: PageReader, at: With) -> list[str]:
    """Reads and keeps the files that came; what is wrong with all of them, in sentences."""
    came = [one for one in sent.getlist("files") if isinstance(one, UploadFile) and one.filename]
    files = [(one, name) for one in came if not NEITHER.match(name := re.split(r"[/\\]", one.filename or "")[-1])]
    size = whole_number(str(sent.get("_size", ""))) or 0
    if not files:
        return []
    here = [one.details for one in await at.waiting_files.of(desk.id, by.id, datetime.now(UTC)) if one.details]
    known = {one.digest: one.name for one in here}
    country = await _country(at)
    room, refused = asyncio.Semaphore(AT_ONCE), list[str]()

    async def take(file: UploadFile, name: str) -> None:
        async with room:
            body = await file.read()
            digest = hashlib.sha256(body).hexdigest()
            if digest in known:
                refused.append(_given_twice(shown(name), shown(known[digest])))
                return
            known[digest] = name
            found, content = await looked_at(body, name, max(size, len(body)), country)
            found = found.model_copy(update={"digest": digest})
            if await at.waiting_files.put(desk.id, by.id, found, content, len(body)) is None:
                refused.append(_TOO_MANY)

    await asyncio.gather(*(take(file, name) for file, name in files))
    return list(dict.fromkeys(refused))


def _given_twice(name: str, as_well: str) -> str:
    if name == as_well:
        return f"{name} was given twice: it stands here once."
    return f"{name} is the same file as {as_well}, which stands here."


async def _country(at: With) -> str | None:
    company = await at.company.details()
    return company.country if company else None


@dataclass(frozen=True)
class _Pressed:
    """A button of a row that was pressed: the row's file, `what` the button said of it, and all that was typed."""

    file: WaitingFile
    what: str
    typed: Typed
    waiting: Waiting
    desk: Desk
    by: PageReader
    at: With

    @property
    def details(self) -> FileDetails:
        """What is known of the file."""
        assert self.file.details is not None, "it waits"
        return self.file.details

    def is_candidate(self, id: str) -> bool:
        """Whether this is a candidate whom its reader may choose."""
        return any(one.value == id for one in self.waiting.candidates)


async def _dropped(pressed: _Pressed) -> str:
    """Leaves a file out."""
    await pressed.at.waiting_files.drop(pressed.file.id)
    return ""


async def _turned(pressed: _Pressed) -> str:
    """Reads a file as what its reader says it is."""
    at, id, name = pressed.at, pressed.file.id, pressed.details.name
    was: FileKind
    kind: FileKind
    was, kind = ("resume", "transcript") if pressed.what == "transcript" else ("transcript", "resume")
    content = await at.waiting_files.content(id, was)
    if pressed.details.kind != was or content is None:
        return ""
    try:
        found, content = await looked_at_as(kind, content.body, name, await _country(at))
    except Unreadable as unreadable:
        return unreadable.sentence
    await at.waiting_files.put_again(id, found.model_copy(update={"digest": pressed.details.digest}), content)
    return ""


async def _recorded(pressed: _Pressed) -> Response | str:
    """Keeps a call's transcript for whoever it is of, and goes on to the form that records the call."""
    call = typed_in(pressed.typed, f"{pressed.file.id}.call")
    if call not in CALLS:
        return "Which call is it of?"
    entity, command = CALLS[call]
    if entity == "requisition":
        return await _on_to(pressed, "transcript", entity, pressed.desk.id, command)
    whose = typed_in(pressed.typed, f"{pressed.file.id}.whose")
    if not pressed.is_candidate(whose):
        return "Whose call is it?"
    return await _on_to(pressed, "transcript", entity, whose, command)


async def _replaced(pressed: _Pressed) -> Response | str:
    """Keeps a résumé for a candidate who has one, and goes on to the form that replaces it."""
    if not pressed.is_candidate(pressed.what):
        return "Whose résumé is it?"
    return await _on_to(pressed, "resume", "candidate", pressed.what, "replace_resume")


async def _on_to(pressed: _Pressed, kind: FileKind, entity: str, whose: str, command: str) -> Response | str:
    by, at, file = pressed.by, pressed.at, pressed.file
    said = (await available(stream_of(entity, whose), by.caller, at)).get(command)
    if said is None or said.missing is not None:
        missing = said.missing if said else None
        return await _for_people(f"{missing.sentence} {missing.accepted}", by, at) if missing else "Not now."
    form = f"/{entity}s/{whose}/{command.replace('_', '-')}"
    if pressed.details.kind == "recording":  # it was not kept: the form takes it whole
        await at.waiting_files.drop(file.id)
        return RedirectResponse(local_path(form), 303)
    content = await at.waiting_files.content(file.id, kind)
    if content is None:
        return WAITS_NO_LONGER
    # A transcript is read anew: by the names of those who were in the call.
    reading = _reading(content) if kind == "resume" else None
    try:
        doc = await keep_document(at, by.caller, kind, whose, content.body, pressed.details.name, reading)
    except Refused as refused:
        return refused.problem.detail
    await at.waiting_files.drop(file.id)
    return RedirectResponse(local_path(f"{form}?document={doc.id}"), 303)


def _reading(content: FileContent) -> Reading:
    return Reading(content.text, content.media_type, tuple(content.pages))


_BUTTONS: Mapping[str, Callable[[_Pressed], Awaitable[Response | str]]] = {
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
    rows = [row for row in (await waiting_at(desk, by, at)).rows(typed) if row.details.kind == "resume"]
    wrong: dict[str, str] = {}
    chosen: list[tuple[Row, WaitingFile]] = []
    for row in rows:
        which = typed_in(typed, f"{row.id}.which")
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
    again = urlencode({name: getattr(for_all, name) for name in SAID_AGAIN})
    return done(f"/requisitions/{desk.id}/applications/add-many?{again}", "many_applications")


async def _add_one(row: Row, file: WaitingFile, for_all: Any, desk: Desk, by: PageReader, at: With) -> None:
    """Makes somebody known, keeps their résumé under their own key, adds them, and lets go of what waited."""
    assert row.applicant is not None, "it is sure, or right as it stands"
    assert file.details is not None, "it waits"
    applicant = (await introduced(row.applicant, by.caller, at, file.id)).id
    content = await at.waiting_files.content(file.id, "resume")
    if content is None:
        raise Refused(409, "gone", WAITS_NO_LONGER)
    doc = await keep_document(at, by.caller, "resume", applicant, content.body, file.details.name, _reading(content))
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
    return await _for_people(" ".join(filter(None, (refused.problem.detail, refused.problem.accepted))), by, at)


async def _for_people(said: str, by: PageReader, at: With) -> str:
    """A sentence of the API with names, and the headings of forms, in place of ids and commands."""
    called = await names_in(said, by.caller, at)
    return humane(said, lambda id: called.get(id, id), by.zone)


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
    waiting = await waiting_at(desk, by, at)
    rows = waiting.rows(typed, wrong)
    said = {choice.value: choice.words for choice in waiting.candidates}
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
        "added": [Choice(one, said.get(one, "somebody")) for one in waiting.added],
        "candidates": [(one.value, one.words) for one in waiting.candidates],
        "whose": {row.id: waiting.whose(row) for row in rows if row.details.kind == "transcript"},
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
