"""Every refusal as an RFC 9457 problem document: a code, a sentence a person can act on, what would be accepted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NamedTuple

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.metrics_middleware import REFUSALS
from api.services import services
from api.validation_messages import complaint_in_words
from domain.access.permissions import Permission
from domain.core.messages import label_of
from domain.core.walk import walk
from privacy.keys import KeyMissing, KeysUnreachable
from store.audit import Act, AuditAway, Entry, Kind
from store.blobs import BlobsAway

log = structlog.get_logger("api")


class AlsoWrong(BaseModel):
    """What else is wrong with the same request: a sentence, what would be `accepted`, and the `field` that is meant."""

    detail: str
    accepted: str | None = None
    field: str | None = None


class Problem(BaseModel):
    """RFC 9457, with Tandem's `code`, what would be `accepted`, and the `field` that is meant.

    `also` is what else is wrong with it, as far as that is known.
    """

    type: str = Field(description="urn:tandem: and the code")
    title: str
    status: int
    detail: str = Field(description="a sentence a person can act on")
    code: str
    accepted: str | None = None
    field: str | None = None
    also: list[AlsoWrong] | None = None


class Denied(NamedTuple):
    """What somebody may not read or do: an object, the permission they lack on it or the command, and whose it is."""

    kind: Kind
    id: str
    permission: Permission | str
    about: str = ""


class Refused(Exception):
    """An answer that is a problem document. `denied`, where it is not theirs to read or to do, is audited."""

    def __init__(
        self,
        status: int,
        code: str,
        sentence: str,
        accepted: str | None = None,
        field: str | None = None,
        headers: dict[str, str] | None = None,
        denied: Denied | None = None,
        also: Iterable[AlsoWrong] = (),
    ) -> None:
        super().__init__(code)
        self.problem = Problem(
            type=f"urn:tandem:{code}",
            title=HTTPStatus(status).phrase,
            status=status,
            detail=sentence,
            code=code,
            accepted=accepted,
            field=field,
            also=list(also) or None,
        )
        self.headers = headers
        self.denied = denied


def put_on_record(request: Request, error: Refused) -> None:
    """Records that somebody was refused what they wanted to read or do."""
    if error.denied is not None:
        kind, id, permission, about = error.denied
        with suppress(AuditAway):  # nothing was shown, and the log says that nothing is written
            services(request).audit.note(Entry(Act.REFUSED, kind, id, about, permission))


def out_of_reach_of(error: Exception) -> Refused:
    """What is answered to one of `OUT_OF_REACH`: which of them is away."""
    if isinstance(error, BlobsAway):
        return unavailable("The store of files")
    return unavailable("The key store" if isinstance(error, KeysUnreachable | KeyMissing) else "The database")


def unavailable(what: str) -> Refused:
    """503: the command was, or will be, delivered once; the same key asks again without doing it twice."""
    return Refused(
        503,
        "unavailable",
        f"{what} does not answer just now.",
        "The same request again, with the same Idempotency-Key.",
        headers={"Retry-After": "2"},
    )


class TooLarge(Refused):
    """413: a body over `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, "too_large", "That is too large.", f"At most {limit // 1024} KiB.")


class TooSlow(Refused):
    """408: a body that does not come."""

    def __init__(self) -> None:
        super().__init__(408, "too_slow", "That took too long to arrive.", "The same again, over a better line.")


def too_large(limit: int) -> JSONResponse:
    """The answer to a request whose body would be over `limit` bytes."""
    return answer(TooLarge(limit).problem)


def answer(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem as it is sent to programs."""
    REFUSALS.labels(problem.code).inc()
    return JSONResponse(
        problem.model_dump(exclude_none=True), problem.status, headers, media_type="application/problem+json"
    )


def install(app: FastAPI) -> None:
    """Makes every error of `app` a problem document, the framework's own included; none repeats what was sent."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        put_on_record(request, error)
        return answer(error.problem, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return answer(NOT_JSON.problem)
        where = _place(first["loc"])
        about = f"{label_of(where.rpartition('.')[2])}: " if where else ""
        sentence = f"{about}{_complaint(first)}."
        unfit = Refused(422, "invalid", sentence, "What the API's own page says of this request.", where or None)
        return answer(unfit.problem)

    @app.exception_handler(HTTPException)
    async def framework(_request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 400:
            return answer(NOT_JSON.problem)
        code = {404: "not_found", 405: "not_found"}.get(error.status_code, "invalid")
        said = Refused(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))
        return answer(said.problem, said.headers)

    async def out_of_reach(_request: Request, error: Exception) -> JSONResponse:
        log.error("out of reach", kind=type(error).__name__)
        away = out_of_reach_of(error)
        return answer(away.problem, away.headers)

    for kind in OUT_OF_REACH:
        app.add_exception_handler(kind, out_of_reach)

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> JSONResponse:
        return answer(noted(request, error))


def noted(request: Request, error: Exception) -> Problem:
    """What is answered to a bug, once it is in the log."""
    log.error("bug", route=getattr(request.scope.get("route"), "path", None), exc_info=error)
    return Refused(500, "internal", "Something went wrong on our side; nothing was changed.").problem


NOT_JSON = Refused(400, "invalid", "The body is not JSON.", "JSON in UTF-8.")


def _place(location: tuple[int | str, ...]) -> str:
    """The field an error is in, as far as its name is ours and not text that somebody sent as a key."""
    parts = (str(part) for part in location if part not in ("body", "query", "path", "header"))
    return ".".join(itertools.takewhile(_FIELD.fullmatch, parts))


def _complaint(error: Mapping[str, Any]) -> str:
    """What is wrong. The message of a rule of our own may quote what it was given; then it stays with us."""
    message = complaint_in_words(error)
    texts = (part for part in walk(error.get("input")) if isinstance(part, str) and part)
    quotes = error["type"] == "value_error" and any(text in message for text in texts)
    return "This value is not one that is taken here" if quotes else message


OUT_OF_REACH = (
    ConnectionError,
    TimeoutError,
    AuditAway,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    KeysUnreachable,
    KeyMissing,
    BlobsAway,
)
"""How the database, the keys or the blobs let us know that they are not there: starting, stopping, gone. Other kinds of
OSError, as of a file that is missing, are no connection's fault (see `store.database.connect`)."""

_FIELD = re.compile(r"[A-Za-z0-9_\[\]-]{1,40}")

RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
    }
    for status in (400, 401, 403, 404, 409, 413, 422, 429, 500, 503)
}
"""What any endpoint may answer besides success, for the OpenAPI page."""
