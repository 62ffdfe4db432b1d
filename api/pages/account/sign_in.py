"""Signing in with a token, and out again. A form that was sent by nobody any more is kept on the page that asks.

By mail: `sign_in_links`.

What was typed goes along in hidden fields, to nowhere but the browser it came from; whoever then signs in gets it only
if it is theirs, and sees it before it is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.access import With, needs, open_to_all
from api.identity_provider import provider_of
from api.pages.account.browser_names import browser_of
from api.pages.layout.fields import whole_number
from api.pages.layout.session import AGAIN, AsReader, forget, from_here, local_path, remember, secret_of
from api.pages.layout.templating import page
from api.payload_limits import storable
from api.problems import Refused
from api.rate_limits import limits_of
from domain.access.permissions import Permission
from domain.access.roles import Role
from store.tokens import prefix_of

routes = APIRouter()

CARRIED_BYTES = 256 * 1024
"""The largest form that is kept while somebody signs in: as much as a command of the API may have."""

_TOKEN, _NEXT, _TO = "_token", "_after", "_to"
MAIL, ASK, CODE = "_mail", "_ask", "_code"
_OWN = frozenset({_TOKEN, _NEXT, _TO, MAIL, ASK, CODE})
NOBODYS = "Nobody who signs in here holds this token. An administrator makes one."
_BUTTONS = frozenset({"_more", "_take", "_concrete", "_reword", "_passage", "_away", "_back"})


@dataclass(frozen=True)
class PendingForm:
    """A form on its way through a sign-in: where it was sent, what was typed, and by whom.

    `files` is whether there were files with it, which a browser sends only once.
    """

    to: str
    typed: tuple[tuple[str, str], ...]
    by: str
    files: bool


@routes.get("/sign-in")
@open_to_all
async def ask(request: Request, next: str = "/") -> Response:
    """The page that asks who you are."""
    return asked(request, next, expired=next != "/")


@routes.post("/sign-in", dependencies=[Depends(from_here)])
@open_to_all
async def sign_in(request: Request, at: With) -> Response:
    """Signs somebody in, and takes them where they were going: to the form they had filled in, if it was theirs."""
    sent = await request.form()
    token, next = str(sent.get(_TOKEN, "")).strip(), next_of(sent)
    carried = carried_by(sent)
    holder = await at.tokens.holder(token) if storable(token) else None
    # A session may do all its user may: who holds less gets none.
    if holder is None or holder.actor.kind != "person" or holder.scope == "read":
        sentence, status, headers = tried(request, NOBODYS)
        return asked(request, next, wrong=sentence, carried=carried, status=status, headers=headers)
    return await begun(request, holder.actor.id, next, at, carried, token=prefix_of(token))


@routes.post("/sign-out", dependencies=[Depends(from_here)])
@open_to_all
async def sign_out(request: Request, at: With) -> Response:
    """Ends the session of this browser, and at the provider by which it was begun.

    A page leads there, not this answer: `form-action` of our policy holds for where a form is led on to as well.
    """
    issuer = await at.sessions.sign_out(secret_of(request, at.settings))
    provider = provider_of(request)
    there = await provider.sign_out_address() if provider and issuer == provider.issuer else None
    if there is None:
        response: Response = RedirectResponse("/sign-in", 303)
    else:
        assert provider is not None, "somebody answered"
        response = page(request, "signed_out.html", None, {"there": there, "provider": provider.name})
        response.headers["Refresh"] = f"0; url={there}"
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    forget(response, at.settings)
    return response


@routes.get("/")
@needs(Permission.OWN_READ)
async def home(by: AsReader, at: With) -> Response:
    """Everybody begins with what they owe; who leads, and does not recruit as well, with how it goes."""
    leads = by.is_any(Role.LEAD) or (not by.is_any(Role.RECRUITER) and await at.lead_overviews.leads(by.id))
    return RedirectResponse("/overview" if leads else "/owed", 303)


async def begun(
    request: Request,
    person: str,
    next: str,
    at: With,
    carried: PendingForm | None = None,
    token: str | None = None,
    issuer: str | None = None,
) -> Response:
    """Signs somebody in at this browser, in a new session in place of the one it had, and takes them to `next`.

    To the form they had filled in, if it was theirs: 307 has the browser send the same fields once more.
    """
    own = carried if carried is not None and carried.by == person else None
    response = RedirectResponse(local_path(own.to if own else next), 307 if own else 303)
    await at.sessions.sign_out(secret_of(request, at.settings))
    secret = await at.sessions.begin(person, browser_of(request.headers.get("user-agent", "")), token, issuer)
    remember(response, secret, at.settings)
    return response


async def who_are_you(request: Request) -> Response:
    """What somebody is answered whom nobody knows, or not any more: the page that asks, and then where they were."""
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Refresh": "true"})
    if request.method != "POST":
        return RedirectResponse(f"/sign-in?next={quote(_path(str(request.url)))}", 303)
    came = _path(request.headers.get("referer", "/"))
    declared = request.headers.get("content-length", "")
    length = whole_number(declared)
    if length is None or length > CARRIED_BYTES:
        return asked(request, came, expired=True, status=401, lost=True)
    try:
        carried = _carried(await request.form(), _path(str(request.url)))
    except HTTPException:
        carried = None
    finally:
        await request.close()
    return asked(request, came, expired=True, carried=carried, status=401, lost=carried is None)


def tried(request: Request, sentence: str) -> tuple[str, int, Mapping[str, str]]:
    """What is answered to a wrong token or code: `sentence`, or that there were too many; with status and headers."""
    try:
        limits_of(request).wrong(request)
    except Refused as many:
        return f"{many.problem.detail} {many.problem.accepted}", many.problem.status, many.headers or {}
    return sentence, 401, {}


def next_of(sent: FormData) -> str:
    """Where whoever signs in was going, as the form says."""
    return local_path(str(sent.get(_NEXT, "")).strip())


def carried_by(sent: FormData) -> PendingForm | None:
    """The form that goes along with one of the sign-in page, if there is one."""
    return _carried(sent, local_path(str(sent.get(_TO, "")), otherwise=""))


def _carried(sent: FormData, to: str) -> PendingForm | None:
    """A form's fields, to be shown again and not done; None if it does not say who typed it, or where it goes."""
    by = str(sent.get("_by", ""))
    if not (to and by):
        return None
    typed = [
        (name, value)
        for name, value in sent.multi_items()
        if isinstance(value, str) and name not in _OWN | _BUTTONS | {AGAIN}
    ]
    files = any(isinstance(value, UploadFile) and value.filename for _, value in sent.multi_items())
    return PendingForm(to, ((AGAIN, "yes"), *typed), by, files)


def asked(
    request: Request,
    next: str,
    *,
    expired: bool = False,
    wrong: str = "",
    unsent: str = "",
    mail: str = "",
    provider_failed: str = "",
    carried: PendingForm | None = None,
    lost: bool = False,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page that asks who somebody is.

    `wrong` is what is wrong with a token, `unsent` why no mail goes out, `provider_failed` why nobody came by it.
    """
    provider = provider_of(request)
    by_provider = {"provider": provider.name if provider else "", "provider_failed": provider_failed}
    words = by_provider | {"next": local_path(next), "expired": expired, "wrong": wrong, "unsent": unsent, "mail": mail}
    answer = page(request, "sign_in.html", None, words | {"carried": carried, "lost": lost}, status)
    answer.headers.update(headers or {})
    return answer


def _path(url: str) -> str:
    """A page's address without the site's."""
    return "/" + url.split("/", 3)[-1] if "://" in url else url
