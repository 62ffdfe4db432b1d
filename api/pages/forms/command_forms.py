"""Any command as a page: its form, filled with what is known; sent, it is done, or says at its field why not."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from api.access import With, by_command
from api.commands import derived_id, hold, known_key, owner_of, submit
from api.document_access import given_here, may_quote
from api.documents import keep_document, keep_recording
from api.pages.forms.draft_suggestions import as_drafted, decided, undecided
from api.pages.forms.form_context import OF_A_RUBRIC, Subject, company, of_candidate, of_oneself, of_requisition
from api.pages.forms.form_schema import Form, Typed, typed_in
from api.pages.forms.letter_preview import PARTS, LetterPreview, previewed
from api.pages.forms.read_back import read_back
from api.pages.forms.rubric_diff import OthersChanges, meanwhile
from api.pages.forms.rubric_writing import arranged, half_written, judged_by, lines, live, numbered
from api.pages.forms.side_panel import beside
from api.pages.forms.speaker_forms import RECORD, asked_with, of_the_form, without_answers
from api.pages.forms.time_picker import SLOT, time_picker
from api.pages.forms.undo import counts_later, let_count, undone_form
from api.pages.forms.vague_wording import marks, use_in, with_rewrite
from api.pages.layout.display_names import names, names_in
from api.pages.layout.fields import Choice, Choices, VagueMark, whole_number
from api.pages.layout.labels import IN_FIELD, OVERTAKEN, SAYS, button, humane, title
from api.pages.layout.session import AGAIN, AsReader, PageReader, from_here, local_path
from api.pages.layout.templating import page
from api.problems import Problem, Refused, TooLarge
from documents.document_reader import LARGEST_FILE_BYTES, Kind
from documents.recordings import is_recording
from domain.candidate.contact_details import CorrectContact
from domain.core.availability import Missing
from domain.core.messages import Command
from domain.evidence.text_rules import CALLED_VAGUE
from domain.registry import COMMANDS
from domain.requisition.rubric import AmendRubric, EditRubric
from domain.time.zones import zone_named
from workflows.contract import entity_of, stream_of

routes = APIRouter()

KIND = "rec.kind"
"""The field of a form that says what a call's record is."""

PASTED = "pasted.txt"
"""The name of a text that was pasted in place of a file."""

ENTITIES = {"requisitions": "requisition", "candidates": "candidate"}


@dataclass(frozen=True)
class SentForm:
    """A form that somebody sent: what they typed, files kept under their documents' ids, and the key it goes under.

    It may not be meant to be done yet: it wants `more` rows (of none, if only to be shown again), to `take` over what a
    draft has for a field, or a rewrite of the vague words at the path `reword`. `again` is whether it was kept while
    its reader signed in. `about` is the path of what a button changed, `wrong` why it could not.
    """

    typed: Typed
    key: str
    next: str
    more: str = ""
    take: str = ""
    reword: str = ""
    again: bool = False
    about: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)


@routes.get("/open")
@by_command
async def opening(request: Request, by: AsReader, at: With, template: str = "") -> Response:
    """The form that opens a search, filled from the `template` of this id."""
    return await shown(request, by, at, await company(by, at, template), COMMANDS["requisition"]["open"])


@routes.post("/open", dependencies=[Depends(from_here)])
@by_command
async def open_requisition(request: Request, by: AsReader, at: With, template: str = "") -> Response:
    """Opens a search."""
    return await take(request, by, at, await company(by, at, template), COMMANDS["requisition"]["open"])


@routes.get("/me/{command}")
@by_command
async def ask_oneself(request: Request, command: str, by: AsReader, at: With) -> Response:
    """The form of what somebody says of themselves."""
    kind = _command("person", command)
    return await shown(request, by, at, await of_oneself(kind.name, by, at), kind)


@routes.post("/me/{command}", dependencies=[Depends(from_here)])
@by_command
async def say_of_oneself(request: Request, command: str, by: AsReader, at: With) -> Response:
    """Takes what somebody says of themselves."""
    kind = _command("person", command)
    return await take(request, by, at, await of_oneself(kind.name, by, at), kind)


