"""Sessions and tokens of oneself, and for an administrator of anybody and of outside systems: seen, made and ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError

from api.access import With, needs
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.problems import Refused
from api.relations import in_office
from api.sessions import SessionId, end_session
from api.tokens import (
    MOST_DAYS,
    USUAL_DAYS,
    NewSystemToken,
    NewToken,
    Prefix,
    SystemTokenBody,
    TokenBody,
    WantedToken,
    make_system_token,
    make_token,
    revoke_system_token,
    revoke_token,
)
from api.validation_messages import complaint_in_words
from domain.access.permissions import Permission
from domain.access.roles import may_in_words
from domain.core.ids import PersonId
from store.sign_in_links import INVITED_HOLDS
from store.users import User

routes = APIRouter()

OWN, EVERYBODY = "/me/access", "/ops/people"
FORM = [Depends(from_here)]

TOLD = {
    "invited": f"An invitation is on its way by mail. Its link holds for {INVITED_HOLDS.days} days.",
    "not-invited": "They are kept here, but mail does not go out just now. Invite them again in a few minutes.",
    "changed": "What you changed is kept.",
    "hours": "Their working hours are kept.",
    "back": "They may sign in again. Invite them by mail, or let them ask for a link at the sign-in page.",
}
"""What was done to a user a moment ago, by the word for it in the address."""

_TOKEN: TypeAdapter[NewToken] = TypeAdapter(TokenBody)
_SYSTEM_TOKEN: TypeAdapter[NewSystemToken] = TypeAdapter(SystemTokenBody)


@routes.get(OWN)
@needs(Permission.OWN_READ)
async def own(request: Request, by: AsReader, at: With) -> Response:
    """Where one is signed in, and one's tokens."""
    return await _shown(request, by, at, by.person)


@routes.post("/me/sessions/{session}/end", dependencies=FORM)
@needs(Permission.OWN_READ)
async def end_own(session: SessionId, by: AsReader, at: With) -> Response:
    """Ends one of one's own sessions; this one too, which leads to the sign-in page."""
    await end_session(by.id, session, at)
    return RedirectResponse(OWN, 303)


@routes.post("/me/tokens", dependencies=FORM)
@needs(Permission.OWN_READ)
async def make_own(request: Request, by: AsReader, at: With) -> Response:
    """Makes a token for oneself, and shows it this once."""
    return await _made(request, by, at, by.person)


@routes.post("/me/tokens/{prefix}/revoke", dependencies=FORM)
@needs(Permission.OWN_READ)
async def revoke_own(prefix: Prefix, by: AsReader, at: With) -> Response:
    """Revokes one of one's own tokens."""
    await revoke_token(by.id, prefix, at)
    return RedirectResponse(OWN, 303)


@routes.get(EVERYBODY)
@needs(Permission.SIGN_IN_MANAGE)
async def everybody(request: Request, by: AsReader, at: With) -> Response:
    """All users, and the tokens of outside systems, for an administrator."""
    in_office(by.caller, Permission.SIGN_IN_MANAGE)
    return await _list(request, by, at)


@routes.post("/ops/systems/tokens", dependencies=FORM)
@needs(Permission.SIGN_IN_MANAGE)
async def make_systems(request: Request, by: AsReader, at: With) -> Response:
    """Makes a token for an outside system, and shows it this once."""
    in_office(by.caller, Permission.SIGN_IN_MANAGE)
    typed = await _typed(request, NewSystemToken)
    try:
        wanted = _SYSTEM_TOKEN.validate_python({**typed, "reach": typed.get("reach", "").upper().split()})
        return await _list(request, by, at, made=await make_system_token(wanted, by.caller, at))
    except ValidationError as unfit:
        return await _list(request, by, at, typed=typed, wrong=_sentence(unfit, NewSystemToken))
    except Refused as refused:
        return await _list(request, by, at, typed=typed, wrong=refused.problem.detail)


@routes.post("/ops/systems/tokens/{prefix}/revoke", dependencies=FORM)
@needs(Permission.SIGN_IN_MANAGE)
async def revoke_systems(prefix: Prefix, by: AsReader, at: With) -> Response:
    """Revokes the token of an outside system."""
    in_office(by.caller, Permission.SIGN_IN_MANAGE)
    await revoke_system_token(prefix, at)
    return RedirectResponse(EVERYBODY, 303)


@routes.get("/ops/people/{id}")
@needs(Permission.SIGN_IN_MANAGE)
async def of_somebody(request: Request, id: PersonId, by: AsReader, at: With, told: str = "") -> Response:
    """Who somebody is, where they are signed in, and their tokens, for an administrator."""
    return await _shown(request, by, at, await _somebody(id, by, at), told=TOLD.get(told, ""))


