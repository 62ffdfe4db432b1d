"""Sessions of oneself, and for an administrator of anybody: where somebody is signed in, and how that is ended."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.access import With
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.problems import Refused
from api.sessions import end_session
from domain.access.roles import Role
from domain.core.ids import PersonId
from store.users import User

routes = APIRouter()

OWN = "/me/access"


@routes.get(OWN)
async def own(request: Request, by: AsReader, at: With) -> Response:
    """Where one is signed in."""
    return await _shown(request, by, at, by.person)


@routes.post("/me/sessions/{session}/end", dependencies=[Depends(from_here)])
async def end_own(session: str, by: AsReader, at: With) -> Response:
    """Ends one of one's own sessions; this one too, which leads to the sign-in page."""
    await end_session(by.id, session, at)
    return RedirectResponse(OWN, 303)


@routes.get("/ops/people")
async def everybody(request: Request, by: AsReader, at: With) -> Response:
    """All users, for an administrator."""
    by.caller.must_be(Role.OPS)
    return page(request, "people.html", by, {"everybody": await at.people.everybody()})


@routes.get("/ops/people/{id}")
async def of_somebody(request: Request, id: PersonId, by: AsReader, at: With) -> Response:
    """Where somebody is signed in, for an administrator."""
    return await _shown(request, by, at, await _somebody(id, by, at))


@routes.post("/ops/people/{id}/sessions/end", dependencies=[Depends(from_here)])
async def end_all(id: PersonId, by: AsReader, at: With) -> Response:
    """Signs somebody out everywhere."""
    person = await _somebody(id, by, at)
    await at.sessions.end_all(person.id)
    return RedirectResponse(_place(person), 303)


@routes.post("/ops/people/{id}/sessions/{session}/end", dependencies=[Depends(from_here)])
async def end_one(id: PersonId, session: str, by: AsReader, at: With) -> Response:
    """Signs somebody out of one browser."""
    person = await _somebody(id, by, at)
    await end_session(person.id, session, at)
    return RedirectResponse(_place(person), 303)


async def _somebody(id: str, by: PageReader, at: With) -> User:
    by.caller.must_be(Role.OPS)
    if (person := await at.people.get(id)) is None:
        raise Refused(404, "not_found", "There is no such user.", "A link from the list of users.")
    return person


def _place(person: User) -> str:
    return f"/ops/people/{person.id}"


async def _shown(request: Request, by: PageReader, at: With, person: User) -> Response:
    own = request.url.path == OWN
    words = {"person": person, "own": own, "sessions": await at.sessions.of(person.id)}
    return page(request, "access.html", by, words | {"base": "/me" if own else _place(person)})
