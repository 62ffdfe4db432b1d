"""Pages: the same reads and the same commands as the API, for people with a browser.

An application of its own beside the API's, because it answers in HTML where that answers in JSON. `session` says who
reads, `forms` makes a form of any command, `command_forms` shows and sends it; the others are a page, or a few, each.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from api.pages.account import (
    access,
    me,
    notifications,
    own_calendar,
    provider_sign_in,
    saved_views,
    sign_in,
    sign_in_links,
)
from api.pages.applicants import bulk, who_applied
from api.pages.candidates import candidate, debrief, own_link, same_person
from api.pages.forms import command_forms, undo
from api.pages.layout import static_files
from api.pages.layout.session import ForeignForm, RenewedSecrets, SignedOut
from api.pages.layout.templating import page
from api.pages.letters import letter_templates, unplaced_mail
from api.pages.operations import audit, company, design, ops, requisition_templates, retention, slas, users
from api.pages.reports import draft_quality, lead_overview, reports  # fmt: skip
from api.pages.requisitions import applications, board, many_applications, meetings, pipeline, requisition, rubric
from api.pages.search import search
from api.pages.tasks import tasks
from api.problems import OUT_OF_REACH, Problem, Refused, noted, out_of_reach_of, put_on_record

NOT_HERE = Refused(404, "not_found", "There is nothing here.", "A link from one of the pages.").problem
FROM_ELSEWHERE = Refused(
    403, "not_permitted", "This form did not come from here.", "Open the page and try again."
).problem


def create_pages() -> FastAPI:
    """The pages. Whoever mounts them gives them their services (`state.services`)."""
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for room in (
        static_files, sign_in, sign_in_links, provider_sign_in, tasks, board, search, who_applied, bulk, me,
        notifications, own_calendar, saved_views, users, access, company, slas, retention, requisition, pipeline,
        meetings, rubric, candidate, debrief, same_person, applications, many_applications, draft_quality,
        lead_overview, reports, audit, design, ops, letter_templates, unplaced_mail, requisition_templates, own_link,
        undo, command_forms,
    ):  # fmt: skip
        pages.include_router(room.routes)
    pages.add_middleware(GZipMiddleware, compresslevel=5)
    pages.add_middleware(RenewedSecrets)

    @pages.exception_handler(SignedOut)
    async def signed_out(request: Request, _error: SignedOut) -> Response:
        return await sign_in.who_are_you(request)

    @pages.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        put_on_record(request, error)
        return problem_page(request, error.problem, error.headers)

    @pages.exception_handler(ForeignForm)
    async def elsewhere(request: Request, _error: ForeignForm) -> Response:
        return problem_page(request, FROM_ELSEWHERE)

    @pages.exception_handler(RequestValidationError)
    @pages.exception_handler(HTTPException)
    async def not_here(request: Request, _error: Exception) -> Response:
        return problem_page(request, NOT_HERE)

    async def out_of_reach(request: Request, error: Exception) -> Response:
        away = out_of_reach_of(error)
        answer = problem_page(request, away.problem)
        answer.headers.update(away.headers or {})
        return answer

    @pages.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> Response:
        return problem_page(request, noted(request, error))

    for kind in OUT_OF_REACH:
        pages.add_exception_handler(kind, out_of_reach)
    return pages


def problem_page(request: Request, problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A page that says what is wrong, in a sentence."""
    words = {"title": problem.title, "sentence": problem.detail, "accepted": problem.accepted}
    answer = page(request, "problem.html", None, words, problem.status)
    answer.headers.update(headers or {})
    return answer
