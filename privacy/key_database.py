"""The key store in a PostgreSQL database of its own: another server than Tandem's, whose backups would keep the keys.

Keys are looked up where no event loop is at hand, so the connections here wait, and for two seconds at most. A store
that is away is an error at once, and every statement may be put again.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from privacy.keys import (
    KEY_BYTES,
    KeyDestroyed,
    KeyMissing,
    KeysUnreachable,
    WrongKeys,
    is_subject,
    without_master_key,
)
from privacy.master_key import MAKING, MasterKey, MastersBeside, Place

_SECRET = "matching.secret"  # nosec B105  # what its row is called
_PATIENCE = 2
"""Seconds for connecting, and for a statement."""

_ROTATION = 0x726F74617465

_TABLES = """
    CREATE TABLE IF NOT EXISTS key_store (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        installation text NOT NULL,
        master text NOT NULL,
        secret bytea NOT NULL
    );
    CREATE TABLE IF NOT EXISTS subject_keys (
        subject text PRIMARY KEY,
        wrapped bytea,
        destroyed_at timestamptz,
        CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
    )
"""


_MASTERS = """
    CREATE TABLE IF NOT EXISTS master_keys (
        service text PRIMARY KEY,
        lines text[] NOT NULL CHECK (lines <> '{}')
    )
