"""Signing in by a link: asked for by mail, printed for somebody, or for the first administrator.

Whatever is asked, whoever asks is answered the same, in the same time: whether an address is a colleague's is looked up
once the answer is given. A link is opened by a page with a button, because what scans mail fetches links: looking at
one changes nothing. Its secret is in the mail and in the address, and is logged nowhere.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.access import With, open_to_all
from api.contact_types import Email, Named
from api.pages.account.browser_names import browser_of
from api.pages.account.sign_in import ASK, CODE, MAIL, asked, begun, carried_by, next_of, tried
from api.pages.layout.session import from_here
from api.pages.layout.templating import page
from api.payload_limits import storable, within_bounds
from api.problems import Refused
from api.rate_limits import limits_of
from api.validation_messages import complaint_in_words
from domain.access.roles import Role
from domain.time.zones import Zone
from mail.outbox import MailAway
from mail.smtp import Mailbox, OutgoingMail
from store.random_ids import random_id
from store.sign_in_links import MailedLink
from store.users import User

routes = APIRouter()

FORM = [Depends(from_here)]
LONGEST = 254
"""Characters of a mail address (RFC 5321)."""

AWAY = "Mail does not go out just now. Try again in a few minutes, or sign in with a token: an administrator makes one."
WRONG_CODE = "This code is wrong, or over. After five wrong ones, ask for a new mail."


class FirstAdministrator(BaseModel):
    """Who administers Tandem first of all."""

    name: Named
    email: Email
    zone: Zone


_FIRST: TypeAdapter[FirstAdministrator] = TypeAdapter(within_bounds(FirstAdministrator))
_LABELS = {"name": "Your name", "email": "Your mail address", "zone": "Your time zone"}


@routes.post("/sign-in/mail", dependencies=FORM)
@open_to_all
async def ask(request: Request, at: With) -> Response:
    """Mails a link to whoever has this address, if they are a colleague; says the same if not."""
    sent = await request.form()
    email, next, carried = str(sent.get(MAIL, "")).strip(), next_of(sent), carried_by(sent)
    browser, secret = browser_of(request.headers.get("user-agent", "")), secrets.token_urlsafe(32)

    async def written() -> OutgoingMail | None:
        if not storable(email) or len(email) > LONGEST:
            return None
        link = await at.links.for_mail(email, next, secret)
        return _mail(link, browser, at.settings.base_url) if link else None

    try:
        limits_of(request).mail(request)
        await at.outbox.answers()
        at.outbox.later(written)
    except MailAway:
        return asked(request, next, unsent=AWAY, mail=email, carried=carried, status=503)
    except Refused as many:
        unsent = f"{many.problem.detail} {many.problem.accepted}"
        return asked(request, next, unsent=unsent, mail=email, carried=carried, status=429, headers=many.headers)
    return page(request, "sign_in_code.html", None, {"ask": secret, "next": next, "carried": carried, "wrong": ""})


@routes.post("/sign-in/code", dependencies=FORM)
@open_to_all
async def type_code(request: Request, at: With) -> Response:
    """Signs in whoever typed the code of the mail that this browser asked for."""
    sent = await request.form()
    next, carried, secret = next_of(sent), carried_by(sent), str(sent.get(ASK, ""))
    used = await at.links.use_code(secret, "".join(str(sent.get(CODE, "")).split()))
    if used is not None:
        return await begun(request, used.person, used.path, at, carried)
    sentence, status, headers = tried(request, WRONG_CODE)
    words = {"ask": secret, "next": next, "carried": carried, "wrong": sentence}
    answer = page(request, "sign_in_code.html", None, words, status)
    answer.headers.update(headers)
    return answer


@routes.get("/sign-in/link/{secret}")
@open_to_all
async def look(request: Request, secret: str, at: With) -> Response:
    """The page a link opens: whom it signs in, and a button."""
    return _link(request, await at.links.whose(secret))


@routes.post("/sign-in/link/{secret}", dependencies=FORM)
@open_to_all
async def follow(request: Request, secret: str, at: With) -> Response:
    """Signs in whoever pressed the button."""
    used = await at.links.use(secret)
    return await begun(request, used.person, used.path, at) if used else _link(request, None)


@routes.get("/first/{secret}")
@open_to_all
async def first(request: Request, secret: str, at: With) -> Response:
    """The page that asks who the first administrator is."""
    return _first(request, holds=await at.links.is_first(secret))


@routes.post("/first/{secret}", dependencies=FORM)
@open_to_all
async def begin(request: Request, secret: str, at: With) -> Response:
    """Makes the first administrator, and signs them in."""
    if not await at.links.is_first(secret):
        return _first(request, holds=False)
    sent = await request.form()
    typed = {name: str(sent.get(name, "")) for name in FirstAdministrator.model_fields}
    try:
        wanted = _FIRST.validate_python(typed)
    except ValidationError as unfit:
        error = unfit.errors()[0]
        field = _LABELS.get(str(error["loc"][0])) if error["loc"] else None
        return _first(request, typed=typed, wrong=f"{field or 'This form'}: {complaint_in_words(error)}.")
    if not await at.links.use_first(secret):
        return _first(request, holds=False)
    known = await at.people.by_address(wanted.email)
    id = known.id if known else random_id("P")
    standing = (known.standing if known else frozenset()) | {Role.OPS}
    await at.people.put(User(id=id, name=wanted.name, email=wanted.email, zone=wanted.zone, standing=standing))
    return await begun(request, id, "/ops/company", at)


def _mail(link: MailedLink, browser: str, base_url: str) -> OutgoingMail:
    code = f"\nOr type this code where you asked: {link.code[:3]} {link.code[3:]}\n" if link.code else ""
    text = (
        f"Hello {link.person.name},\n\n"
        f"somebody, probably you, asks to sign in to Tandem ({browser}).\n\n"
        "Open this link within 10 minutes, and press the button there:\n"
        f"{base_url}/sign-in/link/{link.secret}\n"
        f"{code}\n"
        "Either is good once. If it was not you, do nothing: nobody gets in without this mail. Tell nobody the code.\n"
    )
    to = Mailbox(link.person.name, link.person.email)
    return OutgoingMail(f"sign-in/{link.id}", datetime.now(UTC), to, "Sign in to Tandem", text)


def _link(request: Request, person: User | None) -> Response:
    if person is None:
        limits_of(request).wrong(request)
    return page(request, "sign_in_link.html", None, {"person": person}, 200 if person else 410)


def _first(request: Request, *, holds: bool = True, typed: dict[str, str] | None = None, wrong: str = "") -> Response:
    if not holds:
        limits_of(request).wrong(request)
    words = {"holds": holds, "typed": typed or dict.fromkeys(_LABELS, ""), "wrong": wrong}
    return page(request, "first.html", None, words, 410 if not holds else 422 if wrong else 200)
