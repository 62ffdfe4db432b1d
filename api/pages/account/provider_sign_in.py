"""Signing in by the company's provider (OpenID Connect): on the way there, and back.

A sign-in on its way lies in a cookie of this browser alone: its state, where it goes on, until when, and a keyed hash
over these, so that nobody makes one. Nonce and verifier are keyed hashes of the state, and are kept nowhere. What comes
back is taken once, in the browser it began in. A link begins it, not a form: `form-action` of our Content Security
Policy holds for where a form is led on to as well.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.access import With, open_to_all
from api.identity_provider import CALLBACK, IdentityProvider, ProviderFailed, provider_of
from api.pages.account.sign_in import asked, begun, tried
from api.pages.layout.session import cookie_name, is_secure, local_path
from api.problems import Refused
from api.provider_users import user_of
from api.services import Services

routes = APIRouter()

HOLDS = timedelta(minutes=10)
"""How long somebody may take at the provider."""

LONGEST_PATH = 1_500
"""Characters of an address that are kept meanwhile; a cookie holds no more than 4 KiB."""

NOT_THIS = "This sign-in was not begun in this browser, took too long, or was used before. Begin again."


@dataclass(frozen=True)
class SignInUnderWay:
    """A sign-in that has gone to the provider: its state, and where it goes on."""

    state: str
    path: str

    def nonce(self, at: Services) -> str:
        """What the id token must hold."""
        return at.matcher.match(f"sign-in nonce\n{self.state}")

    def verifier(self, at: Services) -> str:
        """What proves to the provider that whoever brings the code has begun this (RFC 7636)."""
        return at.matcher.match(f"sign-in verifier\n{self.state}")

    def kept(self, at: Services) -> str:
        """As the browser keeps it."""
        path = base64.urlsafe_b64encode(self.path.encode(errors="replace")).decode()
        said = f"{self.state}.{int(time.time() + HOLDS.total_seconds())}.{path}"
        return f"{said}.{_mark(said, at)}"


@routes.get("/sign-in/provider")
@open_to_all
async def begin(request: Request, at: With, next: str = "/") -> Response:
    """Sends a browser to the provider."""
    provider, path = _provider(request), local_path(next)
    under_way = SignInUnderWay(secrets.token_urlsafe(24), path if len(path) <= LONGEST_PATH else "/")
    try:
        address = await provider.sign_in_address(under_way.state, under_way.nonce(at), under_way.verifier(at))
    except ProviderFailed as failed:
        return asked(request, path, provider_failed=failed.sentence, status=failed.status)
    # nosemgrep: redirect-to-what-was-given  # the provider that the settings name
    response = RedirectResponse(address, 303)
    response.set_cookie(
        _cookie(at),
        under_way.kept(at),
        max_age=int(HOLDS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(at.settings),
        path="/",
    )
    return response


@routes.get(CALLBACK)
@open_to_all
async def come_back(
    request: Request, at: With, state: str = "", code: str = "", error: str = "", iss: str | None = None
) -> Response:
    """Signs in whoever comes back from the provider, and takes them where they were going."""
    provider, under_way = _provider(request), _under_way(request, at)
    path = under_way.path if under_way else "/"
    try:
        if (
            under_way is None
            or not hmac.compare_digest(under_way.state.encode(), state.encode(errors="replace"))
            or iss not in (None, provider.issuer)
            or not await at.identities.finish(state, HOLDS)
        ):
            raise ProviderFailed(NOT_THIS, 400)
        if error or not code:
            raise _not_let_in(provider, error)
        identity = await provider.identity(code, under_way.nonce(at), under_way.verifier(at))
        person = await user_of(identity, at)
        response = await begun(request, person.id, path, at, issuer=provider.issuer)
    except ProviderFailed as failed:
        response = _failed(request, path, failed)
    response.delete_cookie(_cookie(at), path="/", secure=is_secure(at.settings), httponly=True, samesite="lax")
    return response


def _failed(request: Request, path: str, failed: ProviderFailed) -> Response:
    """The sign-in page with what went wrong; what was wrong on our callers' side counts as a wrong try."""
    sentence, status = failed.sentence, failed.status
    headers: Mapping[str, str] = {}
    if status < 500:
        said, tried_status, headers = tried(request, sentence)
        sentence, status = said, tried_status if headers else status
    return asked(request, path, provider_failed=sentence, status=status, headers=headers)


def _not_let_in(provider: IdentityProvider, error: str) -> ProviderFailed:
    if error in ("temporarily_unavailable", "server_error"):
        return ProviderFailed(
            f"{provider.name} cannot sign anybody in just now. Try again in a minute, or have a link mailed to you.",
            503,
        )
    return ProviderFailed(
        f"{provider.name} did not let you in, or you stopped there. Begin again, or have a link mailed to you.", 403
    )


def _provider(request: Request) -> IdentityProvider:
    if (provider := provider_of(request)) is None:
        raise Refused(404, "not_found", "Nobody signs in by a provider here.", "A link by mail, from the sign-in page.")
    return provider


def _under_way(request: Request, at: Services) -> SignInUnderWay | None:
    """The sign-in that this browser began, if it holds."""
    said, _, mark = request.cookies.get(_cookie(at), "").rpartition(".")
    if not hmac.compare_digest(_mark(said, at).encode(), mark.encode(errors="replace")):
        return None
    state, until, path = said.split(".")
    if int(until) < time.time():
        return None
    return SignInUnderWay(state, local_path(base64.urlsafe_b64decode(path).decode(errors="replace")))


def _mark(said: str, at: Services) -> str:
    return at.matcher.match(f"sign-in under way\n{said.encode(errors='replace').decode()}")


def _cookie(at: Services) -> str:
    return f"{cookie_name(at.settings)}-sign-in"
