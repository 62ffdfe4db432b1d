"""The audit: who saw and did what, append-only, each row chained to the one before it by its hash.

A row holds ids, enumerations and a time, and nothing of what was seen. Whoever acts is said once a request
(`act_as`), or for the length of a block (`acting`); whoever records an act says what it was to what.

Three ways lead to the chain. What a store changes (a token, a user, a session) is recorded in the transaction that
changes it (`append`). What must be on record before it is answered, as a document's text or an export, is awaited
(`Audit.record`). Plain reads are put on a bounded list, which one writer per process appends in batches
(`Audit.note`): a killed process loses those of its last moment, and no others. While the database is away nothing can
be read either; where the list is full, nothing more is shown.

Appends of all processes take their turn by an advisory lock that is held until they are committed, so the numbers have
no gaps. Reading the same thing again within a minute is no new act.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import asyncpg
import structlog

from domain.access.permissions import Permission
from domain.core.messages import Value
from store.database import DATABASE_ERRORS

log = structlog.get_logger("audit")

# Any number will do, as long as nothing else in this database takes the same advisory lock.
_LOCK = 0x61756469740A

ONCE_WITHIN = timedelta(minutes=1)
"""For how long reading the same thing again is the same act."""

MOST_UNWRITTEN = 10_000
"""Acts that may wait to be written, in one process."""

_BATCH = 500
_GATHERED_FOR = 0.02
"""Seconds in which plain reads gather before they are written together."""
_AGAIN_AFTER = 1.0
_PATIENCE = 5.0

FIRST = bytes(32)
"""What stands before the first row in place of a hash."""


class Act(StrEnum):
    """What somebody did."""

    READ_REQUISITION = "read_requisition"
    READ_CANDIDATE = "read_candidate"
    READ_DOCUMENT = "read_document"
    READ_DRAFT = "read_draft"
    READ_AUDIT = "read_audit"
    REFUSED = "refused"
    EXPORTED_DRAFTS = "exported_drafts"
    EXPORTED_REPORT = "exported_report"
    EXPORTED_AUDIT = "exported_audit"
    EXPORTED_CANDIDATE = "exported_candidate"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_FAILED = "sign_in_failed"
    SESSION_ENDED = "session_ended"
    TOKEN_MADE = "token_made"  # nosec B105  # a kind of act
    TOKEN_REVOKED = "token_revoked"  # nosec B105  # a kind of act
    USER_ADDED = "user_added"
    USER_CHANGED = "user_changed"
    USER_LEFT = "user_left"
    TEAM_CHANGED = "team_changed"
    COMPANY_CHANGED = "company_changed"
    GROUP_CHANGED = "group_changed"
    COLLEAGUE_LINKED = "colleague_linked"
    APPLICANTS_MERGED = "applicants_merged"
    APPLICANTS_PARTED = "applicants_parted"
    IDENTITY_LINKED = "identity_linked"
    LINK_MADE = "link_made"
    TEMPLATE_MADE = "template_made"
    TEMPLATE_RENAMED = "template_renamed"
    TEMPLATE_RETIRED = "template_retired"
    TEMPLATE_RESTORED = "template_restored"
    KEYS_ROTATED = "keys_rotated"
    DECODED_PAYLOADS = "decoded_payloads"
    RECORDING_DELETED = "recording_deleted"
    ERASED = "erased"


class Kind(StrEnum):
    """What it was done to."""

    COMPANY = "company"
    REQUISITION = "requisition"
    CANDIDATE = "candidate"
    APPLICANT = "applicant"
    DOCUMENT = "document"
    DRAFT = "draft"
    REPORT = "report"
    AUDIT = "audit"
    SESSION = "session"
    TOKEN = "token"  # nosec B105  # a kind of thing
    USER = "user"
    TEAM = "team"
    GROUP = "group"
    TEMPLATE = "template"
    KEYS = "keys"
    PAYLOADS = "payloads"


_ONCE = frozenset(
    {
        Act.READ_REQUISITION,
        Act.READ_CANDIDATE,
        Act.READ_DOCUMENT,
        Act.READ_DRAFT,
        Act.READ_AUDIT,
        Act.REFUSED,
        Act.SIGN_IN_FAILED,
    }
)
"""The acts of which the same within a minute is one."""


class _Actor(NamedTuple):
    id: str
    how: str


COMMAND_LINE = "command-line"
NOBODY = "nobody"
"""Who acts where nobody is signed in."""

_TANDEM = _Actor("tandem", "process")

_acting: ContextVar[_Actor] = ContextVar("acting", default=_TANDEM)


def act_as(actor: str, how: str) -> None:
    """Says who acts from here to the end of this request, and how: `session:N-…`, `token:tdm_…`."""
    _acting.set(_Actor(actor, how))


@contextmanager
def acting(actor: str, how: str) -> Iterator[None]:
    """Says who acts within this block, and how."""
    before = _acting.set(_Actor(actor, how))
    try:
        yield
    finally:
        _acting.reset(before)


@dataclass(frozen=True)
class Entry:
    """An act to be recorded: what, to what, whose that is (a candidacy, a requisition, a user), by which permission.

    Of a command that was refused, `permission` is `command.` and its name, as paths have it. Raises ValueError.
    By whom is known (`act_as`) unless it says so itself. Of what is no id, nothing is kept.
    """

    act: Act
    kind: Kind
    object: str = ""
    about: str = ""
    permission: Permission | str = ""
    actor: str = field(default_factory=lambda: _acting.get().id)
    how: str = field(default_factory=lambda: _acting.get().how)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        for name in ("actor", "how", "object", "about"):
            if getattr(self, name):
                super().__setattr__(name, _an_id(getattr(self, name)))
        if not (self.actor and self.how and _A_PERMISSION.fullmatch(self.permission)):
            raise ValueError("the table would refuse this, and with it whatever waits behind it")


class AuditRow(Value):
    """An act on record, `at` (UTC), with its number, its hash and the one before it in hexadecimal.

    `how`: by which session or token, on the command line, or a process of Tandem itself. `about`: whose the object is.
    """

    seq: int
    at: datetime
    actor: str
    how: str
    act: str
    kind: str
    object: str
    about: str
    permission: str
    previous: str
    hash: str


class AuditAway(OSError):
    """Nothing more is put on record just now, so nothing more is shown."""


@dataclass(frozen=True)
class AuditFilter:
    """Which rows are asked for: None asks for all. `of`: an object, or what is about it; `apart_from`: neither."""

    actor: str | None = None
    of: str | None = None
    act: Act | None = None
    since: datetime | None = None
    until: datetime | None = None
    apart_from: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verified:
    """What was found of the chain: how many rows fit, the last one's number and hash, and what is wrong, if anything.

    `wrong` is a sentence that names the first row that does not fit.
    """

    rows: int
    last: int
    hash: str
    wrong: str | None = None


class Audit:
    """Records acts, and answers who did what."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._unwritten: list[Entry] = []
        self._noted = 0
        self._progress = asyncio.Condition()
        self._writer: asyncio.Task[None] | None = None

    def note(self, entry: Entry) -> None:
        """Has an act written soon. Raises AuditAway when too many wait already: whatever it was is not to be shown."""
        if len(self._unwritten) >= MOST_UNWRITTEN:
            raise AuditAway("the audit cannot be written")
        self._unwritten.append(entry)
        self._noted += 1
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def record(self, *entries: Entry) -> None:
        """Returns once these acts are on record. Raises as the database does."""
        async with self._pool.acquire() as connection, connection.transaction():
            await append(connection, entries)

    async def written(self) -> None:
        """Returns once all that was noted until now is on record. Raises TimeoutError when the database is away."""
        until = self._noted
        async with asyncio.timeout(_PATIENCE), self._progress:
            await self._progress.wait_for(lambda: self._noted - len(self._unwritten) >= until)

    async def close(self) -> None:
        """Writes what was noted, unless the database is away."""
        try:
            await self.written()
        except TimeoutError:
            log.error("audit not written", acts=len(self._unwritten))
        if self._writer is not None:
            self._writer.cancel()

    async def _write(self) -> None:
        while self._unwritten:
            await asyncio.sleep(_GATHERED_FOR)
            batch = self._unwritten[:_BATCH]
            try:
                await self.record(*batch)
            except DATABASE_ERRORS as away:
                log.warning("audit waits", reason=type(away).__name__, acts=len(self._unwritten))
                await asyncio.sleep(_AGAIN_AFTER)
            else:
                del self._unwritten[: len(batch)]
                async with self._progress:
                    self._progress.notify_all()

    async def rows(self, which: AuditFilter, before: int | None = None, limit: int = 100) -> list[AuditRow]:
        """The rows asked for, the newest first, from the one `before` that number on."""
        condition, values = _where(which, before)
        # nosemgrep: sql-from-values  # `_where` writes columns and numbers
        found = await self._pool.fetch(
            f"SELECT * FROM audit WHERE {condition} ORDER BY seq DESC LIMIT ${len(values) + 1}", *values, limit
        )
        return [_row(one) for one in found]

    async def every(self, which: AuditFilter) -> AsyncIterator[AuditRow]:
        """All rows asked for, the oldest first; whoever takes them slowly keeps no connection meanwhile."""
        condition, values = _where(which, None)
        last, more = 0, f"seq > ${len(values) + 1} ORDER BY seq LIMIT {_BATCH}"
        # nosemgrep: sql-from-values  # `_where` writes columns and numbers
        while found := await self._pool.fetch(f"SELECT * FROM audit WHERE {condition} AND {more}", *values, last):
            for one in found:
                yield _row(one)
            last = found[-1]["seq"]

    async def verify(self, latest: int | None = None, known: tuple[int, str] | None = None) -> Verified:
        """Walks the chain, or its `latest` rows; `known` is a number and a hash that must still stand in it."""
        async with self._pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
            rows, seq, before, stands = 0, 0, FIRST, known is None
            if latest is not None:
                seq = max(0, await connection.fetchval("SELECT coalesce(max(seq), 0) FROM audit") - latest)
                before = await connection.fetchval("SELECT hash FROM audit WHERE seq = $1", seq) or FIRST
            async for one in connection.cursor(
                "SELECT * FROM audit WHERE seq > $1 OR $2 ORDER BY seq", *(seq, latest is None)
            ):
                if wrong := _unfit(one, seq + 1, before):
                    return Verified(rows, seq, before.hex(), wrong)
                rows, seq, before = rows + 1, one["seq"], one["hash"]
                stands = stands or (known is not None and (seq, one["hash"].hex()) == (known[0], known[1].lower()))
        if not stands and known is not None:
            became = "is gone" if seq < known[0] else "has another hash"
            return Verified(rows, seq, before.hex(), f"Row {known[0]}, whose hash was kept, {became}.")
        return Verified(rows, seq, before.hex())


