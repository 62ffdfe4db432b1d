"""The installation's id, by which database and key store are told to belong together.

Words that are sealed under one person's key are lost when that key is: a process that worked with another
installation's keys, or with none, would make a second key for the same person. So a pair is looked at before anything
is done with it, and one that does not fit is refused, with nothing written to either.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeAlias

import asyncpg

from privacy.keyed_hash import AddressHash, keyed_hash
from privacy.keys import KeyMissing, KeyStore, WrongKeys
from privacy.sealing import CannotOpen, Sealer, Tombstone
from store.random_ids import random_id

Connection: TypeAlias = "asyncpg.Connection | asyncpg.pool.PoolConnectionProxy"

# Any number will do, as long as nothing else in this database takes the same advisory lock.
_LOCK = 0x696E7374616C6C

_TRIED = 200
"""How many of the newest sealed things of each kind are tried before the keys are taken for another installation's."""

_ANYTHING = """
    SELECT EXISTS (SELECT FROM events) OR EXISTS (SELECT FROM people) OR EXISTS (SELECT FROM humans)
        OR EXISTS (SELECT FROM documents)
"""
_SEALED = (
    ("SELECT id AS key, contact AS sealed, id AS context FROM humans ORDER BY known_since DESC LIMIT $1", False),
    (
        "SELECT key, coalesce(body, text) AS sealed, id AS context FROM documents ORDER BY stored_at DESC LIMIT $1",
        False,
    ),
    (
        "SELECT payload, split_part(stream, '/', 2) AS context FROM events"
        " WHERE payload::text LIKE '%\"ciphertext\"%' ORDER BY at DESC LIMIT $1",
        True,
    ),
)


async def settle(pool: asyncpg.Pool, sealer: Sealer) -> str:
    """The id that database and key store have in common; both are given one when neither has any.

    An installation from before there were ids is given one if one of its keys opens what is sealed in the database.
    Raises WrongKeys, in one sentence, and KeysUnreachable; then nothing was written.
    """
    keys = sealer.keys
    async with pool.acquire() as connection, connection.transaction():
        if known := await fits(connection, sealer):
            return known
        # Of two processes that start at once, the second finds what the first has made.
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        if known := await fits(connection, sealer):
            return known
        known = await connection.fetchval("SELECT id FROM installation")
        known = known or await asyncio.to_thread(keys.installation) or random_id("I")
        await asyncio.to_thread(keys.found, known)
        await connection.execute(
            "INSERT INTO installation (id, matching) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            *(known, _check(known, keys.secret())),
        )
        return known


async def fits(connection: Connection, sealer: Sealer) -> str | None:
    """The id that both have; None where they may be given one. Writes nothing. Raises WrongKeys, KeysUnreachable."""
    keys = sealer.keys
    cluster = await asyncio.to_thread(keys.cluster)
    if cluster is not None and cluster == await connection.fetchval(
        "SELECT system_identifier::text FROM pg_control_system()"
    ):
        raise WrongKeys(
            f"The keys in {keys.place} are in the database's own PostgreSQL server, whose backups would keep them: "
            "name another server (TANDEM_KEYS_URL)."
        )
    there, used = await asyncio.to_thread(lambda: (keys.installation(), keys.used()))
    if used and not await connection.fetchval("SELECT to_regclass('events') IS NOT NULL"):
        raise _empty(keys)
    row = await connection.fetchrow("SELECT id, matching FROM installation")
    if row is not None and there is not None:
        if row["id"] != there:
            raise WrongKeys(
                f"The keys in {keys.place} are another installation's than the database: name the folder that belongs "
                "to this database, or the database that belongs to these keys."
            )
        if not hmac.compare_digest(row["matching"], _check(there, _secret(keys))):
            raise WrongKeys(f"The secret of the keyed hashes in {keys.place} is not this database's: {_BACK}")
        return there
    if row is None and not await connection.fetchval(_ANYTHING):
        if used:
            raise _empty(keys)
        return None
    opened = await _opens(connection, sealer)
    if opened is False or (row is not None and opened is None) or (there is not None and used and opened is None):
        found = "No key in {} opens what is" if used else "There are no keys in {}, and words are"
        raise WrongKeys(f"{found.format(keys.place)} sealed in the database: {_BACK}")
    await _same_secret(connection, sealer)
    return None


_BACK = "put the right ones back from their copy, or name where they are."


def _empty(keys: KeyStore) -> WrongKeys:
    return WrongKeys(
        f"The database is empty and {keys.place} holds an installation's keys: restore that database from its backup, "
        "or name another place for the keys of a new installation."
    )


def _check(installation: str, secret: bytes) -> str:
    return keyed_hash(secret, f"installation {installation}")


def _secret(keys: KeyStore) -> bytes:
    try:
        return keys.secret()
    except KeyMissing:
        raise WrongKeys(f"The secret of the keyed hashes is missing from {keys.place}: {_BACK}") from None


async def _same_secret(connection: Connection, sealer: Sealer) -> None:
    """Raises WrongKeys where applicants are known by a secret other than the one that is here."""
    keys = sealer.keys
    rows = await connection.fetch(
        "SELECT id, mailbox, contact FROM humans WHERE mailbox IS NOT NULL ORDER BY known_since DESC LIMIT $1", _TRIED
    )
    if rows:
        _secret(keys)
        addresses = AddressHash.of(keys)
        for row in rows:
            contact = _tried(sealer, row["id"], row["contact"], row["id"])
            if isinstance(contact, bytes):
                if row["mailbox"] not in addresses.known(json.loads(contact)["email"]):
                    raise WrongKeys(f"The secret of the keyed hashes in {keys.place} is not this database's: {_BACK}")
                return


async def _opens(connection: Connection, sealer: Sealer) -> bool | None:
    """Whether one of these keys opens what is sealed, or is known to have been destroyed; None if nothing is sealed."""
    any_sealed = False
    async for key, sealed, context in _sealed(connection):
        any_sealed = True
        if _tried(sealer, key, sealed, context) is not None:
            return True
    return False if any_sealed else None


def _tried(sealer: Sealer, key: str, sealed: bytes, context: str) -> bytes | Tombstone | None:
    try:
        return sealer.open_bytes(key, sealed, context)
    except (CannotOpen, KeyMissing, ValueError):
        return None


async def _sealed(
    connection: Connection,
) -> AsyncIterator[tuple[str, bytes, str]]:
    for query, within in _SEALED:
        for row in await connection.fetch(query, _TRIED):
            if not within:
                yield row["key"], row["sealed"], row["context"]
                continue
            for part in _words(json.loads(row["payload"])):
                yield part["key"], base64.b64decode(part["ciphertext"]), row["context"]


def _words(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict) and value.keys() == {"key", "ciphertext"}:
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _words(part)