"""


class PostgresKeyStore:
    """Keys as rows, each wrapped under the master key; of one that was destroyed only that it was is left."""

    def __init__(self, dsn: str, masters: MastersBeside) -> None:
        named = conninfo_to_dict(dsn)
        self.place = f"the database {named.get('dbname', '')} on {named.get('host', 'localhost')}"
        self._dsn = dsn
        self._known: str | None = None
        self._idle: list[psycopg.Connection[Any]] = []
        self._lock = threading.Lock()
        self.masters = masters(lambda service: _Lines(self, service))

    def cluster(self) -> str | None:
        """See KeyStore."""
        [[system]] = self.asked("SELECT system_identifier::text FROM pg_control_system()")
        return str(system)

    def installation(self) -> str | None:
        """See KeyStore."""
        founded = self._founded()
        if founded is None:
            return None
        installation, master = founded
        if not self.masters.has(master):
            raise WrongKeys(without_master_key(self.place, self.masters.name))
        self._known = self._known or installation
        return installation

    def used(self) -> bool:
        """See KeyStore."""
        return self._founded() is not None and bool(self.asked("SELECT true FROM subject_keys LIMIT 1"))

    def found(self, installation: str) -> None:
        """See KeyStore."""
        try:
            self.masters.make()
        except OSError as refused:
            raise KeysUnreachable(f"The master key cannot be made: {refused.strerror}.") from refused
        self.done(_TABLES)
        self.done(
            "INSERT INTO key_store (installation, master, secret) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            *(installation, self.masters.all()[0].id.hex()),
            self.masters.wrap(secrets.token_bytes(KEY_BYTES), _SECRET, None),
        )
        self.installation()

    def secret(self) -> bytes:
        """See KeyStore."""
        self._still_there()
        [[wrapped]] = self.asked("SELECT secret FROM key_store")
        return self.masters.unwrap(wrapped, _SECRET)

    def master_secrets(self) -> Sequence[bytes]:
        """See KeyStore."""
        return self.masters.secrets()

    def make(self, key_id: str) -> bytes:
        """See KeyStore."""
        try:
            return self.find(key_id)
        except KeyMissing:
            pass
        _, master = self._still_there()
        self.done(
            "INSERT INTO subject_keys (subject, wrapped) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            *(key_id, self.masters.wrap(secrets.token_bytes(KEY_BYTES), key_id, master)),
        )
        return self.find(key_id)

    def find(self, key_id: str) -> bytes:
        """See KeyStore."""
        if not is_subject(key_id):
            raise ValueError(f"{key_id!r} is not the id of a subject")
        if self._known is None and self._founded() is None:
            raise KeyMissing(key_id)
        found = self.asked("SELECT wrapped FROM subject_keys WHERE subject = %s", key_id)
        if not found:
            self._still_there()
            raise KeyMissing(key_id)
        if found[0][0] is None:
            raise KeyDestroyed(key_id)
        return self.masters.unwrap(found[0][0], key_id)

    def destroy(self, key_id: str) -> None:
        """See KeyStore."""
        if not is_subject(key_id):
            raise ValueError(f"{key_id!r} is not the id of a subject")
        self._still_there()
        self.done(
            "INSERT INTO subject_keys (subject, destroyed_at) VALUES (%s, now()) ON CONFLICT (subject) DO UPDATE"
            " SET wrapped = NULL, destroyed_at = coalesce(subject_keys.destroyed_at, now())",
            key_id,
        )
        # The row as it was is still in its page until then.
        self.done("VACUUM subject_keys")

    def rotate(self) -> int:
        """See KeyStore."""
        if self.installation() is None:
            raise KeysUnreachable(f"There are no keys in {self.place}.")
        with self._connection() as alone:
            if not alone.execute("SELECT pg_try_advisory_lock(%s)", (_ROTATION,)).fetchall()[0][0]:
                raise KeysUnreachable(f"The keys in {self.place} are being rotated already.")
            try:
                _, master = self._still_there()
                target, count = self.masters.next(master), 0
                while again := self._wrap_anew(target):
                    count += again
                    time.sleep(MAKING)
                self.done("UPDATE key_store SET master = %s", target.id.hex())
                self.masters.keep_only(target)
                return count
            finally:
                alone.execute("SELECT pg_advisory_unlock(%s)", (_ROTATION,))

    def close(self) -> None:
        """See KeyStore."""
        self.masters.close()
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _wrap_anew(self, target: MasterKey) -> int:
        """Wraps what is not wrapped under `target` yet, the secret too; how many that were."""
        rows = self.asked("SELECT subject, wrapped FROM subject_keys WHERE wrapped IS NOT NULL")
        old = [(name, wrapped) for name, wrapped in rows if not target.wraps(wrapped)]
        for name, wrapped in old:
            # Whoever destroys it meanwhile is not overtaken.
            anew = target.wrap(self.masters.unwrap(wrapped, name), name)
            self.done("UPDATE subject_keys SET wrapped = %s WHERE subject = %s AND wrapped = %s", anew, name, wrapped)
        [[secret]] = self.asked("SELECT secret FROM key_store")
        if target.wraps(secret):
            return len(old)
        self.done("UPDATE key_store SET secret = %s", target.wrap(self.masters.unwrap(secret, _SECRET), _SECRET))
        return len(old) + 1

    def _founded(self) -> tuple[str, str] | None:
        [[there]] = self.asked(
            "SELECT to_regclass('key_store') IS NOT NULL AND to_regclass('subject_keys') IS NOT NULL"
        )
        rows = self.asked("SELECT installation, master FROM key_store") if there else []
        return (rows[0][0], rows[0][1]) if rows else None

    def _still_there(self) -> tuple[str, str]:
        founded = self._founded()
        if founded is None or self._known not in (None, founded[0]):
            raise KeysUnreachable(f"The keys cannot be reached: this installation's are not in {self.place}.")
        return founded

    def asked(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows. Raises KeysUnreachable."""
        with self._connection() as connection:
            return connection.execute(statement, values, binary=True).fetchall()

    def done(self, statement: str, *values: Any) -> None:
        """Carries it out. Raises KeysUnreachable."""
        with self._connection() as connection:
            connection.execute(statement, values or None)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            connection = self._taken()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            with self._lock:
                self._idle.append(connection)
        except psycopg.Error as refused:
            raise KeysUnreachable(
                f"The keys in {self.place} cannot be reached ({type(refused).__name__})."
            ) from refused

    def _taken(self) -> psycopg.Connection[Any]:
        """A connection that was alive just now: one that lay idle may have been cut since."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return psycopg.connect(
                    self._dsn,
                    autocommit=True,
                    connect_timeout=_PATIENCE,
                    options=f"-c statement_timeout={_PATIENCE * 1000}",
                    application_name="tandem keys",
                )
            try:
                connection.execute("")
            except psycopg.Error:
                connection.close()
            else:
                return connection


class _Lines(Place):
    """What a service wraps, in a row of the same database."""

    def __init__(self, store: PostgresKeyStore, service: str) -> None:
        self._store, self._service = store, service

    def read(self) -> Sequence[str]:
        """See Place."""
        [[there]] = self._store.asked("SELECT to_regclass('master_keys') IS NOT NULL")
        query = "SELECT lines FROM master_keys WHERE service = %s"
        rows = self._store.asked(query, self._service) if there else []
        return tuple(rows[0][0]) if rows else ()

    def write(self, lines: Sequence[str]) -> None:
        """See Place."""
        if not lines:
            self._store.done("DELETE FROM master_keys WHERE service = %s", self._service)
            return
        self._store.done(_MASTERS)
        self._store.done(
            "INSERT INTO master_keys (service, lines) VALUES (%s, %s)"
            " ON CONFLICT (service) DO UPDATE SET lines = excluded.lines",
            *(self._service, list(lines)),
        )

    def write_once(self, line: str) -> None:
        """See Place."""
        self._store.done(_MASTERS)
        self._store.done(
            "INSERT INTO master_keys (service, lines) VALUES (%s, %s) ON CONFLICT DO NOTHING", self._service, [line]
        )