async def append(connection: asyncpg.Connection, entries: Iterable[Entry]) -> None:
    """Adds acts to the chain, in the transaction that the connection is in: last of all that it does.

    Nobody else appends until that transaction ends.
    """
    wanted = list(entries)
    if not wanted:
        return
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    fresh = _fresh(wanted, await _just_now(connection, wanted))
    last = await connection.fetchrow("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    seq, before = (last["seq"], last["hash"]) if last else (0, FIRST)
    rows = []
    for entry in fresh:
        seq += 1
        row = {
            "seq": seq,
            "at": entry.at,
            "actor": entry.actor,
            "how": entry.how,
            "act": entry.act.value,
            "kind": entry.kind.value,
            "object": entry.object,
            "about": entry.about,
            "permission": str(entry.permission),
        }
        hash = _hash(row, before)
        rows.append((*row.values(), before, hash))
        before = hash
    await connection.executemany("INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", rows)


def team_id(name: str) -> str:
    """What a team is called here: its name is words."""
    return f"T-{base64.b32encode(hashlib.sha256(name.encode()).digest()[:10]).decode()}"


Key = tuple[str, str, str, str, str]


async def _just_now(connection: asyncpg.Connection, wanted: Sequence[Entry]) -> dict[Key, datetime]:
    """When each of the acts that count once was last done, of those whom `wanted` is about."""
    repeated = [entry for entry in wanted if entry.act in _ONCE]
    if not repeated:
        return {}
    found = await connection.fetch(
        """
        SELECT actor, act, kind, object, permission, max(at) AS at FROM audit
        WHERE actor = ANY($1) AND at > $2 AND act = ANY($3) GROUP BY actor, act, kind, object, permission
        """,
        *(sorted({entry.actor for entry in repeated}), min(entry.at for entry in repeated) - ONCE_WITHIN),
        sorted(act.value for act in _ONCE),
    )
    known: dict[Key, datetime] = {}
    for row in found:
        key = _key(*(row[name] for name in ("actor", "act", "kind", "object", "permission")))
        known[key] = max(row["at"], known.get(key, row["at"]))
    return known


def _fresh(wanted: Iterable[Entry], known: dict[Key, datetime]) -> Iterator[Entry]:
    """Those that are no repetition."""
    for entry in wanted:
        if entry.act not in _ONCE:
            yield entry
            continue
        key = _key(entry.actor, entry.act, entry.kind, entry.object, entry.permission)
        last = known.get(key)
        if last is None or entry.at - last >= ONCE_WITHIN:
            known[key] = entry.at
            yield entry


def _key(actor: str, act: str, kind: str, object: str, permission: str) -> Key:
    """What makes two acts the same: of one that was refused, also what was asked for."""
    return actor, act, kind, object, permission if act == Act.REFUSED else ""


def _where(which: AuditFilter, before: int | None) -> tuple[str, list[Any]]:
    conditions, values = ["true"], []
    for condition, value in (
        ("actor = {}", which.actor),
        ("(object = {0} OR about = {0})", which.of),
        ("act = {}", which.act),
        ("at >= {}", which.since),
        ("at < {}", which.until),
        ("NOT (object = ANY({0}) OR about = ANY({0}))", sorted(which.apart_from) or None),
        ("seq < {}", before),
    ):
        if value is not None:
            values.append(value)
            conditions.append(condition.format(f"${len(values)}"))
    return " AND ".join(conditions), values


def _unfit(row: Any, seq: int, before: bytes) -> str | None:
    """What is wrong with a row, if anything, which should be the one of this number after the one of this hash."""
    if row["seq"] != seq:
        return f"Row {seq} is missing: row {row['seq']} stands in its place."
    if row["previous"] != before:
        return f"Row {seq} does not follow from row {seq - 1}."
    if row["hash"] != _hash({name: row[name] for name in _HASHED}, row["previous"]):
        return f"Row {seq} is not as it was written."
    return None


_HASHED = ("seq", "at", "actor", "how", "act", "kind", "object", "about", "permission")


def _hash(row: dict[str, Any], before: bytes) -> bytes:
    content = row | {"at": row["at"].astimezone(UTC).isoformat()}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(before + canonical.encode()).digest()


def _row(found: Any) -> AuditRow:
    return AuditRow(**dict(found) | {"previous": found["previous"].hex(), "hash": found["hash"].hex()})


def _an_id(words: str) -> str:
    return words if _AN_ID.fullmatch(words) else "other"


_AN_ID = re.compile(r"[A-Za-z0-9:._-]{1,120}")
_A_PERMISSION = re.compile(r"[a-z.-]{0,60}")
