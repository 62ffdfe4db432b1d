"""What the API works with: `wiring.Services`, built once at its start, for the endpoints that depend on them."""

from __future__ import annotations

from typing import cast

from fastapi import Request

from wiring import Services

__all__ = ["Services", "services"]


def services(request: Request) -> Services:
    """This process's services, for an endpoint that depends on them."""
    return cast(Services, request.app.state.services)
