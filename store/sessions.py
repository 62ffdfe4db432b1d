"""Browser sessions: who is signed in where, until when, and how that ends.

The cookie holds 256 random bits and nothing else; the table has their hash, as it has of tokens. A session ends when
its user signs out, is not seen for `IDLE`, after `AT_MOST` in any case, when somebody ends it, when its user is made
inactive, and with the token it was begun with. Its secret is replaced every `RENEWED_AFTER` while it is used, and the
one before holds for `FORMER_HOLDS` more, so that requests that are under way are not thrown out.

OWASP's Session Management Cheat Sheet asks for an idle and an absolute end, for a new secret at sign-in and again while
a session lasts, and for 4 to 8 hours where somebody works with an application all day. `IDLE` is a working day with its
breaks: nobody is signed out over lunch, everybody is overnight (NIST SP 800-63B has the same 12 hours at AAL2).
`AT_MOST` is longer than both ask for, because the way in is a mail, and what is done is on record under one's name; see
"Getting in" in `docs/decisions.md`.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from domain.core.messages import Value
from store.audit import Act, Entry, Kind, append
from store.random_ids import random_id
from store.users import User

IDLE = timedelta(hours=12)
AT_MOST = timedelta(days=14)
RENEWED_AFTER = timedelta(days=1)
FORMER_HOLDS = timedelta(minutes=1)
SEEN_EVERY = timedelta(minutes=1)
"""How often, at most, it is written down that a session is used."""
KEPT = timedelta(days=7)
"""For how long an ended session stays in the table."""


class Session(Value):
    """A session that holds, as its owner sees it: when it began, was last seen and will end (UTC), and its browser."""

    id: str
    began_at: datetime
    last_seen: datetime
    ends_at: datetime
    browser: str


@dataclass(frozen=True)
class HeldSession:
    """What a cookie's secret opens: a session and its user. `renewed` is the secret that replaces it, if one does.

    `token` is the prefix of the token it was begun with, if it was.
    """

    id: str
    person: User
    token: str | None
    renewed: str | None = None


_HOLDS = """
    s.ended_at IS NULL AND s.ends_at > now() AND s.last_seen > now() - $1::interval AND p.active
    AND (s.token IS NULL OR (t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())))
"""
_JOINED = "sessions s JOIN people p ON p.id = s.person LEFT JOIN tokens t ON t.prefix = s.token"


class Sessions:
    """Begins sessions, knows them again, and ends them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def begin(self, person: str, browser: str, token: str | None = None, issuer: str | None = None) -> str:
        """A new session of somebody at `browser`; its secret.

        `token` is the prefix of the token it is begun with, `issuer` the provider that said who they are.
        """
        await self._pool.execute(
            "DELETE FROM sessions WHERE LEAST(ended_at, ends_at, last_seen + $1) < now() - $2::interval", IDLE, KEPT
        )
        session = random_id("N")
        secret = secrets.token_urlsafe(32)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                """
                INSERT INTO sessions (id, person, sha256, ends_at, browser, token, issuer)
                VALUES ($1, $2, $3, now() + $4::interval, $5, $6, $7)
                """,
                *(session, person, _hash(secret), AT_MOST, browser, token, issuer),
            )
            how = f"token:{token}" if token else f"session:{session}"
            await append(connection, [Entry(Act.SIGNED_IN, Kind.SESSION, session, person, actor=person, how=how)])
        return secret

    async def held(self, secret: str) -> HeldSession | None:
        """The session this secret opens, which is seen by that; None if it opens none that holds."""
        if not secret:
            return None
        row = await self._pool.fetchrow(
            f"""
            SELECT p.*, s.id AS session, s.token, s.last_seen < now() - $3::interval AS unseen,
                s.sha256 = $2 AND s.renewed_at < now() - $4::interval AS old
            FROM {_JOINED}
            WHERE {_HOLDS} AND (s.sha256 = $2 OR (s.former_sha256 = $2 AND s.former_until > now()))
            """,
            *(IDLE, _hash(secret), SEEN_EVERY, RENEWED_AFTER),
        )
        if row is None:
            return None
        session: str = row["session"]
        renewed = await self._renewed(session, secret) if row["old"] else None
        if row["unseen"]:
            await self._pool.execute(
                "UPDATE sessions SET last_seen = now() WHERE id = $1 AND last_seen < now() - $2::interval",
                *(session, SEEN_EVERY),
            )
        return HeldSession(session, User(**{name: row[name] for name in User.model_fields}), row["token"], renewed)

    async def _renewed(self, session: str, secret: str) -> str | None:
        """A new secret in place of this one; None where another request has just replaced it."""
        new = secrets.token_urlsafe(32)
        replaced = await self._pool.fetchval(
            """
            UPDATE sessions
            SET sha256 = $3, former_sha256 = sha256, former_until = now() + $4::interval, renewed_at = now()
            WHERE id = $1 AND sha256 = $2 RETURNING true
            """,
            *(session, _hash(secret), _hash(new), FORMER_HOLDS),
        )
        return new if replaced else None

    async def of(self, person: str) -> list[Session]:
        """Somebody's sessions that hold, the last used first."""
        rows = await self._pool.fetch(
            f"""
            SELECT s.id, s.began_at, s.last_seen, LEAST(s.ends_at, t.expires_at) AS ends_at, s.browser
            FROM {_JOINED} WHERE {_HOLDS} AND s.person = $2 ORDER BY s.last_seen DESC, s.id
            """,
            *(IDLE, person),
        )
        return [Session(**row) for row in rows]

    async def sign_out(self, secret: str) -> str | None:
        """Ends the session of this secret, if there is one: the provider by which it was begun, where it was."""
        if not secret:
            return None
        async with self._pool.acquire() as connection, connection.transaction():
            ended = await connection.fetch(
                """
                UPDATE sessions SET ended_at = now() WHERE ended_at IS NULL AND (sha256 = $1 OR former_sha256 = $1)
                RETURNING id, person, issuer
                """,
                _hash(secret),
            )
            signed_out = [
                Entry(Act.SIGNED_OUT, Kind.SESSION, id, person, actor=person, how=f"session:{id}")
                for id, person, _ in ended
            ]
            await append(connection, signed_out)
        return next((issuer for _, _, issuer in ended), None)

    async def end(self, person: str, session: str) -> bool:
        """Ends one of somebody's sessions; False if they have none of this id that was not ended."""
        return await self._end(person, session)

    async def end_all(self, person: str) -> None:
        """Ends every session of somebody."""
        await self._end(person, None)

    async def _end(self, person: str, session: str | None) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            ended = await connection.fetch(
                """
                UPDATE sessions SET ended_at = now()
                WHERE person = $1 AND ($2::text IS NULL OR id = $2) AND ended_at IS NULL RETURNING id
                """,
                *(person, session),
            )
            await append(connection, [Entry(Act.SESSION_ENDED, Kind.SESSION, row["id"], person) for row in ended])
        return bool(ended)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogateescape")).digest()
