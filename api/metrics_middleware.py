"""How often each endpoint was asked, how long it took, and what was refused: never by whom, or about whom."""

from __future__ import annotations

import time

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ops.metrics import registry

FIGURES = registry()
"""The API's registry."""

ANSWERED = Histogram(
    "tandem_api_request_seconds",
    "Requests by method, route and status, and how long they took",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=FIGURES,
)
REFUSALS = Counter("tandem_api_refusals", "Answers that are problems, by their code", ["code"], registry=FIGURES)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class MetricsMiddleware:
    """Measures every request; one that no route is for counts as route `none`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500  # what the outermost room makes of an error that comes through here

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = getattr(scope.get("route"), "path", "none")
            ANSWERED.labels(method, route, str(status)).observe(time.perf_counter() - began)
