"""Sign-in links: single use, short-lived, bound to a user and to where they were going.

A link that was asked for by mail comes with a code of six digits, which holds in the browser that asked and nowhere
else; after `TRIES` wrong ones that link and its code are over. Whoever asks in somebody else's name can so spend what
they asked for themselves, and nothing that others asked for. Two limits go by what is in the table, and neither keeps
anybody out: no more than `OPEN_AT_ONCE` links of a user hold at a time, so that a mail is withheld only while another
opens the door; and after `WRONG_A_DAY` wrong codes in a day their mails have the link alone.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from domain.access.roles import Role
from store.audit import Act, Entry, Kind, append
from store.random_ids import random_id
from store.users import User

MAILED_HOLDS = timedelta(minutes=10)
GIVEN_HOLDS = timedelta(days=1)
INVITED_HOLDS = timedelta(days=7)
TRIES = 5
WRONG_A_DAY = 10
OPEN_AT_ONCE = 3
KEPT = timedelta(days=7)
"""For how long a link that is over stays in the table."""


@dataclass(frozen=True)
class MailedLink:
    """A link that is to be mailed to `person`: its `secret`, and the `code` where there may be one."""

    id: str
    person: User
    secret: str
    code: str | None


@dataclass(frozen=True)
class UsedLink:
    """Who is signed in by a link, and where they were going."""

    person: str
    path: str


_ADMINISTERED = f"EXISTS (SELECT FROM people WHERE active AND '{Role.OPS}' = ANY(standing))"
_HOLDS = f"l.used_at IS NULL AND l.expires_at > now() AND l.wrong_codes < {TRIES}"


class SignInLinks:
    """Makes links, and lets each be used once."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def for_mail(self, email: str, path: str, asked: str) -> MailedLink | None:
        """A link for the colleague of this address, whose code holds for whoever has the secret `asked`.

        None where nobody here has the address, or enough links of theirs hold already.
        """
        row = await self._pool.fetchrow(
            f"""
            SELECT p.*, count(l.id) FILTER (WHERE {_HOLDS}) AS open,
                COALESCE(sum(l.wrong_codes) FILTER (WHERE l.made_at > now() - interval '1 day'), 0) AS wrong
            FROM people p LEFT JOIN sign_in_links l ON l.person = p.id AND l.kind = 'mail'
            WHERE lower(p.email) = lower($1) AND p.active GROUP BY p.id
            """,
            email,
        )
        if row is None or row["open"] >= OPEN_AT_ONCE:
            return None
        code = f"{secrets.randbelow(1_000_000):06}" if row["wrong"] < WRONG_A_DAY else None
        secret, id = await self._made("mail", row["id"], path, MAILED_HOLDS, asked, code)
        return MailedLink(id, User(**{name: row[name] for name in User.model_fields}), secret, code)

    async def invitation(self, person: User) -> MailedLink:
        """A link by which somebody who was added gets in for the first time; it ends the invitation before."""
        await self._end("invitation", person.id)
        secret, id = await self._made("invitation", person.id, "/", INVITED_HOLDS)
        return MailedLink(id, person, secret, None)

    async def given(self, person: str) -> str:
        """The secret of a link for somebody, to be handed to them."""
        secret, _ = await self._made("given", person, "/", GIVEN_HOLDS)
        return secret

    async def first(self) -> str | None:
        """The secret of a link for the first administrator, which ends the one before; None if there is one."""
        if await self._pool.fetchval(f"SELECT {_ADMINISTERED}"):
            return None
        await self._end("first", None)
        secret, _ = await self._made("first", None, "/", GIVEN_HOLDS)
        return secret

    async def _end(self, kind: str, person: str | None) -> None:
        await self._pool.execute(
            """
            UPDATE sign_in_links SET expires_at = now()
            WHERE kind = $1 AND person IS NOT DISTINCT FROM $2 AND expires_at > now()
            """,
            *(kind, person),
        )

    async def _made(
        self,
        kind: str,
        person: str | None,
        path: str,
        holds: timedelta,
        asked: str | None = None,
        code: str | None = None,
    ) -> tuple[str, str]:
        await self._pool.execute("DELETE FROM sign_in_links WHERE expires_at < now() - $1::interval", KEPT)
        id = random_id("L")
        secret = secrets.token_urlsafe(32)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                """
                INSERT INTO sign_in_links (id, kind, sha256, person, path, expires_at, asked_sha256, code_sha256)
                VALUES ($1, $2, $3, $4, $5, now() + $6::interval, $7, $8)
                """,
                *(id, kind, _hash(secret), person, path, holds),
                *(_hash(asked) if asked else None, _code_hash(asked, code) if asked and code else None),
            )
            if kind != "mail":  # which anybody asks for, and nobody gives
                await append(connection, [Entry(Act.LINK_MADE, Kind.USER, person or "")])
        return secret, id

    async def whose(self, secret: str) -> User | None:
        """Whom this link signs in, as long as it holds. It is not used by that."""
        row = await self._pool.fetchrow(
            f"""
            SELECT p.* FROM sign_in_links l JOIN people p ON p.id = l.person
            WHERE l.sha256 = $1 AND {_HOLDS} AND p.active
            """,
            _hash(secret),
        )
        return User(**row) if row else None

    async def use(self, secret: str) -> UsedLink | None:
        """Uses a link, once; None if it does not hold."""
        row = await self._pool.fetchrow(
            f"""
            UPDATE sign_in_links l SET used_at = now() FROM people p
            WHERE l.sha256 = $1 AND {_HOLDS} AND p.id = l.person AND p.active
            RETURNING l.person, l.path
            """,
            _hash(secret),
        )
        return UsedLink(**row) if row else None

    async def use_code(self, asked: str, code: str) -> UsedLink | None:
        """Uses a link by its code, in the browser that asked for it; None, and one try less, if it is another."""
        row = await self._pool.fetchrow(
            f"""
            UPDATE sign_in_links l SET
                used_at = CASE WHEN l.code_sha256 = $2 THEN now() END,
                wrong_codes = l.wrong_codes + CASE WHEN l.code_sha256 = $2 THEN 0 ELSE 1 END
            FROM people p
            WHERE l.asked_sha256 = $1 AND l.code_sha256 IS NOT NULL AND {_HOLDS} AND p.id = l.person AND p.active
                AND {WRONG_A_DAY} > (
                    SELECT COALESCE(sum(o.wrong_codes), 0) FROM sign_in_links o
                    WHERE o.person = l.person AND o.made_at > now() - interval '1 day'
                )
            RETURNING l.person, l.path, l.used_at IS NOT NULL AS used
            """,
            *(_hash(asked), _code_hash(asked, code)),
        )
        return UsedLink(row["person"], row["path"]) if row and row["used"] else None

    async def is_first(self, secret: str) -> bool:
        """Whether this link makes the first administrator, and still holds."""
        return bool(
            await self._pool.fetchval(
                f"""
                SELECT true FROM sign_in_links l WHERE l.kind = 'first' AND l.sha256 = $1 AND {_HOLDS}
                    AND NOT {_ADMINISTERED}
                """,
                _hash(secret),
            )
        )

    async def use_first(self, secret: str) -> bool:
        """Uses the link that makes the first administrator, once; False if it does not hold, or there is one."""
        return bool(
            await self._pool.fetchval(
                f"""
                UPDATE sign_in_links l SET used_at = now() WHERE l.kind = 'first' AND l.sha256 = $1 AND {_HOLDS}
                    AND NOT {_ADMINISTERED}
                RETURNING true
                """,
                _hash(secret),
            )
        )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def _code_hash(asked: str, code: str) -> bytes:
    return hashlib.sha256(f"{asked}/{code}".encode(errors="surrogatepass")).digest()