@routes.get("/{place}/{id}/{command}")
@by_command
async def ask(
    request: Request,
    place: str,
    id: str,
    command: str,
    by: AsReader,
    at: With,
    clock: str = "",
    about: str = "",
    document: str = "",
    undone: str = "",
) -> Response:
    """The form of a command to a requisition or a candidate; `clock` is the promise it keeps, `about` whom it
    concerns, `document` what is attached already, `undone` what is shown again because it was taken back."""
    kind = _command(_entity(place), command)
    stream = stream_of(_entity(place), id)
    by = await let_count(stream, by, at)
    subject = await _subject(place, id, kind, by, at, clock, about)
    if subject.missing is not None:
        return await not_now(request, by, at, subject, kind, subject.missing)
    if document:
        subject = await _attached(document, subject, kind, by, at)
    if undone and (typed := await undone_form(undone, stream, kind, by, at)) is not None:
        return await shown(request, by, at, subject, kind, SentForm(typed, secrets.token_urlsafe(16), "", again=False))
    return await shown(request, by, at, subject, kind)


@routes.post("/{place}/{id}/{command}", dependencies=[Depends(from_here)])
@by_command
async def give(
    request: Request, place: str, id: str, command: str, by: AsReader, at: With, clock: str = "", about: str = ""
) -> Response:
    """Gives the command."""
    kind = _command(_entity(place), command)
    by = await let_count(stream_of(_entity(place), id), by, at)
    return await take(request, by, at, await _subject(place, id, kind, by, at, clock, about), kind)


async def _attached(document: str, subject: Subject, kind: type[Command], by: PageReader, at: With) -> Subject:
    """The subject of a form with a document that was given for it before; without one that is not theirs to name."""
    await may_quote([document], by.caller, at)
    if not await given_here(document, subject.entity, subject.id, at):
        raise Refused(404, "not_found", "There is no such document here.", "A link from one of the pages.")
    doc = (await at.documents.about(document)).doc.model_dump(mode="json")
    if "rec" in kind.model_fields:
        return replace(subject, given={**subject.given, "rec": {"kind": "transcript", "doc": doc}})
    return replace(subject, given={**subject.given, "doc": doc})


async def not_now(
    request: Request, by: PageReader, at: With, subject: Subject, kind: type[Command], missing: Missing
) -> Response:
    """In place of a form that would be refused whatever it says: what is missing."""
    called = await names(at, re.findall(r"P-[0-9A-Z]{6,26}", missing.sentence))
    words = {
        "words": kind.heading,
        "about": subject.title,
        "back": subject.href,
        "sentence": humane(missing.sentence, called, by.zone),
        "accepted": humane(missing.accepted, called, by.zone),
    }
    return page(request, "not_now.html", by, words)


async def _subject(
    place: str, id: str, command: type[Command], by: PageReader, at: With, clock: str, about: str
) -> Subject:
    found = of_requisition if _entity(place) == "requisition" else of_candidate
    return await found(id, command.name, by, at, clock, about)


def _entity(place: str) -> str:
    if place not in ENTITIES:
        raise Refused(404, "not_found", "There is nothing here.", "A link from one of the pages.")
    return ENTITIES[place]


def _command(entity: str, dashed: str) -> type[Command]:
    found = COMMANDS[entity].get(dashed.replace("-", "_"))
    if found is None or found.begins == "itself":
        raise Refused(404, "not_found", "There is no such thing to do.", "A link from one of the pages.")
    return found


