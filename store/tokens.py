"""Bearer tokens: how programs, outside systems and candidates' own links say who they are.

A token is 256 random bits, so one fast hash of it is enough at rest (there is nothing to guess; NIST SP 800-63B §5.1.2
says the same of look-up secrets). Its first characters are no secret: they find the row. It may do no more than its
user may, and less where its scope or its reach says so.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import asyncpg

from domain.access.roles import Role
from domain.access.team import Actor
from domain.core.messages import Value
from store.audit import Act, Entry, Kind, append

ActorKind = Literal["person", "system", "candidate"]
UserScope = Literal["read", "write"]
Scope = UserScope | Literal["scim"]

USED_EVERY = timedelta(minutes=1)
"""How often, at most, it is written down that a token is used."""

_PREFIX = 12


class Token(Value):
    """What is known of a token that was given out; never the token itself. Times in UTC.

    `scope`: it only reads, or writes too, or provisions users and does nothing else. `reach`: the requisitions of a
    system's token, the candidacy of a candidate's; a user's has none of its own.
    """

    prefix: str
    actor: str
    kind: ActorKind
    label: str
    scope: Scope
    reach: tuple[str, ...]
    made_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class TokenHolder:
    """Who holds a token, and what it may: `prefix`, `scope` and `reach` as in `Token`."""

    prefix: str
    actor: Actor
    scope: Scope
    reach: frozenset[str]


_HOLDS = "t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())"


class Tokens:
    """Gives out tokens, and knows them again."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def make(
        self,
        actor: str,
        kind: ActorKind,
        label: str,
        expires_at: datetime | None = None,
        scope: Scope = "write",
        reach: Iterable[str] = (),
        made_with: str | None = None,
    ) -> str:
        """A new token for a person (`P-…`), a system (`S-…`) or a candidate (`C-…`). It is shown this once.

        `made_with` is the prefix of the token of whoever makes it: what is made with one ends with it at the latest.
        `reach` is for a system's, as in `Token`; a candidate's reaches their own candidacy.
        """
        prefix, secret = f"tdm_{secrets.token_hex((_PREFIX - 4) // 2)}", secrets.token_urlsafe(32)
        token = f"{prefix}_{secret}"
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                """
                INSERT INTO tokens (prefix, sha256, actor, kind, label, expires_at, scope, reach)
                VALUES ($1, $2, $3, $4, $5, LEAST($6, (SELECT expires_at FROM tokens WHERE prefix = $9)), $7, $8)
                """,
                *(prefix, _hash(token), actor, kind, label, expires_at),
                *(scope, [actor] if kind == "candidate" else sorted(reach), made_with),
            )
            await append(connection, [Entry(Act.TOKEN_MADE, Kind.TOKEN, prefix, actor)])
        return token

    async def holder(self, token: str) -> TokenHolder | None:
        """Who holds this token, which is used by that; None if it is unknown, revoked, expired, or its person left."""
        row = await self._pool.fetchrow(
            f"""
            SELECT t.prefix, t.sha256, t.actor, t.kind, t.scope, t.reach, p.standing,
                t.last_used_at IS NULL OR t.last_used_at < now() - $2::interval AS unused
            FROM tokens t LEFT JOIN people p ON p.id = t.actor
            WHERE t.prefix = $1 AND {_HOLDS} AND (t.kind <> 'person' OR p.active)
            """,
            *(prefix_of(token), USED_EVERY),
        )
        if row is None or not hmac.compare_digest(row["sha256"], _hash(token)):
            return None
        if row["unused"]:
            await self._pool.execute("UPDATE tokens SET last_used_at = now() WHERE prefix = $1", row["prefix"])
        actor = Actor(id=row["actor"], kind=row["kind"], standing=frozenset(map(Role, row["standing"] or ())))
        return TokenHolder(row["prefix"], actor, row["scope"], frozenset(row["reach"]))

    async def of(self, actor: str) -> list[Token]:
        """Every token of somebody that holds, the newest first."""
        return await self._listed("t.actor = $1", actor)

    async def of_systems(self) -> list[Token]:
        """Every token of an outside system that holds, by system, the newest first."""
        return await self._listed("t.kind = $1", "system")

    async def _listed(self, which: str, value: str) -> list[Token]:
        columns = ", ".join(f"t.{name}" for name in Token.model_fields)
        # nosemgrep: sql-from-values  # this class's own conditions and a class's fields
        rows = await self._pool.fetch(
            f"SELECT {columns} FROM tokens t WHERE {which} AND {_HOLDS} ORDER BY t.actor, t.made_at DESC, t.prefix",
            value,
        )
        return [Token(**row) for row in rows]

    async def revoke(self, prefix: str, *, actor: str | None = None, kind: ActorKind | None = None) -> bool:
        """Ends a token by its first characters; False if there is none that still holds.

        Where they are given, only a token of this `actor`, or of this `kind`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            whose = await connection.fetchval(
                f"""
                UPDATE tokens t SET revoked_at = now()
                WHERE t.prefix = $1 AND {_HOLDS} AND ($2::text IS NULL OR t.actor = $2)
                    AND ($3::text IS NULL OR t.kind = $3)
                RETURNING t.actor
                """,
                *(prefix, actor, kind),
            )
            if whose is not None:
                await append(connection, [Entry(Act.TOKEN_REVOKED, Kind.TOKEN, prefix, whose)])
        return whose is not None


def prefix_of(token: str) -> str:
    """The part of a token that is no secret, by which it is found."""
    return token[:_PREFIX]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
