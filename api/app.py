"""The application: its rooms, its limits, and what it needs to answer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import structlog
from fastapi import FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint
from starlette.types import Receive, Scope, Send
from temporalio.service import RPCError

import wiring
from api import (
    administration,
    applicants,
    audit,
    available,
    candidate_export,
    codec,
    commands,
    company,
    documents,
    drafts,
    invitations,
    letter_templates,
    letters,
    mailbox,
    merging,
    ops,
    policy,
    problems,
    queries,
    reports,
    requisition_templates,
    retention,
    rewordings,
    saved_views,
    search,
    sessions,
    tokens,
    unplaced_mail,
)
from api.access import every_route, needed, open_to_all
from api.http_edge import BodyLimit, ForwardedClients, Guarded, KnownHosts, ReadableAddresses
from api.identity_provider import IdentityProvider
from api.metrics_middleware import MetricsMiddleware
from api.pages import create_pages
from api.pages.layout.session import is_secure
from api.pages.operations.api_reference import reference
from api.rate_limits import RateLimits
from api.services import Services
from settings import Settings
from store.database import DATABASE_ERRORS
from store.policy_file import PolicyFile


def create_app(settings: Settings) -> FastAPI:
    """The API over these settings. It connects when it starts, and is ready when database and engine answer.

    Raises BadPolicy where the policy file cannot be used, LookupError for a route that does not say who may call it.
    """
    policy_file = PolicyFile(settings.policy)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        settings.home.mkdir(parents=True, exist_ok=True)
        async with wiring.services(settings, policy_file) as at:
            app.state.services = pages.state.services = app.state.scim.state.services = at
            yield

    app = Guarded(
        title="Tandem",
        description="Hiring requisitions as durable workflows. Every command answers with a receipt or a problem.",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.secure = is_secure(settings)
    app.state.pages = pages = create_pages()
    app.state.limits = pages.state.limits = RateLimits(settings)
    app.state.provider = pages.state.provider = IdentityProvider(settings) if settings.oidc_issuer else None
    problems.install(app)
    app.add_middleware(BodyLimit, recording=settings.recording_megabytes * 1024**2)
    app.add_middleware(ReadableAddresses)
    app.add_middleware(KnownHosts, settings=settings)
    app.add_middleware(ForwardedClients, proxies=settings.trusted_proxies)
    app.add_middleware(MetricsMiddleware)
    for room in (
        commands.router(), queries.routes, available.routes, reports.routes, ops.routes, retention.routes,
        documents.routes, applicants.routes, merging.routes, drafts.routes, rewordings.routes, administration.routes,
        invitations.routes, policy.routes, search.routes, sessions.routes, saved_views.routes, tokens.routes,
        mailbox.routes, audit.routes, letter_templates.routes, requisition_templates.routes, letters.routes,
        unplaced_mail.routes, company.routes, candidate_export.routes, codec.routes,
    ):  # fmt: skip
        app.include_router(room)

    @app.middleware("http")
    async def with_ids(request: Request, call_next: RequestResponseEndpoint) -> Response:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(process="api")
        return await call_next(request)

    @app.get("/health", tags=["operations"], operation_id="health", response_class=Response)
    @open_to_all
    async def health() -> Response:
        """200 while this process runs."""
        return Response(status_code=200)

    @app.get(
        "/ready",
        tags=["operations"],
        operation_id="ready",
        response_class=Response,
        responses={503: {"description": "Not ready"}},
    )
    @open_to_all
    async def ready(request: Request) -> Response:
        """200 when the database and the engine answer, else 503."""
        at: Services = request.app.state.services
        try:
            await at.pool.fetchval("select 1", timeout=2)
            healthy = await at.temporal.service_client.check_health()
        except (*DATABASE_ERRORS, RPCError):
            healthy = False
        return Response(status_code=200 if healthy else 503)

    @app.get("/docs", include_in_schema=False)
    @open_to_all
    async def docs(request: Request) -> Response:
        return reference(request, app.openapi())

    # Here, and not above: what it is made of takes its time to import, and only whoever serves it needs it.
    from api.scim import create_scim
    from api.scim.wire import PREFIX

    app.state.scim = scim = create_scim()
    scim.state.limits = app.state.limits
    app.mount(PREFIX, scim)

    nothing = app.router.default

    async def pages_or_nothing(scope: Scope, receive: Receive, send: Send) -> None:
        """What is none of the above is a page; below /v1 and /codec it is answered to programs."""
        await (nothing if scope["path"].startswith(("/v1/", "/codec/")) else pages)(scope, receive, send)

    app.router.default = pages_or_nothing
    for route in (*every_route(app.routes), *every_route(pages.routes), *every_route(scim.routes)):
        needed(route.endpoint)
    return app
