"""Signing in at the pages as a browser does, for whoever holds a token."""

from __future__ import annotations

from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class SessionCookie:
    """The cookie of somebody who is signed in."""

    name: str
    value: str

    @property
    def header(self) -> dict[str, str]:
        """As it is sent along with a request."""
        return {"Cookie": f"{self.name}={self.value}"}

    @property
    def jar(self) -> dict[str, str]:
        """As a client keeps it."""
        return {self.name: self.value}


async def signed_in(http: httpx.AsyncClient, token: str | None) -> SessionCookie:
    """A new session of whoever holds `token`. The client, which others use as well, does not keep its cookie."""
    answer = await http.post("/sign-in", data={"_token": token or ""}, headers={"Cookie": "none=none"})
    http.cookies.clear()
    assert answer.status_code == 303, f"{answer.status_code} {answer.text}"
    [(name, value)] = answer.cookies.items()
    return SessionCookie(name, value)


async def signed_in_at(base: str, token: str | None) -> SessionCookie:
    """The same, at the pages that are served at `base`."""
    async with httpx.AsyncClient(base_url=base, timeout=30, trust_env=False) as http:
        return await signed_in(http, token)
