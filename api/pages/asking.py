"""Any command as a page: its form, filled with what is known; sent, it is done, or says at its field why not."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from api.access import With
from api.commands import derived_id, owner_of, submit
from api.documents import Upload, keep_document
from api.pages.forms import Form, Typed
from api.pages.rendering import page
from api.pages.session import AsReader, Reader, from_here, local_path
from api.pages.subjects import Subject, company, of_candidate, of_oneself, of_search
from api.problems import Refused
from domain.kernel import Command
from domain.registry import COMMANDS
from workflows.contract import stream_of

routes = APIRouter()

ENTITIES = {"requisitions": "requisition", "candidates": "candidate"}


@dataclass(frozen=True)
class Asked:
    """A form that somebody sent: what they typed, files kept under their documents' ids, and the key it goes under."""

    typed: Typed
    key: str
    next: str
    more: str


@routes.get("/open")
async def opening(request: Request, by: AsReader, at: With) -> Response:
    """The form that opens a search."""
    return _shown(request, by, await company(by, at), COMMANDS["requisition"]["open"])


@routes.post("/open", dependencies=[Depends(from_here)])
async def open_search(request: Request, by: AsReader, at: With) -> Response:
    """Opens a search."""
    return await _done(request, by, at, await company(by, at), COMMANDS["requisition"]["open"])


@routes.get("/me/{command}")
async def ask_oneself(request: Request, command: str, by: AsReader, at: With) -> Response:
    """The form of what somebody says of themselves."""
    return _shown(request, by, await of_oneself(by, at), _command("person", command))


@routes.post("/me/{command}", dependencies=[Depends(from_here)])
async def say_of_oneself(request: Request, command: str, by: AsReader, at: With) -> Response:
    """Takes what somebody says of themselves."""
    return await _done(request, by, at, await of_oneself(by, at), _command("person", command))


@routes.get("/{place}/{id}/{command}")
async def ask(request: Request, place: str, id: str, command: str, by: AsReader, at: With, clock: str = "") -> Response:
    """The form of a command to a search or a candidate; `clock` is the promise it would keep."""
    kind = _command(_entity(place), command)
    return _shown(request, by, await _subject(place, id, kind, by, at, clock), kind)


@routes.post("/{place}/{id}/{command}", dependencies=[Depends(from_here)])
async def give(
    request: Request, place: str, id: str, command: str, by: AsReader, at: With, clock: str = ""
) -> Response:
    """Gives the command."""
    kind = _command(_entity(place), command)
    return await _done(request, by, at, await _subject(place, id, kind, by, at, clock), kind)


async def _subject(place: str, id: str, command: type[Command], by: Reader, at: With, clock: str) -> Subject:
    found = of_search if _entity(place) == "requisition" else of_candidate
    return await found(id, command.name, by, at, clock)


def _entity(place: str) -> str:
    if place not in ENTITIES:
        raise Refused(404, "not_found", "There is nothing here.", "A link from one of the pages.")
    return ENTITIES[place]


def _command(entity: str, dashed: str) -> type[Command]:
    found = COMMANDS[entity].get(dashed.replace("-", "_"))
    if found is None or found.name == "open":
        raise Refused(404, "not_found", "There is no such thing to do.", "A link from one of the pages.")
    return found


async def _done(request: Request, by: Reader, at: With, subject: Subject, kind: type[Command]) -> Response:
    asked = await _read(request, by, at, subject, kind)
    if asked.more:
        return _shown(request, by, subject, kind, asked, rows={asked.more: 1})
    form = Form(kind, by.zone, subject.choices, typed=asked.typed)
    command, errors = form.read()
    if command is None:
        return _shown(request, by, subject, kind, asked, errors, 422)
    stream = (
        stream_of("requisition", derived_id("R", by.id, asked.key))
        if kind.name == "open"
        else owner_of(subject.entity, subject.id, command, by.caller)
    )
    try:
        await submit(stream, command, by.caller, at, asked.key)
    except Refused as refused:
        problem = refused.problem
        said = " ".join(filter(None, (problem.detail, problem.accepted)))
        return _shown(request, by, subject, kind, asked, {problem.field or "": said}, problem.status)
    if kind.name == "open":
        return RedirectResponse(f"/{stream.replace('/', 's/')}?done=open", 303)
    return RedirectResponse(f"{asked.next or subject.href}?done={kind.name}", 303)


def _shown(
    request: Request,
    by: Reader,
    subject: Subject,
    kind: type[Command],
    asked: Asked | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    rows: Mapping[str, int] | None = None,
) -> Response:
    form = Form(
        kind, by.zone, subject.choices, subject.given, asked.typed if asked else None, rows, fixed=subject.fixed
    )
    fields, others = form.with_errors(errors or {})
    words = {
        "words": kind.name.replace("_", " ").capitalize(),
        "says": form.words,
        "about": subject.title,
        "back": subject.href,
        "fields": fields,
        "errors": others,
        "action": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "key": asked.key if asked else secrets.token_urlsafe(16),
        "next": asked.next if asked else "",
        "subject": subject,
    }
    return page(request, "ask.html", by, words, status, own=f"ask/{kind.name}.html")


async def _read(request: Request, by: Reader, at: With, subject: Subject, kind: type[Command]) -> Asked:
    """What was sent. A file, or pasted text in its place, is kept at once: a refused form need not ask again."""
    sent = await request.form()
    typed = {name: [value for value in sent.getlist(name) if isinstance(value, str)] for name in sent}
    for path, content, name in await _files(sent):
        doc = await keep_document(at, by.caller, _kind_of(path, typed), subject.documents_of, content, name)
        typed |= {f"{path}.id": [doc.id], f"{path}.sha256": [doc.sha256], f"{path}.pasted": [""]}
    key = _one(typed, "_key")[:100] or secrets.token_urlsafe(16)
    return Asked(typed, key, local_path(_one(typed, "_next"), otherwise=""), _one(typed, "_more"))


async def _files(sent: FormData) -> list[tuple[str, bytes, str]]:
    files: dict[str, tuple[bytes, str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files[name] = (await value.read(), value.filename)
        elif name.endswith(".pasted") and value.strip():
            files.setdefault(name.removesuffix(".pasted"), (value.encode(), "pasted.txt"))
    return [(path, content, name) for path, (content, name) in files.items()]


def _kind_of(path: str, typed: Typed) -> Upload:
    """What a document is: a call's record is what its form says, anything else a résumé."""
    if not path.startswith("rec."):
        return "resume"
    return "notes" if _one(typed, "rec.kind") == "notes" else "transcript"


def _one(typed: Mapping[str, Any], name: str) -> str:
    return str(next(iter(typed.get(name, ())), ""))