@routes.post("/ops/people/{id}/sessions/end", dependencies=FORM)
@needs(Permission.SIGN_IN_MANAGE)
async def end_all(id: PersonId, by: AsReader, at: With) -> Response:
    """Signs somebody out everywhere."""
    person = await _somebody(id, by, at)
    await at.sessions.end_all(person.id)
    return RedirectResponse(f"{EVERYBODY}/{person.id}", 303)


@routes.post("/ops/people/{id}/sessions/{session}/end", dependencies=FORM)
@needs(Permission.SIGN_IN_MANAGE)
async def end_one(id: PersonId, session: SessionId, by: AsReader, at: With) -> Response:
    """Signs somebody out of one browser."""
    person = await _somebody(id, by, at)
    await end_session(person.id, session, at)
    return RedirectResponse(f"{EVERYBODY}/{person.id}", 303)


@routes.post("/ops/people/{id}/tokens", dependencies=FORM)
@needs(Permission.SIGN_IN_MANAGE)
async def make_theirs(request: Request, id: PersonId, by: AsReader, at: With) -> Response:
    """Makes a token for somebody, and shows it this once."""
    person = await _somebody(id, by, at)
    if not person.active:
        raise Refused(404, "not_found", "They do not work here any more.", "Somebody who works here.")
    return await _made(request, by, at, person)


@routes.post("/ops/people/{id}/tokens/{prefix}/revoke", dependencies=FORM)
@needs(Permission.SIGN_IN_MANAGE)
async def revoke_theirs(id: PersonId, prefix: Prefix, by: AsReader, at: With) -> Response:
    """Revokes a token of somebody."""
    person = await _somebody(id, by, at)
    await revoke_token(person.id, prefix, at)
    return RedirectResponse(f"{EVERYBODY}/{person.id}", 303)


async def _somebody(id: str, by: PageReader, at: With) -> User:
    in_office(by.caller, Permission.SIGN_IN_MANAGE)
    if (person := await at.people.get(id)) is None:
        raise Refused(404, "not_found", "There is no such user.", "A link from the list of users.")
    return person


def _place(person: User) -> str:
    return f"{EVERYBODY}/{person.id}"


async def _typed(request: Request, kind: type[WantedToken]) -> dict[str, str]:
    sent = await request.form()
    return {name: value for name in kind.model_fields if isinstance(value := sent.get(name), str)}


async def _made(request: Request, by: PageReader, at: With, person: User) -> Response:
    typed = await _typed(request, NewToken)
    try:
        wanted = _TOKEN.validate_python(typed)
    except ValidationError as unfit:
        return await _shown(request, by, at, person, typed=typed, wrong=_sentence(unfit, NewToken))
    return await _shown(request, by, at, person, made=await make_token(person.id, wanted, by.caller, at))


def _sentence(unfit: ValidationError, kind: type[WantedToken]) -> str:
    """What is wrong with a form, first of all."""
    first = unfit.errors()[0]
    field = kind.model_fields.get(str(first["loc"][0])) if first["loc"] else None
    return f"{field.title if field else 'This form'}: {complaint_in_words(first)}."


async def _shown(
    request: Request,
    by: PageReader,
    at: With,
    person: User,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: str = "",
    made: str = "",
    told: str = "",
) -> Response:
    own = not request.url.path.startswith(EVERYBODY)
    words = {
        "person": person,
        "own": own,
        "base": "/me" if own else f"{EVERYBODY}/{person.id}",
        "sessions": await at.sessions.of(person.id),
        "tokens": await at.tokens.of(person.id),
        "works": bool(await at.people.calendars([person.id])),
        "may": may_in_words,
        "invitation_days": INVITED_HOLDS.days,
        "told": told,
    }
    return page(request, "access.html", by, words | _form(typed, wrong, made), 422 if wrong else 200)


async def _list(
    request: Request,
    by: PageReader,
    at: With,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: str = "",
    made: str = "",
) -> Response:
    tokens = await at.tokens.of_systems()
    words = {
        "everybody": await at.people.everybody(),
        "tokens": tokens,
        "titles": await at.reads.titles({requisition for token in tokens for requisition in token.reach}),
        "base": "/ops/systems",
        "may": may_in_words,
    }
    return page(request, "people.html", by, words | _form(typed, wrong, made), 422 if wrong else 200)


def _form(typed: Mapping[str, str] | None, wrong: str, made: str) -> dict[str, Any]:
    usual = {"label": "", "scope": "read", "days": str(USUAL_DAYS), "system": "", "reach": ""}
    return {"typed": {**usual, **(typed or {})}, "wrong": wrong, "made": made, "most_days": MOST_DAYS}