async def take(request: Request, by: PageReader, at: With, subject: Subject, kind: type[Command]) -> Response:
    """Gives the command that was sent: on to where it says that it is done, or the form again with what is wrong."""
    asked = await _read(request, by, at, subject, kind)
    if asked.more or asked.take:
        return await shown(request, by, at, subject, kind, asked, asked.wrong, rows={asked.more: 1})
    if asked.reword:
        return await rewritten(request, by, at, subject, kind, asked)
    form = Form(kind, by.zone, offered(subject, asked), typed=_meant(asked.typed, kind, subject))
    if (back := read_back(form.fields, datetime.now(zone_named(by.zone)).replace(tzinfo=None))).says:
        asked = replace(asked, typed={**asked.typed, **back.typed})
        return await shown(request, by, at, subject, kind, asked, back.says, 422)
    command, errors = form.read()
    errors |= {**undecided(form.fields), **(half_written(form.fields, asked.typed) if kind.name in OF_A_RUBRIC else {})}
    if command is None or errors:
        return await shown(request, by, at, subject, kind, asked, errors, 422)
    try:
        typed, look = await previewed(command, asked.typed, subject, by, at) if kind in PARTS else (asked.typed, None)
    except Refused as refused:
        return await refusal(request, by, at, subject, kind, asked, refused.problem)
    asked = replace(asked, typed=typed)
    if look is not None:
        return await shown(request, by, at, subject, kind, asked, preview=look)
    stream = (
        stream_of("requisition", derived_id("R", by.id, known_key(asked.key, at)))
        if kind.begins == "itself"
        else owner_of(subject.entity, subject.id, command, by.caller)
    )
    try:
        asking = await asked_with(kind, subject.id, asked.typed, by, at)
        naming, unsaid = asking.read() if asking else (None, {})
        if unsaid:
            return await shown(request, by, at, subject, kind, asked, unsaid, 422)
        if naming is not None:  # under a key of its own, which another file's does not meet
            await submit(stream, naming, by.caller, at, f"{asked.key} {naming.document}")
        later = await counts_later(stream, kind, by, at)
        if later:
            await hold(stream, command, by.caller, at, asked.key, _own_address(request), asked.typed)
        else:
            await submit(stream, command, by.caller, at, asked.key)
        if kind.begins == "itself" and subject.template is not None:
            await at.requisition_templates.used(subject.template.id, entity_of(stream)[1], by.id)
    except Refused as refused:
        return await refusal(request, by, at, subject, kind, asked, refused.problem)
    if later:
        # nosemgrep: redirect-to-what-was-given  # a page's own address, or what `local_path` let through
        return RedirectResponse(asked.next or subject.href, 303)
    place = f"/{stream.replace('/', 's/')}" if kind.begins == "itself" else asked.next or subject.href
    return done(place, kind.name)


def _meant(typed: Typed, kind: type[BaseModel], subject: Subject) -> Typed:
    """What was typed, without what a corrected contact leaves as it is on record: that is neither kept nor checked.

    Nor are, in the rounds of a rubric, the criteria that were taken out of it.
    """
    if kind in (EditRubric, AmendRubric):
        return judged_by(typed)
    if kind is not CorrectContact:
        return typed
    return {name: said for name, said in typed.items() if typed_in(typed, name).strip() != subject.given.get(name)}


