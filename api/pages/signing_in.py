"""Signing in with a token, and out again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.access import With
from api.pages.rendering import page
from api.pages.session import AsReader, SignedOut, forget, from_here, known, local_path, remember

routes = APIRouter()


@routes.get("/sign-in")
async def ask(request: Request, next: str = "/") -> Response:
    """The page that asks who you are."""
    return page(request, "sign_in.html", None, {"next": local_path(next), "wrong": False, "expired": next != "/"})


@routes.post("/sign-in", dependencies=[Depends(from_here)])
async def sign_in(
    request: Request, at: With, token: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/"
) -> Response:
    """Signs somebody in, and takes them where they were going."""
    try:
        await known(token.strip(), at)
    except SignedOut:
        return page(request, "sign_in.html", None, {"next": local_path(next), "wrong": True, "expired": False}, 401)
    response = RedirectResponse(local_path(next), 303)
    remember(response, token.strip(), secure=at.settings.base_url.startswith("https://"))
    return response


@routes.post("/sign-out", dependencies=[Depends(from_here)])
async def sign_out() -> Response:
    """Signs this browser out."""
    response = RedirectResponse("/sign-in", 303)
    forget(response)
    return response


@routes.get("/")
async def home(by: AsReader) -> Response:
    """Everybody begins with what they owe."""
    return RedirectResponse("/owed", 303)
