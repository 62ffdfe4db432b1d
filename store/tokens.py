"""Bearer tokens: how people, outside systems and candidates' own links say who they are.

A token is 256 random bits, so one fast hash of it is enough at rest (there is nothing to guess; NIST SP 800-63B §5.1.2
says the same of look-up secrets). Its first characters are no secret: they find the row.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from typing import Literal

import asyncpg

from domain.access.roles import Role
from domain.access.team import Actor
from domain.core.messages import Value

ActorKind = Literal["person", "system", "candidate"]

_PREFIX = 12


class Token(Value):
    """What is known of a token that was given out; never the token itself. Times in UTC."""

    prefix: str
    actor: str
    kind: ActorKind
    label: str
    made_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Tokens:
    """Gives out tokens, and knows them again."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def make(self, actor: str, kind: ActorKind, label: str, expires_at: datetime | None = None) -> str:
        """A new token for a person (`P-…`), a system (`S-…`) or a candidate (`C-…`). It is shown this once."""
        prefix, secret = f"tdm_{secrets.token_hex((_PREFIX - 4) // 2)}", secrets.token_urlsafe(32)
        token = f"{prefix}_{secret}"
        await self._pool.execute(
            "INSERT INTO tokens (prefix, sha256, actor, kind, label, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
            *(prefix, _hash(token), actor, kind, label, expires_at),
        )
        return token

    async def actor_of(self, token: str) -> Actor | None:
        """Who holds this token; None if it is unknown, revoked, expired, or its person is no longer active."""
        row = await self._pool.fetchrow(
            """
            SELECT t.sha256, t.actor, t.kind, t.expires_at, p.standing, p.active
            FROM tokens t LEFT JOIN people p ON p.id = t.actor
            WHERE t.prefix = $1 AND t.revoked_at IS NULL
            """,
            prefix_of(token),
        )
        if row is None or not hmac.compare_digest(row["sha256"], _hash(token)):
            return None
        if row["expires_at"] is not None and row["expires_at"] <= datetime.now(UTC):
            return None
        if row["kind"] == "person" and not row["active"]:
            return None
        return Actor(id=row["actor"], kind=row["kind"], standing=frozenset(map(Role, row["standing"] or ())))

    async def of(self, actor: str) -> list[Token]:
        """Every token given to somebody, the newest first."""
        rows = await self._pool.fetch(
            """
            SELECT prefix, actor, kind, label, made_at, expires_at, revoked_at
            FROM tokens WHERE actor = $1 ORDER BY made_at DESC
            """,
            actor,
        )
        return [Token(**row) for row in rows]

    async def revoke(self, prefix: str) -> bool:
        """Ends a token by its first characters; False if there is none that still holds."""
        return bool(
            await self._pool.fetchval(
                "UPDATE tokens SET revoked_at = now() WHERE prefix = $1 AND revoked_at IS NULL RETURNING true", prefix
            )
        )


def prefix_of(token: str) -> str:
    """The part of a token that is no secret, by which it is found."""
    return token[:_PREFIX]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