def _own_address(request: Request) -> str:
    """The address of the form at hand."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def done(place: str, command: str) -> Response:
    """On to `place`, which says that the command was done."""
    # nosemgrep: redirect-to-what-was-given  # a page's own address, or what `local_path` let through
    return RedirectResponse(f"{place}{'&' if '?' in place else '?'}done={command}", 303)


async def refusal(
    request: Request,
    by: PageReader,
    at: With,
    subject: Subject,
    kind: type[BaseModel],
    asked: SentForm,
    problem: Problem,
) -> Response:
    """The form as it was sent, with the sentence of its refusal at its field."""
    known = (options for name, options in offered(subject, asked).items() if not name.startswith("?"))
    called = {choice.value: choice.words for options in known for choice in options}
    vague = problem.code in CALLED_VAGUE  # the form itself offers what would be accepted then
    said = SAYS.get(problem.code) or " ".join(filter(None, (problem.detail, None if vague else problem.accepted)))
    path = problem.field or IN_FIELD.get(problem.code, "")
    also = [
        (one.field or "", " ".join(filter(None, (one.detail, None if vague else one.accepted))))
        for one in problem.also or ()
    ]
    called |= await names_in(" ".join((said, *(sentence for _, sentence in also))), by.caller, at)
    overtaken = kind in (EditRubric, AmendRubric) and problem.code == "stale_version"
    made = await meanwhile(subject.id, _base_of(asked), at) if overtaken else None
    if made is not None:
        # What is sent next is meant for the version that its writer has now been shown.
        asked = replace(asked, typed={**asked.typed, "base_version": [str(made.version)]})
        others = await names(at, made.by)
        path, said = "", OVERTAKEN.format(" and ".join(map(others, made.by)))
    errors: dict[str, str] = {}
    for place, sentence in ((path, said), *also):
        told = humane(sentence, lambda id: called.get(id, id), by.zone)
        errors[place] = f"{errors[place]} {told}" if place in errors else told
    return await shown(
        request, by, at, subject, kind, asked, errors, problem.status, vague=vague, made=made, code=problem.code
    )


def _base_of(asked: SentForm) -> int:
    base = typed_in(asked.typed, "base_version")
    return whole_number(base) or 0


async def rewritten(
    request: Request, by: PageReader, at: With, subject: Subject, kind: type[BaseModel], asked: SentForm
) -> Response:
    """A rewrite of the vague words at a field: only that, for a page that has the form already, or the form with it."""
    use = use_in(kind)
    form = Form(kind, by.zone, offered(subject, asked), typed=asked.typed)
    mark = marks(form.fields, use, at).get(asked.reword) if use else None
    if use and mark and mark.may_ask:
        mark = await with_rewrite(mark, use, subject, by, at)
    if request.headers.get("hx-request"):
        return page(request, "rewrite.html", by, {"path": asked.reword, "vague": mark})
    reworded = {asked.reword: mark} if mark else {}
    return await shown(request, by, at, subject, kind, asked, vague=bool(mark), reworded=reworded)


def offered(subject: Subject, asked: SentForm | None) -> Choices:
    """What may be chosen. Criteria that are only being written may be chosen as well: for rounds of the plan."""
    typed: Typed = asked.typed if asked else {}
    names = live(typed, "criteria")
    written = {typed_in(typed, f"{name}.id"): typed_in(typed, f"{name}.behaviour") for name in names}
    for one in subject.given.get("criteria") or () if asked is None else ():
        written |= {one["id"]: one.get("behaviour", "")}
    if "base_version" not in subject.given and not written:
        return subject.choices
    named = [Choice(key, words or f"the {n}. criterion") for n, (key, words) in enumerate(written.items(), 1)]
    return {**subject.choices, "K": named}


async def shown(
    request: Request,
    by: PageReader,
    at: With,
    subject: Subject,
    kind: type[BaseModel],
    asked: SentForm | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    rows: Mapping[str, int] | None = None,
    vague: bool = False,
    reworded: Mapping[str, VagueMark] = MappingProxyType({}),
    made: OthersChanges | None = None,
    preview: LetterPreview | None = None,
    code: str = "",
) -> Response:
    """The form of `kind` about `subject`: as it begins, or as it was `asked` with what is wrong with it.

    Vague words are marked once they were called so, and in a rubric from the beginning. `made` is what others made of
    the same rubric meanwhile, `preview` a letter that is to be seen before it goes, `code` that of a refusal.
    """
    choices, typed = offered(subject, asked), asked.typed if asked else None
    form = Form(kind, by.zone, choices, subject.given, typed, rows, fixed=subject.fixed)
    use = use_in(kind) if vague or form.name in OF_A_RUBRIC else None
    marked = {**marks(form.fields, use, at), **reworded} if use else {}
    fields, complaints = form.with_errors(of_the_form(errors or {}), vague, marked)
    asking = await asked_with(kind, subject.id, typed, by, at) if typed is not None else None
    speakers, unsaid = asking.with_errors(errors or {}) if asking else (None, ())
    words = {
        "words": title(form.name),
        "button": button(form.name),
        "says": form.words,
        "about": subject.title,
        "back": subject.href,
        "fields": fields,
        "complaints": (*complaints, *unsaid),
        "speakers": speakers,
        "asked": asking.samples if asking else {},
        "action": _own_address(request),
        "key": asked.key if asked else secrets.token_urlsafe(16),
        "next": asked.next if asked else local_path(request.query_params.get("next", ""), otherwise=""),
        "meanwhile": made.changes if made else [],
        "recording_megabytes": at.settings.recording_megabytes if at.settings.transcribes else 0,
        "again": asked is not None and asked.again,
        "subject": subject,
        "picker": await time_picker(subject, form, by, at),
        "preview": preview,
        "code": code,
        "lines": lines(fields, _about(asked), typed, subject.given) if form.name in OF_A_RUBRIC else None,
        **await beside(form.name, subject, by, at),
    }
    return page(request, "ask.html", by, words, status, own=f"ask/{form.name}.html")


def _about(asked: SentForm | None) -> str:
    """The path of what a button of a form changed: a row it added, what it took over, or what it took out."""
    return (asked.about or asked.more.strip(".") or asked.take or asked.reword) if asked else ""


async def _read(request: Request, by: PageReader, at: With, subject: Subject, kind: type[Command]) -> SentForm:
    """What was sent. A file, or pasted text in its place, is kept at once: a refused form need not ask again."""
    sent = await request.form()
    asked = as_sent(sent)
    typed: dict[str, Sequence[str]] = dict(asked.typed)
    recorded = await recordings_in(sent)
    for path, file in recorded.items():
        heard = await keep_recording(at, by.caller, subject.documents_of, parts_of(file))
        typed |= {f"{path}.id": [heard.id], f"{path}.sha256": [heard.sha256], f"{path}.pasted": [""]}
        typed = without_answers(typed) | {KIND: ["recording"]}
    for path, content, name in await files_of(sent, apart_from=recorded):
        if path == RECORD and typed_in(typed, KIND) == "recording":
            typed[KIND] = ["transcript"]
        doc = await keep_document(at, by.caller, _kind_of(path, typed), subject.documents_of, content, name)
        typed |= {f"{path}.id": [doc.id], f"{path}.sha256": [doc.sha256], f"{path}.pasted": [""]}
        if path == RECORD:
            typed = without_answers(typed)  # they were about another file
    if kind.name in OF_A_RUBRIC:
        put = await arranged(typed, by, at)
        typed = numbered(put.typed)
        asked = replace(asked, about=put.about or asked.about, wrong=put.wrong, more="." if put.about else asked.more)
    if asked.take:
        typed |= decided(typed, "accept", f"{asked.take}.") | subject.taken(asked.take)
    if typed_in(typed, SLOT):
        typed["starts_at"] = typed[SLOT]
    if "_rest" in sent:
        typed |= decided(typed, "strike")
    return replace(asked, typed=typed | as_drafted(typed))


def as_sent(sent: FormData) -> SentForm:
    """What was typed, and under which key."""
    typed = {name: [value for value in sent.getlist(name) if isinstance(value, str)] for name in sent}
    concrete, again = typed_in(typed, "_concrete"), bool(typed_in(typed, AGAIN))
    if concrete:
        typed[concrete] = [typed_in(typed, f"_rewrite.{concrete}")]
    return SentForm(
        typed,
        key=typed_in(typed, "_key")[:100] or secrets.token_urlsafe(16),
        next=local_path(typed_in(typed, "_next"), otherwise=""),
        more=typed_in(typed, "_more") or ("." if concrete or again else ""),
        take=typed_in(typed, "_take"),
        reword=typed_in(typed, "_reword"),
        again=again,
        about=concrete,
    )


async def recordings_in(sent: FormData) -> dict[str, UploadFile]:
    """The recordings that came as the record of a call, by the field's path."""
    found: dict[str, UploadFile] = {}
    for name, value in sent.multi_items():
        if name == RECORD and isinstance(value, UploadFile) and value.filename:
            start = await value.read(64)
            await value.seek(0)
            if is_recording(start):
                found[name] = value
    return found


async def parts_of(file: UploadFile) -> AsyncIterator[bytes]:
    """A file in parts of a megabyte."""
    while part := await file.read(1024 * 1024):
        yield part


async def files_of(sent: FormData, apart_from: Collection[str] = ()) -> list[tuple[str, bytes, str]]:
    """The files that came, and texts pasted in their place: the field's path, the content and a name for it."""
    files: dict[str, tuple[bytes, str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            if value.filename and name not in apart_from:
                if (value.size or 0) > LARGEST_FILE_BYTES:
                    raise TooLarge(LARGEST_FILE_BYTES)
                files[name] = (await value.read(), value.filename)
        elif name.endswith(".pasted") and value.strip() and name.removesuffix(".pasted") not in apart_from:
            files.setdefault(name.removesuffix(".pasted"), (value.encode(), PASTED))
    return [(path, content, name) for path, (content, name) in files.items()]


def _kind_of(path: str, typed: Typed) -> Kind:
    """What a document is: a call's record is what its form says, anything else a résumé."""
    if not path.startswith("rec."):
        return "resume"
    return "notes" if typed_in(typed, KIND) == "notes" else "transcript"
